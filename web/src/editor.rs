//! What an editor of one secret does, wherever it stands: it shows a secret or a draft of it, keeps
//! what is typed with every letter, and sends it.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::view::{Conflict, Plain, Row};
use subrosa_bridge::{Kind, Problem};

use crate::components::shell::focus;
use crate::drafts::{Changed, Draft, DraftOf, Saves};
use crate::erased::{effect, spawn};
use crate::fields::Fields;
use crate::session::Session;

/// What is opened.
#[derive(Clone)]
pub struct Opening {
    /// The draft that is written.
    pub of: DraftOf,
    /// The fields with nothing typed; what saving does, of an edit with nothing changed.
    pub fresh: Draft,
    /// Whether the secret's value is asked for; else there is none, or none to show.
    pub ask: bool,
}

/// The page around an editor.
#[derive(Clone, Copy)]
pub struct Around {
    /// The editor was closed.
    pub closed: Callback<()>,
    /// What was sent meets what somebody else has saved.
    pub conflict: Callback<Conflict>,
    /// The secret of a higher scope that a new one with this key overrides.
    pub above: Option<Callback<String, Option<String>>>,
}

/// Handles to it. One for a page: it is closed before another secret is opened.
#[derive(Clone, Copy)]
pub struct Editor {
    session: Session,
    around: StoredValue<Option<Around>>,
    /// What is typed.
    pub fields: Fields,
    opening: StoredValue<Option<Opening>>,
    /// The fields as they were shown at first: what differs is a draft.
    opened: StoredValue<Draft>,
    /// Whether the draft was written here. What another tab has written is not dropped here.
    wrote: StoredValue<bool>,
    /// The value is on its way.
    pub waiting: RwSignal<bool>,
    /// A draft is shown.
    pub restored: RwSignal<bool>,
    /// What was typed is on its way.
    pub saving: RwSignal<bool>,
    /// Why it could not be saved.
    pub problem: RwSignal<Option<Problem>>,
}

impl Editor {
    /// A closed one.
    pub fn new(session: Session) -> Self {
        Editor {
            session,
            around: StoredValue::new(None),
            fields: Fields::new(),
            opening: StoredValue::new(None),
            opened: StoredValue::new(Draft::default()),
            wrote: StoredValue::new(false),
            waiting: RwSignal::new(false),
            restored: RwSignal::new(false),
            saving: RwSignal::new(false),
            problem: RwSignal::new(None),
        }
    }

    /// Puts it into its page, which lives as long as it does.
    pub fn start(self, around: Around) {
        self.around.set_value(Some(around));
        effect(move || {
            let now = self.typed();
            let Some(of) = self.of() else { return };
            let same = self.opened.with_value(|opened| now.reads_as(opened));
            if !same {
                self.wrote.set_value(true);
                self.session.drafts.keep(of, now);
            } else if self.wrote.get_value() {
                match self.restored.get_untracked() {
                    true => self.session.drafts.keep(of, self.opened.get_value()),
                    false => self.session.drafts.drop_one(&of),
                }
            }
        });
        // A draft that a review has saved is edited no more.
        effect(move || {
            let saved = self.session.reviewed.get();
            if self.of().is_some_and(|of| saved.contains(&of)) {
                self.close();
            }
        });
        // Another tab has typed: nothing is typed here yet, so that is what is gone on with.
        effect(move || {
            let come = self.session.drafts.come();
            let opening = self.opening.get_value().filter(|opening| come.contains(&opening.of));
            let typed = untrack(|| self.typed());
            let untouched = self.opened.with_value(|opened| typed.reads_as(opened));
            if let Some(opening) = opening.filter(|_| untouched && !self.saving.get_untracked()) {
                self.open(opening);
            }
        });
        on_cleanup(move || self.session.drafts.edits(None));
    }

    /// The draft that is written, untracked; `None` while it is closed.
    pub fn of(self) -> Option<DraftOf> {
        self.opening.try_with_value(|it| it.as_ref().map(|it| it.of.clone())).flatten()
    }

    /// Shows a secret, or a draft of it.
    pub fn open(self, opening: Opening) {
        let draft = self.session.drafts.find(&opening.of);
        let draft = draft.and_then(|draft| draft.onto(&opening.fresh));
        let shown = draft.clone().unwrap_or_else(|| opening.fresh.clone());
        let secret = match &shown.saves {
            Saves::Edit(secret, _) if opening.ask && !shown.writes_value() => Some(secret.clone()),
            _ => None,
        };
        self.problem.set(None);
        self.saving.set(false);
        self.wrote.set_value(false);
        self.waiting.set(secret.is_some());
        self.restored.set(draft.is_some());
        self.opened.set_value(shown.clone());
        self.session.drafts.edits(Some(opening.of.clone()));
        let of = opening.of.clone();
        self.opening.set_value(Some(opening));
        self.fields.show(&shown);
        if let Some(secret) = secret {
            spawn(async move {
                let result = self.session.keyholder.content(secret, shown.base).await;
                self.take_value(&of, result);
            });
        }
    }

    fn take_value(self, of: &DraftOf, result: Result<Plain, Problem>) {
        if self.of().as_ref() != Some(of) || self.waiting.try_get_untracked() != Some(true) {
            return;
        }
        match result {
            Ok(value) => {
                self.opened.update_value(|opened| opened.set(value.clone()));
                self.fields.show_value(&value);
            }
            // The server may be away: another value can be typed all the same.
            Err(problem) => self.problem.set(Some(problem)),
        }
        self.waiting.set(false);
    }

