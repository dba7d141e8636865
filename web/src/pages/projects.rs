//! All projects, and what needs attention.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Overview, Project};

use crate::components::inline_create::InlineCreate;
use crate::components::state::Empty;
use crate::components::time::Time;
use crate::erased::{click, lazy, memo};
use crate::format;
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::parts::{all, div, li, p, section, text, ul};
use crate::place_names;
use crate::session::use_session;

/// The first screen of an open console.
#[component]
pub fn Projects() -> impl IntoView {
    title("Projects");
    let session = use_session();
    let projects = move || {
        session.overview.with(|overview| {
            overview.as_ref().map(|overview| overview.projects.clone()).unwrap_or_default()
        })
    };
    let none = memo(move || {
        session.overview.with(|overview| overview.as_ref().is_none_or(|o| o.projects.is_empty()))
    });
    let naming = RwSignal::new(false);
    let request = Arc::new(|name| Request::CreateProject { name });
    let page = Arc::new(Page::Matrix);
    view! {
        <header class="page-head">
            <h1>"Projects"</h1>
            <InlineCreate
                label="New project"
                field="Project name"
                class="button primary"
                request
                page
                open=naming
            />
        </header>
        {attention()}
        <Show
            when=move || none.get()
            fallback=move || view! {
                <ul class="cards">
                    {lazy(move || all(projects().into_iter().map(card).collect()))}
                </ul>
            }
        >
            <Empty
                title="No project yet"
                text="A project holds the secrets of one product: shared ones, and those of each environment and application. Most teams start with one per repository."
            >
                <button type="button" class="button primary" on:click=click(move || naming.set(true))>
                    <icons::Plus />
                    "Create the first project"
                </button>
            </Empty>
        </Show>
        {move || session.overview.with(|overview| overview.as_ref().map(|o| o.synced_at)).map(|at| view! {
            <p class="quiet foot">"Last answer of the server: " <Time at /></p>
        })}
    }
}

fn card(project: Project) -> AnyView {
    let environments = project.environments.iter().map(|e| e.name.as_str()).collect::<Vec<_>>();
    let below = if environments.is_empty() {
        "no environment yet".to_owned()
    } else {
        environments.join(", ")
    };
    let secrets = format::count(place_names::secrets(&project), "secret", "secrets");
    let initial = crate::text::initial(&project.name);
    let initial = view! { <span class="initial" aria-hidden="true">{initial}</span> };
    let link = view! { <h2><a href=Page::Matrix(project.id).path()>{project.name}</a></h2> };
    li(
        "card",
        vec![
            initial.into_any(),
            div("grow", vec![link.into_any(), p("quiet clip", vec![text(below)])]),
            p("quiet", vec![text(secrets)]),
        ],
    )
}

/// What can't be opened, and keys that ask for a rotation. An offline server and alarms are said above
/// every screen.
fn attention() -> AnyView {
    let session = use_session();
    lazy(move || {
        let Some(overview) = session.overview.get() else { return all(Vec::new()) };
        let Overview { damage, unfinished, due, .. } = overview;
        let (damaged, keys) = (!damage.is_empty(), !(unfinished.is_empty() && due.is_empty()));
        if !damaged && !keys {
            return all(Vec::new());
        }
        let named = |names: Vec<String>, words: &'static str| {
            names.into_iter().map(move |name| format!("{name}: {words}"))
        };
        let lines = damage.into_iter();
        let lines = lines.chain(named(unfinished, "its rotation is not finished."));
        let lines = lines.chain(named(due, "due for rotation."));
        let title = all(vec![icons::Warning().into_any(), text("Needs attention")]);
        let mut parts = vec![
            view! { <h2>{title}</h2> }.into_any(),
            ul("", lines.map(|line| li("", vec![text(line)])).collect()),
        ];
        if damaged {
            let hint = "The rest still opens. An older version may be in the history; nothing is \
                        overwritten by itself.";
            parts.push(p("hint", vec![text(hint)]));
        }
        if keys {
            let to = |page: Page, words: &'static str| {
                view! { <a class="button small" href=page.path()>{words}</a> }.into_any()
            };
            parts.push(div(
                "actions",
                vec![
                    to(Page::Rotation, "Go to the rotation"),
                    to(Page::Keys, "Go to the named keys"),
                ],
            ));
        }
        section("attention", "Needs attention", parts)
    })
}
