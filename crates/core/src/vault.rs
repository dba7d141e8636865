//! An opened vault, and what it takes to change it.
//!
//! [`OpenVault::stage`] is pure: the same edits on a newer tree give the change again, so that
//! losing a race costs a fetch and another try. An edit says which version its author saw; on
//! anything else it is a conflict, and nothing of the change is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use subrosa_wire::encoding::encode;
use subrosa_wire::id::{MemberId, PageId, SecretId, TeamId, VaultId};
use subrosa_wire::log::{Commit, KeyVersion};
use subrosa_wire::object::ObjectId;

use crate::envelope::{CannotOpen, Sealable, Sealed, TooLong};
use crate::key_name::{BadKey, MAX_NOTE, check_key};
use crate::manifest::{
    Application, HISTORY_ENTRIES, History, HistoryEntry, HistoryRef, Level, PAGE_BYTES,
    PAGE_RECORDS, Page, PageRef, Record, RootPage, Subject, Summary, ValueRef, VaultPlaces,
};
use crate::randomness::{Randomness, draw};
use crate::secret_value::SecretValue;
use crate::vault_key::VaultKey;

/// The keys that a member has, by vault and version.
#[derive(Default)]
pub struct Keyring(BTreeMap<(VaultId, KeyVersion), VaultKey>);

impl Keyring {
    /// Adds a key.
    pub fn insert(&mut self, vault: VaultId, version: KeyVersion, key: VaultKey) {
        self.0.insert((vault, version), key);
    }

    /// A key.
    #[must_use]
    pub fn get(&self, vault: VaultId, version: KeyVersion) -> Option<&VaultKey> {
        self.0.get(&(vault, version))
    }
}

/// A vault's contents, values aside.
#[derive(Clone)]
pub struct OpenVault {
    places: VaultPlaces,
    tree: Option<ObjectId>,
    commits: u64,
    subject: Subject,
    pages: Vec<OpenPage>,
}

/// A page, or the fact that it does not open.
#[derive(Clone)]
struct OpenPage {
    reference: PageRef,
    records: Result<Arc<Vec<Record>>, CannotOpen>,
}

/// Sealed objects at hand, by name. What was fetched is hashed on the way in.
#[derive(Default)]
pub struct Objects(BTreeMap<ObjectId, Vec<u8>>);

impl Objects {
    /// Adds sealed bytes under the name that they hash to.
    pub fn insert(&mut self, sealed: Vec<u8>) {
        self.0.insert(ObjectId::of(&sealed), sealed);
    }

    /// Adds sealed bytes if the name that they hash to is among `wanted`.
    pub fn take(&mut self, sealed: Vec<u8>, wanted: &[ObjectId]) {
        let name = ObjectId::of(&sealed);
        if wanted.contains(&name) {
            self.0.insert(name, sealed);
        }
    }

    /// Whether an object is at hand.
    #[must_use]
    pub fn has(&self, id: ObjectId) -> bool {
        self.0.contains_key(&id)
    }

    fn sealed<T>(&self, id: ObjectId) -> Result<Sealed<T>, CannotOpen>
    where
        T: Sealable,
    {
        self.0.get(&id).map(|bytes| Sealed::claimed(bytes.clone())).ok_or(CannotOpen)
    }
}

/// The state of a vault's tree as the log has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TreeState {
    /// The root page's name.
    pub tree: ObjectId,
    /// How many commits there were.
    pub commits: u64,
    /// The key version that seals the root page.
    pub key_version: KeyVersion,
}

