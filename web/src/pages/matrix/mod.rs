//! A project's keys against its environments: what is set where, what is inherited, what is missing.

mod edit;
mod editor;
mod grid;
mod hover;
mod keys;
mod line;
pub mod words;

use leptos::prelude::*;
use subrosa_bridge::view::{Column, Project};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use self::edit::Mode;
use self::editor::editor_row;
use self::grid::{Grid, Line, Over, focused};
use self::hover::hover;
use self::line::line;
use crate::components::delete_dialog::delete_dialog;
use crate::components::select::select;
use crate::components::state::{self, Loaded, empty, loading};
use crate::components::trace::trace_dialog;
use crate::element::{El, el};
use crate::erased::{Keyed, keyed, lazy, memo, when};
use crate::format;
use crate::icons;
use crate::page::{Page, Place};
use crate::pages::secrets::conflict::conflict_dialog;
use crate::pages::secrets::history::history;
use crate::pages::secrets::{State, filter, spacer};
use crate::pages::{scope, title};
use crate::parts::{all, cell, link, live, nothing, p, press, span, status, text};
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
        Some(names) => scope::head(place.get(), &names, true, naming),
        None => nothing(),
    });
    let there = memo(move || names.with(Option::is_some));
    let body = lazy(move || {
        let project = place.get().project;
        if there.get() { matrix(project, naming) } else { scope::gone() }
    });
    all(vec![head, body])
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
        State::Waiting => loading(6),
        State::Failed => failure(grid),
        State::Here => contents(grid, naming),
    });
    let over = lazy(move || over(grid, grid.over.get()));
    all(vec![toolbar(grid), body, delete_dialog(grid.deleting), over])
}

/// What lies over it.
fn over(grid: Grid, over: Over) -> AnyView {
    let on_close = Callback::new(move |()| grid.over.set(Over::Nothing));
    match over {
        Over::Nothing => nothing(),
        Over::Trace(scope, scope_name, key) => trace_dialog(scope, &scope_name, key, on_close),
        Over::History(of) => {
            let after = Callback::new(move |()| grid.reload.update(|count| *count += 1));
            history(grid.reveals, of, on_close, after)
        }
        Over::Conflict(conflict) => {
            conflict_dialog(grid.reveals, *conflict, grid.session, grid.editor, on_close)
        }
    }
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
        let input = el("input").is("type", "radio").is("name", "only").ticks(
            move || grid.only.with(|it| it == only),
            move |_| grid.only.set(only.to_owned()),
        );
        el("label").put(input).put(label)
    };
    let choices: Vec<El> = CHOICES.into_iter().map(choice).collect();
    let choices =
        el("fieldset").class("segments").put(el("legend").class("unseen").put("Show")).put(choices);
    let new = when(
        move || may_write(grid),
        move || {
            let new = press("button primary", move || grid.open_new(None)).is("id", "new-secret");
            new.put(icons::Plus()).put("New secret").any()
        },
    );
    el("div")
        .class("toolbar")
        .put(el("label").class("unseen").is("for", "filter").put("Filter keys"))
        .put(filter(grid.filter))
        .put(choices)
        .put(environments(grid))
        .put(applications(grid))
        .put(el("span").class("grow"))
        .put(new)
        .any()
}

/// Whether one may write at any of the project's scopes, tracked.
fn may_write(grid: Grid) -> bool {
    let scopes = project(grid, place_names::of_project);
    scopes.iter().any(|place| grid.session.may_write(&place.scope()))
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
            return nothing();
        }
        let mut options = vec![(String::new(), none.to_owned())];
        options.extend(all);
        let choose = Callback::new(move |value| chosen.set(value));
        select(None, Some(label.to_owned()), options, chosen.into(), choose)
    })
}

fn failure(grid: Grid) -> AnyView {
    lazy(move || {
        let Loaded::Failed(problem) = grid.matrix.get() else { return nothing() };
        let retry = Callback::new(move |()| grid.reload.update(|count| *count += 1));
        state::failure(problem, Some(retry))
    })
}

