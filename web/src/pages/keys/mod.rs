//! Named keys: for encrypting data that is kept elsewhere.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::named_keys::{NamedKey, NamedKeyAt, NamedKeyChange};
use subrosa_bridge::people::Role;

use crate::components::dialog;
use crate::components::field::Field;
use crate::components::reminder::reminder;
use crate::components::select::{by_place, select};
use crate::components::state::{Loaded, empty, failure, form_problem, loading};
use crate::components::time::time;
use crate::element::el;
use crate::erased::{Keyed, effect, keyed, lazy, memo, spawn, when};
use crate::icons;
use crate::pages::title;
use crate::parts::{actions, all, always, button, div, head, li, p, span, text, ul};
use crate::session::{Session, use_session};

mod workbench;

/// What lies over the page.
#[derive(Clone, PartialEq)]
enum Over {
    Nothing,
    New,
    Use(NamedKeyAt),
    Trim(NamedKey),
    Delete(NamedKey),
}

#[derive(Clone, Copy)]
struct Job {
    session: Session,
    keys: RwSignal<Loaded<Vec<NamedKey>>>,
    over: RwSignal<Over>,
    again: RwSignal<u32>,
    /// What went wrong in the dialog that is open.
    problem: RwSignal<Option<subrosa_bridge::Problem>>,
}

/// `/keys`.
#[component]
pub fn KeysPage() -> impl IntoView {
    title("Keys");
    let job = Job {
        session: use_session(),
        keys: RwSignal::new(Loaded::Waiting),
        over: RwSignal::new(Over::Nothing),
        again: RwSignal::new(0),
        problem: RwSignal::new(None),
    };
    job.load();
    let retry = Callback::new(move |()| job.again.update(|count| *count += 1));
    let state = memo(move || {
        job.keys.with(|keys| match keys {
            Loaded::Waiting => Loaded::Waiting,
            Loaded::Here(keys) => Loaded::Here(keys.is_empty()),
            Loaded::Failed(problem) => Loaded::Failed(problem.clone()),
        })
    });
    let lead = "A named key encrypts what you keep elsewhere: a column of a database, a file. The \
                server sees neither the key nor the data. A ciphertext begins with subrosa:v, then \
                the version of the key.";
    let create = move || {
        let words = all(vec![icons::Plus(), text("New key")]);
        button("button primary", words, always, move || job.open(Over::New))
    };
    let may = memo(move || job.session.may_write_somewhere());
    all(vec![
        head("Keys", vec![when(move || may.get(), create)]),
        p("quiet lead", vec![text(lead)]),
        lazy(move || match state.get() {
            Loaded::Waiting => loading(4),
            Loaded::Failed(problem) => failure(problem, Some(retry)),
            Loaded::Here(true) if !may.get() => {
                let hint =
                    "Who writes in a vault makes one there. Ask an owner, or who manages it.";
                empty("No named key yet", hint, Vec::new())
            }
            Loaded::Here(true) => {
                let hint = "Make one, then encrypt here, or by the command line and the gateway.";
                empty("No named key yet", hint, vec![create()])
            }
            Loaded::Here(false) => list(job),
        }),
        lazy(move || match job.over.get() {
            Over::Nothing => all(Vec::new()),
            Over::New => create_dialog(job),
            Over::Use(at) => workbench::workbench(job, at),
            Over::Trim(key) => trim_dialog(job, key),
            Over::Delete(key) => delete_dialog(job, key),
        }),
    ])
}

impl Job {
    fn load(self) {
        effect(move || {
            self.session.changes.track();
            self.again.track();
            spawn(async move {
                let _ = self.keys.try_set(self.session.keyholder.named_keys().await.into());
            });
        });
    }

    fn open(self, over: Over) {
        self.problem.set(None);
        self.over.set(over);
    }

    fn close(self) -> Callback<()> {
        Callback::new(move |()| self.over.set(Over::Nothing))
    }

    fn of(self, at: &NamedKeyAt) -> Option<NamedKey> {
        self.keys.with(|keys| match keys {
            Loaded::Here(keys) => keys.iter().find(|it| it.at == *at).cloned(),
            _ => None,
        })
    }

