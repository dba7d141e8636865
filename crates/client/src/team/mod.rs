//! A team as this client has verified and opened it, kept in step with the server.

mod account;
pub(crate) mod alarm;
pub(crate) mod as_it_was;
pub(crate) mod changed_keys;
pub(crate) mod drafts;
mod gather;
pub(crate) mod log;
mod machine;
pub(crate) mod making;
mod own_keys;
pub(crate) mod people;
mod push;
mod read;
pub(crate) mod recovery;
pub(crate) mod root_key;
pub(crate) mod rotation;
mod sharing;
pub(crate) mod sync;

use std::cell::{Cell, Ref, RefCell};

use futures_util::lock::Mutex;
use rand_core::Rng;
use subrosa_core::account::{AccountKeys, TeamSeat};
use subrosa_core::contents::Contents;
use subrosa_core::envelope::SealingKey;
use subrosa_core::keyset::Keyset;
use subrosa_core::manifest::Subject;
use subrosa_core::vault::{Keyring, OpenVault};
use subrosa_wire::api::Principal;
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::log::{Head, KeyVersion, SignedEntry};
use subrosa_wire::team::{Reject, Team};
use zeroize::Zeroizing;

use crate::alarm::{Note, note};
use crate::candidate;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::platform::Platform;
use crate::session::MemberSession;
use crate::unlock::OpenAccount;

use self::alarm::shown_instead;
use self::log::Reading;
use self::people::AtTheDoor;
use self::sync::load_log;

/// An unlocked team. All methods take `&self`: reading goes on while something is being written.
pub struct TeamClient<P> {
    platform: P,
    /// None where a root key or a token alone has opened it.
    account: Option<Account>,
    keyset: Keyset,
    /// The keys before, while what was wrapped to them is not wrapped to these.
    former: Option<Keyset>,
    me: MemberId,
    session: MemberSession,
    /// Held while the log advances, by syncing or by pushing.
    advancing: Mutex<()>,
    state: RefCell<State>,
    generation: Cell<u64>,
    settled: Option<Settled>,
    door: RefCell<Vec<AtTheDoor>>,
    /// The server was caught: nothing more is given to it.
    caught: Cell<bool>,
    /// How far back the log was last read.
    reading: RefCell<Option<Reading>>,
    /// The alarm that stands on this device.
    alarm: Cell<Option<Hash>>,
    /// The one although which an owner acts.
    acting: Cell<Option<Hash>>,
    /// Places that others have seen, beyond what is known here.
    ahead: RefCell<Vec<Head>>,
    on_reach: RefCell<Box<dyn Fn(bool)>>,
}

/// The account that a client is of.
struct Account {
    keys: RefCell<AccountKeys>,
    /// Seals what this device keeps to itself.
    device: SealingKey,
}

struct State {
    team: Team,
    /// The hash of each entry, the genesis first.
    log: Vec<Hash>,
    contents: Contents,
    keyring: Keyring,
    /// Vaults whose root page does not open.
    damaged: Vec<VaultId>,
    synced_at: u64,
}

impl State {
    /// A vault as it is open here, and its current key version: what a commit goes on top of.
    fn newest(&self, id: VaultId) -> Result<(&OpenVault, KeyVersion)> {
        let public = self.team.vault(id).ok_or(Error::NotFound)?;
        let vault = self.contents.vault(id).ok_or(Error::NotFound)?;
        let version = public.key_version();
        if self.keyring.get(id, version).is_none() {
            return Err(Error::NoKey);
        }
        // Where the newest state does not open, nothing can be put on top of it.
        if vault.tree() == public.tree { Ok((vault, version)) } else { Err(Error::Damaged) }
    }

    fn has(&self, place: Head) -> bool {
        usize::try_from(place.seq).is_ok_and(|seq| self.log.get(seq) == Some(&place.hash))
    }
}

/// What became of a change that was under way when this device last stopped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Settled {
    /// It is in the log.
    Saved,
    /// It is not: the server cannot store anything now. It is tried again at the next unlock.
    Waiting,
    /// It is not, and somebody else wrote since: it has to be made again.
    Lost,
}

