//! First run: name the team, choose a password, keep the emergency kit, prove it, in. The same steps
//! lead an owner in again whose team the root key has opened.

mod invite;
mod kit;
mod names;
mod password;
mod proof;
mod recovery;

pub use invite::join;
pub use proof::root_key_tail;

use leptos::prelude::*;
use subrosa_bridge::people::Invitation;
use subrosa_bridge::root_key::Recovery;
use subrosa_bridge::view::Kit;
use subrosa_bridge::{Hidden, Kind, Problem, Request};
use wasm_bindgen::JsValue;

use crate::components::field::Field;
use crate::components::state::{Loaded, failure, loading};
use crate::element::{El, el};
use crate::erased::{effect, lazy, on_window, spawn};
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::pages::unlock::cannot_start;
use crate::parts::{all, form, link, p, press, send, text};
use crate::session::{Session, Stage, use_session};

/// Where first run stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Names,
    Password,
    Kit,
    Proof,
}

const STEPS: [Step; 4] = [Step::Names, Step::Password, Step::Kit, Step::Proof];

/// Where the steps lead.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A team is founded.
    Founds,
    /// An owner gets in again.
    Recovers,
    /// Somebody who was invited asks to be let in.
    Joins,
}

/// What was typed, kept from step to step.
#[derive(Clone, Copy)]
struct Setting {
    way: Way,
    step: RwSignal<Step>,
    /// The team that the root key has opened.
    recovery: RwSignal<Option<Recovery>>,
    /// The invite that was followed.
    invitation: RwSignal<Loaded<Invitation>>,
    /// The id of the owner that one is.
    owner: RwSignal<String>,
    token: RwSignal<String>,
    /// Whether the link is still good: asked before anything is typed.
    link: RwSignal<Loaded<()>>,
    team_name: RwSignal<String>,
    me: RwSignal<String>,
    password: RwSignal<String>,
    kit: RwSignal<Option<Kit>>,
}

/// The screen of the setup link.
#[component]
pub fn Setup() -> impl IntoView {
    title("Set up");
    let session = use_session();
    let setting = Setting::new(Way::Founds, take_fragment(&Page::Setup));
    setting.leave_when_open(session, Page::Projects);
    effect(move || {
        if session.stage.get() == Stage::Empty && !setting.token.with(String::is_empty) {
            setting.check_link(session);
        }
    });
    // The link opened again in this tab changes the fragment alone: no new page is loaded.
    let again = on_window("hashchange", move |_: web_sys::Event| {
        let token = take_fragment(&Page::Setup);
        if !token.is_empty() && setting.kit.with_untracked(Option::is_none) {
            setting.token.set(token);
        }
    });
    on_cleanup(move || again.remove());
    alone(lazy(move || match session.stage.get() {
        Stage::Loading => all(vec![h1("Set up"), loading(3)]),
        Stage::Locked => already_here(),
        _ if setting.token.with(String::is_empty) => no_token(setting.token),
        _ => match setting.link.get() {
            Loaded::Waiting => all(vec![h1("Set up"), loading(3)]),
            Loaded::Here(()) => steps(setting),
            Loaded::Failed(problem) => bad_link(setting, problem),
        },
    }))
}

/// A page with nothing beside it.
fn alone(body: AnyView) -> El {
    el("main").class("alone wide").put(el("span").class("mark").put(icons::Rose())).put(body)
}

fn h1(words: &'static str) -> AnyView {
    el("h1").put(words).any()
}

fn steps(setting: Setting) -> AnyView {
    let step = setting.step;
    let name = |this| match this {
        Step::Names => match setting.way {
            Way::Founds => "Names",
            Way::Recovers => "Root key",
            Way::Joins => "Invite",
        },
        Step::Password => "Password",
        Step::Kit => "Emergency kit",
        Step::Proof => "Check",
    };
    let item = |this: Step| {
        el("li")
            .toggles("done", move || this < step.get())
            .maybe("aria-current", move || (this == step.get()).then(|| "step".to_owned()))
            .put(name(this))
    };
    let items: Vec<El> = STEPS.into_iter().map(item).collect();
    let body = lazy(move || match step.get() {
        Step::Names => match setting.way {
            Way::Founds => names::names(setting),
            Way::Recovers => recovery::root_key(setting),
            Way::Joins => invite::shown(setting),
        },
        Step::Password => password::password(setting),
        Step::Kit => kit::keep_kit(setting),
        Step::Proof => proof::proof(setting),
    });
    all(vec![el("ol").class("steps").is("aria-label", "Steps").put(items).any(), body])
}

