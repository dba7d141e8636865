//! A vault's manifest against a naive model: whatever is edited in whatever order, what is sealed
//! opens again as what the model says.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use subrosa_core::envelope::{Place, Sealable, Sealed};
use subrosa_core::keyset::Keyset;
use subrosa_core::manifest::{
    Application, Content, HISTORY_ENTRIES, History, HistoryEntry, HistoryRef, Level, PAGE_BYTES,
    PAGE_RECORDS, Page, PageRef, Record, RootPage, Subject, ValueRef, VaultPlaces,
};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{
    CannotStage, Edit, Keyring, NewContent, Objects, OpenVault, StagedVault, Stamp, TreeState,
};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::api::Push;
use subrosa_wire::encoding::encode;
use subrosa_wire::id::{ApplicationId, EnvironmentId, Hash, MemberId, ProjectId};
use subrosa_wire::id::{PageId, SecretId, TeamId, VaultId};
use subrosa_wire::log::{Entry, Head, KeyVersion, Op, SignedEntry};
use subrosa_wire::object::{ObjectId, Upload};

const AUTHOR: MemberId = MemberId::from_random([9; 16]);
const API: ApplicationId = ApplicationId::from_random([1; 16]);
const LEVELS: [Level; 2] = [Level::Own, Level::Application(API)];

/// What the model knows of one version of a secret.
#[derive(Clone, PartialEq, Debug)]
struct Version {
    key: String,
    value: Option<Vec<u8>>,
    note: String,
}

/// Level and versions of each secret, the oldest first.
#[derive(Clone, Default)]
struct Model(BTreeMap<SecretId, (Level, Vec<Version>)>);

impl Model {
    fn live(&self, level: Level, key: &str) -> Option<SecretId> {
        let here = |(at, versions): &(Level, Vec<Version>)| {
            let last = versions.last().unwrap();
            *at == level && last.key == key && last.value.is_some()
        };
        self.0.iter().find(|(_, secret)| here(secret)).map(|(id, _)| *id)
    }

    fn version(&self, id: SecretId) -> Option<u32> {
        self.0.get(&id).map(|(_, versions)| versions.len() as u32)
    }

    /// The model after `edits`, or why they cannot be made.
    fn after(&self, edits: &[Edit]) -> Result<Model, CannotStage> {
        let clash = |edit: &Edit| match edit {
            Edit::Create { level, key, .. } => self.live(*level, key),
            Edit::Change { id, base, .. }
            | Edit::Delete { id, base }
            | Edit::Fresh { id, base, .. } => {
                self.version(*id).filter(|version| version != base).map(|_| *id)
            }
            Edit::NamedKey { .. }
            | Edit::AddApplication(_)
            | Edit::Cards(_)
            | Edit::RotateAfter(_) => None,
        };
        let mut conflicts: Vec<SecretId> = edits.iter().filter_map(clash).collect();
        conflicts.dedup();
        if !conflicts.is_empty() {
            return Err(CannotStage::Conflict(conflicts));
        }
        let mut model = self.clone();
        edits.iter().try_for_each(|edit| model.apply(edit))?;
        Ok(model)
    }

    fn apply(&mut self, edit: &Edit) -> Result<(), CannotStage> {
        match edit {
            Edit::Create { id, level, key, content, note } => {
                if self.live(*level, key).is_some() {
                    return Err(CannotStage::Exists(key.clone()));
                }
                let (key, value, note) = (key.clone(), Some(bytes(content)), note.clone());
                self.0.insert(*id, (*level, vec![Version { key, value, note }]));
            }
            Edit::Change { id, key, content, note, .. } => {
                let (level, versions) = self.0.get(id).ok_or(CannotStage::NotFound)?.clone();
                let mut next = versions.last().unwrap().clone();
                next.value = content.as_ref().map(bytes).or(next.value);
                next.key = key.clone().unwrap_or(next.key);
                next.note = note.clone().unwrap_or(next.note);
                if next.value.is_none() {
                    return Err(CannotStage::NotFound);
                }
                if self.live(level, &next.key).is_some_and(|other| other != *id) {
                    return Err(CannotStage::Exists(next.key));
                }
                self.0.get_mut(id).unwrap().1.push(next);
            }
            Edit::Delete { id, .. } => {
                let (_, versions) = self.0.get_mut(id).ok_or(CannotStage::NotFound)?;
                let last = versions.last().unwrap().clone();
                if last.value.is_none() {
                    return Err(CannotStage::NotFound);
                }
                versions.push(Version { value: None, ..last });
            }
            Edit::NamedKey { .. }
            | Edit::Fresh { .. }
            | Edit::AddApplication(_)
            | Edit::Cards(_)
            | Edit::RotateAfter(_) => {}
        }
        Ok(())
    }
}

