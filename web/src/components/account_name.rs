//! The name that password managers keep a password under: there is one account a device.

use leptos::prelude::*;

use crate::element::el;

/// Belongs before each password field. Not seen and not reached by the keyboard.
#[component]
pub fn AccountName() -> impl IntoView {
    el("input")
        .class("unseen")
        .is("type", "text")
        .is("name", "username")
        .is("autocomplete", "username")
        .is("value", "subrosa")
        .is("aria-label", "Account")
        .is("tabindex", "-1")
        .is("readonly", "")
}
