//! The pure reducer: `state × entry → state | reject`, run by server and clients alike.
//!
//! An entry is judged whole and by public state alone: the author's authority from the state before
//! it, targets from left to right, recipients and owners from the state after it.

use litemap::LiteMap;

use crate::SUITE;
use crate::encoding::Malformed;
use crate::id::{Hash, MemberId, TeamId, VaultId};
use crate::keyset::{PublicKeyset, SigningPublic};
use crate::log::{
    Commit, CreateVault, Entry, Genesis, Head, KeyVersion, KeysClaim, MAX_SUMMARY, Op, Rekey,
    Retire, RootClaim, RotateKeys, SignedEntry, WRAP_BYTES, Wrap, wraps_hash,
};
use crate::object::ObjectId;
use crate::signed::{BadSigned, Verified};

/// A team as its log says it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Team {
    id: TeamId,
    head: Head,
    founder: MemberId,
    root: MemberId,
    directory: VaultId,
    members: LiteMap<MemberId, Member>,
    former: Vec<FormerKeys>,
    vaults: LiteMap<VaultId, Vault>,
}

/// One member in good standing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Its role in the team.
    pub role: Role,
    /// Its current keys.
    pub keyset: PublicKeyset,
    /// The number of the entry that gave it these keys.
    pub seq: u64,
    /// When, by that entry's author's clock, in milliseconds since 1970.
    pub time: u64,
}

/// Keys that were a member's once, and are nobody's now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormerKeys {
    /// Whose they were.
    pub member: MemberId,
    /// The key to check signatures.
    pub signing: SigningPublic,
    /// The hash of the key to wrap to.
    pub kem: Hash,
    /// The number of the entry that replaced them.
    pub seq: u64,
    /// When, by that entry's author's clock, in milliseconds since 1970.
    pub time: u64,
}

/// A member's role in the team.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Holds every vault's key and may do all.
    Owner,
    /// Has what it was granted, vault by vault.
    Member,
}

/// A member's role in one vault, from less to more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum VaultRole {
    /// Reads.
    Reader,
    /// Reads and commits.
    Writer,
    /// Writes, and decides who else may.
    Manager,
}

/// A vault's public state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vault {
    /// The number of the entry that made it.
    pub created: u64,
    /// The vault whose managers might make this one.
    pub parent: Option<VaultId>,
    /// Who was granted what, owners aside.
    pub grants: LiteMap<MemberId, VaultRole>,
    /// Its keys; version 1 comes first.
    pub keys: Vec<PublicKey>,
    /// What was retired, the first first.
    pub retirements: Vec<Retirement>,
    /// The manifest's root page; none before the first commit.
    pub tree: Option<ObjectId>,
    /// How many commits there were: the root page's version.
    pub commits: u64,
    /// The key version that the current tree was committed under.
    pub tree_key_version: KeyVersion,
    /// The oldest key version that anything live needs.
    pub oldest_live: KeyVersion,
    /// The key version since which nobody has lost the vault: keys that were replaced held those before.
    pub unlost_since: KeyVersion,
}

/// What the log says of one version of a vault's key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublicKey {
    /// The commitment to it.
    pub commitment: Hash,
    /// The object with the key before it; version 1 has none.
    pub backlink: Option<ObjectId>,
    /// The number of the entry that gave it.
    pub seq: u64,
    /// When, by that entry's author's clock, in milliseconds since 1970.
    pub time: u64,
}

/// The versions of a vault's key up to one were refused for good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retirement {
    /// The newest of them.
    pub version: KeyVersion,
    /// The number of the entry that did it.
    pub seq: u64,
}

impl Vault {
    /// The current key version.
    #[must_use]
    pub fn key_version(&self) -> KeyVersion {
        self.keys.len() as KeyVersion
    }

    /// What the log says of key version `version`.
    #[must_use]
    pub fn key(&self, version: KeyVersion) -> Option<&PublicKey> {
        self.keys.get((version as usize).checked_sub(1)?)
    }

    /// The newest key version that is refused for good; 0 where none is.
    #[must_use]
    pub fn retired(&self) -> KeyVersion {
        self.retirements.last().map_or(0, |last| last.version)
    }
}

