//! A native platform in a hurry: its pauses, and so its patience with a server that does not
//! answer, are a fraction of what they are for people.

use subrosa_client::native::Native;
use subrosa_client::{
    CannotStore, Host, HttpRequest, HttpResponse, Storage, Streamed, Transport, Unreachable, Update,
};

/// The platform, and how many times faster its timers run.
#[derive(Clone)]
pub struct Paced {
    native: Native,
    pace: u32,
}

impl Paced {
    /// Timers run `pace` times as fast as the system's.
    #[must_use]
    pub fn new(native: Native, pace: u32) -> Self {
        Paced { native, pace }
    }
}

impl Transport for Paced {
    type Chunks = <Native as Transport>::Chunks;

    fn origin(&self) -> String {
        self.native.origin()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        self.native.send(request).await
    }

    async fn stream(&self, request: HttpRequest) -> Result<Streamed<Self::Chunks>, Unreachable> {
        self.native.stream(request).await
    }
}

impl Storage for Paced {
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

impl Host for Paced {
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
