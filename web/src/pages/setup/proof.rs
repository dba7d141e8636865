//! The last step: a part of each sheet, retyped from paper or file.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use subrosa_bridge::{Hidden, Problem};

use super::{Setting, Step};
use crate::components::field::Field;
use crate::components::state::FormProblem;
use crate::components::submit::Submit;
use crate::erased::{click, spawn};
use crate::session::use_session;

/// Two fragments, then the team is founded.
#[component]
pub fn Proof(setting: Setting) -> impl IntoView {
    let session = use_session();
    let secret_key = RwSignal::new(String::new());
    let root_key = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let asked = setting
        .kit
        .with_untracked(|kit| kit.as_ref().map(|kit| (kit.secret_key_group, kit.root_key_tail)));
    let (group, tail) = asked.unwrap_or_default();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
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
                Ok(overview) => session.open(overview),
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    view! {
        <h1>"Check what you kept"</h1>
        <p class="quiet">"Read both from the paper or the file, not from memory."</p>
        <form class="stack" on:submit=on_submit>
            <Field
                label=format!("Group {} of the Secret Key", group + 1)
                value=secret_key
                mono=true
                hint="Groups are counted after SR1."
                autofocus=true
            />
            <Field
                label=format!("Last {tail} characters of the root key")
                value=root_key
                mono=true
            />
            <FormProblem problem />
            <div class="actions">
                <Submit label="Found the team" waiting="Founding…" busy />
                <button
                    type="button"
                    class="button ghost"
                    on:click=click(move || setting.step.set(Step::Kit))
                >
                    "Back to the kit"
                </button>
            </div>
        </form>
    }
}