/// Why an entry does not extend a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Reject {
    /// Not canonical, or not signed by its author's current key.
    #[error(transparent)]
    Signed(#[from] BadSigned),
    /// Another suite.
    #[error("unknown suite: this client is too old, or the entry is not ours")]
    Suite,
    /// Of another team.
    #[error("an entry of another team")]
    Team,
    /// It does not follow the current head.
    #[error("does not follow the head of the log")]
    Head,
    /// Its author is no member, or not the one whose key signed it.
    #[error("its author is not a member with that key")]
    Author,
    /// A genesis that is malformed, or in another place than the first.
    #[error("not a genesis in its place")]
    Genesis,
    /// A key that anyone can sign for, or one that was used before.
    #[error("a weak or re-used key")]
    Key,
    /// Entry 1 does something else than create the directory vault.
    #[error("the directory vault must come first")]
    Directory,
    /// An entry that does nothing. One with too many ops does not decode.
    #[error("an entry without ops")]
    Ops,
    /// Two ops on one target where only one may be.
    #[error("two ops on one target")]
    Repeated,
    /// The author may not do this.
    #[error("the author may not do this")]
    Authority,
    /// It is about somebody who is no member.
    #[error("no such member")]
    Member,
    /// A vault that keys held which are replaced, and that is given no next key with them.
    #[error("keys are replaced, and a vault that they held is given no next key")]
    NotRekeyed,
    /// A vault that does not exist, or exists already.
    #[error("no such vault, or it exists already")]
    Vault,
    /// The tree that it was made from is not the vault's current one.
    #[error("the base is not the vault's current tree")]
    Base,
    /// A key version that the vault's state does not allow.
    #[error("a key version that the vault does not have now")]
    KeyVersion,
    /// A key version that something live still needs.
    #[error("something live still needs that key version")]
    Live,
    /// A summary over the limit.
    #[error("a summary over the limit")]
    Summary,
    /// Wraps are missing, superfluous, of a wrong length, or not those that were signed.
    #[error("the wraps are not those to all holders that the entry signed")]
    Wraps,
}

impl From<Malformed> for Reject {
    fn from(malformed: Malformed) -> Self {
        Reject::Signed(malformed.into())
    }
}

impl Team {
    /// The team that `genesis` founds.
    ///
    /// # Errors
    /// [`Reject`].
    pub fn found(genesis: &SignedEntry) -> Result<Team, Reject> {
        let key = genesis.claim(|entry| match entry.ops.as_slice() {
            [Op::Genesis(genesis)] => Some(genesis.founder.signing),
            _ => None,
        })?;
        let entry = genesis.verify(key.ok_or(Reject::Genesis)?)?;
        let Entry { suite, team: None, seq: 0, prev: None, author, ops, time } = entry.value()
        else {
            return Err(Reject::Genesis);
        };
        if *suite != SUITE {
            return Err(Reject::Suite);
        }
        let [Op::Genesis(genesis)] = ops.as_slice() else { return Err(Reject::Genesis) };
        let Genesis { founder, root, root_keyset, root_proof, directory } = &**genesis;
        if root == author {
            return Err(Reject::Genesis);
        }
        let sound = founder.signing.is_sound() && root_keyset.signing.is_sound();
        if !sound || founder.signing == root_keyset.signing || founder.kem == root_keyset.kem {
            return Err(Reject::Key);
        }
        let claim = RootClaim {
            founder: *author,
            founder_keyset: founder.clone(),
            root: *root,
            root_keyset: root_keyset.clone(),
            directory: *directory,
        };
        if !root_keyset.signing.verifies(&claim.to_sign(), root_proof) {
            return Err(Reject::Signed(BadSigned::Signature));
        }
        let owner = |keyset: &PublicKeyset| Member {
            role: Role::Owner,
            keyset: keyset.clone(),
            seq: 0,
            time: *time,
        };
        let mut members = LiteMap::new();
        members.insert(*author, owner(founder));
        members.insert(*root, owner(root_keyset));
        Ok(Team {
            id: TeamId(entry.hash()),
            head: Head { seq: 0, hash: entry.hash() },
            founder: *author,
            root: *root,
            directory: *directory,
            members,
            former: Vec::new(),
            vaults: LiteMap::new(),
        })
    }

