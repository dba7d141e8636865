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
    let tab = tab_index(grid, At { line: line.clone(), column: 0 });
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
                tabindex=tab
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

fn tab_index(grid: Grid, at: At) -> Signal<&'static str> {
    Signal::derive(
        move || {
            if grid.stop.with(|stop| stop.as_ref() == Some(&at)) { "0" } else { "-1" }
        },
    )
}

fn cell(grid: Grid, at: At, column: Column) -> AnyView {
    let found = memo({
        let at = at.clone();
        move || grid.cell(&at.line, at.column - 1)
    });
    let at = StoredValue::new(at);
    let open = Signal::derive(move || {
        grid.editing.with(|editing| {
            let open = editing.as_ref().and_then(|editing| editing.at.as_ref());
            at.with_value(|here| open == Some(here))
        })
    });
    let there = memo(move || found.with(Option::is_some));
    let inside = lazy(move || {
        if there.get() {
            filled(grid, at, found)
        } else {
            view! { <span class="quiet none">"no application"</span> }.into_any()
        }
    });
    view! {
        <td role="gridcell" class:open=open>
            <span class="where" aria-hidden="true">{column.name}</span>
            {inside}
        </td>
    }
    .into_any()
}

fn filled(grid: Grid, at: StoredValue<At>, found: Memo<Option<Cell>>) -> AnyView {
    let place = at.with_value(|at| grid.scope_name(at));
    let drafted = move || {
        found.with(|cell| {
            let here = |scope| at.with_value(|at| grid.is_drafted(scope, &at.line.key));
            cell.as_ref().is_some_and(|cell| here(&cell.scope))
        })
    };
    let name = Signal::derive(move || {
        let drafted = drafted();
        found.with(|cell| {
            let name = |cell| at.with_value(|at| words::name(&at.line.key, &place, cell, drafted));
            cell.as_ref().map(name)
        })
    });
    let draft = when(drafted, || view! { <span class="badge draft">"draft"</span> }.into_any());
    let which = at.with_value(|at| {
        found.with_untracked(|it| it.as_ref().map(|it| of_key(&it.scope, &at.line.key)))
    });
    let revealed = which.map(|which| {
        let shown = which.clone();
        when(
            move || grid.reveals.has(&which),
            move || view! { <Revealed reveals=grid.reveals which=shown.clone() /> }.into_any(),
        )
    });
    let (number, tab) = at.with_value(|at| (at.column.to_string(), tab_index(grid, at.clone())));
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
            tabindex=tab
            aria-label=name
            on:click=open
        >
            {lazy(move || found.get().map(face).into_any())}
            " "
            {draft}
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
