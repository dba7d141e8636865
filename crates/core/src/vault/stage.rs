//! Changing a vault.
//!
//! [`OpenVault::stage`] is pure: the same edits on a newer tree give the change again, so that
//! losing a race costs a fetch and another try. An edit says which version its author saw; on
//! anything else it is a conflict, and nothing of the change is made.

use std::cell::OnceCell;
use std::sync::Arc;

use subrosa_wire::encoding::encode;
use subrosa_wire::id::{PageId, SecretId};
use subrosa_wire::log::{Commit, KeyVersion};
use subrosa_wire::object::ObjectId;

use crate::envelope::{CannotOpen, Place, Sealable, Sealed, TooLong};
use crate::index::Index;
use crate::key_name::{MAX_NOTE, check_shape, is_mount};
use crate::manifest::{
    Application, Content, HISTORY_ENTRIES, History, HistoryEntry, HistoryRef, Level, PAGE_BYTES,
    PAGE_RECORDS, Page, PageRef, Record, RootPage, Rotation, Subject, Summary, ValueRef,
};
use crate::randomness::{Randomness, draw};
use crate::secret_value::SecretValue;
use crate::vault_key::VaultKey;

use super::edit::{CannotStage, Edit, NamedKeyChange, NewContent, StagedVault, Stamp};
use super::{Keyring, Objects, OpenPage, OpenVault, Written, oldest};

impl OpenVault {
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
        let mut stage = Stage::new(self, note, key_version, stamp, keys, objects)?;
        for edit in edits {
            stage.apply(edit, rng)?;
        }
        stage.finish(rng)
    }

    /// Whether all is still as the author of `edits` saw it.
    ///
    /// # Errors
    /// [`CannotStage::Conflict`], with all secrets that are not.
    pub fn no_conflicts(&self, edits: &[Edit]) -> Result<(), CannotStage> {
        self.expect_questions(edits.len());
        let clashing = |edit: &Edit| match edit {
            Edit::Create { level, key, .. } => self.live(*level, key).map(|record| record.id),
            Edit::Change { id, base, .. }
            | Edit::Delete { id, base }
            | Edit::Fresh { id, base, .. } => {
                self.record(*id).filter(|record| record.version != *base).map(|_| *id)
            }
            // That a name is taken is no conflict: there is no version that its author saw.
            Edit::NamedKey { change: NamedKeyChange::Create { .. }, .. } => None,
            Edit::NamedKey { id, base, .. } => {
                self.record(*id).filter(|record| record.version != *base).map(|_| *id)
            }
            Edit::AddApplication(_) | Edit::Cards(_) | Edit::RotateAfter(_) => None,
        };
        let mut conflicts: Vec<SecretId> = edits.iter().filter_map(clashing).collect();
        conflicts.dedup();
        if conflicts.is_empty() { Ok(()) } else { Err(CannotStage::Conflict(conflicts)) }
    }
}

/// A change being made: pages with a mark where they were touched.
pub(super) struct Stage<'a> {
    key: &'a VaultKey,
    pub(super) key_version: KeyVersion,
    pub(super) stamp: Stamp,
    pub(super) keys: &'a Keyring,
    pub(super) known: &'a Objects,
    pub(super) before: &'a OpenVault,
    subject: Subject,
    pub(super) rotations: Vec<Rotation>,
    rotate_after: Option<u16>,
    pages: Vec<(OpenPage, bool)>,
    pub(super) objects: Vec<Vec<u8>>,
    /// History lists that this change has made, for a second edit of the same secret.
    lists: Index<ObjectId, Option<History>>,
    pub(super) summary: Summary,
}

impl<'a> Stage<'a> {
    /// A change of nothing yet.
    pub(super) fn new(
        before: &'a OpenVault,
        note: &str,
        key_version: KeyVersion,
        stamp: Stamp,
        keys: &'a Keyring,
        known: &'a Objects,
    ) -> Result<Self, CannotStage> {
        let key = keys.get(before.places.vault, key_version).ok_or(CannotStage::Damaged)?;
        Ok(Stage {
            key,
            key_version,
            stamp,
            keys,
            known,
            before,
            subject: before.subject.clone(),
            rotations: before.rotations.clone(),
            rotate_after: before.rotate_after,
            pages: before.pages.iter().cloned().map(|page| (page, false)).collect(),
            objects: Vec::new(),
            lists: Index::default(),
            summary: Summary {
                note: note.to_owned(),
                created: 0,
                changed: 0,
                deleted: 0,
                reencrypted: 0,
            },
        })
    }

