//! The rules of scopes once more, as plainly as they can be written: lists, linear searches, clones
//! and recursion. Nothing here is shared with what it is held against, and nothing is fast.
//!
//! Scopes from high to low are BUILT_IN, project, environment, application. A project's secrets lie
//! in its vault, an environment's and its applications' in the environment's vault; a vault is open
//! to the reader or is not.

mod actions;

pub use actions::{Action, Broken};

use subrosa_wire::id::{ApplicationId, EnvironmentId, ProjectId, SecretId, TeamId};

/// The longest value, and the longest that a value with references may become, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep a value may refer to one that refers to one that refers …
pub const MAX_DEPTH: usize = 32;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    Project(ProjectId),
    Environment(EnvironmentId),
    Application(ApplicationId),
}

/// What an alias or an override hangs on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    Secret(SecretId),
    BuiltIn(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    Value(Vec<u8>),
    /// Bytes and mount path.
    File(Vec<u8>, String),
    Alias(Target),
    Override(Target, Vec<u8>, Option<String>),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Secret {
    pub id: SecretId,
    pub scope: Scope,
    pub key: String,
    pub kind: Kind,
    pub deleted: bool,
}

#[derive(Clone, Debug)]
pub struct Project {
    pub id: ProjectId,
    pub name: String,
    pub open: bool,
}

#[derive(Clone, Debug)]
pub struct Environment {
    pub id: EnvironmentId,
    pub name: String,
    pub project: ProjectId,
    pub open: bool,
}

#[derive(Clone, Debug)]
pub struct Application {
    pub id: ApplicationId,
    pub name: String,
    pub environment: EnvironmentId,
}

#[derive(Clone, Debug)]
pub struct World {
    pub team: TeamId,
    pub projects: Vec<Project>,
    pub environments: Vec<Environment>,
    pub applications: Vec<Application>,
    pub secrets: Vec<Secret>,
}

/// How a scope comes by a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    Own,
    Inherited,
    Override,
    Alias,
    Missing,
    NoAccess,
}

/// What a key comes to in the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// Text, in which references count.
    Text(Vec<u8>),
    /// A file's bytes, in which they don't.
    File(Vec<u8>),
    BuiltIn(String),
    Nothing(Nothing),
}

/// Why a key comes to nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nothing {
    Missing,
    NoAccess,
    /// What it hangs on is gone.
    Dangling,
    Cycle,
    /// Over [`MAX_DEPTH`].
    TooDeep,
    /// Over [`MAX_BYTES`].
    TooLong,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resolved {
    pub state: State,
    /// Who wins: the lowest that has the key.
    pub winner: Option<Target>,
    /// The keys that aliases led to.
    pub through: Vec<String>,
    pub end: End,
}

/// What is at one scope under a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    Absent,
    NoAccess,
    BuiltIn,
    Secret(SecretId),
}

/// Why a key has no bytes, and the keys that led there, itself the first.
pub type Unrendered = (Nothing, Vec<String>);

/// What is known of a target.
enum Found {
    /// Its key now.
    Live(String),
    Gone,
    /// It may lie in a vault that isn't open.
    Unknown,
}

impl World {
    /// The scope and those above it, from low to high, without BUILT_IN.
    pub fn path(&self, scope: Scope) -> Vec<Scope> {
        match scope {
            Scope::Project(_) => vec![scope],
            Scope::Environment(id) => {
                let environment = self.environments.iter().find(|it| it.id == id).unwrap();
                vec![scope, Scope::Project(environment.project)]
            }
            Scope::Application(id) => {
                let application = self.applications.iter().find(|it| it.id == id).unwrap();
                let mut path = vec![scope];
                path.extend(self.path(Scope::Environment(application.environment)));
                path
            }
        }
    }

    /// Whether the vault that holds this scope's secrets is open.
    pub fn is_open(&self, scope: Scope) -> bool {
        match scope {
            Scope::Project(id) => self.projects.iter().find(|it| it.id == id).unwrap().open,
            Scope::Environment(id) => self.environments.iter().find(|it| it.id == id).unwrap().open,
            Scope::Application(id) => {
                let application = self.applications.iter().find(|it| it.id == id).unwrap();
                self.is_open(Scope::Environment(application.environment))
            }
        }
    }

    pub fn secret(&self, id: SecretId) -> Option<&Secret> {
        self.secrets.iter().find(|it| it.id == id)
    }

    /// The live secret with this key at exactly this scope.
    pub fn live(&self, scope: Scope, key: &str) -> Option<&Secret> {
        self.secrets.iter().find(|it| it.scope == scope && it.key == key && !it.deleted)
    }

