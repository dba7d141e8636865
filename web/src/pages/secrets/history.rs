//! A secret's versions, the last first: look at an old one, bring it back.

use leptos::prelude::*;
use leptos::task::spawn_local;
use subrosa_bridge::view::{Row, Version, Write};

use super::reveal::Revealed;
use super::table::{Over, Table};
use crate::components::dialog::Dialog;
use crate::components::state::{Failure, Loaded, Loading};
use crate::components::time::Time;

/// The drawer.
#[component]
pub fn History(table: Table, row: Row) -> impl IntoView {
    let versions = RwSignal::new(Loaded::<Vec<Version>>::Waiting);
    let id = StoredValue::new(row.id.clone());
    let load = move || {
        spawn_local(async move {
            let Some(id) = id.try_get_value() else { return };
            let _ = versions.try_set(table.session.keyholder.history(id).await.into());
        });
    };
    load();
    let on_close = Callback::new(move |()| table.over.set(Over::Nothing));
    let row = StoredValue::new(row);
    view! {
        <Dialog
            title=format!("History of {}", row.with_value(|row| row.key.clone()))
            class="drawer"
            on_close
        >
            {move || match versions.get() {
                Loaded::Waiting => view! { <Loading /> }.into_any(),
                Loaded::Failed(problem) => view! {
                    <Failure problem retry=Callback::new(move |()| load()) />
                }.into_any(),
                Loaded::Here(versions) => view! {
                    <ol class="versions">
                        {versions.into_iter().enumerate().map(|(index, version)| view! {
                            <Entry table row=row.get_value() version newest=index == 0 />
                        }).collect_view()}
                    </ol>
                }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Entry(table: Table, row: Row, version: Version, newest: bool) -> impl IntoView {
    let session = table.session;
    let number = version.version;
    let which = (row.id.clone(), number);
    let busy = RwSignal::new(false);
    let shown = Memo::new({
        let which = which.clone();
        move |_| table.reveals.has(&which)
    });
    let restore = {
        let row = row.clone();
        move |_| {
            if busy.get_untracked() {
                return;
            }
            busy.set(true);
            let (id, key) = (row.id.clone(), row.key.clone());
            spawn_local(async move {
                let restore = Write::Restore { secret: id, version: Some(number) };
                match session.keyholder.write_one(restore).await {
                    Ok(row) => {
                        let said =
                            format!("{key}: version {number} is back as version {}.", row.version);
                        session.toasts.say(said);
                        let _ = table.reload.try_update(|count| *count += 1);
                        let _ = table.over.try_set(Over::Nothing);
                    }
                    Err(problem) => session.report(&problem),
                }
                let _ = busy.try_set(false);
            });
        }
    };
    let toggle = {
        let which = which.clone();
        move |_| table.reveals.toggle(which.clone())
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
                <Revealed reveals=table.reveals which=which />
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
                    {(!newest && !row.inherited).then(|| view! {
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
