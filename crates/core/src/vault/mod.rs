//! An opened vault: what is in it, and how it is read from sealed objects.

mod edit;
mod named_key;
mod reencrypt;
mod stage;
mod then;
mod walk;

use std::cell::OnceCell;
use std::sync::Arc;

use litemap::LiteMap;
use subrosa_wire::id::{SecretId, TeamId, VaultId};
use subrosa_wire::log::{Commit, KeyVersion};
use subrosa_wire::object::ObjectId;
use subrosa_wire::team::{PublicKey, Vault};

use crate::envelope::{CannotOpen, Place, Sealable, Sealed, SealingKey};
use crate::index::Index;
use crate::manifest::{
    History, HistoryEntry, HistoryRef, Level, PAGE_RECORDS, Page, PageRef, Record, RootPage,
    Rotation, Subject, Summary, ValueRef, VaultPlaces,
};
use crate::order;
use crate::secret_value::SecretValue;
use crate::vault_key::VaultKey;

pub use self::edit::{CannotStage, Edit, NamedKeyChange, NewContent, StagedVault, Stamp};
pub use self::reencrypt::{Earlier, Reencrypted, Unit};
pub use self::then::{Then, then};
pub use self::walk::Walk;

/// From so many questions on, putting records in order is less work than looking through them.
const QUESTIONS: usize = 16;

/// The keys that a member has, by vault and version: those too that were retired since it unlocked, so
/// that whatever is being read then is read to its end. Each stays where it is: what moved would leave a
/// copy behind.
#[derive(Default)]
pub struct Keyring(LiteMap<(VaultId, KeyVersion), Box<VaultKey>>);

impl Keyring {
    /// Adds a key.
    pub fn insert(&mut self, vault: VaultId, version: KeyVersion, key: VaultKey) {
        self.0.insert((vault, version), Box::new(key));
    }

    /// Adds all keys of another.
    pub fn add(&mut self, other: &Keyring) {
        for ((vault, version), key) in &other.0 {
            self.insert(*vault, *version, VaultKey::clone(key));
        }
    }

    /// A key.
    #[must_use]
    pub fn get(&self, vault: VaultId, version: KeyVersion) -> Option<&VaultKey> {
        self.0.get(&(vault, version)).map(|key| &**key)
    }

    /// What a commit says of itself: the vault's commit number `commits`.
    ///
    /// # Errors
    /// [`CannotOpen`], where its key is retired or was never here too.
    pub fn open_summary(
        &self,
        team: TeamId,
        commit: &Commit,
        commits: u64,
    ) -> Result<Summary, CannotOpen> {
        let key = self.get(commit.vault, commit.key_version).ok_or(CannotOpen)?;
        let place = VaultPlaces { team, vault: commit.vault }.commit(commits, commit.key_version);
        Sealed::open_bytes(&commit.summary, key.sealing(), &place)
    }
}

/// A vault's contents, values aside.
#[derive(Clone)]
pub struct OpenVault {
    places: VaultPlaces,
    tree: Option<ObjectId>,
    written: Written,
    commits: u64,
    subject: Subject,
    rotations: Vec<Rotation>,
    rotate_after: Option<u16>,
    pages: Vec<OpenPage>,
    /// The live records by level and key: of each the numbers of its page and in it. Put in order when
    /// they are first asked for.
    in_order: OnceCell<Vec<(usize, usize)>>,
}

/// A page, or the fact that it does not open.
#[derive(Clone)]
struct OpenPage {
    reference: PageRef,
    records: Result<Arc<Vec<Record>>, CannotOpen>,
    /// The oldest key version that it or anything in it needs, so that not every record is asked.
    /// What a page says of itself counts only where it does not open.
    oldest: KeyVersion,
}

impl OpenPage {
    fn new(reference: PageRef, records: Result<Arc<Vec<Record>>, CannotOpen>) -> Self {
        let oldest = oldest(&reference, &records);
        OpenPage { reference, records, oldest }
    }
}

