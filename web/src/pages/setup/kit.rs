//! The third step: the emergency kit and the root key, each to be printed or saved.

use leptos::prelude::*;
use subrosa_bridge::view::Kit;

use super::{Setting, Step};
use crate::clipboard;
use crate::components::qr::Qr;
use crate::erased::click;
use crate::icons;
use crate::session::use_session;

/// Two sheets. Each prints by itself: they must not be kept together.
#[component]
pub fn KeepKit(setting: Setting) -> impl IntoView {
    view! {
        <h1>"Keep the emergency kit"</h1>
        <p class="quiet">
            "Without the Secret Key in this kit your password is useless on any other device. Print or save it now: it is shown only once."
        </p>
        {move || setting.kit.get().map(|kit| view! {
            <KitSheet kit=kit.clone() />
            <RootKeySheet kit />
        })}
        <div class="actions">
            <button
                type="button"
                class="button primary"
                on:click=click(move || setting.step.set(Step::Proof))
            >
                "I have kept both"
            </button>
        </div>
        <p class="hint">"Next you retype a part of each, to be sure."</p>
    }
}

#[component]
fn KitSheet(kit: Kit) -> impl IntoView {
    let session = use_session();
    let text = StoredValue::new(kit.text.clone());
    let download = move |_| {
        let saved = text
            .with_value(|text| clipboard::save_file("subrosa-emergency-kit.txt", text.expose()));
        session.toasts.say(if saved {
            "The kit is saved as a file."
        } else {
            "This browser saves no files. Print the kit instead."
        });
    };
    view! {
        <section class="sheet kit" aria-labelledby="kit-title">
            <div class="sheet-body">
                <h2 id="kit-title">"Emergency kit"</h2>
                <dl class="facts">
                    <Fact name="Team" value=kit.team_name.clone() />
                    <Fact name="Secret Key" value=kit.secret_key.expose().to_owned() strong=true />
                    <Fact name="Server" value=kit.server.clone() />
                    <Fact name="Team id" value=kit.team.clone() />
                    <Fact name="Checkpoint" value=kit.checkpoint.clone() />
                </dl>
                <Qr text=kit.text.expose().to_owned() label="The emergency kit as a QR code" />
            </div>
            <p class="print-only">"Password: ______________________________ (or keep it elsewhere)"</p>
            <div class="actions">
                <button type="button" class="button" on:click=click(move || print("kit"))>
                    <icons::Printer />
                    "Print the kit"
                </button>
                <button type="button" class="button" on:click=download>
                    <icons::Inward />
                    "Download the kit"
                </button>
            </div>
        </section>
    }
}

#[component]
fn RootKeySheet(kit: Kit) -> impl IntoView {
    let session = use_session();
    let key = StoredValue::new(kit.root_key.clone());
    let team = kit.team_name.clone();
    let download = move |_| {
        let saved = key.with_value(|key| {
            let text = format!("Subrosa root key of the team {team}\n\n{}\n", key.expose());
            clipboard::save_file("subrosa-root-key.txt", &text)
        });
        session.toasts.say(if saved {
            "The root key is saved as a file."
        } else {
            "This browser saves no files. Print the root key instead."
        });
    };
    view! {
        <section class="sheet root" aria-labelledby="root-title">
            <h2 id="root-title">"Root key"</h2>
            <p>
                "Opens every vault of the team when all members have lost their keys. Keep it on paper, offline, apart from the kit."
            </p>
            <dl class="facts">
                <Fact name="Team" value=kit.team_name.clone() />
                <Fact name="Root key" value=kit.root_key.expose().to_owned() strong=true />
            </dl>
            <div class="actions">
                <button type="button" class="button" on:click=click(move || print("root"))>
                    <icons::Printer />
                    "Print the root key"
                </button>
                <button type="button" class="button" on:click=download>
                    <icons::Inward />
                    "Download the root key"
                </button>
            </div>
        </section>
    }
}

#[component]
fn Fact(name: &'static str, value: String, #[prop(optional)] strong: bool) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd class="mono" class:strong=strong translate="no">{value}</dd>
        </div>
    }
}

/// Prints one sheet: the style sheet hides all but the one named here.
fn print(sheet: &str) {
    let Some(root) = document().document_element() else { return };
    let _ = root.set_attribute("data-print", sheet);
    let _ = window().print();
    let _ = root.remove_attribute("data-print");
}