    /// Seals something new of the vault under its current key: the name that it is stored under.
    pub(super) fn seal<T: Sealable>(
        &mut self,
        what: &T,
        place: &Place,
        rng: Randomness<'_>,
    ) -> Result<ObjectId, TooLong> {
        let sealed = Sealed::seal(what, self.key.sealing(), place, rng)?;
        let name = sealed.id();
        self.objects.push(sealed.into_bytes());
        Ok(name)
    }

    /// Has a page sealed again, if there is one of this id.
    pub(super) fn touch(&mut self, id: PageId) {
        if let Some((_, touched)) =
            self.pages.iter_mut().find(|(page, _)| page.reference.page == id)
        {
            *touched = true;
        }
    }
}

impl Stage<'_> {
    fn apply(&mut self, edit: &Edit, rng: Randomness<'_>) -> Result<(), CannotStage> {
        match edit {
            Edit::Create { id, level, key, content, note } => {
                self.summary.created += 1;
                self.check_texts(*level, key, note, *id)?;
                self.check_level(*level)?;
                let content = self.seal_content(*id, 1, key, content, rng)?;
                self.insert(
                    Record {
                        id: *id,
                        level: *level,
                        key: key.clone(),
                        version: 1,
                        content: Some(content),
                        note: note.clone(),
                        author: self.stamp.author,
                        seq: self.stamp.seq,
                        time: self.stamp.time,
                        oldest: self.key_version,
                        history: None,
                        fresh: None,
                    },
                    rng,
                )
            }
            Edit::Change { id, key, content, note, .. } => {
                self.summary.changed += 1;
                let before = self.record(*id)?.fresh_since();
                let mut next = self.next_version(*id, rng)?;
                // The value is as old as it was, unless it is another one.
                next.fresh = Some(before);
                if let Some(new) = content {
                    next.fresh = None;
                    let (version, key) = (next.version, &next.key);
                    next.content = Some(self.seal_content(*id, version, key, new, rng)?);
                }
                if !next.is_live() {
                    return Err(CannotStage::NotFound);
                }
                next.key = key.clone().unwrap_or(next.key);
                next.note = note.clone().unwrap_or(next.note);
                self.check_texts(next.level, &next.key, &next.note, *id)?;
                self.replace(next, rng)
            }
            Edit::Fresh { id, since, .. } => {
                let record = self.record(*id)?;
                if !record.is_live() || !record.is_secret() {
                    return Err(CannotStage::NotFound);
                }
                self.replace(Record { fresh: Some(*since), ..record }, rng)
            }
            Edit::Delete { id, .. } => {
                self.summary.deleted += 1;
                let mut next = self.next_version(*id, rng)?;
                if next.content.take().is_none() {
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
            Edit::Cards(named) => {
                let Subject::Directory { cards, .. } = &mut self.subject else {
                    return Err(CannotStage::NotFound);
                };
                for card in named {
                    match cards.binary_search_by(|other| other.member.cmp(&card.member)) {
                        Ok(at) => cards[at] = card.clone(),
                        Err(at) => cards.insert(at, card.clone()),
                    }
                }
                Ok(())
            }
            Edit::RotateAfter(days) => {
                self.rotate_after = days.filter(|days| *days > 0);
                Ok(())
            }
            Edit::NamedKey { id, change, .. } => self.apply_named_key(*id, change, rng),
        }
    }

    fn check_texts(
        &self,
        level: Level,
        key: &str,
        note: &str,
        id: SecretId,
    ) -> Result<(), CannotStage> {
        check_shape(key).map_err(|bad| CannotStage::Key(key.to_owned(), bad))?;
        if note.len() > MAX_NOTE {
            return Err(CannotStage::Note);
        }
        self.check_free(level, key, id)
    }

    /// Whether nothing else has the key at its level.
    pub(super) fn check_free(
        &self,
        level: Level,
        key: &str,
        id: SecretId,
    ) -> Result<(), CannotStage> {
        let taken = |record: &Record| {
            record.id != id && record.is_live() && record.level == level && record.key == key
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

    fn seal_content(
        &mut self,
        id: SecretId,
        version: u32,
        key: &str,
        new: &NewContent,
        rng: Randomness<'_>,
    ) -> Result<Content, CannotStage> {
        let mounted = |path: &String| {
            if is_mount(path) { Ok(path.clone()) } else { Err(CannotStage::Mount(path.clone())) }
        };
        Ok(match new {
            NewContent::Value(value) => {
                Content::Value(self.seal_value(id, version, key, value, rng)?)
            }
            NewContent::File(value, mount) => {
                let mount = mounted(mount)?;
                Content::File { value: self.seal_value(id, version, key, value, rng)?, mount }
            }
            NewContent::Alias(target) => Content::Alias(*target),
            NewContent::Override { of, value, mount } => {
                let mount = mount.as_ref().map(mounted).transpose()?;
                let value = self.seal_value(id, version, key, value, rng)?;
                Content::Override { of: *of, value, mount }
            }
        })
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
        reference.object =
            self.seal(value, &place, rng).map_err(|TooLong| CannotStage::Value(key.to_owned()))?;
        Ok(reference)
    }

    /// The record as this change has it so far.
    pub(super) fn record(&self, id: SecretId) -> Result<Record, CannotStage> {
        let at = self.page_of(id);
        let page = self.pages.get(at).ok_or(CannotStage::NotFound)?;
        let records = page.0.records.as_ref().map_err(|_| CannotStage::Damaged)?;
        let at = records
            .binary_search_by_key(&id, |record| record.id)
            .map_err(|_| CannotStage::NotFound)?;
        Ok(records[at].clone())
    }

    /// The record's next version, with the current one added to its history.
    fn next_version(&mut self, id: SecretId, rng: Randomness<'_>) -> Result<Record, CannotStage> {
        let record = self.record(id)?;
        // A named key is changed as one, and is in no history.
        if !record.is_secret() {
            return Err(CannotStage::NotFound);
        }
        let history = self.append_history(&record, rng)?;
        let Stamp { author, seq, time } = self.stamp;
        let oldest = record.needs().unwrap_or(self.key_version).min(self.key_version);
        // Counted up to the end only by a lying writer.
        let version = record.version.checked_add(1).ok_or(CannotStage::Damaged)?;
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
                let list = match self.lists.get_mut(&reference.object).and_then(Option::take) {
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
        // A list that goes beyond the record would not open with the record's version in it.
        if list.entries.last().is_some_and(|last| last.version >= record.version) {
            return Err(CannotStage::Damaged);
        }
        list.entries.push(HistoryEntry {
            version: record.version,
            key: record.key.clone(),
            content: record.content.clone(),
            author: record.author,
            seq: record.seq,
            time: record.time,
            fresh: record.fresh,
        });
        let mut reference = HistoryRef {
            object: ObjectId::of(b""),
            version: record.version,
            key_version: self.key_version,
        };
        let place = self.before.places.history(record.id, &reference);
        reference.object = self.seal(&list, &place, rng).map_err(|TooLong| CannotStage::Damaged)?;
        self.lists.insert(reference.object, Some(list));
        Ok(reference)
    }

    pub(super) fn insert(
        &mut self,
        record: Record,
        rng: Randomness<'_>,
    ) -> Result<(), CannotStage> {
        if self.pages.is_empty() {
            let reference = PageRef {
                page: PageId::from_random(draw(rng)),
                first: record.id,
                object: ObjectId::of(b""),
                version: 0,
                key_version: self.key_version,
                oldest: self.key_version,
            };
            let page = OpenPage::new(reference, Ok(Arc::new(vec![record])));
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

    pub(super) fn replace(
        &mut self,
        record: Record,
        rng: Randomness<'_>,
    ) -> Result<(), CannotStage> {
        let at = self.replace_in_page(record)?;
        // Its key and note may have grown.
        self.split(at, rng);
        Ok(())
    }

    /// Puts a record in its older self's place: the number of its page, which may be too long then.
    pub(super) fn replace_in_page(&mut self, record: Record) -> Result<usize, CannotStage> {
        let at = self.page_of(record.id);
        let (page, touched) = &mut self.pages[at];
        let records = page.records.as_mut().map_err(|_| CannotStage::Damaged)?;
        let place = records
            .binary_search_by_key(&record.id, |record| record.id)
            .map_err(|_| CannotStage::NotFound)?;
        Arc::make_mut(records)[place] = record;
        *touched = true;
        Ok(at)
    }

    /// Splits all touched pages that are over the limit, as often as it takes.
    pub(super) fn split_all(&mut self, rng: Randomness<'_>) {
        let mut at = 0;
        while let Some((_, touched)) = self.pages.get(at) {
            if !(*touched && self.split(at, rng)) {
                at += 1;
            }
        }
    }

    fn page_of(&self, id: SecretId) -> usize {
        self.pages.partition_point(|(page, _)| page.reference.first <= id).saturating_sub(1)
    }

    /// Splits the page at `at` in half if it is over the limit, and tells whether it was.
    fn split(&mut self, at: usize, rng: Randomness<'_>) -> bool {
        let (page, _) = &mut self.pages[at];
        let Ok(records) = &mut page.records else { return false };
        if let Some(first) = records.first() {
            page.reference.first = first.id;
        }
        // Measuring is worth its cost only where a page may be long: a record is over 80 bytes.
        let too_long = records.len() > PAGE_RECORDS
            || (records.len() >= 8 && as_page(records, |page| encode(page).len()) > PAGE_BYTES);
        if !too_long {
            return false;
        }
        let half = records.len() / 2;
        let upper = Arc::make_mut(records).split_off(half);
        let Some(first) = upper.first().map(|record| record.id) else { return false };
        let reference = PageRef {
            page: PageId::from_random(draw(rng)),
            first,
            version: 0,
            ..page.reference.clone()
        };
        let upper = OpenPage::new(reference, Ok(Arc::new(upper)));
        self.pages.insert(at + 1, (upper, true));
        true
    }

    pub(super) fn finish(mut self, rng: Randomness<'_>) -> Result<StagedVault, CannotStage> {
        let places = self.before.places;
        let (key, key_version) = (self.key.sealing(), self.key_version);
        let mut pages = std::mem::take(&mut self.pages);
        for (page, _) in pages.iter_mut().filter(|(page, touched)| *touched && page.records.is_ok())
        {
            page.reference.key_version = key_version;
            page.oldest = oldest(&page.reference, &page.records);
            let (reference, Ok(records)) = (&mut page.reference, &mut page.records) else {
                continue;
            };
            reference.version = reference.version.checked_add(1).ok_or(CannotStage::Damaged)?;
            reference.oldest = page.oldest;
            let place = places.page(reference.page, reference.version, key_version);
            reference.object = as_page(records, |page| self.seal(page, &place, rng))
                .map_err(|TooLong| CannotStage::Full)?;
        }
        let commits = self.before.commits + 1;
        let pages: Vec<OpenPage> = pages.into_iter().map(|(page, _)| page).collect();
        let references = pages.iter().map(|page| page.reference.clone()).collect();
        let (subject, rotate_after) = (self.subject.clone(), self.rotate_after);
        let rotations = std::mem::take(&mut self.rotations);
        let root = RootPage { subject, pages: references, rotations, rotate_after };
        let place = places.commit(commits, key_version);
        let tree = self.seal(&root, &place, rng).map_err(|TooLong| CannotStage::Full)?;
        let summary =
            Sealed::seal(&self.summary, key, &place, rng).map_err(|TooLong| CannotStage::Note)?;
        // A page that does not open may say anything: the server takes nothing beyond these bounds.
        let oldest = pages.iter().map(|page| page.oldest).min().unwrap_or(key_version);
        let oldest = oldest.min(key_version).max(1);
        let commit = Commit {
            vault: places.vault,
            base: self.before.tree,
            tree,
            key_version,
            oldest_live: oldest,
            summary: summary.into_bytes().into(),
        };
        let vault = OpenVault {
            places,
            tree: Some(tree),
            written: Written { tree: self.stamp.seq, ..self.before.written.clone() },
            commits,
            subject: root.subject,
            rotations: root.rotations,
            rotate_after,
            pages,
            in_order: OnceCell::new(),
        };
        Ok(StagedVault { commit, objects: self.objects, vault })
    }
}

/// What `look` says of a page of these. They are lent to it: it would be work to copy them.
fn as_page<T>(records: &mut Arc<Vec<Record>>, look: impl FnOnce(&Page) -> T) -> T {
    let records = Arc::make_mut(records);
    let page = Page(std::mem::take(records));
    let told = look(&page);
    *records = page.0;
    told
}
