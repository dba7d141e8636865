//! What the whole page must know: no connection, an alarm, work under way.

use leptos::prelude::*;

use crate::components::state::failure;
use crate::element::{El, el};
use crate::erased::{lazy, when};
use crate::icons;
use crate::page::Page;
use crate::parts::{nothing, press};
use crate::session::use_session;

/// Above every screen of the shell.
pub fn banners() -> El {
    let session = use_session();
    // The page of the rotation shows it itself.
    let on_its_page =
        move || session.rotation.runs() && session.address.page() == Some(Page::Rotation);
    let alarm = lazy(move || session.alarm.get().map_or_else(nothing, |it| failure(it, None)));
    let offline = when(
        move || !session.online.get(),
        move || {
            let said = el("div")
                .put(el("p").class("strong").put("Offline: the server does not answer."))
                .put(el("p").put("What is on this device can be read. What you type is kept; saving waits for the server."));
            el("div")
                .class("notice warn")
                .put(icons::Cloud())
                .put(said)
                .put(press("button small", move || session.sync()).put("Retry"))
                .any()
        },
    );
    let progress = lazy(move || {
        let Some(progress) = session.progress.get().filter(|_| !on_its_page()) else {
            return nothing();
        };
        let said = format!("{}: {} of {}", progress.what, progress.done, progress.total);
        let bar = el("progress")
            .is("aria-label", progress.what)
            .is("max", progress.total.to_string())
            .is("value", progress.done.to_string());
        el("div").class("notice").put(el("p").class("grow").put(said)).put(bar).any()
    });
    el("div").class("banners").is("aria-live", "polite").put(alarm).put(offline).put(progress)
}
