//! Who belongs to a team: what entries say of it, and what a link's holder posts to be let in.

use minicbor::bytes::ByteVec;
use minicbor::{Decoder, Encode};

use crate::encoding::{Canonical, Read, at_most, encode};
use crate::id::{InviteId, MemberId, TeamId, VaultId};
use crate::keyset::{PublicKeyset, SigningPublic};
use crate::label::Label;
use crate::log::MAX_OPS;

/// A member's role in one vault, from less to more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode)]
#[cbor(index_only)]
pub enum VaultRole {
    /// Reads.
    #[n(0)]
    Reader,
    /// Reads and commits.
    #[n(1)]
    Writer,
    /// Writes, and decides who else may.
    #[n(2)]
    Manager,
}

impl VaultRole {
    /// All, from less to more.
    pub const ALL: [VaultRole; 3] = [VaultRole::Reader, VaultRole::Writer, VaultRole::Manager];
}

impl Read for VaultRole {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        VaultRole::ALL.get(usize::from(u8::read(d)?)).copied()
    }
}

/// A role in a vault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode)]
pub struct Grant {
    /// The vault; never the directory, which every member reads.
    #[n(0)]
    pub vault: VaultId,
    /// The role.
    #[n(1)]
    pub role: VaultRole,
}

/// What an invite is to.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub enum Access {
    /// An owner's seat.
    #[n(0)]
    Owner,
    /// A member's, with these grants: strictly ascending by vault, at most [`MAX_OPS`].
    #[n(1)]
    Member(#[n(0)] Grants),
    /// Other keys for a member who is there already.
    #[n(2)]
    Replace,
}

/// Grants, strictly ascending by vault.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode)]
#[cbor(transparent)]
pub struct Grants(#[n(0)] pub Vec<Grant>);

impl Read for Grants {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        at_most::<MAX_OPS, _, _>(d, &mut ()).ok().map(Grants)
    }
}

/// Invites somebody. By an owner; by a manager to what it manages.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Invite {
    /// Fresh.
    #[n(0)]
    pub id: InviteId,
    /// Who it makes: an id that was never used, or with [`Access::Replace`] a member's.
    #[n(1)]
    pub member: MemberId,
    /// What it is to.
    #[n(2)]
    pub access: Access,
    /// Milliseconds since 1970, after which honest clients and the server take no joins.
    #[n(3)]
    pub expires: u64,
    /// Checks what the link's holder signs.
    #[n(4)]
    pub link: SigningPublic,
    /// The name of whom it makes, sealed under the directory's current key; at most [`MAX_CARD`].
    #[n(5)]
    pub card: ByteVec,
}

/// The longest sealed card, in bytes.
pub const MAX_CARD: usize = 1 << 10;

/// Makes a member. By the invite's author or an owner; of a service, by whoever may grant what it gets.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Add {
    /// As the invite says; an id that was never used for a service.
    #[n(0)]
    pub member: MemberId,
    /// By which right.
    #[n(1)]
    pub admission: Admission,
    /// Its keys: never used in this team.
    #[n(2)]
    pub keyset: PublicKeyset,
    /// Their signature over [`KeysClaim`].
    #[cbor(n(3), with = "minicbor::bytes")]
    pub proof: [u8; 64],
}

/// By which right a member is made.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub enum Admission {
    /// It holds the link of an open invite.
    #[n(0)]
    Invited(#[n(0)] Invited),
    /// It is a machine, whose token the author made.
    #[n(1)]
    Service(#[n(0)] Service),
}

/// What shows that whoever has the keys holds an invite's link.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Invited {
    /// Which. It is used up.
    #[n(0)]
    pub invite: InviteId,
    /// The link's signature over [`KeysClaim`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub link: [u8; 64],
}

/// A machine's seat.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Service {
    /// What it gets.
    #[n(0)]
    pub grants: Grants,
    /// Milliseconds since 1970, after which the server and honest clients refuse it.
    #[n(1)]
    pub expires: Option<u64>,
    /// Its name, sealed as an invite's.
    #[n(2)]
    pub card: ByteVec,
}

