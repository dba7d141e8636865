//! The real rules' answers, in the words of the naive ones.

use subrosa_core::contents::Contents;
use subrosa_core::scope::{
    self, Found, Need, Outcome, Rendering, Resolver, State, Unrendered, Values,
};
use subrosa_core::vault::CannotStage;
use subrosa_wire::id::SecretId;

use super::{Refused, Staged, naive, real};
use crate::naive::{self, Broken, End, Nothing, Resolved, Scope, Seen, Target, World};

/// What comes of rendering a key.
pub type Rendered = Result<Vec<u8>, naive::Unrendered>;

impl Refused {
    /// The rule that it is about.
    pub fn rule(&self) -> Broken {
        use scope::Broken as Real;
        match self {
            Refused::Broken(broken) => match broken {
                Real::Key(..) => Broken::Rule(2),
                Real::Taken(_) | Real::AliasThere(_) | Real::Higher(..) => Broken::Rule(3),
                Real::AliasScope | Real::AliasOfAlias | Real::AliasValue(_) => Broken::Rule(5),
                Real::OverrideScope | Real::OverrideKey(_) => Broken::Rule(6),
                Real::BuiltIn => Broken::Rule(7),
                Real::Hanging(_) | Real::NotWriter(_) => Broken::Rule(8),
                Real::Mount(_) => Broken::Rule(12),
                Real::NoTarget | Real::NotFound => Broken::Absent,
            },
            Refused::Stage(CannotStage::Mount(_) | CannotStage::Value(_)) => Broken::Rule(12),
            Refused::Stage(CannotStage::NotFound) => Broken::Absent,
            Refused::Stage(other) => unreachable!("{other:?} should have been judged"),
        }
    }
}

impl Staged {
    pub fn resolve(&self, world: &World, scope: Scope, key: &str) -> Resolved {
        let contents = self.open(world);
        let resolver = Resolver::new(&contents);
        let Some(view) = resolver.view(real(scope)) else {
            let (state, end) = (naive::State::NoAccess, End::Nothing(Nothing::NoAccess));
            return Resolved { state, winner: None, through: Vec::new(), end };
        };
        let resolved = view.resolve(key);
        let winner = resolved.trace.iter().rev().find_map(|step| match step.found {
            Found::BuiltIn(_) => Some(Target::BuiltIn(key.to_owned())),
            Found::Secret(record) => Some(Target::Secret(record.id)),
            Found::Absent | Found::NoAccess => None,
        });
        let mut through = Vec::new();
        let mut outcome = &resolved.outcome;
        while let Outcome::Through(next) = outcome {
            through.push(next.key.to_owned());
            outcome = &next.outcome;
        }
        let end = match outcome {
            Outcome::BuiltIn(text) => End::BuiltIn((*text).to_owned()),
            Outcome::Value(_, record) => match resolved.mount() {
                Some(_) => End::File(self.value(&contents, record)),
                None => End::Text(self.value(&contents, record)),
            },
            Outcome::Nothing(why) => End::Nothing(nothing(*why)),
            Outcome::Through(_) => unreachable!(),
        };
        let state = match resolved.state {
            State::Own => naive::State::Own,
            State::Inherited => naive::State::Inherited,
            State::Override => naive::State::Override,
            State::Alias => naive::State::Alias,
            State::Missing => naive::State::Missing,
            State::NoAccess => naive::State::NoAccess,
        };
        Resolved { state, winner, through, end }
    }

    /// What each scope has of a key, from BUILT_IN down; none where the scope can't be opened.
    pub fn trace(
        &self,
        world: &World,
        scope: Scope,
        key: &str,
    ) -> Option<Vec<(Option<Scope>, Seen)>> {
        let contents = self.open(world);
        let resolver = Resolver::new(&contents);
        let view = resolver.view(real(scope))?;
        let steps = view.resolve(key).trace.into_iter().map(|step| {
            let seen = match step.found {
                Found::Absent => Seen::Absent,
                Found::NoAccess => Seen::NoAccess,
                Found::BuiltIn(_) => Seen::BuiltIn,
                Found::Secret(record) => Seen::Secret(record.id),
            };
            (step.scope.map(naive), seen)
        });
        Some(steps.collect())
    }

