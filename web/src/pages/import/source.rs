//! Where the text comes from: pasted, dropped, or chosen.

use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::view::Project;

use super::Job;
use crate::components::dropped::{file_button, read_file};
use crate::components::select::{by_place, select};
use crate::components::state::form_problem;
use crate::components::value_field::ValueField;
use crate::element::el;
use crate::page::{Page, Place};
use crate::parts::{all, labelled, send};
use crate::place_names;
use crate::session::use_session;

/// A field, a file, and the whole page to drop on.
pub fn source(job: Job) -> AnyView {
    let session = use_session();
    let text = RwSignal::new(String::new());
    let read = Callback::new(move |text: String| {
        if !text.trim().is_empty() {
            job.read(session, Hidden::new(text));
        }
    });
    let hint = "Paste the text, or drop the file anywhere on this page. It is read on this device; nothing is written before you have seen it.";
    let file = file_button("button", "Choose a file", move |file| read_file(&file, read));
    let typed = view! { <ValueField value=text label="Text of the .env file" rows=8 /> };
    let form = el("form")
        .class("stack drop")
        .submit(move || read.run(text.get_untracked()))
        .put(typed.into_any())
        .put(el("p").class("hint").put(hint))
        .put(form_problem(job.problem))
        .put(el("div").class("actions").put(send("Read")).put(file));
    all(vec![into(job), form.any()])
}

/// Which scope it goes to.
fn into(job: Job) -> AnyView {
    let session = use_session();
    let project = session.overview.with_untracked(|overview| {
        place_names::project(overview.as_ref()?, &job.place.get_untracked().project).cloned()
    });
    let places = project.as_ref().map(place_names::of_project).unwrap_or_default();
    let named = project.iter().flat_map(|project| places.iter().map(|place| name(project, place)));
    let options = by_place(named);
    let here = places.clone();
    let now = Signal::derive(move || {
        let place = job.place.get();
        here.iter().position(|it| *it == place).unwrap_or_default().to_string()
    });
    let choose = Callback::new(move |index: String| {
        if let Some(place) = index.parse().ok().and_then(|index: usize| places.get(index)) {
            session.go_instead(&Page::Import(place.clone()).path());
        }
    });
    labelled("import-scope", "Into", select(Some("import-scope"), None, options, now, choose))
}

fn name(project: &Project, place: &Place) -> String {
    let environment =
        place.environment.as_deref().and_then(|id| place_names::environment(project, id));
    let application = environment
        .zip(place.application.as_deref())
        .and_then(|(environment, id)| place_names::application(environment, id));
    match (environment, application) {
        (Some(environment), Some(application)) => {
            format!("{} / {} / {}", project.name, environment.name, application.name)
        }
        (Some(environment), None) => format!("{} / {}", project.name, environment.name),
        (None, _) => format!("{} (shared)", project.name),
    }
}