    /// What is typed, and what saving it does; tracked.
    pub fn typed(self) -> Draft {
        let opened = self.opened.get_value();
        let mut typed = self.fields.typed(opened.base, opened.saves.clone());
        typed.saves = match opened.saves.clone() {
            Saves::Edit(secret, before) => {
                let changed = Changed {
                    key: before.key || typed.key != opened.key,
                    value: before.value || typed.plain() != opened.plain(),
                    mount: before.mount || typed.mount != opened.mount,
                    note: before.note || typed.note != opened.note,
                };
                Saves::Edit(secret, changed)
            }
            // A key that is set above is overridden here.
            Saves::Create if matches!(self.of(), Some(DraftOf::New(_))) => {
                let above = self.around.get_value().and_then(|around| around.above);
                let above = above.and_then(|above| above.run(typed.key.clone()));
                above.map_or(Saves::Create, Saves::Override)
            }
            other => other,
        };
        typed
    }

    /// Whether something is typed that is not saved.
    fn is_touched(self, typed: &Draft) -> bool {
        self.restored.get_untracked() || self.opened.with_value(|opened| !typed.reads_as(opened))
    }

    /// Sends what is typed.
    pub fn save(self) {
        let Some(of) = self.of() else { return };
        if self.saving.get_untracked() || self.waiting.get_untracked() {
            return;
        }
        let typed = untrack(|| self.typed());
        if typed.key.is_empty() {
            let problem = Problem::new(Kind::BadKey(None), "The key is missing.", "Type one.");
            self.problem.set(Some(problem));
        } else if matches!(typed.saves, Saves::Edit(..)) && !self.is_touched(&typed) {
            self.leave();
        } else {
            let adds = typed.saves.adds();
            self.session.ask_once_more(&of.scope().clone(), adds, move || self.send(&of, &typed));
        }
    }

    /// The key that was to be created is set above: overrides it. That this changes the scope was
    /// asked for with the creation.
    pub fn save_as_override(self, target: String) {
        let Some(of) = self.of() else { return };
        self.send(&of, &Draft { saves: Saves::Override(target), ..untrack(|| self.typed()) });
    }

    /// Writes what is typed over somebody else's version of the secret.
    pub fn keep_mine(self, secret: String, version: u32) {
        self.rebase(secret, version);
        let (Some(of), typed) = (self.of(), untrack(|| self.typed())) else { return };
        self.send(&of, &typed);
    }

    /// What is typed is an edit of somebody else's version of the secret from here on.
    pub fn rebase(self, secret: String, version: u32) {
        self.opened.update_value(|opened| {
            opened.base = version;
            opened.saves = opened.saves.clone().onto_secret(secret, opened);
        });
    }

    fn send(self, of: &DraftOf, draft: &Draft) {
        let (of, write) = (of.clone(), draft.write(of));
        let _ = self.saving.try_set(true);
        let _ = self.problem.try_set(None);
        spawn(async move { self.finish(&of, self.session.keyholder.write_one(write).await) });
    }

    /// Closes the editor if it went well; else shows why, and keeps what was typed. By then
    /// something else may be edited, or nothing.
    fn finish(self, of: &DraftOf, result: Result<Row, Problem>) {
        let session = self.session;
        let here = self.of().as_ref() == Some(of);
        if here {
            self.saving.set(false);
        }
        match result {
            Ok(row) => {
                session.toasts.say(format!("Saved {}.", row.key));
                if here {
                    self.close();
                }
                session.drafts.drop_one(of);
            }
            Err(problem) if !here => session.report(&problem),
            Err(Problem { kind: Kind::Conflict(conflicts), .. }) if !conflicts.is_empty() => {
                if let (Some(first), Some(around)) =
                    (conflicts.into_iter().next(), self.around.get_value())
                {
                    around.conflict.run(first);
                }
            }
            // The field says so itself, with a key that would do.
            Err(Problem { kind: Kind::BadKey(_), .. }) => {
                focus("tr.editing input");
            }
            Err(problem) => {
                if problem.kind == Kind::Offline {
                    session.online.set(false);
                }
                self.problem.set(Some(problem));
            }
        }
    }

    /// Closes the editor. What was typed stays as a draft, and that is said.
    pub fn leave(self) {
        let Some(of) = self.of() else { return };
        self.close();
        let session = self.session;
        if session.drafts.find(&of).is_some() {
            let discard = Arc::new(move || session.drafts.drop_one(&of));
            session.toasts.offer("What you typed is kept as a draft.", "Discard draft", discard);
        }
    }

    /// Closes the editor, and throws away what was typed.
    pub fn discard(self) {
        let Some(of) = self.of() else { return };
        self.close();
        self.session.drafts.drop_one(&of);
    }

    fn close(self) {
        self.opening.set_value(None);
        self.opened.set_value(Draft::default());
        self.session.drafts.edits(None);
        self.fields.clear();
        self.saving.set(false);
        if let Some(around) = self.around.get_value() {
            around.closed.run(());
        }
    }

    /// A new secret shall be set elsewhere. What was typed goes along, unless there is a draft.
    pub fn move_new(self, of: DraftOf) {
        let (Some(before), Some(mut opening)) = (self.of(), self.opening.get_value()) else {
            return;
        };
        let drafts = self.session.drafts;
        opening.of = of.clone();
        if let Some(typed) = drafts.find(&before).filter(|_| drafts.find(&of).is_none()) {
            drafts.keep(of, typed);
            drafts.drop_one(&before);
        }
        self.open(opening);
    }
}