    /// Rule 7: the built-ins that a scope sees. Names are in the vaults, ids are not.
    pub fn built_in(&self, scope: Scope, key: &str) -> Option<String> {
        let mut all = vec![("SUBROSA_TEAM_ID", self.team.to_string())];
        for at in self.path(scope) {
            match at {
                Scope::Project(id) => {
                    let name = self.projects.iter().find(|it| it.id == id).unwrap().name.clone();
                    all.push(("SUBROSA_PROJECT_ID", id.to_string()));
                    all.push(("SUBROSA_PROJECT_NAME", name));
                }
                Scope::Environment(id) => {
                    let it = self.environments.iter().find(|it| it.id == id).unwrap();
                    all.push(("SUBROSA_ENVIRONMENT_ID", id.to_string()));
                    all.push(("SUBROSA_ENVIRONMENT_NAME", it.name.clone()));
                }
                Scope::Application(id) => {
                    let it = self.applications.iter().find(|it| it.id == id).unwrap();
                    all.push(("SUBROSA_APPLICATION_ID", id.to_string()));
                    all.push(("SUBROSA_APPLICATION_NAME", it.name.clone()));
                }
            }
        }
        all.into_iter().find(|(name, _)| *name == key).map(|(_, text)| text)
    }

    /// Rules 1, 5, 6, 9 and 11.
    pub fn resolve(&self, scope: Scope, key: &str) -> Resolved {
        self.follow(scope, key, &[])
    }

    fn follow(&self, scope: Scope, key: &str, passed: &[SecretId]) -> Resolved {
        let nothing = |state, why| {
            let (winner, through) = (None, Vec::new());
            Resolved { state, winner, through, end: End::Nothing(why) }
        };
        for at in self.path(scope) {
            let closed = !self.is_open(at);
            if closed && (at == scope || self.built_in(scope, key).is_none()) {
                // It may be here, and would then win over all that is higher.
                return nothing(State::NoAccess, Nothing::NoAccess);
            }
            if let Some(secret) = self.live(at, key).filter(|_| !closed) {
                let state = match secret.kind {
                    _ if at != scope => State::Inherited,
                    Kind::Alias(_) => State::Alias,
                    Kind::Override(..) => State::Override,
                    Kind::Value(_) | Kind::File(..) => State::Own,
                };
                let (through, end) = self.end(scope, secret, passed);
                let winner = Some(Target::Secret(secret.id));
                return Resolved { state, winner, through, end };
            }
        }
        let Some(text) = self.built_in(scope, key) else {
            return nothing(State::Missing, Nothing::Missing);
        };
        // The only vault that can be closed here is the project's.
        let all_open = self.path(scope).iter().all(|at| self.is_open(*at));
        let end = match key {
            "SUBROSA_PROJECT_NAME" if !all_open => End::Nothing(Nothing::NoAccess),
            _ => End::BuiltIn(text),
        };
        let winner = Some(Target::BuiltIn(key.to_owned()));
        Resolved { state: State::Inherited, winner, through: Vec::new(), end }
    }

    fn end(&self, scope: Scope, secret: &Secret, passed: &[SecretId]) -> (Vec<String>, End) {
        let end = match &secret.kind {
            Kind::Value(bytes) => End::Text(bytes.clone()),
            Kind::File(bytes, _) => End::File(bytes.clone()),
            Kind::Override(of, bytes, mount) => match (self.find(scope, secret, of), mount) {
                (Found::Gone, _) => End::Nothing(Nothing::Dangling),
                (_, None) => End::Text(bytes.clone()),
                (_, Some(_)) => End::File(bytes.clone()),
            },
            Kind::Alias(of) => match self.find(scope, secret, of) {
                Found::Gone => End::Nothing(Nothing::Dangling),
                Found::Unknown => End::Nothing(Nothing::NoAccess),
                Found::Live(_) if passed.contains(&secret.id) => End::Nothing(Nothing::Cycle),
                Found::Live(_) if passed.len() == MAX_DEPTH => End::Nothing(Nothing::TooDeep),
                Found::Live(key) => {
                    let mut passed = passed.to_vec();
                    passed.push(secret.id);
                    let next = self.follow(scope, &key, &passed);
                    return ([vec![key], next.through].concat(), next.end);
                }
            },
        };
        (Vec::new(), end)
    }

    /// Looks for what a secret hangs on, on the path that is read.
    fn find(&self, scope: Scope, secret: &Secret, target: &Target) -> Found {
        let path = self.path(scope);
        let nowhere =
            if path.iter().all(|at| self.is_open(*at)) { Found::Gone } else { Found::Unknown };
        let id = match target {
            // Each scope has built-ins of its own.
            Target::BuiltIn(name) => match self.built_in(secret.scope, name) {
                Some(_) => return Found::Live(name.clone()),
                None => return nowhere,
            },
            Target::Secret(id) => *id,
        };
        let here = |it: &&Secret| it.id == id && path.contains(&it.scope) && self.is_open(it.scope);
        match self.secrets.iter().find(here) {
            Some(secret) if secret.deleted => Found::Gone,
            Some(secret) => Found::Live(secret.key.clone()),
            None => nowhere,
        }
    }

