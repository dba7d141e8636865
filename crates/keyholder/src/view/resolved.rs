//! What scopes resolve to, as view models.

use subrosa_bridge::view::{
    CellState, Found as ViewFound, Resolved as ViewResolved, Step as ViewStep,
};
use subrosa_core::contents::{Contents, Scope};
use subrosa_core::scope::{Found, Nothing, Outcome, Resolved, Resolver, State, Step};
use subrosa_wire::id::SecretId;

use super::{BUILT_IN, Names, last_name, row, scope_of};
use crate::problem::nothing;

/// How a scope comes by a key.
pub(crate) fn state(state: State) -> CellState {
    match state {
        State::Own => CellState::Own,
        State::Inherited => CellState::Inherited,
        State::Override => CellState::Override,
        State::Alias => CellState::Alias,
        State::Missing => CellState::Missing,
        State::NoAccess => CellState::NoAccess,
    }
}

/// What a key comes to, with the way there.
pub(crate) fn resolved(
    contents: &Contents,
    names: &Names<'_>,
    resolved: &Resolved<'_>,
) -> ViewResolved {
    let through = match &resolved.outcome {
        Outcome::Through(next) => Some(Box::new(self::resolved(contents, names, next))),
        _ => None,
    };
    ViewResolved {
        key: resolved.key.to_owned(),
        state: state(resolved.state),
        trace: resolved.trace.iter().map(|it| step(contents, names, it)).collect(),
        through,
        mount: resolved.mount().map(str::to_owned),
        nothing: why_nothing(resolved),
        used_by: None,
    }
}

/// The secret by which a key comes to something.
pub(super) fn winner(resolved: &Resolved<'_>) -> Option<SecretId> {
    resolved.trace.iter().rev().find_map(|step| match step.found {
        Found::Secret(record) => Some(record.id),
        _ => None,
    })
}

/// How many applications come to the secret by which `resolved` comes to something.
pub(crate) fn used_by(resolver: &Resolver<'_>, resolved: &Resolved<'_>) -> Option<usize> {
    let secret = winner(resolved)?;
    let applications = resolver.contents().environments().flat_map(|it| it.applications);
    let views = applications.filter_map(|it| resolver.view(Scope::Application(it.id)));
    Some(views.filter(|view| winner(&view.resolve(resolved.key)) == Some(secret)).count())
}

/// Why a key comes to nothing, as a sentence.
pub(super) fn why_nothing(resolved: &Resolved<'_>) -> Option<String> {
    match resolved.end() {
        Outcome::Nothing(why) => {
            let clean_up = match why {
                Nothing::Dangling => " Delete it, or restore what it was made for.",
                _ => "",
            };
            Some(format!("Comes to nothing: {}.{clean_up}", nothing(*why)))
        }
        Outcome::BuiltIn(_) | Outcome::Value(..) | Outcome::Through(_) => None,
    }
}

fn step(contents: &Contents, names: &Names<'_>, step: &Step<'_>) -> ViewStep {
    let found = match (&step.found, step.scope) {
        (Found::NoAccess, _) => ViewFound::NoAccess,
        (Found::BuiltIn(built_in), _) => ViewFound::BuiltIn(built_in.id.to_string()),
        (Found::Secret(record), Some(scope)) => {
            ViewFound::Secret(Box::new(row(contents, names, scope, scope, record)))
        }
        (Found::Absent | Found::Secret(_), _) => ViewFound::Absent,
    };
    ViewStep { scope: step.scope.map(scope_of), scope_name: step_name(contents, step.scope), found }
}

/// The last name of a scope.
pub(super) fn step_name(contents: &Contents, scope: Option<Scope>) -> String {
    let Some(scope) = scope else { return BUILT_IN.to_owned() };
    last_name(contents, scope).unwrap_or_default().to_owned()
}
