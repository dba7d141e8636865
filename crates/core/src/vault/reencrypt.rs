//! Re-encryption: what needs an older key is sealed again under the current one.
//!
//! Nothing of it is another version: key, value, note, author and time of a secret stay as they are.
//! So an edit that somebody made meanwhile is no conflict, and goes before: applied to a newer tree,
//! a re-encryption passes over what needs no older key any more. What is not at hand yet stays for
//! the next time, so that a history of any size is done in pieces. What does not open is never
//! overwritten: its whole record stays as it is, is named, and holds the older key back.

use subrosa_wire::id::{PageId, SecretId};
use subrosa_wire::log::KeyVersion;
use subrosa_wire::object::ObjectId;

use crate::envelope::{CannotOpen, Sealable, TooLong};
use crate::manifest::{
    Content, History, HistoryEntry, HistoryRef, ROTATIONS, Record, Rotation, ValueRef,
};
use crate::named_key::KeyVersions;
use crate::randomness::Randomness;
use crate::secret_value::SecretValue;

use super::edit::{CannotStage, StagedVault, Stamp};
use super::stage::Stage;
use super::{Keyring, Objects, OpenVault};

/// What is sealed again as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Unit {
    /// A secret's value and its history.
    Record(SecretId),
    /// A page of records that need nothing older themselves.
    Page(PageId),
}

/// What becomes of earlier versions that need an older key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Earlier {
    /// They are sealed again too.
    Reencrypt,
    /// They are dropped from the history.
    Drop,
}

/// A re-encryption that is ready to be pushed.
pub struct Reencrypted {
    /// The change.
    pub staged: StagedVault,
    /// How many secrets it is of.
    pub reencrypted: usize,
    /// Secrets that do not open: they are as before.
    pub stuck: Vec<SecretId>,
}

impl OpenVault {
    /// All that needs a key older than version `than`, records first.
    pub fn needing_older(&self, than: KeyVersion) -> Vec<Unit> {
        let older = |record: &&Record| record.needs().is_some_and(|needs| needs < than);
        let in_these = self.pages.iter().filter(|page| page.oldest < than);
        let records = in_these.filter_map(|page| page.records.as_ref().ok());
        let records = records.flat_map(|records| records.iter()).filter(older);
        let records = records.map(|record| Unit::Record(record.id));
        let pages = self.pages.iter().filter(|page| page.reference.key_version < than);
        records.chain(pages.map(|page| Unit::Page(page.reference.page))).collect()
    }

    /// The objects that re-encrypting `units` reads and that are not known yet, as far as can be told
    /// by those that are: a list of earlier versions names others.
    #[must_use]
    pub fn reencryption_needs(
        &self,
        units: &[Unit],
        earlier: Earlier,
        than: KeyVersion,
        keys: &Keyring,
        objects: &Objects,
    ) -> Vec<ObjectId> {
        let mut needs = Vec::new();
        let mut need = |id: ObjectId| {
            if !objects.is_known(id) {
                needs.push(id);
            }
        };
        for record in units.iter().filter_map(|unit| self.of_unit(unit)) {
            let value = record.value().filter(|it| it.key_version < than);
            value.into_iter().for_each(|it| need(it.object));
            let mut next = record.history.filter(|_| earlier == Earlier::Reencrypt);
            while let Some(reference) = next.take() {
                need(reference.object);
                let Ok(list) = self.open_history(record.id, &reference, keys, objects) else {
                    break;
                };
                let values = list.entries.iter().filter_map(value_of);
                values.filter(|it| it.key_version < than).for_each(|it| need(it.object));
                next = list.older;
            }
        }
        needs
    }

    fn of_unit(&self, unit: &Unit) -> Option<&Record> {
        if let Unit::Record(id) = unit { self.record(*id) } else { None }
    }

    /// Changes nothing, but tells what is found here as the keys up to `version` are retired:
    /// `earlier` is how many earlier versions there are.
    ///
    /// # Errors
    /// [`CannotStage`].
    pub fn retired(
        &self,
        version: KeyVersion,
        earlier: u32,
        key_version: KeyVersion,
        stamp: Stamp,
        keys: &Keyring,
        rng: Randomness<'_>,
    ) -> Result<StagedVault, CannotStage> {
        let objects = Objects::default();
        let mut stage = Stage::new(self, "", key_version, stamp, keys, &objects)?;
        let secrets = u32::try_from(self.records().count()).unwrap_or(u32::MAX);
        let Stamp { author, seq, time } = stamp;
        stage.rotations.push(Rotation { version, secrets, earlier, author, seq, time });
        let surplus = stage.rotations.len().saturating_sub(ROTATIONS);
        stage.rotations.drain(..surplus);
        stage.finish(rng)
    }

