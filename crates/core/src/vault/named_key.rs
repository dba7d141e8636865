//! Changing a vault's named keys.
//!
//! A named key has no history: what its versions object has no longer is gone, and nothing brings a
//! deleted key back.

use subrosa_wire::id::SecretId;
use subrosa_wire::object::ObjectId;

use crate::envelope::{CannotOpen, TooLong};
use crate::manifest::{Content, KeyState, Level, Record, ValueRef};
use crate::named_key::{Full, KeyVersions, check_key_name};
use crate::randomness::Randomness;

use super::edit::{CannotStage, NamedKeyChange, Stamp};
use super::stage::Stage;
use super::{Keyring, Objects, OpenVault};

impl OpenVault {
    /// Opens the versions of a named key.
    ///
    /// # Errors
    /// [`CannotOpen`]; also if they are not those that its record tells of.
    pub fn open_named_key(
        &self,
        key: SecretId,
        state: &KeyState,
        keys: &Keyring,
        objects: &Objects,
    ) -> Result<KeyVersions, CannotOpen> {
        let versions: KeyVersions = self.open_sealed(key, &state.value, keys, objects)?;
        let newest = versions.newest();
        let told = (state.oldest, state.newest, state.made_under, state.time);
        let there = (versions.oldest().number, newest.number, newest.made_under, newest.time);
        if there == told { Ok(versions) } else { Err(CannotOpen) }
    }
}

impl Stage<'_> {
    pub(super) fn apply_named_key(
        &mut self,
        id: SecretId,
        change: &NamedKeyChange,
        rng: Randomness<'_>,
    ) -> Result<(), CannotStage> {
        if let NamedKeyChange::Create { name } = change {
            return self.create_named_key(id, name, rng);
        }
        let mut next = self.record(id)?;
        let Some(Content::NamedKey(mut state)) = next.content else {
            return Err(CannotStage::NotFound);
        };
        // Counted up to the end only by a lying writer.
        next.version = next.version.checked_add(1).ok_or(CannotStage::Damaged)?;
        let versions = match change {
            NamedKeyChange::Rotate => {
                let versions = self.versions(id, &state)?;
                let (under, time) = (self.key_version, self.stamp.time);
                let rotated = versions.rotated(under, time, rng);
                Some(rotated.map_err(|Full| CannotStage::KeyFull)?)
            }
            NamedKeyChange::Trim { below } => {
                if *below > state.decrypt_from {
                    return Err(CannotStage::Trim { decrypt_from: state.decrypt_from });
                }
                let versions = self.versions(id, &state)?;
                // The minimum is never above the newest version, so that something is left.
                Some(versions.trimmed(*below).map_err(|_| CannotStage::Damaged)?)
            }
            NamedKeyChange::DecryptFrom(version) => {
                let KeyState { oldest, newest, .. } = state;
                if !(oldest..=newest).contains(version) {
                    return Err(CannotStage::DecryptFrom { oldest, newest });
                }
                state.decrypt_from = *version;
                None
            }
            NamedKeyChange::RotateAfter(days) => {
                state.rotate_after = days.filter(|days| *days > 0);
                None
            }
            NamedKeyChange::Deletable(deletable) => {
                state.deletable = *deletable;
                None
            }
            NamedKeyChange::Delete if state.deletable => None,
            NamedKeyChange::Delete => return Err(CannotStage::NotDeletable),
            // Above.
            NamedKeyChange::Create { .. } => None,
        };
        if let Some(versions) = versions {
            state = self.seal_versions(id, next.version, &versions, state, rng)?;
        }
        let Stamp { author, seq, time } = self.stamp;
        (next.author, next.seq, next.time) = (author, seq, time);
        if matches!(change, NamedKeyChange::Delete) {
            self.summary.deleted += 1;
            next.content = None;
            next.oldest = self.key_version;
        } else {
            self.summary.changed += 1;
            next.content = Some(Content::NamedKey(state));
            next.oldest = state.value.key_version;
        }
        self.replace(next, rng)
    }

    fn create_named_key(
        &mut self,
        id: SecretId,
        name: &str,
        rng: Randomness<'_>,
    ) -> Result<(), CannotStage> {
        check_key_name(name).map_err(|why| CannotStage::KeyName(name.to_owned(), why))?;
        self.check_free(Level::NamedKey, name, id)?;
        let versions = KeyVersions::first(self.key_version, self.stamp.time, rng);
        let state = KeyState {
            value: ValueRef { object: ObjectId::of(b""), version: 1, key_version: 1 },
            newest: 1,
            oldest: 1,
            time: self.stamp.time,
            made_under: self.key_version,
            decrypt_from: 1,
            deletable: false,
            rotate_after: None,
        };
        let state = self.seal_versions(id, 1, &versions, state, rng)?;
        self.summary.created += 1;
        let Stamp { author, seq, time } = self.stamp;
        let record = Record {
            id,
            level: Level::NamedKey,
            key: name.to_owned(),
            version: 1,
            content: Some(Content::NamedKey(state)),
            note: String::new(),
            author,
            seq,
            time,
            oldest: self.key_version,
            history: None,
            fresh: None,
        };
        self.insert(record, rng)
    }

    fn versions(&self, id: SecretId, state: &KeyState) -> Result<KeyVersions, CannotStage> {
        let versions = self.before.open_named_key(id, state, self.keys, self.known);
        versions.map_err(|CannotOpen| CannotStage::Damaged)
    }

    /// The state with these versions, sealed as of the record's version `version`.
    fn seal_versions(
        &mut self,
        id: SecretId,
        version: u32,
        versions: &KeyVersions,
        state: KeyState,
        rng: Randomness<'_>,
    ) -> Result<KeyState, CannotStage> {
        let mut value = ValueRef { version, key_version: self.key_version, ..state.value };
        let place = self.before.places.value(id, &value);
        value.object = self.seal(versions, &place, rng).map_err(|TooLong| CannotStage::KeyFull)?;
        let newest = versions.newest();
        Ok(KeyState {
            value,
            newest: newest.number,
            oldest: versions.oldest().number,
            time: newest.time,
            made_under: newest.made_under,
            ..state
        })
    }
}
