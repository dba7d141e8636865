//! View models: what the page shows, ready to be shown. Ids are texts here.

use crate::message;
use crate::people::Role;
use crate::root_key::RootKeySheet;
use crate::{Hidden, HiddenBytes};

/// Where the device stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Status {
    /// No Secret Key on this device: set up (with a setup link) or recover (with a kit).
    Empty,
    /// A Secret Key is here; the password is missing.
    Locked,
    /// Unlocked.
    Open,
}

/// The emergency kit, shown once; with the root key where a team is founded.
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// To be printed and kept apart from the kit.
    pub root_key: Option<RootKeySheet>,
    /// Which group of the Secret Key is to be retyped (0-based, counted after `SR1`).
    pub secret_key_group: usize,
}

/// What an unlocked team looks like from above.
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// Whether one is an owner.
    pub owner: bool,
    /// All projects, by name.
    pub projects: Vec<Project>,
    /// Milliseconds since 1970 when the server last answered.
    pub synced_at: u64,
    /// What can't be opened, each as a sentence with the thing's name.
    pub damage: Vec<String>,
    /// Vaults whose rotation is not finished, by name.
    pub unfinished: Vec<String>,
    /// Vaults whose key is due for rotation, by name.
    pub due: Vec<String>,
    /// Who has followed an invite's link and waits to be let in, by name.
    pub waiting: Vec<String>,
    /// How many vaults one may read whose key has not come.
    pub keyless: usize,
    /// How many secrets and named keys are to be replaced: people could read them who have lost them since.
    pub worklist: usize,
}

/// A project with its scopes.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Project {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// One's role in it; none if one may not open it: then it has no name here, and what it has set is
    /// 'no access'.
    pub role: Option<Role>,
    /// How many secrets at the project's own scope.
    pub secrets: usize,
    /// Its environments in the order of their creation.
    pub environments: Vec<Environment>,
}

/// An environment.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Environment {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// One's role in it.
    pub role: Role,
    /// How many secrets at its own scope.
    pub secrets: usize,
    /// Its applications in the order of their creation.
    pub applications: Vec<Application>,
}

/// An application.
#[derive(Clone, PartialEq, Eq, Debug)]
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
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
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
#[derive(Clone, PartialEq, Eq, Debug)]
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
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// What it is.
    pub kind: SecretKind,
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

/// What a secret is. Of a deleted one, what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum SecretKind {
    /// A value of its own.
    Value,
    /// The bytes of a file.
    File {
        /// Where programs expect it.
        mount: String,
    },
    /// Another key for a secret.
    Alias(Target),
    /// Another value for the key of a secret at a higher scope.
    Override(Target),
}

/// The secret that an alias or an override is for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Target {
    /// Id.
    pub id: String,
    /// Its key; empty if it is gone or cannot be opened.
    pub key: String,
    /// Where it is set, as text; empty if it is gone or cannot be opened.
    pub scope_name: String,
}

/// A value on its way to the keyholder.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Plain {
    /// Text.
    Text(Hidden),
    /// The bytes of a file.
    Bytes(#[cfg_attr(feature = "typescript", tsify(type = "Uint8Array"))] HiddenBytes),
}

/// One of several writes that are made together.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Write {
    /// A new secret, or a new version where the key exists at this very scope. A value that is
    /// exactly `{{KEY}}` of a visible secret makes an alias.
    Create {
        /// Where.
        scope: Scope,
        /// Key.
        key: String,
        /// Value, at most 1 MiB.
        value: Plain,
        /// Note, may be empty.
        note: String,
        /// For a file: where programs expect it; absolute and normalised.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        mount: Option<String>,
    },
    /// Another key for a secret at the same or a higher scope.
    Alias {
        /// Where.
        scope: Scope,
        /// Key.
        key: String,
        /// The secret's id; also one that is built in.
        target: String,
        /// Note, may be empty.
        note: String,
    },
    /// Another value for the key of a secret at a higher scope.
    Override {
        /// Where.
        scope: Scope,
        /// The secret's id; also one that is built in.
        target: String,
        /// Value, at most 1 MiB.
        value: Plain,
        /// Note, may be empty.
        note: String,
    },
    /// Changes a secret: a conflict if it is not at `base` any more. A new key goes to its
    /// overrides too.
    Edit {
        /// The secret.
        secret: String,
        /// The version that the editor saw.
        base: u32,
        /// What changes.
        change: Change,
    },
    /// Deletes a secret. All that hangs on it must be in the same request: see
    /// [`Request::Hanging`](crate::Request::Hanging). [`Write::Restore`] is the undo.
    Delete {
        /// The secret.
        secret: String,
        /// The version that was seen.
        base: u32,
    },
    /// Brings a deleted secret back, or an older version on top.
    Restore {
        /// The secret.
        secret: String,
        /// The version to bring back; the last that was no deletion if absent.
        #[cfg_attr(feature = "typescript", tsify(optional))]
        version: Option<u32>,
    },
}

