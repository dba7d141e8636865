//! Brings a dotenv file in: read it, decide on each line, write.

mod bad;
mod lines;
mod source;

use leptos::prelude::*;
use subrosa_bridge::view::Import;
use subrosa_bridge::{Hidden, Problem};

use self::bad::bad_lines;
use self::lines::good_lines;
use self::source::source;
use crate::components::breadcrumb::breadcrumb;
use crate::components::state::{empty, form_problem, loading};
use crate::element::el;
use crate::erased::{effect, lazy, memo, spawn};
use crate::format;
use crate::import_plan::{Plan, Side};
use crate::page::{Page, Place};
use crate::pages::title;
use crate::parts::{all, head, link, live, nothing, press, status};
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
    let above = lazy(move || {
        let Some(names) = names.get() else { return nothing() };
        let parts = vec![
            ("Projects".to_owned(), Page::Projects.path()),
            (names.join(" / "), Page::Scope(place.get()).path()),
        ];
        breadcrumb(parts, "Import".to_owned())
    });
    let body = lazy(move || match job.step.get() {
        Step::Source => source(job),
        Step::Reading => loading(6),
        Step::Resolve(import) => resolve(job, import),
        Step::Written(count) => written(job, count),
    });
    all(vec![above, head("Import a .env file", Vec::new()), body])
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

fn resolve(job: Job, import: Import) -> AnyView {
    let session = use_session();
    let busy = RwSignal::new(false);
    let stuck = RwSignal::new(false);
    let import = StoredValue::new(import);
    let undecided = memo(move || import.with_value(|i| job.plan.with(|p| p.undecided(i))));
    let chosen = memo(move || import.with_value(|i| job.plan.with(|p| p.choices(i).len())));
    let differ = import
        .with_value(|i| i.lines.iter().filter(|line| crate::import_plan::needs_side(line)).count());
    let nothing_there = import.with_value(|i| i.lines.is_empty() && i.bad.is_empty());
    let decide = move |side| {
        import.with_value(|import| job.plan.update(|plan| plan.decide_all(import, side)));
    };
    let apply = move || {
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
    if nothing_there {
        let again = press("button", move || job.step.set(Step::Source)).put("Try another text");
        let said = "The text has no line that sets a key.";
        return empty("Nothing in it", said, vec![again.any()]);
    }
    let differs = (differ > 0).then(|| {
        let said = format!(
            "{} from what is here. Mine is what is here now, theirs is what the file says.",
            format::count(differ, "line differs", "lines differ")
        );
        el("div")
            .class("notice")
            .put(el("p").class("grow").put(said))
            .put(press("button small", move || decide(Side::Mine)).put("Keep all mine"))
            .put(press("button small", move || decide(Side::Theirs)).put("Take all theirs"))
            .any()
    });
    let left = live(move || match undecided.get() {
        some if some > 0 && stuck.get() => {
            format!("Decide on {} first.", format::count(some, "line", "lines"))
        }
        _ => String::new(),
    });
    let apply =
        press("button primary", apply).toggles("busy", move || busy.get()).put(live(move || {
            if busy.get() {
                "Writing…".to_owned()
            } else {
                format!("Import {}", format::count(chosen.get(), "secret", "secrets"))
            }
        }));
    let again = press("button ghost", move || job.step.set(Step::Source)).put("Start over");
    all(vec![
        differs.unwrap_or_else(nothing),
        bad_lines(job, import.with_value(|i| i.bad.clone())),
        good_lines(job, import.with_value(|i| i.lines.clone())),
        form_problem(job.problem),
        status("error", left),
        el("div").class("actions sticky").put(apply).put(again).any(),
    ])
}

fn written(job: Job, count: usize) -> AnyView {
    let show = link("button primary", Page::Scope(job.place.get_untracked()).path());
    let again = press("button", move || job.step.set(Step::Source)).put("Import another");
    empty(
        format!("{} written", format::count(count, "secret", "secrets")),
        "Earlier values are in the history of each secret. Delete the file if it is not needed any more.",
        vec![show.put("Show the secrets").any(), again.any()],
    )
}
