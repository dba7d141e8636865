//! Somebody else changed the same secret meanwhile: both are shown, neither is lost.

use leptos::prelude::*;
use subrosa_bridge::view::Conflict;

use crate::components::dialog::Dialog;
use crate::components::reveal::{Revealed, Reveals};
use crate::components::time::Time;
use crate::components::value_field::ValueField;
use crate::editor::Editor;
use crate::erased::{click, memo};
use crate::icons;
use crate::session::Session;

/// Keep mine, take theirs, or go on editing.
#[component]
pub fn ConflictDialog(
    /// All values on screen.
    reveals: Reveals,
    /// What was changed meanwhile.
    conflict: Conflict,
    /// The session.
    session: Session,
    /// The editor that met it.
    editor: Editor,
    /// Takes the question away.
    close: Callback<()>,
) -> impl IntoView {
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
                        on:click=click(move || reveals.toggle(which.clone()))
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
                        <div><dt>"Note"</dt><dd>{note}</dd></div>
                    </dl>
                    <ValueField value label="My value" />
                </section>
            </div>
            <div class="actions end">
                <button type="button" class="button" on:click=click(move || take_theirs.run(()))>"Take theirs"</button>
                <button type="button" class="button" on:click=click(move || edit.run(()))>"Edit"</button>
                <button type="button" class="button primary" on:click=click(move || keep_mine.run(()))>"Keep mine"</button>
            </div>
        </Dialog>
    }
}
