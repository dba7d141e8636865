//! Keys of vaults: what they are used for, and their rotation.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::keys::{KeyVersion, Outcome, Rotated, RotationStep, VaultKeys};
use subrosa_bridge::view::Row;

use crate::components::dialog::Dialog;
use crate::components::select::select;
use crate::components::state::{Failure, Loaded, Loading};
use crate::components::time::Time;
use crate::erased::{Keyed, click, effect, keyed, lazy, memo, spawn, when};
use crate::format::count;
use crate::icons;
use crate::pages::title;
use crate::rotation::{Rotation, Standing};
use crate::session::{Session, use_session};

/// After how many days one may ask for a rotation.
const PERIODS: [u16; 5] = [30, 60, 90, 180, 365];
/// How many of the secrets that use a key are shown.
const SHOWN: usize = 100;

#[derive(Clone, Copy)]
struct Job {
    session: Session,
    rotation: Rotation,
    keys: RwSignal<Loaded<Vec<VaultKeys>>>,
    /// Vaults that are left out.
    without: RwSignal<Vec<String>>,
    drop_earlier: RwSignal<bool>,
    asking: RwSignal<bool>,
    again: RwSignal<u32>,
}

/// `/rotation`.
#[component]
pub fn RotationPage() -> impl IntoView {
    title("Rotation");
    let session = use_session();
    let job = Job {
        session,
        rotation: session.rotation,
        keys: RwSignal::new(Loaded::Waiting),
        without: RwSignal::new(Vec::new()),
        drop_earlier: RwSignal::new(false),
        asking: RwSignal::new(false),
        again: RwSignal::new(0),
    };
    job.load();
    let retry = Callback::new(move |()| job.again.update(|count| *count += 1));
    let state = memo(move || {
        job.keys.with(|keys| match keys {
            Loaded::Waiting => Loaded::Waiting,
            Loaded::Here(_) => Loaded::Here(()),
            Loaded::Failed(problem) => Loaded::Failed(problem.clone()),
        })
    });
    view! {
        <header class="page-head">
            <h1>"Rotation"</h1>
            {start_button(job)}
        </header>
        <p class="quiet lead">
            "A rotation gives a vault a new key, seals everything in it again, and then refuses the old key for good. Everybody goes on reading and writing meanwhile. It may be paused or cut off anywhere: any device goes on from there."
        </p>
        {standing(job)}
        {lazy(move || match state.get() {
            Loaded::Waiting => view! { <Loading lines=6 /> }.into_any(),
            Loaded::Failed(problem) => view! { <Failure problem retry /> }.into_any(),
            Loaded::Here(()) => vaults(job),
        })}
        {when(move || job.asking.get(), move || ask(job))}
    }
}

impl Job {
    fn load(self) {
        let asked = StoredValue::new(0_u32);
        effect(move || {
            self.session.changes.track();
            self.again.track();
            let number = asked.try_update_value(|asked| {
                *asked += 1;
                *asked
            });
            spawn(async move {
                let answer = self.session.keyholder.keys().await;
                // An answer that another is coming after is not shown.
                if asked.try_get_value() == number {
                    let _ = self.keys.try_set(answer.into());
                }
            });
        });
    }

    fn of(self, vault: &str) -> Option<VaultKeys> {
        self.keys.with(|keys| match keys {
            Loaded::Here(keys) => keys.iter().find(|it| it.vault == vault).cloned(),
            _ => None,
        })
    }

    /// The vaults that are chosen.
    fn chosen(self) -> Vec<VaultKeys> {
        let without = self.without.get();
        self.keys.with(|keys| match keys {
            Loaded::Here(keys) => {
                let chosen = |it: &&VaultKeys| it.manages && !without.contains(&it.vault);
                keys.iter().filter(chosen).cloned().collect()
            }
            _ => Vec::new(),
        })
    }

    fn start(self, vaults: Vec<String>, step: RotationStep) {
        let drop_earlier = self.drop_earlier.get_untracked();
        self.rotation.start(self.session, vaults, step, drop_earlier);
    }
}

/// Whether some key but the newest is still in use.
fn unfinished(keys: &VaultKeys) -> bool {
    keys.versions.iter().filter(|it| !it.retired).count() > 1
}

fn start_button(job: Job) -> AnyView {
    let chosen = memo(move || job.chosen().len());
    let words = move || match chosen.get() {
        0 => "Choose a vault".to_owned(),
        number => format!("Rotate {}…", count(number, "vault", "vaults")),
    };
    view! {
        <button
            type="button"
            class="button primary"
            id="rotate"
            disabled=move || chosen.get() == 0 || job.rotation.runs()
            on:click=click(move || job.asking.set(true))
        >
            <icons::Cycle />
            {words}
        </button>
    }
    .into_any()
}

