//! A colleague's checkpoint, held against this device's log.

use leptos::prelude::*;
use subrosa_bridge::Problem;
use subrosa_bridge::alarm::Compared;

use crate::components::field::Field;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::erased::{lazy, spawn};
use crate::page::Page;
use crate::parts::{form, link, nothing, span, status, text};
use crate::session::use_session;

/// A form for it.
pub fn compare_checkpoint() -> AnyView {
    let session = use_session();
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let compared = RwSignal::new(None::<Compared>);
    let problem = RwSignal::new(None::<Problem>);
    let send = move || {
        if busy.get_untracked() || typed.with_untracked(|typed| typed.trim().is_empty()) {
            return;
        }
        busy.set(true);
        problem.set(None);
        compared.set(None);
        spawn(async move {
            let answer = session.keyholder.compare_checkpoint(typed.get_untracked()).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(is) => drop(compared.try_set(Some(is))),
                Err(found) => drop(problem.try_set(Some(found))),
            }
        });
    };
    let said = lazy(move || match compared.get() {
        None => nothing(),
        Some(Compared::Same) => {
            status("strong", text("The same history: their checkpoint is on this device’s log."))
        }
        Some(Compared::Ahead) => status(
            "strong",
            text(
                "They have seen more than this device. Their checkpoint is kept, and compared once \
                 the log gets there.",
            ),
        ),
        Some(Compared::Different) => {
            let open = link("", Page::Alarm.path()).put("what to do");
            let said = vec![text("Another history. The alarm says "), open.any(), text(".")];
            status("notice bad", span("grow", said))
        }
    });
    let field = view! {
        <Field
            label="A colleague’s checkpoint"
            value=typed
            mono=true
            hint="Of this team, as they copy it here in their Settings, and sent over something else than this server. One that is not on this device’s log raises an alarm."
        />
    };
    let go = submit("Compare", "Comparing…", busy.into());
    form(send, vec![field.into_any(), form_problem(problem), said, go])
}