/// The value of a secret that has one of its own.
fn bytes(content: &NewContent) -> Vec<u8> {
    match content {
        NewContent::Value(value) | NewContent::File(value, _) => value.expose().to_vec(),
        NewContent::Override { value, .. } => value.expose().to_vec(),
        NewContent::Alias(target) => target.bytes().to_vec(),
    }
}

fn value(bytes: &[u8]) -> NewContent {
    NewContent::Value(SecretValue::new(bytes.to_vec()))
}

/// A vault, and a server that has every object of it.
struct World {
    places: VaultPlaces,
    keys: Keyring,
    stored: BTreeMap<ObjectId, Vec<u8>>,
    at_hand: Objects,
    keyset: Keyset,
    rng: ChaCha20Rng,
    vault: OpenVault,
    tree: Option<TreeState<'static>>,
    oldest_live: KeyVersion,
    seq: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let places =
            VaultPlaces { team: TeamId(Hash::of(b"team")), vault: VaultId::from_random([2; 16]) };
        let mut keys = Keyring::default();
        for version in 1..=3 {
            keys.insert(places.vault, version, VaultKey::generate(&mut rng));
        }
        let subject = Subject::Environment {
            id: EnvironmentId::from_random([3; 16]),
            name: "production".into(),
            project: ProjectId::from_random([4; 16]),
            applications: vec![Application { id: API, name: "api".into() }],
        };
        let vault = OpenVault::new(places.team, places.vault, subject);
        let mut world = World {
            places,
            keys,
            stored: BTreeMap::new(),
            at_hand: Objects::default(),
            keyset: Keyset::generate(&mut rng).unwrap(),
            rng,
            vault,
            tree: None,
            oldest_live: 1,
            seq: 0,
        };
        world.push(&[], 1).unwrap();
        world
    }

    /// Of all objects only those that staging asks for.
    fn needed(&self, edits: &[Edit]) -> Objects {
        let mut objects = Objects::default();
        let needed = self.vault.needs(edits);
        needed.iter().for_each(|id| objects.insert(self.stored[id].clone()));
        objects
    }

    fn stage(&mut self, edits: &[Edit], key: KeyVersion) -> Result<StagedVault, CannotStage> {
        let objects = self.needed(edits);
        let stamp = Stamp { author: AUTHOR, seq: self.seq + 1, time: 0 };
        self.vault.stage(edits, "", key, stamp, &self.keys, &objects, &mut self.rng)
    }

    /// Stages, stores, and opens anew from what is stored. Yields the bytes that were stored.
    fn push(&mut self, edits: &[Edit], key: KeyVersion) -> Result<usize, CannotStage> {
        let staged = self.stage(edits, key)?;
        assert_eq!(staged.commit.base, self.tree.map(|tree| tree.tree));
        assert_eq!(staged.commit.key_version, key);
        let head = Head { seq: self.seq, hash: Hash::of(b"head") };
        let ops = vec![Op::Commit(staged.commit.clone())];
        let entry = Entry::after(self.places.team, head, AUTHOR, 0, ops);
        let entry = SignedEntry::new(&entry, |bytes| self.keyset.sign(bytes));
        let upload =
            |sealed: &Vec<u8>| Upload { vault: self.places.vault, sealed: sealed.clone().into() };
        let objects = staged.objects.iter().map(upload).collect();
        let bytes = encode(&Push { entry, wraps: Vec::new(), objects }).len();

        for sealed in staged.objects {
            self.at_hand.insert(sealed.clone());
            self.stored.insert(ObjectId::of(&sealed), sealed);
        }
        self.seq += 1;
        let (seq, commits) = (self.seq, self.seq);
        let state =
            TreeState { tree: staged.commit.tree, seq, commits, key_version: key, keys: &[] };
        self.tree = Some(state);
        self.oldest_live = staged.commit.oldest_live;
        // Half of the time from nothing, half of the time on what was open before.
        let before = self.seq.is_multiple_of(2).then_some(&self.vault);
        let opened = OpenVault::open(self.places, state, &self.keys, &self.at_hand, before);
        self.vault = opened.unwrap();
        assert_eq!(self.vault.tree(), Some(state.tree));
        assert!(self.vault.records().eq(staged.vault.records()), "staged is what opens");
        Ok(bytes)
    }

    fn open<T: Sealable>(&self, id: ObjectId, key: KeyVersion, place: &Place) -> T {
        let sealed = Sealed::<T>::claimed(self.stored[&id].clone());
        let key = self.keys.get(self.places.vault, key).unwrap();
        sealed.open(key.sealing(), place).unwrap_or_else(|cannot| panic!("{id}: {cannot}"))
    }

    fn root(&self) -> RootPage {
        let TreeState { tree, commits, key_version, .. } = self.tree.unwrap();
        self.open(tree, key_version, &self.places.commit(commits, key_version))
    }

    fn pages(&self) -> Vec<Page> {
        let page = |page: &subrosa_core::manifest::PageRef| {
            let place = self.places.page(page.page, page.version, page.key_version);
            self.open(page.object, page.key_version, &place)
        };
        self.root().pages.iter().map(page).collect()
    }

    /// Puts something else in the place of the tree, sealed as it should be, and opens that.
    fn forge(&mut self, change: impl FnOnce(&mut RootPage, &mut [Page])) {
        let (mut root, mut pages) = (self.root(), self.pages());
        change(&mut root, &mut pages);
        for (reference, page) in root.pages.iter_mut().zip(&pages) {
            let place = self.places.page(reference.page, reference.version, reference.key_version);
            reference.object = self.plant(page, &place);
        }
        let state = self.plant_root(&root);
        let opened = OpenVault::open(self.places, state, &self.keys, &self.at_hand, None);
        self.vault = opened.unwrap();
    }

    fn plant_root(&mut self, root: &RootPage) -> TreeState<'static> {
        let TreeState { seq, commits, key_version, .. } = self.tree.unwrap();
        let tree = self.plant(root, &self.places.commit(commits, key_version));
        let state = TreeState { tree, seq, commits, key_version, keys: &[] };
        self.tree = Some(state);
        state
    }

    fn plant<T: Sealable>(&mut self, value: &T, place: &Place) -> ObjectId {
        let key = self.keys.get(self.places.vault, place.key_version).unwrap();
        let sealed = Sealed::seal(value, key.sealing(), place, &mut self.rng).unwrap();
        let id = sealed.id();
        self.at_hand.insert(sealed.bytes().to_vec());
        self.stored.insert(id, sealed.into_bytes());
        id
    }

    fn value(&self, id: SecretId, value: &ValueRef) -> Vec<u8> {
        let place = self.places.value(id, value);
        self.open::<SecretValue>(value.object, value.key_version, &place).expose().to_vec()
    }

    /// The lists of a secret's history, the oldest first.
    fn lists(&self, id: SecretId, newest: Option<HistoryRef>) -> Vec<(KeyVersion, History)> {
        let mut lists = Vec::new();
        let mut next = newest;
        while let Some(reference) = next {
            let place = self.places.history(id, &reference);
            let list: History = self.open(reference.object, reference.key_version, &place);
            assert_eq!(list.entries.last().map(|entry| entry.version), Some(reference.version));
            next = list.older;
            lists.push((reference.key_version, list));
        }
        lists.reverse();
        lists
    }

    /// Walks everything that is live, by the sealed objects alone, and compares with `model`.
    fn check(&self, model: &Model) {
        assert_eq!(self.vault.damage(), 0);
        let (root, pages) = (self.root(), self.pages());
        let places: BTreeSet<PageId> = root.pages.iter().map(|page| page.page).collect();
        assert_eq!(places.len(), root.pages.len(), "two pages in one place");
        let mut ids = BTreeSet::new();
        let mut oldest = root.pages.iter().map(|page| page.key_version).min();
        let mut needs = |version: KeyVersion| oldest = oldest.map(|known| known.min(version));
        let mut last: Option<SecretId> = None;
        for (reference, Page(records)) in root.pages.iter().zip(&pages) {
            assert!(records.len() <= PAGE_RECORDS, "{} records", records.len());
            assert!(encode(&Page(records.clone())).len() <= PAGE_BYTES);
            assert_eq!(records.first().map(|record| record.id), Some(reference.first));
            for record in records {
                assert!(last < Some(record.id), "ids ascend over all pages");
                last = Some(record.id);
                ids.insert(record.id);
                self.check_record(record, model, &mut needs);
            }
        }
        assert!(ids.iter().eq(model.0.keys()));
        assert_eq!(self.oldest_live, oldest.unwrap_or(self.oldest_live));
    }

    fn check_record(&self, record: &Record, model: &Model, needs: &mut dyn FnMut(KeyVersion)) {
        assert_eq!(self.vault.record(record.id), Some(record));
        let (level, versions) = &model.0[&record.id];
        let (now, before) = versions.split_last().unwrap();
        assert_eq!((record.level, record.version), (*level, versions.len() as u32));
        let mut value = |content: &Option<Content>| {
            content.as_ref().map(|content| {
                let Some(value) = content.value() else {
                    return content.hangs_on().unwrap().bytes().to_vec();
                };
                needs(value.key_version);
                self.value(record.id, value)
            })
        };
        let (key, note) = (record.key.clone(), record.note.clone());
        assert_eq!(&Version { key, note, value: value(&record.content) }, now);
        let lists = self.lists(record.id, record.history);
        let earlier: Vec<_> = lists.iter().flat_map(|(_, list)| &list.entries).collect();
        assert_eq!(earlier.len(), before.len(), "the history is complete");
        for ((entry, version), number) in earlier.iter().zip(before).zip(1..) {
            assert_eq!((entry.version, &entry.key), (number, &version.key));
            assert_eq!(value(&entry.content), version.value);
        }
        let full = |(_, list): &(KeyVersion, History)| list.entries.len() == HISTORY_ENTRIES;
        assert!(lists.iter().rev().skip(1).all(full), "only the newest list is not full");
        lists.iter().for_each(|(version, _)| needs(*version));
    }
}

