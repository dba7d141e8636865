//! View models of alarms, and of keys that have changed.

use crate::message;

/// An alarm: another history of a team than this device has verified was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Alarm {
    /// What it is cleared by.
    pub id: String,
    /// The team's id, hex.
    pub team: String,
    /// Whether that is the team that is open.
    pub here: bool,
    /// How the other history differs.
    pub differs: Differs,
    /// When it was found: milliseconds since 1970.
    pub found: u64,
    /// How far this device had verified its own, `SEQ:HASH`.
    pub own: String,
    /// Its eight words.
    pub own_words: String,
    /// A place of the other: where it ends if it is older, what was signed on top of if it is forked.
    pub shown: String,
    /// Its eight words.
    pub shown_words: String,
    /// Who signed an entry of the other, if one was shown: the name, where it is known here.
    pub author: Option<String>,
    /// When, by its author's clock: milliseconds since 1970.
    pub signed: Option<u64>,
    /// Whether one is an owner of the open team, and may act all the same.
    pub owner: bool,
    /// Whether one does.
    pub acting: bool,
}

/// How another history differs from one's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Differs {
    /// It ends before what this device has seen.
    Older,
    /// It is said to be another, and no signature proves it.
    Other,
    /// A member has signed on top of a place that is not on one's own.
    Forked,
}

/// What somebody else's checkpoint is to one's own log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Compared {
    /// It is on it.
    Same,
    /// It is beyond what is known here: judged once the log gets there.
    Ahead,
    /// It is not on it: an alarm stands.
    Different,
}

/// A member whose keys were replaced, and not compared on this device since.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct ChangedKeys {
    /// The member's id.
    pub member: String,
    /// Its name.
    pub name: String,
    /// Whether it is the root key.
    pub root: bool,
    /// Eight words of its keys.
    pub fingerprint: String,
    /// Since when, by their entry's author's clock: milliseconds since 1970.
    pub since: u64,
    /// Who gave them, where the server shows that: the member itself, an owner, or the root.
    pub by: Option<String>,
}

message!(Alarm {
    id,
    team,
    here,
    differs,
    found,
    own,
    own_words,
    shown,
    shown_words,
    author,
    signed,
    owner,
    acting
});
message!(enum Differs: Older, Other, Forked);
message!(enum Compared: Same, Ahead, Different);
message!(ChangedKeys { member, name, root, fingerprint, since, by });
