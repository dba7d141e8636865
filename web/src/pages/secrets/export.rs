//! What the scope resolves to as a text: copied or saved, never shown.

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::view::Format;

use super::table::{Over, Table};
use crate::clipboard;
use crate::components::dialog::dialog;
use crate::components::state::form_problem;
use crate::element::el;
use crate::erased::spawn;
use crate::icons;
use crate::page::Place;
use crate::parts::{actions, check, fieldset, live, p, press, radio, text};
use crate::place_names;

/// With or without what is inherited.
pub fn export(table: Table) -> AnyView {
    let session = table.session;
    let inherited = RwSignal::new(table.has_above());
    let format = RwSignal::new(Format::Dotenv);
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None);
    let on_close = Callback::new(move |()| table.over.set(Over::Nothing));
    let export = move |then: fn(Table, Format, Hidden)| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let scope = table.place.with_value(Place::scope);
        let (format, inherited) = (format.get_untracked(), inherited.get_untracked());
        spawn(async move {
            let result = session.keyholder.export(scope, format, inherited, false).await;
            let _ = busy.try_set(false);
            match result {
                Ok(text) => {
                    then(table, format, text);
                    let _ = table.over.try_set(Over::Nothing);
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let choice = |(this, name, _): (Format, &'static str, &'static str)| {
        let chosen = Signal::derive(move || format.get() == this);
        radio("export-format", name, chosen, Callback::new(move |()| format.set(this)))
    };
    let inherit = table
        .has_above()
        .then(|| check(el("input").ticked(inherited), "Include inherited secrets").any());
    let button = move |class, icon, does: &'static str, then: fn(Table, Format, Hidden)| {
        press(class, move || export(then))
            .toggles("busy", move || busy.get())
            .put(icon)
            .put(live(move || format!("{does} {}", name(format.get()).0)))
            .any()
    };
    let said = "What this scope resolves to, aliases and references followed. The values leave the vault in the clear: whoever has the file or the clipboard can read them.";
    let mut parts = vec![
        p("", vec![text(said)]),
        fieldset("Format", FORMATS.into_iter().map(choice).collect()),
    ];
    parts.extend(inherit);
    parts.push(form_problem(problem));
    parts.push(actions(vec![
        button("button", icons::Copy(), "Copy as", copy),
        button("button primary", icons::Inward(), "Download", save),
    ]));
    dialog("Export", "narrow", on_close, parts)
}

/// Each format with its name and the ending of its files.
const FORMATS: [(Format, &str, &str); 5] = [
    (Format::Dotenv, ".env", "env"),
    (Format::DotenvUnexpanded, ".env, nothing expanded", "env"),
    (Format::Json, "JSON", "json"),
    (Format::Yaml, "YAML", "yaml"),
    (Format::Shell, "shell", "sh"),
];

fn name(format: Format) -> (&'static str, &'static str) {
    let found = FORMATS.iter().find(|(this, ..)| *this == format);
    found.map_or(("", ""), |(_, name, ending)| (*name, *ending))
}

fn copy(table: Table, format: Format, text: Hidden) {
    clipboard::copy_secret(table.session, text, format!("the {} text", name(format).0));
}

fn save(table: Table, format: Format, text: Hidden) {
    let names = table.session.overview.with_untracked(|overview| {
        let place = table.place.try_get_value()?;
        place_names::names(overview.as_ref()?, &place)
    });
    let name = format!("{}.{}", names.unwrap_or_default().join("-"), name(format).1);
    let said = if clipboard::save_file(&name, text.expose()) {
        "Saved as a file. Delete it when it is not needed any more."
    } else {
        "This browser saves no files. Copy the text instead."
    };
    table.session.toasts.say(said);
}
