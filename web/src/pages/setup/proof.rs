//! The last step: a part of each sheet, retyped from paper or file.

use leptos::prelude::*;
use subrosa_bridge::{Hidden, Problem};

use super::{Setting, Step, Way, h1};
use crate::components::field::Field;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::erased::spawn;
use crate::parts::{all, div, form, p, press, text};
use crate::session::use_session;

/// A part of each sheet, then the account is posted.
pub fn proof(setting: Setting) -> AnyView {
    let session = use_session();
    let secret_key = RwSignal::new(String::new());
    let root_key = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let asked = setting.kit.with_untracked(|kit| {
        let kit = kit.as_ref()?;
        Some((kit.secret_key_group, kit.root_key.as_ref().map(|sheet| sheet.tail)))
    });
    let (group, tail) = asked.unwrap_or_default();
    let (label, waiting) = match setting.way {
        Way::Founds => ("Found the team", "Founding…"),
        Way::Recovers => ("Recover the team", "Recovering…"),
        Way::Joins => ("Ask to be let in", "Asking…"),
    };
    let lead = match setting.way {
        Way::Founds => "Read both from the paper or the file, not from memory.",
        Way::Recovers | Way::Joins => "Read it from the paper or the file, not from memory.",
    };
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let typed =
                |field: RwSignal<String>| Hidden::new(field.get_untracked().trim().to_owned());
            let result = session.keyholder.finish_setup(typed(secret_key), typed(root_key)).await;
            let _ = busy.try_set(false);
            match result {
                Ok(opened) => session.opened(opened),
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let group = view! {
        <Field
            label=format!("Group {} of the Secret Key", group + 1)
            value=secret_key
            mono=true
            hint="Groups are counted after SR1."
            autofocus=true
        />
    };
    let mut fields = vec![group.into_any()];
    fields.extend(tail.map(|tail| root_key_tail(tail, root_key)));
    fields.push(form_problem(problem));
    let back = press("button ghost", move || setting.step.set(Step::Kit)).put("Back to the kit");
    let mut buttons = vec![submit(label, waiting, busy.into()), back.any()];
    if setting.way == Way::Recovers {
        let over = press("button ghost", move || session.end_recovery()).put("Start over");
        buttons.push(over.any());
    }
    fields.push(div("actions", buttons));
    all(vec![h1("Check what you kept"), p("quiet", vec![text(lead)]), form(send, fields)])
}

/// The end of a root key, as it is asked for.
pub fn root_key_tail(tail: usize, value: RwSignal<String>) -> AnyView {
    view! { <Field label=format!("Last {tail} characters of the root key") value mono=true /> }
        .into_any()
}
