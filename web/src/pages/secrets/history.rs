//! A secret's versions, the last first: look at an old one, bring it back.

use leptos::prelude::*;
use subrosa_bridge::view::{Scope, Version, Write};

use crate::components::dialog::dialog;
use crate::components::reveal::{Reveals, revealed};
use crate::components::state::{Loaded, failure, loading};
use crate::components::time::time;
use crate::element::{El, el};
use crate::erased::{lazy, memo, spawn};
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
    let of = StoredValue::new(of);
    let list = lazy(move || match versions.get() {
        Loaded::Waiting => loading(4),
        Loaded::Failed(problem) => failure(problem, Some(Callback::new(move |()| load()))),
        Loaded::Here(versions) => {
            let one = |(index, version)| {
                entry(reveals, of.get_value(), version, index == 0, on_close, after)
            };
            let versions: Vec<El> = versions.into_iter().enumerate().map(one).collect();
            el("ol").class("versions").put(versions).any()
        }
    });
    dialog(title, "drawer", on_close, vec![list])
}

fn entry(
    reveals: Reveals,
    of: Of,
    version: Version,
    newest: bool,
    on_close: Callback<()>,
    after: Callback<()>,
) -> El {
    let session = use_session();
    let number = version.version;
    let which = (of.id.clone(), number);
    let busy = RwSignal::new(false);
    let shown = memo({
        let which = which.clone();
        move || reveals.has(&which)
    });
    let restore = {
        let of = of.clone();
        move || {
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
        }
    };
    let name = if version.deletion { "Deleted".to_owned() } else { format!("Version {number}") };
    let mut what = vec![span("strong", vec![text(name)])];
    if newest {
        what.extend([text(" "), span("badge", vec![text("current")])]);
    }
    let who = text(format!("{}, ", version.author));
    let entry = el("li").put(p("", what)).put(p("quiet", vec![who, time(version.time).any()]));
    if version.deletion {
        return entry;
    }
    let does = move || if shown.get() { "Hide" } else { "Reveal" };
    let reveal = which.clone();
    let reveal = press("button small", move || reveals.toggle(reveal.clone()))
        .follows("aria-label", move || format!("{} version {number}", does()))
        .put(live(move || does().to_owned()));
    let restore = (!newest && !of.inherited).then(|| {
        press("button small", restore)
            .toggles("busy", move || busy.get())
            .is("aria-label", format!("Restore version {number}"))
            .put("Restore")
    });
    entry.put(revealed(reveals, which)).put(el("div").class("actions").put(reveal).put(restore))
}
