//! A sheet of paper: what a person prints or saves, and keeps.

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::root_key::RootKeySheet;
use subrosa_bridge::view::Kit;

use crate::clipboard;
use crate::components::qr::Qr;
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

/// What makes another device one of the account's, with the password.
pub fn kit_sheet(kit: &Kit) -> AnyView {
    // Who is not in yet knows no name of it.
    let team = (!kit.team_name.is_empty()).then(|| ("Team", code(&*kit.team_name)));
    let mut known = Vec::from_iter(team);
    known.extend([
        ("Secret Key", strong(kit.secret_key.expose())),
        ("Server", code(&*kit.server)),
        ("Team id", code(&*kit.team)),
        ("Checkpoint", code(&*kit.checkpoint)),
    ]);
    let facts = facts(known);
    let text_of_kit = kit.text.expose().to_owned();
    let drawn = view! { <Qr text=text_of_kit label="The emergency kit as a QR code" /> };
    let body = el("div").class("sheet-body").put(h2("Emergency kit")).put(facts);
    let blank = "Password: ______________________________ (or keep it elsewhere)";
    let buttons = keep_buttons("kit", "kit", "subrosa-emergency-kit.txt", kit.text.clone());
    section(
        "sheet kit",
        "Emergency kit",
        vec![
            body.put(drawn.into_any()).any(),
            p("print-only", vec![text(blank)]),
            div("actions", buttons),
        ],
    )
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