/// Why edits can't be staged. Nothing was changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CannotStage {
    /// These secrets are not at the versions that the edits were made for.
    #[error("changed by somebody else meanwhile")]
    Conflict(Vec<SecretId>),
    /// There is no such secret, or it is deleted.
    #[error("there is no such secret any more")]
    NotFound,
    /// The key exists at this scope already.
    #[error("{0} exists at this scope already")]
    Exists(String),
    /// The key breaks the rule.
    #[error("{0}: {1}")]
    Key(String, BadKey),
    /// The note is longer than [`MAX_NOTE`] bytes.
    #[error("a note has at most 1,024 bytes")]
    Note,
    /// The value is over 1 MiB.
    #[error("the value of {0} is over 1 MiB")]
    Value(String),
    /// The vault has as many secrets as its manifest can name.
    #[error("the vault is full")]
    Full,
    /// The application does not exist, or the name is taken.
    #[error("no such application, or its name is taken")]
    Application,
    /// What must be read for this change does not open.
    #[error("a damaged page or history is in the way")]
    Damaged,
}

/// One change that a user asked for.
#[derive(Clone)]
pub enum Edit {
    /// A new secret. The key must be free.
    Create {
        /// Fresh.
        id: SecretId,
        /// Where.
        level: Level,
        /// Key.
        key: String,
        /// Value.
        value: SecretValue,
        /// Note.
        note: String,
    },
    /// A new version of a secret that is at version `base`. What is absent stays.
    Change {
        /// The secret.
        id: SecretId,
        /// The version that the author saw.
        base: u32,
        /// A new key.
        key: Option<String>,
        /// A new value. For a deleted secret: brings it back.
        value: Option<SecretValue>,
        /// A new note.
        note: Option<String>,
    },
    /// Deletes a secret that is at version `base`; its history stays.
    Delete {
        /// The secret.
        id: SecretId,
        /// The version that the author saw.
        base: u32,
    },
    /// A new application.
    AddApplication(Application),
}

/// Who changes, when and at which place in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The author.
    pub author: MemberId,
    /// The number of the entry to be.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub time: u64,
}

/// A change that is ready to be signed and pushed.
#[must_use = "a staged change is lost unless it is pushed"]
pub struct StagedVault {
    /// The op.
    pub commit: Commit,
    /// The new objects, sealed.
    pub objects: Vec<Vec<u8>>,
    /// The vault as it will be.
    pub vault: OpenVault,
}

impl OpenVault {
    /// A vault that is not committed yet.
    #[must_use]
    pub fn new(team: TeamId, vault: VaultId, subject: Subject) -> Self {
        let places = VaultPlaces { team, vault };
        OpenVault { places, tree: None, commits: 0, subject, pages: Vec::new() }
    }

    /// Opens the tree's root page, and of its pages those that are at hand: in `objects`, or in
    /// `before`, an earlier state of the same vault.
    ///
    /// # Errors
    /// [`CannotOpen`] if the root page does not open. A page that does not is [damage](Self::damage).
    pub fn open(
        places: VaultPlaces,
        state: TreeState,
        keys: &Keyring,
        objects: &Objects,
        before: Option<&OpenVault>,
    ) -> Result<Self, CannotOpen> {
        let root = Self::open_root(places, state, keys, objects)?;
        let next: Vec<SecretId> = root.pages.iter().skip(1).map(|page| page.first).collect();
        let pages = root.pages.into_iter().enumerate().map(|(at, reference)| {
            let kept = before.and_then(|before| {
                let same = |page: &&OpenPage| page.reference.object == reference.object;
                before.pages.iter().find(same).filter(|page| page.records.is_ok())
            });
            let records = match kept {
                Some(page) => page.records.clone(),
                None => open_page(places, &reference, keys, objects).map(Arc::new),
            };
            let below = |records: &Arc<Vec<Record>>| {
                let (last, next) = (records.last(), next.get(at));
                next.is_none_or(|next| last.is_some_and(|last| last.id < *next))
            };
            let records = records.and_then(|it| if below(&it) { Ok(it) } else { Err(CannotOpen) });
            OpenPage { reference, records }
        });
        let pages = pages.collect();
        let (tree, commits) = (Some(state.tree), state.commits);
        Ok(OpenVault { places, tree, commits, subject: root.subject, pages })
    }

