//! An environment as it was: what would change, and the change.

use leptos::prelude::*;
use subrosa_bridge::history::{AsItWas, LostSecret, Restorable, ToTurnBack, Turn, TurnBack};
use subrosa_bridge::{Problem, Request};

use crate::components::dialog::dialog;
use crate::components::field::Field;
use crate::components::state::{Loaded, failure, form_problem, loading};
use crate::components::submit::submit;
use crate::element::el;
use crate::erased::{effect, lazy, spawn, when};
use crate::format::count;
use crate::parts::{
    actions, all, check, fieldset, li, nothing, p, press, radio, results, span, text,
};
use crate::session::{Session, use_session};

/// What is to be restored, and to when.
#[derive(Clone, Copy)]
struct Then {
    session: Session,
    of: StoredValue<Restorable>,
    /// The entry that it was asked at.
    at: u64,
    /// Whether as it was before that entry, and not after it.
    before: RwSignal<bool>,
    found: RwSignal<Loaded<AsItWas>>,
    /// Secrets that are to stay as they are, by their ids.
    left_out: RwSignal<Vec<String>>,
    note: RwSignal<String>,
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    again: RwSignal<u32>,
}

/// What it would take to have a vault's secrets as they were about entry `at`.
pub fn restore(open: RwSignal<Option<(Restorable, u64)>>, of: Restorable, at: u64) -> AnyView {
    let then = Then {
        session: use_session(),
        of: StoredValue::new(of),
        at,
        before: RwSignal::new(true),
        found: RwSignal::new(Loaded::Waiting),
        left_out: RwSignal::new(Vec::new()),
        note: RwSignal::new(String::new()),
        busy: RwSignal::new(false),
        problem: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    then.dialog(Callback::new(move |()| {
        let _ = open.try_set(None);
    }))
}

impl Then {
    fn dialog(self, on_close: Callback<()>) -> AnyView {
        self.look();
        let name = self.of.with_value(|of| of.name.clone());
        let at = self.at;
        let side = |before: bool, words: &str| {
            let chosen = Signal::derive(move || self.before.get() == before);
            let choose = Callback::new(move |()| self.before.set(before));
            radio("then", format!("{words} entry {at}"), chosen, choose)
        };
        let sides = fieldset("As it was", vec![side(true, "Before"), side(false, "After")]);
        let retry = Callback::new(move |()| self.again.update(|count| *count += 1));
        let body = lazy(move || match self.found.get() {
            Loaded::Waiting => loading(4),
            Loaded::Failed(problem) => failure(problem, Some(retry)),
            Loaded::Here(found) => self.review(found),
        });
        let some = move || self.chosen() > 0;
        let end = when(some, move || {
            let note = view! {
                <Field
                    label="Note"
                    hint="Why: kept with the change, for all to read in the history."
                    value=self.note
                    required=false
                    longest=1024
                />
            };
            let label = move || format!("Restore {}", count(self.chosen(), "secret", "secrets"));
            let go = submit(Signal::derive(label), "Restoring…", self.busy.into());
            let keep = press("button", move || on_close.run(())).put("Keep what is there");
            all(vec![note.into_any(), actions(vec![keep.any(), go])])
        });
        let form = el("form")
            .is("autocomplete", "off")
            .submit(move || self.restore(on_close))
            .put(sides)
            .put(body)
            .put(form_problem(self.problem))
            .put(end);
        dialog(format!("Restore {name}"), "wide", on_close, vec![form.any()])
    }

    fn seq(self) -> u64 {
        if self.before.get() { self.at.saturating_sub(1) } else { self.at }
    }

    /// Asks what would change.
    fn look(self) {
        effect(move || {
            let seq = self.seq();
            self.again.track();
            self.found.set(Loaded::Waiting);
            self.left_out.set(Vec::new());
            self.problem.set(None);
            let vault = self.of.with_value(|of| of.vault.clone());
            spawn(async move {
                let answer = self.session.keyholder.as_it_was(vault, seq).await;
                if self.before.try_get_untracked().is_some() && untrack(|| self.seq()) == seq {
                    self.found.set(answer.into());
                }
            });
        });
    }

    /// How many secrets would change, tracked.
    fn chosen(self) -> usize {
        let left_out = self.left_out.with(Vec::len);
        self.found.with(|found| match found {
            Loaded::Here(found) => found.changes.len() - left_out.min(found.changes.len()),
            _ => 0,
        })
    }

    fn review(self, found: AsItWas) -> AnyView {
        let AsItWas { changes, lost } = found;
        let told = match changes.len() {
            0 => "Every secret is as it was then.".to_owned(),
            many => format!("{} otherwise now. ", count(many, "secret is", "secrets are")),
        };
        let stays = "Notes, applications and named keys stay as they are. What is there now stays in \
                     the history: to undo this, restore that the same way.";
        let stays = if changes.is_empty() { "" } else { stays };
        let list = (!changes.is_empty()).then(|| {
            let items = changes.into_iter().map(|change| self.item(change)).collect();
            results("What would change", items)
        });
        let not = if lost.is_empty() { nothing() } else { lost_ones(lost) };
        all(vec![
            p("", vec![text(told), text(stays)]),
            list.map_or_else(nothing, crate::element::El::any),
            not,
        ])
    }

    fn item(self, change: TurnBack) -> AnyView {
        let TurnBack { secret, key, renamed, scope_name, turn, .. } = change;
        let (chosen, taken) = (secret.clone(), secret);
        let chosen = move || !self.left_out.with(|out| out.contains(&chosen));
        let choose = move |takes: bool| {
            self.left_out.update(|out| {
                out.retain(|id| *id != taken);
                if !takes {
                    out.push(taken.clone());
                }
            });
        };
        let (class, word) = match turn {
            Turn::Back => ("badge good", "comes back"),
            Turn::Changed => ("badge", "changes"),
            Turn::Deleted => ("badge warn", "is deleted"),
        };
        let input = el("input").is("aria-label", format!("{key}, {scope_name}: {word}"));
        let as_key = renamed.map(|renamed| format!(", as {renamed}")).unwrap_or_default();
        let name = span("mono strong", vec![text(key)]);
        let place = span("quiet", vec![text(format!(" {scope_name}"))]);
        let what = span(class, vec![text(word), text(as_key)]);
        li("line", vec![check(input.ticks(chosen, choose), "").put(name).put(place).any(), what])
    }

    fn restore(self, on_close: Callback<()>) {
        if self.busy.get_untracked() {
            return;
        }
        let Loaded::Here(found) = self.found.get_untracked() else { return };
        let left_out = self.left_out.get_untracked();
        let taken = found.changes.into_iter().filter(|it| !left_out.contains(&it.secret));
        let secrets: Vec<_> =
            taken.map(|it| ToTurnBack { secret: it.secret, base: it.base }).collect();
        let (of, seq) = (self.of.get_value(), untrack(|| self.seq()));
        let asked = secrets.len();
        let note = self.note.get_untracked();
        let request = Request::TurnBack { vault: of.vault.clone(), seq, secrets, note };
        self.session.ask_once_more(&of.scope, false, move || {
            self.busy.set(true);
            self.problem.set(None);
            let (request, name) = (request.clone(), of.name.clone());
            spawn(async move {
                let answer = self.session.keyholder.written(request).await;
                let _ = self.busy.try_set(false);
                match answer {
                    Ok(many) => {
                        let of = if many < asked { format!(" of {asked}") } else { String::new() };
                        let many = count(many, "secret is", "secrets are");
                        self.session.toasts.say(format!("{name}: {many}{of} as before."));
                        on_close.run(());
                    }
                    Err(found) => {
                        let _ = self.problem.try_set(Some(found));
                    }
                }
            });
        });
    }
}

fn lost_ones(lost: Vec<LostSecret>) -> AnyView {
    let item = |LostSecret { key, scope_name, why }: LostSecret| {
        let name = span("mono strong", vec![text(key)]);
        li("line", vec![name, span("quiet", vec![text(scope_name)]), span("", vec![text(why)])])
    };
    let told = count(
        lost.len(),
        "cannot be had as it was, and stays",
        "cannot be had as they were, and stay",
    );
    let items = lost.into_iter().map(item).collect();
    all(vec![
        p("notice warn", vec![text(format!("{told} as now:"))]),
        results("What cannot be restored", items).any(),
    ])
}