    /// Makes a change; `told` is said when it is made, and the dialog closes.
    fn change(self, at: NamedKeyAt, base: u32, change: NamedKeyChange, told: String) {
        self.problem.set(None);
        spawn(async move {
            let request = Request::ChangeNamedKey { at, base, change };
            match self.session.keyholder.change_named_key(request).await {
                Ok(keys) => {
                    let _ = self.keys.try_set(Loaded::Here(keys));
                    let _ = self.over.try_set(Over::Nothing);
                    self.session.toasts.say(told);
                }
                Err(problem) if untrack(|| self.over.get()) == Over::Nothing => {
                    self.session.report(&problem);
                }
                Err(problem) => {
                    let _ = self.problem.try_set(Some(problem));
                }
            }
        });
    }
}

fn list(job: Job) -> AnyView {
    let each = move || {
        job.keys.with(|keys| {
            let Loaded::Here(keys) = keys else { return Vec::new() };
            let one = |it: &NamedKey| {
                let at = it.at.clone();
                let key = format!("{} {}", at.vault, at.name);
                Keyed::new(key, move || card(job, at))
            };
            keys.iter().map(one).collect()
        })
    };
    ul("cards", vec![keyed(each)])
}

fn card(job: Job, at: NamedKeyAt) -> AnyView {
    let use_at = at.clone();
    let name = at.name.clone();
    let key = memo(move || job.of(&at));
    let facts = lazy(move || all(key.with(|it| it.as_ref().map(facts)).unwrap_or_default()));
    let manage = lazy(move || all(key.get().map(|it| manage(job, it)).into_iter().collect()));
    let summary = vec![text("Versions"), span("unseen", vec![text(format!(" of {name}"))])];
    let more = el("details").put(el("summary").put(summary)).put(manage);
    let open = vec![text("Use"), span("unseen", vec![text(format!(" {name}"))])];
    li(
        "card vault",
        vec![
            span("strong mono grow", vec![text(name)]),
            facts,
            button("button small", all(open), always, move || job.open(Over::Use(use_at.clone()))),
            more.any(),
        ],
    )
}

fn facts(key: &NamedKey) -> Vec<AnyView> {
    let words = format!("in {}, version {}, since ", key.vault_name, key.newest);
    let mut facts = vec![span("quiet", vec![text(words), time(key.time).any()])];
    for (holds, badge) in [(key.due, "Due"), (key.deletable, "May be deleted")] {
        if holds {
            facts.push(span("badge warn", vec![text(badge)]));
        }
    }
    facts
}

/// What may be done to a key.
fn manage(job: Job, key: NamedKey) -> AnyView {
    let all_kept = key.oldest == 1;
    let kept = match (all_kept, key.newest) {
        (true, 1) => "There is one version".to_owned(),
        (true, newest) => format!("Versions 1 to {newest} are kept"),
        (false, newest) => {
            format!("Versions {} to {newest} are kept; those before are trimmed", key.oldest)
        }
    };
    let said = format!(
        "{kept}. Version {} encrypts, version {} and newer decrypt. Last changed by {}.",
        key.newest, key.decrypt_from, key.author
    );
    if !key.writes {
        let ask = "You may use it, and not change it. Ask who manages the vault.";
        return all(vec![p("", vec![text(said)]), p("hint", vec![text(ask)])]);
    }
    let (name, base) = (key.at.name.clone(), key.base);
    let at = StoredValue::new(key.at.clone());
    let change = move |change: NamedKeyChange, told: String| {
        job.change(at.get_value(), base, change, told);
    };
    let versions = (key.oldest..=key.newest).rev();
    let options = versions.map(|it| (it.to_string(), format!("Version {it}"))).collect();
    let minimum = Callback::new(move |version: String| {
        if let Ok(version) = version.parse() {
            change(NamedKeyChange::DecryptFrom(version), "Minimum version changed.".to_owned());
        }
    });
    let label = "Minimum decryption version";
    let now = Signal::stored(key.decrypt_from.to_string());
    let remind = Callback::new(move |days| {
        change(NamedKeyChange::RotateAfter(days), "Reminder changed.".to_owned());
    });
    let rotated = format!("{name} has a new version: what is encrypted from now on is under it.");
    let rotate = move || change(NamedKeyChange::Rotate, rotated.clone());
    let deletable = key.deletable;
    let allow = move || {
        let told =
            if deletable { "It can’t be deleted any more." } else { "It may be deleted now." };
        change(NamedKeyChange::Deletable(!deletable), told.to_owned());
    };
    let trims = key.decrypt_from > key.oldest;
    let (to_trim, to_delete) = (key.clone(), key.clone());
    let guard = if deletable { "Forbid deletion" } else { "Allow deletion" };
    all(vec![
        p("", vec![text(said)]),
        div(
            "toolbar",
            vec![
                div(
                    "field",
                    vec![text(label), select(None, Some(label.to_owned()), options, now, minimum)],
                ),
                reminder(key.rotate_after, remind),
            ],
        ),
        div(
            "actions",
            vec![
                button("button small", text("Rotate"), always, rotate),
                button(
                    "button small",
                    text("Trim…"),
                    move || trims,
                    move || {
                        job.open(Over::Trim(to_trim.clone()));
                    },
                ),
                button("button small", text(guard), always, allow),
                button(
                    "button small danger",
                    text("Delete…"),
                    move || deletable,
                    move || {
                        job.open(Over::Delete(to_delete.clone()));
                    },
                ),
            ],
        ),
    ])
}

