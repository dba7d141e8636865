//! What the rules allow, and what comes of it.

use subrosa_wire::id::SecretId;

use super::{Kind, MAX_BYTES, Scope, Secret, Target, World, is_key, reference};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    Create { id: SecretId, scope: Scope, key: String, value: Vec<u8>, mount: Option<String> },
    Alias { id: SecretId, scope: Scope, key: String, of: Target },
    Override { id: SecretId, scope: Scope, of: Target, value: Vec<u8>, mount: Option<String> },
    Edit { of: Target, value: Vec<u8> },
    Rename { of: Target, key: String },
    Delete { of: Target },
}

/// What is against an action.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Broken {
    /// The rule of that number.
    Rule(u8),
    /// There is no such secret.
    Absent,
}

use Broken::{Absent, Rule};

impl World {
    /// All that is against an action. Where it is more than one thing, no rule says which counts.
    pub fn broken(&self, action: &Action) -> Vec<Broken> {
        match action {
            Action::Create { id, scope, key, value, mount } => {
                let (id, scope, key) = (*id, *scope, key.clone());
                match (self.live(scope, &key), self.as_alias(action)) {
                    _ if !self.is_open(scope) => self.closed(scope),
                    (Some(Secret { kind: Kind::Alias(_), .. }), _) => vec![Rule(3)],
                    (None, Some(of)) => self.broken(&Action::Alias { id, scope, key, of }),
                    // Rule 3: a new version, of whatever it is. One of them makes it an alias.
                    (Some(secret), Some(of)) => self.cannot_become_alias(secret, &of),
                    (Some(_), None) => bad_value(value, mount.as_deref()),
                    (None, None) => {
                        let mut broken =
                            [bad_key(&key), bad_value(value, mount.as_deref())].concat();
                        broken.extend(self.taken_above(scope, &key));
                        broken
                    }
                }
            }
            Action::Alias { scope, key, of, .. } => {
                let mut broken = [bad_key(key), self.closed(*scope)].concat();
                broken.extend(self.taken_at(*scope, key, None));
                broken.extend(self.taken_above(*scope, key));
                broken.extend(self.unreachable(*scope, of));
                if let Some(target) = self.visible_target(of) {
                    if !self.path(*scope).contains(&target.scope) {
                        broken.push(Rule(5));
                    }
                    if matches!(target.kind, Kind::Alias(_)) {
                        broken.push(Rule(5));
                    }
                }
                broken
            }
            Action::Override { scope, of, value, mount, .. } => {
                let mut broken = [bad_value(value, mount.as_deref()), self.closed(*scope)].concat();
                broken.extend(self.unreachable(*scope, of));
                let key = match of {
                    Target::BuiltIn(name) => Some(name.clone()),
                    Target::Secret(_) => self.visible_target(of).map(|target| target.key.clone()),
                };
                if let Some(target) = self.visible_target(of)
                    && !self.path(*scope)[1..].contains(&target.scope)
                {
                    broken.push(Rule(6));
                }
                broken.extend(key.map(|key| self.taken_at(*scope, &key, None)).unwrap_or_default());
                broken
            }
            Action::Edit { of, value } => match self.own(of) {
                Err(broken) => broken,
                Ok(secret) => {
                    let mut broken = bad_value(value, None);
                    if matches!(secret.kind, Kind::Alias(_)) {
                        broken.push(Rule(5));
                    }
                    broken
                }
            },
            Action::Rename { of, key } => match self.own(of) {
                Err(broken) => broken,
                Ok(secret) => {
                    if *key == secret.key {
                        return Vec::new();
                    }
                    let mut broken = Vec::new();
                    if let Kind::Override(of, ..) = &secret.kind {
                        // But to its target's, which may have been renamed by one who could not
                        // open this vault.
                        if self.visible_target(of).is_none_or(|target| target.key != *key) {
                            broken.push(Rule(6));
                        }
                        broken.extend((!is_key(key)).then_some(Rule(2)));
                    } else {
                        broken.extend(bad_key(key));
                        broken.extend(self.taken_above(secret.scope, key));
                    }
                    for id in self.renamed_with(secret.id) {
                        let scope = self.secret(id).unwrap().scope;
                        broken.extend(self.taken_at(scope, key, Some(id)));
                    }
                    broken
                }
            },
            Action::Delete { of } => self.own(of).err().unwrap_or_default(),
        }
    }

