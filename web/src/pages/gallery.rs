//! Every component with made-up contents: what visual and accessibility tests look at.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::{Kind, Problem};

use crate::components::breadcrumb::breadcrumb;
use crate::components::dialog::dialog;
use crate::components::field::Field;
use crate::components::help::help;
use crate::components::qr::Qr;
use crate::components::state::{empty, failure, loading};
use crate::components::submit::submit;
use crate::components::time::time;
use crate::components::value_field::ValueField;
use crate::element::{El, el};
use crate::erased::{lazy, when};
use crate::format;
use crate::icons;
use crate::page::Page;
use crate::pages::title;
use crate::parts::{actions, all, div, link, nothing, p, press, span, text as words};
use crate::session::use_session;

/// `/_kit`.
#[component]
pub fn Gallery() -> impl IntoView {
    title("Components");
    let session = use_session();
    let text = RwSignal::new(String::from("billing"));
    let value = RwSignal::new(String::from("made up"));
    let wrong = RwSignal::new(String::from("2FA"));
    let shown = RwSignal::new(None::<&'static str>);
    let helps = RwSignal::new(false);
    let close = Callback::new(move |()| shown.set(None));
    let offline =
        Problem::new(Kind::Offline, "The server does not answer.", "What you typed is kept.");
    let corrupted =
        Problem::new(Kind::Corrupted, "This value does not open.", "An older version may.");
    let screen = |page: Page| {
        let path = page.path();
        el("li").put(link("button link mono", path.clone()).put(path)).any()
    };
    let screens = Page::every().into_iter().map(screen).collect();
    let screens = el("ul").class("screens").is("aria-label", "Screens").put(all(screens));
    let look = |(class, words): (&'static str, &'static str)| {
        el("button").is("type", "button").class(class).put(words).any()
    };
    let mut buttons: Vec<AnyView> = BUTTONS.into_iter().map(look).collect();
    buttons.push(submit("Save", "Saving…", Signal::derive(|| true)));
    let fields = view! {
        <Field label="Name" value=text hint="A hint below." />
        <Field
            label="Wrong"
            value=wrong
            mono=true
            error=Signal::derive(|| Some("A key can't start with a digit.".to_owned()))
        />
        <ValueField value />
    };
    let message = press("button", move || {
        session.toasts.offer("A short message.", "Undo", Arc::new(|| ()));
    });
    let messages = vec![
        failure(offline, Some(Callback::new(|()| ()))),
        failure(corrupted, None),
        p("notice", vec![words("A notice.")]),
        p("notice warn", vec![words("A warning.")]),
        message.put("Show a message").any(),
    ];
    let badge = |(class, said): (&'static str, &'static str)| span(class, vec![words(said)]);
    let mut badges: Vec<AnyView> = BADGES.into_iter().map(badge).collect();
    badges.extend([el("kbd").put("⌘K").any(), time(format::now()).any()]);
    let do_it = look(("button primary", "Do it"));
    let way = breadcrumb(vec![("Projects".into(), "/_kit".into())], "billing".into());
    let opens = |class: &'static str| {
        press("button", move || shown.set(Some(class))).put(format!("Open {class}")).any()
    };
    let mut dialogs: Vec<AnyView> = ["narrow", "wide", "drawer"].into_iter().map(opens).collect();
    dialogs.push(press("button", move || helps.set(true)).put("Open help").any());
    let over = lazy(move || {
        let Some(class) = shown.get() else { return nothing() };
        let done = press("button", move || close.run(())).put("Done");
        let said = p("", vec![words("Focus stays inside and returns to its opener.")]);
        dialog("A dialog", class, close, vec![said, actions(vec![done.any()])])
    });
    let help = when(move || helps.get(), move || help(Callback::new(move |()| helps.set(false))));
    el("main")
        .class("gallery")
        .is("id", "content")
        .put(el("h1").put("Components"))
        .put(piece("Screens", screens.any()))
        .put(piece("Buttons", div("actions", buttons)))
        .put(piece("Fields", div("stack", vec![fields.into_any()])))
        .put(piece("Messages", div("stack", messages)))
        .put(piece("Badges", div("actions", badges)))
        .put(piece(
            "States",
            all(vec![
                loading(2),
                empty("Nothing here yet", "And what to do about it.", vec![do_it]),
            ]),
        ))
        .put(piece("Ways", way))
        .put(piece(
            "QR code",
            view! { <Qr text="subrosa-kit:made-up".into() label="A made-up QR code" /> }.into_any(),
        ))
        .put(piece("Dialogs", div("actions", dialogs)))
        .put(piece("Icons", div("actions", icons::all())))
        .put(over)
        .put(help)
}

const BUTTONS: [(&str, &str); 6] = [
    ("button primary", "Primary"),
    ("button", "Plain"),
    ("button ghost", "Ghost"),
    ("button danger", "Danger"),
    ("button link", "Link"),
    ("button small", "Small"),
];

const BADGES: [(&str, &str); 4] = [
    ("badge", "from billing"),
    ("badge good", "new"),
    ("badge warn", "differs"),
    ("badge draft", "unsaved draft"),
];

fn piece(name: &'static str, inside: AnyView) -> El {
    el("section").class("piece").put(el("h2").put(name)).put(inside)
}
