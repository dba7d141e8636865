//! The pure reducer: `state × entry → state | reject`, run by server and clients alike.
//!
//! An entry is judged whole and by public state alone: the author's authority from the state before
//! it, targets from left to right, recipients and owners from the state after it.

mod people;
mod step;

use core::ops::RangeInclusive;

use litemap::LiteMap;
use minicbor::bytes::ByteVec;

use crate::SUITE;
use crate::encoding::Malformed;
use crate::id::{Hash, InviteId, MemberId, TeamId, VaultId};
use crate::keyset::{PublicKeyset, SigningPublic};
use crate::log::{
    CreateVault, Entry, Genesis, Head, KeyVersion, Op, RootClaim, SignedEntry, WRAP_BYTES, Wrap,
    wraps_hash,
};
use crate::object::ObjectId;
use crate::people::{Access, Grants, Invite};
use crate::signed::{BadSigned, Verified};

use step::Step;

pub use crate::people::VaultRole;

/// The most vaults of a team; as few that one entry can give each its next key.
pub const MAX_VAULTS: usize = 256;
/// The most keys of a team, counted for each vault and each of its holders: their wraps fit into one
/// push, with as many backlinks.
pub const MAX_HELD: usize = 12_288;
/// How many of the vaults members may make who are no owners, and how many invites each may have open:
/// nobody can fill a team up for those who would remove him.
const MAX_BY_MEMBERS: usize = 128;

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
    losses: Vec<Loss>,
    vaults: LiteMap<VaultId, Vault>,
    invites: LiteMap<InviteId, OpenInvite>,
    cards: LiteMap<MemberId, SealedCard>,
    minimum_client: u32,
    people_seq: u64,
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
    /// What it is.
    pub kind: MemberKind,
}

/// What a member is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberKind {
    /// A person; or the root, which a person keeps.
    Person,
    /// A machine.
    Service {
        /// Milliseconds since 1970, after which the server and honest clients refuse it.
        expires: Option<u64>,
        /// Who made it, and may have seen its token.
        by: MemberId,
    },
}

impl MemberKind {
    /// Whether it may act, and be given keys, at this time, in milliseconds since 1970. No rule of the log:
    /// an entry's time is a claim.
    #[must_use]
    pub fn is_in_time(self, now: u64) -> bool {
        match self {
            MemberKind::Person => true,
            MemberKind::Service { expires, .. } => expires.is_none_or(|expires| now < expires),
        }
    }
}

/// A member's name, sealed under the directory vault's key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SealedCard {
    /// The version of that key.
    pub key_version: KeyVersion,
    /// The sealed name.
    pub sealed: ByteVec,
}

/// An invite that was not used, cancelled or voided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenInvite {
    /// What its author signed.
    pub invite: Invite,
    /// Its author.
    pub by: MemberId,
    /// The version of the directory vault's key that its card is sealed under.
    pub key_version: KeyVersion,
    /// The number of the entry that made it.
    pub seq: u64,
    /// When, by its author's clock, in milliseconds since 1970.
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
    /// What that member is or was.
    pub kind: MemberKind,
    /// The number of the entry that replaced them, or removed the member.
    pub seq: u64,
    /// When, by that entry's author's clock, in milliseconds since 1970.
    pub time: u64,
}

/// A vault that a person has read, and shall read no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loss {
    /// Who.
    pub member: MemberId,
    /// What; never the directory.
    pub vault: VaultId,
    /// How.
    pub how: Lost,
    /// The number of the entry that took it away, with the vault's next key.
    pub seq: u64,
    /// When, by that entry's author's clock, in milliseconds since 1970.
    pub time: u64,
}

/// How somebody loses a vault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lost {
    /// With the member's seat.
    Removed,
    /// Alone.
    Revoked,
    /// The member's keys were lost or stolen, and replaced: whoever has them loses it.
    Replaced,
}