    /// The world after an action that nothing is against.
    pub fn after(&self, action: &Action) -> World {
        let mut world = self.clone();
        match action.clone() {
            Action::Create { id, scope, key, value, mount } => {
                let alias = self.as_alias(action).map(Kind::Alias);
                let mut live = world.secrets.iter_mut().filter(|it| !it.deleted);
                match live.find(|it| it.scope == scope && it.key == key) {
                    Some(secret) => {
                        let kind = with_value(&secret.kind, value, mount);
                        secret.kind = alias.unwrap_or(kind);
                    }
                    None => {
                        let kind = with_value(&Kind::Value(Vec::new()), value, mount);
                        let kind = alias.unwrap_or(kind);
                        world.secrets.push(Secret { id, scope, key, kind, deleted: false });
                    }
                }
            }
            Action::Alias { id, scope, key, of } => {
                let kind = Kind::Alias(of);
                world.secrets.push(Secret { id, scope, key, kind, deleted: false });
            }
            Action::Override { id, scope, of, value, mount } => {
                let key = match &of {
                    Target::BuiltIn(name) => name.clone(),
                    Target::Secret(id) => self.secret(*id).unwrap().key.clone(),
                };
                let kind = Kind::Override(of, value, mount);
                world.secrets.push(Secret { id, scope, key, kind, deleted: false });
            }
            Action::Edit { of, value } => {
                let secret = world.secrets.iter_mut().find(|it| Target::Secret(it.id) == of);
                let secret = secret.unwrap();
                secret.kind = with_value(&secret.kind, value, None);
            }
            Action::Rename { of, key } => {
                for id in self.renamed_with(self.own(&of).unwrap().id) {
                    let secret = world.secrets.iter_mut().find(|it| it.id == id).unwrap();
                    secret.key.clone_from(&key);
                }
            }
            Action::Delete { of } => {
                let id = self.own(&of).unwrap().id;
                for id in [vec![id], self.hanging(id)].concat() {
                    world.secrets.iter_mut().find(|it| it.id == id).unwrap().deleted = true;
                }
            }
        }
        world
    }

    /// Rule 4: what `{{KEY}}` and nothing else makes an alias of. Not where it is a file's bytes,
    /// or the other value that an override gives to a key.
    fn as_alias(&self, action: &Action) -> Option<Target> {
        let Action::Create { scope, key, value, mount: None, .. } = action else { return None };
        if let Some(Kind::File(..) | Kind::Override(..)) =
            self.live(*scope, key).map(|secret| &secret.kind)
        {
            return None;
        }
        let key = reference(value).filter(|key| key.len() + 4 == value.len())?;
        self.resolve(*scope, key).winner
    }

    /// Rule 5, for what is a secret of its own already.
    fn cannot_become_alias(&self, secret: &Secret, of: &Target) -> Vec<Broken> {
        let mut broken = Vec::new();
        let target = self.visible_target(of);
        if target.is_some_and(|it| it.id == secret.id || matches!(it.kind, Kind::Alias(_))) {
            broken.push(Rule(5));
        }
        let on = Kind::Alias(Target::Secret(secret.id));
        if self.secrets.iter().any(|it| !it.deleted && self.is_open(it.scope) && it.kind == on) {
            broken.push(Rule(5));
        }
        broken
    }

    /// A live secret in an open vault.
    fn visible_target(&self, of: &Target) -> Option<&Secret> {
        let Target::Secret(id) = of else { return None };
        self.secret(*id).filter(|it| !it.deleted && self.is_open(it.scope))
    }

