//! View models of the root key, and of a team that it recovers.

use crate::{Hidden, message};

/// The team's root key, as the log has it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct RootKey {
    /// Eight words that tell it from any other: they are on its sheet too.
    pub fingerprint: String,
    /// Since when it is in force, by its author's clock: milliseconds since 1970.
    pub since: u64,
    /// One that this device has made, and that is not in force.
    pub staged: Option<StagedRootKey>,
    /// Those before it, the last first.
    pub former: Vec<FormerRootKey>,
}

/// A root key that is not in force yet.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct StagedRootKey {
    /// Its eight words.
    pub fingerprint: String,
    /// Whether somebody else has replaced the one that it was to replace.
    pub overtaken: bool,
}

/// A root key that does not work any more.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct FormerRootKey {
    /// Its eight words.
    pub fingerprint: String,
    /// When it was replaced, by its author's clock: milliseconds since 1970.
    pub until: u64,
}

/// A root key to be printed, or kept as a file.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct RootKeySheet {
    /// `srk1_…`.
    pub text: Hidden,
    /// Its eight words.
    pub fingerprint: String,
    /// How many of its last characters are to be retyped.
    pub tail: usize,
}

/// What a root key that was typed is to the team.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum RootKeyIs {
    /// The one that works.
    InForce,
    /// Made on this device, and not in force.
    Staged,
    /// It was replaced then, by its author's clock: milliseconds since 1970.
    Replaced(u64),
    /// Of another team.
    OfAnotherTeam,
    /// Never this team's.
    Unknown,
}

/// A team that its root key has opened.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Recovery {
    /// The team's name.
    pub team_name: String,
    /// Who may get another account.
    pub owners: Vec<Owner>,
}

/// An owner of a team.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Owner {
    /// The member's id.
    pub id: String,
    /// The name.
    pub name: String,
}

message!(RootKey { fingerprint, since, staged, former });
message!(StagedRootKey { fingerprint, overtaken });
message!(FormerRootKey { fingerprint, until });
message!(RootKeySheet { text, fingerprint, tail });
message!(enum RootKeyIs: InForce, Staged, Replaced(value), OfAnotherTeam, Unknown);
message!(Recovery { team_name, owners });
message!(Owner { id, name });
