//! What a screen shows while it has nothing to show.

use leptos::prelude::*;
use subrosa_bridge::{Kind, Problem};

use crate::element::el;
use crate::erased::lazy;
use crate::icons;
use crate::parts::{nothing, press};

/// What was asked for.
#[derive(Clone, PartialEq, Debug)]
pub enum Loaded<T> {
    /// On its way.
    Waiting,
    /// Here.
    Here(T),
    /// It did not come.
    Failed(Problem),
}

impl<T> From<Result<T, Problem>> for Loaded<T> {
    fn from(result: Result<T, Problem>) -> Self {
        match result {
            Ok(value) => Loaded::Here(value),
            Err(problem) => Loaded::Failed(problem),
        }
    }
}

/// Grey lines where text will be.
pub fn loading(lines: usize) -> AnyView {
    let bone = || el("div").class("bone").is("aria-hidden", "true");
    let loading = el("div").class("loading").is("role", "status");
    let loading = loading.put(el("span").class("unseen").put("Loading…"));
    (0..lines).fold(loading, |loading, _| loading.put(bone())).any()
}

/// Nothing there yet: in a few words, in a sentence, and what to do about it.
pub fn empty(title: impl Into<String>, text: &'static str, actions: Vec<AnyView>) -> AnyView {
    let empty = el("div").class("empty").put(el("h2").put(title.into())).put(el("p").put(text));
    let actions = (!actions.is_empty()).then(|| el("div").class("actions").put(actions));
    empty.put(actions).any()
}

/// A problem, and a way to try again.
pub fn failure(problem: Problem, retry: Option<Callback<()>>) -> AnyView {
    let offline = problem.kind == Kind::Offline;
    let said =
        el("div").put(el("p").class("strong").put(problem.message)).put(el("p").put(problem.next));
    el("div")
        .class("notice bad")
        .is("role", "alert")
        .put(if offline { icons::Cloud() } else { icons::Warning() })
        .put(said)
        .put(retry.map(|retry| press("button small", move || retry.run(())).put("Try again")))
        .any()
}

/// A problem of a form, where there is one.
pub fn form_problem(problem: RwSignal<Option<Problem>>) -> AnyView {
    lazy(move || problem.get().map_or_else(nothing, |problem| failure(problem, None)))
}