    /// The pages that opening `state` needs and that `before` does not have.
    ///
    /// # Errors
    /// [`CannotOpen`] if the root page does not open.
    pub fn missing_pages(
        places: VaultPlaces,
        state: TreeState,
        keys: &Keyring,
        objects: &Objects,
        before: Option<&OpenVault>,
    ) -> Result<Vec<ObjectId>, CannotOpen> {
        let root = Self::open_root(places, state, keys, objects)?;
        let known = |id: ObjectId| {
            objects.has(id)
                || before.is_some_and(|before| {
                    before
                        .pages
                        .iter()
                        .any(|page| page.reference.object == id && page.records.is_ok())
                })
        };
        Ok(root.pages.iter().map(|page| page.object).filter(|id| !known(*id)).collect())
    }

    fn open_root(
        places: VaultPlaces,
        state: TreeState,
        keys: &Keyring,
        objects: &Objects,
    ) -> Result<RootPage, CannotOpen> {
        let key = keys.get(places.vault, state.key_version).ok_or(CannotOpen)?;
        let place = places.commit(state.commits, state.key_version);
        objects.sealed::<RootPage>(state.tree)?.open(key.sealing(), &place)
    }

    /// Whose vault it is.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The vault's id.
    #[must_use]
    pub fn id(&self) -> VaultId {
        self.places.vault
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

    /// The live record of a key.
    #[must_use]
    pub fn live(&self, level: Level, key: &str) -> Option<&Record> {
        self.records()
            .find(|record| record.value.is_some() && record.level == level && record.key == key)
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
        let key = keys.get(self.places.vault, value.key_version).ok_or(CannotOpen)?;
        let place = self.places.value(secret, value);
        objects.sealed::<SecretValue>(value.object)?.open(key.sealing(), &place)
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
        objects.sealed::<History>(history.object)?.open(key.sealing(), &place)
    }

    /// The history lists that staging `edits` reads.
    #[must_use]
    pub fn needs(&self, edits: &[Edit]) -> Vec<ObjectId> {
        let id = |edit: &Edit| match edit {
            Edit::Change { id, .. } | Edit::Delete { id, .. } => Some(*id),
            Edit::Create { .. } | Edit::AddApplication(_) => None,
        };
        let records = edits.iter().filter_map(id).filter_map(|id| self.record(id));
        records.filter_map(|record| record.history).map(|history| history.object).collect()
    }

    /// Applies `edits` and seals what changed under the vault's current key.
    ///
    /// # Errors
    /// [`CannotStage`]; all conflicts are named at once.
    #[expect(clippy::too_many_arguments, reason = "all that a commit is made of, and no state")]
    pub fn stage(
        &self,
        edits: &[Edit],
        note: &str,
        key_version: KeyVersion,
        stamp: Stamp,
        keys: &Keyring,
        objects: &Objects,
        rng: Randomness<'_>,
    ) -> Result<StagedVault, CannotStage> {
        self.no_conflicts(edits)?;
        let key = keys.get(self.places.vault, key_version).ok_or(CannotStage::Damaged)?;
        let mut stage = Stage {
            key,
            key_version,
            stamp,
            keys,
            known: objects,
            before: self,
            subject: self.subject.clone(),
            pages: self.pages.iter().cloned().map(|page| (page, false)).collect(),
            objects: Vec::new(),
            lists: BTreeMap::new(),
            summary: Summary { note: note.to_owned(), created: 0, changed: 0, deleted: 0 },
        };
        for edit in edits {
            stage.apply(edit, rng)?;
        }
        stage.finish(rng)
    }

    fn no_conflicts(&self, edits: &[Edit]) -> Result<(), CannotStage> {
        let clashing = |edit: &Edit| match edit {
            Edit::Create { level, key, .. } => self.live(*level, key).map(|record| record.id),
            Edit::Change { id, base, .. } | Edit::Delete { id, base } => {
                self.record(*id).filter(|record| record.version != *base).map(|_| *id)
            }
            Edit::AddApplication(_) => None,
        };
        let conflicts: Vec<SecretId> = edits.iter().filter_map(clashing).collect();
        if conflicts.is_empty() { Ok(()) } else { Err(CannotStage::Conflict(conflicts)) }
    }

    /// The index of the page that covers `id`.
    fn page_of(&self, id: SecretId) -> usize {
        self.pages.partition_point(|page| page.reference.first <= id).saturating_sub(1)
    }
}

fn open_page(
    places: VaultPlaces,
    reference: &PageRef,
    keys: &Keyring,
    objects: &Objects,
) -> Result<Vec<Record>, CannotOpen> {
    let key = keys.get(places.vault, reference.key_version).ok_or(CannotOpen)?;
    let place = places.page(reference.page, reference.version, reference.key_version);
    let Page(records) = objects.sealed::<Page>(reference.object)?.open(key.sealing(), &place)?;
    let in_place = records.first().is_some_and(|record| record.id == reference.first);
    if in_place && records.len() <= PAGE_RECORDS { Ok(records) } else { Err(CannotOpen) }
}

/// A change being made: pages with a mark where they were touched.
struct Stage<'a> {
    key: &'a VaultKey,
    key_version: KeyVersion,
    stamp: Stamp,
    keys: &'a Keyring,
    known: &'a Objects,
    before: &'a OpenVault,
    subject: Subject,
    pages: Vec<(OpenPage, bool)>,
    objects: Vec<Vec<u8>>,
    /// History lists that this change has made, for a second edit of the same secret.
    lists: BTreeMap<ObjectId, History>,
    summary: Summary,
}