/// Leads an owner in again whose team its root key opens.
pub fn recover_team() -> AnyView {
    title("Recover a team");
    let session = use_session();
    let setting = Setting::new(Way::Recovers, String::new());
    setting.leave_when_open(session, Page::RootKey);
    // Whatever ends it, by the clock too: the next one begins anew.
    effect(move || {
        if !session.recovering.get() && setting.recovery.with_untracked(Option::is_some) {
            setting.start_over();
        }
    });
    on_cleanup(move || session.end_recovery());
    alone(lazy(move || match session.stage.get() {
        Stage::Loading => loading(3),
        Stage::Failed => cannot_start(),
        _ => steps(setting),
    }))
    .any()
}

fn already_here() -> AnyView {
    let told = "Setting up another one here would overwrite its Secret Key. Unlock it, or forget \
                this device first.";
    let unlock = link("button primary", Page::Unlock.path()).put("Unlock");
    all(vec![
        h1("This device already has a team"),
        p("", vec![text(told)]),
        p("", vec![unlock.any()]),
    ])
}

/// The link's fragment is gone after a reload: that is its purpose.
fn no_token(token: RwSignal<String>) -> AnyView {
    let typed = RwSignal::new(String::new());
    let submit = move || {
        let typed = typed.get_untracked();
        let after = typed.rsplit('#').next().unwrap_or_default().trim().to_owned();
        if !after.is_empty() {
            token.set(after);
        }
    };
    let told = "The server prints a one-time link when it is started for the first time. If you \
                reloaded this page before the team was founded, nothing was created: start over \
                with the same link.";
    let field = view! { <Field label="Setup link" value=typed mono=true autofocus=true /> };
    all(vec![
        h1("Open the setup link"),
        p("", vec![text(told)]),
        form(submit, vec![field.into_any(), send("Start").any()]),
        p("quiet-links", vec![link("", Page::Recover.path()).put(HAVE_KIT).any()]),
    ])
}

const HAVE_KIT: &str = "I have an emergency kit";

/// The link is used up, or the server did not say.
fn bad_link(setting: Setting, problem: Problem) -> AnyView {
    let session = use_session();
    let used = problem.kind == Kind::SetupToken;
    let retry = (!used).then(|| Callback::new(move |()| setting.check_link(session)));
    let another = press("button", move || setting.token.set(String::new()));
    all(vec![
        h1("Set up"),
        failure(problem, retry),
        p(
            "actions",
            vec![
                another.put("Enter another link").any(),
                link("button ghost", Page::Recover.path()).put(HAVE_KIT).any(),
            ],
        ),
    ])
}

/// Reads a secret out of the address and strips it there at once, so that neither the history nor
/// a screenshot has it.
fn take_fragment(page: &Page) -> String {
    let location = window().location();
    let token = location.hash().unwrap_or_default().trim_start_matches('#').to_owned();
    if !token.is_empty()
        && let Ok(history) = window().history()
    {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&page.path()));
    }
    token
}

impl Setting {
    fn new(way: Way, token: String) -> Self {
        let empty = || RwSignal::new(String::new());
        Setting {
            way,
            step: RwSignal::new(Step::Names),
            recovery: RwSignal::new(None),
            invitation: RwSignal::new(Loaded::Waiting),
            owner: empty(),
            token: RwSignal::new(token),
            link: RwSignal::new(Loaded::Waiting),
            team_name: empty(),
            me: empty(),
            password: empty(),
            kit: RwSignal::new(None),
        }
    }

    /// Back to the first step, with nothing typed.
    fn start_over(self) {
        self.step.set(Step::Names);
        self.recovery.set(None);
        self.password.set(String::new());
        self.kit.set(None);
    }

    /// Goes on to a page once the team is open. Until then leaving would, from the kit on, throw
    /// away what was made.
    fn leave_when_open(self, session: Session, to: Page) {
        effect(move || {
            if session.stage.get() == Stage::Open {
                session.go_instead(&to.path());
            }
        });
        let handle = on_window("beforeunload", move |event: web_sys::Event| {
            if self.kit.try_with_untracked(Option::is_some) == Some(true)
                && !matches!(session.stage.get_untracked(), Stage::Open | Stage::Waiting)
            {
                event.prevent_default();
            }
        });
        on_cleanup(move || handle.remove());
    }

    fn check_link(self, session: Session) {
        let token = Hidden::new(self.token.get_untracked());
        self.link.set(Loaded::Waiting);
        spawn(async move {
            let result = session.keyholder.check_setup(token.clone()).await;
            let asked = self.token.try_with_untracked(|now| now == token.expose());
            if asked == Some(true) {
                let _ = self.link.try_set(result.into());
            }
        });
    }

    fn begin(self) -> Request {
        let password = Hidden::new(self.password.get_untracked());
        match self.way {
            Way::Founds => Request::BeginSetup {
                token: Hidden::new(self.token.get_untracked()),
                team_name: self.team_name.get_untracked().trim().to_owned(),
                me: self.me.get_untracked().trim().to_owned(),
                password,
            },
            Way::Recovers => Request::BeginRecovery { owner: self.owner.get_untracked(), password },
            Way::Joins => Request::BeginJoin { password },
        }
    }
}
