//! `⌘K`: go to any scope, do any action, find any secret.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use subrosa_bridge::Request;
use wasm_bindgen::JsCast;

use crate::components::dialog::dialog;
use crate::element::el;
use crate::erased::{effect, lazy, memo, spawn};
use crate::find::rank;
use crate::page::Page;
use crate::parts::all;
use crate::place_names;
use crate::session::{Session, use_session};

/// How many are offered.
const MOST: usize = 12;
/// How many of them are secrets.
const MOST_SECRETS: u32 = 6;

/// Something to choose.
#[derive(Clone, PartialEq)]
struct Offer {
    kind: &'static str,
    name: String,
    does: Does,
}

#[derive(Clone, PartialEq)]
enum Does {
    Go(String),
    Lock,
    Help,
    Sync,
}

/// The palette.
pub fn palette(on_close: Callback<()>, on_help: Callback<()>) -> AnyView {
    let session = use_session();
    let wanted = RwSignal::new(String::new());
    let secrets = RwSignal::new(Vec::<Offer>::new());
    let chosen = RwSignal::new(0_usize);

    let offers = memo(move || {
        let wanted = wanted.get();
        let all = fixed(session);
        let ranks = all.iter().enumerate();
        let mut ranked: Vec<(usize, usize)> =
            ranks.filter_map(|(at, offer)| Some((rank(&offer.name, &wanted)?, at))).collect();
        // The best few, one after the other: far less code than to sort them all.
        let best = (0..MOST).map_while(|_| {
            let (place, _) = ranked.iter().enumerate().min_by_key(|(_, ranked)| **ranked)?;
            Some(ranked.swap_remove(place))
        });
        let mut offers: Vec<Offer> = best.map(|(_, at)| all[at].clone()).collect();
        offers.extend(secrets.get());
        if !wanted.trim().is_empty() {
            offers.push(Offer {
                kind: "Search",
                name: format!("Search all secrets for “{}”", wanted.trim()),
                does: Does::Go(Page::Search(wanted.trim().to_owned()).path()),
            });
        }
        offers
    });
    effect(move || {
        let text = wanted.get();
        chosen.set(0);
        look_up(session, wanted, secrets, text);
    });

    let run = move |index: usize| {
        let Some(offer) = offers.with_untracked(|offers| offers.get(index).cloned()) else {
            return;
        };
        on_close.run(());
        match offer.does {
            Does::Go(path) => session.go(&path),
            Does::Lock => session.lock(true),
            Does::Help => on_help.run(()),
            Does::Sync => session.sync(),
        }
    };
    let step = move |by: isize| {
        let many = offers.with_untracked(Vec::len);
        if many > 0 {
            let next = (chosen.get_untracked() + many).saturating_add_signed(by) % many;
            chosen.set(next);
            if let Some(option) = document().get_element_by_id(&option_id(next)) {
                let how = web_sys::ScrollIntoViewOptions::new();
                how.set_block(web_sys::ScrollLogicalPosition::Nearest);
                option.scroll_into_view_with_scroll_into_view_options(&how);
            }
        }
    };
    let on_keydown = move |event: web_sys::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => step(1),
            "ArrowUp" => step(-1),
            "Enter" => run(chosen.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    let field = el("input")
        .is("type", "text")
        .is("role", "combobox")
        .is("aria-label", "Go to or do")
        .is("placeholder", "Go to a scope, run an action, find a secret…")
        .is("autocomplete", "off")
        .is("spellcheck", "false")
        .is("aria-expanded", "true")
        .is("aria-autocomplete", "list")
        .is("aria-controls", "palette-list")
        .follows("aria-activedescendant", move || option_id(chosen.get()))
        .typed(wanted)
        .keys(on_keydown);
    let option = move |(index, offer): (usize, Offer)| {
        el("li")
            .is("role", "option")
            .is("id", option_id(index))
            .states("aria-selected", move || chosen.get() == index)
            .on("mousedown", move |event| event.prevent_default())
            .click(move || run(index))
            .put(el("span").class("grow").put(offer.name))
            .put(el("span").class("quiet").put(offer.kind))
            .any()
    };
    let options = lazy(move || all(offers.get().into_iter().enumerate().map(option).collect()));
    let list = el("ul")
        .is("id", "palette-list")
        .is("role", "listbox")
        .is("aria-label", "Results")
        .put(options);
    dialog("Command palette", "palette", on_close, vec![field.any(), list.any()])
}

fn option_id(index: usize) -> String {
    format!("palette-{index}")
}

/// All but the secrets.
fn fixed(session: Session) -> Vec<Offer> {
    let go = |kind, name: &str, page: Page| Offer {
        kind,
        name: name.to_owned(),
        does: Does::Go(page.path()),
    };
    let act = |name: &str, does| Offer { kind: "Action", name: name.to_owned(), does };
    let mut offers = Vec::new();
    session.overview.with(|overview| {
        let Some(overview) = overview else { return };
        for place in place_names::all(overview) {
            let Some(names) = place_names::names(overview, &place) else { continue };
            let mut name = names.join(" / ");
            let kind = match (&place.environment, &place.application) {
                (None, _) => {
                    offers.push(go("Project", &name, Page::Matrix(place.project.clone())));
                    name.push_str(" / Shared");
                    "Shared"
                }
                (_, None) => "Environment",
                _ => "Application",
            };
            offers.push(go(kind, &name, Page::Scope(place)));
        }
    });
    // With nothing typed, actions and projects must both be seen.
    offers.truncate(200);
    let (mut offers, others): (Vec<_>, Vec<_>) =
        offers.into_iter().partition(|offer| offer.kind == "Project");
    offers.extend(others);
    let actions = [
        go("Go to", "Projects", Page::Projects),
        go("Go to", "Search", Page::Search(String::new())),
        go("Go to", "People", Page::People),
        go("Go to", "Machines", Page::Machines),
        go("Go to", "Worklist", Page::Worklist),
        go("Go to", "Keys", Page::Keys),
        go("Go to", "Rotation", Page::Rotation),
        go("Go to", "Root key", Page::RootKey),
        go("Go to", "History", Page::History),
        go("Go to", "Settings", Page::Settings),
        go("Go to", "Account", Page::Account),
        go("Go to", "Component gallery", Page::Gallery),
        act("Lock", Does::Lock),
        act("Fetch what is new", Does::Sync),
        act("Keyboard shortcuts", Does::Help),
    ];
    let projects = offers.len().min(MOST - actions.len());
    let rest = offers.split_off(projects);
    offers.into_iter().chain(actions).chain(rest).collect()
}

/// Asks for secrets once the typing pauses.
fn look_up(
    session: Session,
    wanted: RwSignal<String>,
    secrets: RwSignal<Vec<Offer>>,
    text: String,
) {
    if text.trim().len() < 2 {
        secrets.set(Vec::new());
        return;
    }
    spawn(async move {
        TimeoutFuture::new(80).await;
        if wanted.try_get_untracked().as_deref() != Some(text.as_str()) {
            return;
        }
        let limit = MOST_SECRETS as usize;
        let request = Request::Search { text: text.trim().to_owned(), limit };
        let Ok(found) = session.keyholder.window(request).await else { return };
        if wanted.try_get_untracked().as_deref() != Some(text.as_str()) {
            return;
        }
        let offers = session.overview.with_untracked(|overview| {
            let overview = overview.as_ref()?;
            let offer = |row: subrosa_bridge::view::Row| {
                let place = place_names::locate(overview, &row.scope)?;
                Some(Offer {
                    kind: "Secret",
                    name: format!("{} · {}", row.key, row.scope_name),
                    does: Does::Go(place.path_filtered(&row.key)),
                })
            };
            Some(found.rows.into_iter().filter_map(offer).collect())
        });
        let _ = secrets.try_set(offers.unwrap_or_default());
    });
}

/// Whether a key was pressed where text is typed.
pub fn in_field(event: &web_sys::KeyboardEvent) -> bool {
    in_editable(event)
}

/// Whether something happened where text is typed.
pub fn in_editable(event: &web_sys::Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| matches!(t.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

/// Whether a dialog is open: single keys belong to it then.
pub fn dialog_open() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}
