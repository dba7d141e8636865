//! The table's editor: opening it, keeping what is typed, closing it; and deleting with a way back.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use subrosa_bridge::Hidden;
use subrosa_bridge::view::{Row, Write};

use super::table::{Table, Target};
use crate::components::shell::focus;
use crate::drafts::{Draft, DraftOf};
use crate::page::Place;

impl Table {
    /// Notes what is typed, with every letter: nothing of it is lost by leaving.
    pub fn keep_drafts(self) {
        Effect::new(move |_| {
            let now = self.typed();
            let Some(of) = self.draft_of() else { return };
            let opened = self.opened.get_value();
            let same =
                now.key == opened.key && now.value == opened.value && now.note == opened.note;
            if !same {
                self.session.drafts.keep(of, now);
            } else if !self.restored.get_untracked() {
                self.session.drafts.drop_one(&of);
            }
        });
    }

    /// What is typed, tracked.
    pub fn typed(self) -> Draft {
        Draft {
            key: self.fields.key.get(),
            value: Hidden::new(self.fields.value.get()),
            note: self.fields.note.get(),
            base: self.opened.with_value(|opened| opened.base),
        }
    }

    /// Which draft the open editor writes.
    pub fn draft_of(self) -> Option<DraftOf> {
        self.editing.with_untracked(|target| match target {
            None => None,
            Some(Target::New) => Some(DraftOf::New(self.place.with_value(Place::scope))),
            Some(Target::Row(row)) => Some(DraftOf::Secret(row.id.clone())),
        })
    }

    /// Opens the editor for a new secret.
    pub fn open_new(self) {
        if self.editing.with_untracked(|target| *target == Some(Target::New)) {
            focus("tr.editing input");
            return;
        }
        self.leave();
        let draft = self.session.drafts.find(&DraftOf::New(self.place.with_value(Place::scope)));
        self.fill(Draft::default(), draft);
        self.editing.set(Some(Target::New));
    }

    /// Opens the editor of a secret and asks for its value.
    pub fn open_row(self, row: Row) {
        if row.inherited {
            let said =
                format!("{} is set in {}. Open that scope to edit it.", row.key, row.scope_name);
            self.session.toasts.say(said);
            return;
        }
        self.leave();
        let draft = self.session.drafts.find(&DraftOf::Secret(row.id.clone()));
        let fresh = Draft {
            key: row.key.clone(),
            value: Hidden::default(),
            note: row.note.clone(),
            base: row.version,
        };
        let ask = draft.is_none();
        let (id, version) = (row.id.clone(), row.version);
        self.fill(fresh, draft);
        self.waiting.set(ask);
        self.editing.set(Some(Target::Row(Box::new(row))));
        if ask {
            spawn_local(async move { self.fetch_value(id, version).await });
        }
    }

    async fn fetch_value(self, id: String, version: u32) {
        let result = self.session.keyholder.reveal(id.clone(), Some(version)).await;
        let still = self.draft_of_now() == Some(DraftOf::Secret(id));
        if !still || !self.waiting.get_untracked() {
            return;
        }
        match result {
            Ok(text) => {
                self.opened.update_value(|opened| opened.value = text.clone());
                self.fields.value.set(text.expose().to_owned());
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
        let shown = draft.unwrap_or_else(|| fresh.clone());
        self.opened.set_value(Draft { base: shown.base, ..fresh });
        self.fields.key.set(shown.key.clone());
        self.fields.value.set(shown.value.expose().to_owned());
        self.fields.note.set(shown.note.clone());
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
            Some(Target::Row(row)) => format!("tr[data-id=\"{}\"] .key", row.id),
            _ => "#new-secret".to_owned(),
        })
    }

    fn clear_fields(self) {
        for field in [self.fields.key, self.fields.value, self.fields.note] {
            field.set(String::new());
        }
        self.opened.set_value(Draft::default());
    }

    /// Deletes at once, and offers the way back.
    pub fn delete(self, row: Row) {
        let session = self.session;
        self.gone.update(|gone| {
            gone.insert(row.id.clone());
        });
        let id = row.id.clone();
        let undo = Arc::new(move || {
            let id = id.clone();
            spawn_local(async move {
                let restore = Write::Restore { secret: id.clone(), version: None };
                match session.keyholder.write_one(restore).await {
                    Ok(_) => {
                        let _ = self.gone.try_update(|gone| gone.remove(&id));
                        let _ = self.reload.try_update(|count| *count += 1);
                    }
                    Err(problem) => session.report(&problem),
                }
            });
        });
        spawn_local(async move {
            let delete = Write::Delete { secret: row.id.clone(), base: row.version };
            match session.keyholder.write(vec![delete], String::new()).await {
                Ok(_) => session.toasts.offer(format!("Deleted {}.", row.key), "Undo", undo),
                Err(problem) => {
                    let _ = self.gone.try_update(|gone| gone.remove(&row.id));
                    session.report(&problem);
                }
            }
            let _ = self.reload.try_update(|count| *count += 1);
        });
    }
}