/// A dialog with its buttons; `go` is the last of these.
fn dialog(job: Job, title: &str, class: &'static str, mut parts: Vec<AnyView>) -> AnyView {
    parts.push(form_problem(job.problem));
    dialog::dialog(title.to_owned(), class, job.close(), parts)
}

fn cancel(job: Job) -> AnyView {
    button("button", text("Cancel"), always, move || job.close().run(()))
}

fn create_dialog(job: Job) -> AnyView {
    let name = RwSignal::new(String::new());
    let vaults = RwSignal::new(Vec::<(String, String)>::new());
    let chosen = RwSignal::new(0_usize);
    spawn(async move {
        if let Ok(keys) = job.session.keyholder.keys().await {
            let writes = keys.into_iter().filter(|it| it.role >= Role::Writer);
            let _ = vaults.try_set(writes.map(|it| (it.vault, it.name)).collect());
        }
    });
    let create = move || {
        let vault = vaults.with(|all| all.get(chosen.get()).map(|it| it.0.clone()));
        let (Some(vault), name) = (vault, name.get()) else { return };
        let told = format!("{name} is there.");
        job.change(NamedKeyAt { vault, name }, 0, NamedKeyChange::Create, told);
    };
    let now = Signal::derive(move || chosen.get().to_string());
    let choose = Callback::new(move |at: String| chosen.set(at.parse().unwrap_or_default()));
    let choice = lazy(move || {
        let options = by_place(vaults.get().into_iter().map(|it| it.1));
        div("field", vec![text("Vault"), select(None, Some("Vault".into()), options, now, choose)])
    });
    let hint = "Letters, digits, dots, dashes and underscores. Who reads the vault may decrypt.";
    let field = view! {
        <Field label="Name" value=name hint=hint mono=true autofocus=true longest=64 />
    };
    let enabled = move || !name.with(String::is_empty) && vaults.with(|all| !all.is_empty());
    dialog(
        job,
        "New key",
        "narrow",
        vec![
            field.into_any(),
            choice,
            actions(vec![cancel(job), button("button primary", text("Create"), enabled, create)]),
        ],
    )
}

fn trim_dialog(job: Job, key: NamedKey) -> AnyView {
    let NamedKey { at, base, oldest, decrypt_from: below, .. } = key;
    let versions = match below - oldest {
        1 => format!("Version {oldest}"),
        _ => format!("Versions {oldest} to {}", below - 1),
    };
    let said = format!(
        "{versions} of {} would be deleted for good. What was encrypted with them, and not \
         rewrapped since, can never be decrypted again.",
        at.name
    );
    let told = format!("{versions} of {} deleted.", at.name);
    let trim = move || {
        job.change(at.clone(), base, NamedKeyChange::Trim { below }, told.clone());
    };
    dialog(
        job,
        "Trim versions?",
        "narrow",
        vec![
            p("", vec![text(said)]),
            actions(vec![cancel(job), button("button danger", text("Trim"), always, trim)]),
        ],
    )
}

fn delete_dialog(job: Job, key: NamedKey) -> AnyView {
    let NamedKey { at, base, .. } = key;
    let name = at.name.clone();
    let said = format!(
        "All versions of {name} would be deleted for good. What was encrypted with it can never be \
         decrypted again."
    );
    let typed = RwSignal::new(String::new());
    let label = format!("Type {name} to go on");
    let field = view! { <Field label value=typed mono=true autofocus=true /> };
    let told = format!("{name} is deleted.");
    let delete = move || job.change(at.clone(), base, NamedKeyChange::Delete, told.clone());
    let enabled = move || typed.with(|typed| *typed == name);
    dialog(
        job,
        "Delete key?",
        "narrow",
        vec![
            p("", vec![text(said)]),
            field.into_any(),
            actions(vec![cancel(job), button("button danger", text("Delete"), enabled, delete)]),
        ],
    )
}
