//! From the team's state to view models.

mod alarm;
mod keys;
mod log;
mod matrix;
mod named_keys;
mod people;
mod resolved;
mod root_key;
mod worklist;

use subrosa_bridge::Hidden;
use subrosa_bridge::people::Role;
use subrosa_bridge::root_key::RootKeySheet;
use subrosa_bridge::view::{
    Application, Environment, Kit, Overview, Project, Row, Scope as ViewScope, SecretKind, Secrets,
    Target,
};
use subrosa_client::{Platform, TeamClient};
use subrosa_core::contents::{Contents, Scope};
use subrosa_core::kit::{self, print_checkpoint};
use subrosa_core::manifest::{Content, Level, Record, Subject};
use subrosa_core::order;
use subrosa_core::passphrase::fingerprint;
use subrosa_core::scope::{Found, Resolver, built_in};
use subrosa_core::unicode::{contains, lower_case};
use subrosa_core::vault::OpenVault;
use subrosa_wire::encoding::encode;
use subrosa_wire::id::{MemberId, ProjectId, SecretId};
use subrosa_wire::team::Team;

pub(crate) use self::alarm::{alarm, changed_keys};
pub(crate) use self::keys::{key_uses, name, shown, vault_keys};
pub(crate) use self::log::{Sought, authors, entry as log_entry};
pub(crate) use self::matrix::{Wanted, matrix};
pub(crate) use self::named_keys::named_keys;
pub(crate) use self::people::{access, people, role};
use self::resolved::winner;
pub(crate) use self::resolved::{resolved, state, used_by};
pub(crate) use self::root_key::{root_key, root_key_fingerprint};
pub(crate) use self::worklist::{is_known, worklist};

/// What the scope above all others is called.
pub(crate) const BUILT_IN: &str = "BUILT_IN";

/// The scope that the page names; `None` if its id is none.
pub(crate) fn scope(scope: &ViewScope) -> Option<Scope> {
    match scope {
        ViewScope::Project(id) => id.parse().ok().map(Scope::Project),
        ViewScope::Environment(id) => id.parse().ok().map(Scope::Environment),
        ViewScope::Application(id) => id.parse().ok().map(Scope::Application),
    }
}

/// An emergency kit as it is shown.
pub(crate) fn kit(
    kit: &kit::Kit,
    team_name: String,
    root_key: Option<RootKeySheet>,
    secret_key_group: usize,
) -> Kit {
    let hidden = |text: &str| Hidden::new(text.to_owned());
    Kit {
        secret_key: hidden(&kit.secret_key.print()),
        server: kit.server.clone(),
        team_name,
        team: kit.team.to_string(),
        checkpoint: print_checkpoint(kit.checkpoint),
        text: hidden(&kit.line()),
        root_key,
        secret_key_group,
    }
}

/// The team from above.
pub(crate) fn overview<P: Platform>(client: &TeamClient<P>) -> Overview {
    let contents = client.contents();
    let team = client.team();
    let names = Names::of(&contents);
    let open = contents.projects().map(|project| (project.id, Some(project)));
    let mut ids: Vec<_> = open.collect();
    // An environment may be open, and its project not.
    for environment in contents.environments() {
        if ids.iter().all(|(id, _)| *id != environment.project) {
            ids.push((environment.project, None));
        }
    }
    let mut projects: Vec<Project> = ids
        .into_iter()
        .map(|(id, project)| {
            let mut environments: Vec<_> =
                contents.environments().filter(|e| e.project == id).collect();
            // In the order of their creation, which the log tells.
            let created = |id| team.vault(id).map(|vault| vault.created);
            order::sort_by_key(&mut environments, |e| created(e.vault.id()));
            let role = |vault: &OpenVault| role_in(&team, vault, client.me());
            let environments = environments.into_iter().map(|e| environment(&e, role(e.vault)));
            let environments = environments.collect();
            let secrets = project.as_ref().map(|it| live(it.vault.records(), Level::Own));
            Project {
                id: id.to_string(),
                name: project.as_ref().map_or_else(|| closed_project(id), |it| it.name.to_owned()),
                role: project.as_ref().and_then(|it| role_in(&team, it.vault, client.me())),
                secrets: secrets.unwrap_or(0),
                environments,
            }
        })
        .collect();
    order::sort_by_key(&mut projects, |project| (lower_case(&project.name), project.id.clone()));
    let head = team.head();
    let [unfinished, due] = keys::attention(client);
    Overview {
        team_name: names.team.to_owned(),
        team: team.id().to_string(),
        checkpoint: print_checkpoint(head),
        checkpoint_words: fingerprint(&encode(&head)),
        me: names.member(client.me()),
        owner: team.is_owner(client.me()),
        projects,
        synced_at: client.synced_at(),
        damage: damage(client, &contents),
        unfinished,
        due,
        waiting: waiting(client, &names),
        keyless: client.waiting_for().len(),
        worklist: worklist::open_items(client, &contents),
    }
}

