//! What was typed and not saved: kept sealed on this device, so that it survives a lock and a crash.
//!
//! Each draft stands for itself under a random name, so that tabs do not write over each other's.

use minicbor::Encode;
use minicbor::bytes::ByteVec;
use subrosa_core::envelope::{Kind, Place, Sealable, Sealed};
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::TeamId;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::platform::{Platform, Storage, Update};

use super::TeamClient;

const RECORD: &str = "drafts";
/// A draft's name: 16 random bytes.
pub type DraftName = [u8; 16];

/// A draft, as whoever shows it has written it.
struct Draft(Zeroizing<Vec<u8>>);

impl Sealable for Draft {
    const KIND: Kind = Kind::Draft;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        self.0.clone()
    }

    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        Some(Draft(plaintext))
    }
}

#[derive(Encode)]
struct KeptDraft {
    #[n(0)]
    team: TeamId,
    #[cbor(n(1), with = "minicbor::bytes")]
    name: DraftName,
    #[n(2)]
    sealed: ByteVec,
}

#[derive(Default, Encode)]
#[cbor(transparent)]
struct Kept(#[n(0)] Vec<KeptDraft>);

impl Canonical for Kept {
    const MAX_BYTES: usize = 8 << 20;
}

impl Kept {
    /// What is stored; what is no list of drafts is of no use any more.
    fn stored(bytes: Option<Vec<u8>>) -> Self {
        bytes.and_then(|bytes| decode_strict(&bytes).ok()).unwrap_or_default()
    }

    fn into_update(self) -> Update {
        if self.0.is_empty() { Update::Remove } else { Update::Put(encode(&self)) }
    }
}

fn place(team: TeamId, name: DraftName) -> Place {
    Place { team: Some(team), vault: None, object: name.to_vec(), version: 0, key_version: 0 }
}

impl<P: Platform> TeamClient<P> {
    /// Keeps a draft under its name, in place of the one that was there, or drops it.
    ///
    /// # Errors
    /// [`Error::TooLarge`] if all drafts together would take over 8 MiB, [`Error::Storage`].
    pub async fn keep_draft(&self, name: DraftName, draft: Option<&[u8]>) -> Result<()> {
        let (team, _) = self.place();
        let device = self.device_key()?;
        let seal = |draft: &[u8]| {
            let draft = Draft(Zeroizing::new(draft.to_vec()));
            Sealed::seal(&draft, device, &place(team, name), &mut self.platform.rng())
        };
        let sealed = draft.map(seal).transpose().map_err(|_| Error::TooLarge)?;
        let mut full = false;
        let change = |stored: Option<Vec<u8>>| {
            let mut kept = Kept::stored(stored);
            kept.0.retain(|it| it.name != name);
            if let Some(sealed) = sealed {
                let sealed = ByteVec::from(sealed.into_bytes());
                kept.0.push(KeptDraft { team, name, sealed });
            }
            let update = kept.into_update();
            full = matches!(&update, Update::Put(bytes) if bytes.len() > Kept::MAX_BYTES);
            if full { Update::Keep } else { update }
        };
        self.platform.update(RECORD, change).await?;
        if full { Err(Error::TooLarge) } else { Ok(()) }
    }

    /// The drafts that were kept for this team, the oldest first. One that does not open is of
    /// another account, and stays.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn drafts(&self) -> Result<Vec<(DraftName, Zeroizing<Vec<u8>>)>> {
        let (team, _) = self.place();
        let Kept(kept) = Kept::stored(self.platform.read(RECORD).await?);
        let device = self.device_key()?;
        let open = |it: KeptDraft| {
            let sealed = Sealed::<Draft>::claimed(it.sealed.into());
            let Draft(draft) = sealed.open(device, &place(team, it.name)).ok()?;
            Some((it.name, draft))
        };
        Ok(kept.into_iter().filter(|it| it.team == team).filter_map(open).collect())
    }
}

/// The device forgets.
pub(crate) async fn forget(storage: &impl Storage) -> Result<()> {
    Ok(storage.update(RECORD, |_| Update::Remove).await?)
}

subrosa_wire::decode_transparent!(Kept);

subrosa_wire::decode_fields! {
    KeptDraft { team, name, sealed }
}
