//! The scopes of a project side by side: its environments, and the applications of the one that is
//! looked at.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::people::Role;
use subrosa_bridge::view::{Environment, Project};

use crate::components::inline_create::{Create, inline_create};
use crate::element::{El, el};
use crate::erased::{Keyed, keyed, memo, when};
use crate::page::{Page, Place};
use crate::parts::{link, span, text};
use crate::place_names;

/// Links, one of them current, and a way to make another. The links follow the project; what is
/// typed beside them stays. `all` tells whether all scopes are looked at, side by side; `naming`
/// whether an environment is being named: another button asks for one too.
pub fn scope_tabs(
    project: Memo<Option<Project>>,
    place: Place,
    all: bool,
    naming: RwSignal<bool>,
) -> Vec<El> {
    let top = Place::project(&place.project);
    let upper = Place { application: None, ..place.clone() };
    let environments = memo({
        let top = top.clone();
        move || project.with(|project| project.as_ref().map(|p| environments(p, &top)))
    });
    let project_id = place.project.clone();
    let whole = if all { Page::Matrix(place.project.clone()) } else { Page::Scope(upper.clone()) };
    let create = Create {
        label: "New environment",
        field: "Environment name",
        class: "button ghost small",
        request: Arc::new(move |name| Request::CreateEnvironment {
            project: project_id.clone(),
            name,
        }),
        page: Arc::new(move |id| Page::Scope(top.environment(id))),
        open: naming,
    };
    let manages = memo(move || {
        project.with(|it| it.as_ref().is_some_and(|it| it.role == Some(Role::Manager)))
    });
    let mut rows = vec![row("Environments", environments, whole, create, manages)];
    if let Some(id) = place.environment.clone() {
        let (environment, id_of) = (id.clone(), id.clone());
        let above = upper.clone();
        let applications = memo(move || {
            project.with(|project| {
                let environment = place_names::environment(project.as_ref()?, &id)?;
                Some(applications(environment, &upper))
            })
        });
        let of = id_of.clone();
        let writes = memo(move || {
            project.with(|it| {
                let it = it.as_ref().and_then(|it| place_names::environment(it, &of));
                it.is_some_and(|it| it.role >= Role::Writer)
            })
        });
        let create = Create {
            label: "New application",
            field: "Application name",
            class: "button ghost small",
            request: Arc::new(move |name| Request::CreateApplication {
                environment: environment.clone(),
                name,
            }),
            page: Arc::new(move |id| Page::Scope(above.application(id))),
            open: RwSignal::new(false),
        };
        rows.push(row("Applications", applications, Page::Scope(place), create, writes));
    }
    rows
}

#[derive(Clone, PartialEq)]
struct Tab {
    page: Page,
    name: String,
    secrets: Option<usize>,
}

fn environments(project: &Project, top: &Place) -> Vec<Tab> {
    let all = Tab {
        page: Page::Matrix(top.project.clone()),
        name: "All environments".into(),
        secrets: None,
    };
    let shared = Tab {
        page: Page::Scope(top.clone()),
        name: "Shared".into(),
        secrets: Some(project.secrets),
    };
    let others = project.environments.iter().map(|environment| Tab {
        page: Page::Scope(top.environment(&environment.id)),
        name: environment.name.clone(),
        secrets: Some(environment.secrets),
    });
    // What one may not open is 'no access' beside the others, and nothing by itself.
    let shared = project.role.is_some().then_some(shared);
    std::iter::once(all).chain(shared).chain(others).collect()
}

fn applications(environment: &Environment, upper: &Place) -> Vec<Tab> {
    let whole = Tab {
        page: Page::Scope(upper.clone()),
        name: "Whole environment".into(),
        secrets: Some(environment.secrets),
    };
    let others = environment.applications.iter().map(|application| Tab {
        page: Page::Scope(upper.application(&application.id)),
        name: application.name.clone(),
        secrets: Some(application.secrets),
    });
    std::iter::once(whole).chain(others).collect()
}

/// `may` tells whether one may make another.
fn row(
    name: &'static str,
    tabs: Memo<Option<Vec<Tab>>>,
    here: Page,
    create: Create,
    may: Memo<bool>,
) -> El {
    let tab = move |tab: Tab| {
        let path = tab.page.path();
        let key = format!("{path}\n{}\n{:?}", tab.name, tab.secrets);
        let current = tab.page == here;
        Keyed::new(key, move || {
            let count = tab.secrets.map(|secrets| {
                let unit = span("unseen", vec![text(" secrets")]);
                el("span").class("count").put(secrets.to_string()).put(unit)
            });
            let mut link = link("", path);
            if current {
                link = link.is("aria-current", "page");
            }
            el("li").put(link.put(tab.name).put(count)).any()
        })
    };
    let tabs = move || {
        let tabs = tabs.get().unwrap_or_default();
        tabs.into_iter().map(&tab).collect()
    };
    el("nav")
        .class("tabs")
        .is("aria-label", name)
        .put(el("ul").put(keyed(tabs)))
        .put(when(move || may.get(), move || inline_create(create.clone())))
}
