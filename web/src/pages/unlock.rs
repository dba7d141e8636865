//! The password, on a device that has the Secret Key.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use subrosa_bridge::{Hidden, Kind, Problem};

use crate::components::account_name::AccountName;
use crate::components::field::Field;
use crate::components::state::{FormProblem, Loading};
use crate::components::submit::Submit;
use crate::erased::{effect, lazy, spawn};
use crate::format;
use crate::icons;
use crate::page::Page;
use crate::pages::settings::ForgetDevice;
use crate::pages::title;
use crate::session::{Stage, use_session};

/// Unlocks, and returns to where one was.
#[component]
pub fn Unlock() -> impl IntoView {
    title("Unlock");
    let session = use_session();
    effect(move || {
        let to = match session.stage.get() {
            Stage::Open => session
                .return_to
                .try_update_value(Option::take)
                .flatten()
                .unwrap_or_else(|| Page::Projects.path()),
            Stage::Empty => Page::Recover.path(),
            _ => return,
        };
        session.go_instead(&to);
    });
    view! {
        <main class="alone">
            <span class="mark"><icons::Rose /></span>
            {lazy(move || match session.stage.get() {
                Stage::Locked => view! { <UnlockForm /> }.into_any(),
                Stage::Failed => view! { <CannotStart /> }.into_any(),
                _ => view! { <h1>"Unlock"</h1> <Loading lines=2 /> }.into_any(),
            })}
        </main>
    }
}

#[component]
fn UnlockForm() -> impl IntoView {
    let session = use_session();
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || password.with_untracked(String::is_empty) {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let result = session.keyholder.unlock(Hidden::new(password.get_untracked())).await;
            let _ = busy.try_set(false);
            match result {
                Ok(overview) => session.open(overview),
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let needs_kit =
        move || problem.with(|problem| problem.as_ref().is_some_and(|p| p.kind == Kind::NeedsKit));
    view! {
        <h1>"Unlock"</h1>
        {move || match session.put_away.get() {
            0 => None,
            count => {
                let drafts = format::count(count, "draft is", "drafts are");
                Some(view! { <p class="notice" role="status">{drafts}" kept on this device, encrypted."</p> })
            }
        }}
        <form class="stack" on:submit=on_submit>
            <AccountName />
            <Field
                label="Password"
                kind="password"
                autocomplete="current-password"
                value=password
                autofocus=true
            />
            <FormProblem problem />
            <Submit label="Unlock" waiting="Unlocking…" busy />
        </form>
        <Show when=needs_kit>
            <p><a class="button" href=Page::Recover.path()>"Open the emergency kit"</a></p>
        </Show>
        <div class="row between quiet-links">
            <a href=Page::Recover.path()>"Use the emergency kit"</a>
            <a href=Page::RecoverTeam.path()>"Use the root key"</a>
            <ForgetDevice class="link" />
        </div>
    }
}

#[component]
fn CannotStart() -> impl IntoView {
    let session = use_session();
    let problem = Problem::new(
        Kind::Offline,
        "The part that holds the keys could not be started.",
        "The server may be out of reach, or this browser may block WebAssembly in workers.",
    );
    view! {
        <h1>"Not started"</h1>
        <crate::components::state::Failure
            problem
            retry=Callback::new(move |()| session.restart())
        />
    }
}
