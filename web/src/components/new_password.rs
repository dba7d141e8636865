//! A password to be: a generated passphrase, unless one brings one's own.

use leptos::prelude::*;
use subrosa_bridge::{Hidden, Problem};

use crate::clipboard;
use crate::components::field::Field;
use crate::element::el;
use crate::erased::{lazy, spawn};
use crate::icons;
use crate::parts::{all, div, live, p, press, text};
use crate::session::use_session;

/// Characters at least of an own password.
const SHORTEST: usize = 12;

/// What is being chosen.
#[derive(Clone, Copy)]
pub struct NewPassword {
    own: RwSignal<bool>,
    generated: RwSignal<String>,
    typed: RwSignal<String>,
    again: RwSignal<String>,
    fault: RwSignal<Option<String>>,
    again_fault: RwSignal<Option<String>>,
    problem: RwSignal<Option<Problem>>,
}

impl NewPassword {
    /// With a passphrase, which is asked for at once; `problem` is told if it does not come.
    pub fn new(typed: RwSignal<String>, problem: RwSignal<Option<Problem>>) -> Self {
        let new = NewPassword {
            own: RwSignal::new(false),
            generated: RwSignal::new(String::new()),
            typed,
            again: RwSignal::new(String::new()),
            fault: RwSignal::new(None),
            again_fault: RwSignal::new(None),
            problem,
        };
        new.generate();
        new
    }

    /// What was chosen, if it can be taken; what is wrong with it is shown otherwise.
    pub fn chosen(self) -> Option<String> {
        if !self.own.get_untracked() {
            return Some(self.generated.get_untracked()).filter(|phrase| !phrase.is_empty());
        }
        let typed = self.typed.get_untracked();
        let long = typed.chars().count() >= SHORTEST;
        let same = typed == self.again.get_untracked();
        self.fault.set((!long).then(|| format!("At least {SHORTEST} characters.")));
        self.again_fault.set((long && !same).then(|| "The two are not the same.".into()));
        (long && same).then_some(typed)
    }

    /// The passphrase, or the fields for one's own, and how to change between the two.
    pub fn fields(self, label: &'static str) -> AnyView {
        let (value, error) = (self.typed, self.fault);
        let (again, again_fault) = (self.again, self.again_fault);
        let typed = lazy(move || match self.own.get() {
            false => shown(self.generated, Callback::new(move |()| self.generate())),
            true => view! {
                <Field
                    label=label
                    kind="password"
                    autocomplete="new-password"
                    value=value
                    error=error
                    hint="At least 12 characters."
                    autofocus=true
                />
                <Field
                    label=format!("{label} again")
                    kind="password"
                    autocomplete="new-password"
                    value=again
                    error=again_fault
                />
            }
            .into_any(),
        });
        let other = live(move || {
            let words = match self.own.get() {
                true => "Use a generated passphrase",
                false => "Choose my own password",
            };
            words.to_owned()
        });
        let change = press("button link", move || self.own.update(|own| *own = !*own)).put(other);
        all(vec![typed, change.any()])
    }

    fn generate(self) {
        let session = use_session();
        spawn(async move {
            match session.keyholder.passphrase().await {
                Ok(phrase) => {
                    let _ = self.generated.try_set(phrase.expose().to_owned());
                }
                Err(found) => {
                    let _ = self.problem.try_set(Some(found));
                }
            }
        });
    }
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