    /// Checks `entry`'s signature by its author's current key, then lets it take effect.
    ///
    /// # Errors
    /// [`Reject`]; the state is then as it was.
    pub fn extend(&mut self, entry: &SignedEntry) -> Result<Verified<Entry>, Reject> {
        let author = entry.claim(|entry| entry.author)?;
        let key = self.members.get(&author).ok_or(Reject::Author)?.keyset.signing;
        let entry = entry.verify(key)?;
        self.apply(&entry)?;
        Ok(entry)
    }

    /// Lets a verified entry take effect.
    ///
    /// # Errors
    /// [`Reject`]; the state is then as it was.
    pub fn apply(&mut self, verified: &Verified<Entry>) -> Result<(), Reject> {
        let entry = verified.value();
        if entry.suite != SUITE {
            return Err(Reject::Suite);
        }
        if entry.team != Some(self.id) {
            return Err(Reject::Team);
        }
        if (entry.seq, entry.prev) != (self.head.seq + 1, Some(self.head.hash)) {
            return Err(Reject::Head);
        }
        let author = self.members.get(&entry.author).ok_or(Reject::Author)?;
        if author.keyset.signing != verified.signer() {
            return Err(Reject::Author);
        }
        if entry.ops.is_empty() {
            return Err(Reject::Ops);
        }
        self.directory_comes_first(entry)?;

        let mut next = Step {
            before: self,
            time: entry.time,
            touched: LiteMap::new(),
            done: Vec::new(),
            rotated: LiteMap::new(),
        };
        for op in &entry.ops {
            match op {
                Op::Genesis(_) => return Err(Reject::Genesis),
                Op::CreateVault(op) => next.create_vault(entry.author, op)?,
                Op::Commit(op) => next.commit(entry.author, op)?,
                Op::Rekey(op) => next.rekey(entry.author, op)?,
                Op::Retire(op) => next.retire(entry.author, op)?,
                Op::RotateKeys(op) => next.rotate_keys(entry.author, op)?,
            }
        }
        next.rotated_keys_open_nothing_more()?;
        let Step { mut touched, rotated, .. } = next;
        if !rotated.is_empty() {
            for (_, vault) in touched.iter_mut() {
                vault.unlost_since = vault.key_version();
            }
        }
        for (id, vault) in touched {
            self.vaults.insert(id, vault);
        }
        for (id, keyset) in rotated {
            self.replace_keys(id, keyset, entry);
        }
        self.head = Head { seq: entry.seq, hash: verified.hash() };
        Ok(())
    }

    fn replace_keys(&mut self, id: MemberId, keyset: PublicKeyset, entry: &Entry) {
        let Entry { seq, time, .. } = *entry;
        let Some(member) = self.members.get_mut(&id) else { return };
        let before = core::mem::replace(&mut member.keyset, keyset);
        (member.seq, member.time) = (seq, time);
        let (signing, kem) = (before.signing, Hash::of(&before.kem.0));
        self.former.push(FormerKeys { member: id, signing, kem, seq, time });
    }

    fn directory_comes_first(&self, entry: &Entry) -> Result<(), Reject> {
        if entry.seq != 1 {
            return Ok(());
        }
        match entry.ops.first() {
            Some(Op::CreateVault(CreateVault { vault, parent: None, .. }))
                if *vault == self.directory && entry.author == self.founder =>
            {
                Ok(())
            }
            _ => Err(Reject::Directory),
        }
    }

    /// Whether `wraps` are exactly those that `entry`, which has just taken effect, must bring: for
    /// each new key in the order of the ops, one to each holder in ascending order.
    ///
    /// # Errors
    /// [`Reject::Wraps`].
    pub fn check_wraps(&self, entry: &Entry, wraps: &[Wrap]) -> Result<(), Reject> {
        let mut rest = wraps;
        for op in &entry.ops {
            let (vault, version, signed) = match op {
                Op::CreateVault(op) => (op.vault, 1, op.wraps),
                Op::Rekey(op) => (op.vault, op.version, op.wraps),
                Op::Genesis(_) | Op::Commit(_) | Op::Retire(_) | Op::RotateKeys(_) => continue,
            };
            let holders = self.holders(vault);
            let (mine, others) = rest.split_at_checked(holders.len()).ok_or(Reject::Wraps)?;
            rest = others;
            let of_this_key = |wrap: &Wrap| (wrap.vault, wrap.version) == (vault, version);
            let whole = |wrap: &Wrap| wrap.sealed.len() == WRAP_BYTES;
            if !mine.iter().all(|wrap| of_this_key(wrap) && whole(wrap))
                || !mine.iter().map(|wrap| wrap.recipient).eq(holders)
                || wraps_hash(mine) != signed
            {
                return Err(Reject::Wraps);
            }
        }
        if rest.is_empty() { Ok(()) } else { Err(Reject::Wraps) }
    }

