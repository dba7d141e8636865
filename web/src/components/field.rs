//! A labelled input with its hint and its error.

use leptos::html;
use leptos::prelude::*;

use crate::components::unique;
use crate::element::{El, el};
use crate::erased::effect;
use crate::parts::live;

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
    let id = unique("field");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let mut input = el("input")
        .is("id", id.clone())
        .is("type", kind)
        .class(if mono { "mono" } else { "" })
        .is("autocomplete", autocomplete)
        .is("autocapitalize", "off")
        .is("spellcheck", "false")
        .is("aria-describedby", format!("{hint_id} {error_id}"))
        .maybe("aria-invalid", move || error.get().map(|_| "true".to_owned()))
        .typed(value);
    for (holds, name) in [(required, "required"), (fixed, "readonly")] {
        if holds {
            input = input.is(name, "");
        }
    }
    if longest > 0 {
        input = input.is("maxlength", longest.to_string());
    }
    if autofocus {
        input = focused(input);
    }
    let error = el("p")
        .class("error")
        .is("id", error_id)
        .is("aria-live", "polite")
        .put(live(move || error.get().unwrap_or_default()));
    el("div")
        .class("field")
        .put(el("label").is("for", id).put(label))
        .put(input)
        .put(el("p").class("hint").is("id", hint_id).put(hint))
        .put(error)
}

/// Gives the input the focus once it is in the page.
pub fn focused(input: El) -> El {
    let node = NodeRef::<html::Input>::new();
    effect(move || {
        if let Some(input) = node.get() {
            let _ = input.focus();
        }
    });
    input.node(node)
}
