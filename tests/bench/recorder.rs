//! A device that notes what it asks for.

use std::cell::RefCell;
use std::rc::Rc;

use subrosa_client::native::{Memory, Native};
use subrosa_client::{
    CannotStore, Host, HttpRequest, HttpResponse, Storage, Streamed, Transport, Unreachable, Update,
};
use subrosa_keyholder::Desk;

/// A device that notes what it asks for.
#[derive(Clone)]
pub struct Recorder {
    native: Native,
    sent: Rc<RefCell<Vec<HttpRequest>>>,
}

/// A desk at such a device, and what was asked so far.
pub struct Recorded {
    pub desk: Desk<Recorder>,
    pub sent: Rc<RefCell<Vec<HttpRequest>>>,
}

impl Recorded {
    pub fn at(origin: &str) -> Self {
        let sent = Rc::<RefCell<Vec<HttpRequest>>>::default();
        let recorder =
            Recorder { native: Native::new(origin, Memory::default()), sent: sent.clone() };
        Recorded { desk: Desk::new(recorder, |_| {}), sent }
    }
}

impl Transport for Recorder {
    type Chunks = <Native as Transport>::Chunks;

    fn origin(&self) -> String {
        self.native.origin()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        self.sent.borrow_mut().push(request.clone());
        self.native.send(request).await
    }

    async fn stream(&self, request: HttpRequest) -> Result<Streamed<Self::Chunks>, Unreachable> {
        self.native.stream(request).await
    }
}

impl Storage for Recorder {
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

impl Host for Recorder {
    type Rng = <Native as Host>::Rng;

    fn now(&self) -> u64 {
        self.native.now()
    }

    fn rng(&self) -> Self::Rng {
        self.native.rng()
    }

    async fn pause(&self, milliseconds: u32) {
        self.native.pause(milliseconds).await;
    }
}
