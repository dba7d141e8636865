//! What the server has, read from its database: a thief's copy.

use subrosa_core::vault::Objects;
use subrosa_wire::id::{MemberId, VaultId};
use subrosa_wire::log::{WRAP_BYTES, Wrap};

use crate::Stage;

/// All wraps that the server has.
///
/// # Panics
/// If it has no database of this version.
#[must_use]
pub fn wraps(stage: &Stage) -> Vec<Wrap> {
    let database = database(stage);
    let mut query = database.prepare("SELECT vault, version, recipient, wrap FROM wraps").unwrap();
    let array = |bytes: Vec<u8>| <[u8; 16]>::try_from(bytes).unwrap();
    let row = |row: &rusqlite::Row<'_>| {
        // The sealed part comes last in it.
        let whole: Vec<u8> = row.get(3)?;
        let sealed = whole[whole.len() - WRAP_BYTES..].to_vec();
        Ok(Wrap {
            vault: VaultId::from_random(array(row.get(0)?)),
            version: row.get(1)?,
            recipient: MemberId::from_random(array(row.get(2)?)),
            sealed: sealed.into(),
        })
    };
    query.query_map([], row).unwrap().map(Result::unwrap).collect()
}

/// All objects that the server has.
///
/// # Panics
/// As [`wraps`].
#[must_use]
pub fn objects(stage: &Stage) -> Objects {
    let database = database(stage);
    let mut query = database.prepare("SELECT sealed FROM objects").unwrap();
    let sealed = query.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    let mut objects = Objects::default();
    sealed.for_each(|sealed| objects.insert(sealed.unwrap()));
    objects
}

fn database(stage: &Stage) -> rusqlite::Connection {
    rusqlite::Connection::open(stage.data().join("subrosa.db")).unwrap()
}