    /// The team's id.
    #[must_use]
    pub fn id(&self) -> TeamId {
        self.id
    }

    /// The last entry that took effect.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head
    }

    /// The root's member id.
    #[must_use]
    pub fn root(&self) -> MemberId {
        self.root
    }

    /// The vault of the team's name and its members' cards.
    #[must_use]
    pub fn directory(&self) -> VaultId {
        self.directory
    }

    /// A member in good standing.
    #[must_use]
    pub fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.get(&id)
    }

    /// All members in good standing.
    pub fn members(&self) -> impl Iterator<Item = (MemberId, &Member)> {
        self.members.iter().map(|(id, member)| (*id, member))
    }

    /// Keys that were a member's once, in the order in which they were replaced.
    #[must_use]
    pub fn former(&self) -> &[FormerKeys] {
        &self.former
    }

    /// A vault's public state.
    #[must_use]
    pub fn vault(&self, id: VaultId) -> Option<&Vault> {
        self.vaults.get(&id)
    }

    /// All vaults.
    pub fn vaults(&self) -> impl Iterator<Item = (VaultId, &Vault)> {
        self.vaults.iter().map(|(id, vault)| (*id, vault))
    }

    /// What `member` may do in `vault`; owners manage every vault.
    #[must_use]
    pub fn role_in(&self, vault: VaultId, member: MemberId) -> Option<VaultRole> {
        let grants = &self.vaults.get(&vault)?.grants;
        match self.members.get(&member)?.role {
            Role::Owner => Some(VaultRole::Manager),
            Role::Member => grants.get(&member).copied(),
        }
    }

    /// Who holds `vault`'s key, ascending: all owners and whoever was granted it.
    #[must_use]
    pub fn holders(&self, vault: VaultId) -> Vec<MemberId> {
        let grants = self.vaults.get(&vault).map(|vault| &vault.grants);
        self.holders_with(grants.into_iter().flat_map(|grants| grants.keys().copied()))
    }

    /// Who will hold a vault that `author` makes now, ascending.
    #[must_use]
    pub fn holders_of_new(&self, author: MemberId) -> Vec<MemberId> {
        self.holders_with([author])
    }

    fn holders_with(&self, granted: impl IntoIterator<Item = MemberId>) -> Vec<MemberId> {
        let owners = self.members().filter(|(_, member)| member.role == Role::Owner);
        let mut holders = Vec::new();
        for id in owners.map(|(id, _)| id).chain(granted) {
            if let Err(place) = holders.binary_search(&id) {
                holders.insert(place, id);
            }
        }
        holders
    }
}

/// One entry taking effect: what it has touched so far, over the state before it.
struct Step<'a> {
    before: &'a Team,
    /// The entry's.
    time: u64,
    touched: LiteMap<VaultId, Vault>,
    done: Vec<(VaultId, Once)>,
    rotated: LiteMap<MemberId, PublicKeyset>,
}

/// What one entry may do once to each vault.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Once {
    Commit,
    Rekey,
    Retire,
}

