//! A project's keys against its environments: what is set where, what is inherited, what is missing.

mod edit;
mod editor;
mod grid;
mod keys;
mod line;
mod words;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use subrosa_bridge::view::Only;

use self::edit::Mode;
use self::editor::EditorRow;
use self::grid::{Grid, Over, focused};
use self::line::LineView;
use crate::components::delete_dialog::DeleteDialog;
use crate::components::state::{Empty, Failure, Loaded, Loading};
use crate::components::trace::TraceDialog;
use crate::format;
use crate::icons;
use crate::page::{Page, Place};
use crate::pages::scope::{DropAnywhere, Gone, Head};
use crate::pages::secrets::State;
use crate::pages::secrets::conflict::ConflictDialog;
use crate::pages::secrets::history::History;
use crate::pages::title;
use crate::place_names;
use crate::session::use_session;

/// `/p/:project`.
#[component]
pub fn MatrixPage() -> impl IntoView {
    title("All environments");
    let session = use_session();
    let params = use_params_map();
    let place = Memo::new(move |_| {
        Place::project(params.with(|params| params.get("project")).unwrap_or_default())
    });
    let names = Memo::new(move |_| {
        session.overview.with(|overview| place_names::names(overview.as_ref()?, &place.get()))
    });
    let naming = RwSignal::new(false);
    view! {
        {move || names.get().map(|names| view! { <Head place=place.get() names all=true naming /> })}
        {move || {
            let place = place.get();
            if names.with(Option::is_some) {
                view! { <Matrix project=place.project naming /> }.into_any()
            } else {
                view! { <Gone /> }.into_any()
            }
        }}
        <DropAnywhere place />
    }
}

#[component]
fn Matrix(project: String, naming: RwSignal<bool>) -> impl IntoView {
    let grid = Grid::new(project);
    grid.load();
    grid.follow_scroll();
    grid.keep_drafts();
    keys::listen(grid);
    let close = Callback::new(move |()| grid.over.set(Over::Nothing));
    view! {
        {toolbar(grid)}
        {move || match grid.state.get() {
            State::Waiting => view! { <Loading lines=6 /> }.into_any(),
            State::Failed => failure(grid).into_any(),
            State::Here => table(grid, naming).into_any(),
        }}
        <DeleteDialog deleting=grid.deleting />
        {move || match grid.over.get() {
            Over::Nothing => ().into_any(),
            Over::Trace(scope, scope_name, key) => {
                view! { <TraceDialog scope scope_name key on_close=close /> }.into_any()
            }
            Over::History(of) => view! {
                <History
                    reveals=grid.reveals
                    of
                    on_close=close
                    after=Callback::new(move |()| grid.reload.update(|count| *count += 1))
                />
            }
            .into_any(),
            Over::Conflict(conflict) => {
                let (id, version) = (conflict.theirs.id.clone(), conflict.theirs.version);
                // Esc goes back to the editor with everything as it was typed.
                let edit = Callback::new(move |()| {
                    grid.opened.update_value(|opened| opened.base = version);
                    close.run(());
                });
                let take_theirs = Callback::new(move |()| {
                    close.run(());
                    grid.done();
                    grid.session.toasts.say("Their version stays.");
                });
                let key = conflict.key.clone();
                view! {
                    <ConflictDialog
                        reveals=grid.reveals
                        conflict=*conflict
                        key
                        value=grid.value
                        edit
                        keep_mine=Callback::new(move |()| grid.keep_mine(id.clone(), version))
                        take_theirs
                    />
                }
                .into_any()
            }
        }}
    }
}

const CHOICES: [(&str, Option<Only>); 5] = [
    ("All", None),
    ("Missing", Some(Only::Missing)),
    ("Overrides", Some(Only::Override)),
    ("Aliases", Some(Only::Alias)),
    ("Broken", Some(Only::Broken)),
];

fn toolbar(grid: Grid) -> impl IntoView {
    let environments = Memo::new(move |_| {
        grid.session.overview.with(|overview| {
            let project = grid
                .project
                .with_value(|id| overview.as_ref().and_then(|it| place_names::project(it, id)));
            let named = |it: &subrosa_bridge::view::Environment| (it.id.clone(), it.name.clone());
            project.map(|it| it.environments.iter().map(named).collect()).unwrap_or_default()
        })
    });
    view! {
        <div class="toolbar">
            <label class="unseen" for="filter">"Filter keys"</label>
            <input
                id="filter"
                type="search"
                placeholder="Filter by key or note"
                autocomplete="off"
                spellcheck="false"
                data-filter=""
                bind:value=grid.filter
                on:keydown=move |event| {
                    if event.key() == "Escape" && !grid.filter.with_untracked(String::is_empty) {
                        event.prevent_default();
                        grid.filter.set(String::new());
                    }
                }
            />
            <fieldset class="segments">
                <legend class="unseen">"Show"</legend>
                {CHOICES.into_iter().map(|(label, only)| view! {
                    <label>
                        <input
                            type="radio"
                            name="only"
                            prop:checked=move || grid.only.get() == only
                            on:change=move |_| grid.only.set(only)
                        />
                        {label}
                    </label>
                }).collect_view()}
            </fieldset>
            <Show when=move || environments.with(|all: &Vec<(String, String)>| all.len() > 1)>
                <select
                    aria-label="Environment"
                    prop:value=move || grid.environment.get()
                    on:change=move |event| grid.environment.set(event_target_value(&event))
                >
                    <option value="">"All environments"</option>
                    {move || environments.get().into_iter().map(|(id, name)| {
                        let selected = grid.environment.with_untracked(|it| *it == id);
                        view! { <option value=id selected=selected>{name}</option> }
                    }).collect_view()}
                </select>
            </Show>
            <span class="grow"></span>
            <button
                type="button"
                class="button primary"
                id="new-secret"
                on:click=move |_| grid.open_new(None)
            >
                <icons::Plus />
                "New secret"
            </button>
        </div>
    }
}

