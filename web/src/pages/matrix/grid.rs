//! The matrix's state. It belongs to the page, not to the rows: rows come and go with the scrolling
//! while what was typed or revealed stays.

use leptos::html;
use leptos::prelude::*;
use leptos::task::tick;
use subrosa_bridge::view::{Cell, CellState, Column, Conflict, Matrix, MatrixRow, Only, Scope};
use subrosa_bridge::{Problem, Request};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::edit::Editing;
use super::hover::Hover;
use super::keys::catch_up;
use crate::components::delete_dialog::{Deleting, Doomed};
use crate::components::reveal::Reveals;
use crate::components::state::Loaded;
use crate::drafts::DraftOf;
use crate::editor::Editor;
use crate::erased::{effect, memo, on_window, spawn};
use crate::page::{Page, matrix_path, promote_path};
use crate::pages::secrets::State;
use crate::pages::secrets::history::Of;
use crate::session::{Session, use_session};
use crate::view_window::{Part, window as window_of};

/// What is asked for first, and drawn in one frame: a row has a cell for each environment. What else
/// a high window shows follows at once.
const FIRST: Part = Part { offset: 0, limit: 24 };
/// Rows are asked for in steps of this size.
const STEP: usize = 10;

/// A row: a key, or the applications of one name under it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Line {
    /// The key.
    pub key: String,
    /// The applications' name.
    pub application: Option<String>,
}

/// A place in the grid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct At {
    /// The row.
    pub line: Line,
    /// 0 for the key itself, then the columns.
    pub column: usize,
}

/// What lies over the matrix.
#[derive(Clone, PartialEq)]
pub enum Over {
    /// Nothing.
    Nothing,
    /// How a scope comes by a key: the scope, its name, the key.
    Trace(Scope, String, String),
    /// The versions of a secret.
    History(Of),
    /// Two changed the same secret.
    Conflict(Box<Conflict>),
}

/// Handles to all of it.
#[derive(Clone, Copy)]
pub struct Grid {
    pub session: Session,
    pub project: StoredValue<String>,
    pub matrix: RwSignal<Loaded<Matrix>>,
    pub state: Memo<State>,
    pub columns: Memo<Vec<Column>>,
    part: RwSignal<Part>,
    pub filter: RwSignal<String>,
    /// Which rows, as the address has it; empty for all.
    pub only: RwSignal<String>,
    /// The id of the one environment that is wanted; empty for all.
    pub environment: RwSignal<String>,
    /// The name of the applications whose rows are wanted under every key; empty for none.
    pub application: RwSignal<String>,
    expanded: RwSignal<Vec<String>>,
    /// The keys that the choice of drafts shows.
    changed: StoredValue<Vec<String>>,
    pub reload: RwSignal<u32>,
    /// Where the focus was last.
    at: RwSignal<Option<At>>,
    /// Where the focus waits for rows that are not drawn yet, and how far down or up it shall go.
    pub owed: StoredValue<Option<(At, isize)>>,
    /// The one place that is reached by `Tab`.
    pub stop: Memo<Option<At>>,
    /// What is typed and not saved.
    pub drafts: Memo<Vec<DraftOf>>,
    pub reveals: Reveals,
    pub deleting: Deleting,
    pub over: RwSignal<Over>,
    /// The cell that the mouse rests on.
    pub hover: RwSignal<Option<Hover>>,
    /// Counts the moves of the mouse.
    pub moves: StoredValue<u32>,
    pub editing: RwSignal<Option<Editing>>,
    pub editor: Editor,
    pub body: NodeRef<html::Tbody>,
    pub row_height: RwSignal<f64>,
}

