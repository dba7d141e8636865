//! Two scopes of a project side by side, by value, without showing one; and copying from the left
//! to the right.

use leptos::prelude::*;
use subrosa_bridge::Problem;
use subrosa_bridge::view::{ComparedKey, Comparison, Scope, Verdict};

use crate::components::breadcrumb::breadcrumb;
use crate::components::dialog::dialog;
use crate::components::field::Field;
use crate::components::select::{by_place, select};
use crate::components::state::{Loaded, empty, failure, form_problem, loading};
use crate::components::submit::submit;
use crate::element::{El, el};
use crate::erased::{effect, lazy, memo, spawn, when};
use crate::format;
use crate::page::{Page, Place};
use crate::pages::matrix::words::word;
use crate::pages::title;
use crate::parts::{
    actions, all, cell, check, columns, head, labelled, li, link, live, nothing, press, results,
    span, status, text,
};
use crate::place_names;
use crate::session::{Session, use_session};

/// A scope that can be chosen: its name, and what the keyholder calls it.
type Choice = (String, Scope);

#[derive(Clone, Copy)]
struct Job {
    session: Session,
    /// Indexes into the choices.
    left: RwSignal<usize>,
    right: RwSignal<usize>,
    choices: Memo<Vec<Choice>>,
    found: RwSignal<Loaded<Comparison>>,
    chosen: RwSignal<Vec<String>>,
    all: RwSignal<bool>,
    asking: RwSignal<bool>,
    again: RwSignal<u32>,
    /// A key that the address asks to be copied.
    asked: StoredValue<Option<String>>,
}

/// `/p/:project/compare#l=&r=&key=`.
#[component]
pub fn Compare() -> impl IntoView {
    title("Compare");
    let session = use_session();
    let place = session.address.place();
    let project = memo(move || {
        let id = place.get().project;
        session.overview.with(|overview| place_names::project(overview.as_ref()?, &id).cloned())
    });
    let choices =
        memo(move || project.with(|project| project.as_ref().map(choices).unwrap_or_default()));
    let named = move |name: &str| {
        let id = untrack(|| session.address.asked(name))?;
        choices.with_untracked(|all| all.iter().position(|(_, scope)| *id_of(scope) == id))
    };
    let left = named("l").unwrap_or(1);
    let right = named("r").unwrap_or(if left == 2 { 1 } else { 2 });
    let job = Job {
        session,
        left: RwSignal::new(left),
        right: RwSignal::new(right),
        choices,
        found: RwSignal::new(Loaded::Waiting),
        chosen: RwSignal::new(Vec::new()),
        all: RwSignal::new(false),
        asking: RwSignal::new(false),
        again: RwSignal::new(0),
        asked: StoredValue::new(untrack(|| session.address.asked("key"))),
    };
    job.load();
    let above = lazy(move || {
        let Some(project) = project.get() else { return nothing() };
        let path = Page::Scope(Place::project(&project.id)).path();
        let parts = vec![("Projects".to_owned(), Page::Projects.path()), (project.name, path)];
        breadcrumb(parts, "Compare".to_owned())
    });
    let body = lazy(move || {
        if choices.with(Vec::len) < 3 {
            let go = link("button", Page::Projects.path()).put("Go to the projects");
            let said = "Make two environments in this project, then compare what they come to.";
            return empty("Two scopes are needed", said, vec![go.any()]);
        }
        all(vec![sides(job).any(), rows(job)])
    });
    let promote = when(move || job.asking.get(), move || promote(job));
    all(vec![above, head("Compare", Vec::new()), body, promote])
}

/// The project's own scope first, then each environment with its applications.
fn choices(project: &subrosa_bridge::view::Project) -> Vec<Choice> {
    let mut all = vec![("Shared".to_owned(), Scope::Project(project.id.clone()))];
    for environment in &project.environments {
        all.push((environment.name.clone(), Scope::Environment(environment.id.clone())));
        all.extend(environment.applications.iter().map(|application| {
            let name = format!("{} / {}", environment.name, application.name);
            (name, Scope::Application(application.id.clone()))
        }));
    }
    all
}

