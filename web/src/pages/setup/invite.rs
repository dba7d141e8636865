//! An invite's link: what it is to, an account to join with, and the door where one waits.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use subrosa_bridge::people::{Access, Invitation, Role};
use subrosa_bridge::{Hidden, Problem, Request};

use super::{Setting, Step, Way, alone, h1, steps, take_fragment};
use crate::components::field::Field;
use crate::components::state::{Loaded, failure, form_problem, loading};
use crate::components::submit::submit;
use crate::erased::{effect, lazy, memo, on_window, spawn};
use crate::format::{count, moment};
use crate::page::Page;
use crate::pages::account::teams;
use crate::pages::title;
use crate::pages::unlock::cannot_start;
use crate::parts::{all, always, button, div, form, nothing, p, press, send, status, text};
use crate::session::{Session, Stage, use_session};

/// After how many milliseconds it is first looked whether one was let in, and after how many at most: an
/// office of those who wait does not use its address's requests up.
const KNOCK_AFTER: u32 = 4_000;
const LONGEST_PAUSE: u32 = 30_000;

/// `/join`.
pub fn join() -> AnyView {
    title("Join");
    let session = use_session();
    take(session);
    // The link opened again in this tab changes the fragment alone: no new page is loaded.
    let again = on_window("hashchange", move |_: web_sys::Event| take(session));
    on_cleanup(move || again.remove());
    let setting = Setting::new(Way::Joins, String::new());
    effect(move || match session.stage.get() {
        // Let in, or come here without an invite.
        Stage::Open if session.invite.with(Option::is_none) => {
            session.go_instead(&Page::Projects.path());
        }
        Stage::Locked if session.invite.with(Option::is_none) => {
            session.go_instead(&Page::Unlock.path());
        }
        Stage::Open | Stage::Locked | Stage::Empty => setting.follow(session),
        // It is asked for: the link is of no use any more.
        Stage::Waiting => {
            if session.invite.with_untracked(Option::is_some) {
                session.invite.set(None);
            }
        }
        Stage::Loading | Stage::Failed => {}
    });
    let invited = memo(move || session.invite.with(Option::is_some));
    alone(lazy(move || {
        let invited = invited.get();
        match session.stage.get() {
            Stage::Loading => all(vec![h1("Join a team"), loading(3)]),
            Stage::Failed => cannot_start(),
            Stage::Waiting => door(session),
            _ if !invited => paste(session),
            Stage::Open => with_this_account(setting),
            Stage::Locked | Stage::Empty => steps(setting),
        }
    }))
    .any()
}

/// Keeps the link's secret in memory, and strips it from the address at once.
fn take(session: Session) {
    let fragment = take_fragment(&Page::Join);
    if !fragment.is_empty() {
        session.invite.set(Some(Hidden::new(fragment)));
    }
}

impl Setting {
    /// Looks the invite up, whenever the keyholder is another one too.
    fn follow(self, session: Session) {
        let Some(link) = session.invite.get() else { return };
        self.invitation.set(Loaded::Waiting);
        spawn(async move {
            let answer = session.keyholder.open_invite(link.clone()).await;
            let asked = session.invite.with_untracked(|now| now.as_ref() == Some(&link));
            if asked {
                let _ = self.invitation.try_set(answer.into());
            }
        });
    }
}

/// The link's fragment is gone after a reload: that is its purpose.
fn paste(session: Session) -> AnyView {
    let typed = RwSignal::new(String::new());
    let follow = move || {
        let typed = typed.get_untracked();
        let fragment = typed.rsplit('#').next().unwrap_or_default().trim().to_owned();
        if !fragment.is_empty() {
            session.invite.set(Some(Hidden::new(fragment)));
        }
    };
    let told = "Whoever invited you has given you a link. If you reloaded this page, open it once \
                more, or paste it here.";
    let field = view! { <Field label="Invite link" value=typed mono=true autofocus=true /> };
    all(vec![
        h1("Open the invite link"),
        p("", vec![text(told)]),
        form(follow, vec![field.into_any(), send("Continue").any()]),
    ])
}

/// What the invite is to; names are for members alone.
fn words(invitation: &Invitation) -> String {
    let to = match &invitation.access {
        Access::Owner => "as an owner, who may do everything".to_owned(),
        Access::Replace(_) => "to get other keys for a member who is there already".to_owned(),
        Access::Member(grants) if grants.is_empty() => {
            "as a member, without a vault yet".to_owned()
        }
        Access::Member(grants) => {
            let most = grants.iter().map(|grant| grant.role).max();
            let may = match most {
                Some(Role::Manager) => "read, write and manage",
                Some(Role::Writer) => "read and write",
                Some(Role::Reader) | None => "read",
            };
            format!("as a member, to {may} in {}", count(grants.len(), "vault", "vaults"))
        }
    };
    format!("You are invited {to}. The invite can be used until {}.", moment(invitation.expires))
}

