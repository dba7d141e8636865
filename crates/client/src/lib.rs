//! The one sync engine: fetch → verify → open; stage → push, rebase and retry; pins.
//!
//! The same in the browser and in native programs: what differs is behind [`Transport`],
//! [`Storage`] and [`Host`].

mod alarm;
mod api;
mod candidate;
mod change;
mod device;
mod error;
mod events;
pub mod following;
mod founding;
mod fresh_account;
mod joining;
#[cfg(feature = "native")]
pub mod native;
mod patience;
mod platform;
mod session;
mod team;
mod unlock;

pub use alarm::{Differs, Evidence, alarms, clear_alarm};
pub use change::{Change, Changed, NewKeys, Part};
pub use device::{Device, Pin};
pub use error::{Error, Needed, Result};
pub use events::Heads;
pub use founding::{Founding, check_setup};
pub use joining::{Invitation, Joining, Seat, Waiting};
pub use platform::{
    CannotStore, Chunks, Host, HttpRequest, HttpResponse, Method, Platform, Storage, Streamed,
    Transport, Unreachable, Update,
};
pub use team::alarm::Compared;
pub use team::as_it_was::{AsItWas, Lost};
pub use team::changed_keys::ChangedKeys;
pub use team::drafts::DraftName;
pub use team::log::{Deed, Past};
pub use team::people::{AtTheDoor, NewInvite, NewService, RoleChange, Wish, machines_of};
pub use team::recovery::{NextAccount, Recovery};
pub use team::root_key::{RootKeyIs, StagedRootKey};
pub use team::rotation::{Outcome, Progress};
pub use team::{Settled, TeamClient};
pub use unlock::{Door, Unlocked, forget, recover, unlock};
