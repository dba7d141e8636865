//! Somebody else changed the same secret meanwhile: both are shown, neither is lost.

use leptos::prelude::*;
use leptos::task::spawn_local;
use subrosa_bridge::view::{Change, Conflict, Plain, Write};

use super::editor::finish;
use super::table::{Over, Table};
use crate::components::dialog::Dialog;
use crate::components::reveal::{Revealed, Reveals};
use crate::components::time::Time;
use crate::components::value_field::ValueField;
use crate::erased::memo;
use crate::icons;

/// That of a table's editor.
#[component]
pub fn TableConflict(table: Table, conflict: Conflict) -> impl IntoView {
    let theirs = conflict.theirs.clone();
    // Esc goes back to the editor with everything as it was typed.
    let edit = Callback::new({
        let version = theirs.version;
        move |()| {
            table.opened.update_value(|opened| opened.base = version);
            table.over.set(Over::Nothing);
        }
    });
    let keep_mine = Callback::new({
        let (id, version) = (theirs.id.clone(), theirs.version);
        move |()| {
            let typed = untrack(|| table.typed());
            let change = Change {
                key: Some(typed.key),
                value: Some(Plain::Text(typed.value)),
                note: Some(typed.note),
                mount: None,
            };
            let edit = Write::Edit { secret: id.clone(), base: version, change };
            table.saving.set(true);
            table.over.set(Over::Nothing);
            spawn_local(async move {
                finish(table, table.session.keyholder.write_one(edit).await);
            });
        }
    });
    let take_theirs = Callback::new(move |()| {
        table.over.set(Over::Nothing);
        table.done();
        table.session.toasts.say("Their version stays.");
    });
    view! {
        <ConflictDialog
            reveals=table.reveals
            conflict
            key=table.fields.key
            note=table.fields.note
            value=table.fields.value
            edit
            keep_mine
            take_theirs
        />
    }
}

/// Keep mine, take theirs, or go on editing.
#[component]
pub fn ConflictDialog(
    /// All values on screen.
    reveals: Reveals,
    /// What was changed meanwhile.
    conflict: Conflict,
    /// The key as it is typed.
    #[prop(into)]
    key: Signal<String>,
    /// The note as it is typed, where it can be.
    #[prop(optional, into)]
    note: Option<Signal<String>>,
    /// The value as it is typed.
    value: RwSignal<String>,
    /// Back to the editor.
    edit: Callback<()>,
    /// Writes what is typed over it.
    keep_mine: Callback<()>,
    /// Drops what is typed.
    take_theirs: Callback<()>,
) -> impl IntoView {
    let theirs = conflict.theirs;
    let which = (theirs.id.clone(), theirs.version);
    let shown = memo({
        let which = which.clone();
        move || reveals.has(&which)
    });
    view! {
        <Dialog title=format!("{} was changed meanwhile", conflict.key) class="wide" on_close=edit>
            <p class="quiet">"Nothing is lost: the history keeps every version that was saved."</p>
            <div class="sides">
                <section aria-labelledby="theirs-title">
                    <h3 id="theirs-title">"Theirs"</h3>
                    <p>
                        {if theirs.deleted { "Deleted by " } else { "Version " }}
                        {(!theirs.deleted).then(|| format!("{} by ", theirs.version))}
                        {theirs.author.clone()}
                        ", "
                        <Time at=theirs.time />
                    </p>
                    <dl class="facts">
                        <div><dt>"Key"</dt><dd class="mono">{theirs.key.clone()}</dd></div>
                        <div><dt>"Note"</dt><dd>{theirs.note.clone()}</dd></div>
                        <div>
                            <dt>"Value"</dt>
                            <dd><Revealed reveals which=which.clone() /></dd>
                        </div>
                    </dl>
                    <button
                        type="button"
                        class="button small"
                        on:click=move |_| reveals.toggle(which.clone())
                    >
                        <icons::Eye />
                        {move || if shown.get() { "Hide theirs" } else { "Reveal theirs" }}
                    </button>
                </section>
                <section aria-labelledby="mine-title">
                    <h3 id="mine-title">"Mine"</h3>
                    <p>"What you typed, not saved yet."</p>
                    <dl class="facts">
                        <div><dt>"Key"</dt><dd class="mono">{key}</dd></div>
                        {note.map(|note| view! { <div><dt>"Note"</dt><dd>{note}</dd></div> })}
                    </dl>
                    <ValueField value label="My value" />
                </section>
            </div>
            <div class="actions end">
                <button type="button" class="button" on:click=move |_| take_theirs.run(())>"Take theirs"</button>
                <button type="button" class="button" on:click=move |_| edit.run(())>"Edit"</button>
                <button type="button" class="button primary" on:click=move |_| keep_mine.run(())>"Keep mine"</button>
            </div>
        </Dialog>
    }
}
