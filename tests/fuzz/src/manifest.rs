//! Manifests by a lying writer: any plaintext, and any tree of pages that were sealed with the
//! right key. What opens keeps the rules, and what an honest client makes of it opens again.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_core::envelope::{Sealable, Sealed};
use subrosa_core::manifest::{
    Application, Content, HISTORY_ENTRIES, History, HistoryEntry, HistoryRef, Level, PAGE_RECORDS,
    Page, PageRef, Record, RootPage, Subject, Summary, ValueRef, VaultPlaces,
};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{
    Edit, Keyring, NewContent, Objects, OpenVault, StagedVault, Stamp, TreeState,
};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::id::{
    ApplicationId, EnvironmentId, Hash, MemberId, PageId, ProjectId, SecretId, TeamId, VaultId,
};
use subrosa_wire::object::ObjectId;
use zeroize::Zeroizing;

use crate::input::Input;

const PLACES: VaultPlaces =
    VaultPlaces { team: TeamId(Hash([1; 32])), vault: VaultId::from_random([2; 16]) };
const APP: ApplicationId = ApplicationId::from_random([3; 16]);
const AUTHOR: MemberId = MemberId::from_random([4; 16]);
const COMMITS: u64 = 3;

/// One input.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    match input.choice(8) {
        0 => plaintext::<RootPage>(input.rest(), |root| {
            assert!(root.pages.is_sorted_by(|a, b| a.first < b.first));
        }),
        1 => plaintext::<Page>(input.rest(), |page| {
            assert!(!page.0.is_empty() && page.0.is_sorted_by(|a, b| a.id < b.id));
        }),
        2 => plaintext::<History>(input.rest(), |history| {
            assert!(history.entries.is_sorted_by(|a, b| a.version < b.version));
            assert!(history.entries.len() <= HISTORY_ENTRIES);
        }),
        3 => plaintext::<Summary>(input.rest(), |_| {}),
        _ => Forger::new(input).run(),
    }
}

fn plaintext<T: Sealable>(bytes: &[u8], keeps_the_rules: impl Fn(&T)) {
    let Some(value) = T::from_plaintext(Zeroizing::new(bytes.to_vec())) else { return };
    assert_eq!(*value.to_plaintext(), bytes);
    keeps_the_rules(&value);
}

/// Has the vault's key, and lies.
struct Forger<'a> {
    input: Input<'a>,
    rng: ChaCha20Rng,
    key: VaultKey,
    keys: Keyring,
    objects: Objects,
}

impl<'a> Forger<'a> {
    fn new(input: Input<'a>) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(0);
        let key = VaultKey::generate(&mut rng);
        let mut keys = Keyring::default();
        keys.insert(PLACES.vault, 1, key.clone());
        Forger { input, rng, key, keys, objects: Objects::default() }
    }

    fn run(mut self) {
        let root = self.root();
        let place = PLACES.commit(COMMITS, 1);
        let sealed = Sealed::seal(&root, self.key.sealing(), &place, &mut self.rng)
            .expect("a short root page");
        let state =
            TreeState { tree: sealed.id(), seq: 1, commits: COMMITS, key_version: 1, keys: &[] };
        self.objects.insert(sealed.into_bytes());
        let sorted = root.pages.is_sorted_by(|a, b| a.first < b.first);
        let opened = OpenVault::open(PLACES, state, &self.keys, &self.objects, None);
        assert_eq!(opened.is_ok(), sorted);
        let Ok(vault) = opened else { return };
        assert!(*vault.subject() == root.subject && vault.damage() <= root.pages.len());
        keeps_the_rules(&vault);
        self.edit(&vault);
    }

    fn root(&mut self) -> RootPage {
        let mut next = 0;
        let pages = (0..self.input.choice(5)).map(|at| self.page(at, &mut next)).collect();
        let application = Application { id: APP, name: "app".to_owned() };
        let subject = Subject::Environment {
            id: EnvironmentId::from_random([5; 16]),
            name: "env".to_owned(),
            project: ProjectId::from_random([6; 16]),
            applications: vec![application],
        };
        RootPage { subject, pages, rotations: Vec::new(), rotate_after: None }
    }