/// An edit in terms of whatever is there when it is made.
#[derive(Clone, Debug)]
enum Move {
    Create { level: usize, key: u8, long: bool, value: Vec<u8> },
    Fill { count: u8 },
    Change { at: usize, stale: bool, key: Option<u8>, value: Option<Vec<u8>>, note: Option<u16> },
    Delete { at: usize, stale: bool },
    Absent,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let value = || prop::collection::vec(any::<u8>(), 0..40);
    let stale = || prop::bool::weighted(0.03);
    let one = prop_oneof![
        4 => (0..2usize, 0..60u8, prop::bool::weighted(0.2), value())
            .prop_map(|(level, key, long, value)| Move::Create { level, key, long, value }),
        1 => (1..90u8).prop_map(|count| Move::Fill { count }),
        6 => (
            any::<usize>(),
            stale(),
            prop::option::weighted(0.2, 0..60u8),
            prop::option::weighted(0.7, value()),
            prop::option::weighted(0.3, 0..1025u16),
        )
            .prop_map(|(at, stale, key, value, note)| Move::Change { at, stale, key, value, note }),
        2 => (any::<usize>(), stale()).prop_map(|(at, stale)| Move::Delete { at, stale }),
        1 => Just(Move::Absent),
    ];
    prop::collection::vec(one, 0..12)
}

