//! A file dropped, or `.env` text pasted, on any page opens the import: of the scope that the page
//! is about, else of one that is chosen.

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use web_sys::ClipboardEvent;

use crate::components::dialog::Dialog;
use crate::components::dropped;
use crate::components::palette::{dialog_open, in_editable};
use crate::components::select::{by_place, select};
use crate::erased::{click, lazy, on_window, when};
use crate::page::{Page, Place};
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
            view! {
                <div class="drop-veil" aria-hidden="true">
                    <p>"Drop the .env file to import it here"</p>
                </div>
            }
            .into_any()
        },
    );
    let place = lazy(move || match homeless.get() {
        Some(text) => choose(session, homeless, text),
        None => ().into_any(),
    });
    view! { {veil} {place} }.into_any()
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
        return view! {
            <Dialog title="Create a project first" on_close>
                <p>"Secrets belong to a project, and there is none yet. Then paste or drop again."</p>
                <div class="actions end">
                    <a
                        class="button primary"
                        href=Page::Projects.path()
                        on:click=click(move || on_close.run(()))
                    >
                        "Go to the projects"
                    </a>
                </div>
            </Dialog>
        }
        .into_any();
    }
    let chosen = RwSignal::new("0".to_owned());
    let options = by_place(named.iter().map(|(name, place)| {
        let shared = if place.environment.is_none() { " (shared)" } else { "" };
        format!("{name}{shared}")
    }));
    let choose = Callback::new(move |index| chosen.set(index));
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        on_close.run(());
        let index = chosen.get_untracked().parse::<usize>().unwrap_or_default();
        if let Some((_, place)) = named.get(index) {
            import(session, text.clone(), place.clone());
        }
    };
    view! {
        <Dialog title="Import into which scope?" on_close>
            <form on:submit=on_submit>
                <div class="field">
                    <label for="drop-scope">"Into"</label>
                    {select(Some("drop-scope"), None, options, chosen.into(), choose)}
                </div>
                <p class="hint">"Nothing is written before you have seen it."</p>
                <div class="actions end">
                    <button type="button" class="button" on:click=click(move || on_close.run(()))>
                        "Cancel"
                    </button>
                    <button type="submit" class="button primary">"Read"</button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