    /// Seals `units` again under the vault's current key, `key_version`, as far as they are at hand.
    ///
    /// # Errors
    /// [`CannotStage`].
    #[expect(clippy::too_many_arguments, reason = "all that a commit is made of, and no state")]
    pub fn reencrypt(
        &self,
        units: &[Unit],
        earlier: Earlier,
        note: &str,
        key_version: KeyVersion,
        stamp: Stamp,
        keys: &Keyring,
        objects: &Objects,
        rng: Randomness<'_>,
    ) -> Result<Reencrypted, CannotStage> {
        let mut stage = Stage::new(self, note, key_version, stamp, keys, objects)?;
        let mut stuck = Vec::new();
        for unit in units {
            match unit {
                Unit::Page(page) => stage.touch(*page),
                Unit::Record(id) => {
                    let Some(record) = self.record(*id) else { continue };
                    let sealed = stage.objects.len();
                    match stage.sealed_again(record, earlier, rng) {
                        Ok(again) if again == *record => {}
                        Ok(again) => {
                            stage.summary.reencrypted += 1;
                            stage.replace_in_page(again)?;
                        }
                        Err(CannotOpen) => {
                            stage.objects.truncate(sealed);
                            stuck.push(*id);
                        }
                    }
                }
            }
        }
        // Once for each page, not for each record in it.
        stage.split_all(rng);
        let reencrypted = stage.summary.reencrypted as usize;
        Ok(Reencrypted { staged: stage.finish(rng)?, reencrypted, stuck })
    }
}

fn value_of(entry: &HistoryEntry) -> Option<&ValueRef> {
    entry.content.as_ref().and_then(Content::value)
}

impl Stage<'_> {
    /// The record with all that is at hand of it under the current key.
    fn sealed_again(
        &mut self,
        record: &Record,
        earlier: Earlier,
        rng: Randomness<'_>,
    ) -> Result<Record, CannotOpen> {
        let mut again = record.clone();
        let mut oldest = self.key_version;
        if let Some(value) = again.content.as_mut().and_then(Content::value_mut) {
            // As what it is: a named key's versions are of another kind than a value.
            *value = match record.is_secret() {
                true => self.value_again::<SecretValue>(record.id, value, rng)?,
                false => self.value_again::<KeyVersions>(record.id, value, rng)?,
            };
            oldest = oldest.min(value.key_version);
        }
        again.history = match (record.history, earlier) {
            (Some(list), Earlier::Reencrypt) => {
                let (list, needs) = self.history_again(record, list, rng)?;
                oldest = oldest.min(needs);
                Some(list)
            }
            (_, Earlier::Drop) | (None, _) => None,
        };
        again.oldest = oldest;
        Ok(again)
    }

    fn value_again<T: Sealable>(
        &mut self,
        id: SecretId,
        value: &ValueRef,
        rng: Randomness<'_>,
    ) -> Result<ValueRef, CannotOpen> {
        if value.key_version >= self.key_version || !self.known.is_known(value.object) {
            return Ok(*value);
        }
        let opened: T = self.before.open_sealed(id, value, self.keys, self.known)?;
        let mut again = ValueRef { key_version: self.key_version, ..*value };
        let place = self.before.places.value(id, &again);
        again.object = self.seal(&opened, &place, rng).map_err(|TooLong| CannotOpen)?;
        Ok(again)
    }

    /// The list and those that it links to, the oldest first: each names the one before. With the
    /// oldest key version that they need then.
    fn history_again(
        &mut self,
        record: &Record,
        newest: HistoryRef,
        rng: Randomness<'_>,
    ) -> Result<(HistoryRef, KeyVersion), CannotOpen> {
        let mut lists = Vec::new();
        let mut next = Some(newest);
        while let Some(reference) = next.filter(|it| self.known.is_known(it.object)) {
            let list = self.before.open_history(record.id, &reference, self.keys, self.known)?;
            // A list is named by its hash, so that none leads back to itself.
            next = list.older;
            lists.push((reference, list));
        }
        // What is in a list that is not at hand, nobody knows but who wrote the record.
        let mut needs = next.map_or(self.key_version, |it| it.key_version.min(record.oldest));
        let mut older = next;
        for (reference, list) in lists.into_iter().rev() {
            let (again, oldest) = self.list_again(record.id, reference, list, older, rng)?;
            needs = needs.min(oldest);
            older = Some(again);
        }
        Ok((older.ok_or(CannotOpen)?, needs))
    }

    fn list_again(
        &mut self,
        id: SecretId,
        reference: HistoryRef,
        list: History,
        older: Option<HistoryRef>,
        rng: Randomness<'_>,
    ) -> Result<(HistoryRef, KeyVersion), CannotOpen> {
        let mut new = History { older, ..list.clone() };
        let mut oldest = self.key_version;
        for entry in &mut new.entries {
            if let Some(value) = entry.content.as_mut().and_then(Content::value_mut) {
                *value = self.value_again::<SecretValue>(id, value, rng)?;
                oldest = oldest.min(value.key_version);
            }
        }
        if new == list && reference.key_version >= self.key_version {
            return Ok((reference, oldest));
        }
        let mut again = HistoryRef { key_version: self.key_version, ..reference };
        let place = self.before.places.history(id, &again);
        again.object = self.seal(&new, &place, rng).map_err(|TooLong| CannotOpen)?;
        Ok((again, oldest))
    }
}
