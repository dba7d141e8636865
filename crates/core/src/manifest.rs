//! A vault's manifest: what is in it, in sealed pages under a sealed root page (docs/format.md,
//! 'Vault contents'). Names and structure are here; values are objects of their own.

use minicbor::Encode;
use subrosa_wire::encoding::{Canonical, decode_strict, encode, strictly_ascending};
use subrosa_wire::id::{
    ApplicationId, EnvironmentId, MemberId, PageId, ProjectId, SecretId, TeamId, VaultId,
};
use subrosa_wire::log::KeyVersion;
use subrosa_wire::object::{MAX_PLAINTEXT, ObjectId};
use zeroize::Zeroizing;

use crate::envelope::{Kind, Place, Sealable};

/// The most records in a page.
pub const PAGE_RECORDS: usize = 128;
/// A page that is longer is split, whatever its number of records, in bytes: so that one edit in a
/// vault of 10,000 secrets uploads at most 64 KB.
pub const PAGE_BYTES: usize = 28 << 10;
/// The most rotations that a root page tells of; older ones go.
pub const ROTATIONS: usize = 32;
/// The most entries in one history list; older ones are in the list that it links to.
pub const HISTORY_ENTRIES: usize = 64;

/// The root page: whose vault this is, and where its records are.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct RootPage {
    /// Whose secrets these are.
    #[n(0)]
    pub subject: Subject,
    /// The pages, strictly ascending by `first`.
    #[n(1)]
    pub pages: Vec<PageRef>,
    /// What was found when older keys were retired, at most [`ROTATIONS`], the first first.
    #[n(2)]
    pub rotations: Vec<Rotation>,
    /// After how many days its key shall be rotated; absent where nobody asked for it.
    #[n(3)]
    pub rotate_after: Option<u16>,
}

/// Whose vault it is.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub enum Subject {
    /// The team's name and its members' cards.
    #[n(0)]
    Directory {
        /// The team's name.
        #[n(0)]
        team_name: String,
        /// The members' names, strictly ascending by id.
        #[n(1)]
        cards: Vec<Card>,
    },
    /// A project's shared secrets.
    #[n(1)]
    Project {
        /// The project.
        #[n(0)]
        id: ProjectId,
        /// Its name.
        #[n(1)]
        name: String,
    },
    /// An environment's secrets and those of its applications.
    #[n(2)]
    Environment {
        /// The environment.
        #[n(0)]
        id: EnvironmentId,
        /// Its name.
        #[n(1)]
        name: String,
        /// The project that it belongs to.
        #[n(2)]
        project: ProjectId,
        /// Its applications, in the order of their creation.
        #[n(3)]
        applications: Vec<Application>,
    },
}

/// A member's name.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Card {
    /// The member.
    #[n(0)]
    pub member: MemberId,
    /// Its name.
    #[n(1)]
    pub name: String,
}

/// An application of an environment.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Application {
    /// The application.
    #[n(0)]
    pub id: ApplicationId,
    /// Its name.
    #[n(1)]
    pub name: String,
}

/// Where a page is, and what the root needs to know of it.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct PageRef {
    /// The page.
    #[n(0)]
    pub page: PageId,
    /// The smallest secret id in it.
    #[n(1)]
    pub first: SecretId,
    /// The sealed page.
    #[n(2)]
    pub object: ObjectId,
    /// How often the page was written.
    #[n(3)]
    pub version: u64,
    /// The key version that seals it.
    #[n(4)]
    pub key_version: KeyVersion,
    /// The oldest key version that the page or anything under it needs.
    #[n(5)]
    pub oldest: KeyVersion,
}

