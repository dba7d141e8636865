//! Named keys as things in a vault: each change and each refusal, what re-encryption leaves alone,
//! and that no scope meets one.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "tests")]

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_core::contents::{Contents, Scope};
use subrosa_core::manifest::{KeyState, Level, Record, Subject, VaultPlaces};
use subrosa_core::named_key::{BadKeyName, KeyVersions, MAX_VERSIONS, VersionInfo};
use subrosa_core::scope::{Broken, Resolver, hanging_on, judge};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{
    CannotStage, Earlier, Edit, Keyring, NamedKeyChange, NewContent, Objects, OpenVault,
    StagedVault, Stamp, TreeState,
};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::id::{Hash, MemberId, ProjectId, SecretId, TeamId, VaultId};

const PLACES: VaultPlaces =
    VaultPlaces { team: TeamId(Hash([1; 32])), vault: VaultId::from_random([2; 16]) };
const PROJECT: ProjectId = ProjectId::from_random([4; 16]);
const KEY: SecretId = id(9);

const fn id(number: u8) -> SecretId {
    SecretId::from_random([number; 16])
}

/// A vault with all that was ever sealed in it.
struct World {
    vault: OpenVault,
    keys: Keyring,
    objects: Objects,
    rng: ChaCha20Rng,
    key_version: u32,
    commits: u64,
    time: u64,
}

impl World {
    /// A project's, with the secret `orders` and the named key `orders`.
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut keys = Keyring::default();
        keys.insert(PLACES.vault, 1, VaultKey::generate(&mut rng));
        let subject = Subject::Project { id: PROJECT, name: "p".into() };
        let vault = OpenVault::new(PLACES.team, PLACES.vault, subject);
        let (objects, key_version, commits) = (Objects::default(), 1, 0);
        let mut world = World { vault, keys, objects, rng, key_version, commits, time: 100 };
        world.edit(&[secret(1, "orders"), create(KEY, "orders")]).unwrap();
        world
    }

    fn stage(&mut self, edits: &[Edit]) -> Result<StagedVault, CannotStage> {
        let needed = self.vault.needs(edits);
        let mut objects = Objects::default();
        for object in needed.iter().filter_map(|id| self.objects.get(*id)) {
            objects.insert(object.to_vec());
        }
        let stamp =
            Stamp { author: MemberId::from_random([3; 16]), seq: self.commits, time: self.time };
        let (version, rng) = (self.key_version, &mut self.rng);
        self.vault.stage(edits, "", version, stamp, &self.keys, &objects, rng)
    }

    fn edit(&mut self, edits: &[Edit]) -> Result<(), CannotStage> {
        let staged = self.stage(edits)?;
        self.take(staged);
        Ok(())
    }

    fn take(&mut self, staged: StagedVault) {
        staged.objects.into_iter().for_each(|object| self.objects.insert(object));
        self.commits += 1;
        self.time += 10;
        self.vault = staged.vault;
    }

    /// One change of the key, by who has seen its newest state.
    fn change(&mut self, change: NamedKeyChange) -> Result<(), CannotStage> {
        let base = self.record().version;
        self.edit(&[Edit::NamedKey { id: KEY, base, change }])
    }

    fn record(&self) -> &Record {
        self.vault.record(KEY).unwrap()
    }

    fn state(&self) -> KeyState {
        *self.record().key_state().unwrap()
    }

    fn versions(&self) -> KeyVersions {
        let (keys, objects) = (&self.keys, &self.objects);
        self.vault.open_named_key(KEY, &self.state(), keys, objects).unwrap()
    }

    fn numbers(&self) -> Vec<u32> {
        self.versions().versions().map(|version| version.number).collect()
    }

    fn rekey(&mut self) {
        self.key_version += 1;
        self.keys.insert(PLACES.vault, self.key_version, VaultKey::generate(&mut self.rng));
    }

    fn contents(&self) -> Contents {
        let mut contents = Contents::default();
        contents.insert(self.vault.clone());
        contents
    }
}