/// The first step: what one is invited to.
pub fn shown(setting: Setting) -> AnyView {
    let session = use_session();
    lazy(move || match setting.invitation.get() {
        Loaded::Waiting => all(vec![h1("Join a team"), loading(3)]),
        Loaded::Failed(problem) => not_open(setting, problem),
        Loaded::Here(invitation) => {
            let mut parts = vec![h1("Join a team"), p("", vec![text(words(&invitation))])];
            let go_on = move || setting.step.set(Step::Password);
            if session.stage.get_untracked() == Stage::Locked {
                let told = "This browser has an account already. Unlock it to join with that. A new \
                            account would take its place here: keep its kit, or use another browser.";
                let unlock = move || {
                    session.return_to.set_value(Some(Page::Join.path()));
                    session.go(&Page::Unlock.path());
                };
                parts.push(p("notice warn", vec![text(told)]));
                parts.push(div(
                    "actions",
                    vec![
                        button("button primary", text("Unlock to join"), always, unlock),
                        button("button ghost", text("Make a new account"), always, go_on),
                    ],
                ));
            } else {
                let told = "You make an account first: a password, and an emergency kit. Then \
                            whoever invited you lets you in.";
                parts.push(p("quiet", vec![text(told)]));
                let make = button("button primary", text("Make an account"), always, go_on);
                parts.push(div("actions", vec![make]));
            }
            all(parts)
        }
    })
}

fn not_open(setting: Setting, problem: Problem) -> AnyView {
    let session = use_session();
    let retry = Callback::new(move |()| setting.follow(session));
    let other = press("button", move || session.invite.set(None)).put("Another link");
    all(vec![h1("Join a team"), failure(problem, Some(retry)), p("actions", vec![other.any()])])
}

/// Somebody who is in a team already joins another one.
fn with_this_account(setting: Setting) -> AnyView {
    let session = use_session();
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let asked = RwSignal::new(None::<String>);
    let leave = move || {
        session.invite.set(None);
    };
    let ask = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let answer = session.keyholder.join().await;
            let _ = busy.try_set(false);
            match answer {
                Ok(waiting) => {
                    let _ = asked.try_set(Some(waiting.fingerprint));
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    lazy(move || match (setting.invitation.get(), asked.get()) {
        (_, Some(fingerprint)) => {
            let back = button("button primary", text("Back to my team"), always, leave);
            let told = "You have asked to be let in. Read these eight words to whoever invited you; \
                        then switch to that team under Account.";
            let words = p("words", vec![text(fingerprint)]);
            all(vec![h1("Waiting to be let in"), p("", vec![text(told)]), words, back])
        }
        (Loaded::Waiting, None) => all(vec![h1("Join a team"), loading(3)]),
        (Loaded::Failed(problem), None) => not_open(setting, problem),
        (Loaded::Here(invitation), None) => all(vec![
            h1("Join a team"),
            p("", vec![text(words(&invitation))]),
            form(
                ask,
                vec![
                    form_problem(problem),
                    div(
                        "actions",
                        vec![
                            submit("Join with this account", "Asking…", busy.into()),
                            button("button ghost", text("Do not join"), always, leave),
                        ],
                    ),
                ],
            ),
        ]),
    })
}

async fn look(session: Session, problem: RwSignal<Option<Problem>>) {
    match session.keyholder.open(Request::Knock).await {
        Ok(opened) => {
            let _ = problem.try_set(None);
            session.opened(opened);
        }
        Err(found) => {
            let _ = problem.try_set(Some(found));
        }
    }
}

/// One waits to be let in: it is looked now and then, and at once when somebody says so.
fn door(session: Session) -> AnyView {
    let problem = RwSignal::new(None::<Problem>);
    spawn(async move {
        let mut pause = KNOCK_AFTER;
        loop {
            TimeoutFuture::new(pause).await;
            pause = (pause / 4 * 5).min(LONGEST_PAUSE);
            // Gone from here, or another door.
            if problem.try_get_untracked().is_none() {
                return;
            }
            look(session, problem).await;
        }
    });
    let words = lazy(move || match session.waiting.get() {
        Some(waiting) => p("words", vec![text(waiting.fingerprint)]),
        None => nothing(),
    });
    let told = "You have asked to be let in. Read these eight words to whoever invited you, over \
                another way than the link came: if theirs are the same, nobody is between you.";
    all(vec![
        h1("Waiting to be let in"),
        p("", vec![text(told)]),
        words,
        status(
            "quiet",
            text(
                "This page goes on by itself as soon as somebody lets you in. You may \
                              also close it, and unlock later.",
            ),
        ),
        form_problem(problem),
        div(
            "actions",
            vec![
                button("button", text("Look now"), always, move || {
                    spawn(look(session, problem));
                }),
                button("button ghost", text("Lock"), always, move || session.lock(true)),
            ],
        ),
        teams::switch(),
    ])
}
