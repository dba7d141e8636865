//! The table's keys. They act on the row that has the focus.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::row::copy;
use super::table::{Over, Table};
use crate::components::palette::{dialog_open, in_field};
use crate::erased::on_window;
use crate::page::Page;
use crate::preferences::use_preferences;

/// Listens as long as the table is there.
pub fn listen(table: Table) {
    let preferences = use_preferences();
    let handle = on_window("keydown", move |event: KeyboardEvent| {
        if event.meta_key()
            || event.ctrl_key()
            || event.alt_key()
            || in_field(&event)
            || dialog_open()
        {
            return;
        }
        let key = event.key();
        let moved = match key.as_str() {
            "ArrowDown" => focused_id().is_some() && step(1),
            "ArrowUp" => focused_id().is_some() && step(-1),
            _ => false,
        };
        if moved {
            event.prevent_default();
            return;
        }
        if !preferences.with_untracked(|preferences| preferences.single_keys) {
            return;
        }
        let row = focused_id().and_then(|id| table.row(&id));
        match (key.as_str(), row) {
            ("j", _) => {
                step(1);
            }
            ("k", _) => {
                step(-1);
            }
            ("n", _) => table.open_new(),
            ("i", _) => {
                let path = Page::Import(table.place.get_value()).path();
                table.session.go(&path);
            }
            ("r", Some(row)) => table.reveals.toggle_key(table.scope(), row.key),
            ("t", Some(row)) => table.over.set(Over::Trace(row.key)),
            ("o", Some(row)) if row.inherited => table.open_override(row),
            ("c", Some(row)) => copy(table, row),
            ("h", Some(row)) => table.over.set(Over::History(Box::new(row))),
            ("Delete", Some(row)) if !row.inherited => {
                if !step(1) {
                    step(-1);
                }
                table.delete(row);
            }
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

/// The secret whose row has the focus.
pub fn focused_id() -> Option<String> {
    let row = document().active_element()?.closest("tr[data-id]").ok().flatten()?;
    row.get_attribute("data-id")
}

/// Moves the focus to another row; to the first one from outside. Says whether it moved.
fn step(by: i32) -> bool {
    let Ok(keys) = document().query_selector_all("tr[data-id] .key") else { return false };
    let here = focused_id();
    let at = (0..keys.length()).find(|index| {
        let row = keys.item(*index).and_then(|node| node.dyn_into::<HtmlElement>().ok());
        let row = row.and_then(|key| key.closest("tr[data-id]").ok().flatten());
        here.is_some() && row.and_then(|row| row.get_attribute("data-id")) == here
    });
    let next = match at {
        Some(at) => at.checked_add_signed(by),
        None => Some(0),
    };
    let element =
        next.and_then(|next| keys.item(next)).and_then(|node| node.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| element.focus().is_ok())
}