impl<P: Platform + Clone> TeamClient<P> {
    /// Verifies the team's whole log, which must contain the device's pin, the account's checkpoint
    /// and `kit`'s; pins it, and opens what this member can.
    pub(crate) async fn open(
        platform: P,
        account: OpenAccount,
        keys: AccountKeys,
        device: Device,
        team: TeamId,
        kit: Option<Head>,
    ) -> Result<Self> {
        let seat = account.contents.teams.iter().find(|seat| seat.team == team);
        let seat = seat.ok_or(Error::NoTeam)?;
        let seed = account.contents.device_key();
        let left = candidate::kept(&platform, &seed, seat.team).await?;
        let mut wanted = vec![seat.checkpoint];
        wanted.extend(device.pin(seat.team));
        let mut client = TeamClient::of_seat(platform, seat, &wanted, kit).await?;
        client.account = Some(Account { keys: RefCell::new(keys), device: seed });
        client.look_at_alarm().await?;
        let head = client.team().head();
        match client.judge_ahead(head, &[]).await {
            // It raised an alarm, with which the team is read.
            Ok(()) | Err(Error::Rollback) => {}
            Err(other) => return Err(other),
        }

        // Pinned durably, then displayed.
        device.keep(&client.platform).await?;
        client.saw_generation(account.generation).await?;
        client.open_all().await?;
        let log = client.state.borrow().log.clone();
        let (found, open): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, push)| log.contains(&push.entry.hash()));
        client.settled = (!found.is_empty()).then_some(Settled::Saved);
        for (name, _) in found {
            candidate::drop(&client.platform, name).await?;
        }
        // While an alarm stands, what was not posted waits.
        let open = if client.may_give().is_ok() { open } else { Vec::new() };
        for (name, push) in open {
            let settled = client.settle(push).await?;
            // One that was lost must be told, whatever became of the others.
            client.settled = client.settled.max(Some(settled));
            if settled != Settled::Waiting {
                candidate::drop(&client.platform, name).await?;
            }
        }
        client.share_keys().await?;
        // The account does not go where this device is not sure of.
        if client.may_give().is_ok() {
            client.raise_checkpoint(account).await?;
        }
        client.take_over().await?;
        // A root key that came into force is for paper alone.
        client.staged_root_key().await?;
        Ok(client)
    }
}

impl<P: Platform + Clone> TeamClient<P> {
    /// Verifies the log of a seat, for what it shows, and opens nothing.
    pub(crate) async fn look(
        platform: P,
        seat: &TeamSeat,
        device: &Device,
        kit: Option<Head>,
    ) -> Result<()> {
        TeamClient::of_seat(platform, seat, device.pin(seat.team).as_slice(), kit).await.map(|_| ())
    }

    /// Verifies the log of a seat, by whichever of its keys are in force.
    async fn of_seat(
        platform: P,
        seat: &TeamSeat,
        seen: &[Head],
        typed: Option<Head>,
    ) -> Result<Self> {
        let keyset =
            |seed: [u8; 32]| Keyset::from_seed(Zeroizing::new(seed)).map_err(|_| Error::NotMyKeys);
        let loaded = async |seed: [u8; 32]| {
            let (platform, me) = (platform.clone(), Some(seat.member));
            // On the heap: it is in this function's own future twice.
            Box::pin(TeamClient::load(platform, seat.team, me, keyset(seed)?, seen, typed)).await
        };
        match (loaded(seat.seed).await, seat.next) {
            // Other keys were made for this seat, and are in force.
            (Err(Error::KeysReplaced | Error::NotMyKeys), Some(next)) => {
                let former = Some(keyset(seat.seed)?);
                Ok(TeamClient { former, ..loaded(next).await? })
            }
            (loaded, _) => loaded,
        }
    }
}

