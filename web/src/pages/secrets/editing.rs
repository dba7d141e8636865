//! The table's editor: opening it, keeping what is typed, closing it; and deleting with a way back.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use subrosa_bridge::view::{Row, SecretKind};

use super::table::{Table, Target};
use crate::components::delete_dialog::Doomed;
use crate::components::shell::focus;
use crate::drafts::{Changed, Draft, DraftOf, Saves};
use crate::erased::effect;

impl Table {
    /// Notes what is typed, with every letter: nothing of it is lost by leaving.
    pub fn keep_drafts(self) {
        effect(move || {
            let now = self.typed();
            let Some(of) = self.draft_of() else { return };
            if !self.opened.with_value(|opened| now.reads_as(opened)) {
                self.session.drafts.keep(of, now);
            } else if !self.restored.get_untracked() {
                self.session.drafts.drop_one(&of);
            }
        });
        effect(move || {
            self.editing.track();
            self.session.drafts.edits(self.draft_of());
        });
        on_cleanup(move || self.session.drafts.edits(None));
        // A draft that a review has saved is edited no more.
        effect(move || {
            self.session.reviewed.track();
            if self.draft_of().is_some_and(|of| self.session.drafts.find(&of).is_none()) {
                self.done();
            }
        });
    }

    /// What is typed, tracked.
    pub fn typed(self) -> Draft {
        let opened = self.opened.get_value();
        let mut typed = self.fields.typed(opened.base, Saves::Create);
        typed.saves = match self.editing.get_untracked() {
            Some(Target::Override(row)) => Saves::Override(row.id),
            Some(Target::Row(row)) => {
                let changed = Changed {
                    key: typed.key != row.key,
                    value: typed.value != opened.value || typed.file != opened.file,
                    mount: typed.mount != mount_of(&row),
                    note: typed.note != row.note,
                };
                Saves::Edit(row.id, changed)
            }
            // A key that is set above is overridden here.
            _ => self.above(&typed.key).map_or(Saves::Create, Saves::Override),
        };
        typed
    }

    /// Which draft the open editor writes.
    pub fn draft_of(self) -> Option<DraftOf> {
        self.editing.with_untracked(|target| match target {
            None => None,
            Some(Target::New) => Some(DraftOf::New(self.scope())),
            Some(Target::Override(row) | Target::Row(row)) => {
                Some(DraftOf::Cell(self.scope(), row.key.clone()))
            }
        })
    }

    /// Opens the editor for a new secret.
    pub fn open_new(self) {
        if self.editing.with_untracked(|target| *target == Some(Target::New)) {
            focus("tr.editing input");
            return;
        }
        self.leave();
        let draft = self.session.drafts.find(&DraftOf::New(self.scope()));
        self.fill(Draft::default(), draft);
        self.editing.set(Some(Target::New));
    }

    /// Opens the editor of a secret and asks for its value.
    pub fn open_row(self, row: Row) {
        if row.inherited {
            self.open_override(row);
            return;
        }
        self.leave();
        let draft = self.session.drafts.find(&DraftOf::Cell(self.scope(), row.key.clone()));
        let fresh = Draft {
            key: row.key.clone(),
            mount: mount_of(&row).to_owned(),
            note: row.note.clone(),
            base: row.version,
            ..Draft::default()
        };
        // An alias has no value of its own.
        let typed = draft.as_ref().is_some_and(Draft::writes_value);
        let ask = !typed && !matches!(row.kind, SecretKind::Alias(_));
        let version = draft.as_ref().map_or(row.version, |draft| draft.base);
        let (id, key) = (row.id.clone(), row.key.clone());
        self.fill(fresh, draft);
        self.waiting.set(ask);
        self.editing.set(Some(Target::Row(Box::new(row))));
        if ask {
            spawn_local(async move { self.fetch_value(id, version, key).await });
        }
    }

    /// Opens the editor for another value, here, of an inherited secret.
    pub fn open_override(self, row: Row) {
        self.leave();
        let fresh = Draft { key: row.key.clone(), ..Draft::default() };
        let of = DraftOf::Cell(self.scope(), row.key.clone());
        let draft = self.session.drafts.find(&of);
        self.fill(fresh, draft);
        self.editing.set(Some(Target::Override(Box::new(row))));
    }

    async fn fetch_value(self, id: String, version: u32, key: String) {
        let result = self.session.keyholder.content(id, version).await;
        let still = self.draft_of_now() == Some(DraftOf::Cell(self.scope(), key));
        if !still || !self.waiting.get_untracked() {
            return;
        }
        match result {
            Ok(value) => {
                self.opened.update_value(|opened| opened.set(value.clone()));
                self.fields.show_value(&value);
            }
            Err(problem) => self.problem.set(Some(problem)),
        }
        self.waiting.set(false);
    }

    fn draft_of_now(self) -> Option<DraftOf> {
        self.editing.try_get_untracked()?;
        self.draft_of()
    }

    fn fill(self, fresh: Draft, draft: Option<Draft>) {
        self.problem.set(None);
        self.saving.set(false);
        self.waiting.set(false);
        self.restored.set(draft.is_some());
        let shown = draft.map_or_else(|| fresh.clone(), |draft| draft.over(&fresh));
        self.opened.set_value(Draft { base: shown.base, ..fresh });
        self.fields.show(&shown);
    }

    /// Closes the editor. What was typed stays as a draft, and that is said.
    pub fn leave(self) {
        let Some(of) = self.draft_of() else { return };
        let selector = self.opener();
        self.editing.set(None);
        self.clear_fields();
        if self.session.drafts.find(&of).is_some() {
            let session = self.session;
            let discard = Arc::new(move || session.drafts.drop_one(&of));
            session.toasts.offer("What you typed is kept as a draft.", "Discard draft", discard);
        }
        request_animation_frame(move || {
            focus(&selector);
        });
    }

    /// Closes the editor after what was typed is saved or thrown away.
    pub fn done(self) {
        if let Some(of) = self.draft_of() {
            let selector = self.opener();
            self.editing.set(None);
            self.session.drafts.drop_one(&of);
            self.clear_fields();
            request_animation_frame(move || {
                focus(&selector);
            });
        }
    }

    /// Where the focus returns to.
    fn opener(self) -> String {
        self.editing.with_untracked(|target| match target {
            Some(Target::Row(row) | Target::Override(row)) => {
                format!("tr[data-id=\"{}\"] .key", row.id)
            }
            _ => "#new-secret".to_owned(),
        })
    }

    fn clear_fields(self) {
        self.fields.clear();
        self.opened.set_value(Draft::default());
    }

    /// Deletes, after what goes along was shown; there is a way back.
    pub fn delete(self, row: Row) {
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
