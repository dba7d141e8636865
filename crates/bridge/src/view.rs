//! View models: what the page shows, ready to be shown. Ids are texts here.

use serde::{Deserialize, Serialize};

use crate::Hidden;

/// Where the device stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Status {
    /// No Secret Key on this device: set up (with a setup link) or recover (with a kit).
    Empty,
    /// A Secret Key is here; the password is missing.
    Locked,
    /// Unlocked.
    Open,
}

/// The emergency kit and the root key, shown once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Kit {
    /// `SR1-…` in groups.
    pub secret_key: Hidden,
    /// The server's address.
    pub server: String,
    /// The team's name.
    pub team_name: String,
    /// The team's id, hex.
    pub team: String,
    /// The checkpoint, `SEQ:HASH`.
    pub checkpoint: String,
    /// The whole kit as the text of a file, and of the QR code (`subrosa-kit:…`).
    pub text: Hidden,
    /// `srk1_…`: to be printed and kept apart from the kit.
    pub root_key: Hidden,
    /// The two fragments to retype: which group of the Secret Key (0-based, counted after `SR1`).
    pub secret_key_group: usize,
    /// And which of the root key's last characters: how many.
    pub root_key_tail: usize,
}

/// What an unlocked team looks like from above.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Overview {
    /// The team's name.
    pub team_name: String,
    /// The team's id, hex.
    pub team: String,
    /// The pinned place in the log, `SEQ:HASH`.
    pub checkpoint: String,
    /// Its eight words, to compare with others.
    pub checkpoint_words: String,
    /// One's own name in the team.
    pub me: String,
    /// All projects, by name.
    pub projects: Vec<Project>,
    /// Milliseconds since 1970 when the server last answered.
    pub synced_at: u64,
    /// What can't be opened, each as a sentence with the thing's name.
    pub damage: Vec<String>,
}

/// A project with its scopes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Project {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// How many secrets at the project's own scope.
    pub secrets: usize,
    /// Its environments in the order of their creation.
    pub environments: Vec<Environment>,
}

/// An environment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Environment {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// How many secrets at its own scope.
    pub secrets: usize,
    /// Its applications in the order of their creation.
    pub applications: Vec<Application>,
}

/// An application.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Application {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// How many secrets at its own scope.
    pub secrets: usize,
}

/// A scope that holds secrets.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Scope {
    /// A project's id.
    Project(String),
    /// An environment's id.
    Environment(String),
    /// An application's id.
    Application(String),
}

/// A window of a scope's secrets.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Secrets {
    /// How many there are in all, after the filter.
    pub total: usize,
    /// Where the window starts.
    pub offset: usize,
    /// The window, by key.
    pub rows: Vec<Row>,
}

/// One secret, without its value.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Row {
    /// Id.
    pub id: String,
    /// Key (name).
    pub key: String,
    /// Where it is set.
    pub scope: Scope,
    /// That scope as text, such as `billing / production / api`.
    pub scope_name: String,
    /// Free text, at most 1,024 bytes; empty where there is none.
    pub note: String,
    /// 1 for the first value, then upwards.
    pub version: u32,
    /// Who set it.
    pub author: String,
    /// When, by the author's clock: milliseconds since 1970.
    pub time: u64,
    /// Whether it is set at a higher scope than the one that is being looked at.
    pub inherited: bool,
    /// Whether it is deleted: only in lists of deleted ones.
    pub deleted: bool,
}

/// A version of a secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Version {
    /// 1 for the first.
    pub version: u32,
    /// Who set it.
    pub author: String,
    /// When, milliseconds since 1970 by the author's clock.
    pub time: u64,
    /// Whether it deleted the secret.
    pub deletion: bool,
}

/// Two people changed the same secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Conflict {
    /// The secret as it is now on the server.
    pub theirs: Row,
    /// The key that one's own edit is for.
    pub key: String,
}

/// What is to be written at a secret; `None` leaves a part as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Change {
    /// A new key.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub key: Option<String>,
    /// A new value.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub value: Option<Hidden>,
    /// A new note.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub note: Option<String>,
}

/// A dotenv text as it was read, compared with what is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Import {
    /// Good lines, in the order of the file.
    pub lines: Vec<ImportLine>,
    /// Lines that were not understood.
    pub bad: Vec<ImportBad>,
}

/// An assignment of an import. Its value stays with the keyholder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ImportLine {
    /// 1-based number of its first line.
    pub line: usize,
    /// Key.
    pub key: String,
    /// Against what is at the scope now.
    pub state: ImportState,
    /// The numbers of other lines with the same key.
    pub duplicates: Vec<usize>,
}

/// What an imported line would do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum ImportState {
    /// The key is new.
    New,
    /// The key is there with the same value: nothing to do.
    Same,
    /// The key is there with another value: keep mine or take theirs.
    Differs,
    /// The key is there, but its value can't be opened now (offline or corrupted).
    Unknown,
    /// The key is set at a higher scope: it can't be created here.
    Higher,
}

/// A line that was not understood.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ImportBad {
    /// 1-based.
    pub line: usize,
    /// Why, with what to do.
    pub reason: String,
    /// A rename that would make it good.
    pub suggestion: Option<String>,
}

/// What to do with a line of an import.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ImportChoice {
    /// The line's number.
    pub line: usize,
    /// The key to write it under: its own, or a rename (also for a bad line with a suggestion).
    pub key: String,
}

/// A checked browser or server limit, shown in settings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Device {
    /// The server's address.
    pub server: String,
    /// The keyholder's version.
    pub version: String,
    /// Milliseconds of idleness after which the device locks.
    pub lock_after: u64,
}
