//! The field that values are typed into: out of the reach of spelling services, translators and
//! password managers, and masked until it is asked to show.

use leptos::prelude::*;

use crate::components::unique;
use crate::element::el;
use crate::parts::press;

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
    let hidden = RwSignal::new(masked);
    let id = unique("value");
    let lines = move || {
        let lines = value.with(|value| value.lines().count());
        u32::try_from(lines).unwrap_or(u32::MAX).clamp(rows, 10).to_string()
    };
    let area = el("textarea")
        .is("id", id.clone())
        .class("mono")
        .toggles("masked", move || hidden.get())
        .follows("rows", lines)
        .is("autocomplete", "off")
        .is("autocapitalize", "off")
        .is("spellcheck", "false")
        .is("translate", "no")
        // 1Password, Bitwarden, LastPass.
        .is("data-1p-ignore", "true")
        .is("data-bwignore", "true")
        .is("data-lpignore", "true")
        .maybe("aria-busy", move || waiting.get().then(|| "true".to_owned()))
        .flag("readonly", move || waiting.get())
        .follows("placeholder", move || if waiting.get() { "Opening…" } else { "" }.to_owned())
        .typed(value);
    let show = masked.then(|| {
        press("button ghost small", move || hidden.update(|hidden| *hidden = !*hidden))
            .states("aria-pressed", move || !hidden.get())
            .put("Show value")
    });
    el("div")
        .class("field value-field")
        .put(el("label").is("for", id).class(if quiet_label { "unseen" } else { "" }).put(label))
        .put(el("div").class("value-box").put(area).put(show))
}
