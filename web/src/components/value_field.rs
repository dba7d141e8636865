//! The field that values are typed into: out of the reach of spelling services, translators and
//! password managers, and masked until it is asked to show.

use leptos::html;
use leptos::prelude::*;

use crate::components::unique;
use crate::erased::{click, effect};

/// Many lines; masked by style, so that it stays plain text for whoever pastes and edits.
#[component]
pub fn ValueField(
    /// What is typed.
    value: RwSignal<String>,
    /// Its label.
    #[prop(default = "Value")]
    label: &'static str,
    /// Whether it is masked at first.
    #[prop(default = true)]
    masked: bool,
    /// Whether the value is still on its way.
    #[prop(optional, into)]
    waiting: Signal<bool>,
    /// Whether the label is for screen readers alone.
    #[prop(optional)]
    quiet_label: bool,
    /// How many lines are seen.
    #[prop(default = 1)]
    rows: u32,
) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let hidden = RwSignal::new(masked);
    let id = unique("value");
    effect(move || {
        let Some(field) = node.get() else { return };
        // Names that the view's syntax can't spell: 1Password, Bitwarden, LastPass.
        for (name, text) in
            [("data-1p-ignore", "true"), ("data-bwignore", "true"), ("data-lpignore", "true")]
        {
            let _ = field.set_attribute(name, text);
        }
    });
    let lines = move || {
        let lines = value.with(|value| value.lines().count());
        u32::try_from(lines).unwrap_or(u32::MAX).clamp(rows, 10)
    };
    view! {
        <div class="field value-field">
            <label for=id.clone() class:unseen=quiet_label>{label}</label>
            <div class="value-box">
                <textarea
                    node_ref=node
                    id=id
                    class="mono"
                    class:masked=move || hidden.get()
                    rows=lines
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    translate="no"
                    aria-busy=move || waiting.get().then_some("true")
                    readonly=move || waiting.get()
                    placeholder=move || if waiting.get() { "Opening…" } else { "" }
                    bind:value=value
                ></textarea>
                {masked.then(|| view! {
                    <button
                        type="button"
                        class="button ghost small"
                        aria-pressed=move || if hidden.get() { "false" } else { "true" }
                        on:click=click(move || hidden.update(|hidden| *hidden = !*hidden))
                    >
                        "Show value"
                    </button>
                })}
            </div>
        </div>
    }
}
