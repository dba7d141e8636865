//! What is around every screen of an open console: sidebar, banners, palette, the global keys.
//! Nothing inside exists while the console is locked.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use crate::app;
use crate::components::banner::banners;
use crate::components::drop_anywhere::drop_anywhere;
use crate::components::help::help;
use crate::components::palette::{dialog_open, in_field, palette};
use crate::components::production::production;
use crate::components::review::{review, tray};
use crate::components::sidebar::sidebar;
use crate::components::state::loading;
use crate::element::el;
use crate::erased::{effect, lazy, memo, on_window};
use crate::icons;
use crate::page::Page;
use crate::parts::{all, link, nothing, press};
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
pub fn shell() -> AnyView {
    let session = use_session();
    let open = memo(move || session.stage.get() == Stage::Open);
    effect(move || {
        let to = match session.stage.get() {
            Stage::Locked | Stage::Failed => Page::Unlock,
            Stage::Empty => Page::Recover,
            Stage::Waiting => Page::Join,
            Stage::Loading | Stage::Open => return,
        };
        session.return_to.set_value(Some(session.address.whole()));
        session.go_instead(&to.path());
    });
    lazy(move || {
        if open.get() {
            return frame();
        }
        el("main").class("alone").put(el("h1").class("unseen").put("Subrosa")).put(loading(4)).any()
    })
}

fn frame() -> AnyView {
    let over = RwSignal::new(Over::Nothing);
    let shown = RwSignal::new(false);
    let close = Callback::new(move |()| over.set(Over::Nothing));
    let on_palette = Callback::new(move |()| over.set(Over::Palette));
    let on_review = Callback::new(move |()| over.set(Over::Review));
    listen(over, shown);
    let skip = link("skip", "#content").put("Skip to content");
    let menu = press("button ghost", move || shown.update(|shown| *shown = !*shown))
        .states("aria-expanded", move || shown.get())
        .is("aria-controls", "sidebar")
        .put(icons::Menu())
        .put("Menu");
    let top = el("header")
        .class("topbar")
        .put(menu)
        .put(el("span").class("mark").put(icons::Rose()))
        .put(el("span").class("grow"))
        .put(tray(on_review));
    let content = el("main")
        .is("id", "content")
        .is("tabindex", "-1")
        .put(banners())
        .put(app::screen(use_session().address, app::inside));
    let shell =
        el("div").class("shell").put(top).put(sidebar(shown, on_palette, on_review)).put(content);
    let over = lazy(move || match over.get() {
        Over::Nothing => nothing(),
        Over::Palette => palette(close, Callback::new(move |()| over.set(Over::Help))),
        Over::Help => help(close),
        Over::Review => review(close),
    });
    all(vec![
        el("nav").is("aria-label", "Skip").put(skip).any(),
        shell.any(),
        over,
        production(use_session()),
        drop_anywhere(),
    ])
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