impl Grid {
    /// A grid of nothing yet, filtered as the address says.
    pub fn new(project: String) -> Self {
        let session = use_session();
        let asked = |name: &str| untrack(|| session.address.asked(name)).unwrap_or_default();
        let matrix = RwSignal::new(Loaded::<Matrix>::Waiting);
        let columns = memo(move || {
            matrix.with(|matrix| here(matrix).map(|it| it.columns.clone()).unwrap_or_default())
        });
        let at = RwSignal::new(None::<At>);
        let stop = memo(move || {
            let at = at.get();
            matrix.with(|matrix| {
                let matrix = here(matrix)?;
                let kept = at.filter(|at| {
                    find(matrix, &at.line.key).is_some_and(|row| has(row, at, matrix.columns.len()))
                });
                let first = matrix.rows.first().map(|row| At {
                    line: Line { key: row.key.clone(), application: None },
                    column: 1,
                });
                kept.or(first)
            })
        });
        let reload = RwSignal::new(0_u32);
        Grid {
            session,
            project: StoredValue::new(project),
            matrix,
            state: memo(move || {
                matrix.with(|matrix| match matrix {
                    Loaded::Waiting => State::Waiting,
                    Loaded::Failed(_) => State::Failed,
                    Loaded::Here(_) => State::Here,
                })
            }),
            columns,
            part: RwSignal::new(FIRST),
            filter: RwSignal::new(asked("q")),
            only: RwSignal::new(asked("only")),
            environment: RwSignal::new(asked("env")),
            application: RwSignal::new(asked("app")),
            expanded: RwSignal::new(Vec::new()),
            changed: StoredValue::new(Vec::new()),
            reload,
            at,
            owed: StoredValue::new(None),
            stop,
            drafts: memo(move || session.drafts.all()),
            reveals: Reveals::new(session),
            deleting: Deleting::new(session, Callback::new(move |()| reload.update(|n| *n += 1))),
            over: RwSignal::new(Over::Nothing),
            hover: RwSignal::new(None),
            moves: StoredValue::new(0),
            editing: RwSignal::new(None),
            editor: Editor::new(session),
            body: NodeRef::new(),
            row_height: RwSignal::new(41.0),
        }
    }

    /// Asks for the window, and again whenever what it depends on changes. While a cell is being
    /// edited, news of others wait: rows must not move under the hands.
    pub fn load(self) {
        let asked = StoredValue::new(0_u32);
        let mut before = None::<(Request, u32)>;
        let mut chosen = None;
        effect(move || {
            self.session.changes.track();
            let retry = self.reload.get();
            let part = self.part.get();
            let now = [self.filter, self.only, self.environment, self.application];
            let now = Some(now.map(|it| it.get()));
            if std::mem::replace(&mut chosen, now.clone()) != now && part != FIRST {
                // Other rows: from the first on.
                return self.part.set(FIRST);
            }
            let request = Request::Matrix {
                project: self.project.get_value(),
                filter: self.filter.get().trim().to_owned(),
                only: self.only.with(|only| self.only_of(only)),
                environment: Some(self.environment.get()).filter(|it| !it.is_empty()),
                application: Some(self.application.get()).filter(|it| !it.is_empty()),
                expanded: self.expanded.get(),
                offset: part.offset,
                limit: part.limit,
            };
            let now = (request, retry);
            if self.editing.with(Option::is_some) && before.as_ref() == Some(&now) {
                return;
            }
            self.remember();
            self.reveals.renew_keys();
            let number = asked.get_value().wrapping_add(1);
            asked.set_value(number);
            let wanted = now.0.clone();
            spawn(async move {
                let result = self.session.keyholder.matrix(wanted).await;
                if asked.try_get_value() == Some(number) {
                    self.show(result).await;
                }
            });
            before = Some(now);
        });
    }

    /// What is on screen stays there if it can't be renewed.
    async fn show(self, result: Result<Matrix, Problem>) {
        let shown = self.matrix.try_with_untracked(|matrix| here(matrix).is_some());
        match result {
            Err(problem) if shown == Some(true) => self.session.report(&problem),
            result => {
                let before = self.place();
                let _ = self.matrix.try_set(result.into());
                request_animation_frame(move || self.look());
                if let Some((at, index)) = before {
                    // Before another key comes.
                    tick().await;
                    self.stay(at, index);
                    catch_up(self);
                }
            }
        }
    }

    /// Adds a step to those that are owed, if the focus still waits where they began.
    pub fn owe(self, at: &At, by: isize) -> bool {
        let add = |owed: &mut Option<(At, isize)>| match owed {
            Some((from, left)) if from == at => {
                *left += by;
                true
            }
            _ => false,
        };
        self.owed.try_update_value(add) == Some(true)
    }

    /// Whether there are rows above, or below, that are not drawn.
    pub fn is_cut(self, by: isize) -> bool {
        untrack(|| if by < 0 { self.above() } else { self.below() }) > 0
    }

    /// Where the focus is, and in the how-manieth row.
    fn place(self) -> Option<(At, usize)> {
        let at = focused()?;
        let index = untrack(|| self.lines()).iter().position(|line| *line == at.line)?;
        Some((at, index))
    }

    /// A row that is gone takes the focus along: the one in its place gets it.
    fn stay(self, mut at: At, index: usize) {
        let lost = document().active_element().is_none_or(|it| it.tag_name() == "BODY");
        let Some(lines) = lost.then(|| untrack(|| self.lines())) else { return };
        if !lines.contains(&at.line) {
            let last = lines.len().saturating_sub(1);
            let Some(line) = lines.get(index.min(last)) else { return };
            at.line = line.clone();
        }
        self.focus(at);
    }

