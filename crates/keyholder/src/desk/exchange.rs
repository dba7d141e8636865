//! Dotenv files, in and out.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use subrosa_bridge::view::Scope as ViewScope;
use subrosa_bridge::{Event, Hidden, Kind, Problem, Reply};
use subrosa_client::{Change, Platform};
use subrosa_core::dotenv;
use subrosa_core::manifest::ValueRef;
use subrosa_core::secret_value::SecretValue;
use subrosa_wire::id::{SecretId, VaultId};

use crate::import::Import;
use crate::problem;

use super::{Answer, Desk, add, damaged, named, not_text};

/// The longest text that is read, in bytes.
const MAX_IMPORT: usize = 4 << 20;

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn read_import(&self, scope: &ViewScope, text: &Hidden) -> Answer {
        if text.expose().len() > MAX_IMPORT {
            let message = "An import has at most 4 MiB.";
            return Err(Problem::new(Kind::TooLarge, message, "Import it in several parts."));
        }
        let client = self.client()?;
        let import = Import::read(named(scope)?, text.expose());
        let shown = import.compare(&client).await?;
        self.import.replace(Some(Rc::new(import)));
        Ok(Reply::Import(shown))
    }

    pub(super) async fn apply_import(
        &self,
        choices: &[subrosa_bridge::view::ImportChoice],
    ) -> Answer {
        let client = self.client()?;
        let import = self.import.borrow().clone().ok_or_else(problem::not_found)?;
        let mut change = Change::default();
        let chosen = import.chosen(choices)?;
        import.check_unchanged(&client, &chosen)?;
        for (key, value) in chosen {
            let (vault, edit) = self.put(&client, import.scope(), key, value, String::new())?;
            add(&mut change, vault, edit);
        }
        let total = choices.len();
        let progress = |done| Event::Progress { what: "Writing secrets".into(), done, total };
        (self.told)(progress(0));
        if total > 0 {
            self.push(&client, change).await?;
        }
        (self.told)(progress(total));
        self.import.replace(None);
        Ok(Reply::Written(total))
    }

    pub(super) async fn export(&self, scope: &ViewScope, inherited: bool) -> Answer {
        let client = self.client()?;
        let scope = named(scope)?;
        // By vault, so that values are fetched in batches.
        let wanted: Vec<(VaultId, String, SecretId, ValueRef)> = {
            let contents = client.contents();
            let visible = contents.visible(scope);
            let visible = visible.values().filter(|(at, _)| inherited || *at == scope);
            let located = visible.filter_map(|(at, record)| {
                let (vault, _) = contents.locate(*at)?;
                Some((vault.id(), record.key.clone(), record.id, record.value?))
            });
            located.collect()
        };
        let mut values: BTreeMap<String, SecretValue> = BTreeMap::new();
        let mut vaults = BTreeSet::new();
        vaults.extend(wanted.iter().map(|(vault, ..)| *vault));
        for vault in vaults {
            let mine: Vec<_> = wanted.iter().filter(|(id, ..)| *id == vault).collect();
            let ids: Vec<_> = mine.iter().map(|(_, _, id, value)| (*id, *value)).collect();
            let opened = client.values(vault, &ids).await.map_err(problem::of)?;
            for ((_, key, ..), value) in mine.into_iter().zip(opened) {
                values.insert(key.clone(), value.map_err(|_| damaged(key))?);
            }
        }
        let mut pairs = Vec::new();
        for (key, value) in &values {
            let value = value.expose_text().ok_or_else(|| not_text(key))?;
            pairs.push((key.as_str(), value));
        }
        let mut written = dotenv::write(pairs).map_err(|cannot| {
            Problem::new(
                Kind::Refused,
                cannot.to_string(),
                "Leave this secret out of the export, or use it through its file.",
            )
        })?;
        Ok(Reply::Text(Hidden::new(std::mem::take(&mut *written))))
    }
}
