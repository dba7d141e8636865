//! Another device, and other keys.

use leptos::prelude::*;
use subrosa_bridge::view::Kit;
use subrosa_bridge::{Hidden, Problem, Request};

use crate::components::account_name::AccountName;
use crate::components::dialog::dialog;
use crate::components::field::Field;
use crate::components::sheet::kit_sheet;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::element::{El, el};
use crate::erased::{lazy, spawn, when};
use crate::page::Page;
use crate::parts::{all, always, button, div, form, p, press, text, titled};
use crate::session::{Session, use_session};

/// A kit for another device, shown here and sent nowhere.
pub fn device() -> El {
    let asking = RwSignal::new(false);
    let said = "Another device needs your Secret Key and the places in the logs of your teams that this \
                one has verified: a kit, as a QR code to scan or as text. It needs the password too.";
    let close = Callback::new(move |()| asking.set(false));
    let shown = when(move || asking.get(), move || kit_dialog(close));
    titled("another-title", "Another device")
        .put(el("p").class("quiet").put(said))
        .put(press("button", move || asking.set(true)).put("Show a kit…"))
        .put(shown)
}

fn kit_dialog(close: Callback<()>) -> AnyView {
    let kit = RwSignal::new(None::<Kit>);
    let body = lazy(move || match kit.get() {
        None => asked(kit, close),
        Some(kit) => {
            let told = "On the other device, open this server's address, choose ‘Use the emergency \
                        kit’, and paste what the code says. Whoever sees it needs only your password.";
            let done = button("button primary", text("Done"), always, move || close.run(()));
            all(vec![p("", vec![text(told)]), kit_sheet(&kit), div("actions end", vec![done])])
        }
    });
    dialog("A kit for another device".to_owned(), "", close, vec![body])
}

fn asked(kit: RwSignal<Option<Kit>>, close: Callback<()>) -> AnyView {
    let session = use_session();
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let password = Hidden::new(password.get_untracked());
        spawn(async move {
            let shown = session.keyholder.begin_setup(Request::DeviceKit { password }).await;
            let _ = busy.try_set(false);
            match shown {
                Ok(shown) => {
                    let _ = kit.try_set(Some(shown));
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let field = view! {
        <AccountName />
        <Field
            label="Password"
            kind="password"
            autocomplete="current-password"
            value=password
            autofocus=true
        />
    };
    let back = press("button", move || close.run(())).put("Back");
    let go = submit("Show the kit", "Deriving keys…", busy.into());
    form(
        send,
        vec![field.into_any(), form_problem(problem), div("actions end", vec![back.any(), go])],
    )
}

/// Other keys for oneself.
pub fn renew(session: Session) -> AnyView {
    let asking = RwSignal::new(false);
    let close = Callback::new(move |()| asking.set(false));
    let question = when(move || asking.get(), move || renewal(session, close));
    let open = press("button", move || asking.set(true)).put("Make new keys…");
    all(vec![div("actions", vec![open.any()]), question])
}

fn renewal(session: Session, close: Callback<()>) -> AnyView {
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        spawn(async move {
            let opened = session.keyholder.open(Request::RenewKeys).await;
            let _ = busy.try_set(false);
            match opened {
                Ok(opened) => {
                    close.run(());
                    session.opened(opened);
                    session.changes.update(|count| *count += 1);
                    session.toasts.say("You have new keys. Tell your colleagues the new words.");
                    session.go(&Page::Account.path());
                }
                Err(found) => {
                    let _ = problem.try_set(Some(found));
                }
            }
        });
    };
    let told = "For keys that may have been seen: those before sign nothing any more, and your other \
                devices must be unlocked again. Colleagues see that your words have changed.";
    let seen = "Whoever has had the keys before still opens what they could open. Rotate the vaults \
                afterwards, or have an owner do it. If your device or kit was stolen, ask an owner to \
                replace your keys instead: that rotates all at once.";
    let keep = press("button", move || close.run(())).put("Keep mine");
    let go = submit("Make new keys", "Making…", busy.into());
    let parts = vec![
        p("", vec![text(told)]),
        p("notice warn", vec![text(seen)]),
        form_problem(problem),
        div("actions end", vec![keep.any(), go]),
    ];
    dialog("Make new keys?".to_owned(), "narrow", close, vec![form(send, parts)])
}
