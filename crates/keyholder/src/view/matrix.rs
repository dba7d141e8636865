//! A project's keys against its environments.

use subrosa_bridge::view::{
    ApplicationRow, Cell, CellState, Column, Matrix, MatrixRow, Only, Scope as ViewScope,
};
use subrosa_client::{Platform, TeamClient};
use subrosa_core::contents::{Contents, Environment, Scope};
use subrosa_core::order;
use subrosa_core::scope::{Found, Resolved, Resolver, State, View};
use subrosa_core::unicode::lower_case;
use subrosa_wire::id::{ProjectId, VaultId};
use subrosa_wire::team::{Team, Vault};

use super::resolved::{state, step_name, why_nothing};
use super::{matches, scope_of};

/// Which part of a matrix is wanted.
pub(crate) struct Wanted<'a> {
    pub(crate) filter: &'a str,
    pub(crate) only: Option<&'a Only>,
    pub(crate) environment: Option<&'a str>,
    pub(crate) application: Option<&'a str>,
    pub(crate) expanded: &'a [String],
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// A column with the applications below it.
struct Views<'r> {
    view: View<'r>,
    name: String,
    applications: Vec<(String, View<'r>)>,
}

/// The matrix; `None` if there is no such project that can be looked into.
pub(crate) fn matrix<P: Platform>(
    client: &TeamClient<P>,
    project: ProjectId,
    wanted: &Wanted<'_>,
) -> Option<Matrix> {
    let contents = client.contents();
    let team = client.team();
    let resolver = Resolver::new(&contents);
    let mut environments: Vec<Environment<'_>> =
        contents.environments().filter(|it| it.project == project).collect();
    if let Some(one) = wanted.environment {
        environments.retain(|it| it.id.to_string() == one);
    }
    let created = |it: &Environment<'_>| team.vault(it.vault.id()).map(|vault| vault.created);
    order::sort_by_key(&mut environments, |it| (created(it), it.id));

    let shared = resolver.view(Scope::Project(project));
    let shared = shared.map(|view| Views { view, name: "Shared".into(), applications: vec![] });
    let below = environments.iter().filter_map(|it| {
        let view = resolver.view(Scope::Environment(it.id))?;
        let applications = it.applications.iter().filter_map(|application| {
            if wanted.application.is_some_and(|name| name != application.name) {
                return None;
            }
            let view = resolver.view(Scope::Application(application.id))?;
            Some((application.name.clone(), view))
        });
        Some(Views { view, name: it.name.to_owned(), applications: applications.collect() })
    });
    let columns: Vec<Views<'_>> = shared.into_iter().chain(below).collect();
    if columns.is_empty() {
        return None;
    }
    let shut = closed(&contents, &team, project, wanted);

    let keys = keys(&resolver, &columns, &lower_case(wanted.filter));
    let keys: Vec<&str> =
        keys.into_iter().filter(|key| passes(wanted.only, &columns, key)).collect();
    let window = keys.iter().skip(wanted.offset).take(wanted.limit);
    let rows = window.map(|key| {
        let expanded = wanted.application.is_some() || wanted.expanded.iter().any(|it| it == key);
        row(&contents, &columns, key, expanded)
    });
    let shut_cell = |column: &Column| no_access(column.scope.clone());
    let rows = rows.map(|mut row: MatrixRow| {
        row.cells.extend(shut.iter().map(shut_cell));
        for application in &mut row.rows {
            application.cells.extend(shut.iter().map(|it| Some(shut_cell(it))));
        }
        row
    });
    let rows = rows.collect();
    Some(Matrix {
        total: keys.len(),
        offset: wanted.offset,
        columns: columns.iter().map(column).chain(shut).collect(),
        rows,
    })
}

/// What of a project one may not open: what is shared, or environments. The log has no names.
fn closed(
    contents: &Contents,
    team: &Team,
    project: ProjectId,
    wanted: &Wanted<'_>,
) -> Vec<Column> {
    let own = contents.projects().find(|it| it.id == project).map(|it| it.vault.id());
    let Some(own) = own else {
        let (scope, name) = (ViewScope::Project(project.to_string()), "Shared".to_owned());
        return vec![Column { scope, name, open: false }];
    };
    let below = team.vaults().filter(|(id, vault)| {
        let shut = vault.parent == Some(own) && contents.vault(*id).is_none();
        shut && wanted.environment.is_none()
    });
    let column = |(id, _): (VaultId, &Vault)| {
        let id = id.to_string();
        Column { name: format!("Vault {id:.8}"), scope: ViewScope::Environment(id), open: false }
    };
    below.map(column).collect()
}

