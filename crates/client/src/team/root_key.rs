//! The root key: made on this device, kept on paper by a person, and then put in force by one entry
//! (docs/format.md, 'The root key').
//!
//! At every moment the log says which key is in force. One that was made and is not yet is kept
//! sealed on this device, so that neither a closed tab nor a lost answer loses it.

use minicbor::Encode;
use subrosa_core::Randomness;
use subrosa_core::account::AccountKeys;
use subrosa_core::envelope::{Kind, Place, Sealable, Sealed};
use subrosa_core::kit::RootKey;
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::TeamId;
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::log::{Head, Op};
use subrosa_wire::team::Team;
use zeroize::{Zeroize, Zeroizing};

use crate::change::{Change, NewKeys, Part};
use crate::error::{Error, Result};
use crate::platform::{Platform, Storage, Update};

use super::making::Making;
use super::rotation::rekey_in;
use super::{State, TeamClient};

const RECORD: &str = "root-key";

/// A root key that is made and not in force.
#[derive(Clone)]
pub struct StagedRootKey {
    /// To be kept by a person.
    pub key: RootKey,
    /// The root's key when it was made: the one that it is to replace.
    before: SigningPublic,
}

/// What a root key is to a team.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RootKeyIs {
    /// It is the one that works.
    InForce,
    /// It was made on this device, and is not in force.
    Staged,
    /// It worked until the entry of this number, written at this time.
    Replaced {
        /// The entry's number.
        seq: u64,
        /// Milliseconds since 1970, by its author's clock.
        time: u64,
    },
    /// It is of another team.
    OfAnotherTeam,
    /// It never was this team's.
    Unknown,
}

#[derive(Encode)]
struct Kept {
    #[cbor(n(0), with = "minicbor::bytes")]
    seed: [u8; 32],
    #[n(1)]
    checkpoint: Head,
    #[n(2)]
    before: SigningPublic,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl Canonical for Kept {
    const MAX_BYTES: usize = 256;
}

impl Sealable for Kept {
    const KIND: Kind = Kind::RootKey;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(encode(self))
    }

    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        decode_strict(&plaintext).ok()
    }
}

fn place(team: TeamId) -> Place {
    Place { team: Some(team), vault: None, object: Vec::new(), version: 0, key_version: 0 }
}

fn root_signing(team: &Team) -> Result<SigningPublic> {
    team.member(team.root()).map(|root| root.keyset.signing).ok_or(Error::NotFound)
}

impl StagedRootKey {
    /// What is kept, if this account has sealed it for this team.
    fn open(stored: Option<Vec<u8>>, keys: &AccountKeys, team: TeamId) -> Option<Self> {
        let kept = Sealed::<Kept>::claimed(stored?).open(keys.device(), &place(team)).ok()?;
        let key = RootKey::new(Zeroizing::new(kept.seed), team, kept.checkpoint);
        Some(StagedRootKey { key, before: kept.before })
    }

    /// Its public half.
    fn signing(&self) -> Result<SigningPublic> {
        self.key.keyset().map(|keys| keys.public().signing).map_err(|_| Error::Memory)
    }

    /// Whether the key that it is to replace is still the root's.
    #[must_use]
    pub fn is_current(&self, team: &Team) -> bool {
        root_signing(team).is_ok_and(|root| root == self.before)
    }
}

