//! A labelled input with its hint and its error.

use leptos::html;
use leptos::prelude::*;

use crate::components::unique;
use crate::erased::effect;

/// One line of text.
#[component]
pub fn Field(
    /// Always seen: a placeholder is no label.
    #[prop(into)]
    label: String,
    /// What is typed.
    value: RwSignal<String>,
    /// `text`, `password` or `search`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What browsers and password managers make of it.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// A sentence below.
    #[prop(optional, into)]
    hint: String,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether it is typed as code.
    #[prop(optional)]
    mono: bool,
    /// Whether it takes the focus when it appears.
    #[prop(optional)]
    autofocus: bool,
    /// Whether it only shows what it has.
    #[prop(optional)]
    fixed: bool,
    /// Whether the form needs it.
    #[prop(default = true)]
    required: bool,
    /// How many characters at most; 0 is no limit.
    #[prop(default = 0)]
    longest: u32,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let id = unique("field");
    let described = format!("{id}-hint {id}-error");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    if autofocus {
        focus_when_there(node);
    }
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                node_ref=node
                id=id
                type=kind
                class:mono=mono
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                required=required
                readonly=fixed
                maxlength=(longest > 0).then_some(longest)
                aria-describedby=described
                aria-invalid=move || error.get().is_some().then_some("true")
                bind:value=value
            />
            <p class="hint" id=hint_id>{hint}</p>
            <p class="error" id=error_id aria-live="polite">{move || error.get()}</p>
        </div>
    }
}

/// Gives the input the focus once it is in the page.
pub fn focus_when_there(node: NodeRef<html::Input>) {
    effect(move || {
        if let Some(input) = node.get() {
            let _ = input.focus();
        }
    });
}
