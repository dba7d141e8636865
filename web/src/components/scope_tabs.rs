//! The scopes of a project side by side: its environments, and the applications of the one that is
//! looked at.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Environment, Project};

use crate::components::inline_create::InlineCreate;
use crate::erased::{Keyed, keyed, memo};
use crate::page::{Page, Place};
use crate::place_names;

/// Links, one of them current, and a way to make another. The links follow the project; what is
/// typed beside them stays.
#[component]
pub fn ScopeTabs(
    /// The project.
    project: Memo<Option<Project>>,
    /// The scope that is looked at.
    place: Place,
    /// Whether all are, side by side.
    #[prop(optional)]
    all: bool,
    /// Whether an environment is being named; shared where another button asks for one too.
    #[prop(optional)]
    naming: Option<RwSignal<bool>>,
) -> impl IntoView {
    let naming = naming.unwrap_or_else(|| RwSignal::new(false));
    let top = Place::project(&place.project);
    let upper = Place { application: None, ..place.clone() };
    let environments = memo({
        let top = top.clone();
        move || project.with(|project| project.as_ref().map(|p| environments(p, &top)))
    });
    let project_id = place.project.clone();
    view! {
        <Row
            name="Environments"
            tabs=environments
            here=if all {
                Page::Matrix(place.project.clone())
            } else {
                Page::Scope(upper.clone())
            }
        >
            <InlineCreate
                label="New environment"
                field="Environment name"
                class="button ghost small"
                request=Arc::new(move |name| {
                    Request::CreateEnvironment { project: project_id.clone(), name }
                })
                page=Arc::new(move |id| Page::Scope(top.environment(id)))
                open=naming
            />
        </Row>
        {place.environment.clone().map(|id| {
            let environment = id.clone();
            let above = upper.clone();
            let applications = memo(move || {
                project.with(|project| {
                    let environment = place_names::environment(project.as_ref()?, &id)?;
                    Some(applications(environment, &upper))
                })
            });
            view! {
                <Row name="Applications" tabs=applications here=Page::Scope(place)>
                    <InlineCreate
                        label="New application"
                        field="Application name"
                        class="button ghost small"
                        request=Arc::new(move |name| {
                            Request::CreateApplication { environment: environment.clone(), name }
                        })
                        page=Arc::new(move |id| Page::Scope(above.application(id)))
                    />
                </Row>
            }
        })}
    }
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
    [all, shared].into_iter().chain(others).collect()
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

#[component]
fn Row(
    name: &'static str,
    tabs: Memo<Option<Vec<Tab>>>,
    here: Page,
    children: Children,
) -> impl IntoView {
    let link = move |tab: Tab| {
        let path = tab.page.path();
        let key = format!("{path}\n{}\n{:?}", tab.name, tab.secrets);
        let current = (tab.page == here).then_some("page");
        Keyed::new(key, move || {
            let count = tab.secrets.map(|secrets| {
                view! {
                    <span class="count">{secrets} <span class="unseen">" secrets"</span></span>
                }
            });
            view! { <li><a href=path aria-current=current>{tab.name} {count}</a></li> }.into_any()
        })
    };
    let links = move || {
        let tabs = tabs.get().unwrap_or_default();
        tabs.into_iter().map(&link).collect()
    };
    view! {
        <nav class="tabs" aria-label=name>
            <ul>
                {keyed(links)}
            </ul>
            {children()}
        </nav>
    }
}