fn id_of(scope: &Scope) -> &String {
    match scope {
        Scope::Project(id) | Scope::Environment(id) | Scope::Application(id) => id,
    }
}

impl Job {
    fn side(self, side: RwSignal<usize>) -> Option<Choice> {
        let at = side.get();
        self.choices.with(|choices| choices.get(at).or(choices.first()).cloned())
    }

    /// Whether one may write on the right, tracked.
    fn may_copy(self) -> bool {
        self.side(self.right).is_none_or(|(_, scope)| self.session.may_write(&scope))
    }

    /// Whether there is something under a key to be copied.
    fn copies(self, key: &str) -> bool {
        self.found.with_untracked(|found| match found {
            Loaded::Here(found) => found.rows.iter().any(|row| row.key == key && copies(row)),
            _ => false,
        })
    }

    fn load(self) {
        effect(move || {
            self.session.changes.track();
            self.again.track();
            let (Some(left), Some(right)) = (self.side(self.left), self.side(self.right)) else {
                return;
            };
            let wanted = (left.1.clone(), right.1.clone());
            spawn(async move {
                let answer = self.session.keyholder.compare(left.1, right.1).await;
                let now = untrack(|| Some((self.side(self.left)?.1, self.side(self.right)?.1)));
                if now != Some(wanted) || self.found.try_set(answer.into()).is_some() {
                    return;
                }
                let asked = self.asked.try_update_value(Option::take).flatten();
                let _ = self.chosen.try_update(|chosen| {
                    chosen.clear();
                    chosen.extend(asked.filter(|key| self.copies(key)));
                });
            });
        });
    }
}

fn sides(job: Job) -> El {
    let choice = move |side: RwSignal<usize>, label: &'static str, id: &'static str| {
        let now = Signal::derive(move || side.get().to_string());
        let choose = Callback::new(move |at: String| {
            if let Ok(at) = at.parse() {
                side.set(at);
            }
        });
        let select = lazy(move || {
            let options = by_place(job.choices.get().into_iter().map(|choice| choice.0));
            select(Some(id), None, options, now, choose)
        });
        labelled(id, label, select)
    };
    let may = memo(move || job.may_copy());
    let promote = lazy(move || match may.get() {
        true => press("button primary", move || job.asking.set(true))
            .is("id", "promote")
            .flag("disabled", move || job.chosen.with(Vec::is_empty))
            .put(live(move || format!("Copy {} to the right", job.chosen.with(Vec::len))))
            .any(),
        false => span("quiet", vec![text("You may not write on the right.")]),
    });
    el("div")
        .class("toolbar")
        .put(choice(job.left, "Left", "compare-left"))
        .put(choice(job.right, "Right", "compare-right"))
        .put(check(el("input").ticked(job.all), "Show equal ones"))
        .put(el("span").class("grow"))
        .put(promote)
}

fn rows(job: Job) -> AnyView {
    let retry = Callback::new(move |()| job.again.update(|count| *count += 1));
    lazy(move || match job.found.get() {
        Loaded::Waiting => loading(6),
        Loaded::Failed(problem) => failure(problem, Some(retry)),
        Loaded::Here(found) => table(job, found),
    })
}

fn table(job: Job, found: Comparison) -> AnyView {
    let may = memo(move || job.may_copy());
    let [differ, missing, same, unknown] = found.counts;
    let said = format!(
        "{}, {missing} missing on one side, {same} equal{}",
        format::count(differ, "key differs", "keys differ"),
        if unknown > 0 { format!(", {unknown} that cannot be compared") } else { String::new() },
    );
    let rows = found.rows;
    let none = rows.iter().all(|row| row.verdict == Verdict::Same);
    let nothing_at_all = rows.is_empty();
    let shown = lazy(move || {
        let (every, may) = (job.all.get(), may.get());
        let shown = rows.iter().filter(|row| every || row.verdict != Verdict::Same);
        all(shown.map(|row| line(job, row, may)).collect())
    });
    let equal = when(
        move || nothing_at_all || none && !job.all.get(),
        move || {
            let show = press("button", move || job.all.set(true)).put("Show equal ones");
            empty("No difference", "Both sides come to the same, key by key.", vec![show.any()])
        },
    );
    let table = el("table")
        .class("secrets compare")
        .is("role", "table")
        .is("aria-label", "Compared keys")
        .put(columns(&["Key", "Left", "Right", "By value"], None))
        .put(el("tbody").is("role", "rowgroup").put(shown));
    all(vec![status("quiet status", text(said)), table.any(), equal])
}

