//! One screen each.

mod account;
mod alarm;
mod compare;
mod gallery;
mod history;
mod import;
mod keys;
mod matrix;
mod not_found;
mod people;
mod projects;
mod recover;
mod root_key;
mod rotation;
mod scope;
mod search;
mod secrets;
mod settings;
mod setup;
mod unlock;
mod worklist;

pub use account::account;
pub use alarm::alarm;
pub use compare::Compare;
pub use gallery::Gallery;
pub use history::history;
pub use import::ImportPage;
pub use keys::KeysPage;
pub use matrix::MatrixPage;
pub use not_found::NotFound;
pub use people::{machines, people};
pub use projects::Projects;
pub use recover::Recover;
pub use root_key::RootKeyPage;
pub use rotation::RotationPage;
pub use scope::ScopePage;
pub use search::Search;
pub use settings::Settings;
pub use setup::{Setup, join, recover_team};
pub use unlock::Unlock;
pub use worklist::worklist;

use leptos::prelude::*;

/// Names the tab. Never after anything of the team: browsers store titles.
pub fn title(name: &str) {
    document().set_title(&format!("{name} · Subrosa"));
}
