//! A device that has no Secret Key: the emergency kit and the password open the account here.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use subrosa_bridge::{Hidden, Problem};

use crate::components::account_name::AccountName;
use crate::components::dropped;
use crate::components::field::Field;
use crate::components::state::{FormProblem, Loading};
use crate::components::submit::Submit;
use crate::components::value_field::ValueField;
use crate::erased::{click, effect, lazy, spawn};
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::session::{Stage, use_session};

/// Paste or drop the kit, or type what it says.
#[component]
pub fn Recover() -> impl IntoView {
    title("Recover");
    let session = use_session();
    effect(move || {
        if session.stage.get() == Stage::Open {
            let back = session.return_to.try_update_value(Option::take).flatten();
            let to = back.unwrap_or_else(|| Page::Projects.path());
            session.go_instead(&to);
        }
    });
    view! {
        <main class="alone">
            <span class="mark"><icons::Rose /></span>
            <h1>"Open with the emergency kit"</h1>
            {lazy(move || match session.stage.get() {
                Stage::Loading => view! { <Loading /> }.into_any(),
                Stage::Locked => view! {
                    <p class="quiet">
                        "This device already has a Secret Key. "
                        <a href=Page::Unlock.path()>"Unlock with the password alone"</a>
                    </p>
                }.into_any(),
                _ => view! {
                    <p class="quiet">
                        "This device has no Secret Key yet. For a new server, open the setup link that it printed when it was started."
                    </p>
                }.into_any(),
            })}
            <KitForm />
            <p class="quiet-links">
                <a href=Page::RecoverTeam.path()>"I have the root key alone"</a>
            </p>
        </main>
    }
}

#[component]
fn KitForm() -> impl IntoView {
    let session = use_session();
    let typed = RwSignal::new(false);
    let kit = RwSignal::new(String::new());
    let secret_key = RwSignal::new(String::new());
    let checkpoint = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let whole = move || {
        if typed.get_untracked() {
            format!("{}\n{}", secret_key.get_untracked(), checkpoint.get_untracked())
        } else {
            kit.get_untracked()
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let text = whole();
        if busy.get_untracked() || text.trim().is_empty() {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let password = Hidden::new(password.get_untracked());
            let result = session.keyholder.recover(Hidden::new(text), password).await;
            let _ = busy.try_set(false);
            match result {
                Ok(overview) => session.open(overview),
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let over = dropped::on_page(Callback::new(move |text| {
        typed.set(false);
        kit.set(text);
    }));
    view! {
        <form class="stack" on:submit=on_submit>
            <Show
                when=move || typed.get()
                fallback=move || view! {
                    <div class="drop" class:over=move || over.get()>
                        <ValueField value=kit label="Emergency kit" rows=3 />
                        <p class="hint">"Paste the kit’s text, or drop its file anywhere on this page."</p>
                    </div>
                }
            >
                <Field
                    label="Secret Key"
                    value=secret_key
                    mono=true
                    hint="Starts with SR1-. Dashes, spaces and case do not matter."
                />
                <Field label="Checkpoint" value=checkpoint mono=true hint="A number, a colon, letters and digits." />
            </Show>
            <button
                type="button"
                class="button link"
                on:click=click(move || typed.update(|typed| *typed = !*typed))
            >
                {move || if typed.get() { "Paste or drop the kit instead" } else { "Type the Secret Key instead" }}
            </button>
            <AccountName />
            <Field label="Password" kind="password" autocomplete="current-password" value=password />
            <FormProblem problem />
            <Submit label="Open on this device" waiting="Opening…" busy />
        </form>
    }
}