fn oldest(reference: &PageRef, records: &Result<Arc<Vec<Record>>, CannotOpen>) -> KeyVersion {
    let sealed = reference.key_version;
    match records {
        Ok(records) => records.iter().filter_map(Record::needs).fold(sealed, KeyVersion::min),
        Err(CannotOpen) => reference.oldest.min(sealed),
    }
}

/// Sealed objects at hand, by name. What was fetched is hashed on the way in.
#[derive(Default)]
pub struct Objects {
    /// Nothing under the name of what was looked for and is nowhere.
    known: Index<ObjectId, Option<Vec<u8>>>,
    bytes: usize,
}

impl Objects {
    /// Adds sealed bytes under the name that they hash to.
    pub fn insert(&mut self, sealed: Vec<u8>) {
        self.keep(ObjectId::of(&sealed), sealed);
    }

    /// Adds those of `sealed` whose names are among `wanted`. In the same order, as a server gives them,
    /// each is found where the one before it was.
    pub fn take(&mut self, sealed: impl IntoIterator<Item = Vec<u8>>, wanted: &[ObjectId]) {
        let mut next = 0;
        for sealed in sealed {
            let name = ObjectId::of(&sealed);
            let mut from_there = (next..wanted.len()).chain(0..next);
            if let Some(at) = from_there.find(|at| wanted[*at] == name) {
                next = at + 1;
                self.keep(name, sealed);
            }
        }
    }

    fn keep(&mut self, name: ObjectId, sealed: Vec<u8>) {
        self.bytes += sealed.len();
        self.known.insert(name, Some(sealed));
    }

    /// Notes that an object was looked for and is nowhere.
    pub fn missing(&mut self, name: ObjectId) {
        if !self.has(name) {
            self.known.insert(name, None);
        }
    }

    /// Whether an object is at hand.
    #[must_use]
    pub fn has(&self, id: ObjectId) -> bool {
        self.get(id).is_some()
    }

    /// The sealed bytes of an object.
    #[must_use]
    pub fn get(&self, id: ObjectId) -> Option<&[u8]> {
        self.known.get(&id)?.as_deref()
    }

    /// Whether an object is at hand, or known to be nowhere.
    #[must_use]
    pub fn is_known(&self, id: ObjectId) -> bool {
        self.known.has(&id)
    }

    /// How many bytes are at hand.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn open<T>(&self, id: ObjectId, key: &SealingKey, place: &Place) -> Result<T, CannotOpen>
    where
        T: Sealable,
    {
        Sealed::open_bytes(self.get(id).ok_or(CannotOpen)?, key, place)
    }
}

/// The state of a vault's tree as the log has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TreeState<'a> {
    /// The root page's name.
    pub tree: ObjectId,
    /// The number of the entry that committed it.
    pub seq: u64,
    /// How many commits there were.
    pub commits: u64,
    /// The key version that seals the root page.
    pub key_version: KeyVersion,
    /// The vault's keys, version 1 first.
    pub keys: &'a [PublicKey],
}

impl<'a> TreeState<'a> {
    /// The newest tree of a vault, if there is one.
    #[must_use]
    pub fn newest(vault: &'a Vault) -> Option<Self> {
        let Vault { tree_seq: seq, commits, tree_key_version: key_version, keys, .. } = vault;
        let (seq, commits, key_version) = (*seq, *commits, *key_version);
        Some(TreeState { tree: vault.tree?, seq, commits, key_version, keys })
    }
}

/// Until when what is in a tree can have been written, by the key that seals it: writers use the newest.
#[derive(Clone)]
struct Written {
    /// The entry that committed the tree.
    tree: u64,
    /// The entry that gave each key, version 1 first.
    keys: Vec<u64>,
}

