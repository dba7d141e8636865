//! A row of the grid: a key, or the applications of one name under it, with a cell for each column.

use leptos::prelude::*;
use subrosa_bridge::view::{Cell, Column};

use super::edit::Mode;
use super::editor::editor_row;
use super::grid::{At, Grid, Line};
use super::words;
use crate::components::reveal::{of_key, revealed};
use crate::element::{El, el};
use crate::erased::{lazy, memo, when};
use crate::icons;
use crate::parts::{self, all, nothing, press, span, text};

/// The row, and its editor below while one of its cells is edited.
pub fn line(grid: Grid, line: Line) -> AnyView {
    let (key, application) = (line.key.clone(), line.application.clone());
    let class = if application.is_some() { "of-application" } else { "of-key" };
    let columns = grid.columns.get_untracked();
    let cells = columns.into_iter().enumerate().map(|(index, column)| {
        let at = At { line: line.clone(), column: index + 1 };
        cell(grid, at, column)
    });
    let cells: Vec<El> = cells.collect();
    let head = head(grid, &line);
    let editing = memo(move || {
        let open = grid.editing.get()?;
        let here = open.at.as_ref().is_some_and(|at| at.line == line);
        (here && open.mode != Mode::New).then_some(open)
    });
    let editor = lazy(move || match editing.get() {
        Some(editing) => editor_row(grid, editing),
        None => nothing(),
    });
    let mut row = el("tr").is("role", "row").class(class).is("data-key", key);
    if let Some(application) = application {
        row = row.is("data-application", application);
    }
    all(vec![row.put(head).put(cells).any(), editor])
}

fn head(grid: Grid, line: &Line) -> El {
    let key = line.key.clone();
    let head = parts::cell("th", "rowheader").is("scope", "row");
    if let Some(name) = &line.application {
        return head
            .put(span("unseen", vec![text(format!("{key} in "))]))
            .put(span("below", vec![text(name.clone())]));
    }
    let (counted, opened, toggled) = (key.clone(), key.clone(), key.clone());
    let toggle = press("key mono", move || grid.expand(&toggled))
        .is("data-column", "0")
        .is("tabindex", "-1")
        .is("aria-label", format!("{key}, applications"))
        .states("aria-expanded", move || grid.is_expanded(&opened))
        .put(icons::Chevron())
        .put(key);
    let count = memo(move || grid.applications(&counted));
    let badge = lazy(move || match count.get() {
        0 => nothing(),
        count => {
            let unit = span("unseen", vec![text(" applications set it")]);
            span("badge", vec![text(count.to_string()), unit])
        }
    });
    head.put(toggle).put(badge)
}

fn cell(grid: Grid, at: At, column: Column) -> El {
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
                span("quiet none", vec![text("no application")])
            }
        })
    };
    let place = el("span").class("where").is("aria-hidden", "true").put(column.name);
    parts::cell("td", "gridcell").put(place).put(inside)
}

/// What is in a cell: of what changes with every key there is one of each for the whole grid, and
/// little for each cell, since there are hundreds.
fn filled(grid: Grid, at: At, found: Memo<Option<Cell>>) -> AnyView {
    let place = grid.scope_name(&at);
    let number = at.column.to_string();
    let which = found.with_untracked(|it| it.as_ref().map(|it| of_key(&it.scope, &at.line.key)));
    let at = StoredValue::new(at);
    let drafted = move |cell: &Cell| at.with_value(|at| grid.is_drafted(&cell.scope, &at.line.key));
    let name = move || {
        found.with(|cell| {
            let cell = cell.as_ref()?;
            let drafted = drafted(cell);
            Some(at.with_value(|at| words::name(&at.line.key, &place, cell, drafted)))
        })
    };
    let inside = lazy(move || {
        let Some(cell) = found.get() else { return nothing() };
        let mut face = face(&cell);
        if drafted(&cell) {
            face.extend([text(" "), span("badge draft", vec![text("draft")])]);
        }
        all(face)
    });
    let shown = which.map(|which| {
        let shown = which.clone();
        when(move || grid.reveals.has(&which), move || revealed(grid.reveals, shown.clone()))
    });
    let open = move || {
        if let Some(at) = at.try_get_value() {
            grid.open(at);
        }
    };
    let cell = press("cell", open)
        .is("data-column", number)
        .is("tabindex", "-1")
        .maybe("aria-label", name)
        .put(inside);
    all(vec![cell.any(), shown.unwrap_or_else(nothing)])
}

/// Sign, word, and what is to be said beside.
fn face(cell: &Cell) -> Vec<AnyView> {
    let word = words::word(cell.state);
    let aside = if cell.nothing.is_some() { "aside broken" } else { "aside" };
    let state = el("span")
        .class(format!("state {}", word.replace(' ', "-")))
        .put(words::sign(cell.state))
        .put(word);
    vec![state.any(), text(" "), span(aside, vec![text(words::aside(cell))])]
}
