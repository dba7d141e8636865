//! Reads and plays the examples of the table.

use subrosa_wire::id::{ApplicationId, EnvironmentId, Hash, ProjectId, SecretId, TeamId};

use crate::naive::{
    Action, Application, Broken, End, Environment, Kind, Nothing, Project, Resolved, Scope, Seen,
    State, Target, World,
};
use crate::staged::Staged;
use crate::table::Case;

/// What a line does or asks.
enum Line<'a> {
    Act(Action),
    Open(Scope, bool),
    Reads(Scope, &'a str),
    Renders(Scope, &'a str),
    Traces(Scope, &'a str),
    Hangs(SecretId),
}

/// Both implementations, in the same state.
struct Stage {
    world: World,
    staged: Staged,
    line: usize,
}

pub fn play(case: &Case) {
    let world = shop();
    let mut stage = Stage { staged: Staged::new(&world), world, line: 0 };
    for line in case.given {
        stage.play(case, line, "allowed");
    }
    for (line, then) in case.then {
        stage.play(case, line, then);
    }
}

impl Stage {
    fn play(&mut self, case: &Case, text: &str, expected: &str) {
        self.line += 1;
        let line = parse(&self.world, text, self.line);
        let told = format!("rule {}, {}: {text}", case.rule, case.says);
        let real = real(&mut self.staged, &self.world, &line);
        let (world, naive) = naive(&self.world, &line);
        self.world = world;
        assert_eq!(naive, expected, "naive, {told}");
        assert_eq!(real, expected, "{told}");
    }
}

/// A secret that an example or a generated world has.
pub fn secret_id(number: usize) -> SecretId {
    let mut bytes = [7; 16];
    bytes[..2].copy_from_slice(&(number as u16).to_be_bytes());
    SecretId::from_random(bytes)
}

/// The tree of all examples.
pub fn shop() -> World {
    let project = ProjectId::from_random([0x10; 16]);
    let [prod, staging] = [0x20, 0x21].map(|byte| EnvironmentId::from_random([byte; 16]));
    let environment = |id, name: &str| Environment { id, name: name.into(), project, open: true };
    let application = |byte, name: &str, environment| {
        let id = ApplicationId::from_random([byte; 16]);
        Application { id, name: name.into(), environment }
    };
    World {
        team: TeamId(Hash::of(b"team")),
        projects: vec![Project { id: project, name: "shop".into(), open: true }],
        environments: vec![environment(prod, "prod"), environment(staging, "staging")],
        applications: vec![
            application(0x30, "api", prod),
            application(0x31, "web", prod),
            application(0x32, "job", staging),
        ],
        secrets: Vec::new(),
    }
}

fn parse<'a>(world: &World, line: &'a str, number: usize) -> Line<'a> {
    let id = secret_id(number);
    let scope = |name: &str| scope(world, name);
    let target = |text: &str| {
        let (at, key) = text.split_once(' ').unwrap();
        if at == "BUILT_IN" {
            return Target::BuiltIn(key.to_owned());
        }
        let nobody = secret_id(usize::from(u16::MAX));
        Target::Secret(world.live(scope(at), key).map_or(nobody, |secret| secret.id))
    };
    if let Some(on) = line.strip_prefix("on ") {
        let Target::Secret(id) = target(on.strip_suffix(" hangs").unwrap()) else { unreachable!() };
        return Line::Hangs(id);
    }
    if let Some((new, value)) = line.split_once(" = ") {
        let (at, key) = new.split_once(' ').unwrap();
        let (scope, key) = (scope(at), key.to_owned());
        if let Some((value, of)) = value.split_once(", overrides ") {
            let value = value.as_bytes().to_vec();
            return Line::Act(Action::Override { id, scope, of: target(of), value, mount: None });
        }
        let (value, mount) = match value.split_once(", mounted at ") {
            Some((value, mount)) => (value, Some(mount.to_owned())),
            None => (value, None),
        };
        let value = value.as_bytes().to_vec();
        return Line::Act(Action::Create { id, scope, key, value, mount });
    }
    if let Some((new, of)) = line.split_once(", alias of ") {
        let (at, key) = new.split_once(' ').unwrap();
        let (scope, key) = (scope(at), key.to_owned());
        return Line::Act(Action::Alias { id, scope, key, of: target(of) });
    }
    if let Some((of, value)) = line.split_once(" edited to ") {
        return Line::Act(Action::Edit { of: target(of), value: value.as_bytes().to_vec() });
    }
    if let Some((of, key)) = line.split_once(" renamed to ") {
        return Line::Act(Action::Rename { of: target(of), key: key.to_owned() });
    }
    if let Some(of) = line.strip_suffix(" deleted") {
        return Line::Act(Action::Delete { of: target(of) });
    }
    match line.split(' ').collect::<Vec<_>>().as_slice() {
        [at, "opened"] => Line::Open(scope(at), true),
        [at, "closed"] => Line::Open(scope(at), false),
        [at, "reads", key] => Line::Reads(scope(at), key),
        [at, "renders", key] => Line::Renders(scope(at), key),
        [at, "traces", key] => Line::Traces(scope(at), key),
        _ => unreachable!("{line}"),
    }
}

