//! The scopes of a project side by side: its environments, and the applications of the one that is
//! looked at.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Environment, Project};

use crate::components::inline_create::InlineCreate;
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
) -> impl IntoView {
    let top = Place::project(&place.project);
    let upper = Place { application: None, ..place.clone() };
    let environments = Memo::new({
        let top = top.clone();
        move |_| project.with(|project| project.as_ref().map(|p| environments(p, &top)))
    });
    let project_id = place.project.clone();
    view! {
        <Row name="Environments" tabs=environments here=upper.clone()>
            <InlineCreate
                label="New environment"
                field="Environment name"
                class="button ghost small"
                request=Arc::new(move |name| {
                    Request::CreateEnvironment { project: project_id.clone(), name }
                })
                page=Arc::new(move |id| Page::Scope(top.environment(id)))
            />
        </Row>
        {place.environment.clone().map(|id| {
            let environment = id.clone();
            let above = upper.clone();
            let applications = Memo::new(move |_| {
                project.with(|project| {
                    let environment = place_names::environment(project.as_ref()?, &id)?;
                    Some(applications(environment, &upper))
                })
            });
            view! {
                <Row name="Applications" tabs=applications here=place>
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
    place: Place,
    name: String,
    secrets: usize,
}

fn environments(project: &Project, top: &Place) -> Vec<Tab> {
    let shared = Tab { place: top.clone(), name: "Shared".into(), secrets: project.secrets };
    let others = project.environments.iter().map(|environment| Tab {
        place: top.environment(&environment.id),
        name: environment.name.clone(),
        secrets: environment.secrets,
    });
    std::iter::once(shared).chain(others).collect()
}

fn applications(environment: &Environment, upper: &Place) -> Vec<Tab> {
    let whole = Tab {
        place: upper.clone(),
        name: "Whole environment".into(),
        secrets: environment.secrets,
    };
    let others = environment.applications.iter().map(|application| Tab {
        place: upper.application(&application.id),
        name: application.name.clone(),
        secrets: application.secrets,
    });
    std::iter::once(whole).chain(others).collect()
}

#[component]
fn Row(
    name: &'static str,
    tabs: Memo<Option<Vec<Tab>>>,
    here: Place,
    children: Children,
) -> impl IntoView {
    let key = |tab: &Tab| (tab.place.clone(), tab.name.clone(), tab.secrets);
    view! {
        <nav class="tabs" aria-label=name>
            <ul>
                <For each=move || tabs.get().unwrap_or_default() key=key let:tab>
                    <li>
                        <a
                            href=Page::Scope(tab.place.clone()).path()
                            aria-current=(tab.place == here).then_some("page")
                        >
                            {tab.name.clone()}
                            <span class="count">
                                {tab.secrets}
                                <span class="unseen">" secrets"</span>
                            </span>
                        </a>
                    </li>
                </For>
            </ul>
            {children()}
        </nav>
    }
}