impl Written {
    fn new(tree: u64, keys: &[PublicKey]) -> Self {
        Written { tree, keys: keys.iter().map(|key| key.seq).collect() }
    }

    /// Whether something that is sealed under `version` can be of entry `seq`. Whoever loses a vault is
    /// given no further key: what he says is of before that, whenever it is read.
    fn can_be_of(&self, version: KeyVersion, seq: u64) -> bool {
        let next = usize::try_from(version).ok().and_then(|version| self.keys.get(version));
        seq <= self.tree && next.is_none_or(|next| seq < *next)
    }
}

impl OpenVault {
    /// A vault that is not committed yet.
    #[must_use]
    pub fn new(team: TeamId, vault: VaultId, subject: Subject) -> Self {
        let places = VaultPlaces { team, vault };
        OpenVault {
            places,
            tree: None,
            written: Written::new(0, &[]),
            commits: 0,
            subject,
            rotations: Vec::new(),
            rotate_after: None,
            pages: Vec::new(),
            in_order: OnceCell::new(),
        }
    }

    /// Opens the tree's root page, and of its pages those that are at hand: in `objects`, or in
    /// `before`, an earlier state of the same vault.
    ///
    /// # Errors
    /// [`CannotOpen`] if the root page does not open. A page that does not is [damage](Self::damage).
    pub fn open(
        places: VaultPlaces,
        state: TreeState<'_>,
        keys: &Keyring,
        objects: &Objects,
        before: Option<&OpenVault>,
    ) -> Result<Self, CannotOpen> {
        let mut root = Self::open_root(places, state, keys, objects)?;
        let written = Written::new(state.seq, state.keys);
        let next: Vec<SecretId> = root.pages.iter().skip(1).map(|page| page.first).collect();
        let pages =
            std::mem::take(&mut root.pages).into_iter().enumerate().map(|(at, reference)| {
                let records = match before.and_then(|before| before.opened(&reference)) {
                    Some(records) => Ok(records.clone()),
                    None => open_page(places, &reference, &written, keys, objects).map(Arc::new),
                };
                let below = |records: &Arc<Vec<Record>>| {
                    let (last, next) = (records.last(), next.get(at));
                    next.is_none_or(|next| last.is_some_and(|last| last.id < *next))
                };
                let records =
                    records.and_then(|it| if below(&it) { Ok(it) } else { Err(CannotOpen) });
                OpenPage::new(reference, records)
            });
        let pages = pages.collect();
        let (tree, commits) = (Some(state.tree), state.commits);
        let RootPage { subject, rotations, rotate_after, .. } = root;
        let in_order = OnceCell::new();
        Ok(OpenVault {
            places,
            tree,
            written,
            commits,
            subject,
            rotations,
            rotate_after,
            pages,
            in_order,
        })
    }

    /// The pages that opening `state` needs and that `before` does not have.
    ///
    /// # Errors
    /// [`CannotOpen`] if the root page does not open.
    pub fn missing_pages(
        places: VaultPlaces,
        state: TreeState<'_>,
        keys: &Keyring,
        objects: &Objects,
        before: Option<&OpenVault>,
    ) -> Result<Vec<ObjectId>, CannotOpen> {
        let root = Self::open_root(places, state, keys, objects)?;
        let opened = |page: &PageRef| before.is_some_and(|before| before.opened(page).is_some());
        let known = |page: &PageRef| objects.has(page.object) || opened(page);
        Ok(root.pages.iter().filter(|page| !known(page)).map(|page| page.object).collect())
    }

    fn open_root(
        places: VaultPlaces,
        state: TreeState<'_>,
        keys: &Keyring,
        objects: &Objects,
    ) -> Result<RootPage, CannotOpen> {
        let key = keys.get(places.vault, state.key_version).ok_or(CannotOpen)?;
        let place = places.commit(state.commits, state.key_version);
        objects.open(state.tree, key.sealing(), &place)
    }

