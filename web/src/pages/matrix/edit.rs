//! What is being edited: opening it, keeping what is typed, saving it.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::view::{Cell, CellState, Row, Scope};
use subrosa_bridge::{Kind, Problem};

use super::grid::{At, Grid, Over};
use crate::components::shell::focus;
use crate::drafts::{Changed, Draft, DraftOf, Saves};
use crate::erased::{effect, spawn};
use crate::place_names;

/// Gives the editor's first field the focus; where nothing can be typed, the first button.
pub fn focus_editor() {
    if !focus("tr.editing .secret-fields :is(input, textarea)") {
        focus("tr.editing button");
    }
}

/// What is open.
#[derive(Clone, PartialEq)]
pub struct Editing {
    /// Where; of a new secret, where the focus was.
    pub at: Option<At>,
    /// What saving does.
    pub mode: Mode,
    /// Where it is set.
    pub scope: Scope,
}

/// What saving does.
#[derive(Clone, PartialEq)]
pub enum Mode {
    /// Makes a secret with a key that is typed.
    New,
    /// Makes a secret with the row's key.
    Create,
    /// Changes what is set here.
    Edit(String),
    /// Sets another value for the secret with this id.
    Override(String),
    /// Gives the secret with this id another key, which is typed.
    Alias(String),
    /// Nothing: the cell has no value to edit.
    Look,
}

impl Mode {
    /// Whether a value is typed.
    pub fn has_value(&self) -> bool {
        !matches!(self, Mode::Alias(_) | Mode::Look)
    }

    /// Whether a key is typed.
    pub fn has_key(&self) -> bool {
        matches!(self, Mode::New | Mode::Alias(_))
    }
}

