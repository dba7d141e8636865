//! A dotenv text between being read and being written. Its values stay here.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use subrosa_bridge::view::{self, ImportBad, ImportChoice, ImportLine, ImportState};
use subrosa_bridge::{Kind, Problem};
use subrosa_client::{Platform, TeamClient};
use subrosa_core::contents::Scope;
use subrosa_core::dotenv::{self, BadLine, Parsed, Value};
use subrosa_core::key_name::check_key;
use subrosa_core::manifest::ValueRef;
use subrosa_core::scope::Resolver;
use subrosa_core::secret_value::SecretValue;
use subrosa_wire::id::{SecretId, VaultId};

use crate::problem;

/// Live secrets with their values' names, by key; an alias has none.
type Known = BTreeMap<String, (SecretId, Option<ValueRef>)>;

/// A text that was read for a scope.
pub(crate) struct Import {
    scope: Scope,
    parsed: Parsed,
    /// What was there when the lines were compared: nothing else is written over.
    compared: RefCell<Known>,
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
        let with_value =
            || known.iter().filter_map(|(key, (id, value))| Some((key, *id, (*value)?)));
        let wanted: Vec<(SecretId, ValueRef)> = with_value().map(|it| (it.1, it.2)).collect();
        // Offline, nothing can be compared; the import still can be looked at.
        let values = client.values(vault, &wanted).await.unwrap_or_default();
        let mut there: BTreeMap<&str, &SecretValue> = BTreeMap::new();
        let opened = with_value().zip(&values);
        there.extend(opened.filter_map(|(it, value)| Some((it.0.as_str(), value.as_ref().ok()?))));
        let duplicates = self.parsed.duplicates();
        let contents = client.contents();
        let resolver = Resolver::new(&contents);
        let view = resolver.view(self.scope).ok_or_else(problem::not_found)?;
        let state = |key: &str, value: &Value| match (known.get(key), there.get(key)) {
            (None, _) if view.key(key).is_some() => ImportState::Override,
            (None, _) => ImportState::New,
            (Some((_, None)), _) => ImportState::Alias,
            (Some(_), None) => ImportState::Unknown,
            (Some(_), Some(there)) if there.expose() == value.expose().as_bytes() => {
                ImportState::Same
            }
            (Some(_), Some(_)) => ImportState::Differs,
        };
        let lines = self.parsed.assignments.iter().map(|assignment| ImportLine {
            line: assignment.line,
            key: assignment.key.clone(),
            state: state(&assignment.key, &assignment.value),
            duplicates: duplicates
                .get(assignment.key.as_str())
                .map(|lines| {
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
        let changed = chosen.iter().find(|(key, _)| now.get(key) != compared.get(key));
        changed.map_or(Ok(()), |(key, _)| {
            let message = format!("{key} was set or changed here since the lines were compared.");
            Err(Problem::new(Kind::Exists, message, "Read the text again, and decide anew."))
        })
    }

    /// The live secrets at the scope that have one of these keys.
    fn known<'a, P: Platform>(
        &self,
        client: &TeamClient<P>,
        wanted: impl Iterator<Item = &'a str>,
    ) -> Result<(VaultId, Known), Problem> {
        let contents = client.contents();
        let (vault, level) = contents.locate(self.scope).ok_or_else(problem::not_found)?;
        let here = vault.records().filter(|record| record.level == level);
        let mut keys = BTreeSet::new();
        keys.extend(wanted);
        let mut known = Known::new();
        known.extend(
            here.filter(|record| keys.contains(record.key.as_str()))
                .filter(|record| record.is_live())
                .map(|record| (record.key.clone(), (record.id, record.value().copied()))),
        );
        Ok((vault.id(), known))
    }

    /// The chosen lines with their values, each under the key that it was given.
    pub(crate) fn chosen(
        &self,
        choices: &[ImportChoice],
    ) -> Result<Vec<(String, SecretValue)>, Problem> {
        let mut chosen: BTreeMap<&str, SecretValue> = BTreeMap::new();
        for ImportChoice { line, key } in choices {
            check_key(key).map_err(|why| problem::bad_key(key, &why))?;
            let value = self.value(*line).ok_or_else(problem::not_found)?;
            let value = SecretValue::new(value.expose().as_bytes().to_vec());
            if chosen.insert(key, value).is_some() {
                let message = format!("Two of the chosen lines are for {key}.");
                let next = "Choose one of them, or rename one.";
                return Err(Problem::new(Kind::Exists, message, next));
            }
        }
        Ok(chosen.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn value(&self, line: usize) -> Option<&Value> {
        let good = self.parsed.assignments.iter().find(|assignment| assignment.line == line);
        let bad = || self.parsed.bad.iter().find(|bad| bad.line == line);
        good.map(|good| &good.value).or_else(|| bad()?.value.as_ref())
    }
}

/// What is wrong with a line; its number is told beside it.
fn reason(bad: &BadLine) -> String {
    match &bad.key {
        Some(key) => format!("{key}: {}.", bad.reason),
        None => format!("{}.", bad.reason),
    }
}
