//! The address bar: which page it names, what it asks of it, and the way to another. What is asked
//! stays in the fragment, which browsers send to nobody: a filter is part of a key's name.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent, UrlSearchParams};

use crate::components::shell::focus;
use crate::erased::on_window;
use crate::page::{Page, Place};

/// Where the browser is.
#[derive(Clone, Copy)]
pub struct Address {
    path: RwSignal<String>,
    /// As `name=text&name=text`.
    asked: RwSignal<String>,
}

impl Address {
    /// The present one; it follows the browser's way back and forth, and links within the console
    /// from then on.
    pub fn new() -> Self {
        let address =
            Address { path: RwSignal::new(String::new()), asked: RwSignal::new(String::new()) };
        address.read();
        let _ = on_window("popstate", move |_: web_sys::Event| {
            address.read();
        });
        let _ = on_window("click", move |event: MouseEvent| address.follow(&event));
        address
    }

    /// The path, percent-encoded.
    pub fn path(self) -> RwSignal<String> {
        self.path
    }

    /// Path and fragment, as [`Self::go`] takes them.
    pub fn whole(self) -> String {
        let (path, asked) = (self.path.get_untracked(), self.asked.get_untracked());
        if asked.is_empty() { path } else { path + "#" + &asked }
    }

    /// The page, if there is one here.
    pub fn page(self) -> Option<Page> {
        self.asked.track();
        self.path.with(|path| Page::read(path, |name| self.asked(name)))
    }

    /// The scope that the page is about, or the last one that was.
    pub fn place(self) -> Memo<Place> {
        Memo::new(move |last: Option<&Place>| {
            let place = self.page().and_then(|page| page.place());
            place.or_else(|| last.cloned()).unwrap_or_else(|| Place::project(""))
        })
    }

    /// What the fragment says of a name.
    pub fn asked(self, name: &str) -> Option<String> {
        self.asked.with(|asked| UrlSearchParams::new_with_str(asked).ok()?.get(name))
    }

    /// Goes to an address; in place of the present one if `replace`.
    pub fn go(self, to: &str, replace: bool) {
        let Ok(history) = window().history() else { return };
        let gone = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(to))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(to))
        };
        if gone.is_ok() && self.read() {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    /// Takes over what the browser shows, and tells whether it is another path.
    fn read(self) -> bool {
        let location = window().location();
        let fragment = location.hash().unwrap_or_default();
        // A setup link has its token there, which is not to be kept.
        let asked = fragment.strip_prefix('#').filter(|it| asks(it)).unwrap_or_default();
        if self.asked.with_untracked(|known| known != asked) {
            self.asked.set(asked.to_owned());
        }
        let path = location.pathname().unwrap_or_default();
        let other = self.path.with_untracked(|known| *known != path);
        if other {
            self.path.set(path);
        }
        other
    }

    /// A plain click on a link of the console goes there without loading it anew.
    fn follow(self, event: &MouseEvent) {
        let modified = event.meta_key() || event.ctrl_key() || event.alt_key() || event.shift_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = target.and_then(|target| target.closest("a[href]").ok().flatten());
        let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) else {
            return;
        };
        let elsewhere = window().location().origin().ok() != Some(link.origin());
        if elsewhere || !link.target().is_empty() || link.has_attribute("download") {
            return;
        }
        event.prevent_default();
        let fragment = link.hash();
        if fragment.is_empty() || asks(&fragment) {
            self.go(&(link.pathname() + &fragment), false);
        } else {
            // Within this page, which is asked for the same as before.
            focus(&fragment);
        }
    }
}

fn asks(fragment: &str) -> bool {
    fragment.contains('=')
}
