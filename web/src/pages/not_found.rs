//! An address that leads nowhere.

use leptos::prelude::*;

use crate::element::el;
use crate::page::Page;
use crate::pages::title;
use crate::parts::link;

/// Says so, and leads back.
#[component]
pub fn NotFound() -> impl IntoView {
    title("Not found");
    let go = link("button primary", Page::Projects.path()).put("Go to the projects");
    el("main")
        .class("alone")
        .put(el("h1").put("There is nothing here"))
        .put(el("p").put("The address is mistyped, or what it led to is gone."))
        .put(el("p").put(go))
}
