//! Why a key comes to what it does: every scope that was looked at, from BUILT_IN down, with what
//! is shadowed struck through, and the way that an alias goes on.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::view::{Found, Resolved, Row, Scope, SecretKind, Step, Target};

use crate::components::dialog::Dialog;
use crate::components::state::{Failure, Loaded, Loading};
use crate::components::time::Time;
use crate::erased::{lazy, spawn};
use crate::format;
use crate::icons;
use crate::session::use_session;

/// Asks for the trace of a key in a scope, and shows it.
#[component]
pub fn TraceDialog(
    /// Where one looks.
    scope: Scope,
    /// Its name.
    scope_name: String,
    /// The key.
    key: String,
    /// Somebody wants it away.
    on_close: Callback<()>,
) -> impl IntoView {
    let title = format!("{key} in {scope_name}");
    view! { <Dialog title class="wide" on_close>{traced(scope, key)}</Dialog> }
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
        Loaded::Waiting => view! { <Loading /> }.into_any(),
        Loaded::Failed(problem) => view! { <Failure problem retry /> }.into_any(),
        Loaded::Here(resolved) => resolved.map(trace).into_any(),
    })
}

/// The trace of a key; of an alias, with that of the key it leads to.
fn trace(resolved: Resolved) -> AnyView {
    let wins = resolved.trace.iter().rposition(|step| is_set(&step.found));
    let label = format!("Where {} was looked for", resolved.key);
    let steps = resolved.trace.into_iter().enumerate();
    let steps =
        steps.map(|(at, step)| row(step, wins.is_some_and(|wins| at < wins), wins == Some(at)));
    let onward = resolved.through.map(|next| {
        view! {
            <p class="hop"><icons::Alias />"Goes on with " <span class="mono strong">{next.key.clone()}</span></p>
            {trace(*next)}
        }
    });
    let used = resolved.used_by.map(|count| {
        let applications = format::count(count, "application", "applications");
        view! { <p class="quiet">"Used by " {applications} "."</p> }
    });
    let end = onward.is_none().then_some(resolved.nothing).flatten();
    view! {
        <ol class="trace" aria-label=label>{steps.collect_view()}</ol>
        {used}
        {onward}
        {end.map(|why| view! {
            <p class="notice warn"><icons::Warning /><span class="grow">{why}</span></p>
        })}
    }
    .into_any()
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
        Found::Secret(row) => (set(&row), Some(*row)),
    };
    let here = if shadowed {
        view! { <s class="strong">{name}</s> " " <s>{what}</s> " " <span class="badge">"shadowed"</span> }.into_any()
    } else {
        view! {
            <span class="strong">{name}</span> " " <span>{what}</span>
            {wins.then(|| view! { " " <span class="badge good">"counts"</span> })}
        }
        .into_any()
    };
    view! {
        <li class:wins=wins>
            <p>{here}</p>
            {who.map(|row| view! {
                <p class="quiet">"version " {row.version} ", " {row.author} ", " <Time at=row.time /></p>
            })}
        </li>
    }
    .into_any()
}

/// What is set, in words.
fn set(row: &Row) -> String {
    let of = |target: &Target| match target.key.as_str() {
        "" => "a secret that is gone".to_owned(),
        key => format!("{key} of {}", target.scope_name),
    };
    match &row.kind {
        SecretKind::Value => "has a value".to_owned(),
        SecretKind::File { mount } => format!("has a file, for {mount}"),
        SecretKind::Alias(target) => format!("is an alias of {}", of(target)),
        SecretKind::Override(target) => format!("overrides {}", of(target)),
    }
}