/// Gives a member a role in a vault, in place of the one that it had. By an owner, or the vault's
/// manager; managers are made and unmade by owners.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct SetRole {
    /// Not an owner.
    #[n(0)]
    pub member: MemberId,
    /// The role.
    #[n(1)]
    pub grant: Grant,
}

/// Takes a vault from a member. With the vault's next key in the same entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct Revoke {
    /// Not the author.
    #[n(0)]
    pub member: MemberId,
    /// The vault.
    #[n(1)]
    pub vault: VaultId,
}

/// Gives a member other keys; those before are nobody's from here on. By itself; by an owner with a
/// *replace* invite; the root's by an owner, an owner's by the root. But for the first, the entry gives
/// each vault that the member holds its next key.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct RotateKeys {
    /// Whose.
    #[n(0)]
    pub member: MemberId,
    /// The new keys: never used in this team.
    #[n(1)]
    pub keyset: PublicKeyset,
    /// Their signature over [`KeysClaim`].
    #[cbor(n(2), with = "minicbor::bytes")]
    pub proof: [u8; 64],
    /// The *replace* invite by which they came.
    #[n(3)]
    pub invited: Option<Invited>,
}

/// What new keys sign to show that somebody holds them, and a link to show who was given it.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct KeysClaim {
    /// The team.
    #[n(0)]
    pub team: TeamId,
    /// The invite by which they come.
    #[n(1)]
    pub invite: Option<InviteId>,
    /// Whose they will be.
    #[n(2)]
    pub member: MemberId,
    /// The new keys.
    #[n(3)]
    pub keyset: PublicKeyset,
}

impl Canonical for KeysClaim {
    const MAX_BYTES: usize = 2 << 10;
}

impl KeysClaim {
    /// The bytes that the new signing key signs, label included.
    #[must_use]
    pub fn to_sign(&self) -> Vec<u8> {
        Label::KeysProof.tag(&encode(self))
    }

    /// The bytes that the invite's link signs, label included.
    #[must_use]
    pub fn for_link(&self) -> Vec<u8> {
        Label::LinkProof.tag(&encode(self))
    }
}

/// What an invite's link's holder posts: let these keys in.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Join {
    /// The new keys.
    #[n(0)]
    pub keyset: PublicKeyset,
    /// Their signature over [`KeysClaim`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub proof: [u8; 64],
    /// The invite, and its link's signature over the same.
    #[n(2)]
    pub invited: Invited,
}

impl Canonical for Join {
    const MAX_BYTES: usize = 2 << 10;
}

impl Join {
    /// Whether the keys and the link of `invite` have signed this.
    #[must_use]
    pub fn is_sound(&self, team: TeamId, invite: &Invite) -> bool {
        let Join { keyset, proof, invited } = self;
        let claim = KeysClaim {
            team,
            invite: Some(invite.id),
            member: invite.member,
            keyset: keyset.clone(),
        };
        invited.invite == invite.id
            && keyset.signing.is_sound()
            && keyset.signing.verifies(&claim.to_sign(), proof)
            && invite.link.verifies(&claim.for_link(), &invited.link)
    }
}

crate::decode_fields! {
    Grant { vault, role }
    Invite { id, member, access, expires, link, card }
    Add { member, admission, keyset, proof by minicbor::bytes::decode }
    Invited { invite, link by minicbor::bytes::decode }
    Service { grants, expires, card }
    SetRole { member, grant }
    Revoke { member, vault }
    RotateKeys { member, keyset, proof by minicbor::bytes::decode, invited }
    KeysClaim { team, invite, member, keyset }
    Join { keyset, proof by minicbor::bytes::decode, invited }
}

crate::decode_variants! {
    Access { 0: Owner, 1: Member(a), 2: Replace }
    Admission { 0: Invited(a), 1: Service(a) }
}