    fn page(&mut self, at: u8, next: &mut u8) -> PageRef {
        let count = match self.input.byte() {
            0 => PAGE_RECORDS + 1,
            byte => usize::from(byte % 5),
        };
        let records: Vec<Record> = (0..count).map(|_| self.record(next)).collect();
        let first = match self.input.byte() {
            0 => id(0),
            _ => records.first().map_or(id(*next), |record| record.id),
        };
        let mut reference = PageRef {
            page: PageId::from_random([at; 16]),
            first,
            object: ObjectId(Hash([0; 32])),
            version: if self.input.byte() == 0 { u64::MAX } else { 1 },
            key_version: 1,
            oldest: 1,
        };
        let place = PLACES.page(reference.page, reference.version, 1);
        let sealed = Sealed::seal(&Page(records), self.key.sealing(), &place, &mut self.rng)
            .expect("a short page");
        reference.object = sealed.id();
        match self.input.byte() {
            // Withheld, of another version, of a key that nobody has.
            0 => {}
            1 => reference.version = 2,
            2 => reference.key_version = 2,
            lie => {
                // Where it says so itself, it needs no key, or one that nobody has.
                reference.oldest = if let 3 | 4 = lie { (lie - 3).into() } else { 1 };
                self.objects.insert(sealed.into_bytes());
            }
        }
        reference
    }

    fn record(&mut self, next: &mut u8) -> Record {
        // Mostly upwards; at times the same again, or back to the beginning by wrapping round.
        *next = next.wrapping_add(match self.input.byte() {
            0 => 0,
            1 => 200,
            _ => 1,
        });
        let id = id(*next);
        let version = match self.input.byte() {
            0 => 0,
            1 => u32::MAX,
            byte => byte.into(),
        };
        Record {
            id,
            level: if self.input.byte() == 0 { Level::Application(APP) } else { Level::Own },
            key: self.input.one_of(&["A", "B", "C", "no key"]).to_owned(),
            version,
            content: (self.input.byte() != 0).then(|| Content::Value(self.value(id, version))),
            note: String::new(),
            author: AUTHOR,
            seq: 1,
            time: 0,
            oldest: 1,
            history: (self.input.byte() % 4 == 1).then(|| self.history(id, version)),
            fresh: None,
        }
    }

    fn value(&mut self, id: SecretId, version: u32) -> ValueRef {
        let mut reference = ValueRef { object: ObjectId(Hash([0; 32])), version, key_version: 1 };
        let place = PLACES.value(id, &reference);
        let value = SecretValue::new(vec![self.input.byte()]);
        let sealed =
            Sealed::seal(&value, self.key.sealing(), &place, &mut self.rng).expect("a short value");
        if self.input.byte() != 0 {
            reference.object = sealed.id();
            self.objects.insert(sealed.into_bytes());
        }
        reference
    }

    fn history(&mut self, id: SecretId, version: u32) -> HistoryRef {
        let count = match self.input.byte() {
            0 => HISTORY_ENTRIES,
            byte => usize::from(byte % 4),
        };
        let first = u32::from(self.input.byte());
        let entries = (first..).take(count).map(|version| HistoryEntry {
            version,
            key: "A".to_owned(),
            content: None,
            author: AUTHOR,
            seq: 1,
            time: 0,
            fresh: None,
        });
        let list = History { entries: entries.collect(), older: None };
        let mut reference = HistoryRef { object: ObjectId(Hash([0; 32])), version, key_version: 1 };
        let place = PLACES.history(id, &reference);
        let sealed =
            Sealed::seal(&list, self.key.sealing(), &place, &mut self.rng).expect("a short list");
        reference.object = sealed.id();
        if self.input.byte() != 0 {
            self.objects.insert(sealed.into_bytes());
        }
        reference
    }