impl Step<'_> {
    fn create_vault(&mut self, author: MemberId, op: &CreateVault) -> Result<(), Reject> {
        if self.vault(op.vault).is_some() {
            return Err(Reject::Vault);
        }
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
        if role == Some(Role::Member) {
            grants.insert(author, VaultRole::Manager);
        }
        let vault = Vault {
            created: self.seq(),
            parent: op.parent,
            grants,
            keys: vec![self.key(op.key_commitment, None)],
            retirements: Vec::new(),
            tree: None,
            commits: 0,
            tree_key_version: 1,
            oldest_live: 1,
            unlost_since: 1,
        };
        self.touched.insert(op.vault, vault);
        Ok(())
    }

    fn commit(&mut self, author: MemberId, op: &Commit) -> Result<(), Reject> {
        let mut vault = self.vault(op.vault).ok_or(Reject::Vault)?.clone();
        // A vault that this very entry makes is its author's, by the rules that it was made under.
        let made_here = !self.before.vaults.contains_key(&op.vault);
        if !made_here && self.before.role_in(op.vault, author) < Some(VaultRole::Writer) {
            return Err(Reject::Authority);
        }
        self.once(op.vault, Once::Commit)?;
        if op.base != vault.tree || op.base == Some(op.tree) {
            return Err(Reject::Base);
        }
        let live = vault.retired() + 1..=vault.key_version();
        if op.key_version != vault.key_version() || !live.contains(&op.oldest_live) {
            return Err(Reject::KeyVersion);
        }
        if op.summary.len() > MAX_SUMMARY {
            return Err(Reject::Summary);
        }
        vault.tree = Some(op.tree);
        vault.tree_key_version = op.key_version;
        vault.oldest_live = op.oldest_live;
        vault.commits += 1;
        self.touched.insert(op.vault, vault);
        Ok(())
    }

    fn rekey(&mut self, author: MemberId, op: &Rekey) -> Result<(), Reject> {
        let mut vault = self.managed(author, op.vault)?;
        self.once(op.vault, Once::Rekey)?;
        if Some(op.version) != vault.key_version().checked_add(1) {
            return Err(Reject::KeyVersion);
        }
        vault.keys.push(self.key(op.key_commitment, op.backlink));
        self.touched.insert(op.vault, vault);
        Ok(())
    }

    fn retire(&mut self, author: MemberId, op: &Retire) -> Result<(), Reject> {
        let mut vault = self.managed(author, op.vault)?;
        self.once(op.vault, Once::Retire)?;
        if op.version <= vault.retired() || op.version >= vault.key_version() {
            return Err(Reject::KeyVersion);
        }
        if vault.oldest_live <= op.version {
            return Err(Reject::Live);
        }
        vault.retirements.push(Retirement { version: op.version, seq: self.seq() });
        self.touched.insert(op.vault, vault);
        Ok(())
    }

    fn rotate_keys(&mut self, author: MemberId, op: &RotateKeys) -> Result<(), Reject> {
        let RotateKeys { member: id, keyset, proof } = op;
        let is_owner = |id| self.before.member(id).is_some_and(|it| it.role == Role::Owner);
        if self.before.member(*id).is_none() {
            return Err(Reject::Member);
        }
        let root = self.before.root;
        if !is_owner(author) || !is_owner(*id) || (author != root && *id != root) {
            return Err(Reject::Authority);
        }
        let kem = Hash::of(&keyset.kem.0);
        let mut current = self.before.members().map(|(_, member)| &member.keyset);
        let mut former = self.before.former.iter();
        if !keyset.signing.is_sound()
            || current.any(|it| it.signing == keyset.signing || it.kem == keyset.kem)
            || former.any(|it| it.signing == keyset.signing || it.kem == kem)
            || self.rotated.values().any(|it| it.signing == keyset.signing || it.kem == keyset.kem)
        {
            return Err(Reject::Key);
        }
        let (team, member) = (self.before.id, *id);
        let claim = KeysClaim { team, member, keyset: keyset.clone() };
        if !keyset.signing.verifies(&claim.to_sign(), proof) {
            return Err(Reject::Signed(BadSigned::Signature));
        }
        match self.rotated.insert(*id, keyset.clone()) {
            None => Ok(()),
            Some(_) => Err(Reject::Repeated),
        }
    }

    /// Whose keys are replaced held every vault: each has its next key in the same entry.
    fn rotated_keys_open_nothing_more(&self) -> Result<(), Reject> {
        let rekeyed = |vault: &VaultId| self.done.contains(&(*vault, Once::Rekey));
        if self.rotated.is_empty() || self.before.vaults.keys().all(rekeyed) {
            Ok(())
        } else {
            Err(Reject::NotRekeyed)
        }
    }

    /// The entry's number.
    fn seq(&self) -> u64 {
        self.before.head.seq + 1
    }

    fn key(&self, commitment: Hash, backlink: Option<ObjectId>) -> PublicKey {
        PublicKey { commitment, backlink, seq: self.seq(), time: self.time }
    }

    /// A vault that was there before this entry and that the author managed then, as it is now.
    fn managed(&self, author: MemberId, id: VaultId) -> Result<Vault, Reject> {
        if !self.before.vaults.contains_key(&id) {
            return Err(Reject::Vault);
        }
        if self.before.role_in(id, author) < Some(VaultRole::Manager) {
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

    fn vault(&self, id: VaultId) -> Option<&Vault> {
        self.touched.get(&id).or_else(|| self.before.vaults.get(&id))
    }
}

/// What only an owner or the granted may do. No op makes a member who is no owner yet, so that these
/// put one in.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyset::{KEM_PUBLIC_BYTES, KemPublic, SigningPublic};
    use ed25519_dalek::{Signer, SigningKey};

    const OWNER: MemberId = MemberId::from_random([1; 16]);
    const MEMBER: MemberId = MemberId::from_random([2; 16]);
    const PARENT: VaultId = VaultId::from_random([3; 16]);
    const NEW: VaultId = VaultId::from_random([4; 16]);
    const ABSENT: VaultId = VaultId::from_random([5; 16]);

    const KEY: PublicKey = PublicKey { commitment: Hash([0; 32]), backlink: None, seq: 1, time: 0 };

    fn key(who: MemberId) -> SigningKey {
        SigningKey::from_bytes(&Hash::of(who.bytes()).0)
    }

    fn member(who: MemberId, role: Role) -> Member {
        let signing = SigningPublic(key(who).verifying_key().to_bytes());
        let kem = KemPublic([who.bytes()[0]; KEM_PUBLIC_BYTES]);
        Member { role, keyset: PublicKeyset { signing, kem }, seq: 0, time: 0 }
    }

    /// A team of an owner and a member, with one vault in which the member has this role.
    fn team(role: Option<VaultRole>) -> Team {
        let vault = Vault {
            created: 1,
            parent: None,
            grants: role.map(|role| (MEMBER, role)).into_iter().collect(),
            keys: vec![KEY],
            retirements: Vec::new(),
            tree: None,
            commits: 0,
            tree_key_version: 1,
            oldest_live: 1,
            unlost_since: 1,
        };
        Team {
            id: TeamId(Hash([9; 32])),
            head: Head { seq: 7, hash: Hash([8; 32]) },
            founder: OWNER,
            root: OWNER,
            directory: PARENT,
            members: [OWNER, MEMBER]
                .into_iter()
                .zip([Role::Owner, Role::Member])
                .map(|(id, role)| (id, member(id, role)))
                .collect(),
            former: Vec::new(),
            vaults: [(PARENT, vault)].into_iter().collect(),
        }
    }

    fn extend(team: &mut Team, author: MemberId, ops: Vec<Op>) -> Result<(), Reject> {
        let entry = Entry::after(team.id, team.head, author, 0, ops);
        let signed = SignedEntry::new(&entry, |bytes| key(author).sign(bytes).to_bytes());
        team.extend(&signed).map(drop)
    }

    fn create(parent: Option<VaultId>) -> Op {
        let [key_commitment, wraps] = [Hash([0; 32]); 2];
        Op::CreateVault(CreateVault { vault: NEW, parent, key_commitment, wraps })
    }

    fn commit(vault: VaultId) -> Op {
        let tree = ObjectId(Hash([1; 32]));
        let summary = Vec::new().into();
        Op::Commit(Commit { vault, base: None, tree, key_version: 1, oldest_live: 1, summary })
    }

    fn rekey(vault: VaultId) -> Op {
        let [key_commitment, wraps] = [Hash([0; 32]); 2];
        Op::Rekey(Rekey { vault, version: 2, key_commitment, wraps, backlink: None })
    }

    const ROLES: [Option<VaultRole>; 4] =
        [None, Some(VaultRole::Reader), Some(VaultRole::Writer), Some(VaultRole::Manager)];

    #[test]
    fn a_member_commits_as_a_writer_and_above() {
        let granted = [Err(Reject::Authority), Err(Reject::Authority), Ok(()), Ok(())];
        for (role, expected) in ROLES.into_iter().zip(granted) {
            let mut team = team(role);
            assert_eq!(extend(&mut team, MEMBER, vec![commit(PARENT)]), expected, "{role:?}");
            let owner = extend(&mut self::team(role), OWNER, vec![commit(PARENT)]);
            assert_eq!(owner, Ok(()), "{role:?}");
        }
    }

    #[test]
    fn a_member_gives_and_retires_keys_as_a_manager() {
        let refused = Err(Reject::Authority);
        for (role, expected) in ROLES.into_iter().zip([refused, refused, refused, Ok(())]) {
            let mut team = team(role);
            assert_eq!(extend(&mut team, MEMBER, vec![rekey(PARENT)]), expected, "{role:?}");
            assert_eq!(extend(&mut team, OWNER, vec![commit(PARENT)]).is_ok(), expected.is_err());
            let mut team = self::team(role);
            let Some(vault) = team.vaults.get_mut(&PARENT) else { panic!("a vault") };
            vault.keys.push(KEY);
            vault.oldest_live = 2;
            let retire = || vec![Op::Retire(Retire { vault: PARENT, version: 1 })];
            assert_eq!(extend(&mut team, MEMBER, retire()), expected, "{role:?}");
            assert_eq!(extend(&mut team, OWNER, retire()).is_ok(), expected.is_err());
        }
        // What one makes is managed from the next entry on.
        let mut team = team(Some(VaultRole::Manager));
        let made = vec![create(Some(PARENT)), rekey(NEW)];
        assert_eq!(extend(&mut team, MEMBER, made), Err(Reject::Vault));
        assert_eq!(extend(&mut team, MEMBER, vec![create(Some(PARENT))]), Ok(()));
        assert_eq!(extend(&mut team, MEMBER, vec![rekey(NEW)]), Ok(()));
    }

    #[test]
    fn a_member_makes_vaults_under_those_that_it_manages_and_manages_them() {
        let refused = Err(Reject::Authority);
        for (role, expected) in ROLES.into_iter().zip([refused, refused, refused, Ok(())]) {
            let mut team = team(role);
            let made = extend(&mut team, MEMBER, vec![create(Some(PARENT)), commit(NEW)]);
            assert_eq!(made, expected, "{role:?}");
            let manages = made.is_ok().then_some(VaultRole::Manager);
            assert_eq!(team.role_in(NEW, MEMBER), manages, "{role:?}");
            let holders = team.vault(NEW).map(|_| team.holders(NEW));
            assert_eq!(holders, manages.map(|_| team.holders_of_new(MEMBER)), "{role:?}");
        }
        let mut team = team(Some(VaultRole::Manager));
        assert_eq!(extend(&mut team, MEMBER, vec![create(None)]), refused);
        assert_eq!(extend(&mut team, MEMBER, vec![create(Some(ABSENT))]), Err(Reject::Vault));
        assert_eq!(extend(&mut team, OWNER, vec![create(Some(ABSENT))]), Err(Reject::Vault));
        assert_eq!(extend(&mut team, OWNER, vec![create(Some(PARENT))]), Ok(()));
        assert_eq!(
            team.role_in(NEW, MEMBER),
            None,
            "it manages the parent, and this is an owner's"
        );
    }

    #[test]
    fn a_member_gives_nobody_other_keys_and_is_given_none() {
        let rotate = |team: &Team, member| {
            let signing = SigningKey::from_bytes(&[0x51; 32]);
            let public = SigningPublic(signing.verifying_key().to_bytes());
            let keyset = PublicKeyset { signing: public, kem: KemPublic([0x51; KEM_PUBLIC_BYTES]) };
            let claim = KeysClaim { team: team.id, member, keyset: keyset.clone() };
            let proof = signing.sign(&claim.to_sign()).to_bytes();
            vec![Op::RotateKeys(Box::new(RotateKeys { member, keyset, proof })), rekey(PARENT)]
        };
        let team = || team(Some(VaultRole::Manager));
        for (author, member) in [(MEMBER, OWNER), (MEMBER, MEMBER), (OWNER, MEMBER)] {
            let ops = rotate(&team(), member);
            assert_eq!(extend(&mut team(), author, ops), Err(Reject::Authority));
        }
        // Here the owner is the root.
        assert_eq!(extend(&mut team(), OWNER, rotate(&team(), OWNER)), Ok(()));
    }

    #[test]
    fn holders_are_the_owners_and_the_granted() {
        assert_eq!(team(None).holders(PARENT), [OWNER]);
        assert_eq!(team(Some(VaultRole::Reader)).holders(PARENT), [OWNER, MEMBER]);
        assert_eq!(team(None).holders_of_new(OWNER), [OWNER]);
        assert_eq!(team(None).holders_of_new(MEMBER), [OWNER, MEMBER]);
    }
}
