//! The second step: a password, generated unless one brings one's own.

use leptos::prelude::*;
use subrosa_bridge::{Hidden, Problem};

use super::{Setting, Step, h1};
use crate::clipboard;
use crate::components::account_name::AccountName;
use crate::components::field::Field;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::element::el;
use crate::erased::{lazy, spawn};
use crate::icons;
use crate::parts::{all, div, form, live, p, press, status, text};
use crate::session::use_session;

/// Characters at least of an own password.
const SHORTEST: usize = 12;

/// Passphrase or own password, then the key derivation, which runs in the worker.
pub fn password(setting: Setting) -> AnyView {
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
    let send = move || {
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
    let told = "You type it whenever you unlock. It never leaves this device, and nobody can reset \
                it.";
    let typed = lazy(move || match own.get() {
        false => shown(generated, Callback::new(move |()| generate())),
        true => view! {
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
        }
        .into_any(),
    });
    let other = live(move || {
        let words = if own.get() { "Use a generated passphrase" } else { "Choose my own password" };
        words.to_owned()
    });
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
                typed,
                press("button link", move || own.update(|own| *own = !*own)).put(other).any(),
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

fn shown(generated: RwSignal<String>, generate: Callback<()>) -> AnyView {
    let session = use_session();
    let copy = move || {
        let phrase = Hidden::new(generated.get_untracked());
        clipboard::copy_secret(session, phrase, "the passphrase".into());
    };
    let phrase =
        live(
            move || {
                if generated.with(String::is_empty) { "…".to_owned() } else { generated.get() }
            },
        );
    let hint = "Eight words: strong, and easy to type. Keep it in your password manager or on \
                paper, not beside the kit.";
    let output = el("output")
        .is("id", "passphrase")
        .class("passphrase mono")
        .is("translate", "no")
        .put(phrase);
    // So that password managers offer to keep it.
    let kept = el("input")
        .class("unseen")
        .is("type", "password")
        .is("autocomplete", "new-password")
        .is("aria-label", "Generated passphrase for password managers")
        .is("tabindex", "-1")
        .is("readonly", "")
        .property("value", move || generated.get().into());
    let copy = press("button", copy).put(icons::Copy()).put("Copy passphrase");
    let another = press("button ghost", move || generate.run(())).put("Another one");
    div(
        "field",
        vec![
            el("label").is("for", "passphrase").put("Generated passphrase").any(),
            output.any(),
            kept.any(),
            div("actions", vec![copy.any(), another.any()]),
            p("hint", vec![text(hint)]),
        ],
    )
}