fn contents(grid: Grid, naming: RwSignal<bool>) -> AnyView {
    let adding = memo(move || {
        grid.editing.with(|editing| editing.as_ref().is_some_and(|it| it.mode == Mode::New))
    });
    let none = memo(move || grid.total() == 0 && !adding.get());
    let alone =
        memo(move || grid.columns.with(Vec::len) < 2 && grid.environment.with(String::is_empty));
    let notice = when(
        move || alone.get() && !none.get(),
        move || {
            let said = "This project has no environment yet: its secrets are shared by all that will come.";
            p("notice", vec![span("grow", vec![text(said)]), name_environment(naming)])
        },
    );
    let body = lazy(move || {
        if none.get() {
            return no_keys(grid, naming, alone.get_untracked());
        }
        let count = live(move || format::count(grid.total(), "key", "keys"));
        let table = lazy(move || table(grid, grid.columns.get(), adding));
        all(vec![status("quiet status", count), table])
    });
    all(vec![notice, body])
}

fn table(grid: Grid, columns: Vec<Column>, adding: Memo<bool>) -> AnyView {
    // In halves: fractions are not written.
    let width = format!("calc({}rem / 2)", 30 + 19 * columns.len());
    let columns_in_all = (columns.len() + 1).to_string();
    let heads = columns.into_iter().map(|column| {
        let name = span("clip", vec![text(column.name)]);
        cell("th", "columnheader").is("scope", "col").put(name)
    });
    let heads: Vec<El> = heads.collect();
    let new = when(
        move || adding.get(),
        move || match grid.editing.get_untracked() {
            Some(editing) => editor_row(grid, editing),
            None => nothing(),
        },
    );
    let key = cell("th", "columnheader").is("scope", "col").put("Key");
    let head =
        el("thead").is("role", "rowgroup").put(el("tr").is("role", "row").put(key).put(heads));
    let body = el("tbody")
        .is("role", "rowgroup")
        .node(grid.body)
        .put(new)
        .put(spacer(move || grid.above(), columns_in_all.clone(), grid.row_height))
        .put(keyed(move || grid.lines().into_iter().map(|it| drawn(grid, it)).collect()))
        .put(spacer(move || grid.below(), columns_in_all, grid.row_height));
    let table = el("table")
        .class("matrix")
        .is("role", "grid")
        .is("aria-label", "All environments")
        .follows("aria-rowcount", move || (grid.total() + 1).to_string())
        .style("min-inline-size", move || width.clone())
        .on("focusin", move |_| grid.note_focus())
        .on("keyup", |event| {
            let event: KeyboardEvent = event.unchecked_into();
            // The blank has opened the row: it does not press the cell too.
            if event.key() == " " && focused().is_some() {
                event.prevent_default();
            }
        })
        .put(head)
        .put(body);
    el("div")
        .class("matrix-frame")
        .on("scroll", move |_| grid.look())
        .on("pointerover", move |event| grid.point(event.unchecked_ref()))
        .on("pointerleave", move |event| grid.point(event.unchecked_ref()))
        .put(table)
        .put(hover(grid))
        .any()
}

fn drawn(grid: Grid, of: Line) -> Keyed {
    let key = format!("{}\n{}", of.key, of.application.as_deref().unwrap_or_default());
    Keyed::new(key, move || line(grid, of))
}

fn name_environment(naming: RwSignal<bool>) -> AnyView {
    let create = press("button", move || naming.set(true)).put(icons::Plus());
    create.put("Create an environment").any()
}

fn no_keys(grid: Grid, naming: RwSignal<bool>, alone: bool) -> AnyView {
    if untrack(|| grid.is_filtered()) {
        let clear = press("button", move || {
            grid.filter.set(String::new());
            grid.only.set(String::new());
        });
        let clear = vec![clear.put("Clear the filter").any()];
        return empty("No match", "No key here is what you filter by.", clear);
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
    if !untrack(|| may_write(grid)) {
        let told = "You may read here, and there is nothing yet. Ask an owner, or who manages it.";
        return empty("No key yet", told, Vec::new());
    }
    let add = press("button primary", move || grid.open_new(None)).put(icons::Plus());
    let import = link("button", import).put("Import a .env file");
    let mut actions = vec![add.put("Add the first secret").any(), import.any()];
    if alone {
        actions.insert(0, name_environment(naming));
    }
    empty(title, text, actions)
}
