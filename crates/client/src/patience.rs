//! How long a server may say nothing. A connection can be dead without anybody being told: then
//! only a clock ends the wait, and the request is made again.

use core::future::Future;
use core::pin::pin;

use futures_util::future::{Either, select};

use crate::platform::{Host, Unreachable};

/// How long a reply to an empty request may take, in milliseconds.
const REPLY: u32 = 30_000;
/// How many bytes of a request and its reply have to get through in a millisecond: 256 kbit/s.
const BYTES_A_MILLISECOND: usize = 32;
/// How long an event stream may be silent, in milliseconds: the server sends something on it every
/// 15 seconds.
const SILENCE: u32 = 45_000;

/// Waits for a reply, with so many bytes to go up and at most to come down. When this gives up, whether the request had
/// an effect is unknown, as with a connection that broke.
pub(crate) async fn reply<T>(
    host: &impl Host,
    bytes: usize,
    reply: impl Future<Output = Result<T, Unreachable>>,
) -> Result<T, Unreachable> {
    let moving = u32::try_from(bytes / BYTES_A_MILLISECOND).unwrap_or(u32::MAX);
    within(host, REPLY.saturating_add(moving), reply).await.unwrap_or(Err(Unreachable))
}

/// Waits for something on an event stream; `None` if it is silent for too long.
pub(crate) async fn sign_of_life<T>(
    host: &impl Host,
    chunk: impl Future<Output = Option<T>>,
) -> Option<T> {
    within(host, SILENCE, chunk).await.flatten()
}

async fn within<T>(
    host: &impl Host,
    milliseconds: u32,
    awaited: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(awaited), pin!(host.pause(milliseconds))).await {
        Either::Left((came, _)) => Some(came),
        Either::Right(((), _)) => None,
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::future::{pending, ready};

    use futures_util::FutureExt as _;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng as _;

    use super::*;

    /// A host whose pauses are over at once, or never; it remembers how long the last one was.
    struct Clock {
        over: bool,
        asked: Cell<u32>,
    }

    impl Clock {
        fn new(over: bool) -> Self {
            Clock { over, asked: Cell::new(0) }
        }
    }

    impl Host for Clock {
        type Rng = ChaCha20Rng;

        fn now(&self) -> u64 {
            0
        }

        fn rng(&self) -> Self::Rng {
            ChaCha20Rng::seed_from_u64(0)
        }

        async fn pause(&self, milliseconds: u32) {
            self.asked.set(milliseconds);
            if !self.over {
                pending::<()>().await;
            }
        }
    }

    #[test]
    fn a_reply_that_does_not_come_is_given_up() {
        let (over, running) = (Clock::new(true), Clock::new(false));
        assert_eq!(reply::<()>(&over, 0, pending()).now_or_never(), Some(Err(Unreachable)));
        assert_eq!(reply::<()>(&running, 0, pending()).now_or_never(), None);
        assert_eq!(reply(&running, 0, ready(Ok(7))).now_or_never(), Some(Ok(7)));
        assert_eq!(reply(&over, 0, ready(Ok(7))).now_or_never(), Some(Ok(7)));
    }

    #[test]
    fn a_large_request_has_more_time_to_get_through() {
        let clock = Clock::new(true);
        let waited = |bytes| {
            assert_eq!(
                reply::<()>(&clock, bytes, pending()).now_or_never(),
                Some(Err(Unreachable))
            );
            clock.asked.get()
        };
        assert_eq!(waited(31), 30_000);
        assert_eq!(waited(16 << 20), 30_000 + (16 << 20) / 32);
        assert_eq!(waited(usize::MAX), u32::MAX);
    }

    #[test]
    fn a_stream_lives_while_something_comes() {
        let (over, running) = (Clock::new(true), Clock::new(false));
        assert_eq!(sign_of_life::<()>(&over, pending()).now_or_never(), Some(None));
        assert_eq!(sign_of_life::<()>(&running, pending()).now_or_never(), None);
        assert_eq!(sign_of_life(&running, ready(Some(7))).now_or_never(), Some(Some(7)));
        assert_eq!(sign_of_life::<()>(&running, ready(None)).now_or_never(), Some(None));
        assert_eq!(over.asked.get(), 45_000);
    }
}
