//! First run: name the team, choose a password, keep the emergency kit, prove it, in.

mod kit;
mod names;
mod password;
mod proof;

use leptos::ev;
use leptos::prelude::*;
use subrosa_bridge::view::Kit;
use subrosa_bridge::{Hidden, Kind, Problem};
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

const STEPS: [(Step, &str); 4] = [
    (Step::Names, "Names"),
    (Step::Password, "Password"),
    (Step::Kit, "Emergency kit"),
    (Step::Proof, "Check"),
];

/// What was typed, kept from step to step.
#[derive(Clone, Copy)]
struct Setting {
    step: RwSignal<Step>,
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
    let setting = Setting {
        step: RwSignal::new(Step::Names),
        token: RwSignal::new(take_token()),
        link: RwSignal::new(Loaded::Waiting),
        team_name: RwSignal::new(String::new()),
        me: RwSignal::new(String::new()),
        password: RwSignal::new(String::new()),
        kit: RwSignal::new(None),
    };
    effect(move || {
        if session.stage.get() == Stage::Open {
            session.go_instead(&Page::Projects.path());
        }
    });
    effect(move || {
        if session.stage.get() == Stage::Empty && !setting.token.with(String::is_empty) {
            setting.check_link(session);
        }
    });
    // From the kit on, leaving would throw a team away that was never founded.
    let handle = on_window("beforeunload", move |event: web_sys::Event| {
        if setting.kit.try_with_untracked(Option::is_some) == Some(true)
            && session.stage.get_untracked() != Stage::Open
        {
            event.prevent_default();
        }
    });
    // The link opened again in this tab changes the fragment alone: no new page is loaded.
    let again = on_window("hashchange", move |_: web_sys::Event| {
        let token = take_token();
        if !token.is_empty() && setting.kit.with_untracked(Option::is_none) {
            setting.token.set(token);
        }
    });
    on_cleanup(move || {
        handle.remove();
        again.remove();
    });
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
                    Loaded::Here(()) => view! { <Steps setting /> }.into_any(),
                    Loaded::Failed(problem) => view! { <BadLink setting problem /> }.into_any(),
                },
            })}
        </main>
    }
}

#[component]
fn Steps(setting: Setting) -> impl IntoView {
    let step = setting.step;
    view! {
        <ol class="steps" aria-label="Steps">
            {STEPS.into_iter().map(|(this, name)| view! {
                <li
                    class:done=move || this < step.get()
                    aria-current=move || (this == step.get()).then_some("step")
                >
                    {name}
                </li>
            }).collect_view()}
        </ol>
        {lazy(move || match step.get() {
            Step::Names => view! { <names::Names setting /> }.into_any(),
            Step::Password => view! { <password::Password setting /> }.into_any(),
            Step::Kit => view! { <kit::KeepKit setting /> }.into_any(),
            Step::Proof => view! { <proof::Proof setting /> }.into_any(),
        })}
    }
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

    fn begin(self) -> subrosa_bridge::Request {
        subrosa_bridge::Request::BeginSetup {
            token: Hidden::new(self.token.get_untracked()),
            team_name: self.team_name.get_untracked().trim().to_owned(),
            me: self.me.get_untracked().trim().to_owned(),
            password: Hidden::new(self.password.get_untracked()),
        }
    }
}
