//! The tables, by version. A step that was released is never edited: another one follows it.

use rusqlite::Connection;

/// Step `n` takes a database from `user_version` n to n + 1.
const STEPS: &[&str] = &[
    "
    CREATE TABLE accounts (
        locator BLOB PRIMARY KEY,
        login_key BLOB NOT NULL,
        generation INTEGER NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT;
    CREATE TABLE teams (
        team BLOB PRIMARY KEY,
        used INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE entries (
        team BLOB NOT NULL,
        seq INTEGER NOT NULL,
        hash BLOB NOT NULL,
        signed BLOB NOT NULL,
        PRIMARY KEY (team, seq),
        UNIQUE (team, hash)
    ) STRICT;
    -- One for each uploader, so that nobody overwrites what somebody else brought.
    CREATE TABLE wraps (
        team BLOB NOT NULL,
        recipient BLOB NOT NULL,
        vault BLOB NOT NULL,
        version INTEGER NOT NULL,
        uploader BLOB NOT NULL,
        wrap BLOB NOT NULL,
        PRIMARY KEY (team, recipient, vault, version, uploader)
    ) STRICT, WITHOUT ROWID;
    -- An object may be tagged by several vaults: each tag is a row with the bytes.
    CREATE TABLE objects (
        team BLOB NOT NULL,
        vault BLOB NOT NULL,
        id BLOB NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (team, vault, id)
    ) STRICT;
    CREATE TABLE setup (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        hash BLOB NOT NULL,
        used INTEGER NOT NULL
    ) STRICT;
",
    "
    CREATE INDEX wraps_of_a_key ON wraps (team, vault, version, recipient, uploader);
    -- Keys that members say they wait for.
    CREATE TABLE needs (
        team BLOB NOT NULL,
        member BLOB NOT NULL,
        vault BLOB NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (team, member, vault, version)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE joins (
        team BLOB NOT NULL,
        invite BLOB NOT NULL,
        hash BLOB NOT NULL,
        posted BLOB NOT NULL,
        PRIMARY KEY (team, invite, hash)
    ) STRICT;
",
    "
    CREATE TABLE last_uses (
        team BLOB NOT NULL,
        member BLOB NOT NULL,
        time INTEGER NOT NULL,
        PRIMARY KEY (team, member)
    ) STRICT, WITHOUT ROWID;
",
    // What was there is taken to be to a member's first keys: at worst it is brought once more.
    "
    ALTER TABLE wraps RENAME TO wraps_to_anybody;
    DROP INDEX wraps_of_a_key;
    CREATE TABLE wraps (
        team BLOB NOT NULL,
        recipient BLOB NOT NULL,
        vault BLOB NOT NULL,
        version INTEGER NOT NULL,
        uploader BLOB NOT NULL,
        -- The entry that gave the recipient the keys that it is to.
        keys INTEGER NOT NULL,
        wrap BLOB NOT NULL,
        PRIMARY KEY (team, recipient, vault, version, uploader, keys)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO wraps SELECT team, recipient, vault, version, uploader, 0, wrap FROM wraps_to_anybody;
    DROP TABLE wraps_to_anybody;
    CREATE INDEX wraps_of_a_key ON wraps (team, vault, version, recipient, uploader, keys);
",
];

/// Brings the database up to date.
///
/// # Errors
/// SQLite's; and a database of a newer server is left alone.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Failed> {
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let done = version as usize;
    if done > STEPS.len() {
        return Err(Failed::Newer);
    }
    for (at, step) in STEPS.iter().enumerate().skip(done) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", at as u32 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Why a database cannot be brought up to date.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("the database was written by a newer server")]
    Newer,
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}
