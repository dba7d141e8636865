//! View models of who belongs to the team, and of joining one.

use crate::message;

/// Who belongs to the team, and what whom of them may open.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct People {
    /// Whether one is an owner.
    pub owner: bool,
    /// The vault of the members' names, which everybody reads.
    pub directory: String,
    /// All members, by name.
    pub members: Vec<Member>,
    /// Invites that were not used, cancelled or voided, the last first.
    pub invites: Vec<Invite>,
    /// The vaults that can be granted, by name.
    pub vaults: Vec<GrantableVault>,
}

/// A member.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Member {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: MemberKind,
    /// Whether it is oneself.
    pub me: bool,
    /// Eight words of its keys, to compare with what it sees itself.
    pub fingerprint: String,
    /// Since when it has these keys, by their entry's author's clock: milliseconds since 1970.
    pub since: u64,
    /// Its roles; an owner's are none, for it holds every vault.
    pub grants: Vec<Grant>,
    /// Whether one may remove it.
    pub removable: bool,
    /// The ids of the machines that it has added, and of those that these have.
    pub machines: Vec<String>,
}

/// What a member is.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum MemberKind {
    /// A person who may do all.
    Owner,
    /// A person with roles in vaults.
    Member,
    /// The root key.
    Root,
    /// A machine.
    Machine(Machine),
}

/// What there is to know of a machine.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Machine {
    /// The id of who made it, and may have seen its token.
    pub by: String,
    /// That member's name.
    pub by_name: String,
    /// Until when its token works, in milliseconds since 1970.
    pub expires: Option<u64>,
    /// Whether that is past.
    pub expired: bool,
    /// When it last signed in, as the server says.
    pub last_used: LastUse,
}

/// When a machine last signed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum LastUse {
    /// The server could not be asked.
    Unknown,
    /// It never did.
    Never,
    /// Then: milliseconds since 1970.
    At(u64),
}

/// A role in a vault.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Grant {
    /// The vault's id.
    pub vault: String,
    /// The role.
    pub role: Role,
}

/// A role in a vault, from less to more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Role {
    /// Reads.
    Reader,
    /// Reads and writes.
    Writer,
    /// Writes, and decides who else may.
    Manager,
}

impl Role {
    /// All, from less to more.
    pub const ALL: [Role; 3] = [Role::Reader, Role::Writer, Role::Manager];
}

/// A vault that can be granted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct GrantableVault {
    /// Id.
    pub vault: String,
    /// Its scope's name; empty if one cannot open it.
    pub name: String,
    /// Whether one decides who may read and write in it.
    pub manages: bool,
}

/// An invite.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Invite {
    /// Id.
    pub id: String,
    /// Whom it is for.
    pub name: String,
    /// What it is to.
    pub access: Access,
    /// Who made it.
    pub by: String,
    /// When, by its author's clock: milliseconds since 1970.
    pub time: u64,
    /// Until when it can be used: milliseconds since 1970.
    pub expires: u64,
    /// Whether that is past.
    pub expired: bool,
    /// Whether one may take it back.
    pub cancellable: bool,
    /// Whether one may let in who follows its link.
    pub admits: bool,
    /// Who has followed its link and waits, each by the eight words of its keys; none where one may
    /// not let them in.
    pub waiting: Vec<String>,
    /// Whether the words must be compared: it is to an owner's or a manager's seat, or to other keys.
    pub compare: bool,
}

/// What an invite is to.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Access {
    /// An owner's seat.
    Owner,
    /// A member's, with these roles.
    Member(Vec<Grant>),
    /// Other keys for this member.
    Replace(String),
}

/// A change of what a member may open.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct RoleChange {
    /// The member's id.
    pub member: String,
    /// The vault's id.
    pub vault: String,
    /// The role that the change was decided on; none if the vault was not the member's.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub from: Option<Role>,
    /// The role from now on; none to take the vault away.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub to: Option<Role>,
}

/// An invite as its link shows it to whoever follows it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Invitation {
    /// The team's id, hex: its name is for members alone.
    pub team: String,
    /// What it is to; the vaults' names are for members alone.
    pub access: Access,
    /// Until when it can be used: milliseconds since 1970.
    pub expires: u64,
}

/// What somebody sees who waits to be let in.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Waiting {
    /// The team's id, hex.
    pub team: String,
    /// Eight words of one's keys, for whoever lets one in to compare.
    pub fingerprint: String,
}

/// A seat of the account.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Seat {
    /// The team's id, hex.
    pub team: String,
    /// What it was called when this account last opened it.
    pub name: Option<String>,
    /// Whether one still waits to be let in.
    pub waiting: bool,
}

message!(People { owner, directory, members, invites, vaults });
message!(Member { id, name, kind, me, fingerprint, since, grants, removable, machines });
message!(enum MemberKind: Owner, Member, Root, Machine(value));
message!(Machine { by, by_name, expires, expired, last_used });
message!(enum LastUse: Unknown, Never, At(value));
message!(Grant { vault, role });
message!(enum Role: Reader, Writer, Manager);
message!(GrantableVault { vault, name, manages });
message!(Invite {
    id,
    name,
    access,
    by,
    time,
    expires,
    expired,
    cancellable,
    admits,
    waiting,
    compare
});
message!(enum Access: Owner, Member(value), Replace(value));
message!(RoleChange { member, vault, from, to });
message!(Invitation { team, access, expires });
message!(Waiting { team, fingerprint });
message!(Seat { team, name, waiting });
