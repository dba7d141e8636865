//! The team's log: signed entries, and the ops in them (docs/format.md, 'The log').

use minicbor::Encode;
use minicbor::bytes::ByteVec;

use crate::SUITE;
use crate::encoding::{Canonical, at_most, encode};
use crate::id::{Hash, InviteId, MemberId, TeamId, VaultId};
use crate::keyset::PublicKeyset;
use crate::label::Label;
use crate::object::ObjectId;
use crate::people::{Add, Invite, Revoke, RotateKeys, SetRole};
use crate::signed::{Signable, Signed};

/// A key version: 1 for a vault's first key, then upwards by one.
pub type KeyVersion = u32;

/// A place in the log: how many entries precede, and the entry's hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct Head {
    /// 0 for the genesis.
    #[n(0)]
    pub seq: u64,
    /// Of the signed entry there.
    #[n(1)]
    pub hash: Hash,
}

impl Canonical for Head {
    const MAX_BYTES: usize = 64;
}

/// One signed link of the log.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Entry {
    /// [`SUITE`].
    #[n(0)]
    pub suite: u8,
    /// The team; absent in the genesis, whose hash is the team's id.
    #[n(1)]
    pub team: Option<TeamId>,
    /// Its place: one more than its predecessor's, 0 for the genesis.
    #[n(2)]
    pub seq: u64,
    /// The hash of its predecessor; absent in the genesis.
    #[n(3)]
    pub prev: Option<Hash>,
    /// Who signed it.
    #[n(4)]
    pub author: MemberId,
    /// Milliseconds since 1970 by its author's clock: shown, never judged.
    #[n(5)]
    pub time: u64,
    /// What it does, from left to right; at most [`MAX_OPS`].
    #[n(6)]
    pub ops: Vec<Op>,
}

impl Canonical for Entry {
    const MAX_BYTES: usize = 256 << 10;
}

impl Signable for Entry {
    const LABEL: Label = Label::Entry;
}

impl Entry {
    /// An entry that follows `prev` in the log of `team`.
    #[must_use]
    pub fn after(team: TeamId, prev: Head, author: MemberId, time: u64, ops: Vec<Op>) -> Self {
        let (seq, prev) = (prev.seq + 1, Some(prev.hash));
        Entry { suite: SUITE, team: Some(team), seq, prev, author, time, ops }
    }
}

/// An entry as it travels and is stored.
pub type SignedEntry = Signed<Entry>;

/// The most ops in an entry.
pub const MAX_OPS: usize = 512;

