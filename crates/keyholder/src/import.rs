//! A dotenv text between being read and being written. Its values stay here.

use std::cell::RefCell;

use subrosa_bridge::Kind;
use subrosa_bridge::view::{self, ImportBad, ImportChoice, ImportLine, ImportState};
use subrosa_client::{Platform, TeamClient};
use subrosa_core::contents::Scope;
use subrosa_core::dotenv::{self, BadLine, Parsed, Value};
use subrosa_core::key_name::check_key;
use subrosa_core::manifest::ValueRef;
use subrosa_core::order;
use subrosa_core::scope::Resolver;
use subrosa_core::secret_value::SecretValue;
use subrosa_wire::id::{SecretId, VaultId};

use crate::problem::{self, Problem};

/// A live secret with its value's name; an alias has none.
#[derive(Clone, PartialEq)]
struct Known {
    key: String,
    id: SecretId,
    value: Option<ValueRef>,
}

/// A text that was read for a scope.
pub(crate) struct Import {
    scope: Scope,
    parsed: Parsed,
    /// What was there when the lines were compared: nothing else is written over.
    compared: RefCell<Vec<Known>>,
}

impl Import {
    pub(crate) fn read(scope: Scope, text: &str) -> Self {
        Import { scope, parsed: dotenv::read(text), compared: RefCell::default() }
    }

    pub(crate) fn scope(&self) -> Scope {
        self.scope
    }

    /// The lines against what is at the scope now.
    pub(crate) async fn compare<P: Platform>(
        &self,
        client: &TeamClient<P>,
    ) -> Result<view::Import, Problem> {
        let keys = self.parsed.assignments.iter().map(|assignment| assignment.key.as_str());
        let (vault, known) = self.known(client, keys)?;
        self.compared.replace(known.clone());
        let with_value = || known.iter().filter_map(|it| Some((&*it.key, (it.id, it.value?))));
        let wanted: Vec<(SecretId, ValueRef)> = with_value().map(|it| it.1).collect();
        // Offline, nothing can be compared; the import still can be looked at.
        let values = client.values(vault, &wanted).await.unwrap_or_default();
        let opened = with_value().zip(&values);
        let there: Vec<(&str, &SecretValue)> =
            opened.filter_map(|(it, value)| Some((it.0, value.as_ref().ok()?))).collect();
        let duplicates = self.parsed.duplicates();
        let contents = client.contents();
        let resolver = Resolver::new(&contents);
        let view = resolver.view(self.scope).ok_or_else(problem::not_found)?;
        let state = |key: &str, value: &Value| match (
            find(&known, key, |it| &it.key),
            find(&there, key, |it| it.0),
        ) {
            (None, _) if view.key(key).is_some() => ImportState::Override,
            (None, _) => ImportState::New,
            (Some(Known { value: None, .. }), _) => ImportState::Alias,
            (Some(_), None) => ImportState::Unknown,
            (Some(_), Some((_, there))) if there.expose() == value.expose().as_bytes() => {
                ImportState::Same
            }
            (Some(_), Some(_)) => ImportState::Differs,
        };
        let lines = self.parsed.assignments.iter().map(|assignment| ImportLine {
            line: assignment.line,
            key: assignment.key.clone(),
            state: state(&assignment.key, &assignment.value),
            duplicates: find(&duplicates, &assignment.key, |it| it.0)
                .map(|(_, lines)| {
                    lines.iter().copied().filter(|line| *line != assignment.line).collect()
                })
                .unwrap_or_default(),
        });
        let bad = self.parsed.bad.iter().map(|bad| ImportBad {
            line: bad.line,
            reason: reason(bad),
            suggestion: bad.value.as_ref().and(bad.suggestion.clone()),
        });
        Ok(view::Import { lines: lines.collect(), bad: bad.collect() })
    }

    /// Refuses to write over what is not as it was when the lines were compared.
    pub(crate) fn check_unchanged<P: Platform>(
        &self,
        client: &TeamClient<P>,
        chosen: &[(String, SecretValue)],
    ) -> Result<(), Problem> {
        let (_, now) = self.known(client, chosen.iter().map(|(key, _)| key.as_str()))?;
        let compared = self.compared.borrow();
        let known = |all: &[Known], key: &str| find(all, key, |it| &it.key).cloned();
        let changed = chosen.iter().find(|(key, _)| known(&now, key) != known(&compared, key));
        changed.map_or(Ok(()), |(key, _)| {
            let message = format!("{key} was set or changed here since the lines were compared.");
            Err(Problem::new(Kind::Exists, message, "Read the text again, and decide anew."))
        })
    }

    /// The live secrets at the scope that have one of these keys, ascending.
    fn known<'a, P: Platform>(
        &self,
        client: &TeamClient<P>,
        wanted: impl Iterator<Item = &'a str>,
    ) -> Result<(VaultId, Vec<Known>), Problem> {
        let contents = client.contents();
        let (vault, level) = contents.locate(self.scope).ok_or_else(problem::not_found)?;
        let here = vault.records().filter(|record| record.level == level);
        let mut keys: Vec<&str> = wanted.collect();
        order::sort(&mut keys);
        let found = here
            .filter(|record| record.is_live())
            .filter(|record| keys.binary_search(&record.key.as_str()).is_ok());
        let mut known: Vec<Known> = found
            .map(|it| Known { key: it.key.clone(), id: it.id, value: it.value().copied() })
            .collect();
        order::sort_by(&mut known, |a, b| a.key.cmp(&b.key));
        Ok((vault.id(), known))
    }

    /// The chosen lines with their values, each under the key that it was given.
    pub(crate) fn chosen(
        &self,
        choices: &[ImportChoice],
    ) -> Result<Vec<(String, SecretValue)>, Problem> {
        let mut chosen = Vec::new();
        for ImportChoice { line, key, value } in choices {
            check_key(key).map_err(|why| problem::bad_key(key, &why))?;
            let read = self.value(*line).ok_or_else(problem::not_found)?.expose();
            let value = value.as_ref().map_or(read, |typed| typed.expose());
            chosen.push((key.clone(), SecretValue::new(value.as_bytes().to_vec())));
        }
        order::sort_by(&mut chosen, |a, b| a.0.cmp(&b.0));
        if let Some(two) = chosen.windows(2).find(|two| two[0].0 == two[1].0) {
            let message = format!("Two of the chosen lines are for {}.", two[0].0);
            let next = "Choose one of them, or rename one.";
            return Err(Problem::new(Kind::Exists, message, next));
        }
        Ok(chosen)
    }

    fn value(&self, line: usize) -> Option<&Value> {
        let good = self.parsed.assignments.iter().find(|assignment| assignment.line == line);
        let bad = || self.parsed.bad.iter().find(|bad| bad.line == line);
        good.map(|good| &good.value).or_else(|| bad()?.value.as_ref())
    }
}

/// What has a key, among things ascending by it.
fn find<'a, T>(all: &'a [T], key: &str, of: impl Fn(&T) -> &str) -> Option<&'a T> {
    let at = all.binary_search_by(|it| of(it).cmp(key)).ok()?;
    all.get(at)
}

/// What is wrong with a line; its number is told beside it.
fn reason(bad: &BadLine) -> String {
    match &bad.key {
        Some(key) => format!("{key}: {}.", bad.reason),
        None => format!("{}.", bad.reason),
    }
}
