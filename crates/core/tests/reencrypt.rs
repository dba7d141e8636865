//! Re-encryption: afterwards the new key alone opens all that is live, and nothing else is changed.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests")]

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_core::envelope::Sealed;
use subrosa_core::manifest::{
    Content, HISTORY_ENTRIES, Level, Page, PageRef, ROTATIONS, Record, RootPage, Rotation, Subject,
    VaultPlaces,
};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{
    Earlier, Edit, Keyring, NewContent, Objects, OpenVault, Reencrypted, StagedVault, Stamp,
    TreeState, Unit, Walk,
};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::id::{Hash, MemberId, PageId, ProjectId, SecretId, TeamId, VaultId};
use subrosa_wire::log::Commit;
use subrosa_wire::object::ObjectId;

const PLACES: VaultPlaces =
    VaultPlaces { team: TeamId(Hash([1; 32])), vault: VaultId::from_random([2; 16]) };
const STAMP: Stamp = Stamp { author: MemberId::from_random([3; 16]), seq: 1, time: 0 };

fn id(number: u16) -> SecretId {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    SecretId::from_random(bytes)
}

fn value(text: &str) -> NewContent {
    NewContent::Value(SecretValue::new(text.into()))
}

fn change(number: u16, base: u32, text: &str) -> Edit {
    Edit::Change { id: id(number), base, key: None, content: Some(value(text)), note: None }
}

/// A vault with what it was sealed under, and all objects.
struct World {
    vault: OpenVault,
    keys: Keyring,
    objects: Objects,
    sealed: Vec<Vec<u8>>,
    rng: ChaCha20Rng,
    key_version: u32,
    commits: u64,
    last: Option<Commit>,
}

