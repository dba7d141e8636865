//! The lines that were not understood, each with its reason and a way to mend it.

use leptos::prelude::*;
use subrosa_bridge::view::ImportBad;

use super::Job;
use crate::erased::{click, effect, memo};
use crate::key_check::{Checked, checked};

/// A list above the others: what is skipped in silence is what gets lost.
#[component]
pub fn BadLines(job: Job, bad: Vec<ImportBad>) -> impl IntoView {
    (!bad.is_empty()).then(|| {
        view! {
            <section class="attention" aria-labelledby="bad-title">
                <h2 id="bad-title">"Lines that were not understood"</h2>
                <ul>{bad.into_iter().map(|bad| view! { <BadLine job bad /> }).collect_view()}</ul>
            </section>
        }
    })
}

#[component]
fn BadLine(job: Job, bad: ImportBad) -> impl IntoView {
    let number = bad.line;
    view! {
        <li>
            <p>
                <span class="strong">"Line " {number}</span>
                ": "
                {bad.reason}
            </p>
            {match bad.suggestion {
                Some(suggestion) => view! { <Rename job number suggestion /> }.into_any(),
                None => view! { <p class="quiet">"Skipped. Mend it in the file and read it again."</p> }.into_any(),
            }}
        </li>
    }
}

#[component]
fn Rename(job: Job, number: usize, suggestion: String) -> impl IntoView {
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
    view! {
        <div class="rename">
            <label for=id.clone()>"Key for line " {number}</label>
            <input
                id=id
                type="text"
                class="mono"
                autocomplete="off"
                spellcheck="false"
                aria-describedby=error.clone()
                prop:value=move || key.get()
                on:input:target=move |event| key.set(event.target().value())
            />
            <button
                type="button"
                class="button small"
                aria-pressed=move || if taken.get() { "true" } else { "false" }
                on:click=click(move || taken.update(|taken| *taken = !*taken))
            >
                {move || if taken.get() { "Skip this line" } else { "Use this key" }}
            </button>
            <p class="error" id=error aria-live="polite">
                {move || checked.with(Checked::fault)}
            </p>
            <p class="quiet">
                {move || match (taken.get(), good.get()) {
                    (true, true) => "Will be imported.",
                    (true, false) => "Skipped until the key is good.",
                    (false, _) => "Skipped so far.",
                }}
            </p>
        </div>
    }
}
