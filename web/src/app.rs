//! The root: what every component may ask for, and which screen an address shows.

use std::mem::discriminant;

use leptos::prelude::*;

use crate::address::Address;
use crate::components::shell::shell;
use crate::components::toast::toast_region;
use crate::erased::{lazy, memo, on_window};
use crate::page::Page;
use crate::pages::{
    Compare, Gallery, ImportPage, KeysPage, MatrixPage, NotFound, Projects, Recover, RootKeyPage,
    RotationPage, ScopePage, Search, Settings, Setup, Unlock, account, alarm, history, join,
    machines, people, recover_team, worklist,
};
use crate::parts::all;
use crate::session::Session;
use crate::{idle, preferences};

/// The whole console.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::new();
    provide_context(session);
    preferences::provide();
    session.start();
    session.keep_drafts();
    idle::install(session);
    warn_of_drafts(session);
    let address = session.address;
    let inside = memo(move || address.page().is_some_and(|page| page.is_inside()));
    let body = lazy(move || if inside.get() { shell() } else { screen(address, outside) });
    all(vec![body, toast_region(session.toasts)])
}

/// What the address shows. Another address of the same kind of page, such as the next scope, keeps
/// the page: it follows by itself.
pub fn screen(address: Address, show: fn(Option<Page>) -> AnyView) -> AnyView {
    let kind = memo(move || address.page().as_ref().map(discriminant));
    lazy(move || show(kind.get().and_then(|_| untrack(|| address.page()))))
}

fn outside(page: Option<Page>) -> AnyView {
    match page {
        None => view! { <NotFound /> }.into_any(),
        Some(Page::Setup) => view! { <Setup /> }.into_any(),
        Some(Page::Unlock) => view! { <Unlock /> }.into_any(),
        Some(Page::Recover) => view! { <Recover /> }.into_any(),
        Some(Page::RecoverTeam) => recover_team(),
        Some(Page::Join) => join(),
        Some(Page::Alarm) => alarm(),
        Some(Page::Gallery) => view! { <Gallery /> }.into_any(),
        // The shell shows it.
        Some(_) => ().into_any(),
    }
}

/// The pages of an open console.
pub fn inside(page: Option<Page>) -> AnyView {
    match page {
        Some(Page::Projects) => view! { <Projects /> }.into_any(),
        Some(Page::Matrix(_)) => view! { <MatrixPage /> }.into_any(),
        Some(Page::Compare(_)) => view! { <Compare /> }.into_any(),
        Some(Page::Scope(_)) => view! { <ScopePage /> }.into_any(),
        Some(Page::Import(_)) => view! { <ImportPage /> }.into_any(),
        Some(Page::Search(_)) => view! { <Search /> }.into_any(),
        Some(Page::Keys) => view! { <KeysPage /> }.into_any(),
        Some(Page::Rotation) => view! { <RotationPage /> }.into_any(),
        Some(Page::People) => people(),
        Some(Page::Machines) => machines(),
        Some(Page::Account) => account(),
        Some(Page::Worklist) => worklist(),
        Some(Page::RootKey) => view! { <RootKeyPage /> }.into_any(),
        Some(Page::History) => history(),
        Some(Page::Settings) => view! { <Settings /> }.into_any(),
        _ => ().into_any(),
    }
}

/// A page with a draft that is not kept yet asks before it is closed.
fn warn_of_drafts(session: Session) {
    let _ = on_window("beforeunload", move |event: web_sys::Event| {
        if !session.drafts.are_kept() {
            event.prevent_default();
        }
    });
}