/// A member's role in the team.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Holds every vault's key and may do all.
    Owner,
    /// Has what it was granted, vault by vault.
    Member,
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
    /// The number of the entry that committed it; before the first commit, of the one that made the vault.
    pub tree_seq: u64,
    /// How many commits there were: the root page's version.
    pub commits: u64,
    /// The key version that the current tree was committed under.
    pub tree_key_version: KeyVersion,
    /// The oldest key version that anything live needs.
    pub oldest_live: KeyVersion,
    /// The key version since which nobody has lost the vault: keys that were replaced held those before.
    pub unlost_since: KeyVersion,
    /// Whether a holder has replaced its own keys since the newest key was made: a next one is advised.
    pub rekey_due: bool,
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

    /// The key versions that are not refused.
    #[must_use]
    pub fn in_use(&self) -> RangeInclusive<KeyVersion> {
        self.retired() + 1..=self.key_version()
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
    /// Entry 1 does something else than create the directory vault, or that vault is granted.
    #[error("the directory vault comes first, and every member reads it")]
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
    /// No such open invite, or not one to this; a new one that is not well formed.
    #[error("no such invite, or not one to this")]
    Invite,
    /// Without it the team would have no owner but the root.
    #[error("the last owner stays")]
    LastOwner,
    /// A vault that somebody loses, or that replaced keys held, and that is given no next key with it.
    #[error("a vault is lost to somebody, and is given no next key")]
    NotRekeyed,
    /// The team has no room for it: one entry could not give all of its vaults their next keys.
    #[error("the team has no room for it")]
    Full,
    /// A minimum client that is not above the one before.
    #[error("the minimum client only ever rises")]
    MinimumClient,
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
            kind: MemberKind::Person,
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
            losses: Vec::new(),
            vaults: LiteMap::new(),
            invites: LiteMap::new(),
            cards: LiteMap::new(),
            minimum_client: 0,
            people_seq: 0,
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

        let mut next = Step::new(self, entry);
        entry.ops.iter().try_for_each(|op| next.take(op))?;
        let changes = next.finish()?;
        changes.apply(self, entry.seq);
        self.head = Head { seq: entry.seq, hash: verified.hash() };
        Ok(())
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
                _ => continue,
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

    /// The vaults that people have lost, the first first.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// An open invite.
    #[must_use]
    pub fn invite(&self, id: InviteId) -> Option<&OpenInvite> {
        self.invites.get(&id)
    }

    /// The sealed names of all who ever were made members, as the entries that made them brought them:
    /// the founder and the root have none.
    pub fn cards(&self) -> impl Iterator<Item = (MemberId, &SealedCard)> {
        self.cards.iter().map(|(id, card)| (*id, card))
    }

    /// All open invites.
    pub fn invites(&self) -> impl Iterator<Item = (InviteId, &OpenInvite)> {
        self.invites.iter().map(|(id, invite)| (*id, invite))
    }

    /// The number of the last entry that changed who is in the team, by which keys, or who holds what.
    #[must_use]
    pub fn people_seq(&self) -> u64 {
        self.people_seq
    }

    /// Clients that are older than this are refused by themselves.
    #[must_use]
    pub fn minimum_client(&self) -> u32 {
        self.minimum_client
    }

    /// Whether `id` is an owner; the root is one.
    #[must_use]
    pub fn is_owner(&self, id: MemberId) -> bool {
        self.members.get(&id).is_some_and(|member| member.role == Role::Owner)
    }

    /// Whether `id` may grant what `access` is to: owners all, a manager to write or read what it
    /// manages.
    #[must_use]
    pub fn may_grant(&self, id: MemberId, access: &Access) -> bool {
        let grants = match access {
            _ if self.is_owner(id) => return true,
            Access::Owner | Access::Replace => return false,
            Access::Member(Grants(grants)) => grants,
        };
        let manages = |vault| self.role_in(vault, id) == Some(VaultRole::Manager);
        !grants.is_empty()
            && grants.iter().all(|it| it.role < VaultRole::Manager && manages(it.vault))
    }

    /// Whether `id` may take this invite back.
    #[must_use]
    pub fn may_cancel(&self, id: MemberId, invite: &OpenInvite) -> bool {
        invite.by == id || self.may_grant(id, &invite.invite.access)
    }

    /// Whether `id` may make a member of whom this invite's link let in.
    #[must_use]
    pub fn may_add(&self, id: MemberId, invite: &OpenInvite) -> bool {
        (self.is_owner(id) || invite.by == id) && self.may_grant(id, &invite.invite.access)
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
