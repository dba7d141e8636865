//! Which keys of others were compared on this device, or were there when it first saw the team: keys that
//! replace others are told until somebody compares their words.

use minicbor::Encode;
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::TeamId;

use crate::error::Result;
use crate::platform::{Storage, Update};

const RECORD: &str = "known-keys";
/// The most entries after the last that is known whole; beyond that the oldest counts as new again.
const MOST: usize = 256;

/// Which entries that gave somebody other keys are known.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub(crate) struct KnownKeys {
    #[n(0)]
    team: TeamId,
    /// All up to here.
    #[n(1)]
    up_to: u64,
    /// And these.
    #[n(2)]
    compared: Vec<u64>,
}

#[derive(Default, Encode)]
#[cbor(transparent)]
struct All(#[n(0)] Vec<KnownKeys>);

subrosa_wire::decode_transparent!(All);

subrosa_wire::decode_fields! {
    KnownKeys { team, up_to, compared }
}

impl Canonical for All {
    const MAX_BYTES: usize = 1 << 20;
}

impl KnownKeys {
    /// Whether the entry of this number is known.
    pub(crate) fn has(&self, seq: u64) -> bool {
        seq <= self.up_to || self.compared.contains(&seq)
    }
}

/// What is known of `team`. Where nothing is, or the record is damaged, all up to `now` is from here on:
/// then there is nothing that it could differ from.
pub(crate) async fn known(storage: &impl Storage, team: TeamId, now: u64) -> Result<KnownKeys> {
    let stored: Option<All> =
        storage.read(RECORD).await?.and_then(|bytes| decode_strict(&bytes).ok());
    let known = stored.and_then(|All(all)| all.into_iter().find(|it| it.team == team));
    match known {
        Some(known) => Ok(known),
        None => {
            change(storage, team, now, |_| {}).await?;
            Ok(KnownKeys { team, up_to: now, compared: Vec::new() })
        }
    }
}

/// Somebody has compared the keys that this entry gave.
pub(crate) async fn compared(storage: &impl Storage, team: TeamId, seq: u64) -> Result<()> {
    change(storage, team, seq, |known| {
        if !known.has(seq) {
            let surplus = (known.compared.len() + 1).saturating_sub(MOST);
            known.compared.drain(..surplus);
            known.compared.push(seq);
        }
    })
    .await
}

async fn change(
    storage: &impl Storage,
    team: TeamId,
    first: u64,
    change: impl FnOnce(&mut KnownKeys),
) -> Result<()> {
    let change = |bytes: Option<Vec<u8>>| {
        let stored: Option<All> = bytes.and_then(|bytes| decode_strict(&bytes).ok());
        let All(mut all) = stored.unwrap_or_default();
        match all.iter_mut().find(|it| it.team == team) {
            Some(known) => change(known),
            None => all.push(KnownKeys { team, up_to: first, compared: Vec::new() }),
        }
        Update::Put(encode(&All(all)))
    };
    Ok(storage.update(RECORD, change).await?)
}

/// The device forgets.
pub(crate) async fn forget(storage: &impl Storage) -> Result<()> {
    Ok(storage.update(RECORD, |_| Update::Remove).await?)
}
