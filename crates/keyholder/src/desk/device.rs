//! What this device keeps for itself.

use subrosa_bridge::view::Device;
use subrosa_bridge::{Problem, Reply};
use subrosa_client::{CannotStore, Error, Platform, Update};

use crate::problem;

use super::{Answer, Desk};

/// Under which the storage keeps it.
const LOCK_AFTER: &str = "lock-after";
const LOCK_AFTER_MINUTES: u32 = 10;

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn device(&self) -> Answer {
        let stored = self.platform.read(LOCK_AFTER).await.map_err(storage)?;
        let minutes = stored.and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        let minutes = minutes.filter(|minutes| (1..=240).contains(minutes));
        Ok(Reply::Device(Device {
            server: self.platform.origin(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            lock_after: u64::from(minutes.unwrap_or(LOCK_AFTER_MINUTES)) * 60_000,
        }))
    }

    pub(super) async fn lock_after(&self, minutes: u32) -> Answer {
        let bytes = minutes.clamp(1, 240).to_be_bytes().to_vec();
        self.platform.update(LOCK_AFTER, |_| Update::Put(bytes)).await.map_err(storage)?;
        Ok(Reply::Done)
    }
}

pub(super) fn storage(cannot: CannotStore) -> Problem {
    problem::of(Error::Storage(cannot))
}