/// A secret of any kind: to a vault one is as good as another.
fn content(bytes: &[u8], kind: usize) -> NewContent {
    let (bytes, of) = (SecretValue::new(bytes.to_vec()), SecretId::from_random([kind as u8; 16]));
    match kind % 4 {
        0 => NewContent::Value(bytes),
        1 => NewContent::File(bytes, "/run/file".into()),
        2 => NewContent::Alias(of),
        _ => NewContent::Override { of, value: bytes, mount: None },
    }
}

fn key_name(number: u8, long: bool) -> String {
    let filler = if long { "X".repeat(240) } else { String::new() };
    format!("K{number}{filler}")
}

/// The edits of `moves` on what `model` has.
fn edits(moves: &[Move], model: &Model, rng: &mut ChaCha20Rng) -> Vec<Edit> {
    let ids: Vec<SecretId> = model.0.keys().copied().collect();
    let fresh = |rng: &mut ChaCha20Rng| {
        let mut random = [0; 16];
        rng.fill_bytes(&mut random);
        SecretId::from_random(random)
    };
    let pick = |at: usize| ids.get(at % ids.len().max(1)).copied();
    let base = |id: SecretId, stale: bool| model.version(id).unwrap_or(1) - u32::from(stale);
    let mut edits = Vec::new();
    for step in moves.iter().cloned() {
        match step {
            Move::Create { level, key, long, value } => edits.push(Edit::Create {
                id: fresh(rng),
                level: LEVELS[level],
                key: key_name(key, long),
                content: content(&value, level + key as usize),
                note: String::new(),
            }),
            Move::Fill { count } => {
                for _ in 0..count {
                    let id = fresh(rng);
                    let key = format!("FILL_{}", id.to_string().replace('-', "_"));
                    let (level, note) = (Level::Own, String::new());
                    edits.push(Edit::Create { id, level, key, content: value(b"filled"), note });
                }
            }
            Move::Change { at, stale, key, value, note } => {
                let Some(id) = pick(at) else { continue };
                edits.push(Edit::Change {
                    id,
                    base: base(id, stale),
                    key: key.map(|key| key_name(key, false)),
                    content: value.map(|value| content(&value, at)),
                    note: note.map(|length| "n".repeat(length.into())),
                });
            }
            Move::Delete { at, stale } => {
                let Some(id) = pick(at) else { continue };
                edits.push(Edit::Delete { id, base: base(id, stale) });
            }
            Move::Absent => edits.push(Edit::Delete { id: fresh(rng), base: 1 }),
        }
    }
    edits
}