    fn edit(mut self, vault: &OpenVault) {
        let edits: Vec<Edit> = (0..=self.input.choice(4)).map(|_| self.one(vault)).collect();
        let stamp = Stamp { author: AUTHOR, seq: 2, time: 0 };
        let staged = vault.stage(&edits, "", 1, stamp, &self.keys, &self.objects, &mut self.rng);
        let Ok(StagedVault { commit, objects, vault: after }) = staged else { return };
        objects.into_iter().for_each(|object| self.objects.insert(object));
        assert_eq!((commit.base, Some(commit.tree)), (vault.tree(), after.tree()));
        assert_eq!((commit.key_version, commit.oldest_live), (1, 1));
        keeps_the_rules(&after);

        let (seq, commits) = (2, COMMITS + 1);
        let state = TreeState { tree: commit.tree, seq, commits, key_version: 1, keys: &[] };
        let opened = OpenVault::open(PLACES, state, &self.keys, &self.objects, None)
            .expect("what an honest client sealed");
        assert!(opened.records().eq(after.records()), "it opens as something else");
        assert_eq!((opened.damage(), after.damage()), (vault.damage(), vault.damage()));
        for record in after.records() {
            let Some(before) = vault.record(record.id).filter(|old| *old != record) else {
                continue;
            };
            self.has_its_history(&opened, record, before);
        }
    }

    /// What a changed record replaced is the newest that its lists have, or one of the newest where
    /// there were several edits of it.
    fn has_its_history(&self, vault: &OpenVault, record: &Record, before: &Record) {
        assert!(record.version > before.version);
        let reference = record.history.as_ref().expect("what it replaced");
        let list = vault
            .open_history(record.id, reference, &self.keys, &self.objects)
            .expect("what an honest client sealed");
        match list.entries.iter().find(|entry| entry.version == before.version) {
            Some(entry) => {
                assert_eq!((&entry.key, &entry.content), (&before.key, &before.content));
            }
            None => assert!(list.older.is_some(), "the version before is lost"),
        }
    }

    fn one(&mut self, vault: &OpenVault) -> Edit {
        let id = id(self.input.byte());
        let base = match self.input.byte() {
            0 => 1,
            _ => vault.record(id).map_or(1, |record| record.version),
        };
        let level = if self.input.byte() == 0 { Level::Application(APP) } else { Level::Own };
        let key = self.input.one_of(&["A", "D", "E", "no key"]).to_owned();
        let value = SecretValue::new(vec![7]);
        let content = match self.input.byte() {
            0 => NewContent::Alias(SecretId::from_random([self.input.byte(); 16])),
            1 => NewContent::File(value, self.input.one_of(&["/a", "a", "/a/.."]).to_owned()),
            2 => NewContent::Override { of: id, value, mount: None },
            _ => NewContent::Value(value),
        };
        match self.input.choice(5) {
            0 => Edit::Create { id, level, key, content, note: String::new() },
            1 => Edit::Delete { id, base },
            2 => {
                let name = self.input.one_of(&["app", "other"]).to_owned();
                let id = ApplicationId::from_random([self.input.byte(); 16]);
                Edit::AddApplication(Application { id, name })
            }
            kind => Edit::Change {
                id,
                base,
                key: (kind == 3).then_some(key),
                content: Some(content),
                note: None,
            },
        }
    }
}

fn id(byte: u8) -> SecretId {
    SecretId::from_random([byte; 16])
}

fn keeps_the_rules(vault: &OpenVault) {
    assert!(vault.records().is_sorted_by(|a, b| a.id < b.id), "two records for one secret");
    for record in vault.records() {
        assert!(vault.record(record.id) == Some(record), "a record that is listed and not found");
        let live = vault.live(record.level, &record.key);
        assert!(!record.is_live() || live.is_some_and(|live| live.key == record.key));
    }
}
