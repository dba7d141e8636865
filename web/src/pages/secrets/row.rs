//! A secret as a row: what it is called, where it comes from, who changed it; its value on demand.

use leptos::prelude::*;
use subrosa_bridge::view::{Row, SecretKind};

use super::editor::EditRow;
use super::table::{Over, Table, Target};
use crate::clipboard;
use crate::components::reveal::{Revealed, of_key};
use crate::components::time::Time;
use crate::drafts::DraftOf;
use crate::erased::{click, memo, spawn};
use crate::icons;
use crate::page::{Page, Place};
use crate::place_names;

/// The row, or its editor.
#[component]
pub fn RowView(table: Table, row: Row) -> impl IntoView {
    let id = row.id.clone();
    let editing = memo(move || {
        table.editing.with(|target| {
            matches!(target, Some(Target::Row(row) | Target::Override(row)) if row.id == id)
        })
    });
    move || {
        let row = row.clone();
        if editing.get() {
            view! { <EditRow table row /> }.into_any()
        } else {
            view! { <ReadRow table row /> }.into_any()
        }
    }
}

#[component]
fn ReadRow(table: Table, row: Row) -> impl IntoView {
    let which = of_key(&table.scope(), &row.key);
    let of = DraftOf::Cell(table.scope(), row.key.clone());
    let badge = row.clone();
    let (note, author) = (row.note.clone(), row.author.clone());
    let (version, time) = (row.version, row.time);
    let drafted = move || table.session.drafts.has(&of);
    let (edit, key, inherited) = (row.clone(), row.key.clone(), row.inherited);
    let (label, id) = (format!("Edit {key}"), row.id.clone());
    view! {
        <tr role="row" data-id=id class:inherited=inherited>
            <td role="cell" class="cell-key">
                <button
                    type="button"
                    class="key mono"
                    aria-label=label
                    on:click=click(move || table.open_row(edit.clone()))
                >
                    {key}
                </button>
                {kind(&badge).map(|text| view! { <span class="badge">{text}</span> })}
                {inherited.then(|| view! { <ScopeBadge table row=badge.clone() /> })}
                <Show when=drafted>
                    <span class="badge draft">"unsaved draft"</span>
                </Show>
            </td>
            <td role="cell" class="cell-value"><Revealed reveals=table.reveals which=which /></td>
            <td role="cell" class="cell-note">
                <span class="clip">{note}</span>
            </td>
            <td role="cell" class="cell-changed quiet">
                <span class="badge">"v"{version}</span>
                " "
                <span class="clip">{author} ", " <Time at=time /></span>
            </td>
            <td role="cell" class="cell-actions"><Actions table row /></td>
        </tr>
    }
}

#[component]
fn Actions(table: Table, row: Row) -> impl IntoView {
    let which = of_key(&table.scope(), &row.key);
    let named = |does: &str| format!("{does} {}", row.key);
    let (reveal_name, hide_name) = (named("Reveal"), named("Hide"));
    let shown = memo({
        let which = which.clone();
        move || table.reveals.has(&which)
    });
    let (copied, history, deleted) = (row.clone(), row.clone(), row.clone());
    let (revealed, traced, over) = (row.key.clone(), row.key.clone(), row.clone());
    view! {
        <div class="row-actions">
            <button
                type="button"
                class="button ghost small"
                aria-label=move || if shown.get() { hide_name.clone() } else { reveal_name.clone() }
                on:click=click(move || table.reveals.toggle_key(table.scope(), revealed.clone()))
            >
                {move || if shown.get() { "Hide" } else { "Reveal" }}
            </button>
            <button
                type="button"
                class="button ghost small"
                aria-label=named("Copy")
                on:click=click(move || copy(table, copied.clone()))
            >
                "Copy"
            </button>
            <button
                type="button"
                class="button ghost small"
                aria-label=named("Trace")
                on:click=click(move || table.over.set(Over::Trace(traced.clone())))
            >
                "Trace"
            </button>
            <button
                type="button"
                class="button ghost small"
                aria-label=named("History of")
                on:click=click(move || table.over.set(Over::History(Box::new(history.clone()))))
            >
                "History"
            </button>
            {row.inherited.then(|| view! {
                <button
                    type="button"
                    class="button ghost small"
                    aria-label=named("Override")
                    on:click=click(move || table.open_override(over.clone()))
                >
                    "Override"
                </button>
            })}
            {(!row.inherited).then(|| view! {
                <button
                    type="button"
                    class="button ghost small"
                    aria-label=named("Delete")
                    on:click=click(move || table.delete(deleted.clone()))
                >
                    "Delete"
                </button>
            })}
        </div>
    }
}

/// What a secret is, where it is not just a value.
fn kind(row: &Row) -> Option<String> {
    let name =
        |key: &String| if key.is_empty() { "something that is gone".into() } else { key.clone() };
    match &row.kind {
        SecretKind::Value => None,
        SecretKind::File { mount } => Some(format!("file {mount}")),
        SecretKind::Alias(target) => Some(format!("alias of {}", name(&target.key))),
        SecretKind::Override(target) if target.key.is_empty() => {
            Some("overrides something that is gone".into())
        }
        SecretKind::Override(target) => Some(format!("overrides {}", target.scope_name)),
    }
}

/// Where an inherited secret is set, as a link there.
#[component]
fn ScopeBadge(table: Table, row: Row) -> impl IntoView {
    let path = table.session.overview.with_untracked(|overview| {
        let place: Place = place_names::locate(overview.as_ref()?, &row.scope)?;
        Some(Page::Scope(place).path())
    });
    let name = format!("from {}", row.scope_name);
    match path {
        Some(path) => view! {
            <a class="badge" href=path>
                <icons::Down />
                {name}
            </a>
        }
        .into_any(),
        None => view! { <span class="badge">{name}</span> }.into_any(),
    }
}

/// Opens what a key comes to here and copies it, without showing it.
pub fn copy(table: Table, row: Row) {
    let (session, scope) = (table.session, table.scope());
    spawn(async move {
        match session.keyholder.text_of_key(scope, row.key.clone()).await {
            Ok(text) => clipboard::copy_secret(session, text, row.key),
            Err(problem) => session.report(&problem),
        }
    });
}
