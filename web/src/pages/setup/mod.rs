//! First run: name the team, choose a password, keep the emergency kit, prove it, in. The same steps
//! lead an owner in again whose team the root key has opened.

mod kit;
mod names;
mod password;
mod proof;
mod recovery;

pub use proof::root_key_tail;

use leptos::ev;
use leptos::prelude::*;
use subrosa_bridge::root_key::Recovery;
use subrosa_bridge::view::Kit;
use subrosa_bridge::{Hidden, Kind, Problem, Request};
use wasm_bindgen::JsValue;

use crate::components::field::Field;
use crate::components::state::{Failure, Loaded, Loading};
use crate::erased::{click, effect, lazy, on_window, spawn};
use crate::icons;
use crate::page::Page;
use crate::pages::title;
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

/// What was typed, kept from step to step.
#[derive(Clone, Copy)]
struct Setting {
    /// Whether an owner gets in again, or a team is founded.
    recovers: bool,
    step: RwSignal<Step>,
    /// The team that the root key has opened.
    recovery: RwSignal<Option<Recovery>>,
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
    let setting = Setting::new(false, take_token());
    setting.leave_when_open(session, Page::Projects);
    effect(move || {
        if session.stage.get() == Stage::Empty && !setting.token.with(String::is_empty) {
            setting.check_link(session);
        }
    });
    // The link opened again in this tab changes the fragment alone: no new page is loaded.
    let again = on_window("hashchange", move |_: web_sys::Event| {
        let token = take_token();
        if !token.is_empty() && setting.kit.with_untracked(Option::is_none) {
            setting.token.set(token);
        }
    });
    on_cleanup(move || again.remove());
    view! {
        <main class="alone wide">
            <span class="mark"><icons::Rose /></span>
            {lazy(move || match session.stage.get() {
                Stage::Loading => view! { <h1>"Set up"</h1> <Loading lines=3 /> }.into_any(),
                Stage::Locked => view! { <AlreadyHere /> }.into_any(),
                _ if setting.token.with(String::is_empty) => {
                    view! { <NoToken token=setting.token /> }.into_any()
                }
                _ => match setting.link.get() {
                    Loaded::Waiting => view! { <h1>"Set up"</h1> <Loading lines=3 /> }.into_any(),
                    Loaded::Here(()) => steps(setting),
                    Loaded::Failed(problem) => view! { <BadLink setting problem /> }.into_any(),
                },
            })}
        </main>
    }
}

fn steps(setting: Setting) -> AnyView {
    let step = setting.step;
    let name = |this| match this {
        Step::Names if setting.recovers => "Root key",
        Step::Names => "Names",
        Step::Password => "Password",
        Step::Kit => "Emergency kit",
        Step::Proof => "Check",
    };
    let item = |this: Step| {
        view! {
            <li
                class:done=move || this < step.get()
                aria-current=move || (this == step.get()).then_some("step")
            >
                {name(this)}
            </li>
        }
        .into_any()
    };
    let items: Vec<AnyView> = STEPS.into_iter().map(item).collect();
    let body = lazy(move || match step.get() {
        Step::Names if setting.recovers => recovery::root_key(setting),
        Step::Names => view! { <names::Names setting /> }.into_any(),
        Step::Password => view! { <password::Password setting /> }.into_any(),
        Step::Kit => kit::keep_kit(setting),
        Step::Proof => view! { <proof::Proof setting /> }.into_any(),
    });
    view! { <ol class="steps" aria-label="Steps">{items}</ol> {body} }.into_any()
}

/// Leads an owner in again whose team its root key opens.
pub fn recover_team() -> AnyView {
    title("Recover a team");
    let session = use_session();
    let setting = Setting::new(true, String::new());
    setting.leave_when_open(session, Page::RootKey);
    let body = lazy(move || match session.stage.get() {
        Stage::Loading => view! { <Loading lines=3 /> }.into_any(),
        _ => steps(setting),
    });
    view! {
        <main class="alone wide">
            <span class="mark"><icons::Rose /></span>
            {body}
        </main>
    }
    .into_any()
}

#[component]
fn AlreadyHere() -> impl IntoView {
    view! {
        <h1>"This device already has a team"</h1>
        <p>
            "Setting up another one here would overwrite its Secret Key. Unlock it, or forget this device first."
        </p>
        <p><a class="button primary" href=Page::Unlock.path()>"Unlock"</a></p>
    }
}

/// The link's fragment is gone after a reload: that is its purpose.
#[component]
fn NoToken(token: RwSignal<String>) -> impl IntoView {
    let link = RwSignal::new(String::new());
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = link.get_untracked();
        let after = typed.rsplit('#').next().unwrap_or_default().trim().to_owned();
        if !after.is_empty() {
            token.set(after);
        }
    };
    view! {
        <h1>"Open the setup link"</h1>
        <p>
            "The server prints a one-time link when it is started for the first time. If you reloaded this page before the team was founded, nothing was created: start over with the same link."
        </p>
        <form class="stack" on:submit=on_submit>
            <Field label="Setup link" value=link mono=true autofocus=true />
            <button type="submit" class="button primary">"Start"</button>
        </form>
        <p class="quiet-links">
            <a href=Page::Recover.path()>"I have an emergency kit"</a>
        </p>
    }
}

/// The link is used up, or the server did not say.
#[component]
fn BadLink(setting: Setting, problem: Problem) -> impl IntoView {
    let session = use_session();
    let failure = if problem.kind == Kind::SetupToken {
        view! { <Failure problem /> }.into_any()
    } else {
        let retry = Callback::new(move |()| setting.check_link(session));
        view! { <Failure problem retry /> }.into_any()
    };
    view! {
        <h1>"Set up"</h1>
        {failure}
        <p class="actions">
            <button type="button" class="button" on:click=click(move || setting.token.set(String::new()))>
                "Enter another link"
            </button>
            <a class="button ghost" href=Page::Recover.path()>"I have an emergency kit"</a>
        </p>
    }
}

/// Reads the token out of the address and strips it there at once, so that neither the history nor
/// a screenshot has it.
fn take_token() -> String {
    let location = window().location();
    let token = location.hash().unwrap_or_default().trim_start_matches('#').to_owned();
    if !token.is_empty()
        && let Ok(history) = window().history()
    {
        let path = Page::Setup.path();
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
    token
}

impl Setting {
    fn new(recovers: bool, token: String) -> Self {
        let empty = || RwSignal::new(String::new());
        Setting {
            recovers,
            step: RwSignal::new(Step::Names),
            recovery: RwSignal::new(None),
            owner: empty(),
            token: RwSignal::new(token),
            link: RwSignal::new(Loaded::Waiting),
            team_name: empty(),
            me: empty(),
            password: empty(),
            kit: RwSignal::new(None),
        }
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
                && session.stage.get_untracked() != Stage::Open
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
        if self.recovers {
            let owner = self.owner.get_untracked();
            let password = Hidden::new(self.password.get_untracked());
            return Request::BeginRecovery { owner, password };
        }
        Request::BeginSetup {
            token: Hidden::new(self.token.get_untracked()),
            team_name: self.team_name.get_untracked().trim().to_owned(),
            me: self.me.get_untracked().trim().to_owned(),
            password: Hidden::new(self.password.get_untracked()),
        }
    }
}
