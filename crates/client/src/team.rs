//! A team as this client has verified and opened it, kept in step with the server.

use std::cell::{Cell, Ref, RefCell};

use futures_util::lock::Mutex;
use rand_core::Rng;
use subrosa_core::account::{AccountContents, AccountKeys, TeamSeat};
use subrosa_core::contents::Contents;
use subrosa_core::keyset::Keyset;
use subrosa_core::manifest::{HistoryEntry, HistoryRef, ValueRef, VaultPlaces};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Keyring, Objects, OpenVault, Stamp, TreeState};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::api::{FetchObjects, MAX_BODY, MAX_FETCH, Push, PutAccount};
use subrosa_wire::encoding::encode;
use subrosa_wire::id::{Hash, MemberId, SecretId, TeamId, VaultId};
use subrosa_wire::log::{Entry, Head, Op, SignedEntry};
use subrosa_wire::object::ObjectId;
use subrosa_wire::team::{Team, Vault};
use zeroize::Zeroizing;

use crate::api::{self, PushReply, PutReply};
use crate::candidate;
use crate::change::{Change, Part};
use crate::device::{Device, Pin};
use crate::error::{Error, Result};
use crate::events::Heads;
use crate::founding::{new_vault, uploads};
use crate::platform::{Platform, Transport};
use crate::session::MemberSession;
use crate::unlock::OpenAccount;

/// The longest pause between two tries, in milliseconds.
const MAX_PAUSE: u32 = 15_000;
/// How often a lost race is run again before the server is taken for broken.
const MAX_RACES: u32 = 100;

/// An unlocked team. All methods take `&self`: reading goes on while something is being written.
pub struct TeamClient<P> {
    platform: P,
    keys: AccountKeys,
    keyset: Keyset,
    me: MemberId,
    session: MemberSession,
    /// Held while the log advances, by syncing or by pushing.
    advancing: Mutex<()>,
    state: RefCell<State>,
    generation: Cell<u64>,
    settled: Option<Settled>,
    on_reach: RefCell<Box<dyn Fn(bool)>>,
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
    fn has(&self, place: Head) -> bool {
        usize::try_from(place.seq).is_ok_and(|seq| self.log.get(seq) == Some(&place.hash))
    }
}

/// What became of a change that was under way when this device last stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// It is in the log.
    Saved,
    /// It is not, and somebody else wrote since: it has to be made again.
    Lost,
}

/// A signed entry with all that it brings, and the state that it makes.
struct Built {
    push: Push,
    vaults: Vec<OpenVault>,
    keys: Vec<(VaultId, VaultKey)>,
}

impl Built {
    fn hash(&self) -> Hash {
        self.push.entry.hash()
    }
}

