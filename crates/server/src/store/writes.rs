//! The writes, each judged whole inside its transaction.

use std::collections::BTreeSet;

use subrosa_wire::api::{
    AccountBlob, FoundTeam, LastUse, LogPage, MAX_ACCOUNT, MAX_JOINS, MissingKey, NewAccount,
    PostJoin, Push, Pushed, PutAccount, RecoverTeam,
};
use subrosa_wire::encoding::Malformed;
use subrosa_wire::id::{Hash, InviteId, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::log::{Entry, Head, Op, Retire, SignedEntry, WRAP_BYTES, Wrap};
use subrosa_wire::object::{MAX_SEALED, ObjectId, Upload};
use subrosa_wire::team::{Reject, Team, VaultRole};

use super::writer::{Group, Operation};
use super::{Account, Setup, StoreError, Write};

/// Why a write does not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another entry came first: what the author missed.
    #[error("another entry came first")]
    Missed(LogPage),
    /// The account has a newer blob.
    #[error("the account has a newer blob")]
    Generation(AccountBlob),
    /// The reducer rejects the entry.
    #[error(transparent)]
    Rejected(#[from] Reject),
    /// A commit's tree, or a key's backlink, is neither stored nor uploaded under its vault.
    #[error("a commit's tree, or a key's backlink, is not among its vault's objects")]
    NoObject,
    /// A login key that anyone can sign for.
    #[error("a weak login key")]
    WeakKey,
    /// The locator has an account already.
    #[error("the account exists already")]
    AccountExists,
    /// The entry is not signed by the session's member, or uploads to a vault that this member may
    /// not write.
    #[error("the caller may not do this")]
    Forbidden,
    /// The setup token is wrong, or was used.
    #[error("the setup token is wrong, or was used")]
    SetupToken,
    /// Wraps of a key, or to somebody, that they are not for now; a join that keys or link did not
    /// sign.
    #[error("not what the log asks for now")]
    Unfit,
    /// As many joins as there may be wait by this invite.
    #[error("too many joins wait by this invite")]
    TooManyJoins,
    /// An object or a blob over the limit.
    #[error("over a limit of size")]
    TooLarge,
    /// The team's quota is used up.
    #[error("the team's quota is used up")]
    Quota,
    /// The account has another login key than the session was opened with.
    #[error("the account has another login key now")]
    SignedOut,
    /// The account or the team is not here.
    #[error("not here")]
    NotFound,
    /// Too many writes wait, or the server is shutting down.
    #[error("no more writes are taken now")]
    Busy,
    /// The store failed on this write.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The transaction that this write was part of did not commit.
    #[error("not committed: {0}")]
    NotCommitted(StoreError),
}

/// An entry with its wraps and objects, hashed and ready for the writer.
pub struct PushEntry {
    entry: SignedEntry,
    head: Head,
    prev: Option<Hash>,
    author: MemberId,
    takes_away: bool,
    wraps: Vec<Wrap>,
    objects: Vec<(ObjectId, Upload)>,
}

impl PushEntry {
    /// Hashes what is to be pushed; done here rather than in the one thread that writes.
    ///
    /// # Errors
    /// [`Malformed`], if the entry's body is.
    pub fn new(push: Push) -> Result<Self, Malformed> {
        let Push { entry, wraps, objects } = push;
        let takes_away = |op: &Op| matches!(op, Op::Remove(_) | Op::Revoke(_) | Op::RotateKeys(_));
        let (seq, prev, author, takes_away) = entry.claim(|entry| {
            (entry.seq, entry.prev, entry.author, entry.ops.iter().any(takes_away))
        })?;
        let head = Head { seq, hash: entry.hash() };
        let named = |upload: Upload| (ObjectId::of(&upload.sealed), upload);
        let mut objects: Vec<_> = objects.into_iter().map(named).collect();
        // As they are in the index: those that are close to each other there are written in turn.
        objects.sort_unstable_by_key(|(name, _)| *name);
        Ok(PushEntry { entry, head, prev, author, takes_away, wraps, objects })
    }

    /// Whether it says that it takes something from somebody.
    #[must_use]
    pub fn takes_away(&self) -> bool {
        self.takes_away
    }

    /// How many bytes it brings beside its entry.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let wraps = self.wraps.iter().map(|wrap| wrap.sealed.len() as u64);
        wraps.chain(self.objects.iter().map(|(_, upload)| upload.sealed.len() as u64)).sum()
    }

    /// Appends the entry to `team`'s log, with what it brings, and yields the state after it.
    fn append(&self, mut team: Team, group: &Group<'_>) -> Result<Team, WriteError> {
        let before: Vec<InviteId> = team.invites().map(|(id, _)| id).collect();
        let entry = team.extend(&self.entry)?;
        team.check_wraps(entry.value(), &self.wraps)?;
        self.check_objects(&team, entry.value(), group)?;

        let (id, tx) = (team.id(), group.tx);
        for invite in before.into_iter().filter(|invite| team.invite(*invite).is_none()) {
            tx.drop_joins(id, invite)?;
        }
        let mut freed = drop_unheld(&team, entry.value(), tx)?;
        let mut bytes = self.entry_bytes();
        tx.append(id, self.head.seq, &self.entry)?;
        for wrap in &self.wraps {
            tx.add_wrap(id, self.author, keys_of(&team, wrap.recipient), wrap)?;
            bytes += wrap.sealed.len() as u64;
        }
        for (name, Upload { vault, sealed }) in &self.objects {
            if tx.add_object(id, *vault, *name, sealed)? {
                bytes += sealed.len() as u64;
            }
        }
        freed += drop_retired(&team, entry.value(), tx)?;
        account_for(id, bytes, freed, group)?;
        Ok(team)
    }

    fn entry_bytes(&self) -> u64 {
        subrosa_wire::encoding::encode(&self.entry).len() as u64
    }

    fn check_objects(
        &self,
        team: &Team,
        entry: &Entry,
        group: &Group<'_>,
    ) -> Result<(), WriteError> {
        if self.objects.iter().any(|(_, upload)| upload.sealed.len() > MAX_SEALED) {
            return Err(WriteError::TooLarge);
        }
        let vaults: BTreeSet<VaultId> = self.objects.iter().map(|(_, it)| it.vault).collect();
        let writes = |vault| team.role_in(vault, entry.author) >= Some(VaultRole::Writer);
        if !vaults.into_iter().all(writes) {
            return Err(WriteError::Forbidden);
        }
        for op in &entry.ops {
            let (vault, object) = match op {
                Op::Commit(commit) => (commit.vault, Some(commit.tree)),
                Op::Rekey(rekey) => (rekey.vault, rekey.backlink),
                _ => continue,
            };
            let Some(object) = object else { continue };
            let is_it = |(name, it): &(ObjectId, Upload)| (*name, it.vault) == (object, vault);
            let uploaded = self.objects.iter().any(is_it);
            if !uploaded && !group.tx.has_object(team.id(), vault, object)? {
                return Err(WriteError::NoObject);
            }
        }
        Ok(())
    }

    /// What the author missed, if this entry follows an earlier entry of this very log.
    fn missed(&self, team: &Team, group: &Group<'_>) -> Result<Option<LogPage>, WriteError> {
        let Some(before) = self.head.seq.checked_sub(1) else {
            return Ok(None);
        };
        if before >= team.head().seq || group.tx.entry_hash(team.id(), before)? != self.prev {
            return Ok(None);
        }
        Ok(Some(group.tx.page(team.id(), Some(before))?))
    }
}

