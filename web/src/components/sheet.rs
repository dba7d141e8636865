//! A sheet of paper: what a person prints or saves, and keeps.

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::root_key::RootKeySheet;

use crate::clipboard;
use crate::element::el;
use crate::icons;
use crate::parts::{code, div, facts, h2, p, press, section, text};
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
        ("Team", code(team_name)),
        ("Root key", strong(sheet.text.expose())),
        ("Fingerprint", code(&*sheet.fingerprint)),
    ]);
    let buttons = keep_buttons("root key", "root", "subrosa-root-key.txt", file);
    let parts = vec![h2("Root key"), p("", vec![text(told)]), facts, div("actions", buttons)];
    section("sheet root", "Root key", parts)
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
    let print = press("button", move || print(sheet)).put(icons::Printer());
    let download = press("button", download).put(icons::Inward());
    vec![
        print.put(format!("Print the {what}")).any(),
        download.put(format!("Download the {what}")).any(),
    ]
}

/// What of a sheet is typed again.
pub fn strong(text: &str) -> AnyView {
    el("dd").class("mono strong").is("translate", "no").put(text.to_owned()).any()
}

/// Prints one sheet: the style sheet hides all but the one named here.
fn print(sheet: &str) {
    let Some(root) = document().document_element() else { return };
    let _ = root.set_attribute("data-print", sheet);
    let _ = window().print();
    let _ = root.remove_attribute("data-print");
}
