//! The third step: the emergency kit, and the root key of a new team, each to be printed or saved.

use leptos::prelude::*;
use subrosa_bridge::view::Kit;

use super::{Setting, Step, Way, h1};
use crate::components::qr::Qr;
use crate::components::sheet::{keep_buttons, root_key_sheet, strong};
use crate::element::el;
use crate::erased::lazy;
use crate::parts::{all, always, button, code, div, facts, h2, nothing, p, section, text};

/// Up to two sheets. Each prints by itself: they must not be kept together.
pub fn keep_kit(setting: Setting) -> AnyView {
    let told = "Without the Secret Key in this kit your password is useless on any other device. \
                Print or save it now: it is shown only once.";
    let sheets = lazy(move || match setting.kit.get() {
        None => nothing(),
        Some(kit) => {
            let root = kit.root_key.as_ref().map(|sheet| root_key_sheet(&kit.team_name, sheet));
            let mut sheets = vec![kit_sheet(&kit)];
            sheets.extend(root);
            all(sheets)
        }
    });
    let (kept, next) = match setting.way {
        Way::Recovers | Way::Joins => {
            ("I have kept it", "Next you retype a part of it, to be sure.")
        }
        Way::Founds => ("I have kept both", "Next you retype a part of each, to be sure."),
    };
    let go_on = button("button primary", text(kept), always, move || setting.step.set(Step::Proof));
    all(vec![
        h1("Keep the emergency kit"),
        p("quiet", vec![text(told)]),
        sheets,
        div("actions", vec![go_on]),
        p("hint", vec![text(next)]),
    ])
}

fn kit_sheet(kit: &Kit) -> AnyView {
    // Who is not in yet knows no name of it.
    let team = (!kit.team_name.is_empty()).then(|| ("Team", code(&*kit.team_name)));
    let mut known = Vec::from_iter(team);
    known.extend([
        ("Secret Key", strong(kit.secret_key.expose())),
        ("Server", code(&*kit.server)),
        ("Team id", code(&*kit.team)),
        ("Checkpoint", code(&*kit.checkpoint)),
    ]);
    let facts = facts(known);
    let text_of_kit = kit.text.expose().to_owned();
    let drawn = view! { <Qr text=text_of_kit label="The emergency kit as a QR code" /> };
    let body = el("div").class("sheet-body").put(h2("Emergency kit")).put(facts);
    let blank = "Password: ______________________________ (or keep it elsewhere)";
    let buttons = keep_buttons("kit", "kit", "subrosa-emergency-kit.txt", kit.text.clone());
    section(
        "sheet kit",
        "Emergency kit",
        vec![
            body.put(drawn.into_any()).any(),
            p("print-only", vec![text(blank)]),
            div("actions", buttons),
        ],
    )
}
