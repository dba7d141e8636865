//! The lines that were not understood, each with its reason and a way to mend it.

use leptos::prelude::*;
use subrosa_bridge::view::ImportBad;

use super::Job;
use crate::element::{El, el};
use crate::erased::{effect, memo};
use crate::key_check::{Checked, checked};
use crate::parts::{live, nothing, p, press, span, text, titled};

/// A list above the others: what is skipped in silence is what gets lost.
pub fn bad_lines(job: Job, bad: Vec<ImportBad>) -> AnyView {
    if bad.is_empty() {
        return nothing();
    }
    let bad: Vec<El> = bad.into_iter().map(|bad| bad_line(job, bad)).collect();
    titled("bad-title", "Lines that were not understood")
        .class("attention")
        .put(el("ul").put(bad))
        .any()
}

fn bad_line(job: Job, bad: ImportBad) -> El {
    let number = bad.line;
    let line = span("strong", vec![text(format!("Line {number}"))]);
    el("li").put(p("", vec![line, text(": "), text(bad.reason)])).put(match bad.suggestion {
        Some(suggestion) => rename(job, number, suggestion),
        None => p("quiet", vec![text("Skipped. Mend it in the file and read it again.")]),
    })
}

fn rename(job: Job, number: usize, suggestion: String) -> AnyView {
    let key = RwSignal::new(suggestion);
    let id = format!("rename-{number}");
    let error = format!("rename-{number}-error");
    let taken = RwSignal::new(false);
    let checked = checked(key);
    let good = memo(move || key.with(|key| checked.with(|checked| checked.is_good(key))));
    // The plan has a key only once the keyholder has found it good.
    effect(move || {
        let key = (taken.get() && good.get()).then(|| key.get());
        job.plan.update(|plan| plan.rename(number, key));
    });
    let input = el("input")
        .is("id", id.clone())
        .is("type", "text")
        .class("mono")
        .is("autocomplete", "off")
        .is("spellcheck", "false")
        .is("aria-describedby", error.clone())
        .typed(key);
    let words = move || if taken.get() { "Skip this line" } else { "Use this key" };
    let take = press("button small", move || taken.update(|taken| *taken = !*taken))
        .states("aria-pressed", move || taken.get())
        .put(live(move || words().to_owned()));
    let fault = live(move || checked.with(Checked::fault).unwrap_or_default());
    let state = move || match (taken.get(), good.get()) {
        (true, true) => "Will be imported.",
        (true, false) => "Skipped until the key is good.",
        (false, _) => "Skipped so far.",
    };
    el("div")
        .class("rename")
        .put(el("label").is("for", id).put(format!("Key for line {number}")))
        .put(input)
        .put(take)
        .put(el("p").class("error").is("id", error).is("aria-live", "polite").put(fault))
        .put(p("quiet", vec![live(move || state().to_owned())]))
        .any()
}