    /// The secret to be changed.
    fn own(&self, of: &Target) -> Result<&Secret, Vec<Broken>> {
        match of {
            Target::BuiltIn(_) => Err(vec![Rule(7)]),
            Target::Secret(_) => self.visible_target(of).ok_or_else(|| self.no_target(of)),
        }
    }

    fn no_target(&self, of: &Target) -> Vec<Broken> {
        let Target::Secret(id) = of else { return Vec::new() };
        match self.secret(*id) {
            Some(secret) if !self.is_open(secret.scope) => vec![Rule(11), Absent],
            _ => vec![Absent],
        }
    }

    /// What is against hanging something of `scope` on a target, its place and kind apart.
    fn unreachable(&self, scope: Scope, of: &Target) -> Vec<Broken> {
        match of {
            Target::BuiltIn(name) if self.built_in(scope, name).is_none() => vec![Absent],
            Target::BuiltIn(_) => Vec::new(),
            Target::Secret(_) if self.visible_target(of).is_none() => self.no_target(of),
            Target::Secret(_) => Vec::new(),
        }
    }

    fn closed(&self, scope: Scope) -> Vec<Broken> {
        // Who can't open a vault can't tell what is there.
        if self.is_open(scope) { Vec::new() } else { vec![Rule(11), Absent] }
    }

    /// Rule 3 for a key that must be free at a scope, but for `except`.
    fn taken_at(&self, scope: Scope, key: &str, except: Option<SecretId>) -> Vec<Broken> {
        match self.live(scope, key) {
            Some(secret) if Some(secret.id) != except => vec![Rule(3)],
            _ => Vec::new(),
        }
    }

    /// Rule 3 for a key that must be free at all higher scopes, as far as one can see.
    fn taken_above(&self, scope: Scope, key: &str) -> Vec<Broken> {
        let above = self.path(scope)[1..].to_vec();
        let taken = |at: &Scope| self.is_open(*at) && self.live(*at, key).is_some();
        if above.iter().any(taken) { vec![Rule(3)] } else { Vec::new() }
    }

    /// A secret and the overrides of it, of those, and so on: one key for all.
    fn renamed_with(&self, id: SecretId) -> Vec<SecretId> {
        let mut all = vec![id];
        loop {
            let next = self.secrets.iter().find(|it| {
                let Kind::Override(Target::Secret(on), ..) = &it.kind else { return false };
                !it.deleted && self.is_open(it.scope) && all.contains(on) && !all.contains(&it.id)
            });
            match next {
                Some(secret) => all.push(secret.id),
                None => return all,
            }
        }
    }
}

/// The same kind with another value, and perhaps another mount path.
fn with_value(kind: &Kind, value: Vec<u8>, mount: Option<String>) -> Kind {
    match kind {
        Kind::Override(of, _, before) => {
            Kind::Override(of.clone(), value, mount.or(before.clone()))
        }
        Kind::File(_, before) => Kind::File(value, mount.unwrap_or(before.clone())),
        Kind::Value(_) | Kind::Alias(_) => match mount {
            Some(mount) => Kind::File(value, mount),
            None => Kind::Value(value),
        },
    }
}

/// Rule 2.
fn bad_key(key: &str) -> Vec<Broken> {
    if is_key(key) && !key.starts_with("SUBROSA_") { Vec::new() } else { vec![Rule(2)] }
}

/// Rule 12.
fn bad_value(value: &[u8], mount: Option<&str>) -> Vec<Broken> {
    let bad = |mount: &str| {
        let parts: Vec<&str> = mount.split('/').collect();
        // Nothing before the first slash, and something between and after all others.
        parts.len() < 2
            || !parts[0].is_empty()
            || parts[1..].iter().any(|part| ["", ".", ".."].contains(part))
    };
    if value.len() > MAX_BYTES || mount.is_some_and(bad) { vec![Rule(12)] } else { Vec::new() }
}
