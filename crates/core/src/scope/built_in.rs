//! What every scope has by itself: the ids and names of the scopes that it is in.

use subrosa_wire::id::{Hash, SecretId};
use subrosa_wire::label::Label;

use crate::contents::{Contents, Scope};
use crate::order;

/// A secret of the read-only scope above all others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuiltIn {
    /// The same for everybody: drawn from what it names.
    pub id: SecretId,
    /// Begins with `SUBROSA_`.
    pub key: &'static str,
    /// None where the vault that has it cannot be opened.
    pub value: Option<String>,
}

/// Those that `scope` sees, by key.
#[must_use]
pub fn built_in(contents: &Contents, scope: Scope) -> Vec<BuiltIn> {
    let mut all = Vec::new();
    let mut add = |of: &[u8], key, value| all.push(BuiltIn { id: id(of, key), key, value });
    let path = contents.path(scope);
    for scope in &path {
        match scope {
            Scope::Application(id) => {
                let name = contents.environments().flat_map(|e| e.applications);
                let name = name.into_iter().find(|it| it.id == *id).map(|it| it.name.clone());
                add(id.bytes(), "SUBROSA_APPLICATION_ID", Some(id.to_string()));
                add(id.bytes(), "SUBROSA_APPLICATION_NAME", name);
            }
            Scope::Environment(id) => {
                let found = contents.environments().find(|e| e.id == *id);
                add(id.bytes(), "SUBROSA_ENVIRONMENT_ID", Some(id.to_string()));
                add(id.bytes(), "SUBROSA_ENVIRONMENT_NAME", found.map(|e| e.name.to_owned()));
            }
            Scope::Project(id) => {
                let found = contents.projects().find(|p| p.id == *id);
                add(id.bytes(), "SUBROSA_PROJECT_ID", Some(id.to_string()));
                add(id.bytes(), "SUBROSA_PROJECT_NAME", found.map(|p| p.name.to_owned()));
            }
        }
    }
    if let Some(team) = contents.vaults().next().map(|vault| vault.team()) {
        add(&team.0.0, "SUBROSA_TEAM_ID", Some(team.to_string()));
    }
    order::sort_by_key(&mut all, |built_in| built_in.key);
    all
}

/// The first 16 bytes of a hash over what it names and its key, written as other ids are.
fn id(of: &[u8], key: &str) -> SecretId {
    let hash = Hash::of(&Label::BuiltIn.tag(&[of, key.as_bytes()].concat()));
    let mut first = [0; 16];
    first.copy_from_slice(&hash.0[..16]);
    SecretId::from_random(first)
}