/// A page of records, strictly ascending by id.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
#[cbor(transparent)]
pub struct Page(#[n(0)] pub Vec<Record>);

/// Where in its vault something is set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode)]
pub enum Level {
    /// At the vault's own scope: the project's or the environment's.
    #[n(0)]
    Own,
    /// At an application of the environment.
    #[n(1)]
    Application(#[n(0)] ApplicationId),
    /// At no scope: it is no secret, but a named key of the vault.
    #[n(2)]
    NamedKey,
}

/// A secret, without its value; or a named key, without its versions.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Record {
    /// The secret.
    #[n(0)]
    pub id: SecretId,
    /// Where it is set.
    #[n(1)]
    pub level: Level,
    /// Its key (name).
    #[n(2)]
    pub key: String,
    /// Its version: 1 for the first, one more for each change.
    #[n(3)]
    pub version: u32,
    /// What it is; none once it is deleted.
    #[n(4)]
    pub content: Option<Content>,
    /// Free text.
    #[n(5)]
    pub note: String,
    /// Who made this version.
    #[n(6)]
    pub author: MemberId,
    /// The number of the entry that made it.
    #[n(7)]
    pub seq: u64,
    /// When, by the author's clock, in milliseconds since 1970.
    #[n(8)]
    pub time: u64,
    /// The oldest key version that the value or the history needs.
    #[n(9)]
    pub oldest: KeyVersion,
    /// The earlier versions.
    #[n(10)]
    pub history: Option<HistoryRef>,
    /// Who had lost the vault by this entry does not know the value, or what it opened was replaced at
    /// its source; the entry that made this version, if absent. A claim of whoever wrote it.
    #[n(11)]
    pub fresh: Option<u64>,
}

/// What a secret is.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub enum Content {
    /// A value of its own.
    #[n(0)]
    Value(#[n(0)] ValueRef),
    /// The bytes of a file.
    #[n(1)]
    File {
        /// The bytes.
        #[n(0)]
        value: ValueRef,
        /// Where programs expect them: see [`is_mount`](crate::key_name::is_mount).
        #[n(1)]
        mount: String,
    },
    /// Another key for a secret at the same or a higher scope.
    #[n(2)]
    Alias(#[n(0)] SecretId),
    /// Another value for the key of a secret at a higher scope.
    #[n(3)]
    Override {
        /// The secret.
        #[n(0)]
        of: SecretId,
        /// The value.
        #[n(1)]
        value: ValueRef,
        /// Where programs expect it, if that secret is a file.
        #[n(2)]
        mount: Option<String>,
    },
    /// No secret, but a named key.
    #[n(4)]
    NamedKey(#[n(0)] KeyState),
}

/// What a vault's list has of a named key. Its record has no history: what is trimmed is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct KeyState {
    /// Its sealed versions, [`KeyVersions`](crate::named_key::KeyVersions).
    #[n(0)]
    pub value: ValueRef,
    /// The newest version.
    #[n(1)]
    pub newest: u32,
    /// The oldest that is not trimmed.
    #[n(2)]
    pub oldest: u32,
    /// When the newest was made, by its maker's clock, in milliseconds since 1970.
    #[n(3)]
    pub time: u64,
    /// The version of the vault's key when the newest was made.
    #[n(4)]
    pub made_under: KeyVersion,
    /// The minimum decryption version: those below are not used.
    #[n(5)]
    pub decrypt_from: u32,
    /// Whether it may be deleted: what it encrypted is lost with it.
    #[n(6)]
    pub deletable: bool,
    /// After how many days it shall be rotated; absent where nobody asked for it.
    #[n(7)]
    pub rotate_after: Option<u16>,
}

impl KeyState {
    fn is_sound(&self) -> bool {
        (1..=self.newest).contains(&self.oldest)
            && (1..=self.newest).contains(&self.decrypt_from)
            && self.rotate_after != Some(0)
    }
}

impl Content {
    /// The sealed value, or a named key's sealed versions; an alias has none of its own.
    #[must_use]
    pub fn value(&self) -> Option<&ValueRef> {
        match self {
            Content::Value(value)
            | Content::File { value, .. }
            | Content::Override { value, .. }
            | Content::NamedKey(KeyState { value, .. }) => Some(value),
            Content::Alias(_) => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn value_mut(&mut self) -> Option<&mut ValueRef> {
        match self {
            Content::Value(value)
            | Content::File { value, .. }
            | Content::Override { value, .. }
            | Content::NamedKey(KeyState { value, .. }) => Some(value),
            Content::Alias(_) => None,
        }
    }

    /// Where programs expect a file.
    #[must_use]
    pub fn mount(&self) -> Option<&str> {
        match self {
            Content::File { mount, .. } => Some(mount),
            Content::Override { mount, .. } => mount.as_deref(),
            Content::Value(_) | Content::Alias(_) | Content::NamedKey(_) => None,
        }
    }

    /// The secret that this one hangs on: without it, it resolves to nothing.
    #[must_use]
    pub fn hangs_on(&self) -> Option<SecretId> {
        match self {
            Content::Alias(on) | Content::Override { of: on, .. } => Some(*on),
            Content::Value(_) | Content::File { .. } | Content::NamedKey(_) => None,
        }
    }
}

impl Record {
    /// Whoever lost the vault by this entry does not know what the secret opens.
    #[must_use]
    pub fn fresh_since(&self) -> u64 {
        self.fresh.unwrap_or(self.seq)
    }

    /// Whether it is a secret, and no named key.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.level != Level::NamedKey
    }

    /// What it is as a named key, unless it is deleted or a secret.
    #[must_use]
    pub fn key_state(&self) -> Option<&KeyState> {
        match &self.content {
            Some(Content::NamedKey(state)) => Some(state),
            _ => None,
        }
    }

    /// Secrets and named keys are kept apart, so that whoever looks for secrets at scopes meets no
    /// key, and nothing brings back what was trimmed of one.
    fn is_sound(&self) -> bool {
        match (&self.content, self.level) {
            (Some(Content::NamedKey(state)), Level::NamedKey) => {
                state.is_sound() && self.history.is_none()
            }
            (None, Level::NamedKey) => self.history.is_none(),
            (Some(Content::NamedKey(_)), _) | (Some(_), Level::NamedKey) => false,
            (_, Level::Own | Level::Application(_)) => true,
        }
    }

    /// Whether it is not deleted.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.content.is_some()
    }

    /// The oldest key version that it needs; an alias without a history needs none. What it says of
    /// itself is not all that is believed.
    #[must_use]
    pub fn needs(&self) -> Option<KeyVersion> {
        let value = self.value().map(|value| value.key_version);
        let history = self.history.map(|history| history.key_version);
        value.into_iter().chain(history).min().map(|sealed| sealed.min(self.oldest))
    }

    /// Whether something of it is under a key version, as far as the record itself tells.
    #[must_use]
    pub fn uses(&self, version: KeyVersion) -> bool {
        let value = self.value().map(|value| value.key_version);
        let history = self.history.map(|history| history.key_version);
        [value, history, self.needs()].contains(&Some(version))
    }

    /// Its sealed value, unless it is deleted or an alias.
    #[must_use]
    pub fn value(&self) -> Option<&ValueRef> {
        self.content.as_ref().and_then(Content::value)
    }
}

/// A sealed value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct ValueRef {
    /// The sealed value.
    #[n(0)]
    pub object: ObjectId,
    /// The secret's version when it was sealed: a new note or key leaves the value as it is.
    #[n(1)]
    pub version: u32,
    /// The key version that seals it.
    #[n(2)]
    pub key_version: KeyVersion,
}

/// A sealed history list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct HistoryRef {
    /// The sealed list.
    #[n(0)]
    pub object: ObjectId,
    /// The version of its newest entry.
    #[n(1)]
    pub version: u32,
    /// The key version that seals it.
    #[n(2)]
    pub key_version: KeyVersion,
}

