//! What went wrong, as the page shows it.

use crate::message;
use crate::view::{Conflict, Row};

/// An error with what to do next. Never holds a value, a password or a key.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Problem {
    /// What to branch on.
    pub kind: Kind,
    /// One or two sentences: what happened.
    pub message: String,
    /// What to do now.
    pub next: String,
}

impl Problem {
    /// A problem of `kind`.
    pub fn new(kind: Kind, message: impl Into<String>, next: impl Into<String>) -> Self {
        Problem { kind, message: message.into(), next: next.into() }
    }
}

/// What the page branches on.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Kind {
    /// The password is wrong (or the Secret Key is another account's).
    WrongPassword,
    /// This device has no Secret Key: the emergency kit is needed.
    NeedsKit,
    /// A kit, Secret Key or checkpoint that is mistyped: its checksum does not fit.
    Mistyped,
    /// The setup link was used, or is not this server's.
    SetupToken,
    /// The two fragments that were retyped are not those of the kit.
    KitProof,
    /// The server does not take this member's keys, or not any more: it was removed, or they were replaced.
    KeysReplaced,
    /// An invite that is not open any more.
    InviteGone,
    /// One's role, or a rule of the team, does not allow this.
    NotAllowed,
    /// Locked: unlock first.
    Locked,
    /// The server can't be reached or is busy. What was typed is kept; `Retry` may help.
    Offline,
    /// The server refuses what it was sent.
    Refused,
    /// The server shows something older than, or forked from, what this device has seen.
    Rollback,
    /// An object that does not open: the rest of its vault still does.
    Corrupted,
    /// Somebody else changed the same secret meanwhile. Neither version is lost.
    Conflict(Vec<Conflict>),
    /// A key (name) that breaks the rule. The suggested rename, if there is one.
    BadKey(Option<String>),
    /// A name that is empty, too long or taken.
    BadName,
    /// The key exists at the same scope.
    Exists,
    /// A higher scope has the key: it can be overridden here. The secret's id, to name as target.
    Higher(String),
    /// These hang on what was to be deleted or renamed, and were not in the change.
    Hanging(Vec<Row>),
    /// A rule of scopes or of named keys; the status that it has over HTTP.
    Rule(u16),
    /// A value, a note or an import over its limit.
    TooLarge,
    /// The thing is gone.
    NotFound,
    /// The browser does not let the keyholder store what it must keep.
    Storage,
    /// A fault of ours.
    Internal,
}

message!(Problem { kind, message, next });
message!(enum Kind:
    WrongPassword, NeedsKit, Mistyped, SetupToken, KitProof, KeysReplaced, InviteGone, NotAllowed,
    Locked, Offline, Refused, Rollback,
    Corrupted, Conflict(value), BadKey(value), BadName, Exists, Higher(value), Hanging(value),
    Rule(value), TooLarge, NotFound, Storage, Internal
);
