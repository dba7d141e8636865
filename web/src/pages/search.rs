//! Every project at once, by key and note.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Row, Secrets};

use crate::components::field::focused;
use crate::components::state::{Loaded, empty, failure, loading};
use crate::components::time::time;
use crate::element::el;
use crate::erased::{effect, lazy, spawn};
use crate::format;
use crate::page::Page;
use crate::pages::title;
use crate::parts::{all, head, link, nothing, press, results, span, status, text};
use crate::place_names;
use crate::session::{Session, use_session};

/// How many are shown.
const MOST: usize = 100;

/// `/search#q=`.
#[component]
pub fn Search() -> impl IntoView {
    title("Search");
    let session = use_session();
    let address = session.address;
    let text = RwSignal::new(untrack(|| address.asked("q")).unwrap_or_default());
    let found = RwSignal::new(Loaded::<Secrets>::Waiting);
    let again = RwSignal::new(0_u32);
    // A new search from the palette, while this page is open.
    effect(move || {
        let asked = address.asked("q").unwrap_or_default();
        if asked != text.get_untracked() {
            text.set(asked);
        }
    });
    effect(move || {
        let wanted = text.get();
        session.changes.track();
        again.track();
        if wanted.trim().is_empty() {
            return;
        }
        spawn(async move {
            TimeoutFuture::new(80).await;
            if text.try_get_untracked().as_ref() != Some(&wanted) {
                return;
            }
            // So that a reload and a link show the same; not a new place in the history for every
            // letter.
            session.go_instead(&Page::Search(wanted.clone()).path());
            let request = Request::Search { text: wanted.trim().to_owned(), limit: MOST };
            let result = session.keyholder.window(request).await;
            if text.try_get_untracked().as_ref() == Some(&wanted) {
                let _ = found.try_set(result.into());
            }
        });
    });
    let equal = Equal { session, found: RwSignal::new(None) };
    let input = el("input")
        .is("id", "search-text")
        .is("type", "search")
        .is("placeholder", "Search keys and notes in every project")
        .is("autocomplete", "off")
        .is("spellcheck", "false")
        .is("data-filter", "")
        .typed(text);
    let form = el("form")
        .class("search-form")
        .is("role", "search")
        .submit(|| ())
        .put(el("label").class("unseen").is("for", "search-text").put("Search keys and notes"))
        .put(focused(input));
    let body = lazy(move || {
        if text.with(|text| text.trim().is_empty()) {
            let find = press("button", move || equal.find()).put("Find equal values");
            let said = "By a part of a key or of a note. Values are not searched.";
            return all(vec![
                empty("Search every project", said, vec![find.any()]),
                lazy(move || equals(equal)),
            ]);
        }
        match found.get() {
            Loaded::Waiting => loading(4),
            Loaded::Failed(problem) => {
                failure(problem, Some(Callback::new(move |()| again.update(|n| *n += 1))))
            }
            Loaded::Here(found) if found.rows.is_empty() => empty(
                "Nothing found",
                "No key and no note has this in it. Secrets of vaults that you have no key for are not searched.",
                Vec::new(),
            ),
            Loaded::Here(found) => results_of(found),
        }
    });
    all(vec![head("Search", Vec::new()), form.any(), body])
}

/// Secrets that have equal values: found on this device, and shown without them.
#[derive(Clone, Copy)]
struct Equal {
    session: Session,
    found: RwSignal<Option<Loaded<Vec<Vec<Row>>>>>,
}

impl Equal {
    fn find(self) {
        self.found.set(Some(Loaded::Waiting));
        spawn(async move {
            let answer = self.session.keyholder.duplicates().await;
            let _ = self.found.try_set(Some(answer.into()));
        });
    }
}

fn equals(equal: Equal) -> AnyView {
    match equal.found.get() {
        None => nothing(),
        Some(Loaded::Waiting) => loading(4),
        Some(Loaded::Failed(problem)) => {
            failure(problem, Some(Callback::new(move |()| equal.find())))
        }
        Some(Loaded::Here(groups)) => all(grouped(groups)),
    }
}

fn grouped(groups: Vec<Vec<Row>>) -> Vec<AnyView> {
    let said = match groups.len() {
        0 => "No two secrets have equal values.".to_owned(),
        many => format::count(many, "value is set more than once", "values are set more than once"),
    };
    let group = |group: Vec<Row>| {
        let many = format!("Equal values: {}", format::count(group.len(), "secret", "secrets"));
        results(many, group.into_iter().map(found).collect()).any()
    };
    [status("quiet", text(said))].into_iter().chain(groups.into_iter().map(group)).collect()
}

fn results_of(all_found: Secrets) -> AnyView {
    let Secrets { rows, total, .. } = all_found;
    let said = if total > rows.len() {
        format!("The first {} of {total} secrets", rows.len())
    } else {
        format::count(total, "secret", "secrets")
    };
    let rows = rows.into_iter().map(found).collect();
    all(vec![status("quiet", text(said)), results("Results", rows).any()])
}

fn found(row: Row) -> AnyView {
    let session = use_session();
    let path = session.overview.with_untracked(|overview| {
        let place = place_names::locate(overview.as_ref()?, &row.scope)?;
        Some(place.path_filtered(&row.key))
    });
    let link = link("", path.unwrap_or_else(|| Page::Projects.path()))
        .put(span("mono strong", vec![text(row.key)]))
        .put(span("quiet", vec![text(row.scope_name)]))
        .put(span("clip grow", vec![text(row.note)]))
        .put(span("quiet", vec![time(row.time).any()]));
    el("li").put(link).any()
}
