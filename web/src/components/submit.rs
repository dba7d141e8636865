//! The button that sends a form: it answers at once and can't be pressed twice.

use leptos::prelude::*;

use crate::element::el;
use crate::parts::live;

/// Stays focusable while it waits: a disabled button would drop the focus.
pub fn submit(
    label: impl Into<Signal<String>>,
    waiting: &'static str,
    busy: Signal<bool>,
) -> AnyView {
    let label: Signal<String> = label.into();
    el("button")
        .is("type", "submit")
        .class("button primary")
        .toggles("busy", move || busy.get())
        .maybe("aria-disabled", move || busy.get().then(|| "true".to_owned()))
        .put(live(move || if busy.get() { waiting.to_owned() } else { label.get() }))
        .any()
}
