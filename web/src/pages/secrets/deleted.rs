//! What was deleted here, and the way back.

use leptos::html;
use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Row, Secrets, Write};

use super::table::Table;
use crate::components::state::{Loaded, failure, loading};
use crate::components::time::time;
use crate::element::{El, el};
use crate::erased::{effect, lazy, spawn};
use crate::page::Place;
use crate::parts::{li, live, p, press, results, span, text};

/// Closed at first; asked for when it opens.
pub fn deleted(table: Table) -> El {
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
    let list = lazy(move || match list.get() {
        Loaded::Waiting => loading(2),
        Loaded::Failed(problem) => {
            failure(problem, Some(Callback::new(move |()| again.update(|n| *n += 1))))
        }
        Loaded::Here(list) if list.rows.is_empty() => {
            p("quiet", vec![text("Nothing was deleted here.")])
        }
        Loaded::Here(list) => {
            let rows = list.rows.into_iter().map(|row| entry(table, row)).collect();
            results("Deleted secrets", rows).any()
        }
    });
    el("details")
        .class("deleted")
        .node(node)
        .on("toggle", move |_| {
            if let Some(details) = node.get_untracked() {
                open.set(details.open());
            }
        })
        .put(el("summary").put("Deleted secrets"))
        .put(list)
}

fn entry(table: Table, row: Row) -> AnyView {
    let session = table.session;
    let busy = RwSignal::new(false);
    let (id, key) = (row.id.clone(), row.key.clone());
    let name = format!("Restore {key}");
    let restore = move || {
        if busy.get_untracked() {
            return;
        }
        let (id, key) = (id.clone(), key.clone());
        session.ask_once_more(&table.scope(), true, move || {
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
        });
    };
    let who = text(format!("deleted by {}, ", row.author));
    let may = untrack(|| session.may_write(&table.scope()));
    let restore = may.then(|| {
        press("button small", restore)
            .toggles("busy", move || busy.get())
            .is("aria-label", name)
            .put(live(move || if busy.get() { "Restoring…" } else { "Restore" }.to_owned()))
            .any()
    });
    let key = span("mono strong", vec![text(row.key)]);
    let who = span("quiet grow", vec![who, time(row.time).any()]);
    li("line", [Some(key), Some(who), restore].into_iter().flatten().collect())
}
