//! One scope: where it is, its neighbours, its secrets.

use leptos::prelude::*;

use crate::components::breadcrumb::Breadcrumb;
use crate::components::scope_tabs::ScopeTabs;
use crate::components::state::Empty;
use crate::erased::{lazy, memo};
use crate::page::{Page, Place};
use crate::pages::secrets::Secrets;
use crate::pages::title;
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
    view! {
        {move || names.get().map(|names| view! { <Head place=place.get() names /> })}
        {lazy(move || {
            let place = place.get();
            if names.with(Option::is_some) {
                view! { <Secrets place /> }.into_any()
            } else {
                view! { <Gone /> }.into_any()
            }
        })}
    }
}

/// The way here, the heading, and the scopes beside this one.
#[component]
pub fn Head(
    /// Where one is.
    place: Place,
    /// The names of the scopes from above.
    names: Vec<String>,
    /// Whether all environments are looked at, side by side.
    #[prop(optional)]
    all: bool,
    /// Whether an environment is being named.
    #[prop(optional)]
    naming: Option<RwSignal<bool>>,
) -> impl IntoView {
    let naming = naming.unwrap_or_else(|| RwSignal::new(false));
    let session = use_session();
    let mut parts = vec![("Projects".to_owned(), Page::Projects.path())];
    let top = Place::project(&place.project);
    let matrix = Page::Matrix(place.project.clone()).path();
    let mut here = names.last().cloned().unwrap_or_default();
    match (&place.environment, names.as_slice()) {
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
    view! {
        <Breadcrumb parts here=here.clone() />
        <header class="page-head">
            <h1>{here}</h1>
            <a class="button" href=Page::Compare(place.project.clone()).path()>"Compare"</a>
            <a class="button" href=Page::Import(place.clone()).path()>"Import .env"</a>
        </header>
        <ScopeTabs project place all naming />
    }
}

/// What is said of a scope that is not there.
#[component]
pub fn Gone() -> impl IntoView {
    view! {
        <h1 class="unseen">"Not here"</h1>
        <Empty
            title="This scope is not here"
            text="It was deleted, the address is mistyped, or it belongs to a vault that you have no key for."
        >
            <a class="button primary" href=Page::Projects.path()>"Go to the projects"</a>
        </Empty>
    }
}
