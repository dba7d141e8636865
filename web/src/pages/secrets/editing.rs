//! Which row of the table is being edited, and what saving it does; and deleting with a way back.

use leptos::prelude::*;
use subrosa_bridge::view::{Row, SecretKind};

use super::table::{Over, Table, Target};
use crate::components::delete_dialog::Doomed;
use crate::components::shell::focus;
use crate::drafts::{Changed, Draft, DraftOf, Saves};
use crate::editor::{Around, Opening};

impl Table {
    /// Puts the editor into the page.
    pub fn start_editor(self) {
        let closed = Callback::new(move |()| self.closed());
        let conflict =
            Callback::new(move |conflict| self.over.set(Over::Conflict(Box::new(conflict))));
        let above = Some(Callback::new(move |key: String| self.above(&key)));
        self.editor.start(Around { closed, conflict, above });
    }

    /// Opens the editor for a new secret.
    pub fn open_new(self) {
        if self.editing.with_untracked(|target| *target == Some(Target::New)) {
            focus("tr.editing input");
            return;
        }
        self.begin(Target::New);
    }

    /// Opens the editor of a secret; of an inherited one, for another value here.
    pub fn open_row(self, row: Row) {
        if row.inherited {
            self.open_override(row);
        } else {
            self.begin(Target::Row(Box::new(row)));
        }
    }

    /// Opens the editor for another value, here, of an inherited secret.
    pub fn open_override(self, row: Row) {
        self.begin(Target::Override(Box::new(row)));
    }

    fn begin(self, target: Target) {
        if !self.session.check_write(&self.scope()) {
            return;
        }
        self.editor.leave();
        let opening = self.opening(&target);
        self.editing.set(Some(target));
        self.editor.open(opening);
    }

    /// What the editor shows with nothing typed.
    fn opening(self, target: &Target) -> Opening {
        let scope = self.scope();
        match target {
            Target::New => Opening { of: DraftOf::New(scope), fresh: Draft::default(), ask: false },
            Target::Override(row) => {
                let (key, saves) = (row.key.clone(), Saves::Override(row.id.clone()));
                let of = DraftOf::Cell(scope, key.clone());
                Opening { of, fresh: Draft { key, saves, ..Draft::default() }, ask: false }
            }
            Target::Row(row) => {
                let fresh = Draft {
                    key: row.key.clone(),
                    mount: mount_of(row).to_owned(),
                    note: row.note.clone(),
                    base: row.version,
                    saves: Saves::Edit(row.id.clone(), Changed::default()),
                    ..Draft::default()
                };
                // An alias has no value of its own.
                let ask = !matches!(row.kind, SecretKind::Alias(_));
                Opening { of: DraftOf::Cell(scope, row.key.clone()), fresh, ask }
            }
        }
    }

    /// The focus goes back to where it was.
    fn closed(self) {
        let Some(target) = self.editing.try_update(Option::take).flatten() else { return };
        let selector = match target {
            Target::Row(row) | Target::Override(row) => {
                format!("tr[data-id=\"{}\"] .key", row.id)
            }
            Target::New => "#new-secret".to_owned(),
        };
        request_animation_frame(move || {
            focus(&selector);
        });
    }

    /// Deletes, after what goes along was shown; there is a way back.
    pub fn delete(self, row: Row) {
        if !self.session.check_write(&row.scope) {
            return;
        }
        self.deleting.start(Doomed {
            scope: row.scope,
            id: row.id,
            key: row.key,
            version: row.version,
        });
    }
}

/// Where the file goes that a row is of; nothing for what is none.
fn mount_of(row: &Row) -> &str {
    match &row.kind {
        SecretKind::File { mount } => mount,
        _ => "",
    }
}
