//! The root key: which one is in force, another one in its place, and what a kept one is.

use leptos::prelude::*;
use subrosa_bridge::root_key::{RootKey, RootKeyIs, RootKeySheet, StagedRootKey};
use subrosa_bridge::{Hidden, Problem, Request};

use crate::components::sheet::root_key_sheet;
use crate::components::state::{Loaded, failure, form_problem, loading};
use crate::components::submit::submit;
use crate::components::time::time;
use crate::components::value_field::ValueField;
use crate::element::El;
use crate::erased::{effect, lazy, memo, spawn};
use crate::format;
use crate::pages::setup::root_key_tail;
use crate::pages::title;
use crate::parts::{
    all, div, form, h2, head, li, nothing, p, press, said, section, span, text, ul,
};
use crate::session::{Session, use_session};

#[derive(Clone, Copy)]
struct Work {
    session: Session,
    key: RwSignal<Loaded<RootKey>>,
    /// The new key, while it is shown.
    sheet: RwSignal<Option<RootKeySheet>>,
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    again: RwSignal<u32>,
}

/// `/root-key`.
#[component]
pub fn RootKeyPage() -> impl IntoView {
    title("Root key");
    let session = use_session();
    let work = Work {
        session,
        key: RwSignal::new(Loaded::Waiting),
        sheet: RwSignal::new(None),
        busy: RwSignal::new(false),
        problem: RwSignal::new(None),
        again: RwSignal::new(0),
    };
    effect(move || {
        session.changes.track();
        work.again.track();
        work.ask(Request::RootKey, "");
    });
    let retry = Callback::new(move |()| work.again.update(|count| *count += 1));
    let state = memo(move || work.key.get());
    let lead = "An owner that is kept on paper: it opens every vault when all devices and kits are \
                lost. Replace it when somebody may have seen it, or when it was used.";
    all(vec![
        head("Root key", vec![]),
        p("quiet lead", vec![text(lead)]),
        div(
            "settings",
            vec![
                lazy(move || match state.get() {
                    Loaded::Waiting => loading(5),
                    Loaded::Failed(problem) => failure(problem, Some(retry)),
                    Loaded::Here(key) => shown(work, key),
                }),
                check(session),
            ],
        ),
    ])
}

impl Work {
    /// Asks for something after which the root key is told anew, and says `done` if it went well.
    fn ask(self, request: Request, done: &'static str) {
        if !done.is_empty() {
            self.busy.set(true);
            self.problem.set(None);
        }
        spawn(async move {
            let answer = self.session.keyholder.root_key(request).await;
            if !done.is_empty() {
                let _ = self.busy.try_set(false);
            }
            match answer {
                Err(problem) if !done.is_empty() => {
                    let _ = self.problem.try_set(Some(problem));
                    let _ = self.again.try_update(|count| *count += 1);
                }
                answer => {
                    if answer.is_ok() && !done.is_empty() {
                        let _ = self.sheet.try_set(None);
                        self.session.toasts.say(done);
                    }
                    let _ = self.key.try_set(answer.into());
                }
            }
        });
    }

    /// Makes another one, or shows the one that was made.
    fn stage(self) {
        self.problem.set(None);
        spawn(async move {
            match self.session.keyholder.stage_root_key().await {
                Ok(sheet) => {
                    let _ = self.sheet.try_set(Some(sheet));
                    let _ = self.again.try_update(|count| *count += 1);
                }
                Err(problem) => self.session.report(&problem),
            }
        });
    }
}

fn words(fingerprint: String) -> AnyView {
    p("words", vec![text(fingerprint)])
}

fn shown(work: Work, key: RootKey) -> AnyView {
    let since = vec![
        text("Since "),
        time(key.since).any(),
        text(". The same eight words are on its sheet."),
    ];
    let mut in_force = vec![h2("In force"), words(key.fingerprint), p("quiet", since)];
    let overview = work.session.overview;
    let owner = memo(move || overview.with(|it| it.as_ref().is_some_and(|it| it.owner)));
    let staged = key.staged.is_some();
    in_force.push(lazy(move || match (owner.get(), staged) {
        (false, _) => p("hint", vec![text("An owner may replace it.")]),
        (true, true) => nothing(),
        (true, false) => {
            press("button primary", move || work.stage()).put("Make a new root key").any()
        }
    }));
    let mut parts = vec![section("", "In force", in_force)];
    parts.extend(key.staged.map(|staged| next_key(work, staged)));
    if !key.former.is_empty() {
        let told = "These open nothing that was written afterwards. What somebody has copied with \
                    one while it worked, they have: replace such secrets at their source.";
        let former = key.former.into_iter().map(|former| {
            let until = vec![text(" until "), time(former.until).any()];
            li("", vec![span("mono", vec![text(former.fingerprint)]), span("quiet", until)])
        });
        let former = ul("stack", former.collect());
        let replaced = vec![h2("Replaced"), p("quiet", vec![text(told)]), former];
        parts.push(section("", "Replaced", replaced));
    }
    all(parts)
}

