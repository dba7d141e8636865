//! The store on SQLite: one connection that writes, a few that read beside it.
//!
//! WAL and `synchronous=FULL`: what a transaction wrote survives `kill -9` and a loss of power from
//! the moment that its COMMIT returned.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, ToSql, params};
use subrosa_wire::api::{
    AccountBlob, FetchObjects, LOG_PAGE, LastUse, LogPage, MissingKey, Objects,
};
use subrosa_wire::encoding::{self, decode_strict, encode};
use subrosa_wire::id::{Hash, InviteId, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::log::{KeyVersion, SignedEntry, WRAP_BYTES, Wrap};
use subrosa_wire::object::ObjectId;
use subrosa_wire::people::Join;

use super::migrations::migrate;
use super::{Account, Brought, Read, Setup, Store, StoreError, Write};

/// A page of the log ends before it exceeds this, in bytes.
const PAGE_BYTES: usize = 1 << 20;
/// A reply with objects ends before it exceeds this, in bytes.
const FETCH_BYTES: usize = 8 << 20;
/// What the writer remembers of the database, in KiB. Objects are found by their hashes, which are in
/// no order: a push of many touches as many pages of that index.
const WRITER_CACHE: i64 = 16 << 10;
/// How long the write-ahead log becomes before it is worked into the database, in pages of 4 KiB: a
/// page that many pushes touch is written there once.
const LONG_LOG: i64 = 4096;

/// An SQLite database in a file.
pub struct Sqlite {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
}

impl Sqlite {
    /// Opens the database at `path`, makes it if it is not there, and brings it up to date.
    ///
    /// `max_pages` bounds its size, in pages of 4 KiB: a disk of that size, for tests.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path, max_pages: Option<u32>) -> Result<Self, StoreError> {
        let mut writer = Connection::open(path)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        writer.pragma_update(None, "cache_size", -WRITER_CACHE)?;
        // Done by `tidy`: inside a COMMIT everybody whose write is in it would wait for that too.
        writer.pragma_update(None, "wal_autocheckpoint", 0)?;
        writer.set_prepared_statement_cache_capacity(64);
        migrate(&mut writer).map_err(|failed| StoreError::Broken(failed.to_string()))?;
        let store = Sqlite {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            idle_readers: Mutex::new(Vec::new()),
        };
        if let Some(pages) = max_pages {
            store.set_max_pages(pages)?;
        }
        Ok(store)
    }

    /// Bounds the database's size anew, in pages of 4 KiB. For tests of a full disk.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_max_pages(&self, pages: u32) -> Result<(), StoreError> {
        let sql = format!("PRAGMA max_page_count = {pages}");
        let () = self.writer().query_row(&sql, [], |_| Ok(()))?;
        Ok(())
    }

    /// Has every write fail, or none any more. For tests of a disk that was mounted read-only.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_read_only(&self, read_only: bool) -> Result<(), StoreError> {
        self.writer().pragma_update(None, "query_only", read_only)?;
        Ok(())
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle_readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle_readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self) -> Result<Connection, StoreError> {
        if let Some(idle) = self.idle_readers().pop() {
            return Ok(idle);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Connection::open_with_flags(&self.path, flags)?)
    }
}

impl Store for Sqlite {
    fn read(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        let reader = self.reader()?;
        reader.execute_batch("BEGIN")?;
        work(&Rows(&reader));
        reader.execute_batch("COMMIT")?;
        self.idle_readers().push(reader);
        Ok(())
    }

    fn write(&self, work: &mut dyn FnMut(&dyn Write)) -> Result<(), StoreError> {
        let writer = self.writer();
        writer.execute_batch("BEGIN IMMEDIATE")?;
        work(&Rows(&writer));
        let committed = Rows(&writer)
            .in_transaction()
            .and_then(|()| writer.execute_batch("COMMIT").map_err(StoreError::from));
        if committed.is_err() && !writer.is_autocommit() {
            writer.execute_batch("ROLLBACK")?;
        }
        committed
    }

    fn tidy(&self) -> Result<(), StoreError> {
        let writer = self.writer();
        let pages: i64 = writer
            .prepare_cached("PRAGMA wal_checkpoint(NOOP)")?
            .query_row([], |row| row.get("log"))?;
        if pages >= LONG_LOG {
            let () = writer
                .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
                .query_row([], |_| Ok(()))?;
        }
        Ok(())
    }