fn line(job: Job, row: &ComparedKey, may: bool) -> AnyView {
    let (verdict, class) = match row.verdict {
        Verdict::Differs => ("differs", "badge warn"),
        Verdict::MissingLeft => ("missing on the left", "badge warn"),
        Verdict::MissingRight => ("missing on the right", "badge warn"),
        Verdict::Same => ("equal", "badge good"),
        Verdict::Unknown => ("can’t compare", "badge"),
    };
    let name = span("mono strong", vec![text(row.key.clone())]);
    let name = if may && copies(row) {
        let key = StoredValue::new(row.key.clone());
        let chosen = move || job.chosen.with(|it| it.contains(&key.get_value()));
        let choose = move |takes| {
            job.chosen.update(|chosen| {
                let key = key.get_value();
                chosen.retain(|it| *it != key);
                if takes {
                    chosen.push(key);
                }
            });
        };
        let input = el("input")
            .is("type", "checkbox")
            .is("aria-label", format!("Copy {} to the right", row.key))
            .ticks(chosen, choose);
        el("label").class("check").put(input).put(name).any()
    } else {
        name
    };
    el("tr")
        .is("role", "row")
        .put(cell("td", "cell").class("cell-key").put(name))
        .put(cell("td", "cell").put(word(row.left)))
        .put(cell("td", "cell").put(word(row.right)))
        .put(cell("td", "cell").put(span(class, vec![text(verdict)])))
        .any()
}

fn copies(row: &ComparedKey) -> bool {
    matches!(row.verdict, Verdict::Differs | Verdict::MissingRight)
}

/// What is about to be copied, with a note for the history.
fn promote(job: Job) -> AnyView {
    let note = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let on_close = Callback::new(move |()| job.asking.set(false));
    let keys: Vec<String> = job.chosen.get_untracked();
    let name = |side| untrack(|| job.side(side)).map(|choice| choice.0).unwrap_or_default();
    let (from, to) = (name(job.left), name(job.right));
    let said = format!("From {from} to {to}. The values are copied without being shown.");
    let copied = keys.clone();
    let copy = move || {
        if busy.get_untracked() {
            return;
        }
        let sides = untrack(|| Some((job.side(job.left)?.1, job.side(job.right)?.1)));
        let Some((from, to)) = sides else { return };
        let (keys, note) = (copied.clone(), note.get_untracked());
        job.session.ask_once_more(&to.clone(), false, move || {
            busy.set(true);
            problem.set(None);
            let (from, to, keys, note) = (from.clone(), to.clone(), keys.clone(), note.clone());
            spawn(async move {
                let answer = job.session.keyholder.promote(from, to, keys, note).await;
                let _ = busy.try_set(false);
                match answer {
                    Ok(count) => {
                        let said = format::count(count, "secret", "secrets");
                        job.session.toasts.say(format!("Copied {said}."));
                        let _ = job.asking.try_set(false);
                    }
                    Err(found) => {
                        let _ = problem.try_set(Some(found));
                    }
                }
            });
        });
    };
    let title = format!("Copy {}?", format::count(keys.len(), "secret", "secrets"));
    let keys = keys.into_iter().map(|key| li("line mono", vec![text(key)])).collect();
    let note = view! { <Field label="Note" value=note required=false longest=1024 /> };
    let cancel = press("button", move || on_close.run(())).put("Cancel");
    let form = el("form")
        .submit(copy)
        .put(el("p").put(said))
        .put(results("To be copied", keys))
        .put(note.into_any())
        .put(form_problem(problem))
        .put(actions(vec![cancel.any(), submit("Copy", "Saving…", busy.into())]));
    dialog(title, "narrow", on_close, vec![form.any()])
}