/// Most batches in full would fail on one bad edit: those that can be made one by one.
fn possible(edits: Vec<Edit>, model: &Model) -> Vec<Edit> {
    let mut kept: Vec<Edit> = Vec::new();
    for edit in edits {
        kept.push(edit);
        if model.after(&kept).is_err() {
            kept.pop();
        }
    }
    kept
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn any_edits_in_any_order_open_again_as_the_model_says(
        batches in prop::collection::vec((moves(), prop::bool::weighted(0.7), 0..8u32), 1..10),
        seed: u64,
    ) {
        let mut world = World::new(seed);
        let mut model = Model::default();
        let mut key = 1;
        for (moves, careful, newer_key) in batches {
            key = (key + u32::from(newer_key == 0)).min(3);
            let mut batch = edits(&moves, &model, &mut world.rng);
            if careful {
                batch = possible(batch, &model);
            }
            let before = world.tree;
            match (model.after(&batch), world.push(&batch, key)) {
                (Ok(after), Ok(_)) => model = after,
                (Err(expected), Err(found)) => {
                    prop_assert_eq!(expected, found);
                    prop_assert_eq!(world.tree, before, "nothing was changed");
                }
                (model, staged) => {
                    prop_assert!(false, "model {:?}, staged {staged:?}", model.err());
                }
            }
            world.check(&model);
        }
    }

    #[test]
    fn two_sets_of_edits_on_one_base_merge_or_name_what_clashes(
        base in moves(),
        ours in moves(),
        theirs in moves(),
        seed: u64,
    ) {
        let mut world = World::new(seed);
        let filled = [vec![Move::Fill { count: 20 }], base].concat();
        let batch = edits(&filled, &Model::default(), &mut world.rng);
        let batch = possible(batch, &Model::default());
        world.push(&batch, 1).unwrap();
        let model = Model::default().after(&batch).unwrap();

        // Each makes what it can of what both saw; ours is first.
        let [ours, theirs] = [ours, theirs].map(|moves| {
            let batch = edits(&moves, &model, &mut world.rng);
            possible(batch, &model)
        });
        world.push(&ours, 1).unwrap();
        let with_ours = model.after(&ours).unwrap();

        // By hand, from what the two sets touch.
        let touched = |edit: &Edit| match edit {
            Edit::Change { id, .. } | Edit::Delete { id, .. } => Some(*id),
            Edit::Create { .. } | Edit::Fresh { .. } | Edit::NamedKey { .. } | Edit::AddApplication(_) | Edit::Cards(_) | Edit::RotateAfter(_) => None,
        };
        let touched: BTreeSet<SecretId> = ours.iter().filter_map(touched).collect();
        let mut clashes: Vec<SecretId> = theirs
            .iter()
            .filter_map(|edit| match edit {
                Edit::Create { level, key, .. } => with_ours.live(*level, key),
                Edit::Change { id, .. } | Edit::Delete { id, .. } => {
                    touched.contains(id).then_some(*id)
                }
                Edit::Fresh { .. } | Edit::NamedKey { .. } | Edit::AddApplication(_) | Edit::Cards(_) | Edit::RotateAfter(_) => None,
            })
            .collect();
        clashes.dedup();
        let pushed = world.push(&theirs, 1);
        if clashes.is_empty() {
            match with_ours.after(&theirs) {
                Ok(both) => {
                    pushed.unwrap();
                    world.check(&both);
                    return Ok(());
                }
                // A rename to a key that ours has taken.
                Err(taken) => prop_assert_eq!(pushed.err(), Some(taken)),
            }
        } else {
            prop_assert_eq!(pushed.err(), Some(CannotStage::Conflict(clashes)));
        }
        world.check(&with_ours);
    }
}

fn create(number: u32, key: String) -> Edit {
    // Spread, so that pages fill up everywhere.
    let random: [u8; 16] = Hash::of(&number.to_be_bytes()).0[..16].try_into().unwrap();
    Edit::Create {
        id: SecretId::from_random(random),
        level: Level::Own,
        key,
        content: value(&number.to_be_bytes()),
        note: String::new(),
    }
}

fn change(id: SecretId, base: u32, value: &[u8]) -> Edit {
    Edit::Change { id, base, key: None, content: Some(self::value(value)), note: None }
}

#[test]
fn a_history_is_complete_and_in_order_past_64() {
    let mut world = World::new(1);
    let mut model = Model::default();
    let mut push = |world: &mut World, edit: Edit, key| {
        world.push(std::slice::from_ref(&edit), key).unwrap();
        model = model.after(&[edit]).unwrap();
        model.clone()
    };
    push(&mut world, create(1, "TOKEN".into()), 1);
    let id = world.vault.records().next().unwrap().id;
    for version in 1..200u32 {
        // Deleted and brought back now and then, and under a new key from the middle on.
        let edit = match version % 10 {
            4 => Edit::Delete { id, base: version },
            _ => change(id, version, &version.to_be_bytes()),
        };
        let model = push(&mut world, edit, 1 + version / 100);
        if version % 32 == 0 || version == 199 {
            world.check(&model);
        }
    }
    let record = world.vault.record(id).unwrap();
    let lists = world.lists(id, record.history);
    let lengths: Vec<usize> = lists.iter().map(|(_, list)| list.entries.len()).collect();
    assert_eq!(lengths, [64, 64, 64, 7]);
    assert_eq!(world.oldest_live, 1, "the history is live too");
}

