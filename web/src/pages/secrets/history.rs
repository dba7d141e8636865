//! A secret's versions, the last first: look at an old one, bring it back.

use leptos::prelude::*;
use subrosa_bridge::view::{Scope, Version, Write};

use crate::components::dialog::Dialog;
use crate::components::reveal::{Revealed, Reveals};
use crate::components::state::{Failure, Loaded, Loading};
use crate::components::time::Time;
use crate::erased::{lazy, memo, spawn};
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

/// The drawer.
#[component]
pub fn History(
    /// All values on screen.
    reveals: Reveals,
    /// Whose.
    of: Of,
    /// Somebody wants it away.
    on_close: Callback<()>,
    /// An older version is back.
    after: Callback<()>,
) -> impl IntoView {
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
    view! {
        <Dialog title class="drawer" on_close>
            {lazy(move || match versions.get() {
                Loaded::Waiting => view! { <Loading /> }.into_any(),
                Loaded::Failed(problem) => view! {
                    <Failure problem retry=Callback::new(move |()| load()) />
                }.into_any(),
                Loaded::Here(versions) => view! {
                    <ol class="versions">
                        {versions.into_iter().enumerate().map(|(index, version)| view! {
                            <Entry reveals of=of.get_value() version newest=index == 0 on_close after />
                        }).collect_view()}
                    </ol>
                }.into_any(),
            })}
        </Dialog>
    }
}

#[component]
fn Entry(
    reveals: Reveals,
    of: Of,
    version: Version,
    newest: bool,
    on_close: Callback<()>,
    after: Callback<()>,
) -> impl IntoView {
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
        move |_| {
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
    let toggle = {
        let which = which.clone();
        move |_| reveals.toggle(which.clone())
    };
    view! {
        <li>
            <p>
                <span class="strong">
                    {if version.deletion { "Deleted".to_owned() } else { format!("Version {number}") }}
                </span>
                {newest.then(|| view! { " " <span class="badge">"current"</span> })}
            </p>
            <p class="quiet">{version.author} ", " <Time at=version.time /></p>
            {(!version.deletion).then(|| view! {
                <Revealed reveals which=which />
                <div class="actions">
                    <button
                        type="button"
                        class="button small"
                        aria-label=move || {
                            let does = if shown.get() { "Hide" } else { "Reveal" };
                            format!("{does} version {number}")
                        }
                        on:click=toggle
                    >
                        {move || if shown.get() { "Hide" } else { "Reveal" }}
                    </button>
                    {(!newest && !of.inherited).then(|| view! {
                        <button
                            type="button"
                            class="button small"
                            class:busy=move || busy.get()
                            aria-label=format!("Restore version {number}")
                            on:click=restore
                        >
                            "Restore"
                        </button>
                    })}
                </div>
            })}
        </li>
    }
}