    /// Whose vault it is.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Its last rotations, the first first.
    #[must_use]
    pub fn rotations(&self) -> &[Rotation] {
        &self.rotations
    }

    /// After how many days its key shall be rotated, if anybody asked for it.
    #[must_use]
    pub fn rotate_after(&self) -> Option<u16> {
        self.rotate_after
    }

    /// What was staged is in the log, where the vault has these keys.
    pub fn has_keys(&mut self, keys: &[PublicKey]) {
        self.written = Written::new(self.written.tree, keys);
    }

    /// The vault's id.
    #[must_use]
    pub fn id(&self) -> VaultId {
        self.places.vault
    }

    /// The team that it is of.
    #[must_use]
    pub fn team(&self) -> TeamId {
        self.places.team
    }

    /// The tree that this is.
    #[must_use]
    pub fn tree(&self) -> Option<ObjectId> {
        self.tree
    }

    /// All records, deleted ones too, by id.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.pages.iter().filter_map(|page| page.records.as_ref().ok()).flat_map(|page| page.iter())
    }

    /// A record.
    #[must_use]
    pub fn record(&self, id: SecretId) -> Option<&Record> {
        let records = self.pages.get(self.page_of(id))?.records.as_ref().ok()?;
        records.binary_search_by_key(&id, |record| record.id).ok().and_then(|at| records.get(at))
    }

    /// The live records, by level and key.
    pub fn live_records(&self) -> impl Iterator<Item = &Record> {
        self.in_order().iter().filter_map(|numbers| self.numbered(*numbers))
    }

    /// The live record of a key. One question is answered by looking through all; who has many puts
    /// them in order first.
    #[must_use]
    pub fn live(&self, level: Level, key: &str) -> Option<&Record> {
        if self.in_order.get().is_none() {
            let mut live = self.records().filter(|record| record.is_live());
            return live.find(|record| record.level == level && record.key == key);
        }
        let numbered = |numbers: &(usize, usize)| self.numbered(*numbers);
        let place = |numbers: &_| numbered(numbers).map(|it| (it.level, it.key.as_str()));
        let all = self.in_order();
        let at = all.binary_search_by(|numbers| place(numbers).cmp(&Some((level, key)))).ok()?;
        all.get(at).and_then(numbered)
    }

    /// Puts the live records in order, if so many questions about them are to come that it pays.
    pub fn expect_questions(&self, count: usize) {
        if count > QUESTIONS {
            self.in_order();
        }
    }

    fn in_order(&self) -> &[(usize, usize)] {
        self.in_order.get_or_init(|| {
            let mut live = Vec::new();
            for (page, open) in self.pages.iter().enumerate() {
                let records = open.records.as_ref().map_or(&[][..], |records| records);
                let here = records.iter().enumerate().filter(|(_, record)| record.is_live());
                live.extend(here.map(|(at, _)| (page, at)));
            }
            let place = |numbers: &(usize, usize)| {
                self.numbered(*numbers).map(|record| (record.level, record.key.as_str()))
            };
            order::sort_by(&mut live, |a, b| place(a).cmp(&place(b)));
            live
        })
    }

    fn numbered(&self, (page, at): (usize, usize)) -> Option<&Record> {
        self.pages.get(page)?.records.as_ref().ok()?.get(at)
    }

    /// How many pages are under a key version.
    #[must_use]
    pub fn pages_under(&self, version: KeyVersion) -> usize {
        self.pages.iter().filter(|page| page.reference.key_version == version).count()
    }

    /// How many pages do not open.
    #[must_use]
    pub fn damage(&self) -> usize {
        self.pages.iter().filter(|page| page.records.is_err()).count()
    }

    /// Opens a value of a secret.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open_value(
        &self,
        secret: SecretId,
        value: &ValueRef,
        keys: &Keyring,
        objects: &Objects,
    ) -> Result<SecretValue, CannotOpen> {
        self.open_sealed(secret, value, keys, objects)
    }

    /// Opens what a record refers to as its value.
    fn open_sealed<T: Sealable>(
        &self,
        record: SecretId,
        value: &ValueRef,
        keys: &Keyring,
        objects: &Objects,
    ) -> Result<T, CannotOpen> {
        let key = keys.get(self.places.vault, value.key_version).ok_or(CannotOpen)?;
        let place = self.places.value(record, value);
        objects.open(value.object, key.sealing(), &place)
    }

    /// Opens a history list of a secret.
    ///
    /// # Errors
    /// [`CannotOpen`].
    pub fn open_history(
        &self,
        secret: SecretId,
        history: &HistoryRef,
        keys: &Keyring,
        objects: &Objects,
    ) -> Result<History, CannotOpen> {
        let key = keys.get(self.places.vault, history.key_version).ok_or(CannotOpen)?;
        let place = self.places.history(secret, history);
        let list: History = objects.open(history.object, key.sealing(), &place)?;
        // As in a page.
        let last = |entry: &HistoryEntry| entry.seq.max(entry.fresh_since());
        let mut last = list.entries.iter().map(last);
        let sound = last.all(|last| self.written.can_be_of(history.key_version, last));
        if sound { Ok(list) } else { Err(CannotOpen) }
    }

    /// The history lists, and versions of named keys, that staging `edits` reads.
    #[must_use]
    pub fn needs(&self, edits: &[Edit]) -> Vec<ObjectId> {
        let needed = |edit: &Edit| match edit {
            Edit::Change { id, .. } | Edit::Delete { id, .. } => {
                Some(self.record(*id)?.history?.object)
            }
            Edit::NamedKey { id, change, .. } => match change {
                NamedKeyChange::Rotate | NamedKeyChange::Trim { .. } => {
                    Some(self.record(*id)?.value()?.object)
                }
                _ => None,
            },
            Edit::Create { .. }
            | Edit::Fresh { .. }
            | Edit::AddApplication(_)
            | Edit::Cards(_)
            | Edit::RotateAfter(_) => None,
        };
        edits.iter().filter_map(needed).collect()
    }

    /// What is in the very page that is referred to, if it opens here.
    fn opened(&self, reference: &PageRef) -> Option<&Arc<Vec<Record>>> {
        let page = self.pages.iter().find(|page| page.reference == *reference)?;
        page.records.as_ref().ok()
    }

    /// The index of the page that covers `id`.
    fn page_of(&self, id: SecretId) -> usize {
        self.pages.partition_point(|page| page.reference.first <= id).saturating_sub(1)
    }
}

