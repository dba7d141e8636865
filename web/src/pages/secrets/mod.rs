//! The secrets of one scope: a table whose rows open in place.

pub mod conflict;
mod deleted;
mod editing;
mod editor;
mod export;
pub mod history;
mod keys;
mod row;
mod table;

use leptos::prelude::*;
use subrosa_bridge::view::Row;

use crate::components::delete_dialog::DeleteDialog;
use crate::components::state::{Empty, Failure, Loaded, Loading};
use crate::components::trace::TraceDialog;
use crate::erased::{Keyed, click, keyed, lazy, memo};
use crate::format;
use crate::icons;
use crate::page::{Page, Place};
use crate::pages::secrets::editor::NewRow;
use crate::pages::secrets::row::RowView;
use crate::pages::secrets::table::{Over, Table};

/// Toolbar, table, deleted ones, and what lies over them.
#[component]
pub fn Secrets(
    /// Where one looks.
    place: Place,
) -> impl IntoView {
    let table = Table::new(place);
    table.load();
    table.follow_scroll();
    table.start_editor();
    keys::listen(table);
    view! {
        <Toolbar table />
        {lazy(move || match table.state.get() {
            State::Waiting => view! { <Loading lines=6 /> }.into_any(),
            State::Failed => view! { <LoadFailure table /> }.into_any(),
            State::Here => view! { <Grid table /> }.into_any(),
        })}
        <deleted::Deleted table />
        <DeleteDialog deleting=table.deleting />
        {lazy(move || match table.over.get() {
            Over::Nothing => ().into_any(),
            Over::History(row) => view! {
                <history::History
                    reveals=table.reveals
                    of=history::Of { scope: row.scope, id: row.id, key: row.key, inherited: row.inherited }
                    on_close=Callback::new(move |()| table.over.set(Over::Nothing))
                    after=Callback::new(move |()| table.reload.update(|count| *count += 1))
                />
            }
            .into_any(),
            Over::Conflict(conflict) => {
                let close = Callback::new(move |()| table.over.set(Over::Nothing));
                view! {
                    <conflict::ConflictDialog
                        session=table.session
                        editor=table.editor
                        reveals=table.reveals
                        conflict=*conflict
                        close
                    />
                }
                .into_any()
            }
            Over::Trace(key) => view! {
                <TraceDialog
                    scope=table.scope()
                    scope_name=table.scope_name()
                    key
                    on_close=Callback::new(move |()| table.over.set(Over::Nothing))
                />
            }
            .into_any(),
            Over::Export => view! { <export::Export table /> }.into_any(),
        })}
    }
}

/// What the page shows, without the rows: these change without rebuilding the table.
#[derive(Clone, Copy, PartialEq)]
pub enum State {
    Waiting,
    Failed,
    Here,
}

#[component]
fn Toolbar(table: Table) -> impl IntoView {
    view! {
        <div class="toolbar">
            <label class="unseen" for="filter">"Filter secrets"</label>
            <input
                id="filter"
                type="search"
                placeholder="Filter by key or note"
                autocomplete="off"
                spellcheck="false"
                data-filter=""
                bind:value=table.filter
                on:keydown=move |event| {
                    if event.key() == "Escape" && !table.filter.with_untracked(String::is_empty) {
                        event.prevent_default();
                        table.filter.set(String::new());
                    }
                }
            />
            {table.has_above().then(|| view! {
                <label class="check">
                    <input type="checkbox" bind:checked=table.inherited />
                    <span>"Show inherited"</span>
                </label>
            })}
            <span class="grow"></span>
            <button type="button" class="button" on:click=click(move || table.over.set(Over::Export))>
                <icons::Outward />
                "Export"
            </button>
            <button
                type="button"
                class="button primary"
                id="new-secret"
                on:click=click(move || table.open_new())
            >
                <icons::Plus />
                "New secret"
            </button>
        </div>
    }
}

#[component]
fn LoadFailure(table: Table) -> impl IntoView {
    move || {
        let Loaded::Failed(problem) = table.secrets.get() else { return None };
        let retry = Callback::new(move |()| table.reload.update(|count| *count += 1));
        Some(view! { <Failure problem retry /> })
    }
}

#[component]
fn Grid(table: Table) -> impl IntoView {
    let nothing = memo(move || table.shown_total() == 0 && !table.adding());
    view! {
        <Show
            when=move || !nothing.get()
            fallback=move || view! { <Nothing table /> }
        >
            <p class="quiet status" role="status">
                {move || format::count(table.shown_total(), "secret", "secrets")}
            </p>
            <table
                class="secrets"
                role="table"
                aria-label="Secrets"
                aria-rowcount=move || (table.shown_total() + 1).to_string()
            >
                <thead role="rowgroup">
                    <tr role="row">
                        <th scope="col" role="columnheader">"Key"</th>
                        <th scope="col" role="columnheader">"Value"</th>
                        <th scope="col" role="columnheader">"Note"</th>
                        <th scope="col" role="columnheader">"Changed"</th>
                        <th scope="col" role="columnheader"><span class="unseen">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup" node_ref=table.body>
                    <Show when=move || table.adding()>
                        <NewRow table />
                    </Show>
                    <Spacer rows=Signal::derive(move || table.offset()) table />
                    {keyed(move || table.rows().into_iter().map(|row| shown(table, row)).collect())}
                    <Spacer rows=Signal::derive(move || table.below()) table />
                </tbody>
            </table>
        </Show>
    }
}

/// A row is drawn anew when anything that it shows has changed.
fn shown(table: Table, row: Row) -> Keyed {
    let key = format!("{}\n{}\n{}\n{}\n{}", row.id, row.version, row.time, row.key, row.note);
    Keyed::new(key, move || view! { <RowView table row /> }.into_any())
}

/// Stands for the rows that are not in the page.
#[component]
fn Spacer(rows: Signal<usize>, table: Table) -> impl IntoView {
    #[expect(clippy::cast_precision_loss, reason = "rows of a table")]
    let height = move || format::pixels(rows.get() as f64 * table.row_height.get());
    view! {
        <Show when=move || { rows.get() > 0 }>
            <tr class="spacer" aria-hidden="true" role="presentation">
                <td colspan="5" role="presentation" style:height=height></td>
            </tr>
        </Show>
    }
}

#[component]
fn Nothing(table: Table) -> impl IntoView {
    let filtered = move || !table.filter.with(String::is_empty);
    let import = Page::Import(table.place.get_value()).path();
    view! {
        <Show
            when=filtered
            fallback=move || {
                let import = import.clone();
                view! {
                    <Empty
                        title="No secret here yet"
                        text="Add one, or bring a whole .env file: drop it on this page, or paste its text."
                    >
                        <button type="button" class="button primary" on:click=click(move || table.open_new())>
                            <icons::Plus />
                            "Add the first secret"
                        </button>
                        <a class="button" href=import>"Import a .env file"</a>
                    </Empty>
                }
            }
        >
            <Empty title="No match" text="No key and no note here has this in it.">
                <button
                    type="button"
                    class="button"
                    on:click=click(move || table.filter.set(String::new()))
                >
                    "Clear the filter"
                </button>
            </Empty>
        </Show>
    }
}
