//! The editor under a cell's row, with all that can be done to the cell.

use leptos::prelude::*;
use subrosa_bridge::Kind;
use subrosa_bridge::view::CellState;

use super::edit::{Editing, Mode, focus_editor};
use super::grid::{At, Grid, has_value};
use super::words;
use crate::components::field::Field;
use crate::components::select::{by_place, select};
use crate::components::state::form_problem;
use crate::components::value_or_file::{Kind as Typed, value_or_file};
use crate::element::{El, el};
use crate::erased::lazy;
use crate::key_check::{Checked, checked};
use crate::pages::secrets::editor::{buttons, restored, secret_form, suggestion};
use crate::parts::{cell, div, labelled, nothing, press};

/// A row as wide as the grid.
pub fn editor_row(grid: Grid, editing: Editing) -> AnyView {
    let width = (grid.columns.with_untracked(Vec::len) + 1).to_string();
    let (title, hint) = about(grid, &editing);
    let label = title.clone();
    request_animation_frame(focus_editor);
    let leave = Callback::new(move |()| grid.leave());
    let fields = div("secret-fields", fields(grid, &editing));
    let buttons = if editing.mode == Mode::Look {
        div("actions", vec![press("button", move || grid.leave()).put("Close").any()])
    } else {
        buttons(grid.editor, instead(grid), leave)
    };
    let actions = editing.at.filter(|_| editing.mode != Mode::New);
    let actions = actions.and_then(|at| actions_on(grid, at));
    let head = el("div").class("row between").put(el("h2").put(title)).put(actions);
    let form = secret_form(grid.editor, label, leave)
        .put(head)
        .put(el("p").class("hint").put(hint))
        .put(restored(grid.editor))
        .put(fields)
        .put(form_problem(grid.editor.problem))
        .put(buttons);
    let whole = cell("td", "gridcell").is("colspan", width).put(form);
    el("tr").is("role", "row").class("editing").put(whole).any()
}

/// What can be done where the key is set higher up.
fn instead(grid: Grid) -> AnyView {
    lazy(move || match grid.editor.problem.get().map(|problem| problem.kind) {
        Some(Kind::Higher(target)) => {
            let save = move || grid.editor.save_as_override(target.clone());
            press("button", save).put("Override it here").any()
        }
        _ => nothing(),
    })
}

/// What is typed.
fn fields(grid: Grid, editing: &Editing) -> Vec<AnyView> {
    let new = editing.mode == Mode::New;
    let key = editing.mode.has_key().then(|| {
        let label = if new { "Key" } else { "New key" };
        let checked = checked(grid.editor.fields.key);
        let error = Signal::derive(move || checked.with(Checked::fault));
        let field = view! { <Field label value=grid.editor.fields.key mono=true error /> };
        let suggestion = suggestion(checked, grid.editor.fields.key);
        el("div").put(field.into_any()).put(suggestion).any()
    });
    let file = editing.at.as_ref().and_then(|at| grid.cell_at(at)).is_some_and(|cell| cell.file);
    let kind = match editing.mode {
        Mode::New | Mode::Create => Typed::Either,
        _ if file => Typed::Bytes,
        _ => Typed::Value,
    };
    let value = editing
        .mode
        .has_value()
        .then(|| value_or_file(grid.editor.fields, grid.editor.waiting, kind));
    let note = new.then(|| {
        view! { <Field label="Note" value=grid.editor.fields.note required=false longest=1024 /> }
            .into_any()
    });
    let place = new.then(|| where_to(grid, editing));
    [key, place, value, note].into_iter().flatten().collect()
}

/// Where a new secret shall be set.
fn where_to(grid: Grid, editing: &Editing) -> AnyView {
    let columns = grid.columns.get_untracked();
    let chosen = columns.iter().position(|column| column.scope == editing.scope);
    let now = RwSignal::new(chosen.unwrap_or_default().to_string());
    let options = by_place(columns.iter().map(|column| column.name.clone()));
    let choose = Callback::new(move |index: String| {
        if let Some(column) = index.parse().ok().and_then(|index: usize| columns.get(index)) {
            grid.move_new(column.scope.clone());
        }
    });
    labelled("new-where", "Where", select(Some("new-where"), None, options, now.into(), choose))
}

/// What is done here, in a heading and a sentence.
fn about(grid: Grid, editing: &Editing) -> (String, String) {
    let Some(at) = editing.at.as_ref().filter(|_| editing.mode != Mode::New) else {
        return ("New secret".into(), String::new());
    };
    let (key, place) = (&at.line.key, grid.scope_name(at));
    let cell = grid.cell_at(at);
    let plain = format!("{key} in {place}");
    match &editing.mode {
        Mode::Alias(_) => (
            format!("Alias of {plain}"),
            format!("Another key that comes to whatever {key} comes to here."),
        ),
        Mode::Override(_) => {
            let from = cell.map(|cell| cell.from).unwrap_or_default();
            let hint = format!("Inherited from {from}, whose value stays as it is.");
            (format!("Override {plain}"), hint)
        }
        Mode::Create => (format!("Create {plain}"), "No scope here has this key.".into()),
        Mode::Look => match cell.map(|cell| (cell.state, cell.nothing)) {
            Some((CellState::Alias, nothing)) => {
                let why = "An alias has no value of its own: it comes to that of another key.";
                (plain, format!("{why} {}", nothing.unwrap_or_default()))
            }
            _ => (plain, "You have no key for the vault that this may be set in.".into()),
        },
        Mode::Edit(_) => (plain, cell.and_then(|cell| cell.nothing).unwrap_or_default()),
        Mode::New => (plain, String::new()),
    }
}

type Does = fn(Grid, &At);

/// What the single keys do, for those who point.
fn actions_on(grid: Grid, at: At) -> Option<El> {
    let cell = grid.cell_at(&at)?;
    let set = has_value(&cell);
    let all: [(&str, bool, Does); 7] = [
        ("Reveal", set, |grid, at| grid.reveal(at)),
        ("Copy", set, |grid, at| grid.copy(at)),
        ("Trace", true, |grid, at| grid.trace(at)),
        ("Alias", set && cell.state != CellState::Alias, |grid, at| grid.open_alias(at.clone())),
        ("Promote", set, |grid, at| grid.promote(at)),
        ("History", cell.version > 0, |grid, at| grid.history(at)),
        ("Delete", cell.secret.is_some(), |grid, at| grid.delete(at)),
    ];
    let buttons = all.into_iter().filter(|it| it.1).map(|(label, _, does)| {
        let at = at.clone();
        press("button ghost small", move || does(grid, &at)).put(label)
    });
    let buttons: Vec<El> = buttons.collect();
    let state = el("span").class("badge").put(words::sign(cell.state)).put(words::word(cell.state));
    Some(el("div").class("actions").put(state).put(buttons))
}
