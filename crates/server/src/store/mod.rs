//! What is stored, as a trait: rows in, rows out, several writes in one transaction.
//!
//! No rule of the team's log lives behind it: those are in [`writes`], the same for any engine.

mod migrations;
pub mod sqlite;
pub mod writer;
pub mod writes;

use minicbor::bytes::ByteVec;
use subrosa_wire::api::{AccountBlob, FetchObjects, LastUse, LogPage, MissingKey, Objects};
use subrosa_wire::id::{Hash, InviteId, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::log::{KeyVersion, SignedEntry, Wrap};
use subrosa_wire::object::ObjectId;
use subrosa_wire::people::Join;

/// A store of accounts, logs, wraps and objects.
pub trait Store: Send + Sync + 'static {
    /// Lends a consistent view of what is committed. Any number may be open at once.
    ///
    /// # Errors
    /// [`StoreError`] if no view can be had; what `work` does with it is its own business.
    fn read(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError>;

    /// Lends a transaction, then commits it. It is durable when this returns `Ok`, and nothing of
    /// it happened when it returns an error.
    ///
    /// # Errors
    /// [`StoreError`].
    fn write(&self, work: &mut dyn FnMut(&dyn Write)) -> Result<(), StoreError>;

    /// Does what no write needs and is to be done now and then: called when those who wait have their
    /// answers.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost by it.
    fn tidy(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Moves the write-ahead log into the database, before an orderly end.
    ///
    /// # Errors
    /// [`StoreError`].
    fn checkpoint(&self) -> Result<(), StoreError>;
}

/// What can be read, inside a transaction or beside it.
pub trait Read {
    /// All teams.
    ///
    /// # Errors
    /// [`StoreError`], here and below.
    fn teams(&self) -> Result<Vec<TeamId>, StoreError>;
    /// An account.
    fn account(&self, locator: Hash) -> Result<Option<Account>, StoreError>;
    /// Where in the log the entry with this hash is.
    fn entry_seq(&self, team: TeamId, hash: Hash) -> Result<Option<u64>, StoreError>;
    /// The hash of the entry at `seq`.
    fn entry_hash(&self, team: TeamId, seq: u64) -> Result<Option<Hash>, StoreError>;
    /// A page of the log from the entry behind `after`, or from the genesis.
    fn page(&self, team: TeamId, after: Option<u64>) -> Result<LogPage, StoreError>;
    /// A member's wraps, ascending by vault and version.
    fn wraps(&self, team: TeamId, recipient: MemberId) -> Result<Vec<Wrap>, StoreError>;
    /// Who was brought this version of a vault's key by whom.
    fn brought(
        &self,
        team: TeamId,
        vault: VaultId,
        version: KeyVersion,
    ) -> Result<Vec<Brought>, StoreError>;
    /// The keys that members say they wait for.
    fn needs(&self, team: TeamId) -> Result<Vec<MissingKey>, StoreError>;
    /// When machines last signed in, by member.
    fn last_uses(&self, team: TeamId) -> Result<Vec<LastUse>, StoreError>;
    /// The joins that wait: by one invite, or by all in the order of these.
    fn joins(&self, team: TeamId, invite: Option<InviteId>) -> Result<Vec<Join>, StoreError>;
    /// Whether an object is there with this vault's tag.
    fn has_object(&self, team: TeamId, vault: VaultId, id: ObjectId) -> Result<bool, StoreError>;
    /// Objects with this vault's tag, up to the limit of a reply.
    fn objects(&self, team: TeamId, asked: &FetchObjects) -> Result<Objects, StoreError>;
    /// The bytes that a team uses.
    fn used(&self, team: TeamId) -> Result<u64, StoreError>;
    /// The setup token, if one was ever made.
    fn setup(&self) -> Result<Option<Setup>, StoreError>;
}

/// What can be written in a transaction.
pub trait Write: Read {
    /// Starts a part of the transaction that can be taken back by itself.
    ///
    /// # Errors
    /// [`StoreError`], here and below; also if the engine has ended the transaction meanwhile.
    fn savepoint(&self) -> Result<(), StoreError>;
    /// Keeps what was written since [`Write::savepoint`].
    fn keep(&self) -> Result<(), StoreError>;
    /// Takes back what was written since [`Write::savepoint`].
    fn take_back(&self) -> Result<(), StoreError>;

    /// Adds an account or replaces it.
    fn put_account(&self, locator: Hash, account: &Account) -> Result<(), StoreError>;
    /// Appends an entry.
    fn append(&self, team: TeamId, seq: u64, entry: &SignedEntry) -> Result<(), StoreError>;
    /// Adds a wrap to the keys that entry `keys` gave its recipient, beside those that are there. Says
    /// whether it is new.
    fn add_wrap(
        &self,
        team: TeamId,
        uploader: MemberId,
        keys: u64,
        wrap: &Wrap,
    ) -> Result<bool, StoreError>;
    /// Adds an object under a vault's tag. Says whether it is new there.
    fn add_object(
        &self,
        team: TeamId,
        vault: VaultId,
        id: ObjectId,
        sealed: &[u8],
    ) -> Result<bool, StoreError>;
    /// Takes an object's tag of a vault away. Says how many bytes that frees.
    fn drop_object(&self, team: TeamId, vault: VaultId, id: ObjectId) -> Result<u64, StoreError>;
    /// Drops the wraps of a vault's key versions up to this one, and who waits for them. Says how many
    /// bytes that frees.
    fn drop_wraps(
        &self,
        team: TeamId,
        vault: VaultId,
        version: KeyVersion,
    ) -> Result<u64, StoreError>;
    /// Drops the wraps to a member, but those to keys that it got by entry `since` or later; and what it
    /// waits for. Says how many bytes that frees.
    fn drop_wraps_to(
        &self,
        team: TeamId,
        recipient: MemberId,
        since: u64,
    ) -> Result<u64, StoreError>;
    /// A member waits for a key. Says whether that is new.
    fn add_need(&self, team: TeamId, need: MissingKey) -> Result<bool, StoreError>;
    /// A machine has signed in.
    fn set_last_use(&self, team: TeamId, used: LastUse) -> Result<(), StoreError>;
    /// Forgets when a machine signed in.
    fn drop_last_use(&self, team: TeamId, member: MemberId) -> Result<(), StoreError>;
    /// A join waits. Says whether it is new.
    fn add_join(&self, team: TeamId, join: &Join) -> Result<bool, StoreError>;
    /// Drops the joins by an invite.
    fn drop_joins(&self, team: TeamId, invite: InviteId) -> Result<(), StoreError>;
    /// Sets the bytes that a team uses.
    fn set_used(&self, team: TeamId, bytes: u64) -> Result<(), StoreError>;
    /// Sets the setup token.
    fn set_setup(&self, setup: Setup) -> Result<(), StoreError>;
}

/// That somebody was brought a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Brought {
    /// Who.
    pub recipient: MemberId,
    /// By whom.
    pub uploader: MemberId,
    /// The entry that gave the recipient the keys that it is wrapped to.
    pub keys: u64,
}

/// An account's row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Checks the account's logins.
    pub login_key: SigningPublic,
    /// The sealed blob and its generation.
    pub blob: AccountBlob,
}

impl Account {
    /// The row of these parts.
    #[must_use]
    pub fn new(login_key: SigningPublic, generation: u64, sealed: ByteVec) -> Self {
        Account { login_key, blob: AccountBlob { generation, sealed } }
    }
}

/// The one-time token that founds the team.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setup {
    /// Of the token.
    pub hash: Hash,
    /// Whether a team was founded with it.
    pub used: bool,
}

/// Why a store fails. The text is for the server's log, never for a client.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full or cannot be written.
    #[error("cannot write: {0}")]
    Unwritable(String),
    /// Anything else: a damaged database, or a fault of ours.
    #[error("store failed: {0}")]
    Broken(String),
}
