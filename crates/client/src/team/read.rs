//! Values, histories and named keys, fetched when they are asked for.

use subrosa_core::manifest::{Content, HistoryEntry, HistoryRef, Record, ValueRef};
use subrosa_core::named_key::KeyVersions;
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::Objects;
use subrosa_wire::id::{SecretId, VaultId};
use subrosa_wire::object::ObjectId;

use crate::error::{Error, Result};
use crate::platform::Platform;

use super::TeamClient;

impl<P: Platform> TeamClient<P> {
    /// A value: the current one of a record, or one of its history.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is missing or does not open.
    pub async fn value(
        &self,
        vault: VaultId,
        secret: SecretId,
        value: ValueRef,
    ) -> Result<SecretValue> {
        let mut values = self.values(vault, &[(secret, value)]).await?;
        values.pop().ok_or(Error::Damaged)?
    }

    /// Values of one vault, each for itself: one that is damaged does not keep the others.
    ///
    /// # Errors
    /// If nothing can be fetched.
    pub async fn values(
        &self,
        vault: VaultId,
        values: &[(SecretId, ValueRef)],
    ) -> Result<Vec<Result<SecretValue>>> {
        let ids: Vec<ObjectId> = values.iter().map(|(_, value)| value.object).collect();
        let mut objects = Objects::default();
        self.fetch(vault, &ids, &mut objects).await?;
        let state = self.state.borrow();
        let opened = state.contents.vault(vault).ok_or(Error::NotFound)?;
        let open = |(secret, value): &(SecretId, ValueRef)| {
            let value = opened.open_value(*secret, value, &state.keyring, &objects);
            value.map_err(|_| Error::Damaged)
        };
        Ok(values.iter().map(open).collect())
    }

    /// The versions of a named key, as far as this device has heard of them.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Damaged`] if they are missing or do not open.
    pub async fn named_key(&self, vault: VaultId, key: SecretId) -> Result<KeyVersions> {
        let at = {
            let contents = self.contents();
            let record = contents.vault(vault).and_then(|vault| vault.record(key));
            *record.and_then(Record::key_state).ok_or(Error::NotFound)?
        };
        let mut objects = Objects::default();
        self.fetch(vault, &[at.value.object], &mut objects).await?;
        let state = self.state.borrow();
        let opened = state.contents.vault(vault).ok_or(Error::NotFound)?;
        let versions = opened.open_named_key(key, &at, &state.keyring, &objects);
        versions.map_err(|_| Error::Damaged)
    }

    /// A secret's earlier versions, the oldest first.
    ///
    /// # Errors
    /// [`Error::Damaged`] if a list is missing or does not open.
    pub async fn history(
        &self,
        vault: VaultId,
        secret: SecretId,
        newest: Option<HistoryRef>,
    ) -> Result<Vec<HistoryEntry>> {
        let mut lists = Vec::new();
        let mut next = newest;
        while let Some(reference) = next {
            let mut objects = Objects::default();
            self.fetch(vault, &[reference.object], &mut objects).await?;
            let state = self.state.borrow();
            let opened = state.contents.vault(vault).ok_or(Error::NotFound)?;
            let list = opened
                .open_history(secret, &reference, &state.keyring, &objects)
                .map_err(|_| Error::Damaged)?;
            // Versions fall from list to list, so that a chain cannot go in circles.
            next = list.older.filter(|older| older.version < reference.version);
            lists.push(list.entries);
        }
        lists.reverse();
        Ok(lists.concat())
    }

    /// Since which entry a record's value, the current one or an earlier, is known to nobody who had lost
    /// the vault by then; 0 where that is not told.
    ///
    /// # Errors
    /// As [`TeamClient::history`].
    pub async fn fresh_since(
        &self,
        vault: VaultId,
        record: &Record,
        value: ValueRef,
    ) -> Result<u64> {
        if record.value() == Some(&value) {
            return Ok(record.fresh_since());
        }
        let earlier = self.history(vault, record.id, record.history).await?;
        let of_it =
            |it: &&HistoryEntry| it.content.as_ref().and_then(Content::value) == Some(&value);
        Ok(earlier.iter().rfind(of_it).map_or(0, HistoryEntry::fresh_since))
    }
}
