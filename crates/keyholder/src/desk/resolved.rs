//! What scopes resolve to: shown with the way there, opened, compared, copied.

use subrosa_bridge::view::{ComparedKey, Comparison, Effective, Row, Scope as ViewScope, Verdict};
use subrosa_bridge::{Kind, Reply};
use subrosa_client::{Change, Platform, TeamClient};
use subrosa_core::contents::Scope;
use subrosa_core::envelope::CannotOpen;
use subrosa_core::manifest::ValueRef;
use subrosa_core::order;
use subrosa_core::scope::{
    Found, Need, Outcome, Rendering, Resolver, State, Unrendered, Values, View,
};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::unicode::{contains, lower_case};
use subrosa_core::vault::{Edit, NewContent};
use subrosa_wire::id::{SecretId, VaultId};
use zeroize::Zeroizing;

use crate::problem::{self, Problem};
use crate::view::{self, Names};

use super::secrets::plain;
use super::{Answer, Desk, add, named};

/// The bytes of each key of a scope, or why it has none.
pub(super) struct Rendered(pub(super) Vec<(String, Result<SecretValue, Unrendered>)>);

impl Rendered {
    fn get(&self, key: &str) -> Side<'_> {
        let at = self.0.binary_search_by(|(it, _)| it.as_str().cmp(key)).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }
}

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) fn effective(
        &self,
        scope: &ViewScope,
        filter: &str,
        offset: usize,
        limit: usize,
    ) -> Answer {
        let client = self.client()?;
        let contents = client.contents();
        let resolver = Resolver::new(&contents);
        let view = resolver.view(named(scope)?).ok_or_else(problem::not_found)?;
        let filter = lower_case(filter);
        let mut keys = view.keys();
        keys.retain(|key| contains(&lower_case(key), &filter));
        let names = Names::of(&contents);
        let window = keys.iter().skip(offset).take(limit);
        let rows = window.map(|key| view::resolved(&contents, &names, &view.resolve(key)));
        let rows = rows.collect();
        Ok(Reply::Effective(Effective { total: keys.len(), offset, rows }))
    }

    pub(super) fn trace(&self, scope: &ViewScope, key: &str) -> Answer {
        let client = self.client()?;
        let contents = client.contents();
        let resolver = Resolver::new(&contents);
        let view = resolver.view(named(scope)?).ok_or_else(problem::not_found)?;
        let resolved = view.resolve(key);
        let mut row = view::resolved(&contents, &Names::of(&contents), &resolved);
        row.used_by = view::used_by(&resolver, &resolved);
        Ok(Reply::Effective(Effective { total: 1, offset: 0, rows: vec![row] }))
    }

    pub(super) async fn reveal_key(&self, scope: &ViewScope, key: &str) -> Answer {
        let client = self.client()?;
        let wanted = |_: &View<'_>| vec![key.to_owned()];
        let rendered = self.render(&client, named(scope)?, wanted).await?;
        match rendered.get(key) {
            Some(Ok(value)) => Ok(plain(value)),
            Some(Err(why)) => Err(problem::unrendered(why)),
            None => Err(problem::not_found()),
        }
    }

    /// The bytes of those keys of a scope that `wanted` picks, ascending, each once. Whatever they refer to is fetched
    /// first, round by round, since a value must be open before it tells what it refers to.
    pub(super) async fn render(
        &self,
        client: &TeamClient<P>,
        scope: Scope,
        wanted: impl Fn(&View<'_>) -> Vec<String>,
    ) -> Result<Rendered, Problem> {
        let mut values = Values::default();
        loop {
            let needs = {
                let contents = client.contents();
                let resolver = Resolver::new(&contents);
                let view = resolver.view(scope).ok_or_else(problem::not_found)?;
                let keys = wanted(&view);
                let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
                order::sort(&mut keys);
                keys.dedup();
                let mut rendering = Rendering::new(&view, values);
                let needs = rendering.needs(&keys);
                if needs.is_empty() {
                    let rendered = keys.into_iter().map(|key| {
                        let value = match view.key(key) {
                            Some(key) => rendering.render(key),
                            None => Err(missing(&view, key)),
                        };
                        (key.to_owned(), value)
                    });
                    return Ok(Rendered(rendered.collect()));
                }
                values = rendering.into_values();
                needs
            };
            self.open_all(client, needs, &mut values).await?;
        }
    }

    /// Fetches and opens, a vault at a time.
    async fn open_all(
        &self,
        client: &TeamClient<P>,
        needs: Vec<Need>,
        values: &mut Values,
    ) -> Result<(), Problem> {
        let mut rest = needs.as_slice();
        while let Some(first) = rest.first() {
            let count = rest.partition_point(|need| need.vault <= first.vault);
            let (mine, others) = rest.split_at(count);
            let wanted: Vec<(SecretId, ValueRef)> =
                mine.iter().map(|need| (need.secret, need.value)).collect();
            let opened = client.values(first.vault, &wanted).await.map_err(problem::of)?;
            for (need, value) in mine.iter().zip(opened) {
                values.insert(&need.value, value.map_err(|_| CannotOpen));
            }
            rest = others;
        }
        Ok(())
    }

    pub(super) async fn compare(&self, left: &ViewScope, right: &ViewScope) -> Answer {
        let client = self.client()?;
        let (left, right) = (named(left)?, named(right)?);
        let one = self.render(&client, left, own_keys).await?;
        let other = self.render(&client, right, own_keys).await?;
        let contents = client.contents();
        let resolver = Resolver::new(&contents);
        let view = |scope| resolver.view(scope).ok_or_else(problem::not_found);
        let (left, right) = (view(left)?, view(right)?);
        let mut keys: Vec<&str> = one.0.iter().chain(&other.0).map(|(key, _)| &**key).collect();
        order::sort(&mut keys);
        keys.dedup();
        let mut counts = [0; 4];
        let rows = keys.into_iter().map(|key| {
            let verdict = verdict(one.get(key), other.get(key));
            counts[match verdict {
                Verdict::Differs => 0,
                Verdict::MissingLeft | Verdict::MissingRight => 1,
                Verdict::Same => 2,
                Verdict::Unknown => 3,
            }] += 1;
            let state = |view: &View<'_>| view::state(view.resolve(key).state);
            ComparedKey { key: key.to_owned(), left: state(&left), right: state(&right), verdict }
        });
        let rows = rows.collect();
        Ok(Reply::Comparison(Comparison { counts, rows }))
    }

    pub(super) async fn duplicates(&self) -> Answer {
        let client = self.client()?;
        let mut wanted: Vec<(VaultId, Vec<(SecretId, ValueRef)>)> = Vec::new();
        for vault in client.contents().vaults() {
            let secrets = vault.records().filter(|record| record.is_secret());
            let live = secrets.filter_map(|record| Some((record.id, *record.value()?)));
            wanted.push((vault.id(), live.collect()));
        }
        let mut all: Vec<(Zeroizing<Vec<u8>>, SecretId)> = Vec::new();
        for (vault, live) in wanted {
            let opened = client.values(vault, &live).await.map_err(problem::of)?;
            let opened = live.iter().zip(opened).filter_map(|((id, _), value)| {
                let value = value.ok().filter(|value| !value.expose().is_empty())?;
                Some((Zeroizing::new(value.expose().to_vec()), *id))
            });
            all.extend(opened);
        }
        order::sort_by(&mut all, |a, b| (&*a.0, a.1).cmp(&(&*b.0, b.1)));
        let contents = client.contents();
        let names = Names::of(&contents);
        let shown = |group: &[(Zeroizing<Vec<u8>>, SecretId)]| -> Vec<Row> {
            let found = group.iter().filter_map(|(_, id)| contents.find(*id));
            found.map(|(_, at, record)| view::row(&contents, &names, at, at, record)).collect()
        };
        let equal = all.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1);
        let mut groups: Vec<Vec<Row>> = equal.map(shown).collect();
        order::sort_by(&mut groups, |a, b| b.len().cmp(&a.len()));
        Ok(Reply::Groups(groups))
    }

    pub(super) async fn promote(
        &self,
        from: &ViewScope,
        to: &ViewScope,
        keys: &[String],
        note: String,
    ) -> Answer {
        let client = self.client()?;
        let wanted = |_: &View<'_>| keys.to_vec();
        let rendered = self.render(&client, named(from)?, wanted).await?;
        let mut change = Change { note, parts: Vec::new() };
        let values = rendered.0.into_iter().map(|(key, value)| match value {
            Ok(value) => Ok((key, value)),
            Err(why) => Err(problem::unrendered(&why)),
        });
        let values: Vec<(String, SecretValue)> = values.collect::<Result<_, _>>()?;
        let count = values.len();
        self.promoted(&client, named(to)?, values, &mut change)?;
        if count > 0 {
            self.push(&client, change).await?;
        }
        Ok(Reply::Written(count))
    }

    /// Adds to `change` what puts each value at a scope under its key.
    pub(super) fn promoted(
        &self,
        client: &TeamClient<P>,
        to: Scope,
        values: Vec<(String, SecretValue)>,
        change: &mut Change,
    ) -> Result<(), Problem> {
        let contents = client.contents();
        let resolver = Resolver::new(&contents);
        let view = resolver.view(to).ok_or_else(problem::not_found)?;
        for (key, value) in values {
            let (vault, edit) = self.promoted_one(&resolver, &view, key, value)?;
            add(change, vault, edit);
        }
        Ok(())
    }

    /// A value put at a scope under a key: over what is set there, or as an override of what is
    /// above, or new.
    fn promoted_one(
        &self,
        resolver: &Resolver<'_>,
        view: &View<'_>,
        key: String,
        value: SecretValue,
    ) -> Result<(VaultId, Edit), Problem> {
        let (contents, to, key) = (resolver.contents(), view.scope(), key.as_str());
        let resolved = view.resolve(key);
        let above = resolved.trace.iter().rev().find_map(|step| match step.found {
            Found::Secret(record) if step.scope != Some(to) => {
                let mount = record.content.as_ref().and_then(|content| content.mount());
                Some((record.id, mount.map(str::to_owned)))
            }
            Found::BuiltIn(built_in) => Some((built_in.id, None)),
            _ => None,
        });
        let id = SecretId::from_random(self.random());
        match (resolved.state, above) {
            (State::Inherited, Some((of, mount))) => {
                let (vault, level) = contents.locate(to).ok_or_else(problem::not_found)?;
                let content = NewContent::Override { of, value, mount };
                let (key, note) = (key.to_owned(), String::new());
                Ok((vault.id(), Edit::Create { id, level, key, content, note }))
            }
            (State::NoAccess, _) => {
                let message = format!("{key} may be set in a vault that you have no key for.");
                Err(Problem::new(Kind::Rule(403), message, "Ask an owner for access."))
            }
            _ => {
                let scope = view::scope_of(to);
                let mount = match resolved.mount() {
                    Some(mount) if resolved.state == State::Own => Some(mount.to_owned()),
                    _ => None,
                };
                let key = key.to_owned();
                let put = self.put(resolver, &scope, key, value, mount, String::new())?;
                Ok((put.0, put.2))
            }
        }
    }
}