impl Stage<'_> {
    fn apply(&mut self, edit: &Edit, rng: Randomness<'_>) -> Result<(), CannotStage> {
        match edit {
            Edit::Create { id, level, key, value, note } => {
                self.summary.created += 1;
                self.check_texts(*level, key, note, *id)?;
                self.check_level(*level)?;
                let value = self.seal_value(*id, 1, key, value, rng)?;
                self.insert(
                    Record {
                        id: *id,
                        level: *level,
                        key: key.clone(),
                        version: 1,
                        value: Some(value),
                        note: note.clone(),
                        author: self.stamp.author,
                        seq: self.stamp.seq,
                        time: self.stamp.time,
                        oldest: self.key_version,
                        history: None,
                    },
                    rng,
                )
            }
            Edit::Change { id, key, value, note, .. } => {
                self.summary.changed += 1;
                let mut next = self.next_version(*id, rng)?;
                if let Some(value) = value {
                    next.value = Some(self.seal_value(*id, next.version, &next.key, value, rng)?);
                }
                if next.value.is_none() {
                    return Err(CannotStage::NotFound);
                }
                next.key = key.clone().unwrap_or(next.key);
                next.note = note.clone().unwrap_or(next.note);
                self.check_texts(next.level, &next.key, &next.note, *id)?;
                self.replace(next, rng)
            }
            Edit::Delete { id, .. } => {
                self.summary.deleted += 1;
                let mut next = self.next_version(*id, rng)?;
                if next.value.take().is_none() {
                    return Err(CannotStage::NotFound);
                }
                self.replace(next, rng)
            }
            Edit::AddApplication(application) => {
                let Subject::Environment { applications, .. } = &mut self.subject else {
                    return Err(CannotStage::Application);
                };
                let taken = |other: &Application| other.name == application.name;
                if applications.iter().any(taken) {
                    return Err(CannotStage::Application);
                }
                applications.push(application.clone());
                Ok(())
            }
        }
    }

    fn check_texts(
        &self,
        level: Level,
        key: &str,
        note: &str,
        id: SecretId,
    ) -> Result<(), CannotStage> {
        check_key(key).map_err(|bad| CannotStage::Key(key.to_owned(), bad))?;
        if note.len() > MAX_NOTE {
            return Err(CannotStage::Note);
        }
        let taken = |record: &Record| {
            record.id != id && record.value.is_some() && record.level == level && record.key == key
        };
        let pages = self.pages.iter().filter_map(|(page, _)| page.records.as_ref().ok());
        let taken = pages.flat_map(|page| page.iter()).any(taken);
        if taken { Err(CannotStage::Exists(key.to_owned())) } else { Ok(()) }
    }

    fn check_level(&self, level: Level) -> Result<(), CannotStage> {
        match (&self.subject, level) {
            (_, Level::Own) => Ok(()),
            (Subject::Environment { applications, .. }, Level::Application(id))
                if applications.iter().any(|application| application.id == id) =>
            {
                Ok(())
            }
            _ => Err(CannotStage::Application),
        }
    }

    fn seal_value(
        &mut self,
        id: SecretId,
        version: u32,
        key: &str,
        value: &SecretValue,
        rng: Randomness<'_>,
    ) -> Result<ValueRef, CannotStage> {
        // The name is known only after sealing; the place does not depend on it.
        let mut reference =
            ValueRef { object: ObjectId::of(b""), version, key_version: self.key_version };
        let place = self.before.places.value(id, &reference);
        let sealed = Sealed::seal(value, self.key.sealing(), &place, rng)
            .map_err(|TooLong| CannotStage::Value(key.to_owned()))?;
        reference.object = sealed.id();
        self.objects.push(sealed.into_bytes());
        Ok(reference)
    }

    /// The record's next version, with the current one added to its history.
    fn next_version(&mut self, id: SecretId, rng: Randomness<'_>) -> Result<Record, CannotStage> {
        let at = self.page_of(id);
        let page = self.pages.get(at).ok_or(CannotStage::NotFound)?;
        let records = page.0.records.as_ref().map_err(|_| CannotStage::Damaged)?;
        let at = records
            .binary_search_by_key(&id, |record| record.id)
            .map_err(|_| CannotStage::NotFound)?;
        let record = records[at].clone();
        let history = self.append_history(&record, rng)?;
        let Stamp { author, seq, time } = self.stamp;
        let oldest = record.oldest.min(self.key_version);
        let version = record.version + 1;
        Ok(Record { version, author, seq, time, oldest, history: Some(history), ..record })
    }

    fn append_history(
        &mut self,
        record: &Record,
        rng: Randomness<'_>,
    ) -> Result<HistoryRef, CannotStage> {
        let list = match &record.history {
            None => History { entries: Vec::new(), older: None },
            Some(reference) => {
                let list = match self.lists.remove(&reference.object) {
                    Some(list) => list,
                    None => self
                        .before
                        .open_history(record.id, reference, self.keys, self.known)
                        .map_err(|CannotOpen| CannotStage::Damaged)?,
                };
                if list.entries.len() < HISTORY_ENTRIES {
                    list
                } else {
                    History { entries: Vec::new(), older: Some(*reference) }
                }
            }
        };
        let mut list = list;
        list.entries.push(HistoryEntry {
            version: record.version,
            key: record.key.clone(),
            value: record.value,
            author: record.author,
            seq: record.seq,
            time: record.time,
        });
        let mut reference = HistoryRef {
            object: ObjectId::of(b""),
            version: record.version,
            key_version: self.key_version,
        };
        let place = self.before.places.history(record.id, &reference);
        let sealed = Sealed::seal(&list, self.key.sealing(), &place, rng)
            .map_err(|TooLong| CannotStage::Damaged)?;
        reference.object = sealed.id();
        self.objects.push(sealed.into_bytes());
        self.lists.insert(reference.object, list);
        Ok(reference)
    }

    fn insert(&mut self, record: Record, rng: Randomness<'_>) -> Result<(), CannotStage> {
        if self.pages.is_empty() {
            let reference = PageRef {
                page: PageId::from_random(draw(rng)),
                first: record.id,
                object: ObjectId::of(b""),
                version: 0,
                key_version: self.key_version,
                oldest: self.key_version,
            };
            let page = OpenPage { reference, records: Ok(Arc::new(vec![record])) };
            self.pages.push((page, true));
            return Ok(());
        }
        let at = self.page_of(record.id);
        let (page, touched) = &mut self.pages[at];
        let records = page.records.as_mut().map_err(|_| CannotStage::Damaged)?;
        let Err(place) = records.binary_search_by_key(&record.id, |record| record.id) else {
            return Err(CannotStage::Exists(record.key));
        };
        Arc::make_mut(records).insert(place, record);
        *touched = true;
        self.split(at, rng);
        Ok(())
    }

    fn replace(&mut self, record: Record, rng: Randomness<'_>) -> Result<(), CannotStage> {
        let at = self.page_of(record.id);
        let (page, touched) = &mut self.pages[at];
        let records = page.records.as_mut().map_err(|_| CannotStage::Damaged)?;
        let place = records
            .binary_search_by_key(&record.id, |record| record.id)
            .map_err(|_| CannotStage::NotFound)?;
        Arc::make_mut(records)[place] = record;
        *touched = true;
        // Its key and note may have grown.
        self.split(at, rng);
        Ok(())
    }

    fn page_of(&self, id: SecretId) -> usize {
        self.pages.partition_point(|(page, _)| page.reference.first <= id).saturating_sub(1)
    }

    /// Splits the page at `at` in half if it is over the limit.
    fn split(&mut self, at: usize, rng: Randomness<'_>) {
        let (page, _) = &mut self.pages[at];
        let Ok(records) = &mut page.records else { return };
        if let Some(first) = records.first() {
            page.reference.first = first.id;
        }
        let too_long = |records: &Vec<Record>| {
            records.len() > PAGE_RECORDS
                || (records.len() > 1 && encode(&Page(records.clone())).len() > PAGE_BYTES)
        };
        // Measuring is worth its cost only where a page may be long: a record is over 80 bytes.
        if records.len() < 8 || !too_long(records) {
            return;
        }
        let half = records.len() / 2;
        let upper = Arc::make_mut(records).split_off(half);
        let Some(first) = upper.first().map(|record| record.id) else { return };
        let reference = PageRef {
            page: PageId::from_random(draw(rng)),
            first,
            version: 0,
            ..page.reference.clone()
        };
        let upper = OpenPage { reference, records: Ok(Arc::new(upper)) };
        self.pages.insert(at + 1, (upper, true));
    }

    fn finish(mut self, rng: Randomness<'_>) -> Result<StagedVault, CannotStage> {
        let places = self.before.places;
        let (key, key_version) = (self.key.sealing(), self.key_version);
        for (page, touched) in &mut self.pages {
            let (true, Ok(records)) = (*touched, &page.records) else { continue };
            let reference = &mut page.reference;
            reference.version += 1;
            reference.key_version = key_version;
            let oldest = records.iter().map(|record| record.oldest).min();
            reference.oldest = oldest.unwrap_or(key_version).min(key_version);
            let place = places.page(reference.page, reference.version, key_version);
            let sealed = Sealed::seal(&Page(records.to_vec()), key, &place, rng)
                .map_err(|TooLong| CannotStage::Full)?;
            reference.object = sealed.id();
            self.objects.push(sealed.into_bytes());
        }
        let commits = self.before.commits + 1;
        let pages: Vec<OpenPage> = self.pages.into_iter().map(|(page, _)| page).collect();
        let references = pages.iter().map(|page| page.reference.clone()).collect();
        let root = RootPage { subject: self.subject, pages: references };
        let place = places.commit(commits, key_version);
        let sealed = Sealed::seal(&root, key, &place, rng).map_err(|TooLong| CannotStage::Full)?;
        let tree = sealed.id();
        self.objects.push(sealed.into_bytes());
        let summary =
            Sealed::seal(&self.summary, key, &place, rng).map_err(|TooLong| CannotStage::Note)?;
        let oldest = root.pages.iter().map(|page| page.oldest.min(page.key_version)).min();
        let commit = Commit {
            vault: places.vault,
            base: self.before.tree,
            tree,
            key_version,
            oldest_live: oldest.unwrap_or(key_version),
            summary: summary.into_bytes().into(),
        };
        let vault = OpenVault { places, tree: Some(tree), commits, subject: root.subject, pages };
        Ok(StagedVault { commit, objects: self.objects, vault })
    }
}
