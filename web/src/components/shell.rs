//! What is around every screen of an open console: sidebar, banners, palette, the global keys.
//! Nothing inside exists while the console is locked.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use crate::app;
use crate::components::banner::Banners;
use crate::components::drop_anywhere::drop_anywhere;
use crate::components::help::Help;
use crate::components::palette::{Palette, dialog_open, in_field};
use crate::components::production::production;
use crate::components::review::{review, tray};
use crate::components::sidebar::Sidebar;
use crate::components::state::Loading;
use crate::erased::{click, effect, lazy, memo, on_window};
use crate::icons;
use crate::page::Page;
use crate::preferences::use_preferences;
use crate::session::{Stage, use_session};

/// What lies over the page.
#[derive(Clone, Copy, PartialEq)]
enum Over {
    Nothing,
    Palette,
    Help,
    Review,
}

/// Shows the screen, or leads to where the console is unlocked.
#[component]
pub fn Shell() -> impl IntoView {
    let session = use_session();
    let open = memo(move || session.stage.get() == Stage::Open);
    effect(move || {
        let to = match session.stage.get() {
            Stage::Locked | Stage::Failed => Page::Unlock,
            Stage::Empty => Page::Recover,
            Stage::Loading | Stage::Open => return,
        };
        session.return_to.set_value(Some(session.address.whole()));
        session.go_instead(&to.path());
    });
    view! {
        <Show
            when=move || open.get()
            fallback=|| view! { <main class="alone"><h1 class="unseen">"Subrosa"</h1><Loading /></main> }
        >
            <Frame />
        </Show>
    }
}

#[component]
fn Frame() -> impl IntoView {
    let over = RwSignal::new(Over::Nothing);
    let sidebar = RwSignal::new(false);
    let close = Callback::new(move |()| over.set(Over::Nothing));
    let review_them = Callback::new(move |()| over.set(Over::Review));
    listen(over, sidebar);
    view! {
        <nav aria-label="Skip">
            <a class="skip" href="#content">
                "Skip to content"
            </a>
        </nav>
        <div class="shell">
            <header class="topbar">
                <button
                    type="button"
                    class="button ghost"
                    aria-expanded=move || if sidebar.get() { "true" } else { "false" }
                    aria-controls="sidebar"
                    on:click=click(move || sidebar.update(|shown| *shown = !*shown))
                >
                    <icons::Menu />
                    "Menu"
                </button>
                <span class="mark"><icons::Rose /></span>
                <span class="grow"></span>
                {tray(review_them)}
            </header>
            <Sidebar
                shown=sidebar
                on_palette=Callback::new(move |()| over.set(Over::Palette))
                on_review=review_them
            />
            <main id="content" tabindex="-1">
                <Banners />
                {app::screen(use_session().address, app::inside)}
            </main>
        </div>
        {lazy(move || match over.get() {
            Over::Nothing => ().into_any(),
            Over::Palette => view! {
                <Palette
                    on_close=close
                    on_help=Callback::new(move |()| over.set(Over::Help))
                />
            }.into_any(),
            Over::Help => view! { <Help on_close=close /> }.into_any(),
            Over::Review => review(close),
        })}
        {production(use_session())}
        {drop_anywhere()}
    }
}

/// The keys that work everywhere.
fn listen(over: RwSignal<Over>, sidebar: RwSignal<bool>) {
    let session = use_session();
    let preferences = use_preferences();
    let handle = on_window("keydown", move |event: KeyboardEvent| {
        let command = event.meta_key() || event.ctrl_key();
        let key = event.key();
        if command && event.shift_key() && key.eq_ignore_ascii_case("l") {
            event.prevent_default();
            session.lock(true);
        } else if command && !event.shift_key() && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            if over.get_untracked() == Over::Palette {
                over.set(Over::Nothing);
            } else if !dialog_open() {
                over.set(Over::Palette);
            }
        } else if command
            && key == "Enter"
            && !event.default_prevented()
            && !dialog_open()
            && session.drafts.any()
        {
            event.prevent_default();
            over.set(Over::Review);
        } else if key == "Escape" && sidebar.get_untracked() {
            sidebar.set(false);
            return;
        }
        let single = preferences.with_untracked(|preferences| preferences.single_keys);
        if !single || command || event.alt_key() || in_field(&event) || dialog_open() {
            return;
        }
        if key == "?" {
            over.set(Over::Help);
        } else if key == "/" {
            event.prevent_default();
            if !focus("[data-filter]") {
                session.go(&Page::Search(String::new()).path());
            }
        }
    });
    on_cleanup(move || handle.remove());
}

/// Gives the focus to the first that fits, if there is one.
pub fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    found
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
        .is_some_and(|element| element.focus().is_ok())
}
