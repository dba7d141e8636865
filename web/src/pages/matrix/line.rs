//! A row of the grid: a key, or the applications of one name under it, with a cell for each column.

use leptos::prelude::*;
use subrosa_bridge::view::{Cell, Column};

use super::edit::Mode;
use super::editor::EditorRow;
use super::grid::{At, Grid, Line};
use super::words;
use crate::icons;
use crate::pages::secrets::reveal::{Revealed, of_key};

/// The row, and its editor below while one of its cells is edited.
#[component]
pub fn LineView(grid: Grid, line: Line) -> impl IntoView {
    let head = head(grid, &line);
    let (key, application) = (line.key.clone(), line.application.clone());
    let below = application.is_some();
    let columns = grid.columns.get_untracked();
    let cells = columns.into_iter().enumerate().map(|(index, column)| {
        let at = At { line: line.clone(), column: index + 1 };
        cell(grid, at, column)
    });
    let cells = cells.collect_view();
    let editing = Memo::new(move |_| {
        let open = grid.editing.get()?;
        let here = open.at.as_ref().is_some_and(|at| at.line == line);
        (here && open.mode != Mode::New).then_some(open)
    });
    view! {
        <tr
            role="row"
            class=if below { "of-application" } else { "of-key" }
            data-key=key
            data-application=application
        >
            {head}
            {cells}
        </tr>
        {move || editing.get().map(|editing| view! { <EditorRow grid editing /> })}
    }
}

fn head(grid: Grid, line: &Line) -> AnyView {
    let key = line.key.clone();
    if let Some(name) = &line.application {
        return view! {
            <th scope="row" role="rowheader">
                <span class="unseen">{key} " in "</span>
                <span class="below">{name.clone()}</span>
            </th>
        }
        .into_any();
    }
    let tab = tab_index(grid, At { line: line.clone(), column: 0 });
    let (counted, expanded, toggled) = (key.clone(), key.clone(), key.clone());
    let name = format!("{key}, applications");
    let count = Memo::new(move |_| grid.applications(&counted));
    view! {
        <th scope="row" role="rowheader">
            <button
                type="button"
                class="key mono"
                data-column="0"
                tabindex=tab
                aria-label=name
                aria-expanded=move || if grid.is_expanded(&expanded) { "true" } else { "false" }
                on:click=move |_| grid.expand(&toggled)
            >
                <icons::Chevron />
                {key}
            </button>
            <Show when=move || { count.get() > 0 }>
                <span class="badge">
                    {move || count.get()}
                    <span class="unseen">" applications set it"</span>
                </span>
            </Show>
        </th>
    }
    .into_any()
}

fn tab_index(grid: Grid, at: At) -> impl Fn() -> &'static str + Clone {
    let stop = Memo::new(move |_| grid.stop.with(|stop| stop.as_ref() == Some(&at)));
    move || if stop.get() { "0" } else { "-1" }
}

fn cell(grid: Grid, at: At, column: Column) -> AnyView {
    let place = column.name;
    let found = Memo::new({
        let at = at.clone();
        move |_| grid.cell(&at.line, at.column - 1)
    });
    let there = Memo::new(move |_| found.with(Option::is_some));
    let scope_name = grid.scope_name(&at);
    let at = StoredValue::new(at);
    let open = Memo::new(move |_| {
        grid.editing.with(|editing| {
            let open = editing.as_ref().and_then(|editing| editing.at.as_ref());
            at.with_value(|here| open == Some(here))
        })
    });
    let scope_name = StoredValue::new(scope_name);
    let button = move || {
        if !there.get() {
            return view! { <span class="quiet none">"no application"</span> }.into_any();
        }
        let with = move |of: &dyn Fn(&Cell, &At) -> String| {
            found.with(|cell| cell.as_ref().map(|cell| at.with_value(|at| of(cell, at))))
        };
        let name = move || {
            scope_name.with_value(|place| with(&|cell, at| words::name(&at.line.key, place, cell)))
        };
        let tab = tab_index(grid, at.get_value());
        let number = at.with_value(|at| at.column);
        view! {
            <button
                type="button"
                class="cell"
                data-column=number.to_string()
                tabindex=tab
                aria-label=name
                on:click=move |_| grid.open(at.get_value())
            >
                {move || found.get().map(face)}
                {move || {
                    let drafted = found.with(|cell| {
                        let cell = cell.as_ref()?;
                        Some(at.with_value(|at| grid.is_drafted(&cell.scope, &at.line.key)))
                    });
                    (drafted == Some(true)).then(|| view! {
                        <span class="badge draft">"draft"</span>
                    })
                }}
            </button>
            {move || {
                let which = found.with(|cell| {
                    let scope = &cell.as_ref()?.scope;
                    Some(at.with_value(|at| of_key(scope, &at.line.key)))
                })?;
                grid.reveals.has(&which).then(|| view! { <Revealed reveals=grid.reveals which /> })
            }}
        }
        .into_any()
    };
    view! {
        <td role="gridcell" class:open=move || open.get()>
            <span class="where" aria-hidden="true">{place}</span>
            {button}
        </td>
    }
    .into_any()
}

/// Sign, word, and what is to be said beside.
fn face(cell: Cell) -> AnyView {
    let broken = cell.nothing.is_some();
    view! {
        <span class=format!("state {}", words::word(cell.state).replace(' ', "-"))>
            {words::sign(cell.state)}
            {words::word(cell.state)}
        </span>
        <span class="aside" class:broken=broken>{words::aside(&cell)}</span>
    }
    .into_any()
}