/// A secret's earlier versions, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct History {
    /// At most [`HISTORY_ENTRIES`].
    #[n(0)]
    pub entries: Vec<HistoryEntry>,
    /// The list of those before.
    #[n(1)]
    pub older: Option<HistoryRef>,
}

/// An earlier version of a secret.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct HistoryEntry {
    /// Which.
    #[n(0)]
    pub version: u32,
    /// The key (name) that it had.
    #[n(1)]
    pub key: String,
    /// What it was; none where this version was the deletion.
    #[n(2)]
    pub content: Option<Content>,
    /// Who made it.
    #[n(3)]
    pub author: MemberId,
    /// The number of the entry that made it.
    #[n(4)]
    pub seq: u64,
    /// When, by the author's clock, in milliseconds since 1970.
    #[n(5)]
    pub time: u64,
    /// As in [`Record`].
    #[n(6)]
    pub fresh: Option<u64>,
}

impl HistoryEntry {
    /// As [`Record::fresh_since`].
    #[must_use]
    pub fn fresh_since(&self) -> u64 {
        self.fresh.unwrap_or(self.seq)
    }
}

/// What a commit did, for the history and for review.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct Summary {
    /// The author's note; may be empty.
    #[n(0)]
    pub note: String,
    /// How many secrets were made.
    #[n(1)]
    pub created: u32,
    /// How many were changed.
    #[n(2)]
    pub changed: u32,
    /// How many were deleted.
    #[n(3)]
    pub deleted: u32,
    /// How many were sealed again as they are, under a newer key.
    #[n(4)]
    pub reencrypted: u32,
}