/// How a scope comes by a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum CellState {
    /// It is set here.
    Own,
    /// A higher scope has it.
    Inherited,
    /// Another value for a higher scope's key is set here.
    Override,
    /// Another key for a secret is set here.
    Alias,
    /// No scope has it.
    Missing,
    /// No scope that can be opened has it, and one cannot be opened.
    NoAccess,
}

/// A window of what a scope resolves to.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Effective {
    /// How many keys there are in all, after the filter.
    pub total: usize,
    /// Where the window starts.
    pub offset: usize,
    /// The window, by key.
    pub rows: Vec<Resolved>,
}

/// What a key comes to in a scope, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Resolved {
    /// Key.
    pub key: String,
    /// How the scope comes by it.
    pub state: CellState,
    /// Every scope that was looked at, from BUILT_IN down; the last with something in it wins.
    pub trace: Vec<Step>,
    /// By way of an alias: the other key, with its own trace.
    pub through: Option<Box<Resolved>>,
    /// Where programs expect the file that it comes to.
    pub mount: Option<String>,
    /// Why it comes to nothing, as a sentence.
    pub nothing: Option<String>,
    /// How many applications come to the secret that wins; told in a trace alone.
    pub used_by: Option<usize>,
}

/// What one scope has of a key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Step {
    /// Absent for BUILT_IN.
    pub scope: Option<Scope>,
    /// Its last name, such as `production`; `BUILT_IN`.
    pub scope_name: String,
    /// What is there.
    pub found: Found,
}

/// What is at a scope under a key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Found {
    /// Nothing.
    Absent,
    /// Its vault cannot be opened.
    NoAccess,
    /// What every scope has: its id, to name as target.
    BuiltIn(String),
    /// A secret.
    Secret(Box<Row>),
}

/// Which rows of a matrix.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Only {
    /// Those that some environment is missing.
    Missing,
    /// Those that some environment or application overrides.
    Override,
    /// Those that are aliases somewhere.
    Alias,
    /// Those that come to nothing somewhere: dangling, cyclic or out of reach.
    Broken,
    /// Those of these keys.
    Keys(Vec<String>),
}

/// A window of a project's keys against its environments.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Matrix {
    /// How many keys there are in all, after the filter.
    pub total: usize,
    /// Where the window starts.
    pub offset: usize,
    /// The project's own scope, then its environments in the order of their creation.
    pub columns: Vec<Column>,
    /// The window, by key.
    pub rows: Vec<MatrixRow>,
}

/// A column of a matrix.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Column {
    /// The scope.
    pub scope: Scope,
    /// Its name; `Shared` for the project's own.
    pub name: String,
    /// Whether its vault can be opened.
    pub open: bool,
}

/// A key of a matrix.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct MatrixRow {
    /// Key.
    pub key: String,
    /// One for each column.
    pub cells: Vec<Cell>,
    /// How many applications set something for it.
    pub applications: usize,
    /// One for each name that an application of the project has: only of keys that were asked for.
    pub rows: Vec<ApplicationRow>,
}

/// Applications of one name, as a row under a key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ApplicationRow {
    /// Their name.
    pub name: String,
    /// One for each column; none where the environment has no application of this name.
    pub cells: Vec<Option<Cell>>,
}

/// What a key comes to in one scope.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Cell {
    /// The scope.
    pub scope: Scope,
    /// How it comes by the key.
    pub state: CellState,
    /// The secret that is set at this very scope.
    pub secret: Option<String>,
    /// Its version; that of the winner where nothing is set here; 0 where there is none.
    pub version: u32,
    /// The nearest secret that an override here would be for; also one that is built in.
    pub overridable: Option<String>,
    /// Where the winner is set, if not here: `Shared`, `production`, `BUILT_IN`.
    pub from: String,
    /// Whether it comes to a file.
    pub file: bool,
    /// Why it comes to nothing, as a sentence.
    pub nothing: Option<String>,
}

/// A window of two scopes side by side.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Comparison {
    /// How many keys differ, are missing on one side, are the same, and cannot be compared.
    pub counts: [usize; 4],
    /// Every key, ascending.
    pub rows: Vec<ComparedKey>,
}

/// A key in two scopes.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ComparedKey {
    /// Key.
    pub key: String,
    /// How the left scope comes by it.
    pub left: CellState,
    /// How the right scope comes by it.
    pub right: CellState,
    /// Left against right.
    pub verdict: Verdict,
}

/// What comparing two values says. Neither is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Verdict {
    /// Another value.
    Differs,
    /// Only the right scope has it.
    MissingLeft,
    /// Only the left scope has it.
    MissingRight,
    /// The same value.
    Same,
    /// One of them does not open, comes to nothing, or is out of reach.
    Unknown,
}

