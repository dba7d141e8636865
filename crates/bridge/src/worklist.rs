//! View models of what is to be replaced at its source: what people could read who have lost it since.

use crate::message;
use crate::view::Scope;

/// Somebody who has lost vaults.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Loss {
    /// The number of the entry that took them away.
    pub seq: u64,
    /// The member's id.
    pub member: String,
    /// What that member is called, or was.
    pub name: String,
    /// How.
    pub how: Lost,
    /// When, by that entry's author's clock: milliseconds since 1970.
    pub time: u64,
    /// The vaults, by name.
    pub vaults: Vec<String>,
    /// How many of them one cannot open: what is in those, somebody else must see to.
    pub closed: usize,
    /// How many secrets and named keys the member could read that are there still.
    pub total: usize,
    /// How many of them are still to be replaced.
    pub open: usize,
    /// Those that are still to be replaced, by name; at most as many as were asked for.
    pub items: Vec<Item>,
}

/// How somebody lost a vault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub enum Lost {
    /// Removed from the team.
    Removed,
    /// The vault alone was taken away.
    Revoked,
    /// The keys were lost or stolen, and replaced.
    Replaced,
}

/// Something to replace: a secret, at its source and then here, or a named key, by rotating it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Item {
    /// Its key, or the named key's name.
    pub key: String,
    /// Its scope as text, or the name of the named key's vault.
    pub place: String,
    /// Its scope; none for a named key.
    pub scope: Option<Scope>,
    /// What to say of it when it is seen to; none for a named key.
    pub secret: Option<Seen>,
    /// Aliases of it, each with its scope; at most five.
    pub aliases: Vec<String>,
    /// The applications that get it, by its key, as scopes; at most five.
    pub used_by: Vec<String>,
    /// How many these are in all.
    pub users: usize,
    /// Whether one may write it.
    pub writable: bool,
}

/// A secret that is seen to.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Seen {
    /// Its id.
    pub secret: String,
    /// The version that was on screen.
    pub version: u32,
}

message!(Loss { seq, member, name, how, time, vaults, closed, total, open, items });
message!(enum Lost: Removed, Revoked, Replaced);
message!(Item { key, place, scope, secret, aliases, used_by, users, writable });
message!(Seen { secret, version });