impl Grid {
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
                self.close();
            }
        });
    }

    /// What is typed, tracked.
    pub fn typed(self) -> Draft {
        let mode = self.editing.with_untracked(|it| it.as_ref().map(|it| it.mode.clone()));
        let opened = self.opened.get_value();
        let mut typed = self.fields.typed(opened.base, Saves::Create);
        typed.saves = match mode {
            Some(Mode::Override(target)) => Saves::Override(target),
            Some(Mode::Alias(target)) => Saves::Alias(target),
            Some(Mode::Edit(secret)) => {
                // What else a draft changes, that was typed where all of a secret is shown.
                let before = match opened.saves {
                    Saves::Edit(_, changed) => changed,
                    _ => Changed::default(),
                };
                let value = before.value || typed.plain() != opened.plain();
                Saves::Edit(secret, Changed { value, ..before })
            }
            _ => Saves::Create,
        };
        typed
    }

    fn draft_of(self) -> Option<DraftOf> {
        self.editing.try_with_untracked(|editing| draft_of(editing.as_ref()?)).flatten()
    }

    /// Opens a cell: its value, an override of what is above, a new secret, or why there is none.
    pub fn open(self, at: At) {
        if at.column == 0 {
            return self.expand(&at.line.key);
        }
        let open = |editing: &Option<Editing>| {
            editing.as_ref().is_some_and(|it| it.at.as_ref() == Some(&at) && it.mode != Mode::New)
        };
        if self.editing.with_untracked(open) {
            return focus_editor();
        }
        let Some(Cell { scope, state, secret, overridable, version, .. }) = self.cell_at(&at)
        else {
            return;
        };
        let mode = match (state, secret, overridable) {
            (CellState::Own | CellState::Override, Some(secret), _) => Mode::Edit(secret),
            (CellState::Inherited, _, Some(target)) => Mode::Override(target),
            (CellState::Missing, ..) => Mode::Create,
            _ => Mode::Look,
        };
        self.begin(Editing { at: Some(at), mode, scope }, version);
    }

    /// Opens the editor of another key for what the cell comes to.
    pub fn open_alias(self, at: At) {
        let Some(cell) = self.cell_at(&at) else { return };
        match (cell.state, cell.secret.or(cell.overridable)) {
            (CellState::Alias, _) => {
                self.session.toasts.say("An alias can’t have an alias. Go to what it stands for.");
            }
            (_, None) => self.session.toasts.say("There is nothing here to have another key."),
            (_, Some(target)) => {
                let (mode, scope) = (Mode::Alias(target), cell.scope);
                self.begin(Editing { at: Some(at), mode, scope }, 0);
            }
        }
    }

    /// Opens the editor of a new secret, for the column that has the focus.
    pub fn open_new(self, at: Option<At>) {
        let column = at.as_ref().map_or(0, |at| at.column.saturating_sub(1));
        let scope = self.columns.with_untracked(|columns| {
            columns.get(column).or(columns.first()).map(|column| column.scope.clone())
        });
        let scope = scope.unwrap_or_else(|| Scope::Project(self.project.get_value()));
        self.begin(Editing { at, mode: Mode::New, scope }, 0);
    }

    fn begin(self, editing: Editing, version: u32) {
        self.leave();
        let of = draft_of(&editing);
        let draft = of.as_ref().and_then(|of| self.session.drafts.find(of));
        let asked = match &editing.mode {
            Mode::Edit(secret) if !draft.as_ref().is_some_and(Draft::writes_value) => {
                Some(secret.clone())
            }
            _ => None,
        };
        let version = draft.as_ref().map_or(version, |draft| draft.base);
        self.problem.set(None);
        self.saving.set(false);
        self.waiting.set(asked.is_some());
        self.restored.set(draft.is_some());
        let shown = draft.unwrap_or(Draft { base: version, ..Draft::default() });
        self.opened.set_value(shown.clone());
        self.fields.show(&shown);
        self.editing.set(Some(editing));
        if let Some(secret) = asked {
            spawn(async move {
                let result = self.session.keyholder.content(secret, version).await;
                if self.draft_of() != of || !self.waiting.get_untracked() {
                    return;
                }
                match result {
                    Ok(value) => {
                        self.opened.update_value(|opened| opened.set(value.clone()));
                        self.fields.show_value(&value);
                        self.waiting.set(false);
                    }
                    // Nothing can be typed over a value that is not known.
                    Err(problem) => self.problem.set(Some(problem)),
                }
            });
        }
    }

    /// Closes the editor. What was typed stays as a draft, and that is said.
    pub fn leave(self) {
        let of = self.draft_of();
        if !self.close() {
            return;
        }
        let session = self.session;
        if let Some(of) = of.filter(|of| session.drafts.find(of).is_some()) {
            let discard = Arc::new(move || session.drafts.drop_one(&of));
            session.toasts.offer("What you typed is kept as a draft.", "Discard draft", discard);
        }
    }

    /// Closes the editor after what was typed is saved or thrown away.
    pub fn done(self) {
        let of = self.draft_of();
        self.close();
        if let Some(of) = of {
            self.session.drafts.drop_one(&of);
        }
    }

    /// The focus goes back to where it was.
    fn close(self) -> bool {
        let Some(editing) = self.editing.get_untracked() else { return false };
        self.editing.set(None);
        self.fields.clear();
        self.opened.set_value(Draft::default());
        request_animation_frame(move || match editing.at {
            Some(at) => self.focus(at),
            None => {
                focus("#new-secret");
            }
        });
        true
    }

    /// A new secret shall be set elsewhere. What was typed goes along, unless there is a draft.
    pub fn move_new(self, scope: Scope) {
        let Some(editing) = self.editing.get_untracked() else { return };
        let (before, drafts) = (DraftOf::New(editing.scope.clone()), self.session.drafts);
        let now = DraftOf::New(scope.clone());
        let editing = Editing { scope, ..editing };
        if drafts.find(&now).is_some() {
            return self.begin(editing, 0);
        }
        self.editing.set(Some(editing));
        if let Some(typed) = drafts.find(&before) {
            drafts.keep(now, typed);
            drafts.drop_one(&before);
        }
    }

    /// The keys of this project for which something is typed and not saved, tracked.
    pub fn drafted_keys(self) -> Vec<String> {
        let here = |scope: &Scope| {
            self.session.overview.with_untracked(|overview| {
                let place = place_names::locate(overview.as_ref()?, scope)?;
                self.project.with_value(|project| (place.project == *project).then_some(()))
            })
        };
        self.drafts.with(|drafts| {
            let key = |of: &DraftOf| match of {
                DraftOf::Cell(scope, key) | DraftOf::Alias(scope, key) => {
                    here(scope).map(|()| key.clone())
                }
                DraftOf::New(_) => None,
            };
            drafts.iter().filter_map(key).collect()
        })
    }

    /// Whether something is typed and not saved for a cell, tracked.
    pub fn is_drafted(self, scope: &Scope, key: &str) -> bool {
        self.drafts.with(|drafts| {
            let of_it = |of: &DraftOf| match of {
                DraftOf::Cell(s, k) | DraftOf::Alias(s, k) => s == scope && k == key,
                DraftOf::New(_) => false,
            };
            drafts.iter().any(of_it)
        })
    }

    /// Sends what is typed.
    pub fn save(self) {
        let Some(editing) = self.editing.get_untracked() else { return };
        if self.saving.get_untracked() || self.waiting.get_untracked() {
            return;
        }
        let typed = untrack(|| self.typed());
        if editing.mode.has_key() && typed.key.is_empty() {
            let problem = Problem::new(Kind::BadKey(None), "The key is missing.", "Type one.");
            self.problem.set(Some(problem));
            return;
        }
        let same = || self.opened.with_value(|opened| typed.reads_as(opened));
        if matches!(editing.mode, Mode::Edit(_)) && !self.restored.get_untracked() && same() {
            return self.done();
        }
        let adds = typed.saves.adds();
        self.session.ask_once_more(&editing.scope, adds, move || self.send(&typed));
    }

    /// The key that was to be created is set above: overrides it. That this changes the scope was
    /// asked for with the creation.
    pub fn save_as_override(self, target: String) {
        self.send(&Draft { saves: Saves::Override(target), ..untrack(|| self.typed()) });
    }

    /// Writes what is typed over somebody else's version.
    pub fn keep_mine(self, secret: String, base: u32) {
        self.over.set(Over::Nothing);
        let saves = Saves::Edit(secret, Changed { value: true, ..Changed::default() });
        self.send(&Draft { base, saves, ..untrack(|| self.typed()) });
    }

    fn send(self, draft: &Draft) {
        let Some(of) = self.draft_of() else { return };
        let write = draft.write(&of);
        self.saving.set(true);
        self.problem.set(None);
        spawn(async move { self.finish(self.session.keyholder.write_one(write).await) });
    }

    /// Closes the editor if it went well; else shows why, and keeps what was typed.
    fn finish(self, result: Result<Row, Problem>) {
        let session = self.session;
        if self.saving.try_set(false).is_some() {
            // The page is gone; the draft is not.
            if let Err(problem) = result {
                session.report(&problem);
            }
            return;
        }
        match result {
            Ok(row) => {
                session.toasts.say(format!("Saved {}.", row.key));
                self.done();
            }
            Err(Problem { kind: Kind::Conflict(conflicts), .. }) if !conflicts.is_empty() => {
                if let Some(first) = conflicts.into_iter().next() {
                    self.over.set(Over::Conflict(Box::new(first)));
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
}

fn draft_of(editing: &Editing) -> Option<DraftOf> {
    let key = |at: &Option<At>| at.as_ref().map(|at| at.line.key.clone()).unwrap_or_default();
    match editing.mode {
        Mode::Look => None,
        Mode::New => Some(DraftOf::New(editing.scope.clone())),
        Mode::Alias(_) => Some(DraftOf::Alias(editing.scope.clone(), key(&editing.at))),
        _ => Some(DraftOf::Cell(editing.scope.clone(), key(&editing.at))),
    }
}
