//! A platform on which any one I/O can go wrong: each request and each access to the device's storage
//! passes here and is counted, so that a story can try them all, those too that are added later.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::pin::Pin;
use std::rc::Rc;

use subrosa_client::native::Native;
use subrosa_client::{
    CannotStore, Host, HttpRequest, HttpResponse, Storage, Streamed, Transport, Unreachable, Update,
};
use tokio::sync::Notify;

/// What goes wrong at one I/O.
pub enum Fault {
    /// The process is killed before it.
    KilledBefore,
    /// The process is killed after it: nobody hears how it went.
    KilledAfter,
    /// It does not happen: a connection is refused, a disk is full.
    Refused,
    /// It happens, and its answer is lost; a device's storage answers that it failed.
    AnswerLost,
    /// Something else happens just before it.
    Meanwhile(Pin<Box<dyn Future<Output = ()>>>),
}

/// The one I/O that goes wrong, and how many there were.
#[derive(Default)]
pub struct Cuts {
    count: Cell<usize>,
    planned: RefCell<Option<(usize, Fault)>>,
    dead: Cell<bool>,
    died: Notify,
}

impl Cuts {
    /// Counts from zero; at number `at`, `fault` happens.
    pub fn plan(&self, at: usize, fault: Fault) {
        self.count.set(0);
        self.dead.set(false);
        self.planned.replace(Some((at, fault)));
    }

    /// Plans nothing any more; whether what was planned has happened.
    pub fn end(&self) -> bool {
        self.planned.take().is_none()
    }

    /// Waits until the process is killed.
    pub async fn killed(&self) {
        self.died.notified().await;
    }

    async fn die<T>(&self) -> T {
        self.dead.set(true);
        self.died.notify_one();
        pending().await
    }

    async fn next(&self) -> Option<Fault> {
        if self.dead.get() {
            return pending().await;
        }
        let number = self.count.get();
        self.count.set(number + 1);
        let due = self.planned.borrow().as_ref().is_some_and(|(at, _)| *at == number);
        if due { self.planned.take().map(|(_, fault)| fault) } else { None }
    }
}

/// A native platform on which one I/O goes wrong. Its timers run thirty times as fast as the clock:
/// what a server is given to answer in is then a second, which a busy machine needs.
#[derive(Clone)]
pub struct Cut {
    native: Native,
    cuts: Rc<Cuts>,
}

impl Cut {
    /// `native`, until `cuts` says otherwise.
    #[must_use]
    pub fn new(native: Native, cuts: Rc<Cuts>) -> Self {
        Cut { native, cuts }
    }

    /// One I/O; `failed` is what it is answered with where it goes wrong.
    async fn io<T, E>(&self, io: impl Future<Output = Result<T, E>>, failed: E) -> Result<T, E> {
        match self.cuts.next().await {
            None => io.await,
            Some(Fault::KilledBefore) => self.cuts.die().await,
            Some(Fault::KilledAfter) => {
                drop(io.await);
                self.cuts.die().await
            }
            Some(Fault::Refused) => Err(failed),
            Some(Fault::AnswerLost) => {
                drop(io.await);
                Err(failed)
            }
            Some(Fault::Meanwhile(what)) => {
                what.await;
                io.await
            }
        }
    }
}

impl Transport for Cut {
    type Chunks = <Native as Transport>::Chunks;

    fn origin(&self) -> String {
        self.native.origin()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        self.io(self.native.send(request), Unreachable).await
    }

    async fn stream(&self, request: HttpRequest) -> Result<Streamed<Self::Chunks>, Unreachable> {
        self.io(self.native.stream(request), Unreachable).await
    }
}

impl Storage for Cut {
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CannotStore> {
        self.io(self.native.read(name), CannotStore).await
    }

    async fn update(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Update,
    ) -> Result<(), CannotStore> {
        self.io(self.native.update(name, change), CannotStore).await
    }
}

impl Host for Cut {
    type Rng = <Native as Host>::Rng;

    fn now(&self) -> u64 {
        self.native.now()
    }

    fn rng(&self) -> Self::Rng {
        self.native.rng()
    }

    async fn pause(&self, milliseconds: u32) {
        self.native.pause((milliseconds / 30).max(1)).await;
    }
}
