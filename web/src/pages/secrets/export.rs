//! What the scope resolves to as a text: copied or saved, never shown.

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::view::Format;

use super::table::{Over, Table};
use crate::clipboard;
use crate::components::dialog::Dialog;
use crate::components::state::FormProblem;
use crate::erased::{click, spawn};
use crate::icons;
use crate::page::Place;
use crate::place_names;

/// With or without what is inherited.
#[component]
pub fn Export(table: Table) -> impl IntoView {
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
    view! {
        <Dialog title="Export" on_close>
            <p>
                "What this scope resolves to, aliases and references followed. The values leave the vault in the clear: whoever has the file or the clipboard can read them."
            </p>
            <fieldset class="segments">
                <legend>"Format"</legend>
                {FORMATS.map(|(this, name, _)| view! {
                    <label>
                        <input
                            type="radio"
                            name="export-format"
                            prop:checked=move || format.get() == this
                            on:change=move |_| format.set(this)
                        />
                        <span>{name}</span>
                    </label>
                }).collect_view()}
            </fieldset>
            {table.has_above().then(|| view! {
                <label class="check">
                    <input type="checkbox" bind:checked=inherited />
                    <span>"Include inherited secrets"</span>
                </label>
            })}
            <FormProblem problem />
            <div class="actions end">
                <button type="button" class="button" class:busy=move || busy.get() on:click=click(move || export(copy))>
                    <icons::Copy />
                    "Copy as "
                    {move || name(format.get()).0}
                </button>
                <button type="button" class="button primary" class:busy=move || busy.get() on:click=click(move || export(save))>
                    <icons::Inward />
                    "Download "
                    {move || name(format.get()).0}
                </button>
            </div>
        </Dialog>
    }
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
