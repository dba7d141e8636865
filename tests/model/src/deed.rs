//! What somebody tries, and the signed entry that it makes of it.

use std::fmt;

use subrosa_wire::id::Hash;
use subrosa_wire::log::{Commit, CreateVault, Entry, Head, Op, Rekey, Retire, SignedEntry};
use subrosa_wire::object::ObjectId;
use subrosa_wire::people::{
    Access, Add, Admission, Grant, Grants, Invite, Invited, KeysClaim, Revoke, RotateKeys, Service,
    SetRole,
};
use subrosa_wire::team::{Team, Vault, VaultRole};

use ed25519_dalek::Signer;

use crate::cast::{Key, Link, Pair, Place, Who};

/// An entry that somebody tries to bring into the log.
#[derive(Clone, PartialEq, Eq)]
pub struct Deed {
    /// Whom it names as its author.
    pub author: Who,
    /// Who has signed it: whoever has this key.
    pub signer: Key,
    /// What it does.
    pub acts: Vec<Act>,
    /// Whether it was signed to follow the entry before the head: a loser, or one held back.
    pub stale: bool,
}

/// An op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Invites somebody.
    Invite(Link, Who, Seat),
    /// Takes an invite back.
    Cancel(Link),
    /// Makes a member by an invite.
    Add(Link, Who, Pair, Shown),
    /// Makes a machine a member.
    Service(Who, Seat, Pair),
    /// Gives a role in a vault.
    SetRole(Who, Place, VaultRole),
    /// Takes a vault.
    Revoke(Who, Place),
    /// Takes out of the team.
    Remove(Who),
    /// Makes an owner.
    Promote(Who),
    /// Gives a member other keys, by an invite to that or without.
    Rotate(Who, Pair, Option<Link>),
    /// Makes a vault.
    Create(Place, Option<Place>),
    /// Gives a vault its next key, handing on the one before or not.
    Rekey(Place, bool),
    /// Refuses all keys before the current one.
    Retire(Place),
    /// Writes.
    Commit(Place),
    /// Refuses older clients.
    MinimumClient(u32),
}

/// What an invite is to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seat {
    /// An owner's.
    Owner,
    /// A member's without a role.
    Bare,
    /// A member's with a role in the project.
    In(VaultRole),
    /// Other keys for a member.
    Replace,
}

/// What somebody shows who wants to be let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// That it has the keys and the link.
    Both,
    /// The keys: the link's signature is another's.
    KeysAlone,
    /// The link: the keys are somebody else's.
    LinkAlone,
}

impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.author)?;
        if self.signer != self.author.keys().signing {
            write!(f, " (signed by {:?}'s key)", self.signer)?;
        }
        if self.stale {
            write!(f, " (not after the head)")?;
        }
        write!(f, " {:?}", self.acts)
    }
}

impl Seat {
    /// As an invite says it.
    #[must_use]
    pub fn access(self) -> Access {
        match self {
            Seat::Owner => Access::Owner,
            Seat::Bare | Seat::In(_) => Access::Member(self.grants()),
            Seat::Replace => Access::Replace,
        }
    }

    fn grants(self) -> Grants {
        match self {
            Seat::In(role) => Grants(vec![Grant { vault: Place::Project.id(), role }]),
            Seat::Owner | Seat::Bare | Seat::Replace => Grants::default(),
        }
    }
}

impl Deed {
    /// By `author` with its first keys, after the head.
    #[must_use]
    pub fn by(author: Who, acts: &[Act]) -> Deed {
        Deed { author, signer: author.keys().signing, acts: acts.to_vec(), stale: false }
    }

    /// The entry, signed to follow `team`'s head, or `before` if it is stale.
    #[must_use]
    pub fn sign(&self, team: &Team, before: Head) -> SignedEntry {
        let mut versions =
            Place::ALL.map(|place| team.vault(place.id()).map_or(1, Vault::key_version));
        let mut ops = Vec::with_capacity(self.acts.len());
        for act in &self.acts {
            if let Act::Rekey(place, _) = act {
                versions[*place as usize] += 1;
            }
            ops.push(act.op(team, versions));
        }
        let after = if self.stale { before } else { team.head() };
        // The time is the place, so that no two entries are the same by chance.
        let entry = Entry::after(team.id(), after, self.author.id(), after.seq, ops);
        SignedEntry::new(&entry, |bytes| self.signer.sign(bytes))
    }
}