fn secret(number: u8, key: &str) -> Edit {
    Edit::Create {
        id: id(number),
        level: Level::Own,
        key: key.to_owned(),
        content: NewContent::Value(SecretValue::new(b"x".to_vec())),
        note: String::new(),
    }
}

fn create(id: SecretId, name: &str) -> Edit {
    Edit::NamedKey { id, base: 0, change: NamedKeyChange::Create { name: name.to_owned() } }
}

#[test]
fn a_new_key_has_one_version_made_under_the_current_vault_key() {
    let world = World::new();
    let KeyState { value, .. } = world.state();
    let expected = KeyState {
        value,
        newest: 1,
        oldest: 1,
        time: 100,
        made_under: 1,
        decrypt_from: 1,
        deletable: false,
        rotate_after: None,
    };
    assert_eq!(world.state(), expected);
    let only = VersionInfo { number: 1, made_under: 1, time: 100 };
    assert_eq!(world.versions().versions().collect::<Vec<_>>(), [only]);
    let record = world.record();
    assert_eq!((record.version, record.level, record.history), (1, Level::NamedKey, None));
}

#[test]
fn names_are_checked_and_taken_once_in_a_vault() {
    let mut world = World::new();
    let taken = Err(CannotStage::Exists("orders".into()));
    assert_eq!(world.edit(&[create(id(8), "orders")]), taken);
    let twice = [create(id(7), "twice"), create(id(8), "twice")];
    assert_eq!(world.edit(&twice), Err(CannotStage::Exists("twice".into())));
    for (name, why) in [("", BadKeyName::Length), ("a b", BadKeyName::Character)] {
        let refused = Err(CannotStage::KeyName(name.into(), why));
        assert_eq!(world.edit(&[create(id(8), name)]), refused);
    }
    // No secret could be called so.
    world.edit(&[create(id(8), "7.orders-2026")]).unwrap();
}

#[test]
fn a_rotation_adds_a_version_and_a_trim_takes_away_what_is_below_the_minimum() {
    let mut world = World::new();
    world.change(NamedKeyChange::Rotate).unwrap();
    world.rekey();
    world.change(NamedKeyChange::Rotate).unwrap();
    let state = world.state();
    assert_eq!(
        (state.newest, state.time, state.made_under, state.value.key_version),
        (3, 120, 2, 2)
    );
    assert_eq!(world.numbers(), [1, 2, 3]);
    assert_eq!(world.record().history, None, "what is trimmed must not come back from there");

    let refused = Err(CannotStage::Trim { decrypt_from: 1 });
    assert_eq!(world.change(NamedKeyChange::Trim { below: 2 }), refused);
    world.change(NamedKeyChange::DecryptFrom(3)).unwrap();
    world.change(NamedKeyChange::DecryptFrom(2)).unwrap();
    let refused = Err(CannotStage::Trim { decrypt_from: 2 });
    assert_eq!(world.change(NamedKeyChange::Trim { below: 3 }), refused);
    world.change(NamedKeyChange::Trim { below: 2 }).unwrap();
    assert_eq!(world.numbers(), [2, 3]);
    assert_eq!((world.state().oldest, world.state().newest), (2, 3));

    let refused = Err(CannotStage::DecryptFrom { oldest: 2, newest: 3 });
    for version in [0, 1, 4] {
        assert_eq!(world.change(NamedKeyChange::DecryptFrom(version)), refused);
    }
}

#[test]
fn a_key_of_as_many_versions_as_there_may_be_says_so() {
    let mut world = World::new();
    for _ in 1..MAX_VERSIONS {
        world.change(NamedKeyChange::Rotate).unwrap();
    }
    assert_eq!(world.change(NamedKeyChange::Rotate), Err(CannotStage::KeyFull));
}

