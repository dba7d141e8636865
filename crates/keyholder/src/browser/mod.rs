//! The platform in a browser: fetch, IndexedDB, timers, and randomness in pools.

mod device;
mod fetch;
mod random;

use gloo_timers::future::TimeoutFuture;
use subrosa_client::Host;

pub use random::Pool;

/// A browser that dials one server.
#[derive(Clone)]
pub struct Browser {
    origin: String,
    pool: Pool,
}

impl Browser {
    /// Dials `origin`, such as `https://secrets.example`.
    #[must_use]
    pub fn new(origin: String) -> Self {
        Browser { origin: origin.trim_end_matches('/').to_owned(), pool: Pool::default() }
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
