//! What the whole page must know: no connection, an alarm, work under way.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::alarm::{Alarm, ChangedKeys};

use crate::components::state::failure;
use crate::element::{El, el};
use crate::erased::{lazy, spawn, when};
use crate::format;
use crate::icons;
use crate::page::Page;
use crate::parts::{all, div, link, nothing, p, press, text};
use crate::session::{Session, use_session};

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
    let stands = lazy(move || {
        session.alarms.with(|alarms| {
            let here = alarms.iter().find(|it| it.here);
            here.or(alarms.first()).map_or_else(nothing, alarm_stands)
        })
    });
    let changed = lazy(move || {
        all(session.changed_keys.get().into_iter().map(|it| keys_changed(session, it)).collect())
    });
    let banners = el("div").class("banners").is("aria-live", "polite").put(stands).put(changed);
    banners.put(alarm).put(offline).put(progress)
}

/// Another history was seen.
fn alarm_stands(alarm: &Alarm) -> AnyView {
    let title = match alarm.here {
        true => "Alarm: another history of this team was seen.",
        false => "Alarm: another history of another team of yours was seen.",
    };
    let told = match alarm.acting {
        true => "You act all the same, until this console is locked.",
        false => "Nothing of it is changed from this device until you have compared with an owner.",
    };
    to_the_alarm(title, Some(told))
}

/// What cannot be missed, and where to go.
pub fn to_the_alarm(title: &'static str, told: Option<&'static str>) -> AnyView {
    let said = el("div").put(el("p").class("strong").put(title));
    el("div")
        .class("notice bad")
        .is("role", "alert")
        .put(icons::Warning())
        .put(said.put(told.map(|told| el("p").put(told))))
        .put(link("button", Page::Alarm.path()).put("What to do"))
        .any()
}

/// A member has other keys than it had.
fn keys_changed(session: Session, changed: ChangedKeys) -> AnyView {
    let ChangedKeys { member, name, root, fingerprint, since, by } = changed;
    let title = match root {
        true => "The root key has changed.".to_owned(),
        false => format!("{name}’s keys have changed."),
    };
    let by = by.map(|by| if by == name { ", by themselves".into() } else { format!(", by {by}") });
    let day = format::date(since);
    let whom = if root { "whoever keeps it" } else { &*name };
    let told = format!(
        "On {day}{}. Compare these eight words with {whom}, not through this server:",
        by.unwrap_or_default()
    );
    let label = format!("{title} Compared");
    let words = fingerprint.clone();
    let compared = move || {
        let (member, fingerprint) = (member.clone(), fingerprint.clone());
        spawn(async move {
            let request = Request::KeysCompared { member, fingerprint };
            match session.keyholder.changed_keys(request).await {
                Ok(changed) => session.changed_keys.set(changed),
                Err(problem) => session.report(&problem),
            }
        });
    };
    let compared = press("button small", compared).is("aria-label", label).put("Compared");
    let people = link("button small", Page::People.path()).put("People");
    let said = el("div")
        .put(el("p").class("strong").put(title))
        .put(el("p").put(told))
        .put(p("words", vec![text(words)]))
        .put(div("actions", vec![people.any(), compared.any()]));
    el("div").class("notice warn").put(icons::Key()).put(said).any()
}
