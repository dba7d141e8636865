//! One entry taking effect: what it changes, kept apart from the state before it until all of it holds.

use litemap::LiteMap;

use super::{
    FormerKeys, Loss, MAX_BY_MEMBERS, MAX_HELD, MAX_VAULTS, Member, OpenInvite, PublicKey, Reject,
    Retirement, Role, SealedCard, Team, Vault, VaultRole,
};
use crate::id::{Hash, InviteId, MemberId, VaultId};
use crate::log::{Commit, CreateVault, Entry, MAX_SUMMARY, Op, Rekey, Retire};
use crate::object::ObjectId;

/// The state before an entry, and what it makes of it.
pub(super) struct Step<'a> {
    pub(super) before: &'a Team,
    pub(super) entry: &'a Entry,
    pub(super) changes: Changes,
    done: Vec<(VaultId, Once)>,
    /// Whose role in which vault was set or taken.
    pub(super) settled: Vec<(VaultId, MemberId)>,
    /// Vaults that somebody loses.
    pub(super) lost: Vec<VaultId>,
    /// Whether somebody gets a key that he did not have.
    pub(super) grows: bool,
    /// Vaults whose holders replace their own keys.
    pub(super) due: Vec<VaultId>,
}

/// What is as it will be after the entry; absent what it takes away.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) vaults: LiteMap<VaultId, Vault>,
    pub(super) members: LiteMap<MemberId, Option<Member>>,
    pub(super) invites: LiteMap<InviteId, Option<OpenInvite>>,
    pub(super) former: Vec<FormerKeys>,
    pub(super) losses: Vec<Loss>,
    pub(super) cards: Vec<(MemberId, SealedCard)>,
    pub(super) minimum_client: Option<u32>,
    people: bool,
}

impl Changes {
    pub(super) fn apply(self, team: &mut Team, seq: u64) {
        if self.people || !self.members.is_empty() {
            team.people_seq = seq;
        }
        for (id, vault) in self.vaults {
            team.vaults.insert(id, vault);
        }
        for (id, member) in self.members {
            match member {
                Some(member) => drop(team.members.insert(id, member)),
                None => drop(team.members.remove(&id)),
            }
        }
        for (id, invite) in self.invites {
            match invite {
                Some(invite) => drop(team.invites.insert(id, invite)),
                None => drop(team.invites.remove(&id)),
            }
        }
        team.former.extend(self.former);
        team.losses.extend(self.losses);
        team.cards.extend(self.cards);
        team.minimum_client = self.minimum_client.unwrap_or(team.minimum_client);
    }
}

/// What one entry may do once to each vault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Once {
    Commit,
    Rekey,
    Retire,
}

impl<'a> Step<'a> {
    pub(super) fn new(before: &'a Team, entry: &'a Entry) -> Self {
        Step {
            before,
            entry,
            changes: Changes::default(),
            done: Vec::new(),
            settled: Vec::new(),
            lost: Vec::new(),
            grows: false,
            due: Vec::new(),
        }
    }

    /// Lets the next op take effect.
    pub(super) fn take(&mut self, op: &Op) -> Result<(), Reject> {
        match op {
            Op::Genesis(_) => Err(Reject::Genesis),
            Op::CreateVault(op) => self.create_vault(op),
            Op::Commit(op) => self.commit(op),
            Op::Rekey(op) => self.rekey(op),
            Op::Retire(op) => self.retire(op),
            Op::RotateKeys(op) => self.rotate_keys(op),
            Op::Invite(op) => self.invite(op),
            Op::CancelInvite(id) => self.cancel_invite(*id),
            Op::Add(op) => self.add(op),
            Op::SetRole(op) => self.set_role(*op),
            Op::Revoke(op) => self.revoke(*op),
            Op::Remove(id) => self.remove(*id),
            Op::Promote(id) => self.promote(*id),
            Op::MinimumClient(version) => self.minimum_client(*version),
        }
    }

    /// What holds for the entry as a whole.
    pub(super) fn finish(mut self) -> Result<Changes, Reject> {
        let rekeyed = |vault: VaultId| self.done.contains(&(vault, Once::Rekey));
        if !self.lost.iter().all(|vault| rekeyed(*vault)) {
            return Err(Reject::NotRekeyed);
        }
        let due: Vec<VaultId> = self.due.iter().copied().filter(|it| !rekeyed(*it)).collect();
        for vault in core::mem::take(&mut self.lost) {
            self.change(vault, |vault| vault.unlost_since = vault.key_version());
        }
        for vault in due {
            self.change(vault, |vault| vault.rekey_due = true);
        }
        if !self.changes.members.is_empty() && !self.has_owner() {
            return Err(Reject::LastOwner);
        }
        if self.grows && self.held_keys() > MAX_HELD {
            return Err(Reject::Full);
        }
        self.changes.people = !self.settled.is_empty();
        Ok(self.changes)
    }