#[test]
fn several_edits_of_one_secret_in_one_change_are_versions_in_order() {
    let mut world = World::new(2);
    let edit = create(1, "TOKEN".into());
    world.push(std::slice::from_ref(&edit), 1).unwrap();
    let mut model = Model::default().after(&[edit]).unwrap();
    let id = world.vault.records().next().unwrap().id;
    for base in [1, 4] {
        let edits = [change(id, base, b"a"), Edit::Delete { id, base }, change(id, base, b"b")];
        world.push(&edits, 1).unwrap();
        model = model.after(&edits).unwrap();
        world.check(&model);
    }
}

#[test]
fn texts_that_grow_do_not_grow_a_page_over_its_limit() {
    let mut world = World::new(3);
    let edits: Vec<Edit> = (0..120).map(|at| create(at, format!("K{at}"))).collect();
    world.push(&edits, 1).unwrap();
    let mut model = Model::default().after(&edits).unwrap();
    assert_eq!(world.root().pages.len(), 1);
    let ids: Vec<SecretId> = model.0.keys().copied().collect();
    for id in ids {
        let note = Some("n".repeat(1024));
        let edit = Edit::Change { id, base: 1, key: None, content: None, note };
        world.push(std::slice::from_ref(&edit), 1).unwrap();
        model = model.after(&[edit]).unwrap();
    }
    world.check(&model);
    assert!(world.root().pages.len() > 4);
}

#[test]
fn a_damaged_page_costs_its_own_secrets_alone() {
    let mut world = World::new(4);
    let all: Vec<Edit> = (0..400).map(|at| create(at, format!("K{at}"))).collect();
    world.push(&all, 1).unwrap();
    let (root, pages) = (world.root(), world.pages());
    assert!(pages.len() >= 4, "{} pages", pages.len());
    let lost = &root.pages[1];
    let gone: BTreeSet<SecretId> = pages[1].0.iter().map(|record| record.id).collect();
    let sealed = world.stored.remove(&lost.object).unwrap();
    world.at_hand = Objects::default();
    world.stored.values().for_each(|sealed| world.at_hand.insert(sealed.clone()));

    let open = |world: &World| {
        let state = world.tree.unwrap();
        let mut objects = Objects::default();
        world.stored.values().for_each(|sealed| objects.insert(sealed.clone()));
        OpenVault::open(world.places, state, &world.keys, &objects, None).unwrap()
    };
    world.vault = open(&world);
    assert_eq!(world.vault.damage(), 1);
    let left: BTreeSet<SecretId> = world.vault.records().map(|record| record.id).collect();
    assert_eq!(left.len() + gone.len(), 400);
    assert!(left.is_disjoint(&gone));
    assert!(gone.iter().all(|id| world.vault.record(*id).is_none()));

    // In the lost page nothing can be changed, made or deleted; it is not overwritten.
    let id = *gone.iter().nth(1).unwrap();
    let between = Edit::Create {
        id: SecretId::from_random({
            let mut bytes = *id.bytes();
            bytes[15] ^= 1;
            bytes
        }),
        level: Level::Own,
        key: "NEW".into(),
        content: value(b""),
        note: String::new(),
    };
    for edit in [change(id, 1, b"x"), Edit::Delete { id, base: 1 }, between] {
        assert_eq!(world.stage(&[edit], 1).err(), Some(CannotStage::Damaged));
    }
    // Elsewhere everything goes on.
    let [first, last] = [&pages[0], &pages[pages.len() - 1]].map(|page| page.0[0].id);
    world.push(&[change(first, 1, b"new"), Edit::Delete { id: last, base: 1 }], 2).unwrap();
    assert_eq!(world.vault.damage(), 1);
    assert_eq!(world.oldest_live, 1, "what is lost is still live");
    let record = world.vault.record(first).unwrap();
    assert_eq!(world.value(first, record.value().unwrap()), b"new");

    // And once the page is back, so is what it holds.
    world.stored.insert(lost.object, sealed);
    world.vault = open(&world);
    assert_eq!((world.vault.damage(), world.vault.records().count()), (0, 400));
}

