//! All projects, and what needs attention.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Overview, Project};

use crate::components::inline_create::{Create, inline_create};
use crate::components::state::empty;
use crate::components::time::time;
use crate::element::el;
use crate::erased::{lazy, memo, when};
use crate::format;
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::parts::{all, div, head, li, link, nothing, p, press, section, text, ul};
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
    let owner = memo(move || {
        session.overview.with(|overview| overview.as_ref().is_some_and(|it| it.owner))
    });
    let create = Create {
        label: "New project",
        field: "Project name",
        class: "button primary",
        request,
        page,
        open: naming,
    };
    let create = when(move || owner.get(), move || inline_create(create.clone()));
    let body = lazy(move || {
        if none.get() && !owner.get() {
            let told = "You are in, and nobody has given you a vault yet. Ask an owner, or who \
                        manages what you need.";
            return empty("Nothing here for you yet", told, Vec::new());
        }
        if none.get() {
            let first = press("button primary", move || naming.set(true));
            return empty(
                "No project yet",
                "A project holds the secrets of one product: shared ones, and those of each environment and application. Most teams start with one per repository.",
                vec![first.put(icons::Plus()).put("Create the first project").any()],
            );
        }
        let cards = lazy(move || all(projects().into_iter().map(card).collect()));
        ul("cards", vec![cards])
    });
    let synced = lazy(move || {
        let at = session.overview.with(|overview| overview.as_ref().map(|o| o.synced_at));
        let said = |at| vec![text("Last answer of the server: "), time(at).any()];
        at.map_or_else(nothing, |at| p("quiet foot", said(at)))
    });
    all(vec![head("Projects", vec![create]), attention(), body, synced])
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
    let initial = el("span").class("initial").is("aria-hidden", "true").put(initial);
    let link = el("h2").put(link("", Page::Matrix(project.id).path()).put(project.name));
    li(
        "card",
        vec![
            initial.any(),
            div("grow", vec![link.any(), p("quiet clip", vec![text(below)])]),
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
        let Overview { damage, unfinished, due, waiting, keyless, worklist, .. } = overview;
        let (damaged, keys) = (!damage.is_empty(), !(unfinished.is_empty() && due.is_empty()));
        let door = !waiting.is_empty();
        if !damaged && !keys && !door && keyless + worklist == 0 {
            return all(Vec::new());
        }
        let named = |names: Vec<String>, words: &'static str| {
            names.into_iter().map(move |name| format!("{name}: {words}"))
        };
        let lines = damage.into_iter();
        let lines = lines.chain(named(unfinished, "its rotation is not finished."));
        let lines = lines.chain(named(due, "due for rotation."));
        let lines = lines.chain(named(waiting, "waits to be let in."));
        let keyless = (keyless > 0).then(|| {
            let vaults = format::count(keyless, "vault waits", "vaults wait");
            format!("{vaults} for keys: anybody who holds them brings them by unlocking.")
        });
        let lines = lines.chain(keyless);
        let left = (worklist > 0).then(|| {
            let secrets = format::count(worklist, "secret", "secrets");
            format!("{secrets} to be replaced: people could read them who may not any more.")
        });
        let lines = lines.chain(left);
        let title = all(vec![icons::Warning(), text("Needs attention")]);
        let mut parts = vec![
            el("h2").put(title).any(),
            ul("", lines.map(|line| li("", vec![text(line)])).collect()),
        ];
        if damaged {
            let hint = "The rest still opens. An older version may be in the history; nothing is \
                        overwritten by itself.";
            parts.push(p("hint", vec![text(hint)]));
        }
        if keys || door || worklist > 0 {
            let to = |page: Page, words: &'static str| {
                link("button small", page.path()).put(words).any()
            };
            let mut links = Vec::new();
            if door {
                links.push(to(Page::People, "Go to the people"));
            }
            if worklist > 0 {
                links.push(to(Page::Worklist, "Go to the worklist"));
            }
            if keys {
                links.push(to(Page::Rotation, "Go to the rotation"));
                links.push(to(Page::Keys, "Go to the named keys"));
            }
            parts.push(div("actions", links));
        }
        section("attention", "Needs attention", parts)
    })
}