impl World {
    /// 300 secrets; number 7 has 100 versions, 8 is deleted, 9 is an alias of 7.
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let mut keys = Keyring::default();
        keys.insert(PLACES.vault, 1, VaultKey::generate(&mut rng));
        let subject = Subject::Project { id: ProjectId::from_random([4; 16]), name: "p".into() };
        let vault = OpenVault::new(PLACES.team, PLACES.vault, subject);
        let mut world = World {
            vault,
            keys,
            objects: Objects::default(),
            sealed: Vec::new(),
            rng,
            key_version: 1,
            commits: 0,
            last: None,
        };
        let create = |number: u16| Edit::Create {
            id: id(number),
            level: Level::Own,
            key: format!("KEY_{number}"),
            content: match number {
                9 => NewContent::Alias(id(7)),
                _ => value(&format!("value of {number}")),
            },
            note: String::new(),
        };
        world.edit(&(0..300).map(create).collect::<Vec<_>>()).unwrap();
        for base in 1..100 {
            world.edit(&[change(7, base, &format!("version {}", base + 1))]).unwrap();
        }
        world.edit(&[Edit::Delete { id: id(8), base: 1 }]).unwrap();
        world
    }

    fn edit(&mut self, edits: &[Edit]) -> Option<()> {
        let (keys, objects) = (&self.keys, &self.objects);
        let rng = &mut self.rng;
        let staged = self.vault.stage(edits, "", self.key_version, STAMP, keys, objects, rng);
        self.take(staged.ok()?);
        Some(())
    }

    fn take(&mut self, staged: StagedVault) {
        staged.objects.iter().for_each(|object| self.objects.insert(object.clone()));
        self.sealed.extend(staged.objects);
        self.commits += 1;
        self.vault = staged.vault;
        self.last = Some(staged.commit);
    }

    fn rekey(&mut self) {
        self.key_version += 1;
        self.keys.insert(PLACES.vault, self.key_version, VaultKey::generate(&mut self.rng));
    }

    fn needing(&self) -> Vec<Unit> {
        self.vault.needing_older(self.key_version)
    }

    fn reencrypt(&mut self, units: &[Unit], earlier: Earlier) -> Vec<SecretId> {
        let (keys, objects) = (&self.keys, &self.objects);
        let (version, rng) = (self.key_version, &mut self.rng);
        let done = self.vault.reencrypt(units, earlier, "", version, STAMP, keys, objects, rng);
        let Reencrypted { staged, stuck, .. } = done.unwrap();
        self.take(staged);
        stuck
    }

    /// The key of one version alone.
    fn key(&self, version: u32) -> Keyring {
        let mut keys = Keyring::default();
        let key = self.keys.get(PLACES.vault, version).unwrap().clone();
        keys.insert(PLACES.vault, version, key);
        keys
    }

    /// The vault, opened from nothing with the current key alone.
    fn reopened(&self) -> (OpenVault, Keyring) {
        let (keys, tree) = (self.key(self.key_version), self.vault.tree().unwrap());
        let state = TreeState {
            tree,
            seq: STAMP.seq,
            commits: self.commits,
            key_version: self.key_version,
            keys: &[],
        };
        (OpenVault::open(PLACES, state, &keys, &self.objects, None).unwrap(), keys)
    }

    /// As if the server had lost these.
    fn lose(&mut self, lost: &[ObjectId]) {
        self.objects = Objects::default();
        let kept = self.sealed.iter().filter(|sealed| !lost.contains(&ObjectId::of(sealed)));
        kept.for_each(|sealed| self.objects.insert(sealed.clone()));
        lost.iter().for_each(|lost| self.objects.missing(*lost));
    }

    /// Only these are at hand; nobody has looked for the others.
    fn hold(&mut self, held: &[ObjectId]) {
        self.objects = Objects::default();
        self.objects.take(self.sealed.iter().cloned(), held);
    }

    /// All of them are at hand.
    fn hold_all(&mut self) {
        self.lose(&[]);
    }

    /// The same vault, in which a page says what it likes.
    fn with(&mut self, reference: &PageRef, records: Vec<Record>) -> OpenVault {
        let key = self.keys.get(PLACES.vault, self.key_version).unwrap().sealing();
        let places = PLACES.page(reference.page, reference.version, reference.key_version);
        let page = Sealed::seal(&Page(records), key, &places, &mut self.rng).unwrap();
        let pages = vec![PageRef { object: page.id(), ..reference.clone() }];
        let subject = self.vault.subject().clone();
        let root = RootPage { subject, pages, rotations: vec![], rotate_after: None };
        let place = PLACES.commit(self.commits, self.key_version);
        let root = Sealed::seal(&root, key, &place, &mut self.rng).unwrap();
        let (tree, commits, key_version) = (root.id(), self.commits, self.key_version);
        self.objects.insert(page.into_bytes());
        self.objects.insert(root.into_bytes());
        let state = TreeState { tree, seq: STAMP.seq, commits, key_version, keys: &[] };
        OpenVault::open(PLACES, state, &self.keys, &self.objects, None).unwrap()
    }
}

fn read(vault: &OpenVault, keys: &Keyring, objects: &Objects, record: &Record) -> Option<String> {
    let value = record.value()?;
    let opened = vault.open_value(record.id, value, keys, objects).unwrap();
    Some(opened.expose_text().unwrap().to_owned())
}

/// Every version of a secret that its history has, the newest first.
fn past(vault: &OpenVault, keys: &Keyring, objects: &Objects, record: &Record) -> Vec<String> {
    let mut all = Vec::new();
    let mut next = record.history;
    while let Some(reference) = next {
        let list = vault.open_history(record.id, &reference, keys, objects).unwrap();
        for entry in list.entries.iter().rev() {
            let value = entry.content.as_ref().and_then(Content::value);
            all.extend(value.map(|value| {
                let opened = vault.open_value(record.id, value, keys, objects).unwrap();
                opened.expose_text().unwrap().to_owned()
            }));
        }
        next = list.older;
    }
    all
}

/// What a record says besides where its parts are sealed.
fn said(record: &Record) -> (SecretId, String, u32, String, u64, bool) {
    let live = record.is_live();
    (record.id, record.key.clone(), record.version, record.note.clone(), record.seq, live)
}

