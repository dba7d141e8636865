//! A secret's versions, the last first: look at an old one, at what it changed, bring it back.

use leptos::prelude::*;
use subrosa_bridge::view::{Scope, SecretKind, Version, Write};

use crate::components::dialog::dialog;
use crate::components::differences::between;
use crate::components::reveal::{Reveals, Which, revealed};
use crate::components::state::{Loaded, failure, loading};
use crate::components::time::time;
use crate::components::trace::set;
use crate::element::{El, el};
use crate::erased::{lazy, memo, spawn, when};
use crate::parts::{live, p, press, span, text};
use crate::session::use_session;

/// Whose history it is.
#[derive(Clone, PartialEq)]
pub struct Of {
    /// Where it is looked at.
    pub scope: Scope,
    /// The secret's id.
    pub id: String,
    /// Its key.
    pub key: String,
    /// Whether it is set at a higher scope than the one that is looked at.
    pub inherited: bool,
}

/// What all of its lines share.
#[derive(Clone)]
struct Drawer {
    reveals: Reveals,
    compared: Compared,
    of: Of,
    /// Whether one may bring a version back from here.
    restores: bool,
    on_close: Callback<()>,
    after: Callback<()>,
}

/// The version whose difference to the one before it is on screen: of one at a time.
#[derive(Clone, Copy)]
struct Compared {
    reveals: Reveals,
    which: RwSignal<Option<u32>>,
}

impl Compared {
    fn toggle(self, before: Which, this: &Which) {
        let shown = untrack(|| self.shows(this));
        self.reveals.clear();
        self.which.set((!shown).then_some(this.1));
        if !shown {
            self.reveals.toggle(before);
            self.reveals.toggle(this.clone());
        }
    }

    /// Whether it is this one's, tracked: for as long as values are shown.
    fn shows(self, this: &Which) -> bool {
        self.which.get() == Some(this.1) && self.reveals.has(this)
    }
}

/// The drawer: whose versions, and what is done when an older one is back.
pub fn history(reveals: Reveals, of: Of, on_close: Callback<()>, after: Callback<()>) -> AnyView {
    let session = use_session();
    let versions = RwSignal::new(Loaded::<Vec<Version>>::Waiting);
    let id = StoredValue::new(of.id.clone());
    let load = move || {
        spawn(async move {
            let Some(id) = id.try_get_value() else { return };
            let _ = versions.try_set(session.keyholder.history(id).await.into());
        });
    };
    load();
    let title = format!("History of {}", of.key);
    let compared = Compared { reveals: Reveals::new(session), which: RwSignal::new(None) };
    let restores = !of.inherited && untrack(|| session.may_write(&of.scope));
    let drawer = Drawer { reveals, compared, of, restores, on_close, after };
    let list = lazy(move || match versions.get() {
        Loaded::Waiting => loading(4),
        Loaded::Failed(problem) => failure(problem, Some(Callback::new(move |()| load()))),
        Loaded::Here(versions) => {
            let one = |(index, version)| {
                let before = versions.iter().skip(index + 1).find(|it| it.kind.is_some());
                entry(&drawer, version, before, index == 0)
            };
            let versions: Vec<El> = versions.iter().enumerate().map(one).collect();
            el("ol").class("versions").put(versions).any()
        }
    });
    dialog(title, "drawer", on_close, vec![list])
}

fn entry(drawer: &Drawer, version: &Version, before: Option<&Version>, newest: bool) -> El {
    let Drawer { reveals, compared, of, .. } = drawer;
    let entry = told(version, before, newest);
    let Some(kind) = &version.kind else { return entry };
    let restore = (!newest && drawer.restores).then(|| restore(drawer, version.version));
    if !has_value(kind) {
        return entry.put(el("div").class("actions").put(restore));
    }
    let which = (of.id.clone(), version.version);
    let before = before.filter(|it| it.kind.as_ref().is_some_and(has_value));
    let before = before.map(|it| (of.id.clone(), it.version));
    let (changed, show) = before.map(|it| changes(*compared, it, which.clone())).unzip();
    let reveal = reveal(*reveals, which.clone());
    let actions = el("div").class("actions").put(reveal).put(show).put(restore);
    entry.put(revealed(*reveals, which)).put(changed).put(actions)
}

fn has_value(kind: &SecretKind) -> bool {
    !matches!(kind, SecretKind::Alias(_))
}

/// What a version is and who made it; what changed at it that is no value.
fn told(version: &Version, before: Option<&Version>, newest: bool) -> El {
    let name = match version.kind {
        Some(_) => format!("Version {}", version.version),
        None => "Deleted".to_owned(),
    };
    let mut what = vec![span("strong", vec![text(name)])];
    if newest {
        what.extend([text(" "), span("badge", vec![text("current")])]);
    }
    let who = text(format!("{}, ", version.author));
    let told = el("li").put(p("", what)).put(p("quiet", vec![who, time(version.time).any()]));
    let Some(kind) = &version.kind else { return told };
    let said = |it: String| p("quiet", vec![text(it)]);
    let renamed = before.filter(|it| it.key != version.key);
    let became = match before.and_then(|it| it.kind.as_ref()) {
        Some(before) => before != kind,
        None => *kind != SecretKind::Value,
    };
    told.put(renamed.map(|it| said(format!("Renamed from {}.", it.key))))
        .put(became.then(|| said(format!("It {}.", set(kind)))))
}

fn reveal(reveals: Reveals, which: Which) -> El {
    let number = which.1;
    let shown = memo({
        let which = which.clone();
        move || reveals.has(&which)
    });
    let does = move || if shown.get() { "Hide" } else { "Reveal" };
    press("button small", move || reveals.toggle(which.clone()))
        .follows("aria-label", move || format!("{} version {number}", does()))
        .put(live(move || does().to_owned()))
}

fn restore(drawer: &Drawer, number: u32) -> El {
    let session = use_session();
    let Drawer { of, on_close, after, .. } = drawer.clone();
    let busy = RwSignal::new(false);
    let restore = move || {
        if busy.get_untracked() {
            return;
        }
        let (id, key) = (of.id.clone(), of.key.clone());
        session.ask_once_more(&of.scope, false, move || {
            busy.set(true);
            let (id, key) = (id.clone(), key.clone());
            spawn(async move {
                let restore = Write::Restore { secret: id, version: Some(number) };
                match session.keyholder.write_one(restore).await {
                    Ok(row) => {
                        let now = row.version;
                        let said = format!("{key}: version {number} is back as version {now}.");
                        session.toasts.say(said);
                        after.try_run(());
                        on_close.try_run(());
                    }
                    Err(problem) => session.report(&problem),
                }
                let _ = busy.try_set(false);
            });
        });
    };
    press("button small", restore)
        .toggles("busy", move || busy.get())
        .is("aria-label", format!("Restore version {number}"))
        .put("Restore")
}

/// What a version changed, where somebody wants to see it; and the button for that.
fn changes(compared: Compared, before: Which, this: Which) -> (AnyView, El) {
    let (old, new) = (before.clone(), this.clone());
    let number = this.1;
    let shown = memo({
        let this = this.clone();
        move || compared.shows(&this)
    });
    let does = move || if shown.get() { "Hide" } else { "Show" };
    let button = press("button small", move || compared.toggle(before.clone(), &this))
        .follows("aria-label", move || format!("{} changes of version {number}", does()))
        .put(live(move || format!("{} changes", does())));
    let values = move || between(compared.reveals, old.clone(), new.clone());
    (when(move || shown.get(), values), button)
}
