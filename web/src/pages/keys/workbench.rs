//! Encrypting and decrypting by hand.

use leptos::prelude::*;
use subrosa_bridge::named_keys::{NamedKeyAt, Rewrapped, ToRewrap};
use subrosa_bridge::view::Plain;
use subrosa_bridge::{Hidden, Problem, Reply, Request};

use crate::clipboard;
use crate::components::field::Field;
use crate::components::reveal::Reveals;
use crate::components::value_field::ValueField;
use crate::element::el;
use crate::erased::{lazy, spawn};
use crate::parts::{all, always, button, div, p, said, text};

use super::{Job, dialog};

/// What came of it.
#[derive(Clone, PartialEq)]
enum Shown {
    Nothing,
    /// A text that may be seen by anybody, with what it is.
    Open(&'static str, String),
    /// A text that is secret.
    Secret(Hidden),
    /// Words.
    Said(String),
}

/// What the buttons do.
#[derive(Clone, Copy)]
enum Act {
    Encrypt,
    Decrypt,
    Rewrap,
    DataKey,
}

#[derive(Clone, Copy)]
struct Bench {
    job: Job,
    at: StoredValue<NamedKeyAt>,
    typed: RwSignal<String>,
    context: RwSignal<String>,
    result: RwSignal<Shown>,
    busy: RwSignal<bool>,
    /// Counts what the buttons have done.
    turn: StoredValue<u32>,
}

/// A text and a context; what comes of them.
pub(super) fn workbench(job: Job, at: NamedKeyAt) -> AnyView {
    let title = format!("Use {}", at.name);
    let bench = Bench {
        job,
        at: StoredValue::new(at),
        typed: RwSignal::new(String::new()),
        context: RwSignal::new(String::new()),
        result: RwSignal::new(Shown::Nothing),
        busy: RwSignal::new(false),
        turn: StoredValue::new(0),
    };
    let act = |act: Act, words: &'static str, needs: bool| {
        let enabled = move || !(bench.busy.get() || needs && bench.typed.with(String::is_empty));
        button("button", text(words), enabled, move || bench.run(act))
    };
    let typed = view! {
        <ValueField value=bench.typed label="Text or ciphertext" masked=false rows=3 />
    };
    let hint =
        "What it belongs to, such as a row’s id: the same must be given to decrypt. May be empty.";
    let context = view! {
        <Field label="Context" value=bench.context hint=hint mono=true required=false longest=4096 />
    };
    dialog(
        job,
        &title,
        "wide",
        vec![
            typed.into_any(),
            context.into_any(),
            div(
                "actions",
                vec![
                    act(Act::Encrypt, "Encrypt", true),
                    act(Act::Decrypt, "Decrypt", true),
                    act(Act::Rewrap, "Rewrap", true),
                    act(Act::DataKey, "New data key", false),
                ],
            ),
            lazy(move || bench.shown()),
        ],
    )
}

impl Bench {
    fn run(self, act: Act) {
        self.busy.set(true);
        self.job.problem.set(None);
        self.result.set(Shown::Nothing);
        spawn(async move {
            let done = self.done(act).await;
            let _ = self.busy.try_set(false);
            match done {
                Ok(result) => self.show(result),
                Err(problem) => drop(self.job.problem.try_set(Some(problem))),
            }
        });
    }

    /// Shows what came of it; a plaintext for a while.
    fn show(self, result: Shown) {
        let number = self.turn.try_update_value(|turn| {
            *turn += 1;
            *turn
        });
        let hide = move || {
            if number.is_some() && self.turn.try_get_value() == number {
                let told = "The plaintext is hidden again. Decrypt once more to see it.";
                let _ = self.result.try_set(Shown::Said(told.to_owned()));
            }
        };
        if let Shown::Secret(_) = result {
            set_timeout(hide, Reveals::TIME);
        }
        let _ = self.result.try_set(result);
    }

    async fn done(self, act: Act) -> Result<Shown, Problem> {
        let keyholder = self.job.session.keyholder;
        let plain = |text: RwSignal<String>| Plain::Text(Hidden::new(text.get_untracked()));
        let (at, context) = (self.at.get_value(), plain(self.context));
        let ciphertext = self.typed.with_untracked(|typed| typed.trim().to_owned());
        let request = match act {
            Act::Encrypt => {
                Request::Encrypt { at, plaintext: plain(self.typed), context, version: None }
            }
            Act::Decrypt => Request::Decrypt { at, ciphertext, context },
            Act::Rewrap => {
                Request::Rewrap { at, items: vec![ToRewrap { ciphertext, context }], to: None }
            }
            Act::DataKey => Request::DataKey { at, context, bytes: 32, plaintext: false },
        };
        Ok(match keyholder.ask(request).await? {
            Reply::Ciphertext(text) => Shown::Open("Ciphertext", text),
            Reply::Text(text) => Shown::Secret(text),
            Reply::Bytes(bytes) => {
                let count = bytes.expose().len();
                Shown::Said(format!("It opens: {count} bytes that are no text."))
            }
            Reply::Rewrapped(mut items) => match items.pop() {
                Some(Ok(Rewrapped::New(text))) => Shown::Open("Ciphertext", text),
                Some(Ok(Rewrapped::Same)) => {
                    Shown::Said("It is under the newest version already: keep it.".to_owned())
                }
                Some(Err(problem)) => return Err(problem),
                None => Shown::Nothing,
            },
            Reply::DataKey(key) => Shown::Open("Wrapped data key, 32 bytes", key.wrapped),
            _ => Shown::Nothing,
        })
    }

    fn shown(self) -> AnyView {
        let session = self.job.session;
        match self.result.get() {
            Shown::Nothing => all(Vec::new()),
            Shown::Said(words) => said(vec![text(words)]),
            Shown::Open(what, text) => {
                let copied = text.clone();
                let copy = move || clipboard::copy_plain(session, copied.clone(), "it");
                self.output(what, text, Box::new(copy))
            }
            Shown::Secret(secret) => {
                let copied = secret.clone();
                let copy = move || {
                    clipboard::copy_secret(session, copied.clone(), "the plaintext".to_owned());
                };
                self.output("Plaintext", secret.expose().to_owned(), Box::new(copy))
            }
        }
    }

    fn output(self, what: &'static str, text: String, copy: Box<dyn FnMut() + Send>) -> AnyView {
        let shown = el("pre").class("mono output").is("translate", "no").put(text);
        div(
            "result",
            vec![
                said(vec![crate::parts::text(what)]),
                shown.any(),
                p("", vec![button("button small", crate::parts::text("Copy"), always, copy)]),
            ],
        )
    }
}