/// The dry run, and the choice that it leaves.
fn ask(job: Job) -> AnyView {
    let chosen = untrack(|| job.chosen());
    let sum = |of: fn(&VaultKeys) -> usize| chosen.iter().map(of).sum::<usize>();
    let begun = chosen.iter().filter(|keys| unfinished(keys)).count();
    let (new, histories) = (chosen.len() - begun, sum(|keys| keys.histories));
    let left = sum(|keys| if unfinished(keys) { keys.left } else { keys.total });
    let damaged = sum(|keys| keys.damaged);
    let vaults: Vec<String> = chosen.into_iter().map(|keys| keys.vault).collect();
    let close = Callback::new(move |()| job.asking.set(false));
    let start = move || {
        close.run(());
        job.start(vaults.clone(), RotationStep::All);
    };
    let fact = |number: usize, one: &'static str, many: &'static str| {
        (number > 0).then(|| view! { <li>{count(number, one, many)}</li> }.into_any())
    };
    let choice = move |drop: bool, words: &'static str| {
        view! {
            <label>
                <input
                    type="radio"
                    name="earlier"
                    prop:checked=move || job.drop_earlier.get() == drop
                    on:change=move |_| job.drop_earlier.set(drop)
                />
                <span>{words}</span>
            </label>
        }
        .into_any()
    };
    view! {
        <Dialog title="Rotate keys?" on_close=close>
            <p>"Nothing was changed so far. This would:"</p>
            <ul class="plain">
                {fact(new, "vault gets a new key", "vaults get new keys")}
                {fact(begun, "rotation that was begun goes on", "rotations that were begun go on")}
                {fact(left, "secret or page is sealed again", "secrets and pages are sealed again")}
                {fact(histories, "secret has earlier versions", "secrets have earlier versions")}
                {fact(damaged, "page does not open: its vault keeps the old key", "pages do not open: their vaults keep the old key")}
            </ul>
            <fieldset class="segments">
                <legend>"Earlier versions of secrets"</legend>
                {choice(false, "Seal again")}
                {choice(true, "Drop")}
            </fieldset>
            <p class="hint">
                {move || if job.drop_earlier.get() {
                    "What is dropped cannot be brought back."
                } else {
                    "The history stays as it is."
                }}
            </p>
            <div class="actions end">
                <button type="button" class="button" on:click=click(move || close.run(()))>"Cancel"</button>
                <button type="button" class="button primary" on:click=click(start)>"Rotate"</button>
            </div>
        </Dialog>
    }
    .into_any()
}

/// The rotation that runs here, or what came of it.
fn standing(job: Job) -> AnyView {
    let Job { session, rotation, .. } = job;
    lazy(move || match rotation.standing.get() {
        Standing::Idle => ().into_any(),
        Standing::Runs => running(job, false),
        Standing::Pauses => running(job, true),
        Standing::Ended(Err(problem)) => {
            let retry = Callback::new(move |()| rotation.go_on(session));
            view! { <Failure problem retry /> }.into_any()
        }
        Standing::Ended(Ok(rotated)) => ended(job, rotated),
    })
}

fn running(job: Job, pausing: bool) -> AnyView {
    let Job { session, rotation, .. } = job;
    let said = move || {
        session.progress.with(|progress| {
            let Some(it) = progress else { return "Getting ready…".to_owned() };
            let left = rotation.time_left(&it.what, it.done, it.total);
            let left = left.map(|left| format!(", {left}")).unwrap_or_default();
            format!("{}: rotation {} of {}{left}", it.what, it.done, it.total)
        })
    };
    let value = move |of: fn(&crate::session::Progress) -> usize| {
        session.progress.with(|it| it.as_ref().map(|it| of(it).to_string()))
    };
    view! {
        <section class="notice" aria-label="Rotation">
            <div class="grow">
                <p class="strong" role="status">{said}</p>
                <progress
                    aria-label="Rotation of this vault"
                    max=move || value(|it| it.total)
                    value=move || value(|it| it.done)
                ></progress>
            </div>
            <button
                type="button"
                class="button small"
                disabled=pausing
                on:click=click(move || rotation.pause(session))
            >
                {if pausing { "Pausing…" } else { "Pause" }}
            </button>
        </section>
    }
    .into_any()
}

