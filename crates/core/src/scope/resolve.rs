//! What a key comes to in a scope, and how.

use std::cell::OnceCell;

use subrosa_wire::id::{SecretId, VaultId};

use super::built_in::{BuiltIn, built_in};
use super::render::MAX_DEPTH;
use crate::contents::{Contents, Scope};
use crate::manifest::{Content, Level, Record};
use crate::order;
use crate::vault::OpenVault;

/// The opened vaults of a team with their live secrets in order, for many questions at once. A vault
/// that nothing is asked of stays as it is.
pub struct Resolver<'a> {
    contents: &'a Contents,
    indexes: Vec<(VaultId, OnceCell<Vec<&'a Record>>)>,
}

/// A scope with those above it.
pub struct View<'r> {
    scope: Scope,
    built_in: Vec<BuiltIn>,
    /// From high to low.
    layers: Vec<Layer<'r>>,
}

struct Layer<'r> {
    scope: Scope,
    /// None where the vault cannot be opened.
    set: Option<Set<'r>>,
}

struct Set<'r> {
    vault: &'r OpenVault,
    level: Level,
    /// By key.
    records: &'r [&'r Record],
}

/// What a key comes to in a scope.
#[derive(Clone, Debug)]
pub struct Resolved<'v> {
    /// The key.
    pub key: &'v str,
    /// How the scope comes by it.
    pub state: State,
    /// Every scope that was looked at, from BUILT_IN down. The last that found something wins,
    /// the others are shadowed.
    pub trace: Vec<Step<'v>>,
    /// What it comes to.
    pub outcome: Outcome<'v>,
}

/// How a scope comes by a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It is set here.
    Own,
    /// A higher scope has it.
    Inherited,
    /// Another value for a higher scope's key is set here.
    Override,
    /// Another key for a secret is set here.
    Alias,
    /// No scope has it.
    Missing,
    /// No scope that can be opened has it, and one cannot be opened.
    NoAccess,
}

/// What one scope has of a key.
#[derive(Clone, Debug)]
pub struct Step<'v> {
    /// None for BUILT_IN.
    pub scope: Option<Scope>,
    /// What is there.
    pub found: Found<'v>,
}

/// What is at a scope under a key.
#[derive(Clone, Debug)]
pub enum Found<'v> {
    /// Nothing.
    Absent,
    /// Its vault cannot be opened.
    NoAccess,
    /// One that every scope has.
    BuiltIn(&'v BuiltIn),
    /// A secret.
    Secret(&'v Record),
}

/// What a key comes to.
#[derive(Clone, Debug)]
pub enum Outcome<'v> {
    /// A text that every scope has.
    BuiltIn(&'v str),
    /// A sealed value.
    Value(VaultId, &'v Record),
    /// By way of an alias: what the other key comes to in the same scope.
    Through(Box<Resolved<'v>>),
    /// Nothing.
    Nothing(Nothing),
}

/// Why a key comes to nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nothing {
    /// No scope has it.
    Missing,
    /// What has it, or might have it, cannot be opened.
    NoAccess,
    /// What this alias or override hangs on is gone.
    Dangling,
    /// Aliases lead back to it.
    Cycle,
    /// Over [`MAX_DEPTH`] aliases lead from one to the next.
    TooDeep,
}

impl<'a> Resolver<'a> {
    /// Over all of `contents`; a vault is put in order when something is asked of it.
    #[must_use]
    pub fn new(contents: &'a Contents) -> Self {
        let index = |vault: &'a OpenVault| (vault.id(), OnceCell::new());
        // Ascending by id, as the contents are.
        Resolver { contents, indexes: contents.vaults().map(index).collect() }
    }

    /// What was put in order.
    #[must_use]
    pub fn contents(&self) -> &'a Contents {
        self.contents
    }

    /// A scope with those above it; `None` if there is no such scope that can be opened.
    #[must_use]
    pub fn view(&self, scope: Scope) -> Option<View<'_>> {
        self.contents.locate(scope)?;
        let mut path = self.contents.path(scope);
        path.reverse();
        let layers = path.into_iter().map(|scope| Layer { scope, set: self.set(scope) }).collect();
        Some(View { scope, built_in: built_in(self.contents, scope), layers })
    }

    /// The live secrets at a scope, by key; `None` where its vault cannot be opened.
    #[must_use]
    pub fn at(&self, scope: Scope) -> Option<&[&'a Record]> {
        let (vault, level) = self.contents.locate(scope)?;
        let at = self.indexes.binary_search_by_key(&vault.id(), |(id, _)| *id).ok()?;
        let records = self.indexes.get(at)?.1.get_or_init(|| vault.live_records().collect());
        let from = records.partition_point(|record| record.level < level);
        let to = records.partition_point(|record| record.level <= level);
        records.get(from..to)
    }

    /// The live secret at a scope under a key.
    #[must_use]
    pub fn live(&self, scope: Scope, key: &str) -> Option<&'a Record> {
        let (vault, level) = self.contents.locate(scope)?;
        vault.live(level, key)
    }

    fn set(&self, scope: Scope) -> Option<Set<'_>> {
        let (vault, level) = self.contents.locate(scope)?;
        Some(Set { vault, level, records: self.at(scope)? })
    }
}