    /// Compares the cell's scope with another, the cell's key chosen to be copied there.
    pub fn promote(self, at: &At) {
        let Some(cell) = self.cell_at(at).filter(has_value) else { return };
        let (Scope::Project(id) | Scope::Environment(id) | Scope::Application(id)) = &cell.scope;
        let path = self.project.with_value(|project| promote_path(project, id, &at.line.key));
        self.session.go(&path);
    }

    /// The keys with drafts; while a cell is being edited, those from before: rows must not move
    /// under the hands.
    fn changed_keys(self) -> Vec<String> {
        if self.editing.with(Option::is_none) {
            let mut keys = self.drafted_keys();
            keys.sort_unstable();
            keys.dedup();
            self.changed.set_value(keys);
        }
        self.changed.get_value()
    }

    /// Another choice for the same project, by a link or the way back.
    pub fn follow_address(self) {
        let address = self.session.address;
        effect(move || {
            let asked = ["q", "only", "env", "app"].map(|name| address.asked(name));
            let here = untrack(|| address.page());
            let here = here.is_some_and(|page| {
                self.project.with_value(|project| page == Page::Matrix(project.clone()))
            });
            let signals = [self.filter, self.only, self.environment, self.application];
            for (signal, asked) in signals.into_iter().zip(asked).filter(|_| here) {
                let asked = asked.unwrap_or_default();
                if signal.with_untracked(|now| *now != asked) {
                    signal.set(asked);
                }
            }
        });
    }

    fn only_of(self, name: &str) -> Option<Only> {
        match name {
            "missing" => Some(Only::Missing),
            "override" => Some(Only::Override),
            "alias" => Some(Only::Alias),
            "changed" => Some(Only::Keys(self.changed_keys())),
            "broken" => Some(Only::Broken),
            _ => None,
        }
    }

    /// Keeps the address in step with what is chosen, so that a reload and a link show the same;
    /// not a new place in the history for every letter.
    fn remember(self) {
        let chosen = [
            ("q", self.filter.get_untracked()),
            ("only", self.only.get_untracked()),
            ("env", self.environment.get_untracked()),
            ("app", self.application.get_untracked()),
        ];
        let chosen: Vec<(&str, &str)> = chosen.iter().map(|(at, text)| (*at, &**text)).collect();
        let path = self.project.with_value(|project| matrix_path(project, &chosen));
        self.session.go_instead(&path);
    }

    /// Shows another part of a long matrix as it is scrolled.
    pub fn look(self) {
        let Some(body) = self.body.try_get_untracked().flatten() else { return };
        let total = untrack(|| self.total());
        // From one to the next: cards have a gap between them.
        if let Ok(Some(second)) = body.query_selector("tr.of-key + tr.of-key") {
            let top = |row: &Element| row.get_bounding_client_rect().top();
            let first = second.previous_element_sibling();
            let height = first.map_or(0.0, |first| top(&second) - top(&first));
            if height > 1.0 && (height - self.row_height.get_untracked()).abs() > 0.5 {
                self.row_height.set(height);
            }
        }
        // The frame scrolls on a wide page, the page itself on a narrow one.
        let frame = body.closest(".matrix-frame").ok().flatten();
        let top = frame.map_or(0.0, |frame| frame.get_bounding_client_rect().top().max(0.0));
        let above = top - body.get_bounding_client_rect().top();
        let view = window().inner_height().ok().and_then(|it| it.as_f64()).unwrap_or(800.0);
        let height = self.row_height.get_untracked();
        let wanted = window_of(total, above, view, height, FIRST, STEP);
        if self.part.get_untracked() != wanted {
            self.part.set(wanted);
        }
    }

    /// Looks whenever the page is scrolled.
    pub fn follow_scroll(self) {
        let handle = on_window("scroll", move |_: web_sys::Event| self.look());
        on_cleanup(move || handle.remove());
    }

    /// The rows to draw, tracked.
    pub fn lines(self) -> Vec<Line> {
        self.matrix.with(|matrix| {
            let Some(matrix) = here(matrix) else { return Vec::new() };
            let of_row = |row: &MatrixRow| {
                let line = |application| Line { key: row.key.clone(), application };
                let applications = row.rows.iter().map(|it| Some(it.name.clone()));
                std::iter::once(None).chain(applications).map(line).collect::<Vec<_>>()
            };
            matrix.rows.iter().flat_map(of_row).collect()
        })
    }

