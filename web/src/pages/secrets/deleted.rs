//! What was deleted here, and the way back.

use leptos::html;
use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Row, Secrets, Write};

use super::table::Table;
use crate::components::state::{Failure, Loaded, Loading};
use crate::components::time::Time;
use crate::erased::{effect, lazy, spawn};
use crate::page::Place;

/// Closed at first; asked for when it opens.
#[component]
pub fn Deleted(table: Table) -> impl IntoView {
    let open = RwSignal::new(false);
    let list = RwSignal::new(Loaded::<Secrets>::Waiting);
    let node = NodeRef::<html::Details>::new();
    let again = RwSignal::new(0_u32);
    effect(move || {
        table.session.changes.track();
        table.reload.track();
        again.track();
        if !open.get() {
            return;
        }
        let scope = table.place.with_value(Place::scope);
        spawn(async move {
            let result = table.session.keyholder.window(Request::Deleted { scope }).await;
            let _ = list.try_set(result.into());
        });
    });
    view! {
        <details
            class="deleted"
            node_ref=node
            on:toggle=move |_| {
                if let Some(details) = node.get_untracked() {
                    open.set(details.open());
                }
            }
        >
            <summary>"Deleted secrets"</summary>
            {lazy(move || match list.get() {
                Loaded::Waiting => view! { <Loading lines=2 /> }.into_any(),
                Loaded::Failed(problem) => view! {
                    <Failure problem retry=Callback::new(move |()| again.update(|n| *n += 1)) />
                }.into_any(),
                Loaded::Here(list) if list.rows.is_empty() => view! {
                    <p class="quiet">"Nothing was deleted here."</p>
                }.into_any(),
                Loaded::Here(list) => view! {
                    <ul class="results" aria-label="Deleted secrets">
                        {list.rows.into_iter().map(|row| view! { <Entry table row /> }).collect_view()}
                    </ul>
                }.into_any(),
            })}
        </details>
    }
}

#[component]
fn Entry(table: Table, row: Row) -> impl IntoView {
    let session = table.session;
    let busy = RwSignal::new(false);
    let (id, key) = (row.id.clone(), row.key.clone());
    let name = format!("Restore {key}");
    let restore = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (id, key) = (id.clone(), key.clone());
        spawn(async move {
            let restore = Write::Restore { secret: id, version: None };
            match session.keyholder.write_one(restore).await {
                Ok(_) => session.toasts.say(format!("{key} is back.")),
                Err(problem) => session.report(&problem),
            }
            let _ = busy.try_set(false);
            let _ = table.reload.try_update(|count| *count += 1);
        });
    };
    view! {
        <li class="line">
            <span class="mono strong">{row.key}</span>
            <span class="quiet grow">"deleted by " {row.author} ", " <Time at=row.time /></span>
            <button
                type="button"
                class="button small"
                class:busy=move || busy.get()
                aria-label=name
                on:click=restore
            >
                {move || if busy.get() { "Restoring…" } else { "Restore" }}
            </button>
        </li>
    }
}