/// Drops the wraps to keys that an entry takes away: a removed member's, and those that were replaced.
/// Yields how many bytes that frees.
fn drop_unheld(team: &Team, entry: &Entry, tx: &dyn Write) -> Result<u64, StoreError> {
    let mut freed = 0;
    for op in &entry.ops {
        let (member, since) = match op {
            Op::Remove(member) => {
                tx.drop_last_use(team.id(), *member)?;
                (*member, u64::MAX)
            }
            // Who replaces its own keys wraps to them what those just before still open.
            Op::RotateKeys(op) if op.member == entry.author && op.member != team.root() => {
                (op.member, keys_before(team, op.member))
            }
            Op::RotateKeys(op) => (op.member, keys_of(team, op.member)),
            _ => continue,
        };
        freed += tx.drop_wraps_to(team.id(), member, since)?;
    }
    Ok(freed)
}

/// The entry that gave a member its keys.
pub fn keys_of(team: &Team, member: MemberId) -> u64 {
    team.member(member).map_or(0, |member| member.seq)
}

/// The entry that gave a member the keys which its own were in the place of; 0 for its first.
fn keys_before(team: &Team, member: MemberId) -> u64 {
    let mut replaced = team.former().iter().rev().filter(|keys| keys.member == member);
    replaced.nth(1).map_or(0, |keys| keys.seq)
}

