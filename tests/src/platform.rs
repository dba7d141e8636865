//! A native platform for stories and benchmarks: in a hurry where they are, and overheard.

use std::rc::Rc;

use subrosa_client::native::Native;
use subrosa_client::{
    CannotStore, Host, HttpRequest, HttpResponse, Storage, Streamed, Transport, Unreachable, Update,
};

/// A native platform with a pace of its own, and with somebody who listens.
#[derive(Clone)]
pub struct Staged {
    native: Native,
    pace: u32,
    hear: Rc<dyn Fn(&HttpRequest)>,
}

impl Staged {
    /// Timers run `pace` times as fast as the system's: its pauses, and so its patience with a
    /// server that does not answer, are a fraction of what they are for people. `hear` is called
    /// with each request before it is sent.
    #[must_use]
    pub fn new(native: Native, pace: u32, hear: impl Fn(&HttpRequest) + 'static) -> Self {
        Staged { native, pace, hear: Rc::new(hear) }
    }
}

impl Transport for Staged {
    type Chunks = <Native as Transport>::Chunks;

    fn origin(&self) -> String {
        self.native.origin()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        (self.hear)(&request);
        self.native.send(request).await
    }

    async fn stream(&self, request: HttpRequest) -> Result<Streamed<Self::Chunks>, Unreachable> {
        self.native.stream(request).await
    }
}

impl Storage for Staged {
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CannotStore> {
        self.native.read(name).await
    }

    async fn update(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Update,
    ) -> Result<(), CannotStore> {
        self.native.update(name, change).await
    }
}

impl Host for Staged {
    type Rng = <Native as Host>::Rng;

    fn now(&self) -> u64 {
        self.native.now()
    }

    fn rng(&self) -> Self::Rng {
        self.native.rng()
    }

    async fn pause(&self, milliseconds: u32) {
        self.native.pause((milliseconds / self.pace).max(1)).await;
    }
}
