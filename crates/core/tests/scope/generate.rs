//! Small worlds in which keys collide, and actions on them.

use proptest::prelude::*;
use subrosa_wire::id::{ApplicationId, EnvironmentId, Hash, ProjectId, SecretId, TeamId};

use crate::naive::{Action, Application, Environment, Kind, Project, Scope, Secret, Target, World};
use crate::script::secret_id;

pub const KEYS: [&str; 5] = ["A", "B", "C", "a", "_1"];
const BAD_KEYS: [&str; 5] = ["", "1A", "A-B", "SUBROSA_A", "SUBROSA_TEAM_ID"];
const BUILT_IN: [&str; 8] = [
    "SUBROSA_TEAM_ID",
    "SUBROSA_PROJECT_ID",
    "SUBROSA_PROJECT_NAME",
    "SUBROSA_ENVIRONMENT_ID",
    "SUBROSA_ENVIRONMENT_NAME",
    "SUBROSA_APPLICATION_ID",
    "SUBROSA_APPLICATION_NAME",
    "SUBROSA_NOBODY",
];
const MOUNTS: [&str; 9] =
    ["/etc/a", "/a", "/a/b.c/..d", "", "a", "/", "/a/", "/a/../b", "/a//b/./c"];

/// All keys that worlds and their values name.
pub fn all_keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().chain(BUILT_IN)
}

pub fn all_scopes(world: &World) -> Vec<Scope> {
    let projects = world.projects.iter().map(|it| Scope::Project(it.id));
    let environments = world.environments.iter().map(|it| Scope::Environment(it.id));
    let applications = world.applications.iter().map(|it| Scope::Application(it.id));
    projects.chain(environments).chain(applications).collect()
}

/// A secret, or what is asked for one, before it is known what else there is. Numbers are taken
/// modulo the number of what there is to choose from.
#[derive(Clone, Debug)]
pub struct Draft {
    pub scope: usize,
    pub key: usize,
    pub what: usize,
    pub value: Vec<u8>,
    pub mount: Option<usize>,
    pub target: usize,
    /// Chooses among all, fitting or not.
    pub wild: bool,
    pub deleted: bool,
}

pub fn drafts(most: usize) -> impl Strategy<Value = Vec<Draft>> {
    let wild = prop::bool::weighted(0.15);
    let deleted = prop::bool::weighted(0.12);
    let mount = prop::option::weighted(0.2, 0..MOUNTS.len());
    let draft = (0..64usize, 0..KEYS.len(), 0..64usize, value(), mount, 0..64usize, wild, deleted)
        .prop_map(|(scope, key, what, value, mount, target, wild, deleted)| Draft {
            scope,
            key,
            what,
            value,
            mount,
            target,
            wild,
            deleted,
        });
    prop::collection::vec(draft, 0..=most)
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let key = || prop::sample::select(all_keys().collect::<Vec<_>>());
    let piece = prop_oneof![
        4 => key().prop_map(|key| format!("{{{{{key}}}}}").into_bytes()),
        2 => "[a-c {}]{0,3}".prop_map(String::into_bytes),
        1 => key().prop_map(|key| format!("{{{{ {key} }}}}").into_bytes()),
        1 => prop::sample::select(&BAD_KEYS[..3])
            .prop_map(|key| format!("{{{{{key}}}}}").into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..3),
    ];
    let text = |pieces: Vec<Vec<u8>>| pieces.concat();
    prop_oneof![
        3 => "[a-c]{0,3}".prop_map(String::into_bytes),
        3 => prop::collection::vec(piece, 0..4).prop_map(text),
    ]
}

/// Projects, environments and applications without secrets. All vaults are open, or most of them.
pub fn trees(all_open: bool) -> impl Strategy<Value = World> {
    let open = move || prop::bool::weighted(0.8).prop_map(move |open| open || all_open);
    let environment = (0..2usize, open(), 0..=3usize);
    let environments = prop::collection::vec(environment, 1..=3);
    (prop::collection::vec(open(), 1..=2), environments).prop_map(|(projects, environments)| {
        let mut world = World {
            team: TeamId(Hash::of(b"team")),
            projects: Vec::new(),
            environments: Vec::new(),
            applications: Vec::new(),
            secrets: Vec::new(),
        };
        for (number, open) in projects.into_iter().enumerate() {
            let id = ProjectId::from_random([0x10 + number as u8; 16]);
            world.projects.push(Project { id, name: format!("project {number}"), open });
        }
        for (number, (project, open, applications)) in environments.into_iter().enumerate() {
            let id = EnvironmentId::from_random([0x20 + number as u8; 16]);
            let project = world.projects[project % world.projects.len()].id;
            let name = format!("environment {number}");
            world.environments.push(Environment { id, name, project, open });
            for application in 0..applications {
                let random = [0x30 + (number * 3 + application) as u8; 16];
                let application_id = ApplicationId::from_random(random);
                let name = format!("application {application}");
                let application = Application { id: application_id, name, environment: id };
                world.applications.push(application);
            }
        }
        world
    })
}

