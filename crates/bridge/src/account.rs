//! View models of one's own account.

use crate::message;

/// One's own keys in the team, and where one is signed in.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Account {
    /// One's name in the team.
    pub name: String,
    /// Eight words of one's keys.
    pub fingerprint: String,
    /// Since when one has them, by their entry's author's clock: milliseconds since 1970.
    pub since: u64,
    /// One's sessions with the server, as it says, the last opened first.
    pub sessions: Vec<OpenSession>,
}

/// A session with the server.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct OpenSession {
    /// Names it.
    pub id: String,
    /// What it is with, such as `Firefox on Linux`.
    pub client: String,
    /// When it was opened: milliseconds since 1970.
    pub opened: u64,
    /// When it was last used: milliseconds since 1970.
    pub used: u64,
    /// Whether it is this one.
    pub own: bool,
}

message!(Account { name, fingerprint, since, sessions });
message!(OpenSession { id, client, opened, used, own });
