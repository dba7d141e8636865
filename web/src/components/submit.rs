//! The button that sends a form: it answers at once and can't be pressed twice.

use leptos::prelude::*;

/// Stays focusable while it waits: a disabled button would drop the focus.
#[component]
pub fn Submit(
    /// Its words.
    #[prop(into)]
    label: Signal<String>,
    /// Its words while it waits.
    #[prop(default = "Saving…")]
    waiting: &'static str,
    /// Whether it waits. The form ignores what is sent meanwhile.
    #[prop(into)]
    busy: Signal<bool>,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class="button primary"
            class:busy=move || busy.get()
            aria-disabled=move || busy.get().then_some("true")
        >
            {move || if busy.get() { waiting.to_owned() } else { label.get() }}
        </button>
    }
}
