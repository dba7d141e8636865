//! An address that leads nowhere.

use leptos::prelude::*;

use crate::page::Page;
use crate::pages::title;

/// Says so, and leads back.
#[component]
pub fn NotFound() -> impl IntoView {
    title("Not found");
    view! {
        <main class="alone">
            <h1>"There is nothing here"</h1>
            <p>"The address is mistyped, or what it led to is gone."</p>
            <p><a class="button primary" href=Page::Projects.path()>"Go to the projects"</a></p>
        </main>
    }
}