    /// The cell of a row in a column, counted from 0 without the key; tracked.
    pub fn cell(self, line: &Line, column: usize) -> Option<Cell> {
        self.matrix.with(|matrix| {
            let row = find(here(matrix)?, &line.key)?;
            match &line.application {
                None => row.cells.get(column).cloned(),
                Some(name) => {
                    let below = row.rows.iter().find(|it| it.name == *name)?;
                    below.cells.get(column).cloned().flatten()
                }
            }
        })
    }

    /// The cell of a place, untracked.
    pub fn cell_at(self, at: &At) -> Option<Cell> {
        let column = at.column.checked_sub(1)?;
        untrack(|| self.cell(&at.line, column))
    }

    /// What a place's scope is called: `production`, `production / api`.
    pub fn scope_name(self, at: &At) -> String {
        let column = at.column.saturating_sub(1);
        let name = self.columns.with_untracked(|columns| {
            columns.get(column).map(|column| column.name.clone()).unwrap_or_default()
        });
        match &at.line.application {
            Some(application) => format!("{name} / {application}"),
            None => name,
        }
    }

    /// How many applications set something for a key, tracked.
    pub fn applications(self, key: &str) -> usize {
        self.matrix.with(|matrix| {
            here(matrix).and_then(|it| find(it, key)).map_or(0, |row| row.applications)
        })
    }

    /// Whether a key's application rows are wanted, tracked.
    pub fn is_expanded(self, key: &str) -> bool {
        !self.application.with(String::is_empty)
            || self.expanded.with(|expanded| expanded.iter().any(|it| it == key))
    }

    /// Shows a key's application rows, or takes them away.
    pub fn expand(self, key: &str) {
        self.expanded.update(|expanded| match expanded.iter().position(|it| it == key) {
            Some(at) => drop(expanded.remove(at)),
            None => expanded.push(key.to_owned()),
        });
    }

    /// How many keys there are, after the filter; tracked.
    pub fn total(self) -> usize {
        self.matrix.with(|matrix| here(matrix).map_or(0, |it| it.total))
    }

    /// How many keys are above the drawn ones, tracked.
    pub fn above(self) -> usize {
        self.matrix.with(|matrix| here(matrix).map_or(0, |it| it.offset))
    }

    /// How many are below, tracked.
    pub fn below(self) -> usize {
        self.matrix.with(|matrix| {
            here(matrix).map_or(0, |it| it.total.saturating_sub(it.offset + it.rows.len()))
        })
    }

    /// Gives a place the focus.
    pub fn focus(self, at: At) {
        let element = element(&at);
        let _ = self.at.try_set(Some(at));
        if let Some(element) = element {
            self.stop_at(&element);
            let _ = element.focus();
        }
    }

    /// Keeps one stop for `Tab` in the whole grid, and the mark on the cell that is edited. Not by a
    /// signal for each cell: of hundreds all but two would be asked for nothing.
    pub fn keep_marks(self) {
        effect(move || {
            let stop = self.stop.get();
            // Rows that are drawn anew have no marks.
            self.lines();
            request_animation_frame(move || {
                if let Some(element) = stop.as_ref().and_then(element) {
                    self.stop_at(&element);
                }
            });
        });
        effect(move || {
            let open = self.editing.with(|editing| editing.as_ref().and_then(|it| it.at.clone()));
            let cell = |element: &HtmlElement| element.closest("td").ok().flatten();
            self.one_has(
                "td.open",
                open.as_ref().and_then(element).as_ref().and_then(cell),
                |it, on| {
                    let _ = it.class_list().toggle_with_force("open", on);
                },
            );
        });
    }

    fn stop_at(self, element: &HtmlElement) {
        self.one_has("[tabindex=\"0\"]", Some(element.clone().into()), |element, on| {
            let _ = element.set_attribute("tabindex", if on { "0" } else { "-1" });
        });
    }

    /// Takes a mark from whatever has it in the grid, and gives it to one element.
    fn one_has(self, marked: &str, to: Option<Element>, mark: fn(&Element, bool)) {
        let Some(body) = self.body.try_get_untracked().flatten() else { return };
        if let Ok(Some(before)) = body.query_selector(marked)
            && to.as_ref() != Some(&before)
        {
            mark(&before, false);
        }
        if let Some(to) = to {
            mark(&to, true);
        }
    }