/// Adds to what the team uses, and takes off it.
fn account_for(team: TeamId, bytes: u64, freed: u64, group: &Group<'_>) -> Result<(), WriteError> {
    let used = group.tx.used(team)?.saturating_add(bytes).saturating_sub(freed);
    if used > group.quota {
        return Err(WriteError::Quota);
    }
    group.tx.set_used(team, used)?;
    Ok(())
}

/// Drops what leads to keys that an entry has retired: their wraps, and the backlinks that have
/// them. Yields how many bytes that frees.
fn drop_retired(team: &Team, entry: &Entry, tx: &dyn Write) -> Result<u64, StoreError> {
    let mut freed = 0;
    for op in &entry.ops {
        let Op::Retire(Retire { vault: id, version }) = op else { continue };
        let Some(vault) = team.vault(*id) else { continue };
        freed += tx.drop_wraps(team.id(), *id, *version)?;
        // The key after the last one that is retired has that one in its backlink.
        let keys = vault.keys.iter().take(*version as usize + 1);
        let links = keys.filter_map(|key| key.backlink);
        for link in links.filter(|link| Some(*link) != vault.tree) {
            freed += tx.drop_object(team.id(), *id, link)?;
        }
    }
    Ok(freed)
}

/// Appends an entry to a team's log.
pub struct PushTo {
    /// The team.
    pub team: TeamId,
    /// The session's member, who must be the entry's author.
    pub caller: MemberId,
    /// The entry.
    pub push: PushEntry,
}

impl Operation for PushTo {
    type Done = Pushed;

    fn run(&self, group: &mut Group<'_>) -> Result<Pushed, WriteError> {
        if self.push.author != self.caller {
            return Err(WriteError::Forbidden);
        }
        let head = self.push.head;
        if let Some(seq) = group.tx.entry_seq(self.team, head.hash)? {
            return Ok(Pushed { head: Head { seq, ..head } });
        }
        let team = group.team(self.team).ok_or(WriteError::NotFound)?;
        // Who was removed just before is not told what came after.
        if team.member(self.caller).is_none() {
            return Err(WriteError::Forbidden);
        }
        if let Some(page) = self.push.missed(&team, group)? {
            return Err(WriteError::Missed(page));
        }
        let team = self.push.append(Team::clone(&team), group)?;
        group.advance(team);
        Ok(Pushed { head })
    }
}

/// Registers the first account and founds its team, with the setup token.
pub struct Found {
    token: Hash,
    account: NewAccount,
    genesis: SignedEntry,
    first: PushEntry,
}

impl Found {
    /// Hashes what is to be founded.
    ///
    /// # Errors
    /// [`Malformed`], if the first entry's body is.
    pub fn new(found: FoundTeam) -> Result<Self, Malformed> {
        let FoundTeam { setup_token, account, genesis, first } = found;
        let token = Hash::of(setup_token.as_bytes());
        Ok(Found { token, account, genesis, first: PushEntry::new(first)? })
    }

    /// Whether this is the request that the team was founded by, posted again.
    fn was_done(&self, group: &Group<'_>) -> Result<bool, WriteError> {
        let (team, tx) = (TeamId(self.genesis.hash()), group.tx);
        Ok(tx.entry_seq(team, self.first.head.hash)? == Some(1)
            && tx.account(self.account.locator)?.is_some())
    }
}

