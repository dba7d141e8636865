//! A project's keys against its environments: what is set where, what is inherited, what is missing.

mod edit;
mod editor;
mod grid;
mod hover;
mod keys;
mod line;
pub mod words;

use leptos::prelude::*;
use subrosa_bridge::view::{Column, Conflict, Project};

use self::edit::Mode;
use self::editor::editor_row;
use self::grid::{Grid, Line, Over, focused};
use self::hover::hover;
use self::line::line;
use crate::components::delete_dialog::DeleteDialog;
use crate::components::select::select;
use crate::components::state::{Empty, Failure, Loaded, Loading};
use crate::components::trace::TraceDialog;
use crate::erased::{Keyed, click, keyed, lazy, memo, when};
use crate::format;
use crate::icons;
use crate::page::{Page, Place};
use crate::pages::scope::{Gone, Head};
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
    let place = session.address.place();
    let names = memo(move || {
        session.overview.with(|overview| place_names::names(overview.as_ref()?, &place.get()))
    });
    let naming = RwSignal::new(false);
    let head = lazy(move || match names.get() {
        Some(names) => view! { <Head place=place.get() names all=true naming /> }.into_any(),
        None => ().into_any(),
    });
    let there = memo(move || names.with(Option::is_some));
    let body = lazy(move || {
        let project = place.get().project;
        if there.get() { matrix(project, naming) } else { view! { <Gone /> }.into_any() }
    });
    view! {
        {head}
        {body}
    }
}

fn matrix(project: String, naming: RwSignal<bool>) -> AnyView {
    let grid = Grid::new(project);
    grid.load();
    grid.follow_scroll();
    grid.follow_address();
    grid.start_editor();
    grid.keep_marks();
    grid.end_hover();
    keys::listen(grid);
    let body = lazy(move || match grid.state.get() {
        State::Waiting => view! { <Loading lines=6 /> }.into_any(),
        State::Failed => failure(grid),
        State::Here => contents(grid, naming),
    });
    view! {
        {toolbar(grid)}
        {body}
        <DeleteDialog deleting=grid.deleting />
        {lazy(move || over(grid, grid.over.get()))}
    }
    .into_any()
}

/// What lies over it.
fn over(grid: Grid, over: Over) -> AnyView {
    let on_close = Callback::new(move |()| grid.over.set(Over::Nothing));
    match over {
        Over::Nothing => ().into_any(),
        Over::Trace(scope, scope_name, key) => {
            view! { <TraceDialog scope scope_name key on_close /> }.into_any()
        }
        Over::History(of) => {
            let after = Callback::new(move |()| grid.reload.update(|count| *count += 1));
            view! { <History reveals=grid.reveals of on_close after /> }.into_any()
        }
        Over::Conflict(conflict) => conflicting(grid, *conflict),
    }
}

fn conflicting(grid: Grid, conflict: Conflict) -> AnyView {
    let close = Callback::new(move |()| grid.over.set(Over::Nothing));
    view! { <ConflictDialog session=grid.session editor=grid.editor reveals=grid.reveals conflict close /> }
        .into_any()
}

/// The words of the choices, with what they are in the address.
const CHOICES: [(&str, &str); 6] = [
    ("All", ""),
    ("Missing", "missing"),
    ("Overrides", "override"),
    ("Aliases", "alias"),
    ("Drafts", "changed"),
    ("Broken", "broken"),
];

fn toolbar(grid: Grid) -> AnyView {
    let choice = |(label, only): (&'static str, &'static str)| {
        let chosen = Signal::derive(move || grid.only.with(|it| it == only));
        let choose = move |_| grid.only.set(only.to_owned());
        view! {
            <label>
                <input type="radio" name="only" prop:checked=chosen on:change=choose />
                {label}
            </label>
        }
        .into_any()
    };
    let choices: Vec<AnyView> = CHOICES.into_iter().map(choice).collect();
    let clear = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && !grid.filter.with_untracked(String::is_empty) {
            event.prevent_default();
            grid.filter.set(String::new());
        }
    };
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
                on:keydown=clear
            />
            <fieldset class="segments"><legend class="unseen">"Show"</legend>{choices}</fieldset>
            {environments(grid)}
            {applications(grid)}
            <span class="grow"></span>
            <button
                type="button"
                class="button primary"
                id="new-secret"
                on:click=click(move || grid.open_new(None))
            >
                <icons::Plus />
                "New secret"
            </button>
        </div>
    }
    .into_any()
}

/// Of several environments one may be looked at alone.
fn environments(grid: Grid) -> AnyView {
    choice(grid.environment, "Environment", "All environments", move || {
        let all = project(grid, |it| {
            it.environments.iter().map(|it| (it.id.clone(), it.name.clone())).collect()
        });
        if all.len() < 2 { Vec::new() } else { all }
    })
}

/// The applications of one name may be looked at under every key.
fn applications(grid: Grid) -> AnyView {
    choice(grid.application, "Application", "No application", move || {
        let mut names = project(grid, |it| {
            let all = it.environments.iter().flat_map(|it| &it.applications);
            all.map(|it| it.name.clone()).collect()
        });
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| (name.clone(), name)).collect()
    })
}

/// Something of the project, tracked.
fn project<T>(grid: Grid, of: fn(&Project) -> Vec<T>) -> Vec<T> {
    grid.session.overview.with(|overview| {
        let found = overview
            .as_ref()
            .and_then(|overview| grid.project.with_value(|id| place_names::project(overview, id)));
        found.map(of).unwrap_or_default()
    })
}

