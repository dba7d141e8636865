//! What was typed and not saved: kept in this page's memory until it is saved, thrown away by
//! hand, or wiped by a lock. Never stored.

use std::collections::HashMap;

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::view::Scope;

/// What a draft is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum DraftOf {
    /// A new secret at this scope.
    New(Scope),
    /// An edit of the secret with this id.
    Secret(String),
    /// What is typed in the matrix for a key in a scope; with `true`, another key for it.
    Cell(Scope, String, bool),
}

/// The fields as they were typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    /// Key.
    pub key: String,
    /// Value.
    pub value: Hidden,
    /// Note.
    pub note: String,
    /// The version that the editor saw; 0 for a new secret.
    pub base: u32,
}

/// All drafts.
#[derive(Clone, Copy)]
pub struct Drafts(RwSignal<HashMap<DraftOf, Draft>>);

impl Drafts {
    /// None yet.
    pub fn new() -> Self {
        Drafts(RwSignal::new(HashMap::new()))
    }

    /// Keeps a draft, in place of an earlier one.
    pub fn keep(self, of: DraftOf, draft: Draft) {
        let _ = self.0.try_update(|drafts| drafts.insert(of, draft));
    }

    /// Saved, or thrown away.
    pub fn drop_one(self, of: &DraftOf) {
        if self.find(of).is_some() {
            let _ = self.0.try_update(|drafts| drafts.remove(of));
        }
    }

    /// The draft, untracked.
    pub fn find(self, of: &DraftOf) -> Option<Draft> {
        self.0.try_with_untracked(|drafts| drafts.get(of).cloned()).flatten()
    }

    /// Whether there is one, tracked.
    pub fn has(self, of: &DraftOf) -> bool {
        self.0.try_with(|drafts| drafts.contains_key(of)).unwrap_or(false)
    }

    /// What there are drafts for, tracked.
    pub fn all(self) -> Vec<DraftOf> {
        self.0.try_with(|drafts| drafts.keys().cloned().collect()).unwrap_or_default()
    }

    /// How many, untracked.
    pub fn count(self) -> usize {
        self.0.try_with_untracked(HashMap::len).unwrap_or(0)
    }

    /// Wipes all.
    pub fn clear(self) {
        let _ = self.0.try_update(HashMap::clear);
    }
}
