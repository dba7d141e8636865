//! Re-encryption: afterwards the new key alone opens all that is live, and nothing else is changed.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests")]

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_core::manifest::{Content, HISTORY_ENTRIES, Level, Record, Subject, VaultPlaces};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{
    Earlier, Edit, Keyring, NewContent, Objects, OpenVault, Reencrypted, StagedVault, Stamp,
    TreeState, Unit,
};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::id::{Hash, MemberId, ProjectId, SecretId, TeamId, VaultId};
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
        let Reencrypted { staged, stuck } = done.unwrap();
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
        let state = TreeState { tree, commits: self.commits, key_version: self.key_version };
        (OpenVault::open(PLACES, state, &keys, &self.objects, None).unwrap(), keys)
    }

    /// As if the server had lost these.
    fn lose(&mut self, lost: &[ObjectId]) {
        self.objects = Objects::default();
        let kept = self.sealed.iter().filter(|sealed| !lost.contains(&ObjectId::of(sealed)));
        kept.for_each(|sealed| self.objects.insert(sealed.clone()));
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
        world.sealed.iter().for_each(|sealed| had.take(sealed.clone(), &needs));
    }
    // Two values and two lists; the values of the newest list with the older one; its values.
    assert_eq!(rounds, [3, 35 + 1 + 1, 64]);
    let (keys, all) = (&world.keys, &world.objects);
    let none = world.vault.reencryption_needs(&units, Earlier::Drop, 2, keys, all);
    assert!(none.is_empty());
}
