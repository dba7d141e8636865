//! Which cell is being edited, and what saving it does.

use leptos::prelude::*;
use subrosa_bridge::view::{Cell, CellState, Column, Scope};

use super::grid::{At, Grid, Over};
use crate::components::shell::focus;
use crate::drafts::{Changed, Draft, DraftOf, Saves};
use crate::editor::{Around, Opening};
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
    /// Puts the editor into the page.
    pub fn start_editor(self) {
        let closed = Callback::new(move |()| self.closed());
        let conflict =
            Callback::new(move |conflict| self.over.set(Over::Conflict(Box::new(conflict))));
        self.editor.start(Around { closed, conflict, above: None });
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
            let here = columns.get(column).or(columns.first());
            let may = |it: &&Column| untrack(|| self.session.may_write(&it.scope));
            let there = || columns.iter().find(may);
            here.filter(may).or_else(there).or(here).map(|column| column.scope.clone())
        });
        let scope = scope.unwrap_or_else(|| Scope::Project(self.project.get_value()));
        self.begin(Editing { at, mode: Mode::New, scope }, 0);
    }

    fn begin(self, editing: Editing, version: u32) {
        if editing.mode != Mode::Look && !self.session.check_write(&editing.scope) {
            return;
        }
        self.leave();
        let opening = opening(&editing, version);
        self.editing.set(Some(editing));
        if let Some(opening) = opening {
            self.editor.open(opening);
        }
    }

    /// Closes the editor. What was typed stays as a draft.
    pub fn leave(self) {
        match self.editor.of() {
            Some(_) => self.editor.leave(),
            None => self.closed(),
        }
    }

    /// The focus goes back to where it was.
    fn closed(self) {
        let Some(editing) = self.editing.try_update(Option::take).flatten() else { return };
        request_animation_frame(move || match editing.at {
            Some(at) => self.focus(at),
            None => {
                focus("#new-secret");
            }
        });
    }

    /// A new secret shall be set elsewhere.
    pub fn move_new(self, scope: Scope) {
        let Some(editing) = self.editing.get_untracked() else { return };
        self.editing.set(Some(Editing { scope: scope.clone(), ..editing }));
        self.editor.move_new(DraftOf::New(scope));
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
}

/// What the editor shows of a cell with nothing typed; `None` where there is nothing to type.
fn opening(editing: &Editing, version: u32) -> Option<Opening> {
    let scope = editing.scope.clone();
    let key = editing.at.as_ref().map(|at| at.line.key.clone()).unwrap_or_default();
    let (of, key, saves) = match editing.mode.clone() {
        Mode::Look => return None,
        Mode::New => (DraftOf::New(scope), String::new(), Saves::Create),
        Mode::Alias(target) => (DraftOf::Alias(scope, key), String::new(), Saves::Alias(target)),
        Mode::Create => (DraftOf::Cell(scope, key.clone()), key, Saves::Create),
        Mode::Override(target) => (DraftOf::Cell(scope, key.clone()), key, Saves::Override(target)),
        Mode::Edit(secret) => {
            let saves = Saves::Edit(secret, Changed::default());
            (DraftOf::Cell(scope, key.clone()), key, saves)
        }
    };
    let ask = matches!(saves, Saves::Edit(..));
    Some(Opening { of, fresh: Draft { key, base: version, saves, ..Draft::default() }, ask })
}
