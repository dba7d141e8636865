//! The third step: the emergency kit, and the root key of a new team, each to be printed or saved.

use leptos::prelude::*;
use subrosa_bridge::view::Kit;

use super::{Setting, Step};
use crate::components::qr::Qr;
use crate::components::sheet::{fact, facts, keep_buttons, root_key_sheet};
use crate::erased::lazy;
use crate::parts::{all, always, button, div, p, text};

/// Up to two sheets. Each prints by itself: they must not be kept together.
pub fn keep_kit(setting: Setting) -> AnyView {
    let told = "Without the Secret Key in this kit your password is useless on any other device. \
                Print or save it now: it is shown only once.";
    let sheets = lazy(move || match setting.kit.get() {
        None => ().into_any(),
        Some(kit) => {
            let root = kit.root_key.as_ref().map(|sheet| root_key_sheet(&kit.team_name, sheet));
            let mut sheets = vec![kit_sheet(&kit)];
            sheets.extend(root);
            all(sheets)
        }
    });
    let kept = if setting.recovers { "I have kept it" } else { "I have kept both" };
    let next = if setting.recovers {
        "Next you retype a part of it, to be sure."
    } else {
        "Next you retype a part of each, to be sure."
    };
    all(vec![
        view! { <h1>"Keep the emergency kit"</h1> }.into_any(),
        p("quiet", vec![text(told)]),
        sheets,
        div(
            "actions",
            vec![button("button primary", text(kept), always, move || {
                setting.step.set(Step::Proof);
            })],
        ),
        p("hint", vec![text(next)]),
    ])
}

fn kit_sheet(kit: &Kit) -> AnyView {
    let facts = facts(vec![
        fact("Team", &kit.team_name, false),
        fact("Secret Key", kit.secret_key.expose(), true),
        fact("Server", &kit.server, false),
        fact("Team id", &kit.team, false),
        fact("Checkpoint", &kit.checkpoint, false),
    ]);
    let code = kit.text.expose().to_owned();
    let blank = "Password: ______________________________ (or keep it elsewhere)";
    let buttons = keep_buttons("kit", "kit", "subrosa-emergency-kit.txt", kit.text.clone());
    view! {
        <section class="sheet kit" aria-label="Emergency kit">
            <div class="sheet-body">
                <h2>"Emergency kit"</h2>
                {facts}
                <Qr text=code label="The emergency kit as a QR code" />
            </div>
            {p("print-only", vec![text(blank)])}
            {div("actions", buttons)}
        </section>
    }
    .into_any()
}