#[test]
fn a_reminder_is_set_and_taken_away() {
    let mut world = World::new();
    let before = world.state();
    for (asked, kept) in [(Some(90), Some(90)), (Some(0), None), (Some(1), Some(1)), (None, None)] {
        world.change(NamedKeyChange::RotateAfter(asked)).unwrap();
        assert_eq!(world.state(), KeyState { rotate_after: kept, ..before });
    }
}

#[test]
fn a_guarded_key_is_not_deleted_and_a_deleted_one_stays_so() {
    let mut world = World::new();
    assert_eq!(world.change(NamedKeyChange::Delete), Err(CannotStage::NotDeletable));
    world.change(NamedKeyChange::Deletable(true)).unwrap();
    world.change(NamedKeyChange::Deletable(false)).unwrap();
    assert_eq!(world.change(NamedKeyChange::Delete), Err(CannotStage::NotDeletable));
    world.change(NamedKeyChange::Deletable(true)).unwrap();
    world.change(NamedKeyChange::Delete).unwrap();
    let record = world.record();
    assert_eq!((&record.content, record.history, record.needs()), (&None, None, None));
    assert_eq!(world.change(NamedKeyChange::Rotate), Err(CannotStage::NotFound));
    // As a secret it does not come back either.
    let (base, content) = (world.record().version, NewContent::Value(SecretValue::new(vec![1])));
    let back = Edit::Change { id: KEY, base, key: None, content: Some(content), note: None };
    assert_eq!(world.edit(&[back]), Err(CannotStage::NotFound));
    // Its name is free again, for another key.
    world.edit(&[create(id(8), "orders")]).unwrap();
}

#[test]
fn who_has_not_seen_the_last_change_is_in_conflict() {
    let mut world = World::new();
    let rotate = Edit::NamedKey { id: KEY, base: 1, change: NamedKeyChange::Rotate };
    world.edit(std::slice::from_ref(&rotate)).unwrap();
    assert_eq!(world.edit(&[rotate]), Err(CannotStage::Conflict(vec![KEY])));
    let nobody = Edit::NamedKey { id: id(77), base: 1, change: NamedKeyChange::Rotate };
    assert_eq!(world.edit(&[nobody]), Err(CannotStage::NotFound));
    let of_secret = Edit::NamedKey { id: id(1), base: 1, change: NamedKeyChange::Rotate };
    assert_eq!(world.edit(&[of_secret]), Err(CannotStage::NotFound));
}

#[test]
fn edits_of_secrets_are_not_for_named_keys() {
    let mut world = World::new();
    let as_secret = [
        Edit::Delete { id: KEY, base: 1 },
        Edit::Change { id: KEY, base: 1, key: Some("A".into()), content: None, note: None },
    ];
    for edit in as_secret {
        assert_eq!(world.stage(std::slice::from_ref(&edit)).err(), Some(CannotStage::NotFound));
        let judged = judge(&world.contents(), &[(PLACES.vault, &edit)], &|_| true);
        assert_eq!(judged, Err(Broken::NotFound));
    }
    let Edit::Create { id, key, content, note, .. } = secret(5, "A") else { panic!("a creation") };
    let level = Level::NamedKey;
    let refused = world.stage(&[Edit::Create { id, level, key, content, note }]).err();
    assert_eq!(refused, Some(CannotStage::Application));
}

#[test]
fn only_writers_change_named_keys() {
    let world = World::new();
    let rotate = Edit::NamedKey { id: KEY, base: 1, change: NamedKeyChange::Rotate };
    let judged = |may| judge(&world.contents(), &[(PLACES.vault, &rotate)], &|_| may);
    assert_eq!(judged(true), Ok(()));
    assert_eq!(judged(false), Err(Broken::NotWriter(PLACES.vault)));
}