/// A text format for export.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Format {
    /// `KEY=value` lines that npm's dotenv, python-dotenv and a shell read alike; what they do not
    /// is refused.
    Dotenv,
    /// `KEY=value` lines for readers that expand nothing, such as our own: every text.
    DotenvUnexpanded,
    /// One object.
    Json,
    /// One mapping.
    Yaml,
    /// `export KEY='value'` lines for a POSIX shell.
    Shell,
}

/// A version of a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Version {
    /// 1 for the first.
    pub version: u32,
    /// Who set it.
    pub author: String,
    /// When, milliseconds since 1970 by the author's clock.
    pub time: u64,
    /// The key (name) that it had.
    pub key: String,
    /// What it was; none where this version was the deletion.
    pub kind: Option<SecretKind>,
}

/// Two people changed the same secret.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Conflict {
    /// The secret as it is now on the server.
    pub theirs: Row,
    /// The key that one's own edit is for.
    pub key: String,
}

/// What is to be written at a secret; `None` leaves a part as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Change {
    /// A new key.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub key: Option<String>,
    /// A new value. An alias has none.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub value: Option<Plain>,
    /// A new mount path, of a file.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub mount: Option<String>,
    /// A new note.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub note: Option<String>,
}

/// A dotenv text as it was read, compared with what is there.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Import {
    /// Good lines, in the order of the file.
    pub lines: Vec<ImportLine>,
    /// Lines that were not understood.
    pub bad: Vec<ImportBad>,
}

/// An assignment of an import. Its value stays with the keyholder.
#[derive(Clone, PartialEq, Eq, Debug)]
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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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
    /// The key is set at a higher scope: writing it here makes an override.
    Override,
    /// The key is an alias here: it has no value to write.
    Alias,
}

/// A line that was not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
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
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ImportChoice {
    /// The line's number.
    pub line: usize,
    /// The key to write it under: its own, or a rename (also for a bad line with a suggestion).
    pub key: String,
    /// Another value than the line has.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub value: Option<Hidden>,
}

/// What was typed and not saved, as the device keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct KeptDraft {
    /// Its name: a random UUID (version 4), lower case.
    pub name: String,
    /// The draft, as it was given.
    pub text: Hidden,
}

/// A checked browser or server limit, shown in settings.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Device {
    /// The server's address.
    pub server: String,
    /// The keyholder's version.
    pub version: String,
    /// Milliseconds of idleness after which the device locks.
    pub lock_after: u64,
}

message!(enum Status: Empty, Locked, Open);
message!(Kit { secret_key, server, team_name, team, checkpoint, text, root_key, secret_key_group });
message!(Overview {
    team_name,
    team,
    checkpoint,
    checkpoint_words,
    me,
    owner,
    projects,
    synced_at,
    damage,
    unfinished,
    due,
    waiting,
    keyless,
    worklist
});
message!(Project { id, name, role, secrets, environments });
message!(Environment { id, name, role, secrets, applications });
message!(Application { id, name, secrets });
message!(enum Scope: Project(value), Environment(value), Application(value));
message!(Secrets { total, offset, rows });
message!(Row { id, key, scope, scope_name, kind, note, version, author, time, inherited, deleted });
message!(enum SecretKind: Value, File { mount }, Alias(value), Override(value));
message!(Target { id, key, scope_name });
message!(enum Plain: Text(value), Bytes(value));
message!(enum Write:
    Create { scope, key, value, note, mount }, Alias { scope, key, target, note },
    Override { scope, target, value, note }, Edit { secret, base, change },
    Delete { secret, base }, Restore { secret, version }
);
message!(enum CellState: Own, Inherited, Override, Alias, Missing, NoAccess);
message!(Effective { total, offset, rows });
message!(Resolved { key, state, trace, through, mount, nothing, used_by });
message!(Step { scope, scope_name, found });
message!(enum Found: Absent, NoAccess, BuiltIn(value), Secret(value));
message!(enum Only: Missing, Override, Alias, Broken, Keys(value));
message!(Matrix { total, offset, columns, rows });
message!(Column { scope, name, open });
message!(MatrixRow { key, cells, applications, rows });
message!(ApplicationRow { name, cells });
message!(Cell { scope, state, secret, version, overridable, from, file, nothing });
message!(Comparison { counts, rows });
message!(ComparedKey { key, left, right, verdict });
message!(enum Verdict: Differs, MissingLeft, MissingRight, Same, Unknown);
message!(enum Format: Dotenv, DotenvUnexpanded, Json, Yaml, Shell);
message!(Version { version, author, time, key, kind });
message!(Conflict { theirs, key });
message!(Change { key, value, mount, note });
message!(Import { lines, bad });
message!(ImportLine { line, key, state, duplicates });
message!(enum ImportState: New, Same, Differs, Unknown, Override, Alias);
message!(ImportBad { line, reason, suggestion });
message!(ImportChoice { line, key, value });
message!(KeptDraft { name, text });
message!(Device { server, version, lock_after });