    /// All keys that a scope sees.
    pub fn keys(&self, scope: Scope) -> Vec<String> {
        let names = ["TEAM_ID", "PROJECT_ID", "PROJECT_NAME", "ENVIRONMENT_ID"];
        let names = names.into_iter().chain(["ENVIRONMENT_NAME", "APPLICATION_ID"]);
        let names = names.chain(["APPLICATION_NAME"]).map(|name| format!("SUBROSA_{name}"));
        let mut keys: Vec<String> =
            names.filter(|key| self.built_in(scope, key).is_some()).collect();
        let path = self.path(scope);
        let here = |it: &&Secret| !it.deleted && path.contains(&it.scope) && self.is_open(it.scope);
        keys.extend(self.secrets.iter().filter(here).map(|it| it.key.clone()));
        keys.sort();
        keys.dedup();
        keys
    }

    /// Rule 10: what each scope has of a key, from BUILT_IN down.
    pub fn trace(&self, scope: Scope, key: &str) -> Vec<(Option<Scope>, Seen)> {
        let built_in = self.built_in(scope, key).map_or(Seen::Absent, |_| Seen::BuiltIn);
        let mut trace = vec![(None, built_in)];
        for at in self.path(scope).into_iter().rev() {
            let seen = match self.live(at, key) {
                _ if !self.is_open(at) => Seen::NoAccess,
                Some(secret) => Seen::Secret(secret.id),
                None => Seen::Absent,
            };
            trace.push((Some(at), seen));
        }
        trace
    }

    /// Rule 9: what a program gets.
    pub fn render(&self, scope: Scope, key: &str) -> Result<Vec<u8>, Unrendered> {
        self.render_within(scope, key, &[])
    }

    /// `above` are the keys that led here.
    fn render_within(
        &self,
        scope: Scope,
        key: &str,
        above: &[String],
    ) -> Result<Vec<u8>, Unrendered> {
        let resolved = self.resolve(scope, key);
        let mut path = above.to_vec();
        for key in [vec![key.to_owned()], resolved.through].concat() {
            let again = path.contains(&key);
            path.push(key);
            if again {
                return Err((Nothing::Cycle, path));
            }
            // So many keys are one reference less.
            if path.len() > MAX_DEPTH + 1 {
                return Err((Nothing::TooDeep, path));
            }
        }
        let text = match resolved.end {
            End::Nothing(why) => return Err((why, path)),
            End::BuiltIn(text) => return Ok(text.into_bytes()),
            End::File(bytes) => return Ok(bytes),
            End::Text(text) => text,
        };
        let mut out = Vec::new();
        let mut rest = text.as_slice();
        while let Some(first) = rest.first() {
            if let Some(name) = reference(rest) {
                out.extend(self.render_within(scope, name, &path)?);
                rest = &rest[name.len() + 4..];
            } else {
                out.push(*first);
                rest = &rest[1..];
            }
            if out.len() > MAX_BYTES {
                return Err((Nothing::TooLong, path));
            }
        }
        Ok(out)
    }

    /// Rule 8: what hangs on a secret, and on that, and so on. Only of what the reader can see.
    pub fn hanging(&self, id: SecretId) -> Vec<SecretId> {
        let mut all = vec![id];
        loop {
            let next = self.secrets.iter().find(|it| {
                let on = match &it.kind {
                    Kind::Alias(Target::Secret(on)) | Kind::Override(Target::Secret(on), ..) => on,
                    _ => return false,
                };
                !it.deleted && self.is_open(it.scope) && all.contains(on) && !all.contains(&it.id)
            });
            match next {
                Some(secret) => all.push(secret.id),
                None => return all.split_off(1),
            }
        }
    }
}

/// The key in `{{KEY}}` that `text` begins with.
pub fn reference(text: &[u8]) -> Option<&str> {
    let inner = text.strip_prefix(b"{{")?;
    let end = inner.windows(2).position(|pair| pair == b"}}")?;
    let name = std::str::from_utf8(&inner[..end]).ok()?;
    is_key(name).then_some(name)
}

/// Rule 2, the reserved prefix apart.
pub fn is_key(key: &str) -> bool {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    let begins = key.chars().next().is_some_and(|first| letters.contains(first));
    begins
        && key.chars().all(|c| letters.contains(c) || "0123456789".contains(c))
        && key.len() <= 256
}