/// Who waits to be let in, each invite once.
fn waiting<P: Platform>(client: &TeamClient<P>, names: &Names<'_>) -> Vec<String> {
    let (team, door) = (client.team(), client.at_the_door());
    let open = team.invites().filter(|(id, _)| door.iter().any(|at| at.invite == *id));
    open.map(|(_, open)| names.member(open.invite.member)).collect()
}

/// A member's role in an open vault.
fn role_in(team: &Team, vault: &OpenVault, member: MemberId) -> Option<Role> {
    team.role_in(vault.id(), member).map(people::shown_role)
}

/// What a project is called whose vault one may not open.
pub(crate) fn closed_project(id: ProjectId) -> String {
    format!("Project {:.8}", id.to_string())
}

fn environment(
    environment: &subrosa_core::contents::Environment<'_>,
    role: Option<Role>,
) -> Environment {
    let applications = environment.applications.iter().map(|application| Application {
        id: application.id.to_string(),
        name: application.name.clone(),
        secrets: live(environment.vault.records(), Level::Application(application.id)),
    });
    Environment {
        id: environment.id.to_string(),
        name: environment.name.to_owned(),
        // What is shown still, though it was taken away, is for reading.
        role: role.unwrap_or(Role::Reader),
        secrets: live(environment.vault.records(), Level::Own),
        applications: applications.collect(),
    }
}

fn live<'a>(records: impl Iterator<Item = &'a Record>, level: Level) -> usize {
    records.filter(|record| record.is_live() && record.level == level).count()
}

fn damage<P: Platform>(client: &TeamClient<P>, contents: &Contents) -> Vec<String> {
    let mut damage = Vec::new();
    for vault in contents.vaults().filter(|vault| vault.damage() > 0) {
        let pages = vault.damage();
        let name = vault_name(vault);
        let plural = if pages == 1 { "part" } else { "parts" };
        damage.push(format!(
            "{name}: {pages} {plural} of its list of secrets cannot be opened. The others can."
        ));
    }
    for id in client.damaged().iter() {
        let shown = contents.vault(*id).map(vault_name);
        damage.push(match shown {
            Some(name) => {
                format!("{name}: its newest state cannot be opened; an older one is shown.")
            }
            None => format!("Vault {id} cannot be opened."),
        });
    }
    damage
}

/// A vault as the beginning of a sentence.
pub(crate) fn vault_name(vault: &OpenVault) -> String {
    match vault.subject() {
        Subject::Directory { .. } => "The members' names".to_owned(),
        Subject::Project { name, .. } => format!("Project {name}"),
        Subject::Environment { name, .. } => format!("Environment {name}"),
    }
}

/// The names of the team and its members, from the directory vault.
pub(crate) struct Names<'a> {
    pub(crate) team: &'a str,
    contents: &'a Contents,
}

impl<'a> Names<'a> {
    pub(crate) fn of(contents: &'a Contents) -> Self {
        let team = contents.vaults().find_map(|vault| match vault.subject() {
            Subject::Directory { team_name, .. } => Some(team_name.as_str()),
            Subject::Project { .. } | Subject::Environment { .. } => None,
        });
        Names { team: team.unwrap_or_default(), contents }
    }

    pub(crate) fn member(&self, id: MemberId) -> String {
        match self.contents.name_of(id) {
            Some(name) => name.to_owned(),
            None => format!("member {:.8}", id.to_string()),
        }
    }
}

/// A scope as text, such as `billing / production / api`.
pub(crate) fn scope_name(contents: &Contents, scope: Scope) -> String {
    let path = contents.path(scope).into_iter().rev();
    let names: Vec<&str> = path.filter_map(|scope| last_name(contents, scope)).collect();
    names.join(" / ")
}

/// What a scope is called beside those above it.
pub(crate) fn last_name(contents: &Contents, scope: Scope) -> Option<&str> {
    match scope {
        Scope::Project(id) => contents.projects().find(|p| p.id == id).map(|p| p.name),
        Scope::Environment(id) => contents.environments().find(|e| e.id == id).map(|e| e.name),
        Scope::Application(id) => contents
            .environments()
            .flat_map(|e| e.applications)
            .find(|a| a.id == id)
            .map(|a| a.name.as_str()),
    }
}

/// A scope as the page names it.
pub(crate) fn scope_of(scope: Scope) -> ViewScope {
    match scope {
        Scope::Project(id) => ViewScope::Project(id.to_string()),
        Scope::Environment(id) => ViewScope::Environment(id.to_string()),
        Scope::Application(id) => ViewScope::Application(id.to_string()),
    }
}

