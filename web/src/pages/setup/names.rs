//! The first step: what the team and its founder are called.

use leptos::prelude::*;

use super::{Setting, Step, h1};
use crate::components::field::Field;
use crate::parts::{all, form, p, send, text};

/// Two names.
pub fn names(setting: Setting) -> AnyView {
    let submit = move || {
        let blank = |text: RwSignal<String>| text.with_untracked(|text| text.trim().is_empty());
        if !blank(setting.team_name) && !blank(setting.me) {
            setting.step.set(Step::Password);
        }
    };
    let told = "Both names are encrypted like everything else. The server never reads them.";
    let fields = view! {
        <Field
            label="Team name"
            value=setting.team_name
            autocomplete="organization"
            longest=64
            autofocus=true
        />
        <Field
            label="Your name"
            value=setting.me
            autocomplete="name"
            longest=64
            hint="How your changes are signed in the history."
        />
    };
    all(vec![
        h1("Found your team"),
        p("quiet", vec![text(told)]),
        form(submit, vec![fields.into_any(), send("Continue").any()]),
    ])
}