#[test]
fn the_new_key_alone_opens_all_of_it_afterwards_and_nothing_else_is_changed() {
    let mut world = World::new();
    let before = world.vault.clone();
    let old_keys = world.key(1);
    world.rekey();
    // An alias without a history needs no key, its page does.
    let units = world.needing();
    let records = units.iter().filter(|unit| matches!(unit, Unit::Record(_))).count();
    assert_eq!(records, 299);
    assert!(units.len() > records);

    // In batches, with an edit between them.
    let mut batches = 0;
    while let Some(unit) = world.needing().first().copied() {
        let batch: Vec<Unit> = world.needing().into_iter().take(40).collect();
        assert_eq!(batch[0], unit);
        assert!(world.reencrypt(&batch, Earlier::Reencrypt).is_empty());
        if batches == 2 {
            world.edit(&[change(250, 1, "edited meanwhile")]).unwrap();
        }
        batches += 1;
        assert!(batches < 20, "it comes to an end");
    }
    assert_eq!(world.last.as_ref().map(|commit| commit.oldest_live), Some(2));

    let (after, keys) = world.reopened();
    assert_eq!((after.damage(), after.records().count()), (0, 300));
    for (was, is) in before.records().zip(after.records()) {
        if is.id == id(250) {
            let text = read(&after, &keys, &world.objects, is);
            assert_eq!((is.version, text.as_deref()), (2, Some("edited meanwhile")));
            assert_eq!(past(&after, &keys, &world.objects, is), ["value of 250"]);
            continue;
        }
        assert_eq!(said(was), said(is));
        let value = read(&before, &old_keys, &world.objects, was);
        assert_eq!(value, read(&after, &keys, &world.objects, is));
        let earlier = past(&before, &old_keys, &world.objects, was);
        assert_eq!(earlier, past(&after, &keys, &world.objects, is));
    }
    let seven = after.record(id(7)).unwrap();
    assert_eq!(past(&after, &keys, &world.objects, seven).len(), 99);
    const { assert!(99 > HISTORY_ENTRIES, "over two lists") }
    let eight = after.record(id(8)).unwrap();
    assert_eq!(past(&after, &keys, &world.objects, eight), ["value of 8"]);
}

#[test]
fn earlier_versions_may_be_dropped() {
    let mut world = World::new();
    world.rekey();
    let units = world.needing();
    assert!(world.reencrypt(&units, Earlier::Drop).is_empty());
    assert!(world.needing().is_empty());
    let (after, keys) = world.reopened();
    assert!(after.records().all(|record| record.history.is_none()));
    let seven = after.record(id(7)).unwrap();
    assert_eq!(read(&after, &keys, &world.objects, seven).as_deref(), Some("version 100"));
    // The deleted one stays a deleted one.
    assert!(!after.record(id(8)).unwrap().is_live());
}

#[test]
fn what_does_not_open_stays_as_it_is_is_named_and_holds_the_key_back() {
    let mut world = World::new();
    let lost = world.vault.record(id(5)).unwrap().clone();
    // Number 7's oldest list is gone too.
    let seven = world.vault.record(id(7)).unwrap().clone();
    let list = world
        .vault
        .open_history(id(7), &seven.history.unwrap(), &world.keys, &world.objects)
        .unwrap();
    world.lose(&[lost.value().unwrap().object, list.older.unwrap().object]);
    world.rekey();
    let units = world.needing();
    assert_eq!(world.reencrypt(&units, Earlier::Reencrypt), [id(5), id(7)]);
    for was in [lost, seven] {
        assert_eq!(world.vault.record(was.id), Some(&was));
    }
    assert_eq!(world.needing(), [Unit::Record(id(5)), Unit::Record(id(7))]);
    assert_eq!(world.last.as_ref().map(|commit| commit.oldest_live), Some(1));
    // Without its history the second one can be.
    let stuck = world.reencrypt(&world.needing(), Earlier::Drop);
    assert_eq!(stuck, [id(5)]);
    assert_eq!(world.last.as_ref().map(|commit| commit.oldest_live), Some(1));
}

