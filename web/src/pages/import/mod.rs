//! Brings a dotenv file in: read it, decide on each line, write.

mod bad;
mod lines;
mod source;

use leptos::prelude::*;
use subrosa_bridge::view::Import;
use subrosa_bridge::{Hidden, Problem};

use crate::components::breadcrumb::Breadcrumb;
use crate::components::state::{Empty, FormProblem, Loading};
use crate::erased::{click, effect, lazy, memo, spawn};
use crate::format;
use crate::import_plan::{Plan, Side};
use crate::page::{Page, Place};
use crate::pages::title;
use crate::place_names;
use crate::session::use_session;

/// Where an import stands.
#[derive(Clone, PartialEq)]
enum Step {
    /// Nothing read yet.
    Source,
    /// The keyholder reads.
    Reading,
    /// Read: to be decided on.
    Resolve(Import),
    /// Written: how many.
    Written(usize),
}

/// What the steps share.
#[derive(Clone, Copy)]
struct Job {
    place: Memo<Place>,
    step: RwSignal<Step>,
    plan: RwSignal<Plan>,
    problem: RwSignal<Option<Problem>>,
}

/// `/p/:project/import`, with `#e=` and `&a=` for an environment or application.
#[component]
pub fn ImportPage() -> impl IntoView {
    title("Import");
    let session = use_session();
    let place = session.address.place();
    let job = Job {
        place,
        step: RwSignal::new(Step::Source),
        plan: RwSignal::new(Plan::default()),
        problem: RwSignal::new(None),
    };
    // What was dropped or pasted, here or where one came from.
    effect(move || {
        let Some(text) = session.import_text.get() else { return };
        session.import_text.set(None);
        match job.step.get_untracked() {
            Step::Source | Step::Written(_) => job.read(session, text),
            Step::Reading | Step::Resolve(_) => {
                session.toasts.say("Finish this import, or start over, before another.");
            }
        }
    });
    let names = memo(move || {
        session.overview.with(|overview| place_names::names(overview.as_ref()?, &place.get()))
    });
    view! {
        {move || names.get().map(|names| {
            let parts = vec![
                ("Projects".to_owned(), Page::Projects.path()),
                (names.join(" / "), Page::Scope(place.get()).path()),
            ];
            view! { <Breadcrumb parts here="Import" /> }
        })}
        <header class="page-head"><h1>"Import a .env file"</h1></header>
        {lazy(move || match job.step.get() {
            Step::Source => view! { <source::Source job /> }.into_any(),
            Step::Reading => view! { <Loading lines=6 /> }.into_any(),
            Step::Resolve(import) => view! { <Resolve job import /> }.into_any(),
            Step::Written(count) => view! { <Written job count /> }.into_any(),
        })}
    }
}

impl Job {
    /// Has the keyholder read and compare a text.
    fn read(self, session: crate::session::Session, text: Hidden) {
        self.step.set(Step::Reading);
        self.problem.set(None);
        let scope = self.place.get_untracked().scope();
        spawn(async move {
            match session.keyholder.read_import(scope, text).await {
                Ok(import) => {
                    let _ = self.plan.try_set(Plan::new(&import));
                    let _ = self.step.try_set(Step::Resolve(import));
                }
                Err(found) => {
                    let _ = self.problem.try_set(Some(found));
                    let _ = self.step.try_set(Step::Source);
                }
            }
        });
    }
}

#[component]
fn Resolve(job: Job, import: Import) -> impl IntoView {
    let session = use_session();
    let busy = RwSignal::new(false);
    let stuck = RwSignal::new(false);
    let import = StoredValue::new(import);
    let undecided = memo(move || import.with_value(|i| job.plan.with(|p| p.undecided(i))));
    let chosen = memo(move || import.with_value(|i| job.plan.with(|p| p.choices(i).len())));
    let differ = import
        .with_value(|i| i.lines.iter().filter(|line| crate::import_plan::needs_side(line)).count());
    let empty = import.with_value(|i| i.lines.is_empty() && i.bad.is_empty());
    let all = move |side| {
        import.with_value(|import| job.plan.update(|plan| plan.decide_all(import, side)));
    };
    let apply = move |_| {
        stuck.set(undecided.get_untracked() > 0);
        if busy.get_untracked() || undecided.get_untracked() > 0 || chosen.get_untracked() == 0 {
            return;
        }
        let choices = import.with_value(|i| job.plan.with_untracked(|plan| plan.choices(i)));
        let scope = job.place.get_untracked().scope();
        session.ask_once_more(&scope, differ == 0, move || {
            busy.set(true);
            job.problem.set(None);
            let choices = choices.clone();
            spawn(async move {
                let result = session.keyholder.apply_import(choices).await;
                session.progress.set(None);
                let _ = busy.try_set(false);
                match result {
                    Ok(count) => {
                        session.refresh().await;
                        let _ = job.step.try_set(Step::Written(count));
                    }
                    Err(found) => {
                        let _ = job.problem.try_set(Some(found));
                    }
                }
            });
        });
    };
    if empty {
        return view! {
            <Empty title="Nothing in it" text="The text has no line that sets a key.">
                <button type="button" class="button" on:click=click(move || job.step.set(Step::Source))>
                    "Try another text"
                </button>
            </Empty>
        }
        .into_any();
    }
    view! {
        {(differ > 0).then(|| view! {
            <div class="notice">
                <p class="grow">
                    {format::count(differ, "line differs", "lines differ")}
                    " from what is here. Mine is what is here now, theirs is what the file says."
                </p>
                <button type="button" class="button small" on:click=click(move || all(Side::Mine))>
                    "Keep all mine"
                </button>
                <button type="button" class="button small" on:click=click(move || all(Side::Theirs))>
                    "Take all theirs"
                </button>
            </div>
        })}
        <bad::BadLines job bad=import.with_value(|i| i.bad.clone()) />
        <lines::GoodLines job lines=import.with_value(|i| i.lines.clone()) />
        <FormProblem problem=job.problem />
        <p class="error" role="status">
            {move || (stuck.get() && undecided.get() > 0).then(|| {
                format!("Decide on {} first.", format::count(undecided.get(), "line", "lines"))
            })}
        </p>
        <div class="actions sticky">
            <button type="button" class="button primary" class:busy=move || busy.get() on:click=apply>
                {move || if busy.get() {
                    "Writing…".to_owned()
                } else {
                    format!("Import {}", format::count(chosen.get(), "secret", "secrets"))
                }}
            </button>
            <button type="button" class="button ghost" on:click=click(move || job.step.set(Step::Source))>
                "Start over"
            </button>
        </div>
    }
    .into_any()
}

#[component]
fn Written(job: Job, count: usize) -> impl IntoView {
    view! {
        <Empty
            title=format!("{} written", format::count(count, "secret", "secrets"))
            text="Earlier values are in the history of each secret. Delete the file if it is not needed any more."
        >
            <a class="button primary" href=Page::Scope(job.place.get_untracked()).path()>
                "Show the secrets"
            </a>
            <button type="button" class="button" on:click=click(move || job.step.set(Step::Source))>
                "Import another"
            </button>
        </Empty>
    }
}
