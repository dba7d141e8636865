//! The lines that were understood.

use leptos::prelude::*;
use subrosa_bridge::view::{ImportLine, ImportState};

use super::Job;
use crate::components::value_field::ValueField;
use crate::erased::{effect, memo, when};
use crate::import_plan::Side;

/// A table: line, key, what it would do, what to do.
#[component]
pub fn GoodLines(job: Job, lines: Vec<ImportLine>) -> impl IntoView {
    (!lines.is_empty()).then(|| {
        view! {
            <table class="import" role="table" aria-label="Lines of the file">
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Line"</th>
                        <th scope="col" role="columnheader">"Key"</th>
                        <th scope="col" role="columnheader">"State"</th>
                        <th scope="col" role="columnheader">"Decision"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    {lines.into_iter().map(|line| view! { <Line job line /> }).collect_view()}
                </tbody>
            </table>
        }
    })
}

#[component]
fn Line(job: Job, line: ImportLine) -> impl IntoView {
    let number = line.line;
    let (word, class) = match line.state {
        ImportState::New => ("new", "badge good"),
        ImportState::Same => ("same", "badge"),
        ImportState::Differs => ("differs", "badge warn"),
        ImportState::Unknown => ("can’t compare", "badge warn"),
        ImportState::Override => ("set higher up", "badge"),
        ImportState::Alias => ("an alias here", "badge"),
    };
    let loses = memo(move || job.plan.with(|plan| plan.loses(number)));
    let twin = line.clone();
    let decided = line.clone();
    view! {
        <tr role="row" class:loses=move || loses.get()>
            <td role="cell" class="cell-line quiet">{number}</td>
            <td role="cell" class="cell-key mono">{line.key.clone()}</td>
            <td role="cell" class="cell-state"><span class=class>{word}</span></td>
            <td role="cell" class="cell-decision">
                {(!twin.duplicates.is_empty()).then(|| view! { <Duplicate job line=twin loses /> })}
                {move || (!loses.get()).then(|| view! { <Decision job line=decided.clone() /> })}
            </td>
        </tr>
    }
}

#[component]
fn Duplicate(job: Job, line: ImportLine, loses: Memo<bool>) -> impl IntoView {
    let others = line.duplicates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let number = line.line;
    let said = format!("Also on line {others}.");
    view! {
        <p class="duplicate">
            <span>{said}</span>
            " "
            <label class="check">
                <input
                    type="radio"
                    name=format!("wins-{}", line.key)
                    prop:checked=move || !loses.get()
                    on:change=move |_| job.plan.update(|plan| plan.win(&line))
                />
                <span>{format!("Line {number} wins")}</span>
            </label>
        </p>
    }
}

#[component]
fn Decision(job: Job, line: ImportLine) -> impl IntoView {
    let number = line.line;
    match line.state {
        ImportState::New => {
            let name = format!("Import {}", line.key);
            view! {
                <label class="check">
                    <input
                        type="checkbox"
                        aria-label=name
                        prop:checked=move || job.plan.with(|plan| !plan.skips(number))
                        on:change:target=move |event| {
                            let skip = !event.target().checked();
                            job.plan.update(|plan| plan.skip(number, skip));
                        }
                    />
                    <span>"Import"</span>
                </label>
            }
            .into_any()
        }
        ImportState::Differs | ImportState::Unknown => view! {
            <fieldset class="segments small">
                <legend class="unseen">{format!("Decision on {}", line.key)}</legend>
                <SideChoice job number side=Side::Mine label="Keep mine" />
                <SideChoice job number side=Side::Theirs label="Take theirs" />
                <SideChoice job number side=Side::Edit label="Edit" />
            </fieldset>
            {when(
                move || job.plan.with(|plan| plan.side(number) == Some(Side::Edit)),
                move || typed(job, number),
            )}
        }
        .into_any(),
        ImportState::Same => view! { <span class="quiet">"Nothing to do"</span> }.into_any(),
        ImportState::Override => {
            let name = format!("Override {} here", line.key);
            let takes = move || job.plan.with(|plan| plan.side(number) == Some(Side::Theirs));
            view! {
                <label class="check">
                    <input
                        type="checkbox"
                        aria-label=name
                        prop:checked=takes
                        on:change:target=move |event| {
                            let side = if event.target().checked() { Side::Theirs } else { Side::Mine };
                            job.plan.update(|plan| plan.decide(number, side));
                        }
                    />
                    <span>"Override here"</span>
                </label>
            }
            .into_any()
        }
        ImportState::Alias => view! {
            <span class="quiet">"An alias has no value of its own. Skipped."</span>
        }
        .into_any(),
    }
}

/// Another value than either side has.
fn typed(job: Job, number: usize) -> AnyView {
    let value = RwSignal::new(String::new());
    effect(move || job.plan.update(|plan| plan.type_value(number, value.get())));
    view! { <ValueField value label="Value to import" /> }.into_any()
}

#[component]
fn SideChoice(job: Job, number: usize, side: Side, label: &'static str) -> impl IntoView {
    view! {
        <label>
            <input
                type="radio"
                name=format!("side-{number}")
                prop:checked=move || job.plan.with(|plan| plan.side(number) == Some(side))
                on:change=move |_| job.plan.update(|plan| plan.decide(number, side))
            />
            <span>{label}</span>
        </label>
    }
}
