//! One entry of the log, and its details.

use leptos::prelude::*;
use subrosa_bridge::history::{Deed, LogEntry, Restorable};

use crate::components::time::time;
use crate::element::el;
use crate::format::moment;
use crate::parts::{code, div, facts, li, p, press, span, text};

pub fn entry(then: RwSignal<Option<(Restorable, u64)>>, entry: LogEntry) -> AnyView {
    let LogEntry { seq, hash, author, time: at, deeds } = entry;
    let who = vec![span("strong", vec![text(author.name)]), text(" "), time(at).any()];
    let mut parts = vec![p("quiet", who)];
    let restorable: Vec<Restorable> =
        deeds.iter().filter_map(|deed| deed.restorable.clone()).collect();
    parts.extend(deeds.into_iter().map(deed));
    let what = facts(vec![
        ("Entry", code(seq.to_string())),
        ("Time", code(moment(at))),
        ("Hash", code(hash)),
    ]);
    let restore = |of: Restorable| {
        let name = format!("Restore {}…", of.name);
        let open = move || then.set(Some((of.clone(), seq)));
        press("button small", open).put(name).any()
    };
    let buttons: Vec<AnyView> = restorable.into_iter().map(restore).collect();
    let details = el("details").put(el("summary").put(format!("Entry {seq}"))).put(what);
    let buttons = (!buttons.is_empty()).then(|| div("actions", buttons));
    parts.push(details.put(buttons).any());
    li("person", parts)
}

fn deed(deed: Deed) -> AnyView {
    let note = (!deed.note.is_empty()).then(|| el("q").put(deed.note));
    el("p").put(deed.text).put(note.is_some().then_some(" ")).put(note).any()
}
