//! Every project at once, by key and note.

use gloo_timers::future::TimeoutFuture;
use leptos::html;
use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Row, Secrets};

use crate::components::field::focus_when_there;
use crate::components::state::{Empty, Failure, Loaded, Loading};
use crate::components::time::Time;
use crate::erased::{click, effect, lazy, spawn};
use crate::format;
use crate::page::Page;
use crate::pages::title;
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
    let node = NodeRef::<html::Input>::new();
    focus_when_there(node);
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
    view! {
        <header class="page-head"><h1>"Search"</h1></header>
        <form class="search-form" role="search" on:submit=move |event| event.prevent_default()>
            <label class="unseen" for="search-text">"Search keys and notes"</label>
            <input
                node_ref=node
                id="search-text"
                type="search"
                placeholder="Search keys and notes in every project"
                autocomplete="off"
                spellcheck="false"
                data-filter=""
                bind:value=text
            />
        </form>
        {lazy(move || {
            if text.with(|text| text.trim().is_empty()) {
                return view! {
                    <Empty
                        title="Search every project"
                        text="By a part of a key or of a note. Values are not searched."
                    >
                        <button type="button" class="button" on:click=click(move || equal.find())>
                            "Find equal values"
                        </button>
                    </Empty>
                    <Equals equal />
                }.into_any();
            }
            match found.get() {
                Loaded::Waiting => view! { <Loading /> }.into_any(),
                Loaded::Failed(problem) => view! {
                    <Failure problem retry=Callback::new(move |()| again.update(|n| *n += 1)) />
                }.into_any(),
                Loaded::Here(found) if found.rows.is_empty() => view! {
                    <Empty
                        title="Nothing found"
                        text="No key and no note has this in it. Secrets of vaults that you have no key for are not searched."
                    />
                }.into_any(),
                Loaded::Here(found) => view! { <Results found /> }.into_any(),
            }
        })}
    }
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

#[component]
fn Equals(equal: Equal) -> impl IntoView {
    move || match equal.found.get()? {
        Loaded::Waiting => Some(view! { <Loading /> }.into_any()),
        Loaded::Failed(problem) => {
            let retry = Callback::new(move |()| equal.find());
            Some(view! { <Failure problem retry /> }.into_any())
        }
        Loaded::Here(groups) => Some(view! { <Groups groups /> }.into_any()),
    }
}

#[component]
fn Groups(groups: Vec<Vec<Row>>) -> impl IntoView {
    let said = match groups.len() {
        0 => "No two secrets have equal values.".to_owned(),
        many => format::count(many, "value is set more than once", "values are set more than once"),
    };
    view! {
        <p class="quiet" role="status">{said}</p>
        {groups.into_iter().map(|group| {
            let many = format!("Equal values: {}", format::count(group.len(), "secret", "secrets"));
            view! {
                <ul class="results" aria-label=many>
                    {group.into_iter().map(|row| view! { <Found row /> }).collect_view()}
                </ul>
            }
        }).collect_view()}
    }
}

#[component]
fn Results(found: Secrets) -> impl IntoView {
    let said = if found.total > found.rows.len() {
        format!("The first {} of {} secrets", found.rows.len(), found.total)
    } else {
        format::count(found.total, "secret", "secrets")
    };
    view! {
        <p class="quiet" role="status">{said}</p>
        <ul class="results" aria-label="Results">
            {found.rows.into_iter().map(|row| view! { <Found row /> }).collect_view()}
        </ul>
    }
}

#[component]
fn Found(row: Row) -> impl IntoView {
    let session = use_session();
    let path = session.overview.with_untracked(|overview| {
        let place = place_names::locate(overview.as_ref()?, &row.scope)?;
        Some(place.path_filtered(&row.key))
    });
    view! {
        <li>
            <a href=path.unwrap_or_else(|| Page::Projects.path())>
                <span class="mono strong">{row.key}</span>
                <span class="quiet">{row.scope_name}</span>
                <span class="clip grow">{row.note}</span>
                <span class="quiet"><Time at=row.time /></span>
            </a>
        </li>
    }
}
