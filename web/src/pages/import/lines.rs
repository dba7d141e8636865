//! The lines that were understood.

use leptos::prelude::*;
use subrosa_bridge::view::{ImportLine, ImportState};

use super::Job;
use crate::components::value_field::ValueField;
use crate::element::{El, el};
use crate::erased::{effect, memo, when};
use crate::import_plan::Side;
use crate::parts::{all, cell, check, columns, nothing, span, text};

/// A table: line, key, what it would do, what to do.
pub fn good_lines(job: Job, lines: Vec<ImportLine>) -> AnyView {
    if lines.is_empty() {
        return nothing();
    }
    let lines: Vec<El> = lines.into_iter().map(|it| line(job, it)).collect();
    el("table")
        .class("import")
        .is("role", "table")
        .is("aria-label", "Lines of the file")
        .put(columns(&["Line", "Key", "State", "Decision"], None))
        .put(el("tbody").is("role", "rowgroup").put(lines))
        .any()
}

fn line(job: Job, line: ImportLine) -> El {
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
    let td = |class: &'static str| cell("td", "cell").class(class);
    let key = td("cell-key mono").put(line.key.clone());
    let twin = (!line.duplicates.is_empty()).then(|| duplicate(job, line.clone(), loses));
    let decided = when(move || !loses.get(), move || decision(job, &line));
    el("tr")
        .is("role", "row")
        .toggles("loses", move || loses.get())
        .put(td("cell-line quiet").put(number.to_string()))
        .put(key)
        .put(td("cell-state").put(span(class, vec![text(word)])))
        .put(td("cell-decision").put(twin).put(decided))
}

fn duplicate(job: Job, line: ImportLine, loses: Memo<bool>) -> El {
    let others = line.duplicates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let words = format!("Line {} wins", line.line);
    let wins = el("input")
        .is("type", "radio")
        .is("name", format!("wins-{}", line.key))
        .ticks(move || !loses.get(), move |_| job.plan.update(|plan| plan.win(&line)));
    el("p")
        .class("duplicate")
        .put(el("span").put(format!("Also on line {others}.")))
        .put(" ")
        .put(el("label").class("check").put(wins).put(el("span").put(words)))
}

fn decision(job: Job, line: &ImportLine) -> AnyView {
    let number = line.line;
    let quiet = |words: &'static str| span("quiet", vec![text(words)]);
    match line.state {
        ImportState::New => {
            let takes = move || job.plan.with(|plan| !plan.skips(number));
            let input = el("input")
                .is("aria-label", format!("Import {}", line.key))
                .ticks(takes, move |takes| job.plan.update(|plan| plan.skip(number, !takes)));
            check(input, "Import").any()
        }
        ImportState::Differs | ImportState::Unknown => {
            let side = |side, label: &'static str| {
                let chosen = move || job.plan.with(|plan| plan.side(number) == Some(side));
                let input = el("input")
                    .is("type", "radio")
                    .is("name", format!("side-{number}"))
                    .ticks(chosen, move |_| job.plan.update(|plan| plan.decide(number, side)));
                el("label").put(input).put(el("span").put(label))
            };
            let legend = el("legend").class("unseen").put(format!("Decision on {}", line.key));
            let sides = el("fieldset")
                .class("segments small")
                .put(legend)
                .put(side(Side::Mine, "Keep mine"))
                .put(side(Side::Theirs, "Take theirs"))
                .put(side(Side::Edit, "Edit"));
            let edited = when(
                move || job.plan.with(|plan| plan.side(number) == Some(Side::Edit)),
                move || typed(job, number),
            );
            all(vec![sides.any(), edited])
        }
        ImportState::Same => quiet("Nothing to do"),
        ImportState::Override => {
            let takes = move || job.plan.with(|plan| plan.side(number) == Some(Side::Theirs));
            let take = move |takes| {
                let side = if takes { Side::Theirs } else { Side::Mine };
                job.plan.update(|plan| plan.decide(number, side));
            };
            let name = format!("Override {} here", line.key);
            check(el("input").is("aria-label", name).ticks(takes, take), "Override here").any()
        }
        ImportState::Alias => quiet("An alias has no value of its own. Skipped."),
    }
}

/// Another value than either side has.
fn typed(job: Job, number: usize) -> AnyView {
    let value = RwSignal::new(String::new());
    effect(move || job.plan.update(|plan| plan.type_value(number, value.get())));
    view! { <ValueField value label="Value to import" /> }.into_any()
}