fn scope(world: &World, name: &str) -> Scope {
    let project = world.projects.iter().find(|it| it.name == name);
    let environment = world.environments.iter().find(|it| it.name == name);
    let application = world.applications.iter().find(|it| it.name == name);
    let project = project.map(|it| Scope::Project(it.id));
    let environment = environment.map(|it| Scope::Environment(it.id));
    let application = application.map(|it| Scope::Application(it.id));
    project.or(environment).or(application).unwrap()
}

fn name(world: &World, scope: Scope) -> String {
    let names = ["shop", "prod", "staging", "api", "web", "job"];
    names.into_iter().find(|name| self::scope(world, name) == scope).unwrap().to_owned()
}

/// What comes of a line by the naive implementation, and the world after it.
fn naive(world: &World, line: &Line<'_>) -> (World, String) {
    let same = world.clone();
    match line {
        Line::Act(action) => match world.broken(action).first() {
            None => (world.after(action), "allowed".into()),
            Some(broken) => (same, refused(*broken)),
        },
        Line::Open(scope, open) => {
            let mut world = same;
            for project in world.projects.iter_mut().filter(|it| Scope::Project(it.id) == *scope) {
                project.open = *open;
            }
            let environments = world.environments.iter_mut();
            for environment in environments.filter(|it| Scope::Environment(it.id) == *scope) {
                environment.open = *open;
            }
            (world, "allowed".into())
        }
        Line::Reads(scope, key) => (same, resolved(&world.resolve(*scope, key))),
        Line::Renders(scope, key) => (same, rendered(world.render(*scope, key))),
        Line::Traces(scope, key) => {
            let traced = traced(world, world.trace(*scope, key));
            (same, traced)
        }
        Line::Hangs(id) => (same, hanging(world, &world.hanging(*id))),
    }
}

/// What comes of a line by the rules themselves.
fn real(staged: &mut Staged, world: &World, line: &Line<'_>) -> String {
    match line {
        Line::Act(action) => match staged.act(world, action) {
            Ok(()) => "allowed".into(),
            Err(why) => refused(why.rule()),
        },
        Line::Open(..) => "allowed".into(),
        Line::Reads(scope, key) => resolved(&staged.resolve(world, *scope, key)),
        Line::Renders(scope, key) => rendered(staged.render(world, *scope, &[key]).remove(0)),
        Line::Traces(scope, key) => traced(world, staged.trace(world, *scope, key).unwrap()),
        Line::Hangs(id) => hanging(world, &staged.hanging(world, *id)),
    }
}

fn refused(broken: Broken) -> String {
    match broken {
        Broken::Rule(rule) => format!("rule {rule}"),
        Broken::Absent => "absent".into(),
    }
}

fn hanging(world: &World, ids: &[SecretId]) -> String {
    let told = |id: &SecretId| {
        let secret = world.secret(*id).unwrap();
        format!("{} {}", name(world, secret.scope), secret.key)
    };
    let mut all: Vec<String> = ids.iter().map(told).collect();
    all.sort();
    all.join(", ")
}

fn traced(world: &World, trace: Vec<(Option<Scope>, Seen)>) -> String {
    let step = |(scope, seen): (Option<Scope>, Seen)| {
        let scope = scope.map_or_else(|| "BUILT_IN".into(), |scope| name(world, scope));
        let seen = match seen {
            Seen::Absent => "nothing",
            Seen::NoAccess => "no access",
            Seen::BuiltIn => "built-in",
            Seen::Secret(id) => match world.secret(id).unwrap().kind {
                Kind::Value(_) => "value",
                Kind::File(..) => "file",
                Kind::Alias(_) => "alias",
                Kind::Override(..) => "override",
            },
        };
        format!("{scope} {seen}")
    };
    trace.into_iter().map(step).collect::<Vec<_>>().join(", ")
}

fn rendered(rendered: Result<Vec<u8>, (Nothing, Vec<String>)>) -> String {
    match rendered {
        Ok(bytes) => String::from_utf8(bytes).unwrap(),
        Err((why, path)) => format!("{} ({})", nothing(why), path.join(" > ")),
    }
}

fn resolved(resolved: &Resolved) -> String {
    let state = match resolved.state {
        State::Own => "own",
        State::Inherited => "inherited",
        State::Override => "override",
        State::Alias => "alias",
        State::Missing => return "missing".into(),
        State::NoAccess => return "no access".into(),
    };
    match &resolved.end {
        End::Text(bytes) | End::File(bytes) => {
            format!("{state}: {}", String::from_utf8_lossy(bytes))
        }
        End::BuiltIn(text) => format!("{state}: {text}"),
        End::Nothing(why) => format!("{state}: {}", nothing(*why)),
    }
}

fn nothing(why: Nothing) -> &'static str {
    match why {
        Nothing::Missing => "missing",
        Nothing::NoAccess => "no access",
        Nothing::Dangling => "dangling",
        Nothing::Cycle => "cycle",
        Nothing::TooDeep => "too deep",
        Nothing::TooLong => "too long",
    }
}
