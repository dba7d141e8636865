//! The third step: the emergency kit, and the root key of a new team, each to be printed or saved.

use leptos::prelude::*;

use super::{Setting, Step, Way, h1};
use crate::components::sheet::{kit_sheet, root_key_sheet};
use crate::erased::lazy;
use crate::parts::{all, always, button, div, nothing, p, text};

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