#[test]
fn what_is_missing_is_asked_for_and_nothing_else_is_taken() {
    let mut world = World::new(7);
    let all: Vec<Edit> = (0..200).map(|at| create(at, format!("K{at}"))).collect();
    world.push(&all, 1).unwrap();
    let state = world.tree.unwrap();
    let pages: Vec<ObjectId> = world.root().pages.iter().map(|page| page.object).collect();
    assert!(pages.len() >= 2);
    let missing = |objects: &Objects, before: Option<&OpenVault>| {
        OpenVault::missing_pages(world.places, state, &world.keys, objects, before).ok()
    };

    let mut objects = Objects::default();
    assert_eq!(missing(&objects, None), None, "without the root page nobody knows");
    objects.take([world.stored[&state.tree].clone()], &pages);
    assert!(!objects.has(state.tree), "it was not asked for");
    objects.take([world.stored[&state.tree].clone()], &[state.tree]);
    assert!(objects.has(state.tree));
    assert_eq!(missing(&objects, None), Some(pages.clone()));
    assert_eq!(missing(&objects, Some(&world.vault)), Some(Vec::new()), "all was open before");

    let before = OpenVault::open(world.places, state, &world.keys, &objects, None).unwrap();
    assert_eq!(before.damage(), pages.len());
    objects.take([world.stored[&pages[0]].clone()], &pages);
    for before in [None, Some(&before)] {
        assert_eq!(missing(&objects, before), Some(pages[1..].to_vec()));
    }
    let partly = OpenVault::open(world.places, state, &world.keys, &objects, None).unwrap();
    let mut bare = Objects::default();
    bare.insert(world.stored[&state.tree].clone());
    assert_eq!(missing(&bare, Some(&partly)), Some(pages[1..].to_vec()));
}

/// A lying writer has the vault's key too: what an honest client cannot go on from is damage.
#[test]
fn versions_that_nothing_can_follow_are_damage() {
    type Lie = fn(&mut PageRef, &mut Record);
    let lies: [(&str, Lie); 4] = [
        ("none", |_, _| {}),
        ("a secret's last version", |_, record| record.version = u32::MAX),
        ("a version that its history has already", |_, record| record.version = 1),
        ("a page's last version", |page, _| page.version = u64::MAX),
    ];
    for (lie, tell) in lies {
        let mut world = World::new(6);
        world.push(&[create(0, "K".into())], 1).unwrap();
        let id = world.vault.records().next().unwrap().id;
        world.push(&[change(id, 1, b"second")], 1).unwrap();
        world.forge(|root, pages| tell(&mut root.pages[0], &mut pages[0].0[0]));
        let version = world.vault.record(id).unwrap().version;
        let staged = world.stage(&[change(id, version, b"third")], 1).err();
        assert_eq!(staged, (lie != "none").then_some(CannotStage::Damaged), "{lie}");
    }
}

/// Or an honest client would go on from it, and no server would take what it commits.
#[test]
fn a_page_that_needs_no_key_or_one_newer_than_its_own_is_damage() {
    type Lie = fn(&mut PageRef, &mut Record);
    let lies: [(&str, usize, Lie); 6] = [
        ("none", 0, |_, _| {}),
        ("a page needs no key", 1, |page, _| page.oldest = 0),
        ("a page needs a newer one", 1, |page, _| page.oldest = 2),
        ("a record needs no key", 1, |_, record| record.oldest = 0),
        ("a record needs a newer one", 1, |_, record| record.oldest = 2),
        ("all is newer than the vault's own", 0, |page, record| {
            (page.key_version, page.oldest, record.oldest) = (3, 3, 3);
        }),
    ];
    for (lie, damage, tell) in lies {
        let mut world = World::new(11);
        world.push(&[create(0, "K".into())], 1).unwrap();
        let id = world.vault.records().next().unwrap().id;
        world.forge(|root, pages| tell(&mut root.pages[0], &mut pages[0].0[0]));
        assert_eq!(world.vault.damage(), damage, "{lie}");
        let staged = world.stage(&[change(id, 1, b"second")], 1).err();
        assert_eq!(staged, (damage > 0).then_some(CannotStage::Damaged), "{lie}");
        // Elsewhere everything goes on.
        let web = Application { id: ApplicationId::from_random([5; 16]), name: "web".into() };
        world.push(&[Edit::AddApplication(web)], 1).unwrap();
        assert_eq!((world.oldest_live, world.vault.damage()), (1, damage), "{lie}");
    }
}

/// Or who had the page open before would see what nobody else sees.
#[test]
fn a_page_is_judged_anew_under_another_reference() {
    let mut world = World::new(12);
    world.push(&[create(0, "K".into())], 1).unwrap();
    let before = world.vault.clone();
    let mut root = world.root();
    root.pages[0].oldest = 0;
    let state = world.plant_root(&root);
    for before in [None, Some(&before)] {
        let opened = OpenVault::open(world.places, state, &world.keys, &world.at_hand, before);
        assert_eq!(opened.unwrap().damage(), 1);
        let mut bare = Objects::default();
        bare.insert(world.stored[&state.tree].clone());
        let missing = OpenVault::missing_pages(world.places, state, &world.keys, &bare, before);
        assert_eq!(missing, Ok(vec![root.pages[0].object]));
    }
}

