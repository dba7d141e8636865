//! What a screen shows while it has nothing to show.

use leptos::prelude::*;
use subrosa_bridge::{Kind, Problem};

use crate::erased::click;
use crate::icons;

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
#[component]
pub fn Loading(
    /// How many lines.
    #[prop(default = 4)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="unseen">"Loading…"</span>
            {(0..lines).map(|_| view! { <div class="bone" aria-hidden="true"></div> }).collect_view()}
        </div>
    }
}

/// Nothing there yet, and what to do about it.
#[component]
pub fn Empty(
    /// In a few words.
    #[prop(into)]
    title: String,
    /// In a sentence.
    #[prop(into)]
    text: String,
    /// The next action.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}

/// A problem, and a way to try again.
#[component]
pub fn Failure(
    /// What went wrong.
    problem: Problem,
    /// Tries again.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let offline = problem.kind == Kind::Offline;
    view! {
        <div class="notice bad" role="alert">
            {if offline {
                view! { <icons::Cloud /> }.into_any()
            } else {
                view! { <icons::Warning /> }.into_any()
            }}
            <div>
                <p class="strong">{problem.message}</p>
                <p>{problem.next}</p>
            </div>
            {retry.map(|retry| view! {
                <button type="button" class="button small" on:click=click(move || retry.run(()))>
                    "Try again"
                </button>
            })}
        </div>
    }
}

/// A problem of a form, where there is one.
#[component]
pub fn FormProblem(
    /// What went wrong last.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    move || problem.get().map(|problem| view! { <Failure problem=problem /> })
}
