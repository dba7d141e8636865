//! Team, projects, and the places that belong to none.

use leptos::prelude::*;
use subrosa_bridge::view::Project;

use crate::components::review::tray;
use crate::erased::{Keyed, click, effect, keyed};
use crate::icons;
use crate::page::Page;
use crate::preferences::use_preferences;
use crate::session::use_session;
use crate::text;

/// The navigation at the side; on a narrow page it comes and goes.
#[component]
pub fn Sidebar(
    /// Whether it is seen on a narrow page.
    shown: RwSignal<bool>,
    /// Opens the palette.
    on_palette: Callback<()>,
    /// Opens the review of the drafts.
    on_review: Callback<()>,
) -> impl IntoView {
    let session = use_session();
    let preferences = use_preferences();
    let path = session.address.path();
    let team = move || {
        session.overview.with(|o| o.as_ref().map(|o| o.team_name.clone()).unwrap_or_default())
    };
    let label = move || preferences.with(|p| p.server_label.clone());
    let projects = move || {
        session.overview.with(|overview| {
            let Some(overview) = overview else { return Vec::new() };
            let link = |project: &Project| {
                let (id, name) = (project.id.clone(), project.name.clone());
                Keyed::new(format!("{id}\n{name}"), move || {
                    view! { <li><ProjectLink id name /></li> }.into_any()
                })
            };
            overview.projects.iter().map(link).collect()
        })
    };
    effect(move || {
        path.track();
        shown.set(false);
    });
    view! {
        <aside class="sidebar" class:shown=move || shown.get() id="sidebar" aria-label="Sidebar">
            <div class="team">
                <span class="mark"><icons::Rose /></span>
                <p class="grow">
                    <span class="strong">{team}</span>
                    <span class="quiet">{label}</span>
                </p>
            </div>
            <button type="button" class="button search" on:click=click(move || on_palette.run(()))>
                <icons::Lens />
                <span class="grow">"Search or jump to"</span>
                <kbd aria-hidden="true">"⌘K"</kbd>
            </button>
            {tray(on_review)}
            <nav aria-label="Main">
                <ul>
                    <li><NavLink page=Page::Projects label="Projects"><icons::Folder /></NavLink></li>
                </ul>
                <ul class="projects" aria-label="All projects">
                    {keyed(projects)}
                </ul>
                <ul class="end">
                    <li>
                        <NavLink page=Page::Search(String::new()) label="Search">
                            <icons::Lens />
                        </NavLink>
                    </li>
                    <li><NavLink page=Page::Keys label="Keys"><icons::Key /></NavLink></li>
                    <li><NavLink page=Page::Rotation label="Rotation"><icons::Cycle /></NavLink></li>
                    <li><NavLink page=Page::RootKey label="Root key"><icons::Printer /></NavLink></li>
                    <li><NavLink page=Page::Settings label="Settings"><icons::Sliders /></NavLink></li>
                    <li>
                        <button type="button" class="nav-item" on:click=click(move || session.lock(true))>
                            <icons::Lock />
                            "Lock"
                        </button>
                    </li>
                </ul>
            </nav>
        </aside>
    }
}

#[component]
fn NavLink(page: Page, label: &'static str, children: Children) -> impl IntoView {
    let here = use_session().address.path();
    let path = page.path();
    let href = path.clone();
    let current = move || here.with(|here| *here == path).then_some("page");
    view! {
        <a class="nav-item" href=href aria-current=current>
            {children()}
            {label}
        </a>
    }
}

#[component]
fn ProjectLink(id: String, name: String) -> impl IntoView {
    let here = use_session().address.path();
    let path = Page::Matrix(id).path();
    let href = path.clone();
    let current = move || {
        here.with(|here| {
            here.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
        .then_some("true")
    };
    view! {
        <a class="nav-item" href=href aria-current=current>
            <span class="initial" aria-hidden="true">
                {text::initial(&name)}
            </span>
            <span class="clip">{name}</span>
        </a>
    }
}
