//! Two scopes of a project side by side, by value, without showing one; and copying from the left
//! to the right.

use leptos::prelude::*;
use subrosa_bridge::Problem;
use subrosa_bridge::view::{Compared, Comparison, Scope, Verdict};

use crate::components::breadcrumb::Breadcrumb;
use crate::components::dialog::Dialog;
use crate::components::field::Field;
use crate::components::select::{by_place, select};
use crate::components::state::{Empty, Failure, FormProblem, Loaded, Loading};
use crate::components::submit::Submit;
use crate::erased::{click, effect, lazy, memo, spawn};
use crate::format;
use crate::page::{Page, Place};
use crate::pages::matrix::words::word;
use crate::pages::title;
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
    view! {
        {move || project.get().map(|project| {
            let path = Page::Scope(Place::project(&project.id)).path();
            let parts = vec![("Projects".to_owned(), Page::Projects.path()), (project.name, path)];
            view! { <Breadcrumb parts here="Compare".to_owned() /> }
        })}
        <header class="page-head"><h1>"Compare"</h1></header>
        {lazy(move || if choices.with(Vec::len) < 3 {
            view! {
                <Empty
                    title="Two scopes are needed"
                    text="Make two environments in this project, then compare what they come to."
                >
                    <a class="button" href=Page::Projects.path()>"Go to the projects"</a>
                </Empty>
            }.into_any()
        } else {
            view! { <Sides job /> <Rows job /> }.into_any()
        })}
        <Show when=move || job.asking.get()><Promote job /></Show>
    }
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

#[component]
fn Sides(job: Job) -> impl IntoView {
    let choice = move |side: RwSignal<usize>, label: &'static str, id: &'static str| {
        let now = Signal::derive(move || side.get().to_string());
        let choose = Callback::new(move |at: String| {
            if let Ok(at) = at.parse() {
                side.set(at);
            }
        });
        view! {
            <div class="field">
                <label for=id>{label}</label>
                {lazy(move || {
                    let options = by_place(job.choices.get().into_iter().map(|choice| choice.0));
                    select(Some(id), None, options, now, choose)
                })}
            </div>
        }
    };
    view! {
        <div class="toolbar">
            {choice(job.left, "Left", "compare-left")}
            {choice(job.right, "Right", "compare-right")}
            <label class="check">
                <input type="checkbox" bind:checked=job.all />
                <span>"Show equal ones"</span>
            </label>
            <span class="grow"></span>
            <button
                type="button"
                class="button primary"
                id="promote"
                disabled=move || job.chosen.with(Vec::is_empty)
                on:click=click(move || job.asking.set(true))
            >
                {move || format!("Copy {} to the right", job.chosen.with(Vec::len))}
            </button>
        </div>
    }
}

#[component]
fn Rows(job: Job) -> impl IntoView {
    let retry = Callback::new(move |()| job.again.update(|count| *count += 1));
    move || match job.found.get() {
        Loaded::Waiting => view! { <Loading lines=6 /> }.into_any(),
        Loaded::Failed(problem) => view! { <Failure problem retry /> }.into_any(),
        Loaded::Here(found) => view! { <Table job found /> }.into_any(),
    }
}

#[component]
fn Table(job: Job, found: Comparison) -> impl IntoView {
    let [differ, missing, same, unknown] = found.counts;
    let said = format!(
        "{}, {missing} missing on one side, {same} equal{}",
        format::count(differ, "key differs", "keys differ"),
        if unknown > 0 { format!(", {unknown} that cannot be compared") } else { String::new() },
    );
    let rows = StoredValue::new(found.rows);
    let shown = move || {
        let all = job.all.get();
        rows.with_value(|rows| {
            rows.iter()
                .filter(|row| all || row.verdict != Verdict::Same)
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    view! {
        <p class="quiet status" role="status">{said}</p>
        <table class="secrets compare" role="table" aria-label="Compared keys">
            <thead role="rowgroup">
                <tr role="row">
                    <th scope="col" role="columnheader">"Key"</th>
                    <th scope="col" role="columnheader">"Left"</th>
                    <th scope="col" role="columnheader">"Right"</th>
                    <th scope="col" role="columnheader">"By value"</th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                {move || shown().into_iter().map(|row| view! { <Line job row /> }).collect_view()}
            </tbody>
        </table>
        <Show when=move || shown().is_empty()>
            <Empty title="No difference" text="Both sides come to the same, key by key.">
                <button type="button" class="button" on:click=click(move || job.all.set(true))>
                    "Show equal ones"
                </button>
            </Empty>
        </Show>
    }
}

#[component]
fn Line(job: Job, row: Compared) -> impl IntoView {
    let (verdict, class) = match row.verdict {
        Verdict::Differs => ("differs", "badge warn"),
        Verdict::MissingLeft => ("missing on the left", "badge warn"),
        Verdict::MissingRight => ("missing on the right", "badge warn"),
        Verdict::Same => ("equal", "badge good"),
        Verdict::Unknown => ("can’t compare", "badge"),
    };
    let copies = copies(&row);
    let key = StoredValue::new(row.key.clone());
    let name = format!("Copy {} to the right", row.key);
    view! {
        <tr role="row">
            <td role="cell" class="cell-key">
                {if copies {
                    view! {
                        <label class="check">
                            <input
                                type="checkbox"
                                aria-label=name
                                prop:checked=move || job.chosen.with(|it| it.contains(&key.get_value()))
                                on:change:target=move |event| {
                                    let takes = event.target().checked();
                                    job.chosen.update(|chosen| {
                                        let key = key.get_value();
                                        chosen.retain(|it| *it != key);
                                        if takes {
                                            chosen.push(key);
                                        }
                                    });
                                }
                            />
                            <span class="mono strong">{row.key}</span>
                        </label>
                    }.into_any()
                } else {
                    view! { <span class="mono strong">{row.key}</span> }.into_any()
                }}
            </td>
            <td role="cell">{word(row.left)}</td>
            <td role="cell">{word(row.right)}</td>
            <td role="cell"><span class=class>{verdict}</span></td>
        </tr>
    }
}

fn copies(row: &Compared) -> bool {
    matches!(row.verdict, Verdict::Differs | Verdict::MissingRight)
}

/// What is about to be copied, with a note for the history.
#[component]
fn Promote(job: Job) -> impl IntoView {
    let note = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let on_close = Callback::new(move |()| job.asking.set(false));
    let keys: Vec<String> = job.chosen.get_untracked();
    let name = |side| untrack(|| job.side(side)).map(|choice| choice.0).unwrap_or_default();
    let (from, to) = (name(job.left), name(job.right));
    let said = format!("From {from} to {to}. The values are copied without being shown.");
    let copied = keys.clone();
    let copy = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
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
    view! {
        <Dialog title=format!("Copy {}?", format::count(keys.len(), "secret", "secrets")) on_close>
            <form on:submit=copy>
                <p>{said}</p>
                <ul class="results" aria-label="To be copied">
                    {keys.into_iter().map(|key| view! { <li class="line mono">{key}</li> }).collect_view()}
                </ul>
                <Field label="Note" value=note required=false longest=1024 />
                <FormProblem problem />
                <div class="actions end">
                    <button type="button" class="button" on:click=click(move || on_close.run(()))>"Cancel"</button>
                    <Submit label="Copy" busy />
                </div>
            </form>
        </Dialog>
    }
}