impl Act {
    fn op(self, team: &Team, versions: [u32; 3]) -> Op {
        // Wraps are the server's to check, and commitments their recipients': symbols here.
        let nothing = Hash([0; 32]);
        match self {
            Act::Invite(link, who, seat) => Op::Invite(Box::new(Invite {
                id: link.id(),
                member: who.id(),
                access: seat.access(),
                expires: 0,
                link: link.public(),
                card: vec![].into(),
            })),
            Act::Cancel(link) => Op::CancelInvite(link.id()),
            Act::Add(link, who, pair, shown) => {
                let (proof, invited) = join(team, Some(link), who, pair, shown);
                let admission = Admission::Invited(Invited { invite: link.id(), link: invited });
                Op::Add(Box::new(Add { member: who.id(), admission, keyset: pair.keyset(), proof }))
            }
            Act::Service(who, seat, pair) => {
                let (proof, _) = join(team, None, who, pair, Shown::Both);
                let service = Service { grants: seat.grants(), expires: None, card: vec![].into() };
                let admission = Admission::Service(service);
                Op::Add(Box::new(Add { member: who.id(), admission, keyset: pair.keyset(), proof }))
            }
            Act::SetRole(who, place, role) => {
                Op::SetRole(SetRole { member: who.id(), grant: Grant { vault: place.id(), role } })
            }
            Act::Revoke(who, place) => Op::Revoke(Revoke { member: who.id(), vault: place.id() }),
            Act::Remove(who) => Op::Remove(who.id()),
            Act::Promote(who) => Op::Promote(who.id()),
            Act::Rotate(who, pair, link) => {
                let (proof, signed) = join(team, link, who, pair, Shown::Both);
                let invited = link.map(|link| Invited { invite: link.id(), link: signed });
                let (member, keyset) = (who.id(), pair.keyset());
                Op::RotateKeys(Box::new(RotateKeys { member, keyset, proof, invited }))
            }
            Act::Create(place, parent) => Op::CreateVault(CreateVault {
                vault: place.id(),
                parent: parent.map(Place::id),
                key_commitment: nothing,
                wraps: nothing,
            }),
            Act::Rekey(place, handed_on) => Op::Rekey(Rekey {
                vault: place.id(),
                version: versions[place as usize],
                key_commitment: nothing,
                wraps: nothing,
                backlink: handed_on.then(|| ObjectId::of(b"the key before")),
            }),
            Act::Retire(place) => {
                let version = versions[place as usize] - 1;
                Op::Retire(Retire { vault: place.id(), version })
            }
            Act::Commit(place) => {
                let base = team.vault(place.id()).and_then(|vault| vault.tree);
                let tree = ObjectId::of(&team.head().hash.0);
                let version = versions[place as usize];
                Op::Commit(Commit {
                    vault: place.id(),
                    base,
                    tree,
                    key_version: version,
                    oldest_live: version,
                    summary: vec![].into(),
                })
            }
            Act::MinimumClient(version) => Op::MinimumClient(version),
        }
    }
}

/// The keys' proof and the link's signature.
fn join(
    team: &Team,
    link: Option<Link>,
    who: Who,
    pair: Pair,
    shown: Shown,
) -> ([u8; 64], [u8; 64]) {
    let claim = KeysClaim {
        team: team.id(),
        invite: link.map(Link::id),
        member: who.id(),
        keyset: pair.keyset(),
    };
    // Whoever has not the key signs by another that it has.
    let has = if shown == Shown::LinkAlone { Key::Leaver } else { pair.signing };
    let signed = match link {
        Some(link) if shown != Shown::KeysAlone => link.secret().sign(&claim.for_link()).to_bytes(),
        _ => pair.signing.sign(&claim.for_link()),
    };
    (has.sign(&claim.to_sign()), signed)
}
