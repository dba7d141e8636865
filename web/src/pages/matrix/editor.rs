//! The editor under a cell's row, with all that can be done to the cell.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use subrosa_bridge::Kind;
use subrosa_bridge::view::CellState;

use super::edit::{Editing, Mode, focus_editor};
use super::grid::{At, Grid, has_value};
use super::words;
use crate::components::field::Field;
use crate::components::select::{by_place, select};
use crate::components::state::FormProblem;
use crate::components::submit::Submit;
use crate::components::value_or_file::{Kind as Typed, value_or_file};
use crate::erased::{click, lazy, when};
use crate::key_check::{Checked, checked};

/// A row as wide as the grid.
pub fn editor_row(grid: Grid, editing: Editing) -> AnyView {
    let width = (grid.columns.with_untracked(Vec::len) + 1).to_string();
    let (title, hint) = about(grid, &editing);
    let label = title.clone();
    request_animation_frame(focus_editor);
    let on_keydown = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.stop_propagation();
            grid.leave();
        }
        "Enter" if event.meta_key() || event.ctrl_key() => {
            event.prevent_default();
            grid.editor.save();
        }
        _ => {}
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        grid.editor.save();
    };
    let fields = fields(grid, &editing);
    let buttons = buttons(grid, editing.mode != Mode::Look);
    let restored = when(
        move || grid.editor.restored.get(),
        move || {
            view! {
                <p class="notice" role="status">
                    <span class="grow">"Your draft is back."</span>
                    <button type="button" class="button small" on:click=click(move || grid.editor.discard())>
                        "Discard draft"
                    </button>
                </p>
            }
            .into_any()
        },
    );
    let actions = editing.at.filter(|_| editing.mode != Mode::New).map(|at| actions(grid, at));
    view! {
        <tr role="row" class="editing">
            <td role="gridcell" colspan=width>
                <form
                    class="secret-form"
                    aria-label=label
                    autocomplete="off"
                    on:keydown=on_keydown
                    on:submit=on_submit
                >
                    <div class="row between"><h2>{title}</h2>{actions}</div>
                    <p class="hint">{hint}</p>
                    {restored}
                    <div class="secret-fields">{fields}</div>
                    <FormProblem problem=grid.editor.problem />
                    {buttons}
                </form>
            </td>
        </tr>
    }
    .into_any()
}

fn buttons(grid: Grid, saves: bool) -> AnyView {
    let leave = click(move || grid.leave());
    if !saves {
        return view! {
            <div class="actions">
                <button type="button" class="button" on:click=leave>"Close"</button>
            </div>
        }
        .into_any();
    }
    let instead = lazy(move || match grid.editor.problem.get().map(|problem| problem.kind) {
        Some(Kind::Higher(target)) => {
            let save = click(move || grid.editor.save_as_override(target.clone()));
            view! {
                <button type="button" class="button" on:click=save>"Override it here"</button>
            }
            .into_any()
        }
        _ => ().into_any(),
    });
    view! {
        <div class="actions">
            {instead}
            <Submit label="Save" busy=grid.editor.saving />
            <button type="button" class="button ghost" on:click=leave>"Cancel"</button>
            <span class="hint grow">"Ctrl Enter saves, Esc keeps a draft"</span>
        </div>
    }
    .into_any()
}

/// What is typed.
fn fields(grid: Grid, editing: &Editing) -> AnyView {
    let new = editing.mode == Mode::New;
    let key = editing.mode.has_key().then(|| {
        let label = if new { "Key" } else { "New key" };
        let checked = checked(grid.editor.fields.key);
        let error = Signal::derive(move || checked.with(Checked::fault));
        let suggestion = lazy(move || match checked.with(Checked::suggestion) {
            None => ().into_any(),
            Some(key) => {
                let taken = key.clone();
                let take = click(move || grid.editor.fields.key.set(taken.clone()));
                view! {
                    <button type="button" class="button small" on:click=take>"Use " {key}</button>
                }
                .into_any()
            }
        });
        view! { <div><Field label value=grid.editor.fields.key mono=true error /> {suggestion}</div> }
            .into_any()
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
    [key, place, value, note].into_iter().flatten().collect::<Vec<AnyView>>().into_any()
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
    view! {
        <div class="field">
            <label for="new-where">"Where"</label>
            {select(Some("new-where"), None, options, now.into(), choose)}
        </div>
    }
    .into_any()
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
fn actions(grid: Grid, at: At) -> Option<AnyView> {
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
        let act = click(move || does(grid, &at));
        view! {
            <button type="button" class="button ghost small" on:click=act>{label}</button>
        }
        .into_any()
    });
    let buttons: Vec<AnyView> = buttons.collect();
    let state = words::word(cell.state);
    Some(
        view! {
            <div class="actions">
                <span class="badge">{words::sign(cell.state)} {state}</span>
                {buttons}
            </div>
        }
        .into_any(),
    )
}