fn ended(job: Job, rotated: Vec<Rotated>) -> AnyView {
    let done = rotated.iter().filter(|it| it.outcome == Outcome::Done).count();
    let paused = rotated.iter().any(|it| it.outcome == Outcome::Paused);
    let held: Vec<AnyView> = rotated.into_iter().filter_map(held).collect();
    let bad = !held.is_empty();
    let said = format!("{} done.", count(done, "vault", "vaults"));
    let Job { session, rotation, .. } = job;
    view! {
        <section class="notice" class:warn=bad aria-label="Rotation">
            <div class="grow">
                <p class="strong" role="status">
                    {if paused { "Paused. Everything is readable as it is. ".to_owned() + &said } else { said }}
                </p>
                {held}
            </div>
            {paused.then(|| view! {
                <button type="button" class="button small" on:click=click(move || rotation.go_on(session))>
                    "Resume"
                </button>
            })}
            <button
                type="button"
                class="button small"
                on:click=click(move || rotation.standing.set(Standing::Idle))
            >
                "Close"
            </button>
        </section>
    }
    .into_any()
}

/// What keeps the old key of a vault from being retired.
fn held(rotated: Rotated) -> Option<AnyView> {
    let Outcome::Held { secrets, pages } = rotated.outcome else { return None };
    let secrets = secrets.into_iter().map(|row| view! { <li>{named(&row)}</li> }.into_any());
    let secrets: Vec<AnyView> = secrets.collect();
    let pages = (pages > 0).then(|| {
        view! { <li>{count(pages, "page of its list of secrets", "pages of its list of secrets")}</li> }
    });
    Some(
        view! {
            <p>{rotated.name}" keeps its old key, which these still need:"</p>
            <ul class="plain">{secrets}{pages}</ul>
            <p class="hint">
                "What cannot be opened is never overwritten. Set such a secret again, or restore the server’s backup, then go on. Where only earlier versions are damaged, a rotation that drops them gets through."
            </p>
        }
        .into_any(),
    )
}

fn named(row: &Row) -> String {
    let gone = if row.deleted { " (deleted)" } else { "" };
    format!("{} in {}{gone}", row.key, row.scope_name)
}

fn vaults(job: Job) -> AnyView {
    let all = move || {
        job.keys.with(|keys| {
            let Loaded::Here(keys) = keys else { return Vec::new() };
            let one = |it: &VaultKeys| {
                let vault = it.vault.clone();
                Keyed::new(vault.clone(), move || self::vault(job, vault))
            };
            keys.iter().map(one).collect()
        })
    };
    view! { <ul class="cards vaults" aria-label="Vaults">{keyed(all)}</ul> }.into_any()
}

fn vault(job: Job, id: String) -> AnyView {
    let vault = StoredValue::new(id);
    let keys = memo(move || vault.with_value(|vault| job.of(vault)));
    let name = move || keys.with(|it| it.as_ref().map(|it| it.name.clone()).unwrap_or_default());
    let chosen = move || vault.with_value(|id| job.without.with(|it| !it.contains(id)));
    let choose = move |chosen: bool| {
        job.without.update(|without| {
            let id = vault.get_value();
            without.retain(|it| *it != id);
            if !chosen {
                without.push(id);
            }
        });
    };
    let manages = move || keys.with(|it| it.as_ref().is_some_and(|it| it.manages));
    view! {
        <li class="card vault">
            <label class="check grow">
                <input
                    type="checkbox"
                    prop:checked=chosen
                    disabled=move || !manages()
                    on:change:target=move |event| choose(event.target().checked())
                />
                <span class="strong">{name}</span>
            </label>
            {lazy(move || keys.get().map(|it| facts(&it)).into_any())}
            <details>
                <summary>"Keys"<span class="unseen">" of "{name}</span></summary>
                {lazy(move || keys.get().map(|it| details(job, it)).into_any())}
            </details>
        </li>
    }
    .into_any()
}

fn facts(keys: &VaultKeys) -> AnyView {
    let newest = keys.versions.first();
    let version = newest.map_or(0, |it| it.version);
    let since = newest.map(|it| view! { ", since "<Time at=it.time /> });
    let badge = if unfinished(keys) {
        let words = format!("{} of {} left", keys.left, keys.total);
        view! { <span class="badge warn">"Not finished: "{words}</span> }.into_any()
    } else if keys.due {
        view! { <span class="badge warn">"Due"</span> }.into_any()
    } else {
        let sealed = count(keys.total, "secret or page", "secrets and pages");
        view! { <span class="quiet">{sealed}</span> }.into_any()
    };
    view! { <span class="quiet">"Key "{version}{since}</span>{badge} }.into_any()
}

