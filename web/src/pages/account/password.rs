//! Another password.

use leptos::prelude::*;
use subrosa_bridge::{Hidden, Problem, Request};

use crate::components::account_name::AccountName;
use crate::components::field::Field;
use crate::components::new_password::NewPassword;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::element::{El, el};
use crate::erased::{lazy, spawn};
use crate::parts::{div, form, press, titled};
use crate::session::use_session;

pub fn password() -> El {
    let asking = RwSignal::new(false);
    let said = "It opens your account on each of your devices. The emergency kit stays as it is; \
                devices that are unlocked stay so until they lock.";
    let body = lazy(move || match asking.get() {
        false => press("button", move || asking.set(true)).put("Change the password…").any(),
        true => asked(asking),
    });
    titled("password-title", "Password").put(el("p").class("quiet").put(said)).put(body)
}

fn asked(asking: RwSignal<bool>) -> AnyView {
    let session = use_session();
    let current = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let new = NewPassword::new(RwSignal::new(String::new()), problem);
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        let Some(chosen) = new.chosen() else { return };
        busy.set(true);
        problem.set(None);
        let current = Hidden::new(current.get_untracked());
        let request = Request::ChangePassword { current, new: Hidden::new(chosen) };
        spawn(async move {
            let changed = session.keyholder.ask(request).await;
            let _ = busy.try_set(false);
            match changed {
                Ok(_) => {
                    session
                        .toasts
                        .say("The password is changed. Unlock with the new one from now on.");
                    let _ = asking.try_set(false);
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let field = view! {
        <AccountName />
        <Field
            label="Current password"
            kind="password"
            autocomplete="current-password"
            value=current
            autofocus=true
        />
    };
    let keep = press("button", move || asking.set(false)).put("Keep it");
    let go = submit("Change the password", "Deriving keys…", busy.into());
    form(
        send,
        vec![
            field.into_any(),
            new.fields("New password"),
            form_problem(problem),
            div("actions", vec![go, keep.any()]),
        ],
    )
}