    fn checkpoint(&self) -> Result<(), StoreError> {
        self.idle_readers().clear();
        let () = self.writer().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

/// The tables, through a connection that is inside a transaction.
struct Rows<'a>(&'a Connection);

impl Rows<'_> {
    /// SQLite ends a transaction by itself on some errors; what ran then would commit one by one.
    fn in_transaction(&self) -> Result<(), StoreError> {
        if self.0.is_autocommit() {
            return Err(StoreError::Unwritable("the transaction was ended by an error".into()));
        }
        Ok(())
    }

    fn execute(&self, sql: &str, params: &[&dyn ToSql]) -> Result<usize, StoreError> {
        Ok(self.0.prepare_cached(sql)?.execute(params)?)
    }

    fn one<T>(
        &self,
        sql: &str,
        params: &[&dyn ToSql],
        row: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.0.prepare_cached(sql)?.query_row(params, row).optional()?)
    }
}

impl Read for Rows<'_> {
    fn teams(&self) -> Result<Vec<TeamId>, StoreError> {
        let mut query = self.0.prepare_cached("SELECT team FROM teams ORDER BY team")?;
        let teams = query.query_map([], |row| Ok(TeamId(Hash(row.get(0)?))))?;
        Ok(teams.collect::<Result<_, _>>()?)
    }

    fn account(&self, locator: Hash) -> Result<Option<Account>, StoreError> {
        let sql = "SELECT login_key, generation, sealed FROM accounts WHERE locator = ?";
        self.one(sql, params![locator.0], |row| {
            let sealed: Vec<u8> = row.get(2)?;
            let blob = AccountBlob { generation: count(row, 1)?, sealed: sealed.into() };
            Ok(Account { login_key: SigningPublic(row.get(0)?), blob })
        })
    }

    fn entry_seq(&self, team: TeamId, hash: Hash) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT seq FROM entries WHERE team = ? AND hash = ?";
        self.one(sql, params![team.0.0, hash.0], |row| count(row, 0))
    }

    fn entry_hash(&self, team: TeamId, seq: u64) -> Result<Option<Hash>, StoreError> {
        let sql = "SELECT hash FROM entries WHERE team = ? AND seq = ?";
        self.one(sql, params![team.0.0, number(seq)], |row| row.get(0).map(Hash))
    }

    fn page(&self, team: TeamId, after: Option<u64>) -> Result<LogPage, StoreError> {
        let sql = "SELECT seq FROM entries WHERE team = ? ORDER BY seq DESC LIMIT 1";
        let last = self.one(sql, params![team.0.0], |row| count(row, 0))?;
        let from = after.map_or(0, |after| after.saturating_add(1));
        let sql = "SELECT signed FROM entries WHERE team = ? AND seq >= ? ORDER BY seq LIMIT ?";
        let mut query = self.0.prepare_cached(sql)?;
        let mut rows = query.query(params![team.0.0, number(from), number(LOG_PAGE as u64)])?;
        let (mut entries, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let signed = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            bytes += signed.len();
            if bytes > PAGE_BYTES {
                break;
            }
            entries.push(decode_strict::<SignedEntry>(signed).map_err(damaged)?);
        }
        Ok(LogPage { entries, last: last.unwrap_or(0) })
    }

    fn wraps(&self, team: TeamId, recipient: MemberId) -> Result<Vec<Wrap>, StoreError> {
        let sql = "SELECT wrap FROM wraps WHERE team = ? AND recipient = ? ORDER BY vault, version";
        let mut query = self.0.prepare_cached(sql)?;
        let mut rows = query.query(params![team.0.0, recipient.bytes()])?;
        let mut wraps = Vec::new();
        while let Some(row) = rows.next()? {
            let wrap = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            wraps.push(encoding::read(wrap).ok_or_else(|| damaged("a wrap"))?);
        }
        Ok(wraps)
    }

    fn brought(
        &self,
        team: TeamId,
        vault: VaultId,
        version: KeyVersion,
    ) -> Result<Vec<Brought>, StoreError> {
        let sql = "SELECT recipient, uploader, keys FROM wraps
                   WHERE team = ? AND vault = ? AND version = ?";
        let mut query = self.0.prepare_cached(sql)?;
        let row = |row: &rusqlite::Row<'_>| {
            Ok(Brought { recipient: id(row, 0)?, uploader: id(row, 1)?, keys: count(row, 2)? })
        };
        let rows = query.query_map(params![team.0.0, vault.bytes(), version], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn needs(&self, team: TeamId) -> Result<Vec<MissingKey>, StoreError> {
        let sql = "SELECT vault, version, member FROM needs WHERE team = ?
                   ORDER BY member, vault, version";
        let mut query = self.0.prepare_cached(sql)?;
        let row = |row: &rusqlite::Row<'_>| {
            let vault = VaultId::from_random(row.get(0)?);
            Ok(MissingKey { vault, version: row.get(1)?, member: id(row, 2)? })
        };
        let rows = query.query_map(params![team.0.0], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn last_uses(&self, team: TeamId) -> Result<Vec<LastUse>, StoreError> {
        let sql = "SELECT member, time FROM last_uses WHERE team = ? ORDER BY member";
        let mut select = self.0.prepare_cached(sql)?;
        let row =
            |row: &rusqlite::Row<'_>| Ok(LastUse { member: id(row, 0)?, time: count(row, 1)? });
        let rows = select.query_map(params![team.0.0], row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn joins(&self, team: TeamId, invite: Option<InviteId>) -> Result<Vec<Join>, StoreError> {
        let sql = "SELECT posted FROM joins WHERE team = ?1 AND (?2 IS NULL OR invite = ?2)
                   ORDER BY invite, hash";
        let mut query = self.0.prepare_cached(sql)?;
        let mut rows = query.query(params![team.0.0, invite.as_ref().map(InviteId::bytes)])?;
        let mut joins = Vec::new();
        while let Some(row) = rows.next()? {
            let join = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            joins.push(decode_strict(join).map_err(damaged)?);
        }
        Ok(joins)
    }

    fn has_object(&self, team: TeamId, vault: VaultId, id: ObjectId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM objects WHERE team = ? AND vault = ? AND id = ?";
        let params = params![team.0.0, vault.bytes(), id.0.0];
        Ok(self.one(sql, params, |_| Ok(()))?.is_some())
    }

    fn objects(&self, team: TeamId, asked: &FetchObjects) -> Result<Objects, StoreError> {
        let sql = "SELECT sealed FROM objects WHERE team = ? AND vault = ? AND id = ?";
        let (mut objects, mut bytes) = (Vec::new(), 0);
        for id in &asked.ids {
            let params = params![team.0.0, asked.vault.bytes(), id.0.0];
            let Some(sealed) = self.one(sql, params, |row| row.get::<_, Vec<u8>>(0))? else {
                continue;
            };
            bytes += sealed.len();
            if bytes > FETCH_BYTES {
                return Ok(Objects { objects, more: true });
            }
            objects.push(sealed.into());
        }
        Ok(Objects { objects, more: false })
    }

    fn used(&self, team: TeamId) -> Result<u64, StoreError> {
        let sql = "SELECT used FROM teams WHERE team = ?";
        Ok(self.one(sql, params![team.0.0], |row| count(row, 0))?.unwrap_or(0))
    }

    fn setup(&self) -> Result<Option<Setup>, StoreError> {
        self.one("SELECT hash, used FROM setup", params![], |row| {
            Ok(Setup { hash: Hash(row.get(0)?), used: row.get(1)? })
        })
    }
}

impl Write for Rows<'_> {
    fn savepoint(&self) -> Result<(), StoreError> {
        self.in_transaction()?;
        Ok(self.0.execute_batch("SAVEPOINT one")?)
    }

    fn keep(&self) -> Result<(), StoreError> {
        self.in_transaction()?;
        Ok(self.0.execute_batch("RELEASE one")?)
    }

    fn take_back(&self) -> Result<(), StoreError> {
        self.in_transaction()?;
        Ok(self.0.execute_batch("ROLLBACK TO one; RELEASE one")?)
    }

    fn put_account(&self, locator: Hash, account: &Account) -> Result<(), StoreError> {
        let Account { login_key, blob } = account;
        self.execute(
            "INSERT OR REPLACE INTO accounts (locator, login_key, generation, sealed)
             VALUES (?, ?, ?, ?)",
            params![locator.0, login_key.0, number(blob.generation), blob.sealed.as_slice()],
        )?;
        Ok(())
    }

    fn append(&self, team: TeamId, seq: u64, entry: &SignedEntry) -> Result<(), StoreError> {
        let signed = encode(entry);
        self.execute(
            "INSERT INTO entries (team, seq, hash, signed) VALUES (?, ?, ?, ?)",
            params![team.0.0, number(seq), Hash::of(&signed).0, signed],
        )?;
        Ok(())
    }

    fn add_wrap(
        &self,
        team: TeamId,
        uploader: MemberId,
        keys: u64,
        wrap: &Wrap,
    ) -> Result<bool, StoreError> {
        let bytes = minicbor::to_vec(wrap).map_err(damaged)?;
        let (recipient, vault) = (wrap.recipient.bytes(), wrap.vault.bytes());
        let added = self.execute(
            "INSERT OR IGNORE INTO wraps (team, recipient, vault, version, uploader, keys, wrap)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                team.0.0,
                recipient,
                vault,
                wrap.version,
                uploader.bytes(),
                number(keys),
                bytes
            ],
        )?;
        Ok(added == 1)
    }

    fn add_object(
        &self,
        team: TeamId,
        vault: VaultId,
        id: ObjectId,
        sealed: &[u8],
    ) -> Result<bool, StoreError> {
        let sql = "INSERT OR IGNORE INTO objects (team, vault, id, sealed) VALUES (?, ?, ?, ?)";
        Ok(self.execute(sql, params![team.0.0, vault.bytes(), id.0.0, sealed])? == 1)
    }

    fn drop_object(&self, team: TeamId, vault: VaultId, id: ObjectId) -> Result<u64, StoreError> {
        let sql = "DELETE FROM objects WHERE team = ? AND vault = ? AND id = ?
                   RETURNING length(sealed)";
        let params = params![team.0.0, vault.bytes(), id.0.0];
        Ok(self.one(sql, params, |row| count(row, 0))?.unwrap_or(0))
    }

    fn drop_wraps(
        &self,
        team: TeamId,
        vault: VaultId,
        version: KeyVersion,
    ) -> Result<u64, StoreError> {
        let needs = "DELETE FROM needs WHERE team = ? AND vault = ? AND version <= ?";
        self.execute(needs, params![team.0.0, vault.bytes(), version])?;
        let sql = "DELETE FROM wraps WHERE team = ? AND vault = ? AND version <= ?";
        let dropped = self.execute(sql, params![team.0.0, vault.bytes(), version])?;
        Ok((dropped * WRAP_BYTES) as u64)
    }

    fn drop_wraps_to(
        &self,
        team: TeamId,
        recipient: MemberId,
        since: u64,
    ) -> Result<u64, StoreError> {
        let params = params![team.0.0, recipient.bytes()];
        self.execute("DELETE FROM needs WHERE team = ? AND member = ?", params)?;
        let sql = "DELETE FROM wraps WHERE team = ? AND recipient = ? AND keys < ?";
        let params = params![team.0.0, recipient.bytes(), number(since)];
        Ok((self.execute(sql, params)? * WRAP_BYTES) as u64)
    }

    fn add_need(&self, team: TeamId, need: MissingKey) -> Result<bool, StoreError> {
        let MissingKey { vault, version, member } = need;
        let added = self.execute(
            "INSERT OR IGNORE INTO needs (team, member, vault, version) VALUES (?, ?, ?, ?)",
            params![team.0.0, member.bytes(), vault.bytes(), version],
        )?;
        Ok(added == 1)
    }

    fn set_last_use(&self, team: TeamId, used: LastUse) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO last_uses (team, member, time) VALUES (?, ?, ?)";
        self.execute(sql, params![team.0.0, used.member.bytes(), number(used.time)])?;
        Ok(())
    }

    fn drop_last_use(&self, team: TeamId, member: MemberId) -> Result<(), StoreError> {
        let sql = "DELETE FROM last_uses WHERE team = ? AND member = ?";
        self.execute(sql, params![team.0.0, member.bytes()])?;
        Ok(())
    }

    fn add_join(&self, team: TeamId, join: &Join) -> Result<bool, StoreError> {
        let posted = encode(join);
        let sql = "INSERT OR IGNORE INTO joins (team, invite, hash, posted) VALUES (?, ?, ?, ?)";
        let (invite, hash) = (join.invited.invite, Hash::of(&posted));
        Ok(self.execute(sql, params![team.0.0, invite.bytes(), hash.0, posted])? == 1)
    }

    fn drop_joins(&self, team: TeamId, invite: InviteId) -> Result<(), StoreError> {
        let sql = "DELETE FROM joins WHERE team = ? AND invite = ?";
        self.execute(sql, params![team.0.0, invite.bytes()])?;
        Ok(())
    }

    fn set_used(&self, team: TeamId, bytes: u64) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO teams (team, used) VALUES (?, ?)";
        self.execute(sql, params![team.0.0, number(bytes)])?;
        Ok(())
    }

    fn set_setup(&self, setup: Setup) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO setup (one, hash, used) VALUES (1, ?, ?)";
        self.execute(sql, params![setup.hash.0, setup.used])?;
        Ok(())
    }
}

fn count(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::cast_unsigned)
}

fn id(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<MemberId> {
    row.get(column).map(MemberId::from_random)
}

/// SQLite's integers are signed; a client may ask beyond them, where nothing is.
fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn damaged(error: impl core::fmt::Display) -> StoreError {
    StoreError::Broken(format!("a damaged row: {error}"))
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied,
            ) => StoreError::Unwritable(text),
            _ => StoreError::Broken(text),
        }
    }
}
