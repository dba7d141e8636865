//! A secret as a row: what it is called, where it comes from, who changed it; its value on demand.

use leptos::prelude::*;
use subrosa_bridge::view::{Row, SecretKind};

use super::editor::edit_row;
use super::table::{Over, Table, Target};
use crate::clipboard;
use crate::components::reveal::{of_key, revealed};
use crate::components::time::time;
use crate::drafts::DraftOf;
use crate::element::{El, el};
use crate::erased::{lazy, memo, spawn, when};
use crate::icons;
use crate::page::{Page, Place};
use crate::parts::{cell, link, live, press, span, text};
use crate::place_names;

/// The row, or its editor.
pub fn row_view(table: Table, row: Row) -> AnyView {
    let id = row.id.clone();
    let editing = memo(move || {
        table.editing.with(|target| {
            matches!(target, Some(Target::Row(row) | Target::Override(row)) if row.id == id)
        })
    });
    lazy(move || if editing.get() { edit_row(table, &row) } else { read_row(table, row.clone()) })
}

fn read_row(table: Table, row: Row) -> AnyView {
    let which = of_key(&table.scope(), &row.key);
    let of = DraftOf::Cell(table.scope(), row.key.clone());
    let edit = row.clone();
    let key = press("key mono", move || table.open_row(edit.clone()))
        .is("aria-label", format!("Edit {}", row.key))
        .put(row.key.clone());
    let draft = when(
        move || table.session.drafts.has(&of),
        || span("badge draft", vec![text("unsaved draft")]),
    );
    let name = td("cell-key")
        .put(key)
        .put(kind(&row).map(|kind| span("badge", vec![text(kind)])))
        .put(row.inherited.then(|| scope_badge(table, &row)))
        .put(draft);
    let author = text(format!("{}, ", row.author));
    let changed = td("cell-changed quiet")
        .put(span("badge", vec![text(format!("v{}", row.version))]))
        .put(" ")
        .put(span("clip", vec![author, time(row.time).any()]));
    el("tr")
        .is("role", "row")
        .is("data-id", row.id.clone())
        .class(if row.inherited { "inherited" } else { "" })
        .put(name)
        .put(td("cell-value").put(revealed(table.reveals, which)))
        .put(td("cell-note").put(span("clip", vec![text(row.note.clone())])))
        .put(changed)
        .put(td("cell-actions").put(row_actions(table, row)))
        .any()
}

fn td(class: &'static str) -> El {
    cell("td", "cell").class(class)
}

fn row_actions(table: Table, row: Row) -> El {
    let which = of_key(&table.scope(), &row.key);
    let key = row.key.clone();
    let shown = memo(move || table.reveals.has(&which));
    let does = move || if shown.get() { "Hide" } else { "Reveal" };
    let revealed = row.key.clone();
    let reveal = press("button ghost small", move || {
        table.reveals.toggle_key(table.scope(), revealed.clone());
    })
    .follows("aria-label", move || format!("{} {key}", does()))
    .put(live(move || does().to_owned()));
    let inherited = row.inherited;
    let row = StoredValue::new(row);
    let button = |words: &'static str, name: &'static str, act: fn(Table, Row)| {
        press("button ghost small", move || act(table, row.get_value()))
            .is("aria-label", row.with_value(|row| format!("{name} {}", row.key)))
            .put(words)
    };
    let may = untrack(|| table.session.may_write(&table.scope()));
    let last = may.then(|| {
        if inherited {
            button("Override", "Override", Table::open_override)
        } else {
            button("Delete", "Delete", Table::delete)
        }
    });
    el("div")
        .class("row-actions")
        .put(reveal)
        .put(button("Copy", "Copy", copy))
        .put(button("Trace", "Trace", |table, row| table.over.set(Over::Trace(row.key))))
        .put(button("History", "History of", |table, row| {
            table.over.set(Over::History(Box::new(row)));
        }))
        .put(last)
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
fn scope_badge(table: Table, row: &Row) -> El {
    let path = table.session.overview.with_untracked(|overview| {
        let place: Place = place_names::locate(overview.as_ref()?, &row.scope)?;
        Some(Page::Scope(place).path())
    });
    let name = format!("from {}", row.scope_name);
    match path {
        Some(path) => link("badge", path).put(icons::Down()).put(name),
        None => el("span").class("badge").put(name),
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
