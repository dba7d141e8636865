//! The editor under a cell's row, with all that can be done to the cell.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use subrosa_bridge::Kind;
use subrosa_bridge::view::{CellState, Column};

use super::edit::{Editing, FIELDS, Mode};
use super::grid::{At, Grid, has_value};
use super::words;
use crate::components::field::Field;
use crate::components::shell::focus;
use crate::components::state::FormProblem;
use crate::components::submit::Submit;
use crate::components::value_field::ValueField;
use crate::key_check::{Checked, checked};

/// A row as wide as the grid.
#[component]
pub fn EditorRow(grid: Grid, editing: Editing) -> impl IntoView {
    let width = grid.columns.with_untracked(Vec::len) + 1;
    let (title, hint) = about(grid, &editing);
    let value = editing.mode.has_value();
    let label = title.clone();
    request_animation_frame(|| {
        focus(FIELDS);
    });
    let on_keydown = move |event: KeyboardEvent| match event.key().as_str() {
        "Escape" => {
            event.stop_propagation();
            grid.leave();
        }
        "Enter" if event.meta_key() || event.ctrl_key() => {
            event.prevent_default();
            grid.save();
        }
        _ => {}
    };
    let saves = editing.mode != Mode::Look;
    let fields = fields(grid, &editing);
    let at = editing.at.filter(|_| editing.mode != Mode::New);
    view! {
        <tr role="row" class="editing">
            <td role="gridcell" colspan=width.to_string()>
                <form
                    class="secret-form"
                    aria-label=label
                    autocomplete="off"
                    on:keydown=on_keydown
                    on:submit=move |event: SubmitEvent| {
                        event.prevent_default();
                        grid.save();
                    }
                >
                    <div class="row between">
                        <h2>{title}</h2>
                        {at.map(|at| actions(grid, at))}
                    </div>
                    <p class="hint">{hint}</p>
                    <Show when=move || grid.restored.get()>
                        <p class="notice" role="status">
                            <span class="grow">"Your draft is back."</span>
                            <button type="button" class="button small" on:click=move |_| grid.done()>
                                "Discard draft"
                            </button>
                        </p>
                    </Show>
                    <div class="secret-fields">
                        {fields}
                        {value.then(|| view! { <ValueField value=grid.value waiting=grid.waiting /> })}
                    </div>
                    <FormProblem problem=grid.problem />
                    {move || match grid.problem.get()?.kind {
                        Kind::Higher(target) => Some(view! {
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| grid.save_as_override(target.clone())
                            >
                                "Override it here"
                            </button>
                        }),
                        _ => None,
                    }}
                    <div class="actions">
                        {saves.then(|| view! { <Submit label="Save" busy=grid.saving /> })}
                        <button type="button" class="button ghost" on:click=move |_| grid.leave()>
                            {if saves { "Cancel" } else { "Close" }}
                        </button>
                        {saves.then(|| view! {
                            <span class="hint grow">"Ctrl Enter saves, Esc keeps a draft"</span>
                        })}
                    </div>
                </form>
            </td>
        </tr>
    }
}

/// What is typed beside the value.
fn fields(grid: Grid, editing: &Editing) -> Option<AnyView> {
    if !editing.mode.has_key() {
        return None;
    }
    let label = if editing.mode == Mode::New { "Key" } else { "New key" };
    let checked = checked(grid.key);
    let error = Signal::derive(move || checked.with(Checked::fault));
    let key = view! {
        <div>
            <Field label value=grid.key mono=true error />
            {move || checked.with(Checked::suggestion).map(|key| {
                let taken = key.clone();
                view! {
                    <button
                        type="button"
                        class="button small"
                        on:click=move |_| grid.key.set(taken.clone())
                    >
                        "Use " {key}
                    </button>
                }
            })}
        </div>
    };
    let new = editing.mode == Mode::New;
    let place = new.then(|| where_to(grid, editing));
    let note =
        new.then(|| view! { <Field label="Note" value=grid.note required=false longest=1024 /> });
    Some(view! { {key} {place} {note} }.into_any())
}

/// Where a new secret shall be set.
fn where_to(grid: Grid, editing: &Editing) -> impl IntoView {
    let columns = grid.columns.get_untracked();
    let chosen = columns.iter().position(|column| column.scope == editing.scope);
    let names: Vec<String> = columns.iter().map(|column: &Column| column.name.clone()).collect();
    let choose = move |event| {
        let index: usize = event_target_value(&event).parse().unwrap_or_default();
        let Some(column) = columns.get(index) else { return };
        let scope = column.scope.clone();
        grid.move_new(scope);
    };
    view! {
        <div class="field">
            <label for="new-where">"Where"</label>
            <select id="new-where" on:change=choose>
                {names.into_iter().enumerate().map(|(index, name)| view! {
                    <option value=index.to_string() selected=chosen == Some(index)>{name}</option>
                }).collect_view()}
            </select>
        </div>
    }
}

/// What is done here, in a heading and a sentence.
fn about(grid: Grid, editing: &Editing) -> (String, String) {
    let Some(at) = editing.at.as_ref().filter(|_| editing.mode != Mode::New) else {
        return ("New secret".into(), String::new());
    };
    let (key, place) = (&at.line.key, grid.scope_name(at));
    let cell = grid.cell_at(at);
    let from = cell.as_ref().map(|cell| cell.from.clone()).unwrap_or_default();
    match &editing.mode {
        Mode::Alias(_) => (
            format!("Alias of {key} in {place}"),
            format!("Another key that comes to whatever {key} comes to here."),
        ),
        Mode::Override(_) => (
            format!("Override {key} in {place}"),
            format!("Inherited from {from}, whose value stays as it is."),
        ),
        Mode::Create => (format!("Create {key} in {place}"), "No scope here has this key.".into()),
        Mode::Look => {
            let why = match cell.map(|cell| (cell.state, cell.nothing)) {
                Some((CellState::Alias, nothing)) => format!(
                    "An alias has no value of its own: it comes to that of another key. {}",
                    nothing.unwrap_or_default()
                ),
                _ => "You have no key for the vault that this may be set in.".into(),
            };
            (format!("{key} in {place}"), why)
        }
        Mode::New | Mode::Edit(_) => (format!("{key} in {place}"), String::new()),
    }
}

type Does = fn(Grid, &At);

/// What the single keys do, for those who point.
fn actions(grid: Grid, at: At) -> Option<AnyView> {
    let cell = grid.cell_at(&at)?;
    let (set, here) = (has_value(&cell), cell.secret.is_some());
    let can_alias = set && cell.state != CellState::Alias;
    let all: [(&str, bool, Does); 6] = [
        ("Reveal", set, |grid, at| grid.reveal(at)),
        ("Copy", set, |grid, at| grid.copy(at)),
        ("Trace", true, |grid, at| grid.trace(at)),
        ("Alias", can_alias, |grid, at| grid.open_alias(at.clone())),
        ("History", cell.version > 0, |grid, at| grid.history(at)),
        ("Delete", here, |grid, at| grid.delete(at)),
    ];
    let name = words::word(cell.state);
    let buttons = all.into_iter().filter(|it| it.1).map(|(label, _, does)| {
        let at = at.clone();
        view! {
            <button type="button" class="button ghost small" on:click=move |_| does(grid, &at)>
                {label}
            </button>
        }
    });
    Some(
        view! {
            <div class="actions">
                <span class="badge">{words::sign(cell.state)} {name}</span>
                {buttons.collect_view()}
            </div>
        }
        .into_any(),
    )
}
