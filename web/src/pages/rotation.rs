//! Keys of vaults: what they are used for, and their rotation.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::keys::{KeyVersion, Outcome, Rotated, Rotation, RotationStep, VaultKeys};
use subrosa_bridge::people::Role;
use subrosa_bridge::view::Row;

use crate::components::dialog::dialog;
use crate::components::reminder::reminder;
use crate::components::state::{Loaded, failure, loading};
use crate::components::time::time;
use crate::element::el;
use crate::erased::{Keyed, keyed, lazy, memo, spawn, when};
use crate::format::count;
use crate::icons;
use crate::keyholder::Keyholder;
use crate::pages::title;
use crate::parts::{
    actions, all, always, button, div, fieldset, h2, head, li, live, p, radio, said, section, span,
    text, ul,
};
use crate::rotation::Standing;
use crate::session::{Session, use_session};

/// How many of the secrets that use a key are shown.
const SHOWN: usize = 100;

#[derive(Clone, Copy)]
struct Job {
    session: Session,
    rotation: crate::rotation::Rotation,
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
    let lead = "A rotation gives a vault a new key, seals everything in it again, and then refuses \
                the old key for good. Everybody goes on reading and writing meanwhile. It may be \
                paused or cut off anywhere: any device goes on from there.";
    let manages = memo(move || {
        job.keys.with(|it| matches!(it, Loaded::Here(keys) if keys.iter().any(manages)))
    });
    let ask_whom =
        memo(move || job.keys.with(|it| matches!(it, Loaded::Here(_))) && !manages.get());
    let told = "You manage no vault. Ask an owner, or who does, where a key is to be rotated.";
    all(vec![
        head("Rotation", vec![when(move || manages.get(), move || start_button(job))]),
        p("quiet lead", vec![text(lead)]),
        when(move || ask_whom.get(), move || p("hint", vec![text(told)])),
        standing(job),
        lazy(move || match state.get() {
            Loaded::Waiting => loading(6),
            Loaded::Failed(problem) => failure(problem, Some(retry)),
            Loaded::Here(()) => vaults(job),
        }),
        when(move || job.asking.get(), move || ask(job)),
    ])
}