fn failure(grid: Grid) -> impl IntoView {
    move || {
        let Loaded::Failed(problem) = grid.matrix.get() else { return None };
        let retry = Callback::new(move |()| grid.reload.update(|count| *count += 1));
        Some(view! { <Failure problem retry /> })
    }
}

fn table(grid: Grid, naming: RwSignal<bool>) -> impl IntoView {
    let adding = Memo::new(move |_| {
        grid.editing.with(|editing| editing.as_ref().is_some_and(|it| it.mode == Mode::New))
    });
    let nothing = Memo::new(move |_| grid.total() == 0 && !adding.get());
    let alone = Memo::new(move |_| {
        grid.columns.with(Vec::len) < 2 && grid.environment.with(String::is_empty)
    });
    view! {
        <Show when=move || alone.get() && !nothing.get()>
            <p class="notice">
                <span class="grow">
                    "This project has no environment yet: its secrets are shared by all that will come."
                </span>
                {name_environment(naming)}
            </p>
        </Show>
        <Show
            when=move || !nothing.get()
            fallback=move || empty(grid, naming, alone.get_untracked())
        >
            <p class="quiet status" role="status">
                {move || format::count(grid.total(), "key", "keys")}
            </p>
            {move || {
                let columns = grid.columns.get();
                #[expect(clippy::cast_precision_loss, reason = "columns of a table")]
                let width = format!("{}rem", 15.0 + 9.5 * columns.len() as f64);
                view! {
                    <div class="matrix-frame" on:scroll=move |_| grid.look()>
                        <table
                            class="matrix"
                            role="grid"
                            aria-label="All environments"
                            aria-rowcount=move || (grid.total() + 1).to_string()
                            style:min-inline-size=width
                            on:focusin=move |_| grid.note_focus()
                            on:keyup=move |event| {
                                // The blank has opened the row: it does not press the cell too.
                                if event.key() == " " && focused().is_some() {
                                    event.prevent_default();
                                }
                            }
                        >
                            <thead role="rowgroup">
                                <tr role="row">
                                    <th scope="col" role="columnheader">"Key"</th>
                                    {columns.iter().map(|column| view! {
                                        <th scope="col" role="columnheader">
                                            <span class="clip">{column.name.clone()}</span>
                                        </th>
                                    }).collect_view()}
                                </tr>
                            </thead>
                            <tbody role="rowgroup" node_ref=grid.body>
                                <Show when=move || adding.get()>
                                    {grid.editing.get_untracked().map(|editing| view! {
                                        <EditorRow grid editing />
                                    })}
                                </Show>
                                {spacer(grid, Grid::above)}
                                <For each=move || grid.lines() key=Clone::clone let:line>
                                    <LineView grid line />
                                </For>
                                {spacer(grid, Grid::below)}
                            </tbody>
                        </table>
                    </div>
                }
            }}
        </Show>
    }
}

/// Stands for the rows that are not in the page.
fn spacer(grid: Grid, rows: fn(Grid) -> usize) -> impl IntoView {
    #[expect(clippy::cast_precision_loss, reason = "rows of a table")]
    let height = move || format!("{}px", rows(grid) as f64 * grid.row_height.get());
    let width = grid.columns.with_untracked(Vec::len) + 1;
    view! {
        <Show when=move || { rows(grid) > 0 }>
            <tr class="spacer" aria-hidden="true" role="presentation">
                <td colspan=width.to_string() role="presentation" style:height=height></td>
            </tr>
        </Show>
    }
}

fn name_environment(naming: RwSignal<bool>) -> impl IntoView {
    view! {
        <button type="button" class="button" on:click=move |_| naming.set(true)>
            <icons::Plus />
            "Create an environment"
        </button>
    }
}

fn empty(grid: Grid, naming: RwSignal<bool>, alone: bool) -> AnyView {
    if untrack(|| grid.is_filtered()) {
        let clear = move |_| {
            grid.filter.set(String::new());
            grid.only.set(None);
        };
        return view! {
            <Empty title="No match" text="No key here is what you filter by.">
                <button type="button" class="button" on:click=clear>"Clear the filter"</button>
            </Empty>
        }
        .into_any();
    }
    let import = Page::Import(Place::project(grid.project.get_value())).path();
    let (title, text) = if alone {
        (
            "No environment yet",
            "Create the first one, such as production: it has its own secrets and inherits those that are shared.",
        )
    } else {
        ("No key yet", "Add a secret that all environments share, or one of a single environment.")
    };
    view! {
        <Empty title text>
            {alone.then(|| name_environment(naming))}
            <button type="button" class="button primary" on:click=move |_| grid.open_new(None)>
                <icons::Plus />
                "Add the first secret"
            </button>
            <a class="button" href=import>"Import a .env file"</a>
        </Empty>
    }
    .into_any()
}