impl Operation for Found {
    type Done = Pushed;

    fn run(&self, group: &mut Group<'_>) -> Result<Pushed, WriteError> {
        let setup = group.tx.setup()?.filter(|setup| setup.hash == self.token);
        let setup = setup.ok_or(WriteError::SetupToken)?;
        let pushed = Pushed { head: self.first.head };
        if setup.used {
            return if self.was_done(group)? { Ok(pushed) } else { Err(WriteError::SetupToken) };
        }

        register(&self.account, group)?;
        let team = Team::found(&self.genesis)?;
        group.tx.append(team.id(), 0, &self.genesis)?;
        let team = self.first.append(team, group)?;
        group.tx.set_setup(Setup { used: true, ..setup })?;
        group.advance(team);
        Ok(pushed)
    }
}

/// Registers an owner's next account with the entry that gives the owner its keys.
pub struct Recover {
    account: NewAccount,
    push: PushTo,
    /// Whether the entry gives somebody other than its author keys: by the reducer, the root alone
    /// may do that.
    rotates: bool,
}

impl Recover {
    /// Hashes what is to be pushed.
    ///
    /// # Errors
    /// [`Malformed`], if the entry's body is.
    pub fn new(
        team: TeamId,
        caller: MemberId,
        RecoverTeam { account, push }: RecoverTeam,
    ) -> Result<Self, Malformed> {
        let rotates = push.entry.claim(|entry| {
            let of_another = |op: &Op| matches!(op, Op::RotateKeys(op) if op.member != caller);
            entry.ops.iter().any(of_another)
        })?;
        let push = PushTo { team, caller, push: PushEntry::new(push)? };
        Ok(Recover { account, push, rotates })
    }

    /// As of what is pushed.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.push.push.bytes()
    }
}

impl Operation for Recover {
    type Done = Pushed;

    fn run(&self, group: &mut Group<'_>) -> Result<Pushed, WriteError> {
        let root = group.team(self.push.team).map(|team| team.root());
        if root != Some(self.push.caller) || !self.rotates {
            return Err(WriteError::Forbidden);
        }
        match group.tx.entry_seq(self.push.team, self.push.push.head.hash)? {
            None => register(&self.account, group)?,
            // The same request again: its account is there.
            Some(_) if group.tx.account(self.account.locator)?.is_some() => {}
            Some(_) => return Err(WriteError::Forbidden),
        }
        self.push.run(group)
    }
}

/// Has a join wait, with the account that was made for it.
pub struct Wait {
    /// The team.
    pub team: TeamId,
    /// The session's invite.
    pub invite: InviteId,
    /// What its link's holder posts.
    pub post: PostJoin,
}

impl Operation for Wait {
    /// Whether it is new.
    type Done = bool;

    fn run(&self, group: &mut Group<'_>) -> Result<bool, WriteError> {
        let PostJoin { account, join } = &self.post;
        let team = group.team(self.team).ok_or(WriteError::NotFound)?;
        let open = team.invite(self.invite).ok_or(WriteError::Forbidden)?;
        if !join.is_sound(self.team, &open.invite) {
            return Err(WriteError::Unfit);
        }
        let waiting = group.tx.joins(self.team, Some(self.invite))?;
        if waiting.contains(join) {
            return match account {
                Some(account) if group.tx.account(account.locator)?.is_none() => {
                    Err(WriteError::Forbidden)
                }
                _ => Ok(false),
            };
        }
        if waiting.len() >= MAX_JOINS {
            return Err(WriteError::TooManyJoins);
        }
        if let Some(account) = account {
            register(account, group)?;
        }
        Ok(group.tx.add_join(self.team, join)?)
    }
}

/// Brings others keys of vaults that they hold.
pub struct Bring {
    /// The team.
    pub team: TeamId,
    /// The session's member, who holds the vaults too.
    pub caller: MemberId,
    /// The keys.
    pub wraps: Vec<Wrap>,
}

impl Operation for Bring {
    /// Whether it is new.
    type Done = bool;

