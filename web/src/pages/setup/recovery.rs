//! The first step of a recovery: the root key, and who one is.

use leptos::prelude::*;
use subrosa_bridge::root_key::Owner;
use subrosa_bridge::{Hidden, Problem};

use super::{HAVE_KIT, Setting, Step, h1};
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::components::value_field::ValueField;
use crate::erased::{lazy, spawn, when};
use crate::page::Page;
use crate::parts::{
    all, always, button, div, fieldset, form, link, p, radio, send as send_button, text,
};
use crate::session::{Stage, use_session};

/// The root key; once it has opened a team, its owners.
pub fn root_key(setting: Setting) -> AnyView {
    lazy(move || match setting.recovery.get() {
        None => typed(setting),
        Some(team) => owners(setting, &team.team_name, team.owners),
    })
}

fn typed(setting: Setting) -> AnyView {
    let session = use_session();
    let key = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = move || {
        if busy.get_untracked() || key.with_untracked(|key| key.trim().is_empty()) {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let key = Hidden::new(key.get_untracked());
            let result = session.keyholder.open_recovery(key).await;
            let _ = busy.try_set(false);
            match result {
                Ok(team) => {
                    session.recovering.set(true);
                    let first = team.owners.first().map(|owner| owner.id.clone());
                    let _ = setting.owner.try_set(first.unwrap_or_default());
                    let _ = setting.recovery.try_set(Some(team));
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let told = "The root key opens your team when every device and kit of an owner is lost. The \
                owner gets a new Secret Key and a new password here; old devices and kits of that \
                owner stop working.";
    let replaces = when(
        move || session.stage.get() == Stage::Locked,
        || {
            let told = "This browser has the Secret Key of an account. It is replaced at the end: \
                        keep the kit of that account, or use another browser.";
            p("notice warn", vec![text(told)])
        },
    );
    all(vec![
        h1("Recover a team"),
        p("quiet", vec![text(told)]),
        replaces,
        form(
            send,
            vec![
                view! { <ValueField value=key label="Root key" rows=4 /> }.into_any(),
                p(
                    "hint",
                    vec![text("It starts with srk1_. Blanks, dashes and case do not matter.")],
                ),
                form_problem(problem),
                submit("Open the team", "Opening…", busy.into()),
            ],
        ),
        p("quiet-links", vec![link("", Page::Recover.path()).put(HAVE_KIT).any()]),
    ])
}

fn owners(setting: Setting, team: &str, owners: Vec<Owner>) -> AnyView {
    let session = use_session();
    let choice = |owner: Owner| {
        let id = StoredValue::new(owner.id);
        let chosen = Signal::derive(move || setting.owner.get() == id.get_value());
        let choose = Callback::new(move |()| setting.owner.set(id.get_value()));
        let name = if owner.name.is_empty() { id.get_value() } else { owner.name };
        radio("owner", name, chosen, choose)
    };
    let choices = owners.into_iter().map(choice).collect();
    let told = format!("The team {team} is open. Nothing has changed so far.");
    let send = move || {
        if !setting.owner.with_untracked(String::is_empty) {
            setting.step.set(Step::Password);
        }
    };
    all(vec![
        h1("Who are you?"),
        p("quiet", vec![text(told)]),
        form(
            send,
            vec![
                fieldset("Owner", choices),
                div(
                    "actions",
                    vec![
                        send_button("Continue").any(),
                        button("button ghost", text("Another root key"), always, move || {
                            session.end_recovery();
                        }),
                    ],
                ),
            ],
        ),
    ])
}
