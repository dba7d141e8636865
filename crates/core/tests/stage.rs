//! What staging refuses by itself, whoever has judged the change before, and what a commit says of
//! itself.

#![cfg(not(target_arch = "wasm32"))]

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_core::envelope::Sealed;
use subrosa_core::key_name::MAX_NOTE;
use subrosa_core::manifest::{Application, Level, Subject, Summary, VaultPlaces};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{
    CannotStage, Earlier, Edit, Keyring, NewContent, Objects, OpenVault, StagedVault, Stamp, Unit,
};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::id::{
    ApplicationId, EnvironmentId, Hash, MemberId, ProjectId, SecretId, TeamId, VaultId,
};

const PLACES: VaultPlaces =
    VaultPlaces { team: TeamId(Hash([1; 32])), vault: VaultId::from_random([2; 16]) };
const STAMP: Stamp = Stamp { author: MemberId::from_random([3; 16]), seq: 1, time: 0 };
const API: ApplicationId = ApplicationId::from_random([4; 16]);
const NOBODYS: ApplicationId = ApplicationId::from_random([5; 16]);

/// An environment with the application `api`, and its key.
fn vault() -> (OpenVault, Keyring) {
    let subject = Subject::Environment {
        id: EnvironmentId::from_random([6; 16]),
        name: "production".into(),
        project: ProjectId::from_random([7; 16]),
        applications: vec![Application { id: API, name: "api".into() }],
    };
    let mut keys = Keyring::default();
    keys.insert(PLACES.vault, 1, VaultKey::generate(&mut ChaCha20Rng::seed_from_u64(1)));
    (OpenVault::new(PLACES.team, PLACES.vault, subject), keys)
}

fn create(number: u8, level: Level, key: &str, note: &str) -> Edit {
    let content = NewContent::Value(SecretValue::new(b"x".to_vec()));
    let (id, key, note) = (SecretId::from_random([number; 16]), key.to_owned(), note.to_owned());
    Edit::Create { id, level, key, content, note }
}

fn stage(vault: &OpenVault, keys: &Keyring, edits: &[Edit]) -> Result<StagedVault, CannotStage> {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    vault.stage(edits, "why", 1, STAMP, keys, &Objects::default(), &mut rng)
}

#[test]
fn keys_notes_and_levels_are_checked_here_too() {
    let (empty, keys) = vault();
    let own = Level::Own;
    let try_it = |edits: &[Edit]| stage(&empty, &keys, edits).map(drop);
    let note = "n".repeat(MAX_NOTE);
    assert_eq!(try_it(&[create(1, own, "A", &note)]), Ok(()));
    assert_eq!(try_it(&[create(1, own, "A", &(note + "n"))]), Err(CannotStage::Note));
    assert!(matches!(try_it(&[create(1, own, "1A", "")]), Err(CannotStage::Key(..))));
    let twice = [create(1, own, "A", ""), create(2, own, "A", "")];
    assert_eq!(try_it(&twice), Err(CannotStage::Exists("A".into())));
    let api = Level::Application(API);
    assert_eq!(try_it(&[create(1, own, "A", ""), create(2, api, "A", "")]), Ok(()));
    let nobodys = Level::Application(NOBODYS);
    assert_eq!(try_it(&[create(1, nobodys, "A", "")]), Err(CannotStage::Application));
    let application =
        |name: &str| Edit::AddApplication(Application { id: NOBODYS, name: name.to_owned() });
    assert_eq!(try_it(&[application("web"), create(1, nobodys, "A", "")]), Ok(()));
    assert_eq!(try_it(&[application("api")]), Err(CannotStage::Application));
}

#[test]
fn a_commit_says_how_much_was_done_and_why() {
    let (empty, keys) = vault();
    let own = Level::Own;
    let edits = [create(1, own, "A", ""), create(2, own, "B", ""), create(3, own, "C", "")];
    let summary_of = |staged: &StagedVault, commits| {
        let key = keys.get(PLACES.vault, 1).unwrap().sealing();
        let sealed = Sealed::<Summary>::claimed(staged.commit.summary.to_vec());
        let summary = sealed.open(key, &PLACES.commit(commits, 1)).unwrap();
        let Summary { note, created, changed, deleted, reencrypted } = summary;
        assert_eq!(reencrypted, 0);
        (note, created, changed, deleted)
    };
    let first = stage(&empty, &keys, &edits).unwrap();
    assert_eq!(summary_of(&first, 1), ("why".into(), 3, 0, 0));
    let delete = |number| Edit::Delete { id: SecretId::from_random([number; 16]), base: 1 };
    let change = Edit::Change {
        id: SecretId::from_random([1; 16]),
        base: 1,
        key: None,
        content: None,
        note: Some("n".into()),
    };
    let second = stage(&first.vault, &keys, &[delete(2), change, delete(3)]).unwrap();
    assert_eq!(summary_of(&second, 2), ("why".into(), 0, 1, 2));
}

#[test]
fn a_page_of_aliases_alone_is_sealed_again_by_itself() {
    let (empty, mut keys) = vault();
    let id = SecretId::from_random([1; 16]);
    let content = NewContent::Alias(SecretId::from_random([9; 16]));
    let (level, key, note) = (Level::Own, "A".to_owned(), String::new());
    let first = stage(&empty, &keys, &[Edit::Create { id, level, key, content, note }]).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    keys.insert(PLACES.vault, 2, VaultKey::generate(&mut rng));
    let units = first.vault.needing_older(2);
    assert!(matches!(units[..], [Unit::Page(_)]), "{units:?}");
    let objects = Objects::default();
    let (earlier, keys, objects) = (Earlier::Reencrypt, &keys, &objects);
    let again = first.vault.reencrypt(&units, earlier, "", 2, STAMP, keys, objects, &mut rng);
    let staged = again.unwrap().staged;
    assert!(staged.vault.needing_older(2).is_empty());
    assert_eq!((staged.commit.oldest_live, staged.objects.len()), (2, 2));
}