    fn run(&self, group: &mut Group<'_>) -> Result<bool, WriteError> {
        let team = group.team(self.team).ok_or(WriteError::NotFound)?;
        let mut added = 0;
        for wrap in &self.wraps {
            let there = is_of_now(&team, wrap.vault, wrap.version, wrap.recipient);
            if !there || wrap.sealed.len() != WRAP_BYTES {
                return Err(WriteError::Unfit);
            }
            if team.role_in(wrap.vault, self.caller).is_none() {
                return Err(WriteError::Forbidden);
            }
            let keys = keys_of(&team, wrap.recipient);
            added += usize::from(group.tx.add_wrap(self.team, self.caller, keys, wrap)?);
        }
        account_for(self.team, (added * WRAP_BYTES) as u64, 0, group)?;
        Ok(added > 0)
    }
}

/// Notes that a machine has signed in.
pub struct Use {
    /// Its team.
    pub team: TeamId,
    /// Which, and when.
    pub used: LastUse,
}

impl Operation for Use {
    type Done = ();

    fn run(&self, group: &mut Group<'_>) -> Result<(), WriteError> {
        let team = group.team(self.team).ok_or(WriteError::NotFound)?;
        // It may have been removed a moment ago.
        if team.member(self.used.member).is_some() {
            group.tx.set_last_use(self.team, self.used)?;
        }
        Ok(())
    }
}

/// Has a member wait for keys.
pub struct Lack {
    /// The team.
    pub team: TeamId,
    /// The session's member.
    pub caller: MemberId,
    /// The keys.
    pub keys: Vec<MissingKey>,
}

impl Operation for Lack {
    /// Whether it is new.
    type Done = bool;

    fn run(&self, group: &mut Group<'_>) -> Result<bool, WriteError> {
        let team = group.team(self.team).ok_or(WriteError::NotFound)?;
        let mut new = false;
        for key in &self.keys {
            if key.member != self.caller {
                return Err(WriteError::Forbidden);
            }
            if !is_of_now(&team, key.vault, key.version, key.member) {
                return Err(WriteError::Unfit);
            }
            new |= group.tx.add_need(self.team, *key)?;
        }
        Ok(new)
    }
}

/// Whether a member holds a vault, and this version of its key is there and not retired.
fn is_of_now(team: &Team, vault: VaultId, version: u32, member: MemberId) -> bool {
    let holds = team.role_in(vault, member).is_some();
    holds && team.vault(vault).is_some_and(|vault| vault.in_use().contains(&version))
}

/// Replaces an account's blob.
pub struct PutBlob {
    /// The session's account.
    pub locator: Hash,
    /// The login key that the session was opened with.
    pub key: SigningPublic,
    /// The new blob, and the generation that it was made from.
    pub put: PutAccount,
}

impl Operation for PutBlob {
    type Done = ();

    fn run(&self, group: &mut Group<'_>) -> Result<(), WriteError> {
        let PutAccount { base, sealed, login_key } = &self.put;
        check_account(login_key, sealed)?;
        let account = group.tx.account(self.locator)?.ok_or(WriteError::NotFound)?;
        if account.login_key != self.key {
            return Err(WriteError::SignedOut);
        }
        if account.blob.generation != *base {
            return Err(WriteError::Generation(account.blob));
        }
        let account = Account::new(*login_key, base + 1, sealed.clone());
        group.tx.put_account(self.locator, &account)?;
        Ok(())
    }
}

fn register(account: &NewAccount, group: &Group<'_>) -> Result<(), WriteError> {
    let NewAccount { locator, login_key, sealed } = account;
    check_account(login_key, sealed)?;
    if group.tx.account(*locator)?.is_some() {
        return Err(WriteError::AccountExists);
    }
    group.tx.put_account(*locator, &Account::new(*login_key, 1, sealed.clone()))?;
    Ok(())
}

fn check_account(login_key: &SigningPublic, sealed: &[u8]) -> Result<(), WriteError> {
    if sealed.len() > MAX_ACCOUNT {
        return Err(WriteError::TooLarge);
    }
    if login_key.is_sound() { Ok(()) } else { Err(WriteError::WeakKey) }
}