fn open_page(
    places: VaultPlaces,
    reference: &PageRef,
    written: &Written,
    keys: &Keyring,
    objects: &Objects,
) -> Result<Vec<Record>, CannotOpen> {
    let key = keys.get(places.vault, reference.key_version).ok_or(CannotOpen)?;
    let place = places.page(reference.page, reference.version, reference.key_version);
    let Page(records) = objects.open(reference.object, key.sealing(), &place)?;
    let in_place = records.first().is_some_and(|record| record.id == reference.first);
    // What needs no key, or one newer than its page's: no honest writer says so.
    let mut oldest = records.iter().map(|record| record.oldest).chain([reference.oldest]);
    let needs_keys = oldest.all(|oldest| (1..=reference.key_version).contains(&oldest));
    // Who is to lose the vault would keep what it knew off the list of that, beforehand.
    let made_under = |record: &Record| record.key_state().map_or(1, |state| state.made_under);
    let is_past = |record: &Record| {
        written.can_be_of(reference.key_version, record.seq.max(record.fresh_since()))
            && made_under(record) <= reference.key_version
    };
    let sound = in_place && needs_keys && records.len() <= PAGE_RECORDS;
    let sound = sound && records.iter().all(is_past);
    if sound { Ok(records) } else { Err(CannotOpen) }
}