fn no_access(scope: ViewScope) -> Cell {
    Cell {
        scope,
        state: CellState::NoAccess,
        secret: None,
        version: 0,
        overridable: None,
        from: String::new(),
        file: false,
        nothing: None,
    }
}

/// The keys that something is set for, ascending; those whose key or notes have `filter`.
fn keys<'c>(resolver: &Resolver<'c>, columns: &[Views<'_>], filter: &str) -> Vec<&'c str> {
    let mut keys: Vec<&str> = Vec::new();
    for column in columns {
        let views = std::iter::once(&column.view).chain(column.applications.iter().map(|it| &it.1));
        for view in views {
            let records = resolver.at(view.scope()).unwrap_or_default().iter();
            let found = records.filter(|record| matches(record, filter));
            keys.extend(found.map(|record| record.key.as_str()));
        }
    }
    order::sort(&mut keys);
    keys.dedup();
    keys
}

fn passes(only: Option<&Only>, columns: &[Views<'_>], key: &str) -> bool {
    let Some(only) = only else { return true };
    let fits = |resolved: &Resolved<'_>| match only {
        Only::Keys(keys) => keys.iter().any(|it| it == key),
        Only::Missing => resolved.state == State::Missing,
        Only::Override => resolved.state == State::Override,
        Only::Alias => resolved.state == State::Alias,
        Only::Broken => resolved.state != State::Missing && why_nothing(resolved).is_some(),
    };
    columns.iter().any(|column| {
        // What is set for an environment alone is not missing where all share.
        let shared = *only == Only::Missing && matches!(column.view.scope(), Scope::Project(_));
        let below = *only != Only::Missing;
        (!shared && fits(&column.view.resolve(key)))
            || (below && column.applications.iter().any(|it| fits(&it.1.resolve(key))))
    })
}

fn column(views: &Views<'_>) -> Column {
    let scope = scope_of(views.view.scope());
    Column { scope, name: views.name.clone(), open: true }
}

fn row(contents: &Contents, columns: &[Views<'_>], key: &str, expanded: bool) -> MatrixRow {
    let cells = columns.iter().map(|column| cell(contents, &column.view, key)).collect();
    let set = |it: &&(String, View<'_>)| is_set_here(&it.1, key);
    let applications = columns.iter().map(|it| it.applications.iter().filter(set).count()).sum();
    let rows = if expanded { application_rows(contents, columns, key) } else { Vec::new() };
    MatrixRow { key: key.to_owned(), cells, applications, rows }
}

/// Applications of equal name share a row.
fn application_rows(contents: &Contents, columns: &[Views<'_>], key: &str) -> Vec<ApplicationRow> {
    let mut names: Vec<&String> =
        columns.iter().flat_map(|it| it.applications.iter().map(|it| &it.0)).collect();
    order::sort(&mut names);
    names.dedup();
    let of = |column: &Views<'_>, name: &String| {
        let found = column.applications.iter().find(|it| it.0 == *name);
        found.map(|it| cell(contents, &it.1, key))
    };
    let rows = names.into_iter().map(|name| ApplicationRow {
        name: name.clone(),
        cells: columns.iter().map(|column| of(column, name)).collect(),
    });
    rows.collect()
}

fn is_set_here(view: &View<'_>, key: &str) -> bool {
    let resolved = view.resolve(key);
    matches!(resolved.state, State::Own | State::Override | State::Alias)
}

fn cell(contents: &Contents, view: &View<'_>, key: &str) -> Cell {
    let resolved = view.resolve(key);
    let here = view.scope();
    let mut set = resolved.trace.iter().rev().filter_map(|step| match step.found {
        Found::Secret(record) => Some((step.scope, record.id.to_string(), record.version)),
        Found::BuiltIn(built_in) => Some((None, built_in.id.to_string(), 0)),
        Found::Absent | Found::NoAccess => None,
    });
    let winner = set.next();
    let (secret, version, from, overridable) = match winner {
        None => (None, 0, String::new(), None),
        Some((scope, id, version)) if scope == Some(here) => {
            (Some(id), version, String::new(), set.next().map(|it| it.1))
        }
        Some((scope, id, version)) => {
            let from = match scope {
                Some(Scope::Project(_)) => "Shared".to_owned(),
                scope => step_name(contents, scope),
            };
            (None, version, from, Some(id))
        }
    };
    Cell {
        scope: scope_of(here),
        state: state(resolved.state),
        secret,
        version,
        overridable,
        from,
        file: resolved.mount().is_some(),
        nothing: why_nothing(&resolved)
            .filter(|_| !matches!(resolved.state, State::Missing | State::NoAccess)),
    }
}
