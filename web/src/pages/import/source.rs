//! Where the text comes from: pasted, dropped, or chosen.

use leptos::ev;
use leptos::prelude::*;
use subrosa_bridge::Hidden;
use subrosa_bridge::view::Project;

use super::Job;
use crate::components::dropped;
use crate::components::select::{by_place, select};
use crate::components::state::FormProblem;
use crate::components::value_field::ValueField;
use crate::page::{Page, Place};
use crate::place_names;
use crate::session::use_session;

/// A field, a file, and the whole page to drop on.
#[component]
pub fn Source(job: Job) -> impl IntoView {
    let session = use_session();
    let text = RwSignal::new(String::new());
    let read = Callback::new(move |text: String| {
        if !text.trim().is_empty() {
            job.read(session, Hidden::new(text));
        }
    });
    let choose = move |event: ev::Targeted<ev::Event, web_sys::HtmlInputElement>| {
        if let Some(file) = event.target().files().and_then(|files| files.get(0)) {
            dropped::read_file(&file, read);
        }
    };
    view! {
        <Into job />
        <form
            class="stack drop"
            on:submit=move |event| {
                event.prevent_default();
                read.run(text.get_untracked());
            }
        >
            <ValueField value=text label="Text of the .env file" rows=8 />
            <p class="hint">"Paste the text, or drop the file anywhere on this page. It is read on this device; nothing is written before you have seen it."</p>
            <FormProblem problem=job.problem />
            <div class="actions">
                <button type="submit" class="button primary">"Read"</button>
                <label class="button">
                    "Choose a file"
                    <input class="unseen" type="file" on:change:target=choose />
                </label>
            </div>
        </form>
    }
}

/// Which scope it goes to.
#[component]
fn Into(job: Job) -> impl IntoView {
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
    view! {
        <div class="field">
            <label for="import-scope">"Into"</label>
            {select(Some("import-scope"), None, options, now, choose)}
        </div>
    }
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
