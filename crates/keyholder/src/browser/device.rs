//! Where the device's few values are kept: in the program's own storage, else in IndexedDB.

use subrosa_client::{CannotStore, Storage, Update};

use super::{Browser, indexed_db};

/// What an update makes of the stored value. Of one type, so that the code that stores is compiled
/// once and not for each change.
pub(super) type Change<'a> = &'a mut dyn FnMut(Option<Vec<u8>>) -> Update;

impl Storage for Browser {
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CannotStore> {
        let read = match &self.storage {
            Some(given) => given.value(name).await,
            None => indexed_db::read(name).await,
        };
        read.map_err(|_| CannotStore)
    }

    async fn update(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Update,
    ) -> Result<(), CannotStore> {
        let mut change = Some(change);
        let mut once = |stored| change.take().map_or(Update::Keep, |change| change(stored));
        self.update_one(name, &mut once).await
    }
}

impl Browser {
    async fn update_one(&self, name: &str, change: Change<'_>) -> Result<(), CannotStore> {
        let updated = match &self.storage {
            Some(given) => given.change(name, change).await,
            None => indexed_db::update(name, change).await,
        };
        updated.map_err(|_| CannotStore)
    }
}
