//! The scope as a dotenv text: copied or saved, never shown.

use leptos::prelude::*;
use leptos::task::spawn_local;
use subrosa_bridge::Hidden;

use super::table::{Over, Table};
use crate::clipboard;
use crate::components::dialog::Dialog;
use crate::components::state::FormProblem;
use crate::icons;
use crate::page::Place;
use crate::place_names;

/// With or without what is inherited.
#[component]
pub fn Export(table: Table) -> impl IntoView {
    let session = table.session;
    let inherited = RwSignal::new(table.has_above());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None);
    let on_close = Callback::new(move |()| table.over.set(Over::Nothing));
    let export = move |then: fn(Table, Hidden)| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let scope = table.place.with_value(Place::scope);
        let inherited = inherited.get_untracked();
        spawn_local(async move {
            let result = session.keyholder.export(scope, inherited).await;
            let _ = busy.try_set(false);
            match result {
                Ok(text) => {
                    then(table, text);
                    let _ = table.over.try_set(Over::Nothing);
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    view! {
        <Dialog title="Export as .env" on_close>
            <p>"The values leave the vault in the clear. Whoever has the file or the clipboard can read them."</p>
            {table.has_above().then(|| view! {
                <label class="check">
                    <input type="checkbox" bind:checked=inherited />
                    <span>"Include inherited secrets"</span>
                </label>
            })}
            <FormProblem problem />
            <div class="actions end">
                <button type="button" class="button" class:busy=move || busy.get() on:click=move |_| export(copy)>
                    <icons::Copy />
                    "Copy as .env"
                </button>
                <button type="button" class="button primary" class:busy=move || busy.get() on:click=move |_| export(save)>
                    <icons::Inward />
                    "Download .env"
                </button>
            </div>
        </Dialog>
    }
}

fn copy(table: Table, text: Hidden) {
    clipboard::copy_secret(table.session, text, "the .env text".into());
}

fn save(table: Table, text: Hidden) {
    let names = table.session.overview.with_untracked(|overview| {
        let place = table.place.try_get_value()?;
        place_names::names(overview.as_ref()?, &place)
    });
    let name = format!("{}.env", names.unwrap_or_default().join("-"));
    let said = if clipboard::save_file(&name, text.expose()) {
        "Saved as a file. Delete it when it is not needed any more."
    } else {
        "This browser saves no files. Copy the text instead."
    };
    table.session.toasts.say(said);
}
