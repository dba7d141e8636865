//! The platform wherever JavaScript runs: fetch, IndexedDB or what stands in for it, timers, and
//! randomness in pools.

mod device;
mod fetch;
mod given;
mod indexed_db;
mod random;

use gloo_timers::future::TimeoutFuture;
use subrosa_client::Host;

pub use given::Given;
pub use random::Pool;

/// A browser, or what has its fetch and timers, that dials one server.
#[derive(Clone)]
pub struct Browser {
    origin: String,
    pool: Pool,
    storage: Option<Given>,
}

impl Browser {
    /// Dials `origin`, such as `https://secrets.example`; keeps in IndexedDB what must be kept
    /// unless `storage` is given.
    #[must_use]
    pub fn new(origin: String, storage: Option<Given>) -> Self {
        let origin = origin.trim_end_matches('/').to_owned();
        Browser { origin, pool: Pool::default(), storage }
    }
}

impl Host for Browser {
    type Rng = Pool;

    fn now(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    fn rng(&self) -> Pool {
        self.pool.clone()
    }

    async fn pause(&self, milliseconds: u32) {
        TimeoutFuture::new(milliseconds).await;
    }
}
