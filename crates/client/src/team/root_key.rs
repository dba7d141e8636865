//! The root key: made on this device, kept on paper by a person, and then put in force by one entry
//! (docs/format.md, 'The root key').
//!
//! At every moment the log says which key is in force. One that was made and is not yet is kept
//! sealed on this device, so that neither a closed tab nor a lost answer loses it.

use minicbor::Encode;
use subrosa_core::Randomness;
use subrosa_core::envelope::{Kind, Place, Sealable, Sealed, SealingKey};
use subrosa_core::kit::RootKey;
use subrosa_core::vault::{Edit, OpenVault};
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
use super::{State, TeamClient};

const RECORD: &str = "root-key";

/// A root key that is made and not in force.
#[derive(Clone)]
pub struct StagedRootKey {
    /// To be kept by a person.
    pub key: RootKey,
    /// The root's key when it was made: the one that it is to replace.
    before: SigningPublic,
    /// Its public half.
    signing: SigningPublic,
    progress: Progress,
}

/// How far a staged root key is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nothing was signed for it.
    Made = 0,
    /// An entry may have been posted, and may get in until another one has its place.
    Posted = 1,
    /// It is to be discarded: nothing is signed for it any more.
    Discarded = 2,
}

impl Progress {
    fn of(number: u8) -> Option<Self> {
        let all = [Progress::Made, Progress::Posted, Progress::Discarded];
        all.into_iter().find(|progress| *progress as u8 == number)
    }
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
    #[n(3)]
    progress: u8,
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
    fn new(key: RootKey, before: SigningPublic, progress: Progress) -> Result<Self> {
        let signing = key.keyset().map_err(|_| Error::Memory)?.public().signing;
        Ok(StagedRootKey { key, before, signing, progress })
    }

    /// What is kept, if this account has sealed it for this team.
    fn open(stored: Option<Vec<u8>>, device: &SealingKey, team: TeamId) -> Option<Self> {
        let kept = Sealed::<Kept>::claimed(stored?).open(device, &place(team)).ok()?;
        let key = RootKey::new(Zeroizing::new(kept.seed), team, kept.checkpoint);
        StagedRootKey::new(key, kept.before, Progress::of(kept.progress)?).ok()
    }

    fn seal(&self, device: &SealingKey, rng: Randomness<'_>) -> Result<Vec<u8>> {
        let kept = Kept {
            seed: *self.key.seed(),
            checkpoint: self.key.checkpoint,
            before: self.before,
            progress: self.progress as u8,
        };
        let sealed = Sealed::seal(&kept, device, &place(self.key.team), rng);
        sealed.map(Sealed::into_bytes).map_err(|_| Error::TooLarge)
    }

    /// Whether the key that it is to replace is still the root's.
    #[must_use]
    pub fn is_current(&self, team: &Team) -> bool {
        root_signing(team).is_ok_and(|root| root == self.before)
    }

    /// Whether it is the root's, or was.
    fn got_in(&self, team: &Team) -> bool {
        root_signing(team).is_ok_and(|root| root == self.signing)
            || team.former().iter().any(|former| former.signing == self.signing)
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
        let Some(staged) = StagedRootKey::open(stored, self.device_key()?, team) else {
            return Ok(None);
        };
        let got_in = staged.got_in(&self.team());
        if got_in {
            self.note(&staged, None).await?;
        }
        Ok(Some(staged).filter(|_| !got_in))
    }

    /// Makes a root key and keeps it on this device; where there is one already, that one.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for who is no owner, [`Error::Storage`].
    pub async fn stage_root_key(&self) -> Result<StagedRootKey> {
        self.check_owner()?;
        if let Some(staged) = self.staged_root_key().await? {
            return Ok(staged);
        }
        let (device, (team, checkpoint)) = (self.device_key()?, self.place());
        let mut rng = self.platform.rng();
        let key = RootKey::generate(team, checkpoint, &mut rng);
        let made = StagedRootKey::new(key, root_signing(&self.team())?, Progress::Made)?;
        let sealed = made.seal(device, &mut rng)?;
        let mut other = None;
        let change = |stored| {
            // Another tab may have made one meanwhile.
            other = StagedRootKey::open(stored, device, team);
            if other.is_some() { Update::Keep } else { Update::Put(sealed) }
        };
        self.platform.update(RECORD, change).await?;
        Ok(other.unwrap_or(made))
    }

