//! Walking through a vault's histories: what a record says of itself may be a lie, and a retirement
//! is for good (docs/format.md, 'Rotation').

use subrosa_wire::id::SecretId;
use subrosa_wire::log::KeyVersion;
use subrosa_wire::object::ObjectId;

use crate::manifest::{Content, Record};

use super::{Keyring, Objects, OpenVault};

/// What a walk through some records has found.
#[derive(Default)]
pub struct Walk {
    /// Lists of earlier versions that are still to be had.
    pub lacking: Vec<ObjectId>,
    /// Secrets of which something needs an older key.
    pub older: Vec<SecretId>,
    /// How many earlier versions there are, as far as the lists are at hand.
    pub earlier: u32,
}

impl OpenVault {
    /// Looks into `records` for what needs a key older than version `than`, whatever they say of
    /// themselves. A list that is nowhere, or does not open, has nothing to lose.
    #[must_use]
    pub fn walk(
        &self,
        records: &[SecretId],
        than: KeyVersion,
        keys: &Keyring,
        objects: &Objects,
    ) -> Walk {
        let mut walk = Walk::default();
        for record in records.iter().filter_map(|id| self.record(*id)) {
            let (earlier, older) = self.walk_history(record, than, keys, objects, &mut walk);
            walk.earlier += earlier;
            if older || record.needs().is_some_and(|needs| needs < than) {
                walk.older.push(record.id);
            }
        }
        walk
    }

    fn walk_history(
        &self,
        record: &Record,
        than: KeyVersion,
        keys: &Keyring,
        objects: &Objects,
        walk: &mut Walk,
    ) -> (u32, bool) {
        let (mut earlier, mut older) = (0, false);
        let mut next = record.history;
        while let Some(reference) = next.take() {
            older |= reference.key_version < than;
            if !objects.is_known(reference.object) {
                walk.lacking.push(reference.object);
            } else if let Ok(list) = self.open_history(record.id, &reference, keys, objects) {
                let values = list.entries.iter().filter_map(|entry| entry.content.as_ref());
                older |= values.filter_map(Content::value).any(|value| value.key_version < than);
                earlier += u32::try_from(list.entries.len()).unwrap_or(u32::MAX);
                next = list.older;
            }
        }
        (earlier, older)
    }
}
