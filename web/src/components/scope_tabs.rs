//! The scopes of a project side by side: its environments, and the applications of the one that is
//! looked at.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use subrosa_bridge::Request;
use subrosa_bridge::view::Project;

use crate::components::inline_create::InlineCreate;
use crate::page::{Page, Place};
use crate::place_names;

/// Links, one of them current, and a way to make another.
#[component]
pub fn ScopeTabs(
    /// The project.
    project: Project,
    /// The scope that is looked at.
    place: Place,
) -> impl IntoView {
    let top = Place::project(&project.id);
    let environment =
        place.environment.as_deref().and_then(|id| place_names::environment(&project, id)).cloned();
    let shared = Tab { place: top.clone(), name: "Shared".into(), secrets: project.secrets };
    let environments = std::iter::once(shared)
        .chain(project.environments.iter().map(|environment| Tab {
            place: top.environment(&environment.id),
            name: environment.name.clone(),
            secrets: environment.secrets,
        }))
        .collect();
    let upper = Place { application: None, ..place.clone() };
    let id = project.id.clone();
    view! {
        <Row name="Environments" tabs=environments here=upper>
            <Create
                label="New environment"
                field="Environment name"
                request=Callback::new(move |name| {
                    Request::CreateEnvironment { project: id.clone(), name }
                })
                page=Callback::new(move |id: String| top.environment(id))
            />
        </Row>
        {environment.map(|environment| {
            let above = Place { application: None, ..place.clone() };
            let whole = Tab {
                place: above.clone(),
                name: "Whole environment".into(),
                secrets: environment.secrets,
            };
            let tabs = std::iter::once(whole)
                .chain(environment.applications.iter().map(|application| Tab {
                    place: above.application(&application.id),
                    name: application.name.clone(),
                    secrets: application.secrets,
                }))
                .collect();
            let id = environment.id.clone();
            view! {
                <Row name="Applications" tabs=tabs here=place.clone()>
                    <Create
                        label="New application"
                        field="Application name"
                        request=Callback::new(move |name| {
                            Request::CreateApplication { environment: id.clone(), name }
                        })
                        page=Callback::new(move |id: String| above.application(id))
                    />
                </Row>
            }
        })}
    }
}

struct Tab {
    place: Place,
    name: String,
    secrets: usize,
}

#[component]
fn Row(name: &'static str, tabs: Vec<Tab>, here: Place, children: Children) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label=name>
            <ul>
                {tabs.into_iter().map(|tab| {
                    let current = (tab.place == here).then_some("page");
                    view! {
                        <li>
                            <a href=Page::Scope(tab.place).path() aria-current=current>
                                {tab.name}
                                <span class="count">
                                    {tab.secrets}
                                    <span class="unseen">" secrets"</span>
                                </span>
                            </a>
                        </li>
                    }
                }).collect_view()}
            </ul>
            {children()}
        </nav>
    }
}

#[component]
fn Create(
    label: &'static str,
    field: &'static str,
    request: Callback<String, Request>,
    page: Callback<String, Place>,
) -> impl IntoView {
    let navigate = StoredValue::new_local(use_navigate());
    let on_created = Callback::new(move |id: String| {
        let path = Page::Scope(page.run(id)).path();
        let _ = navigate.try_with_value(|go| go(&path, NavigateOptions::default()));
    });
    view! { <InlineCreate label field request on_created class="button ghost small" /> }
}