impl Job {
    fn load(self) {
        self.session.follow(self.again, Keyholder::keys, move |answer| {
            let _ = self.keys.try_set(answer.into());
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
                let chosen = |it: &&VaultKeys| manages(it) && !without.contains(&it.vault);
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

/// Whether one may give it another key.
fn manages(keys: &VaultKeys) -> bool {
    keys.role >= Role::Manager
}

/// Whether some key but the newest is still in use.
fn unfinished(keys: &VaultKeys) -> bool {
    keys.versions.iter().filter(|it| !it.retired).count() > 1
}

fn start_button(job: Job) -> AnyView {
    let chosen = memo(move || job.chosen().len());
    let words = live(move || match chosen.get() {
        0 => "Choose a vault".to_owned(),
        number => format!("Rotate {}…", count(number, "vault", "vaults")),
    });
    let enabled = move || chosen.get() > 0 && !job.rotation.runs();
    let words = all(vec![icons::Cycle().into_any(), words]);
    button("button primary", words, enabled, move || job.asking.set(true))
}

/// The dry run, and the choice that it leaves.
fn ask(job: Job) -> AnyView {
    let chosen = untrack(|| job.chosen());
    let sum = |of: fn(&VaultKeys) -> usize| chosen.iter().map(of).sum::<usize>();
    let begun = chosen.iter().filter(|keys| unfinished(keys)).count();
    let left = sum(|keys| if unfinished(keys) { keys.left } else { keys.total });
    let counted = [
        (chosen.len() - begun, "vault gets a new key", "vaults get new keys"),
        (begun, "rotation that was begun goes on", "rotations that were begun go on"),
        (left, "secret or page is sealed again", "secrets and pages are sealed again"),
        (
            sum(|keys| keys.histories),
            "secret has earlier versions",
            "secrets have earlier versions",
        ),
        (
            sum(|keys| keys.damaged),
            "page does not open: its vault keeps the old key",
            "pages do not open: their vaults keep the old key",
        ),
    ];
    let told = counted.into_iter().filter(|(number, ..)| *number > 0);
    let told = told.map(|(number, one, many)| li("", vec![text(count(number, one, many))]));
    let told = ul("plain", told.collect());
    let vaults: Vec<String> = chosen.into_iter().map(|keys| keys.vault).collect();
    let close = Callback::new(move |()| job.asking.set(false));
    let start = move || {
        close.run(());
        job.start(vaults.clone(), RotationStep::All);
    };
    let choice = |drops: bool, words| {
        let chosen = Signal::derive(move || job.drop_earlier.get() == drops);
        radio("earlier", words, chosen, Callback::new(move |()| job.drop_earlier.set(drops)))
    };
    let hint = live(move || {
        let hint = match job.drop_earlier.get() {
            true => "What is dropped cannot be brought back.",
            false => "The history stays as it is.",
        };
        hint.to_owned()
    });
    let inside = vec![
        p("", vec![text("Nothing was changed so far. This would mean:")]),
        told,
        fieldset(
            "Earlier versions of secrets",
            vec![choice(false, "Seal again"), choice(true, "Drop")],
        ),
        p("hint", vec![hint]),
        actions(vec![
            button("button", text("Cancel"), always, move || close.run(())),
            button("button primary", text("Rotate"), always, start),
        ]),
    ];
    dialog("Rotate keys?", "narrow", close, inside)
}

/// The rotation that runs here, or what came of it.
fn standing(job: Job) -> AnyView {
    let Job { session, rotation, .. } = job;
    lazy(move || match rotation.standing.get() {
        Standing::Idle => all(Vec::new()),
        Standing::Runs => running(job, false),
        Standing::Pauses => running(job, true),
        Standing::Ended(Err(problem)) => {
            let retry = Callback::new(move |()| rotation.go_on(session));
            failure(problem, Some(retry))
        }
        Standing::Ended(Ok(rotated)) => ended(job, rotated),
    })
}

fn running(job: Job, pausing: bool) -> AnyView {
    let Job { session, rotation, .. } = job;
    let told = live(move || {
        session.progress.with(|progress| {
            let Some(it) = progress else { return "Getting ready…".to_owned() };
            let left = rotation.time_left(&it.what, it.done, it.total);
            let left = left.map(|left| format!(", {left}")).unwrap_or_default();
            format!("{}: rotation {} of {}{left}", it.what, it.done, it.total)
        })
    });
    let value = move |of: fn(&crate::session::Progress) -> usize| {
        session.progress.with(|it| it.as_ref().map(|it| of(it).to_string()))
    };
    let bar = view! {
        <progress
            aria-label="Rotation of this vault"
            max=move || value(|it| it.total)
            value=move || value(|it| it.done)
        ></progress>
    };
    let words = if pausing { "Pausing…" } else { "Pause" };
    section(
        "notice",
        "Rotation",
        vec![
            div("grow", vec![said(vec![told]), bar.into_any()]),
            button("button small", text(words), move || !pausing, move || rotation.pause(session)),
        ],
    )
}

fn ended(job: Job, rotated: Vec<Rotated>) -> AnyView {
    let Job { session, rotation, .. } = job;
    let done = rotated.iter().filter(|it| it.outcome == Outcome::Done).count();
    let paused = rotated.iter().any(|it| it.outcome == Outcome::Paused);
    let mut told = count(done, "vault done.", "vaults done.");
    if paused {
        told = format!("Paused: {told} Everything is readable as it is.");
    }
    let held: Vec<AnyView> = rotated.into_iter().filter_map(held).collect();
    let class = if held.is_empty() { "notice" } else { "notice warn" };
    let mut parts = vec![div("grow", vec![said(vec![text(told)]), all(held)])];
    if paused {
        parts.push(button("button small", text("Resume"), always, move || rotation.go_on(session)));
    }
    let close = move || rotation.close(session);
    parts.push(button("button small", text("Close"), always, close));
    section(class, "Rotation", parts)
}

/// What keeps the old key of a vault from being retired.
fn held(rotated: Rotated) -> Option<AnyView> {
    let (secrets, pages) = match rotated.outcome {
        Outcome::Done | Outcome::Paused => return None,
        Outcome::NotOpen(problem) => {
            let what = format!("{} does not open: {}", rotated.name, problem.message);
            return Some(all(vec![p("", vec![text(what)]), p("hint", vec![text(problem.next)])]));
        }
        Outcome::Held { secrets, pages } => (secrets, pages),
    };
    let mut names: Vec<String> = secrets.iter().map(named).collect();
    if pages > 0 {
        let (one, many) = ("page of its list of secrets", "pages of its list of secrets");
        names.push(count(pages, one, many));
    }
    let what = format!("{} keeps its old key, which these still need:", rotated.name);
    let hint = "What cannot be opened is never overwritten. Set such a secret again, or restore the \
                server’s backup, then go on. Where only earlier versions are damaged, a rotation \
                that drops them gets through.";
    Some(all(vec![p("", vec![text(what)]), list(names), p("hint", vec![text(hint)])]))
}

fn list(names: Vec<String>) -> AnyView {
    ul("plain uses", names.into_iter().map(|name| li("", vec![text(name)])).collect())
}

fn named(row: &Row) -> String {
    let gone = if row.deleted { " (deleted)" } else { "" };
    format!("{} in {}{gone}", row.key, row.scope_name)
}

fn vaults(job: Job) -> AnyView {
    let each = move || {
        job.keys.with(|keys| {
            let Loaded::Here(keys) = keys else { return Vec::new() };
            let one = |it: &VaultKeys| {
                let vault = it.vault.clone();
                Keyed::new(vault.clone(), move || self::vault(job, vault))
            };
            keys.iter().map(one).collect()
        })
    };
    ul("cards", vec![keyed(each)])
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
    let manages = memo(move || keys.with(|it| it.as_ref().is_some_and(manages)));
    let choice = lazy(move || match manages.get() {
        true => {
            let ticked = el("input").is("type", "checkbox").ticks(chosen, choose);
            el("label").class("check grow").put(ticked).put(span("strong", vec![live(name)])).any()
        }
        false => span("strong grow", vec![live(name)]),
    });
    let summary = vec![text("Keys"), span("unseen", vec![text(" of "), live(name)])];
    let inside = lazy(move || all(keys.get().map(|it| details(job, it)).into_iter().collect()));
    let more = view! { <details><summary>{summary}</summary>{inside}</details> };
    li(
        "card vault",
        vec![
            choice.into_any(),
            lazy(move || all(keys.with(|it| it.as_ref().map(facts)).unwrap_or_default())),
            more.into_any(),
        ],
    )
}

fn facts(keys: &VaultKeys) -> Vec<AnyView> {
    let Some(newest) = keys.versions.first() else { return Vec::new() };
    let (class, words) = if unfinished(keys) && keys.left == 0 {
        ("badge warn", "Not finished: the old key is to be retired".to_owned())
    } else if unfinished(keys) {
        ("badge warn", format!("Not finished: {} of {} left", keys.left, keys.total))
    } else if keys.due {
        ("badge warn", "Due".to_owned())
    } else if keys.total == 0 {
        ("quiet", "empty".to_owned())
    } else {
        ("quiet", count(keys.total, "secret or page", "secrets and pages"))
    };
    let since = vec![text(format!("Key {}, since ", newest.version)), time(newest.time).any()];
    vec![span("quiet", since), span(class, vec![text(words)])]
}

fn details(job: Job, keys: VaultKeys) -> AnyView {
    let vault = StoredValue::new(keys.vault.clone());
    let versions = keys.versions.iter().map(|it| version(job, vault, it)).collect();
    let told = |it: &Rotation| {
        let counts = format!(
            ", in entry {}: {} and {} were under a newer one.",
            it.entry,
            count(it.secrets as usize, "secret", "secrets"),
            count(it.earlier as usize, "earlier version", "earlier versions"),
        );
        let by = format!("Key {} retired by {} ", it.version, it.author);
        li("", vec![text(by), time(it.time).any(), text(counts)])
    };
    let mut rotations: Vec<AnyView> = keys.rotations.iter().map(told).collect();
    if rotations.is_empty() {
        rotations.push(li("quiet", vec![text("None yet.")]));
    }
    let step = |step: RotationStep, words: &'static str, enabled: bool| {
        let enabled = move || enabled && !job.rotation.runs();
        let press = move || job.start(vec![vault.get_value()], step);
        button("button small", text(words), enabled, press)
    };
    let begun = unfinished(&keys);
    let may = match keys.role {
        Role::Manager => vec![
            period(job, vault, keys.rotate_after),
            actions(vec![
                step(RotationStep::Rekey, "New key only", true),
                step(RotationStep::Reencrypt, "Seal again only", keys.left > 0),
                step(RotationStep::Retire, "Retire old keys only", begun),
            ]),
        ],
        Role::Writer => vec![
            period(job, vault, keys.rotate_after),
            actions(vec![step(RotationStep::Reencrypt, "Seal again only", keys.left > 0)]),
        ],
        Role::Reader => Vec::new(),
    };
    all(vec![ul("plain", versions), all(may), h2("Rotations"), ul("plain", rotations)])
}

fn version(job: Job, vault: StoredValue<String>, key: &KeyVersion) -> AnyView {
    let version = key.version;
    let uses = RwSignal::new(None::<Loaded<Vec<String>>>);
    let show = move || {
        uses.set(Some(Loaded::Waiting));
        spawn(async move {
            let request = Request::UsesOfKey { vault: vault.get_value(), version, limit: SHOWN };
            let answer = job.session.keyholder.window(request).await.map(|it| {
                let mut names: Vec<String> = it.rows.iter().map(named).collect();
                let more = it.total.saturating_sub(names.len());
                names.extend((more > 0).then(|| format!("and {more} more")));
                names
            });
            let _ = uses.try_set(Some(answer.into()));
        });
    };
    let told = if key.retired {
        ", retired".to_owned()
    } else {
        let secrets = count(key.secrets, "secret", "secrets");
        format!(", used by {secrets} and {} ", count(key.pages, "page", "pages"))
    };
    let mut parts = vec![text(format!("Key {version}, since ")), time(key.time).any(), text(told)];
    if key.secrets > 0 {
        let words = text(format!("What uses key {version}?"));
        parts.push(button("button ghost small", words, always, show));
    }
    parts.push(lazy(move || match uses.get() {
        None => all(Vec::new()),
        Some(Loaded::Waiting) => text("Looking…"),
        Some(Loaded::Failed(problem)) => failure(problem, None),
        Some(Loaded::Here(names)) => list(names),
    }));
    li("", parts)
}

/// After how many days the key shall be rotated.
fn period(job: Job, vault: StoredValue<String>, now: Option<u16>) -> AnyView {
    let choose = Callback::new(move |days: Option<u16>| {
        spawn(async move {
            match job.session.keyholder.rotate_after(vault.get_value(), days).await {
                Ok(()) => job.session.toasts.say("Reminder changed."),
                Err(problem) => job.session.report(&problem),
            }
        });
    });
    reminder(now, choose)
}
