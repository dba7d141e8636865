//! The first step: what the team and its founder are called.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Setting, Step};
use crate::components::field::Field;

/// Two names.
#[component]
pub fn Names(setting: Setting) -> impl IntoView {
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let blank = |text: RwSignal<String>| text.with_untracked(|text| text.trim().is_empty());
        if !blank(setting.team_name) && !blank(setting.me) {
            setting.step.set(Step::Password);
        }
    };
    view! {
        <h1>"Found your team"</h1>
        <p class="quiet">"Both names are encrypted like everything else. The server never reads them."</p>
        <form class="stack" on:submit=on_submit>
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
            <button type="submit" class="button primary">"Continue"</button>
        </form>
    }
}
