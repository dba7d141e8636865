//! The matrix's keys. They act on the cell that has the focus.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::grid::{At, Grid, Line, focused};
use crate::components::palette::{dialog_open, in_field};
use crate::erased::on_window;
use crate::page::{Page, Place};
use crate::preferences::use_preferences;

/// Listens as long as the matrix is there.
pub fn listen(grid: Grid) {
    let preferences = use_preferences();
    let handle = on_window("keydown", move |event: KeyboardEvent| {
        let command = event.meta_key() || event.ctrl_key() || event.alt_key();
        if command || in_field(&event) || dialog_open() {
            return;
        }
        let at = focused();
        let single = preferences.with_untracked(|preferences| preferences.single_keys);
        let done = at.as_ref().is_some_and(|at| moved(grid, at, &event.key()))
            || (single && acted(grid, at, &event.key()));
        if done {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

fn moved(grid: Grid, at: &At, key: &str) -> bool {
    match key {
        "ArrowDown" => step(grid, at, 1),
        "ArrowUp" => step(grid, at, -1),
        "ArrowRight" => along(grid, at, at.column + 1..=last(grid)),
        "ArrowLeft" => along(grid, at, (0..at.column).rev()),
        "Home" => along(grid, at, 0..at.column),
        "End" => along(grid, at, (at.column + 1..=last(grid)).rev()),
        " " => grid.expand(&at.line.key),
        "Delete" => grid.delete(at),
        _ => return false,
    }
    true
}

fn acted(grid: Grid, at: Option<At>, key: &str) -> bool {
    match (key, &at) {
        ("n", _) => grid.open_new(at),
        ("i", _) => {
            let place = Place::project(grid.project.get_value());
            grid.session.go(&Page::Import(place).path());
        }
        ("d", _) => grid.session.go(&Page::Compare(grid.project.get_value()).path()),
        ("j", None) => {
            if let Some(at) = grid.stop.get_untracked() {
                grid.focus(at);
            }
        }
        ("j", Some(at)) => step(grid, at, 1),
        ("k", Some(at)) => step(grid, at, -1),
        ("x", Some(at)) => grid.expand(&at.line.key),
        ("r", Some(at)) => grid.reveal(at),
        ("c", Some(at)) => grid.copy(at),
        ("o", Some(at)) => grid.open(at.clone()),
        ("a", Some(at)) => grid.open_alias(at.clone()),
        ("t", Some(at)) => grid.trace(at),
        ("h", Some(at)) => grid.history(at),
        ("p", Some(at)) => grid.promote(at),
        _ => return false,
    }
    true
}

fn last(grid: Grid) -> usize {
    grid.columns.with_untracked(Vec::len)
}

/// Whether something takes the focus there.
fn is_stop(grid: Grid, line: &Line, column: usize) -> bool {
    if column == 0 {
        line.application.is_none()
    } else {
        untrack(|| grid.cell(line, column - 1)).is_some()
    }
}

/// To the first of these columns that can be had.
fn along(grid: Grid, at: &At, mut columns: impl Iterator<Item = usize>) {
    if let Some(column) = columns.find(|column| is_stop(grid, &at.line, *column)) {
        grid.focus(At { line: at.line.clone(), column });
    }
}

/// To the next row that has something in this column. Where it is not drawn yet, it is gone to once
/// it is: scrolling to where the focus is has asked for it.
fn step(grid: Grid, at: &At, by: isize) {
    if !grid.owe(at, by) && !stepped(grid, at, by) && grid.is_cut(by) {
        grid.owed.set_value(Some((at.clone(), by)));
    }
}

/// Takes the steps that were asked for before their rows came, as far as these go now.
pub fn catch_up(grid: Grid) {
    let Some((mut at, mut left)) = grid.owed.try_update_value(Option::take).flatten() else {
        return;
    };
    while left != 0 && focused().as_ref() == Some(&at) && stepped(grid, &at, left.signum()) {
        left -= left.signum();
        at = focused().unwrap_or(at);
    }
    if left != 0 && grid.is_cut(left) {
        grid.owed.set_value(Some((at, left)));
    }
}

/// Goes to the next row that is drawn and has something in this column, if there is one.
fn stepped(grid: Grid, at: &At, by: isize) -> bool {
    let lines = untrack(|| grid.lines());
    let Some(mut index) = lines.iter().position(|line| *line == at.line) else { return false };
    while let Some(next) = index.checked_add_signed(by) {
        let Some(line) = lines.get(next) else { return false };
        if is_stop(grid, line, at.column) {
            grid.focus(At { line: line.clone(), column: at.column });
            return true;
        }
        index = next;
    }
    false
}
