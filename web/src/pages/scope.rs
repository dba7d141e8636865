//! One scope: where it is, its neighbours, its secrets.

use leptos::prelude::*;

use crate::components::breadcrumb::breadcrumb;
use crate::components::scope_tabs::scope_tabs;
use crate::components::state::empty;
use crate::element::{El, el};
use crate::erased::{lazy, memo, when};
use crate::page::{Page, Place, history_path};
use crate::pages::secrets::secrets;
use crate::pages::title;
use crate::parts::{all, link, nothing};
use crate::place_names;
use crate::session::use_session;

/// `/p/:project/shared`, `/p/:project/e/:env`, `/p/:project/e/:env/a/:app`.
#[component]
pub fn ScopePage() -> impl IntoView {
    title("Secrets");
    let session = use_session();
    let place = session.address.place();
    // Rebuilt only when something above the table changes, not with every secret.
    let names = memo(move || {
        session.overview.with(|overview| place_names::names(overview.as_ref()?, &place.get()))
    });
    let top = lazy(move || match names.get() {
        Some(names) => head(place.get(), &names, false, RwSignal::new(false)),
        None => nothing(),
    });
    let body = lazy(move || {
        let place = place.get();
        if names.with(Option::is_some) { secrets(place) } else { gone() }
    });
    all(vec![top, body])
}

/// The way here from above, by the names of the scopes, the heading, and the scopes beside this
/// one. `all` and `naming` as in [`scope_tabs`].
pub fn head(place: Place, names: &[String], all: bool, naming: RwSignal<bool>) -> AnyView {
    let session = use_session();
    let mut parts = vec![("Projects".to_owned(), Page::Projects.path())];
    let top = Place::project(&place.project);
    let matrix = Page::Matrix(place.project.clone()).path();
    let mut here = names.last().cloned().unwrap_or_default();
    match (&place.environment, names) {
        (Some(environment), [project, name, ..]) => {
            parts.push((project.clone(), matrix));
            if place.application.is_some() {
                parts.push((name.clone(), Page::Scope(top.environment(environment)).path()));
            }
        }
        _ if !all => parts.push((std::mem::replace(&mut here, "Shared".into()), matrix)),
        _ => {}
    }
    let id = place.project.clone();
    let project = memo(move || {
        session.overview.with(|overview| place_names::project(overview.as_ref()?, &id).cloned())
    });
    let compare = link("button", Page::Compare(place.project.clone()).path()).put("Compare");
    let about = place.environment.as_ref().unwrap_or(&place.project);
    let past = link("button", history_path(&[("in", about)])).put("History");
    let (into, to) = (place.scope(), place.clone());
    let import = when(
        move || session.may_write(&into),
        move || link("button", Page::Import(to.clone()).path()).put("Import .env").any(),
    );
    let head = el("header").class("page-head");
    let mut views = vec![
        breadcrumb(parts, here.clone()),
        head.put(el("h1").put(here)).put(compare).put(past).put(import).any(),
    ];
    views.extend(scope_tabs(project, place, all, naming).into_iter().map(El::any));
    crate::parts::all(views)
}

/// What is said of a scope that is not there.
pub fn gone() -> AnyView {
    let go = link("button primary", Page::Projects.path()).put("Go to the projects");
    let text = "It was deleted, the address is mistyped, or it belongs to a vault that you have no key for.";
    all(vec![
        el("h1").class("unseen").put("Not here").any(),
        empty("This scope is not here", text, vec![go.any()]),
    ])
}