    fn create_vault(&mut self, op: &CreateVault) -> Result<(), Reject> {
        if self.vault(op.vault).is_some() {
            return Err(Reject::Vault);
        }
        let author = self.author();
        let role = self.before.members.get(&author).map(|member| member.role);
        let manages = |parent| self.before.role_in(parent, author) == Some(VaultRole::Manager);
        match (role, op.parent) {
            (Some(Role::Owner), None) => {}
            (Some(Role::Owner), Some(parent)) if self.vault(parent).is_some() => {}
            (_, Some(parent)) if self.vault(parent).is_none() => return Err(Reject::Vault),
            (Some(Role::Member), Some(parent)) if manages(parent) => {}
            _ => return Err(Reject::Authority),
        }
        let mut grants = LiteMap::new();
        let mut most = MAX_VAULTS;
        if role == Some(Role::Member) {
            grants.insert(author, VaultRole::Manager);
            most = MAX_BY_MEMBERS;
        }
        if self.vaults().count() >= most {
            return Err(Reject::Full);
        }
        self.grows = true;
        let vault = Vault {
            created: self.entry.seq,
            parent: op.parent,
            grants,
            keys: vec![self.key(op.key_commitment, None)],
            retirements: Vec::new(),
            tree: None,
            tree_seq: self.entry.seq,
            commits: 0,
            tree_key_version: 1,
            oldest_live: 1,
            unlost_since: 1,
            rekey_due: false,
        };
        self.changes.vaults.insert(op.vault, vault);
        Ok(())
    }

    fn commit(&mut self, op: &Commit) -> Result<(), Reject> {
        let mut vault = self.vault(op.vault).ok_or(Reject::Vault)?.clone();
        // A vault that this very entry makes is its author's, by the rules that it was made under.
        let made_here = !self.before.vaults.contains_key(&op.vault);
        let role = self.before.role_in(op.vault, self.author());
        if !made_here && role < Some(VaultRole::Writer) {
            return Err(Reject::Authority);
        }
        self.once(op.vault, Once::Commit)?;
        if op.base != vault.tree || op.base == Some(op.tree) {
            return Err(Reject::Base);
        }
        if op.key_version != vault.key_version() || !vault.in_use().contains(&op.oldest_live) {
            return Err(Reject::KeyVersion);
        }
        if op.summary.len() > MAX_SUMMARY {
            return Err(Reject::Summary);
        }
        vault.tree = Some(op.tree);
        vault.tree_seq = self.entry.seq;
        vault.tree_key_version = op.key_version;
        vault.oldest_live = op.oldest_live;
        vault.commits += 1;
        self.changes.vaults.insert(op.vault, vault);
        Ok(())
    }

    fn rekey(&mut self, op: &Rekey) -> Result<(), Reject> {
        let mut vault = self.managed(op.vault)?;
        self.once(op.vault, Once::Rekey)?;
        if Some(op.version) != vault.key_version().checked_add(1) {
            return Err(Reject::KeyVersion);
        }
        vault.keys.push(self.key(op.key_commitment, op.backlink));
        vault.rekey_due = false;
        self.changes.vaults.insert(op.vault, vault);
        Ok(())
    }

    fn retire(&mut self, op: &Retire) -> Result<(), Reject> {
        let mut vault = self.managed(op.vault)?;
        self.once(op.vault, Once::Retire)?;
        if op.version <= vault.retired() || op.version >= vault.key_version() {
            return Err(Reject::KeyVersion);
        }
        if vault.oldest_live <= op.version {
            return Err(Reject::Live);
        }
        vault.retirements.push(Retirement { version: op.version, seq: self.entry.seq });
        self.changes.vaults.insert(op.vault, vault);
        Ok(())
    }

    fn minimum_client(&mut self, version: u32) -> Result<(), Reject> {
        if !self.author_is_owner() {
            return Err(Reject::Authority);
        }
        if version <= self.changes.minimum_client.unwrap_or(self.before.minimum_client) {
            return Err(Reject::MinimumClient);
        }
        self.changes.minimum_client = Some(version);
        Ok(())
    }

    fn key(&self, commitment: Hash, backlink: Option<ObjectId>) -> PublicKey {
        PublicKey { commitment, backlink, seq: self.entry.seq, time: self.entry.time }
    }

    /// A vault that was there before this entry and that the author managed then, as it is now.
    fn managed(&self, id: VaultId) -> Result<Vault, Reject> {
        if !self.before.vaults.contains_key(&id) {
            return Err(Reject::Vault);
        }
        if self.before.role_in(id, self.author()) < Some(VaultRole::Manager) {
            return Err(Reject::Authority);
        }
        self.vault(id).cloned().ok_or(Reject::Vault)
    }

    fn once(&mut self, vault: VaultId, what: Once) -> Result<(), Reject> {
        if self.done.contains(&(vault, what)) {
            return Err(Reject::Repeated);
        }
        self.done.push((vault, what));
        Ok(())
    }

    pub(super) fn author(&self) -> MemberId {
        self.entry.author
    }

    pub(super) fn vault(&self, id: VaultId) -> Option<&Vault> {
        self.changes.vaults.get(&id).or_else(|| self.before.vaults.get(&id))
    }

    /// All vaults as they are now.
    pub(super) fn vaults(&self) -> impl Iterator<Item = (&VaultId, &Vault)> {
        let changed = &self.changes.vaults;
        let before = self.before.vaults.iter().filter(|(id, _)| !changed.contains_key(id));
        before.chain(changed.iter())
    }

    /// Changes a vault that is there.
    pub(super) fn change(&mut self, id: VaultId, change: impl FnOnce(&mut Vault)) {
        let Some(mut vault) = self.vault(id).cloned() else { return };
        change(&mut vault);
        self.changes.vaults.insert(id, vault);
    }
}