#[test]
fn a_page_that_is_split_off_counts_its_own_versions() {
    let mut world = World::new(10);
    let all: Vec<Edit> = (0..160).map(|at| create(at, format!("K{at}"))).collect();
    world.push(&all[..100], 1).unwrap();
    world.push(&all[100..], 1).unwrap();
    let versions: BTreeSet<u64> = world.root().pages.iter().map(|page| page.version).collect();
    assert_eq!(versions, [1, 2].into());
}

/// Each version says whose it is, and what it needs is never said to be newer than its own key.
#[test]
fn a_new_version_is_its_authors_and_the_one_before_keeps_its_own() {
    let mut world = World::new(9);
    world.push(&[create(0, "K".into())], 3).unwrap();
    world.forge(|_, pages| {
        let record = &mut pages[0].0[0];
        (record.author, record.seq, record.time) = (MemberId::from_random([8; 16]), 1, 78);
    });
    let before = world.vault.records().next().unwrap().clone();
    world.push(&[change(before.id, 1, b"second")], 2).unwrap();

    let record = world.vault.record(before.id).unwrap();
    assert_eq!((record.author, record.seq, record.time), (AUTHOR, world.seq, 0));
    assert_eq!(record.oldest, 2);
    let lists = world.lists(record.id, record.history);
    let [(_, History { entries, .. })] = &lists[..] else { panic!("one list") };
    let [past] = &entries[..] else { panic!("one entry") };
    assert_eq!((past.author, past.seq, past.time), (before.author, before.seq, before.time));
    assert_eq!((&past.key, &past.content, past.version), (&before.key, &before.content, 1));

    // A version of an entry to come, or one that is said to be fresh as of it, is none.
    let newest = record.history.unwrap();
    let place = world.places.history(record.id, &newest);
    let (id, now) = (record.id, world.seq);
    let beyond = [
        (HistoryEntry { seq: now, fresh: Some(now), ..past.clone() }, true),
        (HistoryEntry { seq: now + 1, ..past.clone() }, false),
        (HistoryEntry { fresh: Some(now + 1), ..past.clone() }, false),
    ];
    for (entry, opens) in beyond {
        let list = History { entries: vec![entry], older: None };
        let object = world.plant(&list, &place);
        let list = HistoryRef { object, ..newest };
        let opened = world.vault.open_history(id, &list, &world.keys, &world.at_hand);
        assert_eq!(opened.is_ok(), opens);
    }
}

/// Or a secret would be in two pages, and which of the two is meant would be anybody's guess.
#[test]
fn a_page_that_ends_with_the_first_secret_of_the_next_is_damage() {
    let mut world = World::new(8);
    let all: Vec<Edit> = (0..200).map(|at| create(at, format!("K{at}"))).collect();
    world.push(&all, 1).unwrap();
    world.forge(|_, _| {});
    assert_eq!(world.vault.damage(), 0);
    world.forge(|_, pages| {
        let first = pages[1].0[0].clone();
        pages[0].0.push(first);
    });
    assert_eq!(world.vault.damage(), 1);
}

#[test]
fn one_edit_among_ten_thousand_secrets_uploads_at_most_64_kb() {
    let mut world = World::new(5);
    let key = |at: u32| format!("K{at:0>63}");
    let edits: Vec<Edit> = (0..10_000).map(|at| create(at, key(at))).collect();
    world.push(&edits, 1).unwrap();
    assert!(world.vault.records().all(|record| record.key.len() == 64));
    let most = 64_000;
    let ids: Vec<SecretId> = world.vault.records().map(|record| record.id).collect();
    // The first, the last and two between.
    for (at, id) in ids.iter().enumerate().step_by(3333) {
        let bytes = world.push(&[change(*id, 1, b"another value")], 1).unwrap();
        assert!(bytes <= most, "{bytes} bytes for secret {at}");
    }
    // With a list of its history that is nearly full, then full.
    let many: Vec<Edit> = (0..62).map(|_| change(ids[0], 2, b"another value")).collect();
    world.push(&many, 1).unwrap();
    for base in 64..=66 {
        let bytes = world.push(&[change(ids[0], base, b"another value")], 1).unwrap();
        assert!(bytes <= most, "{bytes} bytes for version {base}");
    }
    let bytes = world.push(&[create(10_000, key(10_000))], 1).unwrap();
    assert!(bytes <= most, "{bytes} bytes for a new secret");
    let bytes = world.push(&[Edit::Delete { id: ids[5000], base: 1 }], 1).unwrap();
    assert!(bytes <= most, "{bytes} bytes for a deletion");
}