impl View<'_> {
    /// The scope.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Whether all scopes above can be opened too.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.layers.iter().all(|layer| layer.set.is_some())
    }

    /// What every scope has by itself.
    #[must_use]
    pub fn built_in(&self) -> &[BuiltIn] {
        &self.built_in
    }

    /// `key` as the scopes on the way have it, if one of them does.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<&str> {
        let built_in = self.built_in.iter().find(|it| it.key == key).map(|it| it.key);
        built_in.or_else(|| {
            let sets = self.layers.iter().filter_map(|layer| layer.set.as_ref());
            let mut found = sets.filter_map(|set| find(set.records, key));
            found.next().map(|record| record.key.as_str())
        })
    }

    /// All keys that some scope on the way has, BUILT_IN's included, ascending.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self.built_in.iter().map(|it| it.key).collect();
        for set in self.layers.iter().filter_map(|layer| layer.set.as_ref()) {
            keys.extend(set.records.iter().map(|record| record.key.as_str()));
        }
        order::sort(&mut keys);
        keys.dedup();
        keys
    }

    /// What `key` comes to here.
    #[must_use]
    pub fn resolve<'v>(&'v self, key: &'v str) -> Resolved<'v> {
        self.follow(key, &mut Vec::new())
    }

    /// `before` are the keys of the aliases that led here.
    fn follow<'v>(&'v self, key: &'v str, before: &mut Vec<&'v str>) -> Resolved<'v> {
        let trace = self.trace(key);
        let winner = trace.iter().rev().find_map(|step| match step.found {
            Found::BuiltIn(built_in) => Some((None, Winner::BuiltIn(built_in))),
            Found::Secret(record) => Some((step.scope, Winner::Secret(record))),
            Found::Absent | Found::NoAccess => None,
        });
        let (state, outcome) = match winner {
            None if self.is_whole() => (State::Missing, Outcome::Nothing(Nothing::Missing)),
            None => (State::NoAccess, Outcome::Nothing(Nothing::NoAccess)),
            Some((_, Winner::BuiltIn(built_in))) => {
                let value = built_in.value.as_deref();
                let nothing = Outcome::Nothing(Nothing::NoAccess);
                (State::Inherited, value.map_or(nothing, Outcome::BuiltIn))
            }
            Some((scope, Winner::Secret(record))) => {
                let here = scope == Some(self.scope);
                (self.state(record, here), self.outcome(record, scope, before))
            }
        };
        Resolved { key, state, trace, outcome }
    }

    fn trace<'v>(&'v self, key: &str) -> Vec<Step<'v>> {
        let built_in = self.built_in.iter().find(|it| it.key == key);
        let first = Step { scope: None, found: built_in.map_or(Found::Absent, Found::BuiltIn) };
        let steps = self.layers.iter().map(|layer| {
            let found = match &layer.set {
                None => Found::NoAccess,
                Some(set) => find(set.records, key).map_or(Found::Absent, Found::Secret),
            };
            Step { scope: Some(layer.scope), found }
        });
        std::iter::once(first).chain(steps).collect()
    }

    fn state(&self, record: &Record, here: bool) -> State {
        match &record.content {
            _ if !here => State::Inherited,
            Some(Content::Alias(_)) => State::Alias,
            Some(Content::Override { .. }) => State::Override,
            Some(Content::Value(_) | Content::File { .. } | Content::NamedKey(_)) | None => {
                State::Own
            }
        }
    }

    fn outcome<'v>(
        &'v self,
        record: &'v Record,
        scope: Option<Scope>,
        before: &mut Vec<&'v str>,
    ) -> Outcome<'v> {
        let Some(content) = &record.content else { return Outcome::Nothing(Nothing::Missing) };
        let target = match content.hangs_on().map(|id| (id, self.target(id))) {
            None => None,
            Some((_, Some(target))) => Some(target),
            Some((id, None)) if self.is_whole() || self.is_deleted(id) => {
                return Outcome::Nothing(Nothing::Dangling);
            }
            // It may be where we cannot look: an override has its value here all the same.
            Some(_) if content.value().is_none() => return Outcome::Nothing(Nothing::NoAccess),
            Some(_) => None,
        };
        match (content, target) {
            (Content::Alias(_), Some(_)) if before.contains(&record.key.as_str()) => {
                Outcome::Nothing(Nothing::Cycle)
            }
            (Content::Alias(_), Some(_)) if before.len() == MAX_DEPTH => {
                Outcome::Nothing(Nothing::TooDeep)
            }
            (Content::Alias(_), Some(target)) => {
                before.push(&record.key);
                Outcome::Through(Box::new(self.follow(target, before)))
            }
            _ => {
                let vault = self.layers.iter().find(|layer| Some(layer.scope) == scope);
                match vault.and_then(|layer| layer.set.as_ref()) {
                    Some(set) => Outcome::Value(set.vault.id(), record),
                    None => Outcome::Nothing(Nothing::NoAccess),
                }
            }
        }
    }

    /// The key that a secret of this path has now.
    fn target(&self, id: SecretId) -> Option<&str> {
        let built_in = self.built_in.iter().find(|it| it.id == id).map(|it| it.key);
        built_in.or_else(|| self.record(id).filter(|it| it.is_live()).map(|it| it.key.as_str()))
    }

    fn is_deleted(&self, id: SecretId) -> bool {
        self.record(id).is_some_and(|record| !record.is_live())
    }

    fn record(&self, id: SecretId) -> Option<&Record> {
        self.layers
            .iter()
            .filter_map(|layer| layer.set.as_ref())
            .find_map(|set| set.vault.record(id).filter(|record| record.level == set.level))
    }
}

enum Winner<'v> {
    BuiltIn(&'v BuiltIn),
    Secret(&'v Record),
}

impl Resolved<'_> {
    /// What the key comes to once aliases are followed.
    #[must_use]
    pub fn end(&self) -> &Outcome<'_> {
        match &self.outcome {
            Outcome::Through(next) => next.end(),
            end => end,
        }
    }

    /// Where programs expect a file, if that is what it comes to.
    #[must_use]
    pub fn mount(&self) -> Option<&str> {
        match self.end() {
            Outcome::Value(_, record) => record.content.as_ref().and_then(Content::mount),
            Outcome::BuiltIn(_) | Outcome::Through(_) | Outcome::Nothing(_) => None,
        }
    }
}

fn find<'r>(records: &[&'r Record], key: &str) -> Option<&'r Record> {
    let at = records.binary_search_by(|record| record.key.as_str().cmp(key)).ok()?;
    records.get(at).copied()
}
