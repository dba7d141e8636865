//! What changes production is asked for once more.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::view::Scope;

use crate::components::dialog::dialog;
use crate::erased::lazy;
use crate::parts::{actions, nothing, p, press, text};
use crate::place_names;
use crate::session::Session;

/// What is done when it was asked for.
type Act = Arc<dyn Fn() + Send + Sync>;

/// The question, while it is open.
#[derive(Clone, Copy)]
pub struct Production {
    asked: RwSignal<Option<Act>>,
}

impl Production {
    /// Nothing is asked.
    pub fn new() -> Self {
        Production { asked: RwSignal::new(None) }
    }

    /// Nothing is asked any more.
    pub fn close(self) {
        self.asked.set(None);
    }
}

impl Session {
    /// Does it; where a change at this scope is one of production, after asking once more. With
    /// `adds` the change takes nothing away of what was there.
    pub fn ask_once_more(self, scope: &Scope, adds: bool, act: impl Fn() + Send + Sync + 'static) {
        self.ask_once_more_if(self.changes_production(scope, adds), Arc::new(act));
    }

    /// Does it, after asking if this changes production.
    pub fn ask_once_more_if(self, production: bool, act: Act) {
        if production { self.production.asked.set(Some(act)) } else { act() }
    }

    /// Whether a change at this scope is one of production.
    pub fn changes_production(self, scope: &Scope, adds: bool) -> bool {
        self.overview.with_untracked(|overview| {
            overview.as_ref().is_some_and(|it| place_names::is_production(it, scope, adds))
        })
    }
}

/// The question.
pub fn production(session: Session) -> AnyView {
    let asked = session.production.asked;
    let on_close = Callback::new(move |()| asked.set(None));
    lazy(move || {
        let Some(act) = asked.get() else { return nothing() };
        let save = move || {
            on_close.run(());
            act();
        };
        let said = "This changes production. Programs that start or fetch their secrets after this get what is there then.";
        dialog(
            "Change production?",
            "narrow",
            on_close,
            vec![
                p("", vec![text(said)]),
                actions(vec![
                    press("button", move || on_close.run(())).put("Back").any(),
                    press("button danger", save).put("Change production").any(),
                ]),
            ],
        )
    })
}