impl<P: Platform> TeamClient<P> {
    /// Verifies the team's whole log, which must contain the device's pin, the account's checkpoint
    /// and `kit`'s; pins it, and opens what this member can.
    pub(crate) async fn open(
        platform: P,
        account: OpenAccount,
        keys: AccountKeys,
        device: Device,
        kit: Option<Head>,
    ) -> Result<Self> {
        let seat = account.contents.teams.first().ok_or(Error::NoTeam)?;
        let keyset = Keyset::from_seed(Zeroizing::new(seat.seed)).map_err(|_| Error::NotMyKeys)?;
        let session = MemberSession::new(seat.team, seat.member);
        let left = candidate::kept(&platform, &keys, seat.team).await?;
        let mut wanted = vec![seat.checkpoint];
        wanted.extend(device.pin(seat.team));
        wanted.extend(kit);

        let mut log = Vec::new();
        let seen = |hash: Hash| log.push(hash);
        let team = load_log(&platform, &session, &keyset, seat.team, &wanted, seen).await?;
        let found = left.as_ref().is_some_and(|push| log.contains(&push.entry.hash()));
        let member = team.member(seat.member).ok_or(Error::NotMyKeys)?;
        if member.keyset != *keyset.public() {
            return Err(Error::NotMyKeys);
        }
        // Pinned durably, then displayed.
        device.keep(&platform).await?;
        let pin = Pin { team: team.id(), head: team.head() };
        Device::raise(&platform, account.generation, pin, &log).await?;

        let state = State {
            team: team.clone(),
            log,
            contents: Contents::default(),
            keyring: Keyring::default(),
            damaged: Vec::new(),
            synced_at: platform.now(),
        };
        let mut client = TeamClient {
            me: seat.member,
            platform,
            keys,
            keyset,
            session,
            advancing: Mutex::new(()),
            state: RefCell::new(state),
            generation: Cell::new(account.generation),
            settled: None,
            on_reach: RefCell::new(Box::new(|_| {})),
        };
        client.adopt(team, Vec::new()).await?;
        client.settled = match left {
            Some(_) if found => Some(Settled::Saved),
            Some(push) => Some(client.settle(push).await?),
            None => None,
        };
        candidate::drop(&client.platform).await?;
        client.raise_checkpoint(account).await?;
        Ok(client)
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

    /// Fetches, verifies and opens what is new; `true` if there was anything.
    ///
    /// # Errors
    /// [`Error`]; what is displayed stays as it was.
    pub async fn sync(&self) -> Result<bool> {
        let _advancing = self.advancing.lock().await;
        self.advance().await
    }

    /// Makes a change: one entry, whatever it touches. While the server cannot be reached this
    /// waits and tries again with the same entry; dropping the future leaves the entry on the
    /// device, to be settled at the next unlock.
    ///
    /// # Errors
    /// [`Error::Conflict`] and other things that the user must decide; nothing was changed then.
    pub async fn change(&self, change: &Change) -> Result<Head> {
        let _advancing = self.advancing.lock().await;
        let mut built = None;
        let (mut races, mut pause) = (0, 250);
        loop {
            let posted = self.attempt(change, &mut built).await;
            let unclear = match (posted, &built) {
                (Ok(PushReply::Pushed(pushed)), Some(made)) if pushed.head.hash == made.hash() => {
                    (self.on_reach.borrow())(true);
                    let Some(built) = built.take() else { return Err(Error::BadReply) };
                    return self.acknowledged(built).await;
                }
                (Ok(PushReply::Lost), Some(made)) => {
                    // An entry that got in is not signed a second time, whatever the server says;
                    // nor is another signed for the same place.
                    let (_, before) = self.place();
                    match self.look_for(made).await {
                        Ok(Some(head)) => return Ok(head),
                        Ok(None) if self.place().1 == before => return Err(Error::BadReply),
                        Ok(None) => built = None,
                        Err(Error::Unreachable(_)) => {}
                        Err(other) => return Err(other),
                    }
                    races += 1;
                    if races > MAX_RACES {
                        return Err(Error::BadReply);
                    }
                    let spread = 10 * races.min(20);
                    self.platform.pause(self.jitter(spread)).await;
                    continue;
                }
                (Ok(PushReply::Later(seconds)), _) => {
                    self.platform.pause(seconds.clamp(1, 60) * 1000).await;
                    continue;
                }
                (Err(Error::Unreachable(_)), _) => {
                    (self.on_reach.borrow())(false);
                    self.platform.pause(pause / 2 + self.jitter(pause / 2)).await;
                    pause = (pause * 2).min(MAX_PAUSE);
                    continue;
                }
                (Err(error), _) => error,
                (Ok(_), _) => Error::BadReply,
            };
            // Refused, or without a sensible answer: it may have got in all the same.
            if let Some(made) = &built {
                match self.look_for(made).await {
                    Ok(Some(head)) => return Ok(head),
                    Ok(None) => {}
                    // It stays on the device, to be settled at the next unlock.
                    Err(Error::Unreachable(_) | Error::Refused(_)) => return Err(unclear),
                    Err(other) => return Err(other),
                }
            }
            candidate::drop(&self.platform).await?;
            return Err(unclear);
        }
    }

    /// Advances, and looks whether an entry of one's own is in the log: where the log then ends.
    async fn look_for(&self, made: &Built) -> Result<Option<Head>> {
        let hash = made.hash();
        let seq = made.push.entry.claim(|entry| entry.seq).map_err(|_| Error::BadReply)?;
        self.advance_with(Some(made)).await?;
        let found = self.state.borrow().has(Head { seq, hash });
        if !found {
            return Ok(None);
        }
        candidate::drop(&self.platform).await?;
        Ok(Some(Head { seq, hash }))
    }

    /// A value: the current one of a record, or one of its history.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is missing or does not open.
    pub async fn value(
        &self,
        vault: VaultId,
        secret: SecretId,
        value: ValueRef,
    ) -> Result<SecretValue> {
        let mut values = self.values(vault, &[(secret, value)]).await?;
        values.pop().ok_or(Error::Damaged)?
    }

    /// Values of one vault, each for itself: one that is damaged does not keep the others.
    ///
    /// # Errors
    /// If nothing can be fetched.
    pub async fn values(
        &self,
        vault: VaultId,
        values: &[(SecretId, ValueRef)],
    ) -> Result<Vec<Result<SecretValue>>> {
        let ids: Vec<ObjectId> = values.iter().map(|(_, value)| value.object).collect();
        let mut objects = Objects::default();
        self.fetch(vault, &ids, &mut objects).await?;
        let state = self.state.borrow();
        let opened = state.contents.vault(vault).ok_or(Error::NotFound)?;
        let open = |(secret, value): &(SecretId, ValueRef)| {
            let value = opened.open_value(*secret, value, &state.keyring, &objects);
            value.map_err(|_| Error::Damaged)
        };
        Ok(values.iter().map(open).collect())
    }

    /// A secret's earlier versions, the oldest first.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a list is missing or does not open.
    pub async fn history(
        &self,
        vault: VaultId,
        secret: SecretId,
        newest: Option<HistoryRef>,
    ) -> Result<Vec<HistoryEntry>> {
        let mut lists = Vec::new();
        let mut next = newest;
        while let Some(reference) = next {
            let mut objects = Objects::default();
            self.fetch(vault, &[reference.object], &mut objects).await?;
            let state = self.state.borrow();
            let opened = state.contents.vault(vault).ok_or(Error::NotFound)?;
            let list = opened
                .open_history(secret, &reference, &state.keyring, &objects)
                .map_err(|_| Error::Damaged)?;
            // Versions fall from list to list, so that a chain cannot go in circles.
            next = list.older.filter(|older| older.version < reference.version);
            lists.push(list.entries);
        }
        lists.reverse();
        Ok(lists.concat())
    }

    /// News of the log, from what is known on.
    ///
    /// # Errors
    /// [`Error::Unreachable`] and refusals.
    pub async fn heads(&self) -> Result<Heads<<P as Transport>::Chunks>> {
        let (team, head) = self.place();
        let chunks = self
            .session
            .call(&self.platform, &self.keyset, async |token| {
                api::events(&self.platform, token, team, head.seq).await
            })
            .await?;
        Ok(Heads::new(chunks))
    }

    /// Whether `told` is news.
    ///
    /// # Errors
    /// [`Error::Rollback`] if it contradicts what was verified.
    pub fn is_news(&self, told: Head) -> Result<bool> {
        let (_, head) = self.place();
        if told.seq == head.seq && told.hash != head.hash {
            return Err(Error::Rollback);
        }
        Ok(told.seq > head.seq)
    }

    fn place(&self) -> (TeamId, Head) {
        let state = self.state.borrow();
        (state.team.id(), state.team.head())
    }

    fn jitter(&self, spread: u32) -> u32 {
        self.platform.rng().next_u32() % spread.max(1)
    }

    async fn advance(&self) -> Result<bool> {
        self.advance_with(None).await
    }

    /// Advances; where one's own entry got in, with the keys that it was made with.
    async fn advance_with(&self, made: Option<&Built>) -> Result<bool> {
        let (id, before) = self.place();
        let mut team = self.state.borrow().team.clone();
        let mut new = Vec::new();
        loop {
            let after = Some(team.head().seq);
            let page = self
                .session
                .call(&self.platform, &self.keyset, async |token| {
                    api::log(&self.platform, token, id, after).await
                })
                .await?;
            if page.last < team.head().seq {
                return Err(Error::Rollback);
            }
            for entry in &page.entries {
                team.extend(entry)?;
                new.push(team.head().hash);
            }
            if team.head().seq >= page.last {
                break;
            }
            if page.entries.is_empty() {
                return Err(Error::BadReply);
            }
        }
        self.state.borrow_mut().synced_at = self.platform.now();
        (self.on_reach.borrow())(true);
        let stale = self.has_stale_vaults(&team);
        if team.head() == before && !stale {
            return Ok(false);
        }
        self.pin(&team, &new).await?;
        if let Some(made) = made.filter(|made| new.contains(&made.hash())) {
            let mut state = self.state.borrow_mut();
            made.keys.iter().for_each(|(id, key)| state.keyring.insert(*id, 1, key.clone()));
        }
        self.adopt(team, new).await?;
        Ok(true)
    }

    /// Pins `team`, which is `new` further than what is displayed. Another tab may have pinned
    /// meanwhile: that must be on this log too.
    async fn pin(&self, team: &Team, new: &[Hash]) -> Result<()> {
        let pin = Pin { team: team.id(), head: team.head() };
        let log = [&self.state.borrow().log[..], new].concat();
        Device::raise(&self.platform, self.generation.get(), pin, &log).await
    }

    /// Whether a vault is not open at its current tree, because fetching it failed before.
    fn has_stale_vaults(&self, team: &Team) -> bool {
        let state = self.state.borrow();
        team.vaults().any(|(id, vault)| {
            team.role_in(id, self.me).is_some()
                && !state.damaged.contains(&id)
                && vault.tree.is_some()
                && state.contents.vault(id).and_then(OpenVault::tree) != vault.tree
        })
    }

    /// Opens what changed between the displayed state and `team`, which is `new` further, then
    /// displays `team`.
    async fn adopt(&self, team: Team, new: Vec<Hash>) -> Result<()> {
        let mine: Vec<(VaultId, Vault)> = team
            .vaults()
            .filter(|(id, _)| team.role_in(*id, self.me).is_some())
            .map(|(id, vault)| (id, vault.clone()))
            .collect();
        self.fetch_keys(&team, &mine).await?;
        let mut opened = Vec::new();
        let mut damaged = Vec::new();
        for (id, vault) in &mine {
            let Some(tree) = vault.tree else { continue };
            let shown = self.state.borrow().contents.vault(*id).and_then(OpenVault::tree);
            if shown == Some(tree) {
                continue;
            }
            let state =
                TreeState { tree, commits: vault.commits, key_version: vault.tree_key_version };
            match self.open_vault(team.id(), *id, state).await {
                Ok(vault) => opened.push(vault),
                Err(Error::Damaged | Error::NoKey) => damaged.push(*id),
                Err(other) => return Err(other),
            }
        }
        let mut state = self.state.borrow_mut();
        opened.into_iter().for_each(|vault| state.contents.insert(vault));
        state.damaged = damaged;
        state.team = team;
        state.log.extend(new);
        Ok(())
    }

    async fn open_vault(&self, team: TeamId, id: VaultId, tree: TreeState) -> Result<OpenVault> {
        let places = VaultPlaces { team, vault: id };
        let mut objects = Objects::default();
        self.fetch(id, &[tree.tree], &mut objects).await?;
        let missing = {
            let state = self.state.borrow();
            let before = state.contents.vault(id);
            OpenVault::missing_pages(places, tree, &state.keyring, &objects, before)
                .map_err(|_| Error::Damaged)?
        };
        self.fetch(id, &missing, &mut objects).await?;
        let state = self.state.borrow();
        let before = state.contents.vault(id);
        OpenVault::open(places, tree, &state.keyring, &objects, before).map_err(|_| Error::Damaged)
    }

    async fn fetch_keys(&self, team: &Team, mine: &[(VaultId, Vault)]) -> Result<()> {
        let lacking = {
            let state = self.state.borrow();
            mine.iter().any(|(id, vault)| state.keyring.get(*id, vault.key_version()).is_none())
        };
        if !lacking {
            return Ok(());
        }
        let wraps = self
            .session
            .call(&self.platform, &self.keyset, async |token| {
                api::wraps(&self.platform, token, team.id()).await
            })
            .await?;
        let mut state = self.state.borrow_mut();
        for wrap in wraps.wraps.iter().filter(|wrap| wrap.recipient == self.me) {
            let Some(vault) = team.vault(wrap.vault) else { continue };
            let Some(commitment) = vault.key_commitment(wrap.version) else { continue };
            if state.keyring.get(wrap.vault, wrap.version).is_some() {
                continue;
            }
            // A garbage wrap is passed over: another holder may have left a good one.
            if let Ok(key) = VaultKey::unwrap(wrap, team.id(), &self.keyset, commitment) {
                state.keyring.insert(wrap.vault, wrap.version, key);
            }
        }
        Ok(())
    }

    /// Fetches objects of a vault. What the server does not have is not there afterwards.
    async fn fetch(&self, vault: VaultId, ids: &[ObjectId], objects: &mut Objects) -> Result<()> {
        let (team, _) = self.place();
        for asked in ids.chunks(MAX_FETCH) {
            let mut ids = asked.to_vec();
            while !ids.is_empty() {
                let fetch = FetchObjects { vault, ids: ids.clone() };
                let reply = self
                    .session
                    .call(&self.platform, &self.keyset, async |token| {
                        api::objects(&self.platform, token, team, &fetch).await
                    })
                    .await?;
                let before = ids.len();
                // Nothing is kept that was not asked for.
                reply.objects.into_iter().for_each(|sealed| objects.take(sealed.into(), &ids));
                ids.retain(|id| !objects.has(*id));
                if !reply.more || ids.len() == before {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn attempt(&self, change: &Change, built: &mut Option<Built>) -> Result<PushReply> {
        let (team, _) = self.place();
        if built.is_none() {
            let made = self.build(change).await?;
            if encode(&made.push).len() > MAX_BODY {
                return Err(Error::TooLarge);
            }
            candidate::keep(&self.platform, &self.keys, team, &made.push).await?;
            *built = Some(made);
        }
        let Some(built) = built else { return Err(Error::BadReply) };
        self.session
            .call(&self.platform, &self.keyset, async |token| {
                api::push(&self.platform, token, team, &built.push).await
            })
            .await
    }

    /// Applies a change to the state as it is now, with fresh keys and salts, and signs it.
    async fn build(&self, change: &Change) -> Result<Built> {
        let mut objects = Objects::default();
        for part in &change.parts {
            let Part::Edit { vault, edits } = part else { continue };
            let needed = {
                let contents = self.contents();
                contents.vault(*vault).ok_or(Error::NotFound)?.needs(edits)
            };
            self.fetch(*vault, &needed, &mut objects).await?;
        }
        let state = self.state.borrow();
        let head = state.team.head();
        let stamp = Stamp { author: self.me, seq: head.seq + 1, time: self.platform.now() };
        let mut rng = self.platform.rng();
        let mut ops: Vec<Op> = Vec::new();
        let (mut wraps, mut sealed) = (Vec::new(), Vec::new());
        let (mut vaults, mut keys) = (Vec::new(), Vec::new());
        for part in &change.parts {
            match part {
                Part::CreateVault { vault, parent, subject } => {
                    let subject = subject.clone();
                    let made = new_vault(&state.team, *vault, *parent, subject, stamp, &mut rng)?;
                    ops.extend(made.ops);
                    wraps.extend(made.wraps);
                    sealed.extend(made.objects);
                    keys.push((*vault, made.key));
                    vaults.push(made.vault);
                }
                Part::Edit { vault: id, edits } => {
                    let public = state.team.vault(*id).ok_or(Error::NotFound)?;
                    let key_version = public.key_version();
                    let vault = state.contents.vault(*id).ok_or(Error::NotFound)?;
                    if vault.tree() != public.tree {
                        // Its newest state does not open: nothing can be put on top of it.
                        return Err(Error::Damaged);
                    }
                    let staged = vault.stage(
                        edits,
                        &change.note,
                        key_version,
                        stamp,
                        &state.keyring,
                        &objects,
                        &mut rng,
                    )?;
                    ops.push(Op::Commit(staged.commit));
                    sealed.extend(uploads(*id, staged.objects));
                    vaults.push(staged.vault);
                }
            }
        }
        let entry = Entry::after(state.team.id(), head, self.me, stamp.time, ops);
        let entry = SignedEntry::new(&entry, |bytes| self.keyset.sign(bytes));
        Ok(Built { push: Push { entry, wraps, objects: sealed }, vaults, keys })
    }

    async fn acknowledged(&self, built: Built) -> Result<Head> {
        let mut team = self.state.borrow().team.clone();
        team.extend(&built.push.entry)?;
        let head = team.head();
        self.pin(&team, &[head.hash]).await?;
        candidate::drop(&self.platform).await?;
        let mut state = self.state.borrow_mut();
        state.log.push(head.hash);
        built.keys.into_iter().for_each(|(vault, key)| state.keyring.insert(vault, 1, key));
        built.vaults.into_iter().for_each(|vault| state.contents.insert(vault));
        state.team = team;
        state.synced_at = self.platform.now();
        Ok(head)
    }

    /// An entry of an earlier run that is not in the log: posted again as it is, or given up.
    async fn settle(&self, push: Push) -> Result<Settled> {
        let (team, head) = self.place();
        let place = push.entry.claim(|entry| (entry.seq, entry.prev));
        let follows = place.is_ok_and(|place| place == (head.seq + 1, Some(head.hash)));
        // Without objects it was kept only to be found again.
        if !follows || push.objects.is_empty() {
            return Ok(Settled::Lost);
        }
        let posted = self
            .session
            .call(&self.platform, &self.keyset, async |token| {
                api::push(&self.platform, token, team, &push).await
            })
            .await;
        match posted {
            // What counts is the entry, not the server's word that it is there.
            Ok(PushReply::Pushed(pushed)) if pushed.head.hash == push.entry.hash() => {
                let mut team = self.team().clone();
                if team.extend(&push.entry).is_err() {
                    return Ok(Settled::Lost);
                }
                let new = vec![pushed.head.hash];
                self.pin(&team, &new).await?;
                self.adopt(team, new).await?;
                Ok(Settled::Saved)
            }
            Ok(PushReply::Pushed(_)) => Err(Error::BadReply),
            Ok(PushReply::Lost) | Err(Error::Refused(_)) => Ok(Settled::Lost),
            Ok(PushReply::Later(_)) => Err(Error::Unreachable(crate::platform::Unreachable)),
            Err(other) => Err(other),
        }
    }

    /// Writes the checkpoint that new devices start from, if the log has advanced since.
    async fn raise_checkpoint(&self, mut account: OpenAccount) -> Result<()> {
        let (team, head) = self.place();
        loop {
            let known = account.contents.teams.iter().find(|seat| seat.team == team);
            if known.is_none_or(|seat| seat.checkpoint.seq >= head.seq) {
                return self.saw_generation(account.generation).await;
            }
            let raised = |seat: &TeamSeat| TeamSeat {
                team: seat.team,
                member: seat.member,
                seed: seat.seed,
                checkpoint: if seat.team == team { head } else { seat.checkpoint },
            };
            let contents =
                AccountContents { teams: account.contents.teams.iter().map(raised).collect() };
            let generation = account.generation + 1;
            let sealed = self
                .keys
                .seal(&contents, generation, &mut self.platform.rng())
                .map_err(|_| Error::TooLarge)?;
            let put = PutAccount {
                base: account.generation,
                sealed: sealed.into_bytes().into(),
                login_key: self.keys.login_public(),
            };
            match api::put_account(&self.platform, &account.token, &put).await {
                Ok(PutReply::Written) => return self.saw_generation(generation).await,
                // It is for later devices: a full disk does not keep this one locked.
                Err(Error::Refused(_)) => return self.saw_generation(account.generation).await,
                Err(other) => return Err(other),
                Ok(PutReply::Newer(blob)) => {
                    if blob.generation <= account.generation {
                        return Err(Error::OldAccount);
                    }
                    let sealed = subrosa_core::envelope::Sealed::claimed(blob.sealed.into());
                    // The keys are right: they have opened the blob before this one.
                    account.contents =
                        self.keys.open(&sealed, blob.generation).map_err(|_| Error::BadReply)?;
                    account.generation = blob.generation;
                }
            }
        }
    }

    /// From here on this device takes no older account.
    async fn saw_generation(&self, generation: u64) -> Result<()> {
        self.generation.set(generation);
        let shown = self.team().clone();
        self.pin(&shown, &[]).await
    }
}

/// Verifies a log from its genesis; it must contain all of `wanted`.
async fn load_log<P: Platform>(
    platform: &P,
    session: &MemberSession,
    keyset: &Keyset,
    id: TeamId,
    wanted: &[Head],
    mut seen: impl FnMut(Hash),
) -> Result<Team> {
    let mut team: Option<Team> = None;
    let mut contained = 0;
    loop {
        let after = team.as_ref().map(|team| team.head().seq);
        let page = session
            .call(platform, keyset, async |token| api::log(platform, token, id, after).await)
            .await?;
        for entry in &page.entries {
            match &mut team {
                None => {
                    let founded = Team::found(entry)?;
                    if founded.id() != id {
                        return Err(Error::Rollback);
                    }
                    team = Some(founded);
                }
                Some(team) => {
                    team.extend(entry)?;
                }
            }
            let head = team.as_ref().map(Team::head);
            contained += wanted.iter().filter(|wanted| Some(**wanted) == head).count();
            head.into_iter().for_each(|head| seen(head.hash));
        }
        match team {
            Some(team) if team.head().seq >= page.last => {
                let whole = contained == wanted.len();
                return if whole { Ok(team) } else { Err(Error::Rollback) };
            }
            _ if page.entries.is_empty() => return Err(Error::BadReply),
            _ => {}
        }
    }
}
