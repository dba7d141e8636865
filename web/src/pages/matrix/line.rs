//! A row of the grid: a key, or the applications of one name under it, with a cell for each column.

use leptos::prelude::*;
use subrosa_bridge::view::{Cell, Column};

use super::edit::Mode;
use super::editor::editor_row;
use super::grid::{At, Grid, Line};
use super::words;
use crate::components::reveal::{Revealed, of_key};
use crate::erased::{click, lazy, memo, when};
use crate::icons;

/// The row, and its editor below while one of its cells is edited.
pub fn line(grid: Grid, line: Line) -> AnyView {
    let (key, application) = (line.key.clone(), line.application.clone());
    let class = if application.is_some() { "of-application" } else { "of-key" };
    let columns = grid.columns.get_untracked();
    let cells = columns.into_iter().enumerate().map(|(index, column)| {
        let at = At { line: line.clone(), column: index + 1 };
        cell(grid, at, column)
    });
    let cells: Vec<AnyView> = cells.collect();
    let head = head(grid, &line);
    let editing = memo(move || {
        let open = grid.editing.get()?;
        let here = open.at.as_ref().is_some_and(|at| at.line == line);
        (here && open.mode != Mode::New).then_some(open)
    });
    let editor = lazy(move || match editing.get() {
        Some(editing) => editor_row(grid, editing),
        None => ().into_any(),
    });
    view! {
        <tr role="row" class=class data-key=key data-application=application>
            {head}
            {cells}
        </tr>
        {editor}
    }
    .into_any()
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
    let (counted, opened, toggled) = (key.clone(), key.clone(), key.clone());
    let name = format!("{key}, applications");
    let expanded = Signal::derive(move || if grid.is_expanded(&opened) { "true" } else { "false" });
    let toggle = click(move || grid.expand(&toggled));
    let count = memo(move || grid.applications(&counted));
    let badge = lazy(move || match count.get() {
        0 => ().into_any(),
        count => view! {
            <span class="badge">{count} <span class="unseen">" applications set it"</span></span>
        }
        .into_any(),
    });
    view! {
        <th scope="row" role="rowheader">
            <button
                type="button"
                class="key mono"
                data-column="0"
                tabindex="-1"
                aria-label=name
                aria-expanded=expanded
                on:click=toggle
            >
                <icons::Chevron />
                {key}
            </button>
            {badge}
        </th>
    }
    .into_any()
}

fn cell(grid: Grid, at: At, column: Column) -> AnyView {
    let found = memo({
        let at = at.clone();
        move || grid.cell(&at.line, at.column - 1)
    });
    // Only an environment may lack an application.
    let inside = if at.line.application.is_none() {
        filled(grid, at, found)
    } else {
        let there = memo(move || found.with(Option::is_some));
        lazy(move || {
            if there.get() {
                filled(grid, at.clone(), found)
            } else {
                view! { <span class="quiet none">"no application"</span> }.into_any()
            }
        })
    };
    view! {
        <td role="gridcell">
            <span class="where" aria-hidden="true">{column.name}</span>
            {inside}
        </td>
    }
    .into_any()
}

/// What is in a cell: of what changes with every key there is one of each for the whole grid, and
/// little for each cell, since there are hundreds.
fn filled(grid: Grid, at: At, found: Memo<Option<Cell>>) -> AnyView {
    let place = grid.scope_name(&at);
    let number = at.column.to_string();
    let which = found.with_untracked(|it| it.as_ref().map(|it| of_key(&it.scope, &at.line.key)));
    let at = StoredValue::new(at);
    let drafted = move |cell: &Cell| at.with_value(|at| grid.is_drafted(&cell.scope, &at.line.key));
    let name = Signal::derive(move || {
        found.with(|cell| {
            let cell = cell.as_ref()?;
            let drafted = drafted(cell);
            Some(at.with_value(|at| words::name(&at.line.key, &place, cell, drafted)))
        })
    });
    let inside = lazy(move || {
        let Some(cell) = found.get() else { return ().into_any() };
        let draft = drafted(&cell).then(|| view! { " " <span class="badge draft">"draft"</span> });
        view! { {face(cell)} {draft} }.into_any()
    });
    let revealed = which.map(|which| {
        let shown = which.clone();
        when(
            move || grid.reveals.has(&which),
            move || view! { <Revealed reveals=grid.reveals which=shown.clone() /> }.into_any(),
        )
    });
    let open = click(move || {
        if let Some(at) = at.try_get_value() {
            grid.open(at);
        }
    });
    view! {
        <button
            type="button"
            class="cell"
            data-column=number
            tabindex="-1"
            aria-label=name
            on:click=open
        >
            {inside}
        </button>
        {revealed}
    }
    .into_any()
}

/// Sign, word, and what is to be said beside.
fn face(cell: Cell) -> AnyView {
    let word = words::word(cell.state);
    let aside = if cell.nothing.is_some() { "aside broken" } else { "aside" };
    view! {
        <span class=format!("state {}", word.replace(' ', "-"))>
            {words::sign(cell.state)}
            {word}
        </span>
        " "
        <span class=aside>{words::aside(&cell)}</span>
    }
    .into_any()
}
