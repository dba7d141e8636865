//! All projects, and what needs attention.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::Project;

use crate::components::inline_create::InlineCreate;
use crate::components::state::Empty;
use crate::components::time::Time;
use crate::erased::{click, memo};
use crate::format;
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::place_names;
use crate::session::use_session;
use crate::text;

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
        <Attention />
        <Show
            when=move || none.get()
            fallback=move || view! {
                <ul class="cards">
                    {move || projects().into_iter().map(|project| view! { <Card project /> }).collect_view()}
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

#[component]
fn Card(project: Project) -> impl IntoView {
    let environments = project.environments.iter().map(|e| e.name.as_str()).collect::<Vec<_>>();
    let below = if environments.is_empty() {
        "no environment yet".to_owned()
    } else {
        environments.join(", ")
    };
    let secrets = format::count(place_names::secrets(&project), "secret", "secrets");
    view! {
        <li class="card">
            <span class="initial" aria-hidden="true">
                {text::initial(&project.name)}
            </span>
            <div class="grow">
                <h2>
                    <a href=Page::Matrix(project.id).path()>{project.name}</a>
                </h2>
                <p class="quiet clip">{below}</p>
            </div>
            <p class="quiet">{secrets}</p>
        </li>
    }
}

/// What can't be opened, and keys that ask for a rotation. An offline server and alarms are said above every screen.
#[component]
fn Attention() -> impl IntoView {
    let session = use_session();
    let attention = move || {
        session.overview.with(|overview| {
            let Some(overview) = overview else { return Vec::new() };
            let mut all = overview.damage.clone();
            let mut add = |names: &[String], words| {
                all.extend(names.iter().map(|name| format!("{name}: {words}")));
            };
            add(&overview.unfinished, "its rotation is not finished.");
            add(&overview.due, "its key is due for rotation.");
            all
        })
    };
    let damaged =
        move || session.overview.with(|it| it.as_ref().is_some_and(|it| !it.damage.is_empty()));
    let rotations = move || {
        session.overview.with(|overview| {
            overview.as_ref().is_some_and(|it| !(it.unfinished.is_empty() && it.due.is_empty()))
        })
    };
    move || {
        let attention = attention();
        (!attention.is_empty()).then(|| view! {
            <section class="attention" aria-labelledby="attention-title">
                <h2 id="attention-title">
                    <icons::Warning />
                    "Needs attention"
                </h2>
                <ul>{attention.into_iter().map(|what| view! { <li>{what}</li> }).collect_view()}</ul>
                {damaged().then(|| view! {
                    <p class="hint">
                        "The rest still opens. An older version may be in the history; nothing is overwritten by itself."
                    </p>
                })}
                {rotations().then(|| view! {
                    <a class="button small" href=Page::Rotation.path()>"Go to the rotation"</a>
                })}
            </section>
        })
    }
}
