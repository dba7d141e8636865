//! View models of keys and their rotation.

use crate::people::Role;
use crate::view::Row;
use crate::{Problem, message};

/// A vault's keys, what uses them, and what a rotation would do.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct VaultKeys {
    /// The vault's id.
    pub vault: String,
    /// Whose it is, such as `billing / production`.
    pub name: String,
    /// What one may do with it: writers seal again, managers rotate.
    pub role: Role,
    /// Its key versions, the newest first.
    pub versions: Vec<KeyVersion>,
    /// How many secrets and pages of their list need a key older than the newest.
    pub left: usize,
    /// How many secrets and pages a rotation seals again in all.
    pub total: usize,
    /// How many secrets have earlier versions.
    pub histories: usize,
    /// How many pages of its list of secrets do not open: they hold older keys back.
    pub damaged: usize,
    /// Its last rotations, the last first.
    pub rotations: Vec<Rotation>,
    /// After how many days its key shall be rotated.
    pub rotate_after: Option<u16>,
    /// Whether that is due.
    pub due: bool,
}

/// A version of a vault's key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct KeyVersion {
    /// 1 for the first.
    pub version: u32,
    /// Since when, by its author's clock: milliseconds since 1970.
    pub time: u64,
    /// Whether it is refused for good.
    pub retired: bool,
    /// How many secrets have something under it.
    pub secrets: usize,
    /// How many pages of the list of secrets are under it.
    pub pages: usize,
}

/// The end of a rotation, as whoever walked through the vault has signed it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Rotation {
    /// The newest key version that was retired.
    pub version: u32,
    /// How many secrets there were, deleted ones that are kept included.
    pub secrets: u32,
    /// How many earlier versions they had.
    pub earlier: u32,
    /// Who retired it.
    pub author: String,
    /// The number of the entry in the team's log.
    pub entry: u64,
    /// When, by the author's clock: milliseconds since 1970.
    pub time: u64,
}

/// Which steps of a rotation are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum RotationStep {
    /// All that are left: a vault that has an older key in use gets no new one first.
    All,
    /// All but a new key: a vault that has no older key in use is left as it is.
    Finish,
    /// A new key.
    Rekey,
    /// What needs an older key is sealed again.
    Reencrypt,
    /// The older keys are refused for good.
    Retire,
}

/// What came of a rotation in one vault.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Rotated {
    /// The vault's id.
    pub vault: String,
    /// Its name.
    pub name: String,
    /// How far it came.
    pub outcome: Outcome,
}

/// How far a rotation came.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Outcome {
    /// To its end.
    Done,
    /// It was paused.
    Paused,
    /// Something that needs an older key keeps it from being retired.
    Held {
        /// Secrets.
        secrets: Vec<Row>,
        /// How many pages of the list of secrets.
        pages: usize,
    },
    /// The vault does not open as it is now: nothing was done to it.
    NotOpen(Problem),
}

message!(VaultKeys {
    vault,
    name,
    role,
    versions,
    left,
    total,
    histories,
    damaged,
    rotations,
    rotate_after,
    due
});
message!(KeyVersion { version, time, retired, secrets, pages });
message!(Rotation { version, secrets, earlier, author, entry, time });
message!(enum RotationStep: All, Finish, Rekey, Reencrypt, Retire);
message!(Rotated { vault, name, outcome });
message!(enum Outcome: Done, Paused, Held { secrets, pages }, NotOpen(value));
