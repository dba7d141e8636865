//! One's own entries between signing and acknowledgement (client rule 2).
//!
//! Several tabs may have one under way each, so the device keeps a list.

use minicbor::Encode;
use minicbor::bytes::ByteVec;
use subrosa_core::envelope::{Kind, Place, Sealable, Sealed, SealingKey, TooLong};
use subrosa_wire::api::Push;
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::{Hash, TeamId};
use subrosa_wire::object::{MAX_PLAINTEXT, MAX_SEALED};
use zeroize::Zeroizing;

use crate::error::Result;
use crate::platform::{Host, Storage, Update};

const RECORD: &str = "candidates";
/// The most that are kept; beyond that the oldest goes.
const MOST: usize = 8;

/// The encoding of a push that may or may not have reached the server.
struct Candidate(Vec<u8>);

impl Sealable for Candidate {
    const KIND: Kind = Kind::Candidate;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.clone())
    }

    fn from_plaintext(mut plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        Some(Candidate(core::mem::take(&mut *plaintext)))
    }
}

#[derive(Default, Encode)]
#[cbor(transparent)]
struct Kept(#[n(0)] Vec<ByteVec>);

subrosa_wire::decode_transparent!(Kept);

impl Canonical for Kept {
    const MAX_BYTES: usize = MOST * (MAX_SEALED + 16) + 16;
}

impl Kept {
    /// What is stored; what is no list of candidates is of no use any more.
    fn stored(bytes: Option<Vec<u8>>) -> Self {
        bytes.and_then(|bytes| decode_strict(&bytes).ok()).unwrap_or_default()
    }
}

fn place(team: TeamId) -> Place {
    Place { team: Some(team), vault: None, object: Vec::new(), version: 0, key_version: 0 }
}

/// What a candidate is called here. It begins with its salt: there is no need to hash it all.
fn name(sealed: &[u8]) -> Hash {
    Hash::of(sealed.get(..64).unwrap_or(sealed))
}

/// Keeps `push`, which is encoded as `whole`, on the device until it is acknowledged; the name is for
/// [`drop`].
pub(crate) async fn keep<P: Storage + Host>(
    platform: &P,
    device: &SealingKey,
    team: TeamId,
    push: &Push,
    whole: &[u8],
) -> Result<Option<Hash>> {
    let seal = |push: &[u8]| {
        Sealed::seal(&Candidate(push.to_vec()), device, &place(team), &mut platform.rng())
    };
    // A push over 1 MiB is kept without its objects: enough to find it in the log again.
    let bare = || Push { entry: push.entry.clone(), wraps: Vec::new(), objects: Vec::new() };
    let whole = if whole.len() <= MAX_PLAINTEXT { seal(whole) } else { Err(TooLong) };
    let Ok(sealed) = whole.or_else(|_| seal(&encode(&bare()))) else { return Ok(None) };
    let name = name(sealed.bytes());
    let add = |stored| {
        let mut kept = Kept::stored(stored);
        let surplus = (kept.0.len() + 1).saturating_sub(MOST);
        kept.0.drain(..surplus);
        kept.0.push(sealed.into_bytes().into());
        Update::Put(encode(&kept))
    };
    platform.update(RECORD, add).await?;
    Ok(Some(name))
}

/// The pushes of this account that were kept, the oldest first.
pub(crate) async fn kept(
    storage: &impl Storage,
    device: &SealingKey,
    team: TeamId,
) -> Result<Vec<(Hash, Push)>> {
    let Kept(kept) = Kept::stored(storage.read(RECORD).await?);
    let open = |sealed: ByteVec| {
        let sealed = Sealed::<Candidate>::claimed(sealed.into());
        let Candidate(push) = sealed.open(device, &place(team)).ok()?;
        Some((name(sealed.bytes()), decode_strict(&push).ok()?))
    };
    Ok(kept.into_iter().filter_map(open).collect())
}

/// It is acknowledged, or will never be.
pub(crate) async fn drop(storage: &impl Storage, called: Hash) -> Result<()> {
    let remove = |stored: Option<Vec<u8>>| {
        if stored.is_none() {
            return Update::Keep;
        }
        let mut kept = Kept::stored(stored);
        kept.0.retain(|sealed| name(sealed) != called);
        if kept.0.is_empty() { Update::Remove } else { Update::Put(encode(&kept)) }
    };
    Ok(storage.update(RECORD, remove).await?)
}

/// The device forgets.
pub(crate) async fn forget(storage: &impl Storage) -> Result<()> {
    Ok(storage.update(RECORD, |_| Update::Remove).await?)
}