impl<P: Platform> TeamClient<P> {
    /// The root key that this device has made and that is not in force. One that came into force
    /// meanwhile is forgotten here.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn staged_root_key(&self) -> Result<Option<StagedRootKey>> {
        let (team, _) = self.place();
        let stored = self.platform.read(RECORD).await?;
        let Some(staged) = StagedRootKey::open(stored, self.account_keys()?, team) else {
            return Ok(None);
        };
        let signing = staged.signing()?;
        let in_force = root_signing(&self.team())? == signing;
        if in_force {
            self.discard_root_key().await?;
        }
        Ok(Some(staged).filter(|_| !in_force))
    }

    /// Makes a root key and keeps it on this device; where there is one already, that one.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn stage_root_key(&self) -> Result<StagedRootKey> {
        if let Some(staged) = self.staged_root_key().await? {
            return Ok(staged);
        }
        let (keys, (team, checkpoint)) = (self.account_keys()?, self.place());
        let mut rng = self.platform.rng();
        let made = StagedRootKey {
            key: RootKey::generate(team, checkpoint, &mut rng),
            before: root_signing(&self.team())?,
        };
        let kept = Kept { seed: *made.key.seed(), checkpoint, before: made.before };
        let sealed = Sealed::seal(&kept, keys.device(), &place(team), &mut rng);
        let sealed = sealed.map_err(|_| Error::TooLarge)?.into_bytes();
        let mut other = None;
        let change = |stored| {
            // Another tab may have made one meanwhile.
            other = StagedRootKey::open(stored, keys, team);
            if other.is_some() { Update::Keep } else { Update::Put(sealed) }
        };
        self.platform.update(RECORD, change).await?;
        Ok(other.unwrap_or(made))
    }

    /// Forgets the root key that this device has made: the one in force stays so.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn discard_root_key(&self) -> Result<()> {
        forget(&self.platform).await
    }

    /// Puts the root key in force that this device has made, and gives every vault its next key, in
    /// one entry. The one before is nobody's from there on.
    ///
    /// # Errors
    /// [`Error::NothingToDo`] if none is staged, [`Error::KeysChanged`] if somebody else has replaced
    /// the one before, and whatever a change meets.
    pub async fn rotate_root_key(&self) -> Result<()> {
        let staged = self.staged_root_key().await?.ok_or(Error::NothingToDo)?;
        let root = self.team().root();
        let keyset = staged.key.keyset().map_err(|_| Error::Memory)?;
        let keys = keyset.rotation(staged.key.team, root);
        let part = Part::RotateKeys(Box::new(NewKeys { keys, before: staged.before }));
        match self.change(&Change { note: String::new(), parts: vec![part] }).await {
            Ok(_) | Err(Error::NothingToDo) => self.discard_root_key().await,
            Err(other) => Err(other),
        }
    }

    /// What a root key that somebody has kept is to this team.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn root_key_is(&self, key: &RootKey) -> Result<RootKeyIs> {
        let keyset = key.keyset().map_err(|_| Error::Memory)?;
        let signing = keyset.public().signing;
        if let Some(staged) = self.staged_root_key().await?
            && staged.signing()? == signing
        {
            return Ok(RootKeyIs::Staged);
        }
        let team = self.team();
        if key.team != team.id() {
            return Ok(RootKeyIs::OfAnotherTeam);
        }
        if root_signing(&team)? == signing {
            return Ok(RootKeyIs::InForce);
        }
        let former = team.former().iter().find(|it| it.signing == signing);
        Ok(former.map_or(RootKeyIs::Unknown, |former| RootKeyIs::Replaced {
            seq: former.seq,
            time: former.time,
        }))
    }
}

/// Other keys for a member, with the next key of every vault, which all owners hold.
pub(super) fn rotate_keys_in(
    making: &mut Making,
    state: &State,
    NewKeys { keys, before }: &NewKeys,
    rng: Randomness<'_>,
) -> Result<()> {
    let member = state.team.member(keys.member).ok_or(Error::NotFound)?;
    if member.keyset == keys.keyset {
        return Ok(());
    }
    if member.keyset.signing != *before {
        return Err(Error::KeysChanged);
    }
    making.ops.push(Op::RotateKeys(Box::new(keys.clone())));
    making.rotated = Some(keys.clone());
    for (vault, public) in state.team.vaults() {
        rekey_in(making, state, vault, public.key_version(), rng)?;
    }
    Ok(())
}

/// The device forgets.
pub(crate) async fn forget(storage: &impl Storage) -> Result<()> {
    Ok(storage.update(RECORD, |_| Update::Remove).await?)
}

subrosa_wire::decode_fields! {
    Kept { seed by minicbor::bytes::decode, checkpoint, before }
}
