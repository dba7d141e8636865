//! A file dropped, or `.env` text pasted, on any page opens the import: of the scope that the page
//! is about, else of one that is chosen.

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use web_sys::ClipboardEvent;

use crate::components::dialog::dialog;
use crate::components::dropped;
use crate::components::palette::{dialog_open, in_editable};
use crate::components::select::{by_place, select};
use crate::element::el;
use crate::erased::{lazy, on_window, when};
use crate::page::{Page, Place};
use crate::parts::{actions, all, labelled, link, nothing, press, send};
use crate::place_names;
use crate::session::{Session, use_session};

/// Listens as long as the console is open.
pub fn drop_anywhere() -> AnyView {
    let session = use_session();
    let homeless = RwSignal::new(None::<Hidden>);
    let take = Callback::new(move |text: String| {
        if dialog_open() {
            return;
        }
        let text = Hidden::new(text);
        match untrack(|| session.address.page()).and_then(Page::place) {
            Some(place) => import(session, text, place),
            None => homeless.set(Some(text)),
        }
    });
    let over = dropped::on_page(take);
    let pasted = on_window("paste", move |event: ClipboardEvent| {
        if in_editable(&event) {
            return;
        }
        let text = event.clipboard_data().and_then(|data| data.get_data("text/plain").ok());
        if let Some(text) = text.filter(|text| text.contains('=')) {
            event.prevent_default();
            take.run(text);
        }
    });
    on_cleanup(move || pasted.remove());
    let veil = when(
        move || over.get(),
        || {
            let veil = el("div").class("drop-veil").is("aria-hidden", "true");
            veil.put(el("p").put("Drop the .env file to import it here")).any()
        },
    );
    let place = lazy(move || match homeless.get() {
        Some(text) => choose(session, homeless, text),
        None => nothing(),
    });
    all(vec![veil, place])
}

/// The import page takes the text from the session.
fn import(session: Session, text: Hidden, place: Place) {
    session.import_text.set(Some(text));
    session.go(&Page::Import(place).path());
}

/// Where a text shall go that came on a page of no scope.
fn choose(session: Session, homeless: RwSignal<Option<Hidden>>, text: Hidden) -> AnyView {
    let on_close = Callback::new(move |()| homeless.set(None));
    let named = session.overview.with_untracked(|overview| {
        let Some(overview) = overview else { return Vec::new() };
        let named = |place: Place| Some((place_names::names(overview, &place)?.join(" / "), place));
        place_names::all(overview).into_iter().filter_map(named).collect::<Vec<_>>()
    });
    if named.is_empty() {
        let said = "Secrets belong to a project, and there is none yet. Then paste or drop again.";
        let go = link("button primary", Page::Projects.path())
            .click(move || on_close.run(()))
            .put("Go to the projects");
        let parts = vec![el("p").put(said).any(), actions(vec![go.any()])];
        return dialog("Create a project first", "narrow", on_close, parts);
    }
    let chosen = RwSignal::new("0".to_owned());
    let options = by_place(named.iter().map(|(name, place)| {
        let shared = if place.environment.is_none() { " (shared)" } else { "" };
        format!("{name}{shared}")
    }));
    let choose = Callback::new(move |index| chosen.set(index));
    let read = move || {
        on_close.run(());
        let index = chosen.get_untracked().parse::<usize>().unwrap_or_default();
        if let Some((_, place)) = named.get(index) {
            import(session, text.clone(), place.clone());
        }
    };
    let into = select(Some("drop-scope"), None, options, chosen.into(), choose);
    let hint = "Nothing is written before you have seen it.";
    let cancel = press("button", move || on_close.run(())).put("Cancel");
    let form = el("form")
        .submit(read)
        .put(labelled("drop-scope", "Into", into))
        .put(el("p").class("hint").put(hint))
        .put(actions(vec![cancel.any(), send("Read").any()]));
    dialog("Import into which scope?", "narrow", on_close, vec![form.any()])
}
