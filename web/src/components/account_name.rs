//! The name that password managers keep a password under: there is one account a device.

use leptos::prelude::*;

/// Belongs before each password field. Not seen and not reached by the keyboard.
#[component]
pub fn AccountName() -> impl IntoView {
    view! {
        <input
            class="unseen"
            type="text"
            name="username"
            autocomplete="username"
            value="subrosa"
            aria-label="Account"
            tabindex="-1"
            readonly
        />
    }
}