/// What an entry does. An op that is not here does not decode, and so rejects.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub enum Op {
    /// Founds the team. Alone in entry 0, and nowhere else.
    #[n(0)]
    Genesis(#[n(0)] Box<Genesis>),
    /// Makes a vault and its first key.
    #[n(1)]
    CreateVault(#[n(0)] CreateVault),
    /// Replaces a vault's tree.
    #[n(2)]
    Commit(#[n(0)] Commit),
    /// Gives a vault its next key.
    #[n(3)]
    Rekey(#[n(0)] Rekey),
    /// Refuses a vault's older keys for good.
    #[n(4)]
    Retire(#[n(0)] Retire),
    /// Gives a member other keys.
    #[n(5)]
    RotateKeys(#[n(0)] Box<RotateKeys>),
    /// Invites somebody.
    #[n(6)]
    Invite(#[n(0)] Box<Invite>),
    /// Takes an invite back. By its author, an owner, or whoever may grant what it is to.
    #[n(7)]
    CancelInvite(#[n(0)] InviteId),
    /// Makes a member.
    #[n(8)]
    Add(#[n(0)] Box<Add>),
    /// Gives a member a role in a vault.
    #[n(9)]
    SetRole(#[n(0)] SetRole),
    /// Takes a vault from a member.
    #[n(10)]
    Revoke(#[n(0)] Revoke),
    /// Takes a member out of the team, for good. By an owner, of another; with the next key of each
    /// vault that it held in the same entry.
    #[n(11)]
    Remove(#[n(0)] MemberId),
    /// Makes a member an owner. By an owner.
    #[n(12)]
    Promote(#[n(0)] MemberId),
    /// Refuses clients that are older than this. By an owner; it only ever rises.
    #[n(13)]
    MinimumClient(#[n(0)] u32),
}

/// The founding owner, the root, and the id of the directory vault, which entry 1 creates.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Genesis {
    /// The founding owner: the genesis' author, under whose key it verifies.
    #[n(0)]
    pub founder: PublicKeyset,
    /// The root's member id.
    #[n(1)]
    pub root: MemberId,
    /// The root's keys.
    #[n(2)]
    pub root_keyset: PublicKeyset,
    /// The root's signature over [`RootClaim`].
    #[cbor(n(3), with = "minicbor::bytes")]
    pub root_proof: [u8; 64],
    /// The vault that holds the team's name and its members' cards.
    #[n(4)]
    pub directory: VaultId,
}

/// What the root signs to show that it holds its key, bound to all else that the genesis says.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct RootClaim {
    /// The founder's member id.
    #[n(0)]
    pub founder: MemberId,
    /// The founder's keys.
    #[n(1)]
    pub founder_keyset: PublicKeyset,
    /// The root's member id.
    #[n(2)]
    pub root: MemberId,
    /// The root's keys.
    #[n(3)]
    pub root_keyset: PublicKeyset,
    /// The directory vault.
    #[n(4)]
    pub directory: VaultId,
}

impl Canonical for RootClaim {
    const MAX_BYTES: usize = 4 << 10;
}

impl RootClaim {
    /// The bytes that the root signs, label included.
    #[must_use]
    pub fn to_sign(&self) -> Vec<u8> {
        Label::RootProof.tag(&encode(self))
    }
}

/// Makes a vault. By an owner, or by a manager of the parent that it names.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct CreateVault {
    /// Fresh.
    #[n(0)]
    pub vault: VaultId,
    /// The vault whose managers may make this one; a project's for an environment's.
    #[n(1)]
    pub parent: Option<VaultId>,
    /// The commitment to key version 1, against which each recipient checks its wrap.
    #[n(2)]
    pub key_commitment: Hash,
    /// [`wraps_hash`] of the wraps to all owners and the author.
    #[n(3)]
    pub wraps: Hash,
}

/// Replaces a vault's tree. By a writer or above.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Commit {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// The tree that this one was made from: the vault's current one, absent for the first.
    #[n(1)]
    pub base: Option<ObjectId>,
    /// The new manifest's root page.
    #[n(2)]
    pub tree: ObjectId,
    /// The vault's current key version.
    #[n(3)]
    pub key_version: KeyVersion,
    /// The oldest key version that anything live in the new tree needs.
    #[n(4)]
    pub oldest_live: KeyVersion,
    /// What was done and why, sealed; at most [`MAX_SUMMARY`] bytes.
    #[n(5)]
    pub summary: ByteVec,
}

/// Gives a vault its next key: from here on all that is written is under it. By a manager or above.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Rekey {
    /// The vault; not one that this very entry makes.
    #[n(0)]
    pub vault: VaultId,
    /// One more than the current one.
    #[n(1)]
    pub version: KeyVersion,
    /// The commitment to the new key.
    #[n(2)]
    pub key_commitment: Hash,
    /// [`wraps_hash`] of the wraps to all who hold the vault after this entry.
    #[n(3)]
    pub wraps: Hash,
    /// The key before, sealed under this one; absent where whoever holds the new key shall not come
    /// by the one before.
    #[n(4)]
    pub backlink: Option<ObjectId>,
}

/// Refuses a vault's key versions up to this one for good. By a manager or above, once nothing live
/// needs them.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Retire {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// The newest version that is refused from here on: below the current one.
    #[n(1)]
    pub version: KeyVersion,
}

/// The longest sealed summary, in bytes.
pub const MAX_SUMMARY: usize = 8 << 10;

/// The length of a wrap's sealed part: X-Wing's ciphertext, the key, the tag.
pub const WRAP_BYTES: usize = 1120 + 32 + 16;

/// A vault key, sealed to one holder; travels beside the log.
#[derive(Clone, PartialEq, Eq, Debug, PartialOrd, Ord, Encode)]
pub struct Wrap {
    /// The vault.
    #[n(0)]
    pub vault: VaultId,
    /// The key's version.
    #[n(1)]
    pub version: KeyVersion,
    /// Whom it is for.
    #[n(2)]
    pub recipient: MemberId,
    /// HPKE: `enc ‖ ciphertext`, [`WRAP_BYTES`] long.
    #[n(3)]
    pub sealed: ByteVec,
}

/// Hash of the wraps of one new key, in strictly ascending order of recipients.
#[must_use]
pub fn wraps_hash<'a>(wraps: impl IntoIterator<Item = &'a Wrap>) -> Hash {
    let mut bytes = Vec::new();
    for wrap in wraps {
        bytes.extend_from_slice(wrap.recipient.bytes());
        bytes.extend_from_slice(Hash::of(&wrap.sealed).0.as_slice());
    }
    Hash::of(&Label::Wraps.tag(&bytes))
}

crate::decode_fields! {
    Head { seq, hash }
    Entry { suite, team, seq, prev, author, time, ops by at_most::<MAX_OPS, _, _> }
    Genesis { founder, root, root_keyset, root_proof by minicbor::bytes::decode, directory }
    RootClaim { founder, founder_keyset, root, root_keyset, directory }
    CreateVault { vault, parent, key_commitment, wraps }
    Commit { vault, base, tree, key_version, oldest_live, summary }
    Rekey { vault, version, key_commitment, wraps, backlink }
    Retire { vault, version }
    Wrap { vault, version, recipient, sealed }
}

crate::decode_variants! {
    Op {
        0: Genesis(a), 1: CreateVault(a), 2: Commit(a), 3: Rekey(a), 4: Retire(a), 5: RotateKeys(a),
        6: Invite(a), 7: CancelInvite(a), 8: Add(a), 9: SetRole(a), 10: Revoke(a), 11: Remove(a),
        12: Promote(a), 13: MinimumClient(a)
    }
}
