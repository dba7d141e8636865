//! `team.json`: a whole team, from its genesis to the values that a founder's seed opens.

use subrosa_core::envelope::SealingKey;
use subrosa_core::keyset::Keyset;
use subrosa_core::manifest::{Content, Level, Subject, VaultPlaces};
use subrosa_core::vault::{Keyring, Objects, OpenVault, TreeState};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::api::Push;
use subrosa_wire::encoding::decode_strict;
use subrosa_wire::id::{Hash, MemberId};
use subrosa_wire::log::SignedEntry;
use subrosa_wire::team::{PublicKey, Team};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Case, Vectors};

const FILE: &str = include_str!("../../../../tests/vectors/team.json");

/// The log's state, with all wraps and objects that came beside it.
fn replay(file: &Vectors) -> (Team, Vec<subrosa_wire::log::Wrap>, Objects) {
    let genesis = &file.section("genesis")[0];
    let signed: SignedEntry = decode_strict(&genesis.bytes("entry")).unwrap();
    let mut team = Team::found(&signed).unwrap();
    assert_eq!(team.id().to_string(), genesis.text("team"));
    let (mut wraps, mut objects) = (Vec::new(), Objects::default());
    for case in file.section("pushes") {
        let push: Push = decode_strict(&case.bytes("push")).unwrap();
        let entry = team.extend(&push.entry).unwrap();
        team.check_wraps(entry.value(), &push.wraps).unwrap();
        wraps.extend(push.wraps);
        push.objects.into_iter().for_each(|object| objects.insert(object.sealed.into()));
    }
    (team, wraps, objects)
}

fn unwrap_all(
    team: &Team,
    wraps: &[subrosa_wire::log::Wrap],
    me: MemberId,
    keyset: &Keyset,
) -> Keyring {
    let mut keys = Keyring::default();
    for wrap in wraps.iter().filter(|wrap| wrap.recipient == me) {
        let vault = team.vault(wrap.vault).unwrap();
        let commitment = vault.key(wrap.version).unwrap().commitment;
        let key = VaultKey::unwrap(wrap, team.id(), keyset, commitment).unwrap();
        keys.insert(wrap.vault, wrap.version, key);
    }
    keys
}

#[test]
fn each_owner_opens_all_from_its_seed() {
    let file = Vectors::read(FILE);
    let (team, wraps, objects) = replay(&file);
    for owner in file.section("owners") {
        let me: MemberId = owner.text("member").parse().unwrap();
        let keyset = Keyset::from_seed(owner.array("seed").into()).unwrap();
        assert_eq!(&team.member(me).unwrap().keyset, keyset.public());
        let keys = unwrap_all(&team, &wraps, me, &keyset);
        for case in file.section("vaults") {
            let id = case.text("vault").parse().unwrap();
            let state = team.vault(id).unwrap();
            let tree = TreeState::newest(state).unwrap();
            let places = VaultPlaces { team: team.id(), vault: id };
            let opened = OpenVault::open(places, tree, &keys, &objects, None).unwrap();
            let name = match opened.subject() {
                Subject::Directory { team_name, .. } => team_name,
                Subject::Project { name, .. } | Subject::Environment { name, .. } => name,
            };
            assert_eq!((name.as_str(), opened.damage()), (case.text("subject"), 0));
        }
        for case in file.section("secrets") {
            let vault = case.text("vault").parse().unwrap();
            let state = team.vault(vault).unwrap();
            let tree = TreeState::newest(state).unwrap();
            let places = VaultPlaces { team: team.id(), vault };
            let opened = OpenVault::open(places, tree, &keys, &objects, None).unwrap();
            let id = case.text("id").parse().unwrap();
            let record = opened.record(id).unwrap();
            let level = match record.level {
                Level::Own => "own".to_owned(),
                Level::Application(id) => id.to_string(),
                Level::NamedKey => panic!("a named key among secrets"),
            };
            assert_eq!(
                (record.key.as_str(), record.note.as_str(), u64::from(record.version), level),
                (
                    case.text("key"),
                    case.text("note"),
                    case.number("version"),
                    case.text("level").into()
                ),
            );
            let value = record.value().map(|value| {
                opened.open_value(id, value, &keys, &objects).unwrap().expose().to_vec()
            });
            assert_eq!(value, case.has("value").then(|| case.bytes("value")), "{}", record.key);
            let past: Vec<Option<Vec<u8>>> = record
                .history
                .iter()
                .flat_map(|list| opened.open_history(id, list, &keys, &objects).unwrap().entries)
                .map(|entry| {
                    entry.content.as_ref().and_then(Content::value).map(|value| {
                        opened.open_value(id, value, &keys, &objects).unwrap().expose().to_vec()
                    })
                })
                .collect();
            let expected: Vec<Option<Vec<u8>>> = case
                .list("past")
                .iter()
                .map(|past| past.has("value").then(|| past.bytes("value")))
                .collect();
            assert_eq!(past, expected, "{}", record.key);
        }
    }
}

/// Trees that were sealed with the right key, and yet are not the vault's tree, or not whole.
#[test]
fn doctored_trees_do_not_open_or_show_damage() {
    for case in Vectors::read(FILE).section("doctored") {
        let places = VaultPlaces {
            team: case.text("team").parse().unwrap(),
            vault: case.text("vault").parse().unwrap(),
        };
        let key = VaultKey::generate(&mut crate::replay::Replay::new(case.bytes("key")));
        let mut keys = Keyring::default();
        keys.insert(places.vault, case.number("key_version") as u32, key);
        let mut objects = Objects::default();
        case.list("objects").iter().for_each(|object| objects.insert(object.bytes("sealed")));
        let given = |it: &Case| PublicKey {
            commitment: Hash([0; 32]),
            backlink: None,
            seq: it.number("seq"),
            time: 0,
        };
        let given: Vec<PublicKey> = case.list("keys").iter().map(given).collect();
        let state = TreeState {
            keys: &given,
            tree: subrosa_wire::object::ObjectId(case.text("tree").parse().unwrap()),
            seq: case.number("seq"),
            commits: case.number("commits"),
            key_version: case.number("key_version") as u32,
        };
        let result = match OpenVault::open(places, state, &keys, &objects, None) {
            Ok(vault) => format!("damage {}", vault.damage()),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(result, case.text("result"), "{}", case.name());
    }
}

/// The key of an object's seal alone does not make it another vault's.
#[test]
fn a_sealing_key_is_made_of_the_vault_key_itself() {
    let bytes = [4; 32];
    let key = VaultKey::generate(&mut crate::replay::Replay::new(bytes));
    let place = subrosa_core::envelope::Place {
        team: None,
        vault: None,
        object: vec![],
        version: 0,
        key_version: 1,
    };
    let value = subrosa_core::secret_value::SecretValue::new(b"x".to_vec());
    let mut rng = crate::replay::Replay::new([5; 32]);
    let sealed =
        subrosa_core::envelope::Sealed::seal(&value, key.sealing(), &place, &mut rng).unwrap();
    assert!(sealed.open(&SealingKey::new(&bytes), &place).is_ok());
}

#[path = "team_making.rs"]
pub mod making;
