//! This browser and this device.

use leptos::prelude::*;
use subrosa_bridge::view::Device;

use crate::clipboard;
use crate::components::dialog::Dialog;
use crate::components::state::{Failure, Loaded, Loading};
use crate::erased::{click, lazy, spawn};
use crate::icons;
use crate::pages::title;
use crate::preferences::{Theme, use_preferences};
use crate::session::use_session;

/// What may be chosen for the auto-lock.
const MINUTES: [u32; 6] = [1, 5, 10, 30, 60, 240];

/// `/settings`.
#[component]
pub fn Settings() -> impl IntoView {
    title("Settings");
    view! {
        <header class="page-head"><h1>"Settings"</h1></header>
        <div class="settings">
            <Looks />
            <DeviceSettings />
            <Checkpoint />
        </div>
    }
}

#[component]
fn Looks() -> impl IntoView {
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
    view! {
        <section aria-labelledby="looks-title">
            <h2 id="looks-title">"This browser"</h2>
            <fieldset class="segments">
                <legend>"Theme"</legend>
                {choices.into_iter().map(|(theme, name)| view! {
                    <label>
                        <input
                            type="radio"
                            name="theme"
                            prop:checked=move || preferences.with(|p| p.theme == theme)
                            on:change=move |_| preferences.update(|p| p.theme = theme)
                        />
                        <span>{name}</span>
                    </label>
                }).collect_view()}
            </fieldset>
            <div class="field">
                <label for="server-label">"Server label"</label>
                <input
                    id="server-label"
                    type="text"
                    autocomplete="off"
                    maxlength="40"
                    aria-describedby="server-label-hint"
                    bind:value=label
                />
                <p class="hint" id="server-label-hint">"Shown below the team’s name, to tell two servers apart."</p>
            </div>
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || preferences.with(|p| p.single_keys)
                    on:change:target=move |event| {
                        let on = event.target().checked();
                        preferences.update(|p| p.single_keys = on);
                    }
                />
                <span>"Single-key shortcuts"</span>
            </label>
            <p class="hint">"Such as n for a new secret. ⌘K and ⌘⇧L always work."</p>
        </section>
    }
}

#[component]
fn DeviceSettings() -> impl IntoView {
    let session = use_session();
    let device = RwSignal::new(Loaded::<Device>::Waiting);
    let load = move || {
        spawn(async move {
            let _ = device.try_set(session.keyholder.device().await.into());
        });
    };
    load();
    view! {
        <section aria-labelledby="device-title">
            <h2 id="device-title">"This device"</h2>
            {lazy(move || match device.get() {
                Loaded::Waiting => view! { <Loading lines=3 /> }.into_any(),
                Loaded::Failed(problem) => view! {
                    <Failure problem retry=Callback::new(move |()| load()) />
                }.into_any(),
                Loaded::Here(device) => view! { <DeviceFacts device /> }.into_any(),
            })}
            <ForgetDevice class="button danger" />
        </section>
    }
}

#[component]
fn DeviceFacts(device: Device) -> impl IntoView {
    let session = use_session();
    let now = u32::try_from(device.lock_after / 60_000).unwrap_or(10);
    let mut choices = MINUTES.to_vec();
    if !choices.contains(&now) {
        choices.insert(choices.partition_point(|minutes| *minutes < now), now);
    }
    let choose = move |text: String| {
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
    };
    view! {
        <div class="field">
            <label for="lock-after">"Lock when idle for"</label>
            <select id="lock-after" on:change:target=move |event| choose(event.target().value())>
                {choices.into_iter().map(|minutes| view! {
                    <option value=minutes.to_string() selected=minutes == now>
                        {if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") }}
                    </option>
                }).collect_view()}
            </select>
        </div>
        <dl class="facts">
            <div><dt>"Server"</dt><dd class="mono">{device.server}</dd></div>
            <div><dt>"Keyholder"</dt><dd class="mono">{device.version}</dd></div>
        </dl>
    }
}

/// What two people compare to know that they see the same team.
#[component]
fn Checkpoint() -> impl IntoView {
    let session = use_session();
    let copy = move |_| {
        let checkpoint = session
            .overview
            .with_untracked(|o| o.as_ref().map(|o| o.checkpoint.clone()).unwrap_or_default());
        clipboard::copy_plain(session, checkpoint, "the checkpoint");
    };
    let fact = |name: &'static str, value: String| {
        view! { <div><dt>{name}</dt><dd class="mono" translate="no">{value}</dd></div> }
    };
    view! {
        <section aria-labelledby="checkpoint-title">
            <h2 id="checkpoint-title">"Checkpoint"</h2>
            <p class="quiet">
                "The place in the team’s log that this device has verified. Read the words to a colleague: if theirs differ at the same number, the server shows you different teams."
            </p>
            {move || session.overview.get().map(|overview| view! {
                <p class="words">{overview.checkpoint_words}</p>
                <dl class="facts">
                    {fact("Team", overview.team_name)}
                    {fact("You", overview.me)}
                    {fact("Team id", overview.team)}
                    {fact("Checkpoint", overview.checkpoint)}
                </dl>
            })}
            <button type="button" class="button" on:click=copy>
                <icons::Copy />
                "Copy checkpoint"
            </button>
        </section>
    }
}

/// Asks once more, then forgets Secret Key and pins.
#[component]
pub fn ForgetDevice(
    /// How the button looks.
    class: &'static str,
) -> impl IntoView {
    let session = use_session();
    let asking = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let close = Callback::new(move |()| asking.set(false));
    let forget = move |_| {
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
    view! {
        <button type="button" class=format!("button {class}") on:click=click(move || asking.set(true))>
            "Forget this device"
        </button>
        <Show when=move || asking.get()>
            <Dialog title="Forget this device?" on_close=close>
                <p>
                    "The Secret Key and everything that this device has verified is deleted here. To come back you need the emergency kit and the password. Nothing changes on the server."
                </p>
                <div class="actions end">
                    <button type="button" class="button" on:click=click(move || close.run(()))>"Keep it"</button>
                    <button
                        type="button"
                        class="button danger"
                        class:busy=move || busy.get()
                        on:click=forget
                    >
                        {move || if busy.get() { "Forgetting…" } else { "Forget" }}
                    </button>
                </div>
            </Dialog>
        </Show>
    }
}