#[test]
fn a_long_history_is_done_in_pieces() {
    let mut world = World::new();
    let seven = world.vault.record(id(7)).unwrap().clone();
    let before = past(&world.vault, &world.keys, &world.objects, &seven);
    world.rekey();
    let (newest, unit) = (seven.history.unwrap(), [Unit::Record(id(7))]);
    let list = world.vault.open_history(id(7), &newest, &world.keys, &world.objects).unwrap();
    let values: Vec<ObjectId> = list
        .entries
        .iter()
        .map(|entry| entry.content.as_ref().unwrap().value().unwrap().object)
        .collect();
    // Nothing of it is at hand: nothing is changed.
    world.hold(&[]);
    assert!(world.reencrypt(&unit, Earlier::Reencrypt).is_empty());
    assert_eq!(world.vault.record(id(7)), Some(&seven));
    // The newest list, and half of what is in it.
    world.hold_all();
    world.hold(&[&[newest.object], &values[..10]].concat());
    assert!(world.reencrypt(&unit, Earlier::Reencrypt).is_empty());
    let half = world.vault.record(id(7)).unwrap().clone();
    assert_eq!((half.oldest, half.history.unwrap().key_version), (1, 2));
    assert_eq!(half.value(), seven.value());
    assert!(world.needing().contains(&unit[0]));
    world.hold_all();
    assert_eq!(past(&world.vault, &world.keys, &world.objects, &half), before);
    // The rest.
    assert!(world.reencrypt(&unit, Earlier::Reencrypt).is_empty());
    assert!(!world.needing().contains(&unit[0]));
    let whole = world.vault.record(id(7)).unwrap().clone();
    let new = world.key(2);
    assert_eq!(past(&world.vault, &new, &world.objects, &whole), before);
    // What is done is not done again.
    assert!(world.reencrypt(&unit, Earlier::Reencrypt).is_empty());
    assert_eq!(world.vault.record(id(7)), Some(&whole));
}

#[test]
fn a_walk_finds_what_a_record_keeps_to_itself() {
    let mut world = World::new();
    world.rekey();
    let seven = world.vault.record(id(7)).unwrap().clone();
    let mut newest = vec![seven.history.unwrap().object, seven.value().unwrap().object];
    world.hold(&newest);
    world.reencrypt(&[Unit::Record(id(7))], Earlier::Reencrypt);
    world.hold_all();
    let honest = world.vault.record(id(7)).unwrap().clone();
    assert_eq!((honest.oldest, honest.history.unwrap().key_version), (1, 2));
    // Its list is under the new key, the values in it are not, and it denies that.
    let liar = Record { oldest: 2, ..honest.clone() };
    let reference = PageRef {
        page: PageId::from_random([9; 16]),
        first: id(7),
        object: ObjectId::of(b""),
        version: 1,
        key_version: 2,
        oldest: 2,
    };
    let vault = world.with(&reference, vec![liar]);
    assert!(vault.needing_older(2).is_empty());
    let none = Objects::default();
    let Walk { lacking, older, earlier } = vault.walk(&[id(7)], 2, &world.keys, &none);
    newest = vec![honest.history.unwrap().object];
    assert_eq!((lacking, older, earlier), (newest, vec![], 0));
    let walk = vault.walk(&[id(7), id(8)], 2, &world.keys, &world.objects);
    assert_eq!((walk.lacking, walk.older, walk.earlier), (vec![], vec![id(7)], 99));
    // Who has been told re-encrypts it all the same.
    world.vault = vault;
    world.reencrypt(&[Unit::Record(id(7))], Earlier::Reencrypt);
    let walk = world.vault.walk(&[id(7)], 2, &world.keys, &world.objects);
    assert_eq!((walk.older, walk.earlier), (vec![], 99));
    // What a value or a list says of itself counts whatever the record says.
    let value = Record { oldest: 2, history: None, ..seven.clone() };
    let list = Record { oldest: 2, content: None, ..seven };
    for record in [value, list] {
        let vault = world.with(&reference, vec![record]);
        assert_eq!(vault.needing_older(2), [Unit::Record(id(7))]);
    }
}