fn details(job: Job, keys: VaultKeys) -> AnyView {
    let vault = StoredValue::new(keys.vault.clone());
    let versions = keys.versions.iter().map(|it| version(job, vault, it)).collect::<Vec<_>>();
    let rotations = keys.rotations.iter().map(|it| {
        view! {
            <li>
                "Key "{it.version}" retired by "{it.author.clone()}" "<Time at=it.time />
                {format!(
                    ", in entry {}: {} and {} were under a newer one.",
                    it.entry,
                    count(it.secrets as usize, "secret", "secrets"),
                    count(it.earlier as usize, "earlier version", "earlier versions"),
                )}
            </li>
        }
        .into_any()
    });
    let rotations: Vec<AnyView> = rotations.collect();
    let none = rotations.is_empty();
    let step = |step: RotationStep, words: &'static str, enabled: bool| {
        view! {
            <button
                type="button"
                class="button small"
                disabled=move || !enabled || job.rotation.runs()
                on:click=click(move || job.start(vec![vault.get_value()], step))
            >
                {words}
            </button>
        }
        .into_any()
    };
    let begun = unfinished(&keys);
    view! {
        <ul class="plain">{versions}</ul>
        {period(job, vault, keys.rotate_after)}
        <div class="actions" role="group" aria-label="Single steps">
            {step(RotationStep::Rekey, "New key only", keys.manages)}
            {step(RotationStep::Reencrypt, "Seal again only", keys.left > 0)}
            {step(RotationStep::Retire, "Retire old keys only", begun && keys.manages)}
        </div>
        <h3>"Rotations"</h3>
        <ul class="plain">
            {rotations}
            {none.then(|| view! { <li class="quiet">"None yet."</li> })}
        </ul>
    }
    .into_any()
}

fn version(job: Job, vault: StoredValue<String>, key: &KeyVersion) -> AnyView {
    let number = key.version;
    let uses = RwSignal::new(None::<Loaded<(usize, Vec<String>)>>);
    let show = move || {
        uses.set(Some(Loaded::Waiting));
        spawn(async move {
            let (vault, version) = (vault.get_value(), number);
            let request = Request::UsesOfKey { vault, version, limit: SHOWN };
            let answer = job.session.keyholder.window(request).await;
            let named = answer.map(|it| (it.total, it.rows.iter().map(named).collect()));
            let _ = uses.try_set(Some(named.into()));
        });
    };
    let said = if key.retired {
        "retired".to_owned()
    } else {
        let secrets = count(key.secrets, "secret", "secrets");
        format!("used by {secrets} and {}", count(key.pages, "page", "pages"))
    };
    view! {
        <li>
            "Key "{number}", since "<Time at=key.time />", "{said}
            {(key.secrets > 0).then(|| view! {
                " "
                <button type="button" class="button ghost small" on:click=click(show)>
                    "What uses key "{number}"?"
                </button>
            })}
            {lazy(move || match uses.get() {
                None => ().into_any(),
                Some(Loaded::Waiting) => view! { <Loading lines=1 /> }.into_any(),
                Some(Loaded::Failed(problem)) => view! { <Failure problem /> }.into_any(),
                Some(Loaded::Here((total, names))) => {
                    let more = total.saturating_sub(names.len());
                    let names: Vec<AnyView> =
                        names.into_iter().map(|it| view! { <li>{it}</li> }.into_any()).collect();
                    view! {
                        <ul class="plain uses">
                            {names}
                            {(more > 0).then(|| view! { <li class="quiet">"and "{more}" more"</li> })}
                        </ul>
                    }.into_any()
                }
            })}
        </li>
    }
    .into_any()
}

/// After how many days the key shall be rotated.
fn period(job: Job, vault: StoredValue<String>, now: Option<u16>) -> AnyView {
    let text = |days: Option<u16>| days.map(|days| days.to_string()).unwrap_or_default();
    let mut options = vec![(String::new(), "No reminder".to_owned())];
    let own = now.filter(|days| !PERIODS.contains(days));
    options.extend(
        PERIODS.into_iter().chain(own).map(|days| (days.to_string(), format!("After {days} days"))),
    );
    let now = Signal::derive(move || text(now));
    let choose = Callback::new(move |chosen: String| {
        spawn(async move {
            let days = chosen.parse().ok();
            match job.session.keyholder.rotate_after(vault.get_value(), days).await {
                Ok(()) => job.session.toasts.say("Reminder changed."),
                Err(problem) => job.session.report(&problem),
            }
        });
    });
    view! {
        <div class="field inline">
            <label>
                <span>"Remind to rotate"</span>
                {select(None, None, options, now, choose)}
            </label>
        </div>
    }
    .into_any()
}
