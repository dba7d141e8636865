//! Somebody else changed the same secret meanwhile: both are shown, neither is lost.

use leptos::prelude::*;
use leptos::task::spawn_local;
use subrosa_bridge::view::{Change, Conflict, Plain, Write};

use super::editor::finish;
use super::reveal::Revealed;
use super::table::{Over, Table};
use crate::components::dialog::Dialog;
use crate::components::time::Time;
use crate::components::value_field::ValueField;
use crate::icons;

/// Keep mine, take theirs, or go on editing.
#[component]
pub fn ConflictDialog(table: Table, conflict: Conflict) -> impl IntoView {
    let theirs = conflict.theirs;
    let which = (theirs.id.clone(), theirs.version);
    let shown = Memo::new({
        let which = which.clone();
        move |_| table.reveals.has(&which)
    });
    // Esc goes back to the editor with everything as it was typed.
    let edit = Callback::new({
        let version = theirs.version;
        move |()| {
            table.opened.update_value(|opened| opened.base = version);
            table.over.set(Over::Nothing);
        }
    });
    let keep_mine = {
        let (id, version) = (theirs.id.clone(), theirs.version);
        move |_| {
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
    };
    let take_theirs = move |_| {
        table.over.set(Over::Nothing);
        table.done();
        table.session.toasts.say("Their version stays.");
    };
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
                            <dd><Revealed reveals=table.reveals which=which.clone() /></dd>
                        </div>
                    </dl>
                    <button
                        type="button"
                        class="button small"
                        on:click=move |_| table.reveals.toggle(which.clone())
                    >
                        <icons::Eye />
                        {move || if shown.get() { "Hide theirs" } else { "Reveal theirs" }}
                    </button>
                </section>
                <section aria-labelledby="mine-title">
                    <h3 id="mine-title">"Mine"</h3>
                    <p>"What you typed, not saved yet."</p>
                    <dl class="facts">
                        <div><dt>"Key"</dt><dd class="mono">{move || table.fields.key.get()}</dd></div>
                        <div><dt>"Note"</dt><dd>{move || table.fields.note.get()}</dd></div>
                    </dl>
                    <ValueField value=table.fields.value label="My value" />
                </section>
            </div>
            <div class="actions end">
                <button type="button" class="button" on:click=take_theirs>"Take theirs"</button>
                <button type="button" class="button" on:click=move |_| edit.run(())>"Edit"</button>
                <button type="button" class="button primary" on:click=keep_mine>"Keep mine"</button>
            </div>
        </Dialog>
    }
}
