//! Team, projects, and the places that belong to none.

use leptos::prelude::*;
use subrosa_bridge::view::Project;

use crate::components::review::tray;
use crate::element::{El, el};
use crate::erased::{Keyed, effect, keyed};
use crate::icons;
use crate::page::Page;
use crate::parts::{link, live, press, span};
use crate::preferences::use_preferences;
use crate::session::use_session;
use crate::text;

/// The navigation at the side; on a narrow page it comes and goes.
pub fn sidebar(shown: RwSignal<bool>, on_palette: Callback<()>, on_review: Callback<()>) -> El {
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
                    el("li").put(project_link(&id, name)).any()
                })
            };
            overview.projects.iter().map(link).collect()
        })
    };
    effect(move || {
        path.track();
        shown.set(false);
    });
    let named = el("p")
        .class("grow")
        .put(span("strong", vec![live(team)]))
        .put(span("quiet", vec![live(label)]));
    let mark = el("span").class("mark").put(icons::Rose());
    let search = press("button search", move || on_palette.run(()))
        .put(icons::Lens())
        .put(el("span").class("grow").put("Search or jump to"))
        .put(el("kbd").is("aria-hidden", "true").put("⌘K"));
    let lock = press("nav-item", move || session.lock(true)).put(icons::Lock()).put("Lock");
    let item = |page: Page, label: &'static str, icon: AnyView| {
        let path = page.path();
        let here = session.address.path();
        let current = {
            let path = path.clone();
            move || here.with(|here| *here == path).then(|| "page".to_owned())
        };
        let link = link("nav-item", path).maybe("aria-current", current);
        el("li").put(link.put(icon).put(label))
    };
    let last = el("ul")
        .class("end")
        .put(item(Page::Search(String::new()), "Search", icons::Lens()))
        .put(item(Page::People, "People", icons::People()))
        .put(item(Page::Machines, "Machines", icons::Machine()))
        .put(item(Page::Keys, "Keys", icons::Key()))
        .put(item(Page::Rotation, "Rotation", icons::Cycle()))
        .put(item(Page::RootKey, "Root key", icons::Printer()))
        .put(item(Page::History, "History", icons::Clock()))
        .put(item(Page::Settings, "Settings", icons::Sliders()))
        .put(item(Page::Account, "Account", icons::Person()))
        .put(el("li").put(lock));
    let projects = el("ul").class("projects").is("aria-label", "All projects").put(keyed(projects));
    let main = el("nav")
        .is("aria-label", "Main")
        .put(el("ul").put(item(Page::Projects, "Projects", icons::Folder())))
        .put(projects)
        .put(last);
    el("aside")
        .class("sidebar")
        .toggles("shown", move || shown.get())
        .is("id", "sidebar")
        .is("aria-label", "Sidebar")
        .put(el("div").class("team").put(mark).put(named))
        .put(search)
        .put(tray(on_review))
        .put(main)
}

fn project_link(id: &str, name: String) -> El {
    let here = use_session().address.path();
    let path = Page::Matrix(id.to_owned()).path();
    let href = path.clone();
    let current = move || {
        let inside = here.with(|here| {
            here.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        inside.then(|| "true".to_owned())
    };
    let initial = el("span").class("initial").is("aria-hidden", "true").put(text::initial(&name));
    link("nav-item", href)
        .maybe("aria-current", current)
        .put(initial)
        .put(el("span").class("clip").put(name))
}
