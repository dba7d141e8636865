//! All keys, on one page.

use leptos::prelude::*;

use crate::components::dialog::dialog;
use crate::element::el;
use crate::parts::{p, text};

const KEYS: [(&str, &str); 21] = [
    ("⌘K or Ctrl K", "Go to anything, do anything"),
    ("/", "Filter the table"),
    ("j k or ↓ ↑", "Next row, row before"),
    ("← →  Home End", "Along a row of cells"),
    ("Enter", "Edit the row, or the cell"),
    ("⌘Enter or Ctrl Enter", "Save; outside of a form: review the drafts"),
    ("Esc", "Cancel; what was typed is kept as a draft"),
    ("n", "New secret"),
    ("r", "Reveal for 30 seconds, or hide"),
    ("c", "Copy the value"),
    ("o", "Override here, in a cell"),
    ("a", "Alias: another key for it"),
    ("t", "Trace: where it comes from"),
    ("x or Space", "Show a key’s applications"),
    ("h", "History"),
    ("d", "Compare two environments"),
    ("p", "Promote: copy to another environment"),
    ("Delete", "Delete, with undo"),
    ("i", "Import a .env file"),
    ("⌘⇧L or Ctrl Shift L", "Lock"),
    ("?", "This list"),
];

/// The overlay of `?`.
pub fn help(on_close: Callback<()>) -> AnyView {
    let key = |(key, does): (&'static str, &'static str)| {
        el("div").put(el("dt").put(el("kbd").put(key))).put(el("dd").put(does))
    };
    let keys: Vec<_> = KEYS.into_iter().map(key).collect();
    let hint = "Single keys work on the row or cell that has the focus. They can be switched off in the settings.";
    let keys = el("dl").class("keys").put(keys).any();
    dialog("Keyboard shortcuts", "narrow", on_close, vec![keys, p("hint", vec![text(hint)])])
}
