//! The password, on a device that has the Secret Key.

use leptos::prelude::*;
use subrosa_bridge::{Hidden, Kind, Problem};

use crate::ask::Opened;
use crate::components::account_name::AccountName;
use crate::components::banner::to_the_alarm;
use crate::components::field::Field;
use crate::components::state::{failure, form_problem, loading};
use crate::components::submit::submit;
use crate::element::el;
use crate::erased::{effect, lazy, spawn, when};
use crate::format;
use crate::icons;
use crate::page::Page;
use crate::pages::settings::forget_device;
use crate::pages::title;
use crate::parts::{all, link, nothing, p, status, text};
use crate::preferences::use_preferences;
use crate::session::{Stage, use_session};

/// Unlocks, and returns to where one was.
#[component]
pub fn Unlock() -> impl IntoView {
    title("Unlock");
    let session = use_session();
    effect(move || {
        let to = match session.stage.get() {
            Stage::Open => session
                .return_to
                .try_update_value(Option::take)
                .flatten()
                .unwrap_or_else(|| Page::Projects.path()),
            Stage::Waiting => Page::Join.path(),
            Stage::Empty => Page::Recover.path(),
            _ => return,
        };
        session.go_instead(&to);
    });
    let body = lazy(move || match session.stage.get() {
        Stage::Locked => unlock_form(),
        Stage::Failed => cannot_start(),
        _ => all(vec![h1("Unlock"), loading(2)]),
    });
    el("main").class("alone").put(el("span").class("mark").put(icons::Rose())).put(body)
}

fn h1(words: &'static str) -> AnyView {
    el("h1").put(words).any()
}

fn unlock_form() -> AnyView {
    let session = use_session();
    let preferences = use_preferences();
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let unlock = move || {
        if busy.get_untracked() || password.with_untracked(String::is_empty) {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let team = preferences.with_untracked(|it| it.team.clone());
            let result =
                session.keyholder.unlock(Hidden::new(password.get_untracked()), team.clone()).await;
            let _ = busy.try_set(false);
            match result {
                Ok(opened) => {
                    let other = match (&team, &opened) {
                        (Some(last), Opened::Team(shown)) if *last != shown.team => {
                            preferences.update(|it| it.team = Some(shown.team.clone()));
                            true
                        }
                        _ => false,
                    };
                    session.opened(opened);
                    if other {
                        let told = "The team that was open here last does not take your keys any \
                                    more. This is another one of yours.";
                        session.toasts.say(told);
                    }
                }
                Err(found) => {
                    if found.kind == Kind::Rollback {
                        session.ask_alarms();
                    }
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let needs_kit =
        move || problem.with(|problem| problem.as_ref().is_some_and(|p| p.kind == Kind::NeedsKit));
    let drafts = lazy(move || match session.put_away.get() {
        0 => nothing(),
        count => {
            let drafts = format::count(count, "draft is", "drafts are");
            status("notice", text(format!("{drafts} kept on this device, encrypted.")))
        }
    });
    // Why it is locked, where another device has done that.
    let ended = lazy(move || {
        let alarm = session.alarm.get().filter(|alarm| alarm.kind == Kind::Locked);
        alarm.map_or_else(nothing, |alarm| failure(alarm, None))
    });
    let password = view! {
        <AccountName />
        <Field
            label="Password"
            kind="password"
            autocomplete="current-password"
            value=password
            autofocus=true
        />
    };
    let form = el("form")
        .class("stack")
        .submit(unlock)
        .put(password.into_any())
        .put(form_problem(problem))
        .put(submit("Unlock", "Unlocking…", busy.into()));
    let kit = when(needs_kit, || {
        let open = link("button", Page::Recover.path()).put("Open the emergency kit");
        p("", vec![open.any()])
    });
    let links = el("div")
        .class("row between quiet-links")
        .put(link("", Page::Recover.path()).put("Use the emergency kit"))
        .put(link("", Page::RecoverTeam.path()).put("Use the root key"))
        .put(forget_device("button link"));
    let alarm = when(
        move || session.alarms.with(|alarms| !alarms.is_empty()),
        || to_the_alarm("Alarm: another history of a team was seen.", None),
    );
    all(vec![h1("Unlock"), alarm, ended, drafts, form.any(), kit, links.any()])
}

/// The keyholder does not start.
pub fn cannot_start() -> AnyView {
    let session = use_session();
    let problem = Problem::new(
        Kind::Offline,
        "The part that holds the keys could not be started.",
        "The server may be out of reach, or this browser may block WebAssembly in workers.",
    );
    let retry = Callback::new(move |()| session.restart());
    all(vec![h1("Not started"), failure(problem, Some(retry))])
}
