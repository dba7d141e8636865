//! What differs between two values, line by line.

use leptos::prelude::*;

use crate::components::reveal::{Reveal, Reveals, Which, countdown, shown_value};
use crate::diff::{Side, diff};
use crate::element::el;
use crate::erased::lazy;
use crate::parts::{all, div, nothing, p, text};

/// Two texts.
pub fn differences(old: &str, new: &str) -> AnyView {
    if old.is_empty() && new.is_empty() {
        return p("quiet", vec![text("An empty value.")]);
    }
    let line = |(side, line): (Side, &str)| {
        let tag = match side {
            Side::Both => "span",
            Side::Old => "del",
            Side::New => "ins",
        };
        el(tag).put(format!("{line}\n"))
    };
    let lines: Vec<_> = diff(old, new).into_iter().map(line).collect();
    div("differences", vec![shown_value().put(lines).any()])
}

/// Two values that are on screen together.
pub fn between(reveals: Reveals, old: Which, new: Which) -> AnyView {
    let shown = lazy(move || match (reveals.get(&old), reveals.get(&new)) {
        (None, _) | (_, None) => nothing(),
        (Some(Reveal::Failed(why)), _) | (_, Some(Reveal::Failed(why))) => {
            p("error", vec![text(why)])
        }
        (Some(Reveal::Shown(old, until)), Some(Reveal::Shown(new, _))) => {
            let said = match old.expose() == new.expose() {
                true => p("quiet", vec![text("The value is the same.")]),
                false => differences(old.expose(), new.expose()),
            };
            all(vec![said, countdown(reveals, until)])
        }
        _ => p("quiet", vec![text("Opening…")]),
    });
    div("", vec![shown])
}
