//! The secrets of one scope: a table whose rows open in place.

pub mod conflict;
mod deleted;
mod editing;
pub mod editor;
mod export;
pub mod history;
mod keys;
mod row;
mod table;

use leptos::prelude::*;
use subrosa_bridge::view::Row;

use self::conflict::conflict_dialog;
use self::deleted::deleted;
use self::editor::new_row;
use self::export::export;
use self::history::{Of, history};
use self::row::row_view;
use self::table::{Over, Table};
use crate::components::delete_dialog::delete_dialog;
use crate::components::state::{Loaded, empty, failure, loading};
use crate::components::trace::trace_dialog;
use crate::element::{El, el};
use crate::erased::{Keyed, keyed, lazy, memo, when};
use crate::format;
use crate::icons;
use crate::page::{Page, Place};
use crate::parts::{all, cell, check, columns, link, live, nothing, press, status};

/// Toolbar, table, deleted ones, and what lies over them.
pub fn secrets(place: Place) -> AnyView {
    let table = Table::new(place);
    table.load();
    table.follow_scroll();
    table.start_editor();
    keys::listen(table);
    let body = lazy(move || match table.state.get() {
        State::Waiting => loading(6),
        State::Failed => load_failure(table),
        State::Here => grid(table),
    });
    all(vec![
        toolbar(table).any(),
        body,
        deleted(table).any(),
        delete_dialog(table.deleting),
        lazy(move || over(table, table.over.get())),
    ])
}

/// What lies over it.
fn over(table: Table, over: Over) -> AnyView {
    let close = Callback::new(move |()| table.over.set(Over::Nothing));
    match over {
        Over::Nothing => nothing(),
        Over::History(row) => {
            let of = Of { scope: row.scope, id: row.id, key: row.key, inherited: row.inherited };
            let after = Callback::new(move |()| table.reload.update(|count| *count += 1));
            history(table.reveals, of, close, after)
        }
        Over::Conflict(conflict) => {
            conflict_dialog(table.reveals, *conflict, table.session, table.editor, close)
        }
        Over::Trace(key) => trace_dialog(table.scope(), &table.scope_name(), key, close),
        Over::Export => export(table),
    }
}

/// What the page shows, without the rows: these change without rebuilding the table.
#[derive(Clone, Copy, PartialEq)]
pub enum State {
    Waiting,
    Failed,
    Here,
}

fn toolbar(table: Table) -> El {
    let inherited =
        table.has_above().then(|| check(el("input").ticked(table.inherited), "Show inherited"));
    let export = press("button", move || table.over.set(Over::Export));
    let new = when(
        move || table.session.may_write(&table.scope()),
        move || {
            let new = press("button primary", move || table.open_new()).is("id", "new-secret");
            new.put(icons::Plus()).put("New secret").any()
        },
    );
    el("div")
        .class("toolbar")
        .put(el("label").class("unseen").is("for", "filter").put("Filter secrets"))
        .put(filter(table.filter))
        .put(inherited)
        .put(el("span").class("grow"))
        .put(export.put(icons::Outward()).put("Export"))
        .put(new)
}

/// The field that filters a table, labelled by its id; `Esc` empties it.
pub fn filter(text: RwSignal<String>) -> El {
    el("input")
        .is("id", "filter")
        .is("type", "search")
        .is("placeholder", "Filter by key or note")
        .is("autocomplete", "off")
        .is("spellcheck", "false")
        .is("data-filter", "")
        .typed(text)
        .keys(move |event| {
            if event.key() == "Escape" && !text.with_untracked(String::is_empty) {
                event.prevent_default();
                text.set(String::new());
            }
        })
}

fn load_failure(table: Table) -> AnyView {
    lazy(move || {
        let Loaded::Failed(problem) = table.secrets.get() else { return nothing() };
        let retry = Callback::new(move |()| table.reload.update(|count| *count += 1));
        failure(problem, Some(retry))
    })
}

fn grid(table: Table) -> AnyView {
    let none = memo(move || table.shown_total() == 0 && !table.adding());
    let adding = move || table.adding();
    lazy(move || {
        if none.get() {
            return empty_table(table);
        }
        let count = live(move || format::count(table.shown_total(), "secret", "secrets"));
        let actions = cell("th", "columnheader").is("scope", "col");
        let actions = actions.put(el("span").class("unseen").put("Actions"));
        let rows = keyed(move || table.rows().into_iter().map(|row| shown(table, row)).collect());
        let body = el("tbody")
            .is("role", "rowgroup")
            .node(table.body)
            .put(when(adding, move || new_row(table)))
            .put(spacer(move || table.offset(), "5".to_owned(), table.row_height))
            .put(rows)
            .put(spacer(move || table.below(), "5".to_owned(), table.row_height));
        let whole = el("table")
            .class("secrets")
            .is("role", "table")
            .is("aria-label", "Secrets")
            .follows("aria-rowcount", move || (table.shown_total() + 1).to_string())
            .put(columns(&["Key", "Value", "Note", "Changed"], Some(actions)))
            .put(body);
        all(vec![status("quiet status", count), whole.any()])
    })
}

/// A row is drawn anew when anything that it shows has changed.
fn shown(table: Table, row: Row) -> Keyed {
    let key = format!("{}\n{}\n{}\n{}\n{}", row.id, row.version, row.time, row.key, row.note);
    Keyed::new(key, move || row_view(table, row))
}

/// Stands for the rows that are not in the page, over so many columns.
pub fn spacer(
    rows: impl Fn() -> usize + Copy + Send + Sync + 'static,
    columns: String,
    row_height: RwSignal<f64>,
) -> AnyView {
    when(
        move || rows() > 0,
        move || {
            #[expect(clippy::cast_precision_loss, reason = "rows of a table")]
            let height = move || format::pixels(rows() as f64 * row_height.get());
            let cell = cell("td", "presentation").is("colspan", columns.clone());
            el("tr")
                .class("spacer")
                .is("aria-hidden", "true")
                .is("role", "presentation")
                .put(cell.style("height", height))
                .any()
        },
    )
}

fn empty_table(table: Table) -> AnyView {
    let filtered = memo(move || !table.filter.with(String::is_empty));
    let import = Page::Import(table.place.get_value()).path();
    lazy(move || {
        if filtered.get() {
            let clear = press("button", move || table.filter.set(String::new()));
            return empty(
                "No match",
                "No key and no note here has this in it.",
                vec![clear.put("Clear the filter").any()],
            );
        }
        if !table.session.may_write(&table.scope()) {
            let told = "You may read here, and there is nothing yet. Ask an owner, or who manages \
                        it, to write.";
            return empty("No secret here yet", told, Vec::new());
        }
        let add = press("button primary", move || table.open_new()).put(icons::Plus());
        empty(
            "No secret here yet",
            "Add one, or bring a whole .env file: drop it on this page, or paste its text.",
            vec![
                add.put("Add the first secret").any(),
                link("button", import.clone()).put("Import a .env file").any(),
            ],
        )
    })
}