    /// Forgets the root key that this device has made: the one in force stays so. Where an entry for
    /// it was posted, another entry takes its place first, so that it can never get in.
    ///
    /// # Errors
    /// [`Error::KeysChanged`] if it came into force, and whatever a change meets; it is then kept.
    pub async fn discard_root_key(&self) -> Result<()> {
        let Some(staged) = self.staged_root_key().await? else { return Ok(()) };
        let before = self.note(&staged, Some(Progress::Discarded)).await?;
        if before.is_some_and(|progress| progress != Progress::Made) {
            let directory = self.team().directory();
            let days = self.contents().vault(directory).and_then(OpenVault::rotate_after);
            // It changes nothing but the head of the log.
            self.change(&Change::edits(directory, vec![Edit::RotateAfter(days)])).await?;
            if staged.got_in(&self.team()) {
                self.note(&staged, None).await?;
                return Err(Error::KeysChanged);
            }
        }
        self.note(&staged, None).await.map(drop)
    }

    /// Puts `staged` in force, and gives every vault its next key, in one entry. The key before is
    /// nobody's from there on.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for who is no owner, [`Error::KeysChanged`] if somebody else has replaced the
    /// one before, [`Error::NothingToDo`] if another tab has discarded this one, and whatever a change meets.
    pub async fn rotate_root_key(&self, staged: &StagedRootKey) -> Result<()> {
        self.check_owner()?;
        if !staged.got_in(&self.team()) {
            match self.note(staged, Some(Progress::Posted)).await? {
                Some(Progress::Made | Progress::Posted) => {}
                Some(Progress::Discarded) | None => return Err(Error::NothingToDo),
            }
            let root = self.team().root();
            let keyset = staged.key.keyset().map_err(|_| Error::Memory)?;
            let keys = keyset.rotation(staged.key.team, root);
            let part = Part::RotateKeys(Box::new(NewKeys { keys, before: staged.before }));
            match self.change(&Change { note: String::new(), parts: vec![part] }).await {
                Ok(_) => {}
                Err(Error::NothingToDo) if staged.got_in(&self.team()) => {}
                Err(other) => return Err(other),
            }
        }
        self.note(staged, None).await.map(drop)
    }

    /// Keeps on the device how far `staged` is, or forgets it; how far it was, if it was still what is
    /// kept. Another one that is kept by now stays, and nothing goes on with one that is to be
    /// discarded.
    async fn note(
        &self,
        staged: &StagedRootKey,
        progress: Option<Progress>,
    ) -> Result<Option<Progress>> {
        let device = self.device_key()?;
        let noted = match progress {
            Some(progress) => {
                let noted = StagedRootKey { progress, ..staged.clone() };
                Update::Put(noted.seal(device, &mut self.platform.rng())?)
            }
            None => Update::Remove,
        };
        let mut before = None;
        let change = |stored| {
            let kept = StagedRootKey::open(stored, device, staged.key.team);
            let kept = kept.filter(|kept| kept.signing == staged.signing);
            before = kept.map(|kept| kept.progress);
            match (before, progress) {
                (None, _) | (Some(Progress::Discarded), Some(Progress::Posted)) => Update::Keep,
                _ => noted,
            }
        };
        self.platform.update(RECORD, change).await?;
        Ok(before)
    }

    /// Before an entry is signed for the root's next keys: whether they still shall be, by whichever
    /// tab.
    pub(super) async fn check_still_staged(&self, new: &NewKeys) -> Result<()> {
        let (team, _) = self.place();
        if new.keys.member != self.team().root() || self.account.is_none() {
            return Ok(());
        }
        let stored = self.platform.read(RECORD).await?;
        let staged = StagedRootKey::open(stored, self.device_key()?, team);
        let wanted = |it: StagedRootKey| {
            it.signing == new.keys.keyset.signing && it.progress == Progress::Posted
        };
        if staged.is_some_and(wanted) { Ok(()) } else { Err(Error::NothingToDo) }
    }

    /// What a root key that somebody has kept is to this team.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn root_key_is(&self, key: &RootKey) -> Result<RootKeyIs> {
        let signing = key.keyset().map_err(|_| Error::Memory)?.public().signing;
        let staged = self.staged_root_key().await?.filter(|staged| staged.signing == signing);
        let team = self.team();
        if staged.is_some_and(|staged| staged.is_current(&team)) {
            return Ok(RootKeyIs::Staged);
        }
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
) -> Result<()> {
    let member = state.team.member(keys.member).ok_or(Error::NotFound)?;
    if member.keyset == keys.keyset {
        return Ok(());
    }
    if member.keyset.signing != *before {
        return Err(Error::KeysChanged);
    }
    making.ops.push(Op::RotateKeys(Box::new(keys.clone())));
    making.keysets.push((keys.member, keys.keyset.clone()));
    making.lose_all(&state.team, keys.member);
    Ok(())
}

/// The device forgets.
pub(crate) async fn forget(storage: &impl Storage) -> Result<()> {
    Ok(storage.update(RECORD, |_| Update::Remove).await?)
}

subrosa_wire::decode_fields! {
    Kept { seed by minicbor::bytes::decode, checkpoint, before, progress }
}