#[test]
fn no_scope_meets_a_named_key() {
    let world = World::new();
    let contents = world.contents();
    let at = Scope::Project(PROJECT);
    assert_eq!(contents.at(at).map(|record| record.id).collect::<Vec<_>>(), [id(1)]);
    assert!(contents.find(KEY).is_none());
    let resolver = Resolver::new(&contents);
    assert_eq!(resolver.at(at).unwrap().len(), 1);
    assert_eq!(resolver.live(at, "orders").unwrap().id, id(1));
    let view = resolver.view(at).unwrap();
    assert_eq!(view.keys().iter().filter(|key| **key == "orders").count(), 1);
    assert!(hanging_on(&contents, &[KEY]).is_empty());
    // Nor does anything hang on one.
    let (level, note) = (Level::Own, String::new());
    for content in [
        NewContent::Alias(KEY),
        NewContent::Override { of: KEY, value: SecretValue::new(vec![1]), mount: None },
    ] {
        let edit = Edit::Create { id: id(5), level, key: "A".into(), content, note: note.clone() };
        let judged = judge(&contents, &[(PLACES.vault, &edit)], &|_| true);
        assert_eq!(judged, Err(Broken::NoTarget));
    }
}

#[test]
fn after_a_rotation_of_the_vault_its_new_key_alone_opens_the_versions_as_they_were() {
    let mut world = World::new();
    world.change(NamedKeyChange::Rotate).unwrap();
    let (before, record) = (world.versions(), world.record().clone());
    let state = world.state();
    world.rekey();
    let units = world.vault.needing_older(2);
    assert_eq!(units.len(), 3, "a secret, a named key and their page: {units:?}");
    let stamp = Stamp { author: MemberId::from_random([3; 16]), seq: 9, time: 999 };
    let needs =
        world.vault.reencryption_needs(&units, Earlier::Drop, 2, &world.keys, &Objects::default());
    assert!(needs.contains(&state.value.object));
    let (keys, objects, rng) = (&world.keys, &world.objects, &mut world.rng);
    let done = world.vault.reencrypt(&units, Earlier::Drop, "", 2, stamp, keys, objects, rng);
    let done = done.unwrap();
    assert_eq!((done.reencrypted, done.stuck.len(), done.staged.commit.oldest_live), (2, 0, 2));
    world.take(done.staged);

    let mut new = Keyring::default();
    new.insert(PLACES.vault, 2, world.keys.get(PLACES.vault, 2).unwrap().clone());
    let (tree, commits) = (world.vault.tree().unwrap(), world.commits);
    let at = TreeState { tree, seq: 9, commits, key_version: 2, keys: &[] };
    let reopened = OpenVault::open(PLACES, at, &new, &world.objects, None).unwrap();
    let again = reopened.record(KEY).unwrap();
    let new_state = again.key_state().unwrap();
    assert_eq!(new_state.value.key_version, 2);
    assert_eq!(KeyState { value: state.value, ..*new_state }, state);
    // Nobody changed it: whoever edits the version that they saw is in no conflict.
    let meta = |it: &Record| (it.version, it.author, it.seq, it.time);
    assert_eq!(meta(again), meta(&record));
    let versions = reopened.open_named_key(KEY, new_state, &new, &world.objects).unwrap();
    assert!(versions.versions().eq(before.versions()));
    assert!(before.versions().all(|version| version.made_under == 1));
}

#[test]
fn versions_that_are_not_those_of_the_record_do_not_open() {
    let mut world = World::new();
    let first = world.state();
    world.change(NamedKeyChange::Rotate).unwrap();
    let state = world.state();
    let opens = |state: KeyState| {
        world.vault.open_named_key(KEY, &state, &world.keys, &world.objects).is_ok()
    };
    assert!(opens(state) && opens(first));
    assert!(!opens(KeyState { value: first.value, ..state }), "an older state of the key");
    assert!(!opens(KeyState { oldest: 2, ..state }));
    assert!(!opens(KeyState { made_under: 2, ..state }));
    assert!(!opens(KeyState { time: 1, ..state }));
    let other = world.vault.open_named_key(id(1), &state, &world.keys, &world.objects);
    assert!(other.is_err(), "another record's");
}
