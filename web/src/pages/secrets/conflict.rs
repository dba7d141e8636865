//! Somebody else changed the same secret meanwhile: both are shown, neither is lost.

use leptos::prelude::*;
use subrosa_bridge::view::Conflict;

use crate::components::dialog::dialog;
use crate::components::reveal::{Reveals, revealed};
use crate::components::time::time;
use crate::components::value_field::ValueField;
use crate::editor::Editor;
use crate::element::el;
use crate::erased::memo;
use crate::icons;
use crate::parts::{actions, code, div, facts, live, p, press, text};
use crate::session::Session;

/// Keep mine, take theirs, or go on editing.
pub fn conflict_dialog(
    reveals: Reveals,
    conflict: Conflict,
    session: Session,
    editor: Editor,
    close: Callback<()>,
) -> AnyView {
    let (id, version) = (conflict.theirs.id.clone(), conflict.theirs.version);
    // Esc goes back to the editor with everything as it was typed.
    let edit = Callback::new({
        let id = id.clone();
        move |()| {
            close.run(());
            editor.rebase(id.clone(), version);
        }
    });
    let keep_mine = Callback::new(move |()| {
        close.run(());
        editor.keep_mine(id.clone(), version);
    });
    let take_theirs = Callback::new(move |()| {
        close.run(());
        editor.discard();
        session.toasts.say("Their version stays.");
    });
    let (key, note, value) = (editor.fields.key, editor.fields.note, editor.fields.value);
    let theirs = conflict.theirs;
    let which = (theirs.id.clone(), theirs.version);
    let shown = memo({
        let which = which.clone();
        move || reveals.has(&which)
    });
    let who = if theirs.deleted {
        format!("Deleted by {}, ", theirs.author)
    } else {
        format!("Version {} by {}, ", theirs.version, theirs.author)
    };
    let label =
        live(
            move || {
                if shown.get() { "Hide theirs".to_owned() } else { "Reveal theirs".to_owned() }
            },
        );
    let reveal = which.clone();
    let side = |id: &'static str, title: &'static str| {
        el("section").is("aria-labelledby", id).put(el("h3").is("id", id).put(title))
    };
    let dd = |what: AnyView| el("dd").put(what).any();
    let theirs = side("theirs-title", "Theirs")
        .put(p("", vec![text(who), time(theirs.time).any()]))
        .put(facts(vec![
            ("Key", code(theirs.key)),
            ("Note", dd(text(theirs.note))),
            ("Value", dd(revealed(reveals, which))),
        ]))
        .put(
            press("button small", move || reveals.toggle(reveal.clone()))
                .put(icons::Eye())
                .put(label),
        );
    let typed = el("dd").class("mono").put(live(move || key.get()));
    let mine = side("mine-title", "Mine")
        .put(el("p").put("What you typed, not saved yet."))
        .put(facts(vec![("Key", typed.any()), ("Note", dd(live(move || note.get())))]))
        .put(view! { <ValueField value label="My value" /> }.into_any());
    let hint = "Nothing is lost: the history keeps every version that was saved.";
    dialog(
        format!("{} was changed meanwhile", conflict.key),
        "wide",
        edit,
        vec![
            p("quiet", vec![text(hint)]),
            div("sides", vec![theirs.any(), mine.any()]),
            actions(vec![
                press("button", move || take_theirs.run(())).put("Take theirs").any(),
                press("button", move || edit.run(())).put("Edit").any(),
                press("button primary", move || keep_mine.run(())).put("Keep mine").any(),
            ]),
        ],
    )
}