/// What a secret at `scope` is.
pub(crate) fn kind(contents: &Contents, scope: Scope, content: &Content) -> SecretKind {
    match content {
        Content::File { mount, .. } => SecretKind::File { mount: mount.clone() },
        Content::Alias(id) => SecretKind::Alias(target(contents, scope, *id)),
        Content::Override { of, .. } => SecretKind::Override(target(contents, scope, *of)),
        Content::Value(_) | Content::NamedKey(_) => SecretKind::Value,
    }
}

/// The secret that one at `scope` hangs on.
fn target(contents: &Contents, scope: Scope, id: SecretId) -> Target {
    let there = contents.find(id).filter(|(_, _, record)| record.is_live());
    let (key, scope_name) = match there {
        Some((_, at, record)) => (record.key.clone(), scope_name(contents, at)),
        None => {
            let built_in = built_in(contents, scope).into_iter().find(|it| it.id == id);
            let named = built_in.map(|it| (it.key.to_owned(), BUILT_IN.to_owned()));
            named.unwrap_or_default()
        }
    };
    Target { id: id.to_string(), key, scope_name }
}

/// A record as a row, seen from `from`.
pub(crate) fn row(
    contents: &Contents,
    names: &Names<'_>,
    from: Scope,
    scope: Scope,
    record: &Record,
) -> Row {
    let of = |content| kind(contents, scope, content);
    Row {
        id: record.id.to_string(),
        key: record.key.clone(),
        scope: scope_of(scope),
        scope_name: scope_name(contents, scope),
        kind: record.content.as_ref().map_or(SecretKind::Value, of),
        note: record.note.clone(),
        version: record.version,
        author: names.member(record.author),
        time: time(record.time),
        inherited: from != scope,
        deleted: !record.is_live(),
    }
}

/// An author's clock may claim anything: more than the last moment that JavaScript can name is
/// shown as that, for a number beyond what it can count would take the whole view with it.
pub(crate) fn time(claimed: u64) -> u64 {
    const LAST: u64 = 8_640_000_000_000_000;
    claimed.min(LAST)
}

/// A window of the secrets that a scope sees.
pub(crate) fn secrets(
    contents: &Contents,
    from: Scope,
    filter: &str,
    inherited: bool,
    offset: usize,
    limit: usize,
) -> Secrets {
    let filter = lower_case(filter);
    let resolver = Resolver::new(contents);
    let Some(view) = resolver.view(from) else {
        return Secrets { total: 0, offset, rows: Vec::new() };
    };
    let winner = |key| {
        let trace = view.resolve(key).trace;
        trace.into_iter().rev().find_map(|step| match (step.scope, step.found) {
            (Some(scope), Found::Secret(record)) => Some((scope, record)),
            _ => None,
        })
    };
    let keys = view.keys();
    let matching: Vec<(Scope, &Record)> = keys
        .into_iter()
        .filter_map(winner)
        .filter(|(scope, _)| inherited || *scope == from)
        .filter(|(_, record)| matches(record, &filter))
        .collect();
    let names = Names::of(contents);
    let window = matching.iter().skip(offset).take(limit);
    let rows = window.map(|(scope, record)| row(contents, &names, from, *scope, record)).collect();
    Secrets { total: matching.len(), offset, rows }
}

/// Live secrets of every project whose key or note has `text`.
pub(crate) fn search(contents: &Contents, text: &str, limit: usize) -> Secrets {
    let text = lower_case(text);
    let names = Names::of(contents);
    let mut found: Vec<&Record> = contents
        .vaults()
        .flat_map(|vault| vault.records())
        .filter(|record| record.is_secret() && record.is_live() && matches(record, &text))
        .collect();
    order::sort_by(&mut found, |a, b| (&a.key, a.id).cmp(&(&b.key, b.id)));
    let rows = found.iter().take(limit).filter_map(|record| {
        let (_, scope, record) = contents.find(record.id)?;
        Some(row(contents, &names, scope, scope, record))
    });
    Secrets { total: found.len(), offset: 0, rows: rows.collect() }
}

/// Deleted secrets of a scope, the last first.
pub(crate) fn deleted(contents: &Contents, scope: Scope) -> Secrets {
    let names = Names::of(contents);
    let mut gone: Vec<&Record> = contents.at(scope).filter(|record| !record.is_live()).collect();
    order::sort_by(&mut gone, |a, b| (b.seq, a.id).cmp(&(a.seq, b.id)));
    let rows = gone.iter().map(|record| row(contents, &names, scope, scope, record)).collect();
    Secrets { total: gone.len(), offset: 0, rows }
}

/// Whether a key or note has `filter`, which is in lower case.
pub(crate) fn matches(record: &Record, filter: &str) -> bool {
    filter.is_empty()
        || contains(&lower_case(&record.key), filter)
        || contains(&lower_case(&record.note), filter)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_clock_that_claims_too_much_is_shown_as_the_last_moment_that_there_is() {
        assert_eq!(time(1_795_247_367_916), 1_795_247_367_916);
        assert_eq!(time(u64::MAX), 8_640_000_000_000_000);
    }
}