/// All keys but those that are built in and nothing else.
fn own_keys(view: &View<'_>) -> Vec<String> {
    let keys = view.keys().into_iter();
    keys.filter(|key| !is_built_in(view, key)).map(str::to_owned).collect()
}

/// Whether nothing but BUILT_IN has a key.
pub(super) fn is_built_in(view: &View<'_>, key: &str) -> bool {
    let set = |found: &Found<'_>| matches!(found, Found::Secret(_));
    !view.resolve(key).trace.iter().any(|step| set(&step.found))
}

fn missing(view: &View<'_>, key: &str) -> Unrendered {
    match view.resolve(key).outcome {
        Outcome::Nothing(why) => Unrendered::Unresolved(vec![key.to_owned()], why),
        _ => Unrendered::Damaged(vec![key.to_owned()]),
    }
}

type Side<'a> = Option<&'a Result<SecretValue, Unrendered>>;

fn verdict(left: Side<'_>, right: Side<'_>) -> Verdict {
    match (left, right) {
        (None, _) => Verdict::MissingLeft,
        (_, None) => Verdict::MissingRight,
        (Some(Ok(left)), Some(Ok(right))) if left.expose() == right.expose() => Verdict::Same,
        (Some(Ok(_)), Some(Ok(_))) => Verdict::Differs,
        _ => Verdict::Unknown,
    }
}