    /// The focus came here by itself.
    pub fn note_focus(self) {
        let Some(at) = focused() else { return };
        if let Some(element) = element(&at) {
            self.stop_at(&element);
        }
        if self.at.with_untracked(|before| before.as_ref() != Some(&at)) {
            self.at.set(Some(at));
        }
    }

    /// Whether something is chosen that leaves rows out, tracked.
    pub fn is_filtered(self) -> bool {
        !self.filter.with(String::is_empty) || !self.only.with(String::is_empty)
    }

    /// Shows how the place comes by its key.
    pub fn trace(self, at: &At) {
        if let Some(cell) = self.cell_at(at) {
            let over = Over::Trace(cell.scope, self.scope_name(at), at.line.key.clone());
            self.over.set(over);
        }
    }

    /// Shows the versions of what is set here, or of what is inherited.
    pub fn history(self, at: &At) {
        let Some(cell) = self.cell_at(at) else { return };
        let inherited = cell.secret.is_none();
        match cell.secret.or(cell.overridable).filter(|_| cell.version > 0) {
            Some(id) => {
                let of = Of { scope: cell.scope, id, key: at.line.key.clone(), inherited };
                self.over.set(Over::History(of));
            }
            None => self.session.toasts.say("Nothing was ever set here."),
        }
    }

    /// Shows what the cell comes to, or hides it.
    pub fn reveal(self, at: &At) {
        if let Some(cell) = self.cell_at(at).filter(has_value) {
            self.reveals.toggle_key(cell.scope, at.line.key.clone());
        }
    }

    /// Copies what the cell comes to, without showing it.
    pub fn copy(self, at: &At) {
        let Some(cell) = self.cell_at(at).filter(has_value) else { return };
        let (session, key) = (self.session, at.line.key.clone());
        spawn(async move {
            match session.keyholder.text_of_key(cell.scope, key.clone()).await {
                Ok(text) => crate::clipboard::copy_secret(session, text, key),
                Err(problem) => session.report(&problem),
            }
        });
    }

    /// Deletes what is set here.
    pub fn delete(self, at: &At) {
        let Some(cell) = self.cell_at(at) else { return };
        match cell.secret {
            Some(_) if !self.session.check_write(&cell.scope) => {}
            Some(id) => {
                let (key, version) = (at.line.key.clone(), cell.version);
                self.deleting.start(Doomed { scope: cell.scope, id, key, version });
            }
            None => self.session.toasts.say("Nothing is set here."),
        }
    }
}

/// Whether the cell comes to something, or should.
pub fn has_value(cell: &Cell) -> bool {
    !matches!(cell.state, CellState::Missing | CellState::NoAccess)
}

fn here(matrix: &Loaded<Matrix>) -> Option<&Matrix> {
    if let Loaded::Here(matrix) = matrix { Some(matrix) } else { None }
}

/// The keyholder sends keys ascending.
fn find<'m>(matrix: &'m Matrix, key: &str) -> Option<&'m MatrixRow> {
    let at = matrix.rows.binary_search_by(|row| row.key.as_str().cmp(key)).ok()?;
    matrix.rows.get(at)
}

fn has(row: &MatrixRow, at: &At, columns: usize) -> bool {
    match (&at.line.application, at.column) {
        (None, column) => column <= columns,
        (Some(name), column) => {
            let below = row.rows.iter().find(|it| it.name == *name);
            let cell = below.and_then(|it| it.cells.get(column.checked_sub(1)?));
            cell.is_some_and(Option::is_some)
        }
    }
}

/// The place that has the focus.
pub fn focused() -> Option<At> {
    at_of(&document().active_element()?.closest("[data-column]").ok().flatten()?)
}

/// The place of a cell.
pub fn at_of(cell: &Element) -> Option<At> {
    let row = cell.closest("tr").ok().flatten()?;
    Some(At {
        line: Line {
            key: row.get_attribute("data-key")?,
            application: row.get_attribute("data-application"),
        },
        column: cell.get_attribute("data-column")?.parse().ok()?,
    })
}

/// What takes the focus at a place.
fn element(at: &At) -> Option<HtmlElement> {
    // Keys have letters, digits and low lines alone; the names of applications have anything.
    let rows = document().query_selector_all(&format!("tr[data-key=\"{}\"]", at.line.key)).ok()?;
    let rows = (0..rows.length()).filter_map(|index| rows.item(index)?.dyn_into::<Element>().ok());
    let mut rows = rows.filter(|row| row.get_attribute("data-application") == at.line.application);
    let cell = rows.next()?.query_selector(&format!("[data-column=\"{}\"]", at.column));
    cell.ok().flatten()?.dyn_into().ok()
}