/// The end of a rotation: what was found when a vault was walked through before its older keys were
/// retired. All of it needed newer ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct Rotation {
    /// The newest key version that was retired.
    #[n(0)]
    pub version: KeyVersion,
    /// How many secrets there were, deleted ones that were kept included.
    #[n(1)]
    pub secrets: u32,
    /// How many earlier versions their histories had.
    #[n(2)]
    pub earlier: u32,
    /// Who walked through it.
    #[n(3)]
    pub author: MemberId,
    /// The number of the entry that retired them.
    #[n(4)]
    pub seq: u64,
    /// When, by the author's clock, in milliseconds since 1970.
    #[n(5)]
    pub time: u64,
}

impl RootPage {
    fn is_sound(&self) -> bool {
        let cards = match &self.subject {
            Subject::Directory { cards, .. } => strictly_ascending(cards.iter().map(|c| c.member)),
            Subject::Project { .. } | Subject::Environment { .. } => true,
        };
        cards
            && self.rotations.len() <= ROTATIONS
            && strictly_ascending(self.rotations.iter().map(|it| it.version))
            && self.rotate_after != Some(0)
            && strictly_ascending(self.pages.iter().map(|page| page.first))
    }
}

impl Page {
    fn is_sound(&self) -> bool {
        !self.0.is_empty()
            && strictly_ascending(self.0.iter().map(|record| record.id))
            && self.0.iter().all(Record::is_sound)
    }
}

impl History {
    fn is_sound(&self) -> bool {
        self.entries.len() <= HISTORY_ENTRIES
            && strictly_ascending(self.entries.iter().map(|entry| entry.version))
            && !self.entries.iter().any(|it| matches!(it.content, Some(Content::NamedKey(_))))
    }
}

impl Summary {
    fn is_sound(&self) -> bool {
        true
    }
}

macro_rules! sealables {
    ($($name:ident as $kind:ident),*) => {$(
        impl Canonical for $name {
            const MAX_BYTES: usize = MAX_PLAINTEXT;
        }

        impl Sealable for $name {
            const KIND: Kind = Kind::$kind;

            fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
                Zeroizing::new(encode(self))
            }

            fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
                decode_strict::<Self>(&plaintext).ok().filter($name::is_sound)
            }
        }
    )*};
}

sealables!(RootPage as RootPage, Page as Page, History as History, Summary as Summary);

/// Places in a vault: what each kind of object is bound to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VaultPlaces {
    /// The team.
    pub team: TeamId,
    /// The vault.
    pub vault: VaultId,
}

impl VaultPlaces {
    fn at(&self, object: &[u8; 16], version: u64, key_version: KeyVersion) -> Place {
        Place {
            team: Some(self.team),
            vault: Some(self.vault),
            object: object.to_vec(),
            version,
            key_version,
        }
    }

    /// Of the root page of the vault's commit number `commits`, and of that commit's summary.
    #[must_use]
    pub fn commit(&self, commits: u64, key_version: KeyVersion) -> Place {
        self.at(self.vault.bytes(), commits, key_version)
    }

    /// Of a page.
    #[must_use]
    pub fn page(&self, page: PageId, version: u64, key_version: KeyVersion) -> Place {
        self.at(page.bytes(), version, key_version)
    }

    /// Of a secret's value, or a named key's versions.
    #[must_use]
    pub fn value(&self, secret: SecretId, value: &ValueRef) -> Place {
        self.at(secret.bytes(), value.version.into(), value.key_version)
    }

    /// Of a secret's history list.
    #[must_use]
    pub fn history(&self, secret: SecretId, history: &HistoryRef) -> Place {
        self.at(secret.bytes(), history.version.into(), history.key_version)
    }
}

subrosa_wire::decode_fields! {
    RootPage { subject, pages, rotations, rotate_after }
    Card { member, name }
    Application { id, name }
    PageRef { page, first, object, version, key_version, oldest }
    Record { id, level, key, version, content, note, author, seq, time, oldest, history, fresh }
    ValueRef { object, version, key_version }
    KeyState {
        value, newest, oldest, time, made_under, decrypt_from, deletable, rotate_after
    }
    HistoryRef { object, version, key_version }
    History { entries, older }
    HistoryEntry { version, key, content, author, seq, time, fresh }
    Summary { note, created, changed, deleted, reencrypted }
    Rotation { version, secrets, earlier, author, seq, time }
}

subrosa_wire::decode_transparent!(Page);

subrosa_wire::decode_variants! {
    Subject { 0: Directory { team_name, cards }, 1: Project { id, name }, 2: Environment { id, name, project, applications } }
    Level { 0: Own, 1: Application(a), 2: NamedKey }
    Content { 0: Value(a), 1: File { value, mount }, 2: Alias(a), 3: Override { of, value, mount }, 4: NamedKey(a) }
}
