//! The second step: a password, generated unless one brings one's own.

use leptos::prelude::*;
use subrosa_bridge::Problem;

use super::{Setting, Step, h1};
use crate::components::account_name::AccountName;
use crate::components::new_password::NewPassword;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::erased::spawn;
use crate::parts::{all, div, form, live, p, press, status, text};
use crate::session::use_session;

/// Passphrase or own password, then the key derivation, which runs in the worker.
pub fn password(setting: Setting) -> AnyView {
    let session = use_session();
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let new = NewPassword::new(setting.password, problem);
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        let Some(chosen) = new.chosen() else { return };
        setting.password.set(chosen);
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
    let told = "You type it whenever you unlock. It never leaves this device, and nobody can reset \
                it.";
    let slow = live(move || {
        let told = "This takes a few seconds: a slow derivation is what makes guessing slow, too.";
        if busy.get() { told.to_owned() } else { String::new() }
    });
    let back = press("button ghost", move || setting.step.set(Step::Names)).put("Back");
    all(vec![
        h1("Choose a password"),
        p("quiet", vec![text(told)]),
        form(
            send,
            vec![
                view! { <AccountName /> }.into_any(),
                new.fields("Password"),
                form_problem(problem),
                div(
                    "actions",
                    vec![submit("Create keys", "Deriving keys…", busy.into()), back.any()],
                ),
                status("hint", slow),
            ],
        ),
    ])
}