#[test]
fn a_walk_looks_at_the_record_and_at_each_value_in_its_history() {
    let mut world = World::new();
    world.edit(&[change(10, 1, "second")]).unwrap();
    world.rekey();
    // What has no history needs the old key by its value alone.
    let walk = world.vault.walk(&[id(11)], 2, &world.keys, &Objects::default());
    assert_eq!((walk.lacking, walk.older), (vec![], vec![id(11)]));
    // The record and its one list are under the new key, the value in the list is not.
    let ten = world.vault.record(id(10)).unwrap().clone();
    world.hold(&[ten.history.unwrap().object, ten.value().unwrap().object]);
    world.reencrypt(&[Unit::Record(id(10))], Earlier::Reencrypt);
    world.hold_all();
    let honest = world.vault.record(id(10)).unwrap().clone();
    assert_eq!((honest.oldest, honest.history.unwrap().key_version), (1, 2));
    let reference = PageRef {
        page: PageId::from_random([9; 16]),
        first: id(10),
        object: ObjectId::of(b""),
        version: 1,
        key_version: 2,
        oldest: 2,
    };
    let vault = world.with(&reference, vec![Record { oldest: 2, ..honest }]);
    let walk = vault.walk(&[id(10)], 2, &world.keys, &world.objects);
    assert_eq!((walk.lacking, walk.older, walk.earlier), (vec![], vec![id(10)], 1));
}

#[test]
fn a_retirement_changes_nothing_and_tells_what_was_found() {
    let mut world = World::new();
    let mut told = Vec::new();
    for version in 1..=40 {
        world.rekey();
        world.reencrypt(&world.needing(), Earlier::Reencrypt);
        let before: Vec<Record> = world.vault.records().cloned().collect();
        let (current, keys) = (version + 1, &world.keys);
        let staged = world.vault.retired(version, 100, current, STAMP, keys, &mut world.rng);
        let staged = staged.unwrap();
        assert_eq!((staged.commit.oldest_live, staged.objects.len()), (current, 1));
        world.take(staged);
        assert_eq!(world.vault.records().cloned().collect::<Vec<_>>(), before);
        let Stamp { author, seq, time } = STAMP;
        told.push(Rotation { version, secrets: 300, earlier: 100, author, seq, time });
        if version == 2 {
            assert_eq!(world.vault.rotations(), told);
        }
    }
    // The last of them, for whoever opens it anew.
    let (after, _) = world.reopened();
    assert_eq!(after.rotations(), &told[told.len() - ROTATIONS..]);
}

#[test]
fn what_it_needs_is_asked_for_step_by_step() {
    let mut world = World::new();
    world.rekey();
    let units = [Unit::Record(id(7)), Unit::Record(id(8)), Unit::Record(id(9))];
    let mut had = Objects::default();
    let mut rounds = Vec::new();
    loop {
        let (keys, than) = (&world.keys, world.key_version);
        let needs = world.vault.reencryption_needs(&units, Earlier::Reencrypt, than, keys, &had);
        if needs.is_empty() {
            break;
        }
        rounds.push(needs.len());
        had.take(world.sealed.iter().cloned(), &needs);
    }
    // Two values and two lists; the values of the newest list with the older one; its values.
    assert_eq!(rounds, [3, 35 + 1 + 1, 64]);
    let (keys, all) = (&world.keys, &world.objects);
    let none = world.vault.reencryption_needs(&units, Earlier::Drop, 2, keys, all);
    assert!(none.is_empty());
    // An edit since: of it the list before is asked for, then the value in that; not what is new.
    world.edit(&[change(1, 1, "new")]).unwrap();
    let units = [Unit::Record(id(1))];
    let (mut had, mut rounds) = (Objects::default(), Vec::new());
    while let needs =
        world.vault.reencryption_needs(&units, Earlier::Reencrypt, 2, &world.keys, &had)
        && !needs.is_empty()
    {
        rounds.push(needs.len());
        had.take(world.sealed.iter().cloned(), &needs);
    }
    assert_eq!(rounds, [1, 1]);
}