/// Worlds as they are found, however they came about. Either there may be anything: what hangs on
/// itself or on a lower scope, an alias of an alias. Or a `lawful` one has only what comes of people
/// who cannot open everything: what hangs on nothing any more, an override whose target was renamed,
/// a key at several scopes.
pub fn worlds(lawful: bool) -> impl Strategy<Value = World> {
    (trees(false), drafts(16)).prop_map(move |(mut world, drafts)| {
        for (number, draft) in drafts.iter().enumerate() {
            let secret = found(&world, draft, secret_id(number), lawful);
            if secret.deleted || world.live(secret.scope, &secret.key).is_none() {
                world.secrets.push(secret);
            }
        }
        world
    })
}

fn found(world: &World, draft: &Draft, id: SecretId, lawful: bool) -> Secret {
    let scope = choose(&all_scopes(world), draft.scope);
    let mut key = KEYS[draft.key].to_owned();
    let mount = draft.mount.map(|at| MOUNTS[at % 3].to_owned());
    let value = draft.value.clone();
    let target = target(world, scope, draft).filter(|of| !lawful || fits(world, scope, draft, of));
    let kind = match (draft.what % 8, target) {
        (0..=2, Some(of)) => {
            if draft.what % 16 < 14 {
                key = key_of(world, &of).unwrap_or(key);
            }
            Kind::Override(of, value, mount)
        }
        (3..=4, Some(of)) => Kind::Alias(of),
        _ => match mount {
            Some(mount) => Kind::File(value, mount),
            None => Kind::Value(value),
        },
    };
    Secret { id, scope, key, kind, deleted: draft.deleted }
}

/// Whether it was once allowed to hang on this.
fn fits(world: &World, scope: Scope, draft: &Draft, of: &Target) -> bool {
    let Target::Secret(id) = of else { return true };
    let Some(target) = world.secret(*id) else { return false };
    let path = world.path(scope);
    match draft.what % 8 {
        0..=2 => path[1..].contains(&target.scope),
        _ => path.contains(&target.scope) && !matches!(target.kind, Kind::Alias(_)),
    }
}

fn key_of(world: &World, of: &Target) -> Option<String> {
    match of {
        Target::BuiltIn(name) => Some(name.clone()),
        Target::Secret(id) => world.secret(*id).map(|secret| secret.key.clone()),
    }
}

/// Something to hang on: mostly what is there at the same or a higher scope.
fn target(world: &World, scope: Scope, draft: &Draft) -> Option<Target> {
    if draft.target % 8 == 7 {
        let name = choose(&BUILT_IN, draft.target / 8);
        let seen = world.built_in(scope, name).is_some();
        let nobody = Target::Secret(SecretId::from_random([0xff; 16]));
        return Some(if seen { Target::BuiltIn(name.to_owned()) } else { nobody });
    }
    if draft.wild {
        return Some(Target::Secret(secret_id(draft.target % (world.secrets.len() + 3))));
    }
    let path = world.path(scope);
    let fits = |it: &&Secret| path.contains(&it.scope);
    let ids: Vec<SecretId> = world.secrets.iter().filter(fits).map(|it| it.id).collect();
    (!ids.is_empty()).then(|| Target::Secret(choose(&ids, draft.target)))
}

pub fn choose<T: Clone>(all: &[T], number: usize) -> T {
    all[number % all.len()].clone()
}

/// The action that is meant by a draft, in a world.
pub fn action(world: &World, draft: &Draft) -> Action {
    // Worlds as they are found have left out some numbers below.
    let id = secret_id(100 + world.secrets.len());
    let scope = choose(&all_scopes(world), draft.scope);
    let key = if draft.wild { BAD_KEYS[draft.key] } else { KEYS[draft.key] }.to_owned();
    let value = draft.value.clone();
    let mount = draft.mount.map(|at| MOUNTS[if draft.wild { at } else { at % 3 }].to_owned());
    // Mostly secrets that are there, of whatever scope.
    let any = match world.secrets.as_slice() {
        _ if draft.target % 16 == 15 => target(world, scope, draft),
        [] => None,
        all => Some(Target::Secret(choose(all, draft.target).id)),
    };
    match (draft.what % 16, any, target(world, scope, draft)) {
        (0..=2, _, Some(of)) => Action::Alias { id, scope, key, of },
        (3..=6, _, Some(of)) => Action::Override { id, scope, of, value, mount },
        (7, Some(of), _) => Action::Override { id, scope, of, value, mount },
        (8, Some(of), _) => Action::Alias { id, scope, key, of },
        (9, Some(of), _) => Action::Edit { of, value },
        (10..=11, Some(of), _) => Action::Rename { of, key },
        (12, Some(of), _) => Action::Delete { of },
        _ => Action::Create { id, scope, key, value, mount },
    }
}
