//! This browser and this device.

use leptos::prelude::*;
use subrosa_bridge::view::Device;

use crate::clipboard;
use crate::components::compare_checkpoint::compare_checkpoint;
use crate::components::dialog::dialog;
use crate::components::select::select;
use crate::components::state::{Loaded, failure, loading};
use crate::element::{El, el};
use crate::erased::{lazy, spawn, when};
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::parts::{
    actions, all, check, code, div, facts, fieldset, head, labelled, link, live, nothing, p, press,
    radio, text, titled,
};
use crate::preferences::{Theme, use_preferences};
use crate::session::use_session;

/// What may be chosen for the auto-lock.
const MINUTES: [u32; 6] = [1, 5, 10, 30, 60, 240];

/// `/settings`.
#[component]
pub fn Settings() -> impl IntoView {
    title("Settings");
    let sections = vec![looks().any(), device_settings().any(), checkpoint().any()];
    all(vec![head("Settings", Vec::new()), div("settings", sections)])
}

fn looks() -> El {
    let preferences = use_preferences();
    let choices = [(Theme::System, "System"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];
    let label = RwSignal::new(preferences.with_untracked(|p| p.server_label.clone()));
    Effect::new(move |before: Option<String>| {
        let label = label.get();
        if before.is_some_and(|before| before != label) {
            preferences.update(|preferences| preferences.server_label.clone_from(&label));
        }
        label
    });
    let choice = |(theme, name): (Theme, &'static str)| {
        let chosen = Signal::derive(move || preferences.with(|p| p.theme == theme));
        let choose = Callback::new(move |()| preferences.update(|p| p.theme = theme));
        radio("theme", name, chosen, choose)
    };
    let input = el("input")
        .is("id", "server-label")
        .is("type", "text")
        .is("autocomplete", "off")
        .is("maxlength", "40")
        .is("aria-describedby", "server-label-hint")
        .typed(label);
    let hint = "Shown below the team’s name, to tell two servers apart.";
    let field = el("div")
        .class("field")
        .put(el("label").is("for", "server-label").put("Server label"))
        .put(input)
        .put(el("p").class("hint").is("id", "server-label-hint").put(hint));
    let keys = el("input").ticks(
        move || preferences.with(|p| p.single_keys),
        move |on| preferences.update(|p| p.single_keys = on),
    );
    titled("looks-title", "This browser")
        .put(fieldset("Theme", choices.into_iter().map(choice).collect()))
        .put(field)
        .put(check(keys, "Single-key shortcuts"))
        .put(el("p").class("hint").put("Such as n for a new secret. ⌘K and ⌘⇧L always work."))
}

fn device_settings() -> El {
    let session = use_session();
    let device = RwSignal::new(Loaded::<Device>::Waiting);
    let load = move || {
        spawn(async move {
            let _ = device.try_set(session.keyholder.device().await.into());
        });
    };
    load();
    let facts = lazy(move || match device.get() {
        Loaded::Waiting => loading(3),
        Loaded::Failed(problem) => failure(problem, Some(Callback::new(move |()| load()))),
        Loaded::Here(device) => device_facts(device),
    });
    titled("device-title", "This device").put(facts).put(forget_device("button danger"))
}

fn device_facts(device: Device) -> AnyView {
    let session = use_session();
    let now = u32::try_from(device.lock_after / 60_000).unwrap_or(10);
    let mut choices = MINUTES.to_vec();
    if !choices.contains(&now) {
        choices.insert(choices.partition_point(|minutes| *minutes < now), now);
    }
    let choose = Callback::new(move |text: String| {
        let Ok(minutes) = text.parse::<u32>() else { return };
        spawn(async move {
            match session.keyholder.lock_after(minutes).await {
                Ok(()) => {
                    session.lock_after.set(u64::from(minutes) * 60_000);
                    session.toasts.say("Auto-lock changed.");
                }
                Err(problem) => session.report(&problem),
            }
        });
    });
    let words = |minutes: u32| match minutes {
        1 => "1 minute".to_owned(),
        more => format!("{more} minutes"),
    };
    let options = choices.into_iter().map(|it| (it.to_string(), words(it))).collect();
    let now = Signal::stored(now.to_string());
    let select = select(Some("lock-after"), None, options, now, choose);
    all(vec![
        labelled("lock-after", "Lock when idle for", select),
        facts(vec![("Server", code(device.server)), ("Keyholder", code(device.version))]),
    ])
}

/// What two people compare to know that they see the same team.
fn checkpoint() -> El {
    let session = use_session();
    let copy = move || {
        let checkpoint = session
            .overview
            .with_untracked(|o| o.as_ref().map(|o| o.checkpoint.clone()).unwrap_or_default());
        clipboard::copy_plain(session, checkpoint, "the checkpoint");
    };
    let fact = |text: String| el("dd").class("mono").is("translate", "no").put(text).any();
    let said = "The place in the team’s log that this device has verified. Read the words to a colleague: if theirs differ at the same number, the server shows you different teams.";
    let here = lazy(move || {
        let Some(overview) = session.overview.get() else { return nothing() };
        let facts = facts(vec![
            ("Team", fact(overview.team_name)),
            ("You", fact(overview.me)),
            ("Team id", fact(overview.team)),
            ("Checkpoint", fact(overview.checkpoint)),
        ]);
        all(vec![p("words", vec![text(overview.checkpoint_words)]), facts])
    });
    let copy = press("button", copy).put(icons::Copy()).put("Copy checkpoint");
    let history = link("button", Page::History.path()).put(icons::Clock()).put("History");
    titled("checkpoint-title", "Checkpoint")
        .put(el("p").class("quiet").put(said))
        .put(here)
        .put(compare_checkpoint())
        .put(el("div").class("actions").put(copy).put(history))
}

/// Asks once more, then forgets Secret Key and pins. `class` is how the button looks.
pub fn forget_device(class: &'static str) -> AnyView {
    let session = use_session();
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let close = Callback::new(move |()| asking.set(false));
    let forget = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn(async move {
            match session.keyholder.forget_device().await {
                Ok(()) => session.forget(),
                Err(problem) => session.report(&problem),
            }
            let _ = busy.try_set(false);
        });
    };
    let question = when(
        move || asking.get(),
        move || {
            let said = "The Secret Key and everything that this device has verified is deleted here. To come back you need the emergency kit and the password. Nothing changes on the server.";
            let words = move || if busy.get() { "Forgetting…" } else { "Forget" };
            let forget = press("button danger", forget)
                .toggles("busy", move || busy.get())
                .put(live(move || words().to_owned()));
            let keep = press("button", move || close.run(())).put("Keep it");
            let buttons = actions(vec![keep.any(), forget.any()]);
            let parts = vec![p("", vec![text(said)]), buttons];
            dialog("Forget this device?", "narrow", close, parts)
        },
    );
    all(vec![press(class, move || asking.set(true)).put("Forget this device").any(), question])
}