impl<P: Platform> TeamClient<P> {
    /// Verifies a team's whole log, which must contain what was `seen` and what somebody `typed`, and
    /// have these keys for the member, or for the root if there is none. Nothing is opened yet. A log that
    /// lacks what was seen raises an alarm; what was typed may be a mistake.
    async fn load(
        platform: P,
        id: TeamId,
        member: Option<MemberId>,
        keyset: Keyset,
        seen: &[Head],
        typed: Option<Head>,
    ) -> Result<Self> {
        let wanted: Vec<Head> = seen.iter().copied().chain(typed).collect();
        let whose = |member| Principal::Member(id, member);
        let session = MemberSession::new(member.map_or(Principal::Root(id), whose));
        let (mut log, mut near) = (Vec::new(), Vec::new());
        let take = |entry: &SignedEntry, hash: Hash| {
            let number = u64::try_from(log.len()).ok();
            if wanted.iter().any(|it| number == Some(it.seq) || number == it.seq.checked_add(1)) {
                near.push(entry.clone());
            }
            log.push(hash);
        };
        let team = load_log(&platform, &session, &|it| keyset.sign(it), id, &wanted, take).await;
        if matches!(team, Err(Error::Rollback)) {
            let evidence = shown_instead(seen, &log, &near, platform.now());
            if let Some(evidence) = evidence {
                note(&platform, id, Note::Raise(evidence)).await?;
            }
        }
        let team = team?;
        let me = member.unwrap_or(team.root());
        let member = team.member(me).ok_or(Error::NotMyKeys)?;
        if member.keyset != *keyset.public() {
            return Err(Error::NotMyKeys);
        }
        let state = State {
            team,
            log,
            contents: Contents::default(),
            keyring: Keyring::default(),
            damaged: Vec::new(),
            synced_at: platform.now(),
        };
        Ok(TeamClient {
            me,
            platform,
            account: None,
            keyset,
            former: None,
            session,
            advancing: Mutex::new(()),
            state: RefCell::new(state),
            generation: Cell::new(0),
            settled: None,
            door: RefCell::default(),
            caught: Cell::new(false),
            reading: RefCell::default(),
            alarm: Cell::default(),
            acting: Cell::default(),
            ahead: RefCell::default(),
            on_reach: RefCell::new(Box::new(|_| {})),
        })
    }

    /// Opens all that this member can.
    async fn open_all(&self) -> Result<()> {
        let team = self.team().clone();
        self.adopt(team, Vec::new()).await?;
        if !self.damaged().is_empty() {
            // It may have been replaced since the log was read.
            self.advance().await?;
        }
        Ok(())
    }

    /// What is an owner's alone.
    fn check_owner(&self) -> Result<()> {
        match self.team().is_owner(self.me) {
            true => Ok(()),
            false => Err(Error::NotAllowed(Reject::Authority)),
        }
    }

    pub(crate) fn account_keys(&self) -> Result<AccountKeys> {
        let account = self.account.as_ref().ok_or(Error::NoSecretKey)?;
        Ok(account.keys.borrow().clone())
    }

    fn device_key(&self) -> Result<&SealingKey> {
        self.account.as_ref().map(|account| &account.device).ok_or(Error::NoSecretKey)
    }

    /// What became of a change that was under way when this device last stopped.
    #[must_use]
    pub fn settled(&self) -> Option<Settled> {
        self.settled
    }

    /// Calls `told` with `false` when the server stops answering, and with `true` when it answers.
    pub fn on_reach(&self, told: impl Fn(bool) + 'static) {
        *self.on_reach.borrow_mut() = Box::new(told);
    }

    /// What this runs on.
    pub fn platform(&self) -> &P {
        &self.platform
    }

    /// The team's state. Not to be held across an await.
    pub fn team(&self) -> Ref<'_, Team> {
        Ref::map(self.state.borrow(), |state| &state.team)
    }

    /// What is in the team's vaults. Not to be held across an await.
    pub fn contents(&self) -> Ref<'_, Contents> {
        Ref::map(self.state.borrow(), |state| &state.contents)
    }

    /// Vaults that do not open at all. Not to be held across an await.
    pub fn damaged(&self) -> Ref<'_, Vec<VaultId>> {
        Ref::map(self.state.borrow(), |state| &state.damaged)
    }

    /// What the team is called, where that opens.
    #[must_use]
    pub fn team_name(&self) -> Option<String> {
        let (contents, team) = (self.contents(), self.team());
        match contents.vault(team.directory())?.subject() {
            Subject::Directory { team_name, .. } => Some(team_name.clone()),
            Subject::Project { .. } | Subject::Environment { .. } => None,
        }
    }

    /// Who one is in the team.
    #[must_use]
    pub fn me(&self) -> MemberId {
        self.me
    }

    /// Milliseconds since 1970 when the server last answered.
    #[must_use]
    pub fn synced_at(&self) -> u64 {
        self.state.borrow().synced_at
    }

    fn place(&self) -> (TeamId, Head) {
        let state = self.state.borrow();
        (state.team.id(), state.team.head())
    }

    fn jitter(&self, spread: u32) -> u32 {
        self.platform.rng().next_u32() % spread.max(1)
    }
}
