//! What this device keeps for itself.

use subrosa_bridge::view::{Device, KeptDraft};
use subrosa_bridge::{Hidden, Kind, Reply};
use subrosa_client::{CannotStore, Error, Platform, Update};
use subrosa_wire::id::SecretId;

use crate::problem::{self, Problem};

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

    pub(super) async fn keep_draft(&self, name: &str, text: Option<Hidden>) -> Answer {
        let client = self.client()?;
        // A name has the form of an id.
        let name: SecretId = name.parse().map_err(|_| problem::not_found())?;
        let text = text.as_ref().map(|text| text.expose().as_bytes());
        let kept = client.keep_draft(*name.bytes(), text).await;
        kept.map(|()| Reply::Done).map_err(|error| match error {
            Error::TooLarge => Problem::new(
                Kind::TooLarge,
                "There is no more room on this device for what is typed and not saved.",
                "Save or discard some of the drafts.",
            ),
            other => problem::of(other),
        })
    }

    pub(super) async fn drafts(&self) -> Answer {
        let client = self.client()?;
        let drafts = client.drafts().await.map_err(problem::of)?.into_iter();
        let kept = drafts.filter_map(|(name, draft)| {
            let text = String::from_utf8(draft.to_vec()).ok()?;
            Some(KeptDraft {
                name: SecretId::from_random(name).to_string(),
                text: Hidden::new(text),
            })
        });
        Ok(Reply::Drafts(kept.collect()))
    }
}

pub(super) fn storage(cannot: CannotStore) -> Problem {
    problem::of(Error::Storage(cannot))
}
