//! The second step: a password, generated unless one brings one's own.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use subrosa_bridge::{Hidden, Problem};

use super::{Setting, Step};
use crate::clipboard;
use crate::components::account_name::AccountName;
use crate::components::field::Field;
use crate::components::state::FormProblem;
use crate::components::submit::Submit;
use crate::erased::{click, spawn};
use crate::icons;
use crate::session::use_session;

/// Characters at least of an own password.
const SHORTEST: usize = 12;

/// Passphrase or own password, then the key derivation, which runs in the worker.
#[component]
pub fn Password(setting: Setting) -> impl IntoView {
    let session = use_session();
    let own = RwSignal::new(false);
    let generated = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let again_fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let generate = move || {
        spawn(async move {
            match session.keyholder.passphrase().await {
                Ok(phrase) => {
                    let _ = generated.try_set(phrase.expose().to_owned());
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    generate();
    let check = move || {
        if !own.get_untracked() {
            setting.password.set(generated.get_untracked());
            return !generated.with_untracked(String::is_empty);
        }
        let long = setting.password.with_untracked(|p| p.chars().count()) >= SHORTEST;
        let same = setting.password.get_untracked() == again.get_untracked();
        fault.set((!long).then(|| format!("At least {SHORTEST} characters.")));
        again_fault.set((long && !same).then(|| "The two are not the same.".into()));
        long && same
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || !check() {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let result = session.keyholder.begin_setup(setting.begin()).await;
            let _ = busy.try_set(false);
            match result {
                Ok(kit) => {
                    let _ = setting.kit.try_set(Some(kit));
                    let _ = setting.step.try_set(Step::Kit);
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    view! {
        <h1>"Choose a password"</h1>
        <p class="quiet">
            "You type it whenever you unlock. It never leaves this device, and nobody can reset it."
        </p>
        <form class="stack" on:submit=on_submit>
            <AccountName />
            <Show
                when=move || own.get()
                fallback=move || view! { <Generated generated generate=Callback::new(move |()| generate()) /> }
            >
                <Field
                    label="Password"
                    kind="password"
                    autocomplete="new-password"
                    value=setting.password
                    error=fault
                    hint="At least 12 characters."
                    autofocus=true
                />
                <Field
                    label="Password again"
                    kind="password"
                    autocomplete="new-password"
                    value=again
                    error=again_fault
                />
            </Show>
            <button
                type="button"
                class="button link"
                on:click=click(move || own.update(|own| *own = !*own))
            >
                {move || if own.get() { "Use a generated passphrase" } else { "Choose my own password" }}
            </button>
            <FormProblem problem />
            <div class="actions">
                <Submit label="Create keys" waiting="Deriving keys…" busy />
                <button
                    type="button"
                    class="button ghost"
                    on:click=click(move || setting.step.set(Step::Names))
                >
                    "Back"
                </button>
            </div>
            <p class="hint" role="status">
                {move || busy.get().then_some("This takes a few seconds: a slow derivation is what makes guessing slow, too.")}
            </p>
        </form>
    }
}

#[component]
fn Generated(generated: RwSignal<String>, generate: Callback<()>) -> impl IntoView {
    let session = use_session();
    let copy = move |_| {
        clipboard::copy_secret(
            session,
            Hidden::new(generated.get_untracked()),
            "the passphrase".into(),
        );
    };
    view! {
        <div class="field">
            <label for="passphrase">"Generated passphrase"</label>
            <output id="passphrase" class="passphrase mono" translate="no">
                {move || if generated.with(String::is_empty) { "…".to_owned() } else { generated.get() }}
            </output>
            // So that password managers offer to keep it.
            <input
                class="unseen"
                type="password"
                autocomplete="new-password"
                aria-label="Generated passphrase for password managers"
                tabindex="-1"
                readonly
                prop:value=move || generated.get()
            />
            <div class="actions">
                <button type="button" class="button" on:click=copy>
                    <icons::Copy />
                    "Copy passphrase"
                </button>
                <button type="button" class="button ghost" on:click=click(move || generate.run(()))>
                    "Another one"
                </button>
            </div>
            <p class="hint">"Eight words: strong, and easy to type. Keep it in your password manager or on paper, not beside the kit."</p>
        </div>
    }
}