/// One that is made and not in force.
fn next_key(work: Work, staged: StagedRootKey) -> AnyView {
    let discard = move || {
        let done = "The new root key is discarded. Destroy its sheet.";
        press("button ghost", move || work.ask(Request::DiscardRootKey, done)).put("Discard it")
    };
    let this = staged.fingerprint.clone();
    let fingerprint = words(staged.fingerprint);
    if staged.overtaken {
        let told = "Somebody else has replaced the root key since this one was made. This one is \
                    not in force, and will not be.";
        return section(
            "",
            "New",
            vec![
                h2("New, overtaken"),
                fingerprint,
                p("error", vec![text(told)]),
                form_problem(work.problem),
                discard().any(),
            ],
        );
    }
    let tail = RwSignal::new(String::new());
    let team = work.session.overview.with_untracked(|overview| {
        overview.as_ref().map(|overview| overview.team_name.clone()).unwrap_or_default()
    });
    // Another tab may have made another one since.
    let shown = move || work.sheet.get().filter(|sheet| sheet.fingerprint == this);
    let sheet = lazy(move || match shown() {
        Some(sheet) => confirm(work, &team, &sheet, tail, discard()),
        None => {
            let show = press("button", move || work.stage()).put("Show it");
            div("actions", vec![show.any(), discard().any()])
        }
    });
    let told = "This one was made on this device, and is not in force: the one above still is. \
                Print it or save it, then type its end from there.";
    let parts = vec![
        h2("New, not in force"),
        fingerprint,
        p("quiet", vec![text(told)]),
        sheet,
        form_problem(work.problem),
    ];
    section("", "New", parts)
}

fn confirm(
    work: Work,
    team: &str,
    sheet: &RootKeySheet,
    tail: RwSignal<String>,
    discard: El,
) -> AnyView {
    let length = sheet.tail;
    let fingerprint = StoredValue::new(sheet.fingerprint.clone());
    let busy = work.busy;
    let send = move || {
        if !busy.get_untracked() {
            let tail = Hidden::new(tail.get_untracked().trim().to_owned());
            let done = "The new root key is in force. Destroy the old one.";
            let fingerprint = fingerprint.get_value();
            work.ask(Request::RotateRootKey { fingerprint, tail }, done);
        }
    };
    let then = "All vaults get new keys with it; nobody is interrupted. To seal again what is there \
                already, rotate afterwards.";
    all(vec![
        root_key_sheet(team, sheet),
        form(
            send,
            vec![
                root_key_tail(length, tail),
                p("hint", vec![text(then)]),
                div(
                    "actions",
                    vec![submit("Put it in force", "Replacing…", busy.into()), discard.any()],
                ),
            ],
        ),
    ])
}

/// What a root key is that somebody finds in a drawer.
fn check(session: Session) -> AnyView {
    let key = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let is = RwSignal::new(None::<RootKeyIs>);
    let send = move || {
        if busy.get_untracked() || key.with_untracked(|key| key.trim().is_empty()) {
            return;
        }
        busy.set(true);
        problem.set(None);
        is.set(None);
        spawn(async move {
            let answer = session.keyholder.check_root_key(Hidden::new(key.get_untracked())).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(found) => {
                    let _ = is.try_set(Some(found));
                    // Nothing of it stays on the page.
                    let _ = key.try_set(String::new());
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let result = lazy(move || match is.get() {
        None => nothing(),
        Some(is) => said(vec![text(match is {
            RootKeyIs::InForce => "This is the root key that is in force.".to_owned(),
            RootKeyIs::Staged => "This is the new one. It is not in force yet.".to_owned(),
            RootKeyIs::Replaced(at) => {
                format!("It was replaced on {}. Destroy it.", format::moment(at))
            }
            RootKeyIs::OfAnotherTeam => "This is the root key of another team.".to_owned(),
            RootKeyIs::Unknown => "It never was a root key of this team.".to_owned(),
        })]),
    });
    let told = "Tells whether a root key that you have kept still works. It is looked at on this \
                device alone.";
    section(
        "",
        "Check a root key",
        vec![
            h2("Check a root key"),
            p("quiet", vec![text(told)]),
            form(
                send,
                vec![
                    view! { <ValueField value=key label="Root key" rows=3 /> }.into_any(),
                    form_problem(problem),
                    submit("Check", "Checking…", busy.into()),
                ],
            ),
            result,
        ],
    )
}
