//! View models of the team's log: who did what, and what a vault's secrets once were.

use crate::message;
use crate::view::Scope;

/// Which entries of the log are wanted; all of what is given must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct LogFilter {
    /// What they are about.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub about: Option<About>,
    /// The id of whoever signed them.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub author: Option<String>,
    /// Those of an environment, or of a project with its environments.
    #[cfg_attr(feature = "typescript", tsify(optional))]
    pub scope: Option<Scope>,
    /// Part of what is told of them, any case; empty for all.
    pub text: String,
}

/// What a deed is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum About {
    /// Secrets, and where they are.
    Contents,
    /// Keys of vaults and of members.
    Keys,
    /// Who belongs to the team, and what they may open.
    People,
}

impl About {
    /// All.
    pub const ALL: [About; 3] = [About::Contents, About::Keys, About::People];
}

/// Entries of the log, each compared with what this device has verified.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct LogEntries {
    /// Those that were wanted, the newest first.
    pub entries: Vec<LogEntry>,
    /// Before which number to go on; none where the log begins with what was looked at.
    pub before: Option<u64>,
    /// The time of the oldest entry that was looked at, in milliseconds since 1970.
    pub back_to: u64,
    /// Who may have signed any: all members, and those before them, by name.
    pub authors: Vec<LogAuthor>,
}

/// An entry of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct LogEntry {
    /// Its number.
    pub seq: u64,
    /// Its hash, in hex.
    pub hash: String,
    /// Who signed it.
    pub author: LogAuthor,
    /// When, by the author's clock, in milliseconds since 1970.
    pub time: u64,
    /// What it did, part by part.
    pub deeds: Vec<Deed>,
}

/// Somebody who signs.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct LogAuthor {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// A part of what an entry did.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Deed {
    /// What it is about.
    pub about: About,
    /// In a sentence.
    pub text: String,
    /// What its author noted; may be empty.
    pub note: String,
    /// The vault whose secrets it changed, if one may write there and so restore them.
    pub restorable: Option<Restorable>,
}

/// A vault whose secrets can be had as they were.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Restorable {
    /// The vault's id.
    pub vault: String,
    /// Its scope.
    pub scope: Scope,
    /// Its scope's name, such as `billing / production`.
    pub name: String,
}

/// What it takes to have a vault's secrets as they were.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct AsItWas {
    /// What would change, by key.
    pub changes: Vec<TurnBack>,
    /// What cannot be had as it was, and stays as it is.
    pub lost: Vec<LostSecret>,
}

/// A secret that would change.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct TurnBack {
    /// Its id.
    pub secret: String,
    /// The version that was looked at.
    pub base: u32,
    /// Its key as it is now.
    pub key: String,
    /// The key that it gets, if that is another.
    pub renamed: Option<String>,
    /// Its scope's name.
    pub scope_name: String,
    /// What would become of it.
    pub turn: Turn,
}

/// What would become of a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Turn {
    /// It is deleted now, and comes back.
    Back,
    /// It is otherwise now.
    Changed,
    /// It was not there then.
    Deleted,
}

/// A secret that cannot be had as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct LostSecret {
    /// Its key as it is now; empty for what cannot be told apart.
    pub key: String,
    /// Its scope's name.
    pub scope_name: String,
    /// Why, as a sentence.
    pub why: String,
}

/// A secret that is to be as it was.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ToTurnBack {
    /// Its id.
    pub secret: String,
    /// The version that was decided on.
    pub base: u32,
}

message!(LogFilter { about, author, scope, text });
message!(enum About: Contents, Keys, People);
message!(LogEntries { entries, before, back_to, authors });
message!(LogEntry { seq, hash, author, time, deeds });
message!(LogAuthor { id, name });
message!(Deed { about, text, note, restorable });
message!(Restorable { vault, scope, name });
message!(AsItWas { changes, lost });
message!(TurnBack { secret, base, key, renamed, scope_name, turn });
message!(enum Turn: Back, Changed, Deleted);
message!(LostSecret { key, scope_name, why });
message!(ToTurnBack { secret, base });