    /// The secrets set at a scope, deleted ones too, by id; none where it can't be opened.
    pub fn at(&self, world: &World, scope: Scope) -> Option<Vec<SecretId>> {
        let contents = self.open(world);
        contents.locate(real(scope))?;
        Some(contents.at(real(scope)).map(|record| record.id).collect())
    }

    /// All keys that a scope sees; none where it can't be opened.
    pub fn keys(&self, world: &World, scope: Scope) -> Option<Vec<String>> {
        let contents = self.open(world);
        let resolver = Resolver::new(&contents);
        let view = resolver.view(real(scope))?;
        Some(view.keys().into_iter().map(str::to_owned).collect())
    }

    /// Renders `keys` one after the other, as an export does: at first nothing is opened, then
    /// what is asked for.
    pub fn render(&self, world: &World, scope: Scope, keys: &[&str]) -> Vec<Rendered> {
        let contents = self.open(world);
        let resolver = Resolver::new(&contents);
        let Some(view) = resolver.view(real(scope)) else { return no_access(keys) };
        let mut values = Values::default();
        loop {
            let mut rendering = Rendering::new(&view, values);
            let needs = rendering.needs(keys);
            if needs.is_empty() {
                return keys.iter().map(|key| bytes_of(&mut rendering, key)).collect();
            }
            values = rendering.into_values();
            self.open_values(&contents, &needs, &mut values);
        }
    }

    /// Renders `keys` one after the other, with all values opened from the start.
    pub fn render_opened(&self, world: &World, scope: Scope, keys: &[&str]) -> Vec<Rendered> {
        let contents = self.open(world);
        let resolver = Resolver::new(&contents);
        let Some(view) = resolver.view(real(scope)) else { return no_access(keys) };
        let mut values = Values::default();
        for vault in contents.vaults() {
            let needs = vault.records().filter_map(|record| {
                let (vault, secret) = (vault.id(), record.id);
                record.value().map(|value| Need { vault, secret, value: *value })
            });
            self.open_values(&contents, &needs.collect::<Vec<_>>(), &mut values);
        }
        let mut rendering = Rendering::new(&view, values);
        keys.iter().map(|key| bytes_of(&mut rendering, key)).collect()
    }

    fn open_values(&self, contents: &Contents, needs: &[Need], values: &mut Values) {
        for need in needs {
            let vault = contents.vault(need.vault).unwrap();
            let value = vault.open_value(need.secret, &need.value, &self.keys, &self.objects);
            values.insert(&need.value, value);
        }
    }

    /// All that hangs on a secret.
    pub fn hanging(&self, world: &World, id: SecretId) -> Vec<SecretId> {
        scope::hanging_on(&self.open(world), &[id])
    }
}

fn bytes_of<'v>(rendering: &mut Rendering<'v>, key: &'v str) -> Rendered {
    match rendering.render(key) {
        Ok(value) => Ok(value.expose().to_vec()),
        Err(Unrendered::Unresolved(path, why)) => Err((nothing(why), path)),
        Err(Unrendered::Cycle(path)) => Err((Nothing::Cycle, path)),
        Err(Unrendered::TooDeep(path)) => Err((Nothing::TooDeep, path)),
        Err(Unrendered::TooLong(path)) => Err((Nothing::TooLong, path)),
        Err(other) => unreachable!("{other:?}"),
    }
}

fn no_access(keys: &[&str]) -> Vec<Rendered> {
    keys.iter().map(|key| Err((Nothing::NoAccess, vec![(*key).to_owned()]))).collect()
}

fn nothing(why: scope::Nothing) -> Nothing {
    match why {
        scope::Nothing::Missing => Nothing::Missing,
        scope::Nothing::NoAccess => Nothing::NoAccess,
        scope::Nothing::Dangling => Nothing::Dangling,
        scope::Nothing::Cycle => Nothing::Cycle,
        scope::Nothing::TooDeep => Nothing::TooDeep,
    }
}
