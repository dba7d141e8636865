//! A sheet of paper: what a person prints or saves, and keeps.

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::root_key::RootKeySheet;

use crate::clipboard;
use crate::icons;
use crate::parts::{all, always, button, div, h2, p, text};
use crate::session::use_session;

/// The root key, apart from everything else.
pub fn root_key_sheet(team_name: &str, sheet: &RootKeySheet) -> AnyView {
    let file = Hidden::new(format!(
        "Subrosa root key of the team {team_name}\nFingerprint: {}\n\n{}\n",
        sheet.fingerprint,
        sheet.text.expose()
    ));
    let told = "Opens every vault of the team when all members have lost their keys. Keep it on \
                paper, offline, apart from the kit.";
    let facts = facts(vec![
        fact("Team", team_name, false),
        fact("Root key", sheet.text.expose(), true),
        fact("Fingerprint", &sheet.fingerprint, false),
    ]);
    let parts = vec![
        h2("Root key"),
        p("", vec![text(told)]),
        facts,
        div("actions", keep_buttons("root key", "root", "subrosa-root-key.txt", file)),
    ];
    view! { <section class="sheet root" aria-label="Root key">{parts}</section> }.into_any()
}

/// Prints it, or saves it as a file.
pub fn keep_buttons(
    what: &'static str,
    sheet: &'static str,
    file: &'static str,
    contents: Hidden,
) -> Vec<AnyView> {
    let session = use_session();
    let contents = StoredValue::new(contents);
    let download = move || {
        let saved = contents.with_value(|text| clipboard::save_file(file, text.expose()));
        session.toasts.say(if saved {
            format!("The {what} is saved as a file.")
        } else {
            format!("This browser saves no files. Print the {what} instead.")
        });
    };
    let words = |icon: AnyView, verb: &str| all(vec![icon, text(format!("{verb} the {what}"))]);
    vec![
        button("button", words(icons::Printer().into_any(), "Print"), always, move || print(sheet)),
        button("button", words(icons::Inward().into_any(), "Download"), always, download),
    ]
}

/// What a sheet says, name by name.
pub fn facts(facts: Vec<AnyView>) -> AnyView {
    view! { <dl class="facts">{facts}</dl> }.into_any()
}

/// One thing that it says.
pub fn fact(name: &'static str, value: &str, strong: bool) -> AnyView {
    let class = if strong { "mono strong" } else { "mono" };
    view! {
        <div>
            <dt>{name}</dt>
            <dd class=class translate="no">{value.to_owned()}</dd>
        </div>
    }
    .into_any()
}

/// Prints one sheet: the style sheet hides all but the one named here.
fn print(sheet: &str) {
    let Some(root) = document().document_element() else { return };
    let _ = root.set_attribute("data-print", sheet);
    let _ = window().print();
    let _ = root.remove_attribute("data-print");
}
