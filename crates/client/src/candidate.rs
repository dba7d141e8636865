//! One's own entry between signing and acknowledgement (client rule 2).

use subrosa_core::account::AccountKeys;
use subrosa_core::envelope::{Kind, Place, Sealable, Sealed};
use subrosa_wire::api::Push;
use subrosa_wire::encoding::{decode_strict, encode};
use subrosa_wire::id::TeamId;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::platform::{Host, Storage, Update};

const RECORD: &str = "candidate";

/// A push that may or may not have reached the server.
pub(crate) struct Candidate(pub(crate) Push);

impl Sealable for Candidate {
    const KIND: Kind = Kind::Candidate;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(encode(&self.0))
    }

    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        decode_strict(&plaintext).ok().map(Candidate)
    }
}

fn place(team: TeamId) -> Place {
    Place { team: Some(team), vault: None, object: Vec::new(), version: 0, key_version: 0 }
}

/// Keeps `push` on the device until it is acknowledged.
pub(crate) async fn keep<P: Storage + Host>(
    platform: &P,
    keys: &AccountKeys,
    team: TeamId,
    push: &Push,
) -> Result<()> {
    let seal = |push: Push| {
        Sealed::seal(&Candidate(push), keys.device(), &place(team), &mut platform.rng())
    };
    // A push over 1 MiB is kept without its objects: enough to find it in the log again.
    let bare = || Push { entry: push.entry.clone(), wraps: Vec::new(), objects: Vec::new() };
    let sealed = seal(push.clone()).or_else(|_| seal(bare()));
    let Ok(sealed) = sealed else { return Ok(()) };
    Ok(platform.update(RECORD, |_| Update::Put(sealed.into_bytes())).await?)
}

/// The push that was kept; none if there is none, or if it is another account's.
pub(crate) async fn kept(
    storage: &impl Storage,
    keys: &AccountKeys,
    team: TeamId,
) -> Result<Option<Push>> {
    let Some(bytes) = storage.read(RECORD).await? else { return Ok(None) };
    let opened = Sealed::<Candidate>::claimed(bytes).open(keys.device(), &place(team));
    Ok(opened.ok().map(|Candidate(push)| push))
}

/// It is acknowledged, or will never be.
pub(crate) async fn drop(storage: &impl Storage) -> Result<()> {
    Ok(storage.update(RECORD, |_| Update::Remove).await?)
}
