//! A device that has no Secret Key: the emergency kit and the password open the account here.

use leptos::prelude::*;
use subrosa_bridge::{Hidden, Problem};

use crate::components::account_name::AccountName;
use crate::components::dropped;
use crate::components::field::Field;
use crate::components::state::{form_problem, loading};
use crate::components::submit::submit;
use crate::components::value_field::ValueField;
use crate::element::{El, el};
use crate::erased::{effect, lazy, memo, spawn};
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::parts::{link, live, p, press, text};
use crate::session::{Stage, use_session};

/// Paste or drop the kit, or type what it says.
#[component]
pub fn Recover() -> impl IntoView {
    title("Recover");
    let session = use_session();
    effect(move || {
        if session.stage.get() == Stage::Waiting {
            session.go_instead(&Page::Join.path());
        }
        if session.stage.get() == Stage::Open {
            let back = session.return_to.try_update_value(Option::take).flatten();
            let to = back.unwrap_or_else(|| Page::Projects.path());
            session.go_instead(&to);
        }
    });
    let said = lazy(move || match session.stage.get() {
        Stage::Loading => loading(4),
        Stage::Locked => {
            let unlock = link("", Page::Unlock.path()).put("Unlock with the password alone");
            p("quiet", vec![text("This device already has a Secret Key. "), unlock.any()])
        }
        _ => p(
            "quiet",
            vec![text(
                "This device has no Secret Key yet. For a new server, open the setup link that it printed when it was started.",
            )],
        ),
    });
    el("main")
        .class("alone")
        .put(el("span").class("mark").put(icons::Rose()))
        .put(el("h1").put("Open with the emergency kit"))
        .put(said)
        .put(kit_form())
        .put(p(
            "quiet-links",
            vec![link("", Page::RecoverTeam.path()).put("I have the root key alone").any()],
        ))
}

fn kit_form() -> El {
    let session = use_session();
    let typed = RwSignal::new(false);
    let kit = RwSignal::new(String::new());
    let secret_key = RwSignal::new(String::new());
    let checkpoint = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let whole = move || {
        if typed.get_untracked() {
            format!("{}\n{}", secret_key.get_untracked(), checkpoint.get_untracked())
        } else {
            kit.get_untracked()
        }
    };
    let open = move || {
        let text = whole();
        if busy.get_untracked() || text.trim().is_empty() {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let password = Hidden::new(password.get_untracked());
            let result = session.keyholder.recover(Hidden::new(text), password).await;
            let _ = busy.try_set(false);
            match result {
                Ok(opened) => session.opened(opened),
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let over = dropped::on_page(Callback::new(move |text| {
        typed.set(false);
        kit.set(text);
    }));
    let by_hand = memo(move || typed.get());
    let fields = lazy(move || {
        if by_hand.get() {
            return view! {
                <Field
                    label="Secret Key"
                    value=secret_key
                    mono=true
                    hint="Starts with SR1-. Dashes, spaces and case do not matter."
                />
                <Field label="Checkpoint" value=checkpoint mono=true hint="A number, a colon, letters and digits." />
            }
            .into_any();
        }
        let hint = "Paste the kit’s text, or drop its file anywhere on this page.";
        el("div")
            .class("drop")
            .toggles("over", move || over.get())
            .put(view! { <ValueField value=kit label="Emergency kit" rows=3 /> }.into_any())
            .put(el("p").class("hint").put(hint))
            .any()
    });
    let other = move || {
        if typed.get() { "Paste or drop the kit instead" } else { "Type the Secret Key instead" }
    };
    let toggle = press("button link", move || typed.update(|typed| *typed = !*typed));
    let password = view! {
        <AccountName />
        <Field label="Password" kind="password" autocomplete="current-password" value=password />
    };
    el("form")
        .class("stack")
        .submit(open)
        .put(fields)
        .put(toggle.put(live(move || other().to_owned())))
        .put(password.into_any())
        .put(form_problem(problem))
        .put(submit("Open on this device", "Opening…", busy.into()))
}