/// One of some values, told with their names, or none. Nothing where there is none to choose.
fn choice(
    chosen: RwSignal<String>,
    label: &'static str,
    none: &'static str,
    all: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static,
) -> AnyView {
    let all = memo(all);
    lazy(move || {
        let all = all.get();
        if all.is_empty() {
            return ().into_any();
        }
        let mut options = vec![(String::new(), none.to_owned())];
        options.extend(all);
        let choose = Callback::new(move |value| chosen.set(value));
        select(None, Some(label), options, chosen.into(), choose)
    })
}

fn failure(grid: Grid) -> AnyView {
    lazy(move || {
        let Loaded::Failed(problem) = grid.matrix.get() else { return ().into_any() };
        let retry = Callback::new(move |()| grid.reload.update(|count| *count += 1));
        view! { <Failure problem retry /> }.into_any()
    })
}

fn contents(grid: Grid, naming: RwSignal<bool>) -> AnyView {
    let adding = memo(move || {
        grid.editing.with(|editing| editing.as_ref().is_some_and(|it| it.mode == Mode::New))
    });
    let nothing = memo(move || grid.total() == 0 && !adding.get());
    let alone =
        memo(move || grid.columns.with(Vec::len) < 2 && grid.environment.with(String::is_empty));
    let notice = when(
        move || alone.get() && !nothing.get(),
        move || {
            view! {
                <p class="notice">
                    <span class="grow">
                        "This project has no environment yet: its secrets are shared by all that will come."
                    </span>
                    {name_environment(naming)}
                </p>
            }
            .into_any()
        },
    );
    let body = lazy(move || {
        if nothing.get() {
            return empty(grid, naming, alone.get_untracked());
        }
        let count = Signal::derive(move || format::count(grid.total(), "key", "keys"));
        view! {
            <p class="quiet status" role="status">{count}</p>
            {lazy(move || table(grid, grid.columns.get(), adding))}
        }
        .into_any()
    });
    view! { {notice} {body} }.into_any()
}

fn table(grid: Grid, columns: Vec<Column>, adding: Memo<bool>) -> AnyView {
    // In halves: fractions are not written.
    let width = format!("calc({}rem / 2)", 30 + 19 * columns.len());
    let count = Signal::derive(move || (grid.total() + 1).to_string());
    let heads = columns.into_iter().map(|column| {
        view! {
            <th scope="col" role="columnheader"><span class="clip">{column.name}</span></th>
        }
        .into_any()
    });
    let heads: Vec<AnyView> = heads.collect();
    let new = when(
        move || adding.get(),
        move || match grid.editing.get_untracked() {
            Some(editing) => editor_row(grid, editing),
            None => ().into_any(),
        },
    );
    // The blank has opened the row: it does not press the cell too.
    let on_keyup = move |event: web_sys::KeyboardEvent| {
        if event.key() == " " && focused().is_some() {
            event.prevent_default();
        }
    };
    view! {
        <div
            class="matrix-frame"
            on:scroll=move |_| grid.look()
            on:pointerover=move |event| grid.point(&event)
            on:pointerleave=move |event| grid.point(&event)
        >
            <table
                class="matrix"
                role="grid"
                aria-label="All environments"
                aria-rowcount=count
                style:min-inline-size=width
                on:focusin=move |_| grid.note_focus()
                on:keyup=on_keyup
            >
                <thead role="rowgroup">
                    <tr role="row"><th scope="col" role="columnheader">"Key"</th>{heads}</tr>
                </thead>
                <tbody role="rowgroup" node_ref=grid.body>
                    {new}
                    {spacer(grid, Grid::above)}
                    {keyed(move || grid.lines().into_iter().map(|it| drawn(grid, it)).collect())}
                    {spacer(grid, Grid::below)}
                </tbody>
            </table>
            {hover(grid)}
        </div>
    }
    .into_any()
}

fn drawn(grid: Grid, of: Line) -> Keyed {
    let key = format!("{}\n{}", of.key, of.application.as_deref().unwrap_or_default());
    Keyed::new(key, move || line(grid, of))
}

/// Stands for the rows that are not in the page.
fn spacer(grid: Grid, rows: fn(Grid) -> usize) -> AnyView {
    let width = (grid.columns.with_untracked(Vec::len) + 1).to_string();
    when(
        move || rows(grid) > 0,
        move || {
            #[expect(clippy::cast_precision_loss, reason = "rows of a table")]
            let height =
                Signal::derive(move || format::pixels(rows(grid) as f64 * grid.row_height.get()));
            view! {
                <tr class="spacer" aria-hidden="true" role="presentation">
                    <td colspan=width.clone() role="presentation" style:height=height></td>
                </tr>
            }
            .into_any()
        },
    )
}

fn name_environment(naming: RwSignal<bool>) -> AnyView {
    view! {
        <button type="button" class="button" on:click=click(move || naming.set(true))>
            <icons::Plus />
            "Create an environment"
        </button>
    }
    .into_any()
}

fn empty(grid: Grid, naming: RwSignal<bool>, alone: bool) -> AnyView {
    if untrack(|| grid.is_filtered()) {
        let clear = click(move || {
            grid.filter.set(String::new());
            grid.only.set(String::new());
        });
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
            <button
                type="button"
                class="button primary"
                on:click=click(move || grid.open_new(None))
            >
                <icons::Plus />
                "Add the first secret"
            </button>
            <a class="button" href=import>"Import a .env file"</a>
        </Empty>
    }
    .into_any()
}
