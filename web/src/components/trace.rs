//! Why a key comes to what it does: every scope that was looked at, from BUILT_IN down, with what
//! is shadowed struck through, and the way that an alias goes on.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Found, Resolved, Scope, SecretKind, Step, Target};

use crate::components::dialog::dialog;
use crate::components::state::{Loaded, failure, loading};
use crate::components::time::time;
use crate::element::el;
use crate::erased::{lazy, spawn};
use crate::format;
use crate::icons;
use crate::parts::{all, nothing, p, span, text};
use crate::session::use_session;

/// Asks for the trace of a key in a scope with this name, and shows it.
pub fn trace_dialog(
    scope: Scope,
    scope_name: &str,
    key: String,
    on_close: Callback<()>,
) -> AnyView {
    let title = format!("{key} in {scope_name}");
    dialog(title, "wide", on_close, vec![traced(scope, key)])
}

/// The trace of a key in a scope, when it comes.
pub fn traced(scope: Scope, key: String) -> AnyView {
    let session = use_session();
    let found = RwSignal::new(Loaded::<Option<Resolved>>::Waiting);
    let load = move || {
        let request = Request::Trace { scope: scope.clone(), key: key.clone() };
        spawn(async move {
            let answer = session.keyholder.effective(request).await;
            let _ = found.try_set(answer.map(|answer| answer.rows.into_iter().next()).into());
        });
    };
    load();
    let load = StoredValue::new_local(load);
    let retry = Callback::new(move |()| load.with_value(|load| load()));
    lazy(move || match found.get() {
        Loaded::Waiting => loading(4),
        Loaded::Failed(problem) => failure(problem, Some(retry)),
        Loaded::Here(resolved) => resolved.map_or_else(nothing, trace),
    })
}

/// The trace of a key; of an alias, with that of the key it leads to.
fn trace(resolved: Resolved) -> AnyView {
    let wins = resolved.trace.iter().rposition(|step| is_set(&step.found));
    let label = format!("Where {} was looked for", resolved.key);
    let steps = resolved.trace.into_iter().enumerate();
    let steps =
        steps.map(|(at, step)| row(step, wins.is_some_and(|wins| at < wins), wins == Some(at)));
    let steps: Vec<AnyView> = steps.collect();
    let mut parts = vec![el("ol").class("trace").is("aria-label", label).put(steps).any()];
    if let Some(count) = resolved.used_by {
        let applications = format::count(count, "application", "applications");
        parts.push(p("quiet", vec![text(format!("Used by {applications}."))]));
    }
    if let Some(next) = resolved.through {
        let key = span("mono strong", vec![text(next.key.clone())]);
        parts.push(p("hop", vec![icons::Alias(), text("Goes on with "), key]));
        parts.push(trace(*next));
    } else if let Some(why) = resolved.nothing {
        parts.push(p("notice warn", vec![icons::Warning(), span("grow", vec![text(why)])]));
    }
    all(parts)
}

fn is_set(found: &Found) -> bool {
    matches!(found, Found::BuiltIn(_) | Found::Secret(_))
}

fn row(step: Step, shadowed: bool, wins: bool) -> AnyView {
    let shadowed = shadowed && is_set(&step.found);
    let name = step.scope_name;
    let (what, who) = match step.found {
        Found::Absent => ("not set".to_owned(), None),
        Found::NoAccess => ("no access: you have no key for its vault".to_owned(), None),
        Found::BuiltIn(_) => ("built in".to_owned(), None),
        Found::Secret(row) => (set(&row.kind), Some(*row)),
    };
    let mut here = if shadowed {
        vec![el("s").class("strong").put(name).any(), text(" "), el("s").put(what).any()]
    } else {
        vec![span("strong", vec![text(name)]), text(" "), span("", vec![text(what)])]
    };
    if shadowed {
        here.extend([text(" "), span("badge", vec![text("shadowed")])]);
    } else if wins {
        here.extend([text(" "), span("badge good", vec![text("counts")])]);
    }
    let who = who.map(|row| {
        let said = format!("version {}, {}, ", row.version, row.author);
        p("quiet", vec![text(said), time(row.time).any()])
    });
    el("li").class(if wins { "wins" } else { "" }).put(p("", here)).put(who).any()
}

/// What is set, in words.
pub fn set(kind: &SecretKind) -> String {
    let of = |target: &Target| match target.key.as_str() {
        "" => "a secret that is gone".to_owned(),
        key => format!("{key} of {}", target.scope_name),
    };
    match kind {
        SecretKind::Value => "has a value".to_owned(),
        SecretKind::File { mount } => format!("has a file, for {mount}"),
        SecretKind::Alias(target) => format!("is an alias of {}", of(target)),
        SecretKind::Override(target) => format!("overrides {}", of(target)),
    }
}
