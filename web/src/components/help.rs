//! All keys, on one page.

use leptos::prelude::*;

use crate::components::dialog::Dialog;

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
#[component]
pub fn Help(
    /// Somebody wants it away.
    on_close: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog title="Keyboard shortcuts" on_close>
            <dl class="keys">
                {KEYS.into_iter().map(|(key, does)| view! {
                    <div>
                        <dt><kbd>{key}</kbd></dt>
                        <dd>{does}</dd>
                    </div>
                }).collect_view()}
            </dl>
            <p class="hint">
                "Single keys work on the row or cell that has the focus. They can be switched off in the settings."
            </p>
        </Dialog>
    }
}
