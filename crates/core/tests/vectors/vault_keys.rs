//! `vault_keys.json`: commitments to vault keys, and wraps.

use hpke::kem::XWing;
use hpke::{Deserializable, Kem};
use subrosa_core::keyset::Keyset;
use subrosa_core::vault_key::{KeyName, VaultKey};
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::log::Wrap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::by_hand::{array, bytes, expand, hpke_open, tag, uint};
use crate::file::{Case, Vectors, hex};
use crate::replay::Replay;

const FILE: &str = include_str!("../../../../tests/vectors/vault_keys.json");

fn name(case: &Case<'_>) -> KeyName {
    KeyName {
        team: TeamId(Hash(case.array("team"))),
        vault: VaultId::from_random(case.array("vault")),
        version: case.number("version") as u32,
    }
}

fn wrap(case: &Case<'_>) -> Wrap {
    let KeyName { vault, version, .. } = name(case);
    let recipient = MemberId::from_random(case.array("recipient"));
    Wrap { vault, version, recipient, sealed: case.bytes("sealed").into() }
}

fn keyset(case: &Case<'_>) -> Keyset {
    Keyset::from_seed(case.array("recipient_seed").into()).unwrap()
}

fn info(name: &KeyName, recipient: &[u8], keyset: &Keyset) -> Vec<u8> {
    let public = keyset.public();
    let keys = array(&[bytes(&public.signing.0), bytes(&public.kem.0)]);
    let team = bytes(&name.team.0.0);
    let vault = bytes(name.vault.bytes());
    tag("wrap", &array(&[team, vault, uint(name.version.into()), bytes(recipient), keys]))
}

#[test]
fn keys_are_committed_to_and_wrapped_as_written_here() {
    for case in Vectors::read(FILE).section("good") {
        let (name, key_bytes) = (name(&case), case.bytes("key"));
        let context = array(&[bytes(name.vault.bytes()), uint(name.version.into())]);
        let commitment: [u8; 32] = expand(&key_bytes, &tag("key-commitment", &context));
        assert_eq!(hex(&commitment), case.text("commitment"), "{}", case.name());
        let key = VaultKey::generate(&mut Replay::new(case.bytes("key")));
        assert_eq!(key.commitment(name), Hash(commitment), "{}", case.name());

        let (keyset, mut rng) = (keyset(&case), Replay::new(case.bytes("eseed")));
        let recipient = MemberId::from_random(case.array("recipient"));
        let made = key.wrap(name, recipient, keyset.public(), &mut rng).unwrap();
        assert!(rng.is_spent());
        assert_eq!(made, wrap(&case), "{}", case.name());
        let opened = VaultKey::unwrap(&made, name.team, &keyset, Hash(commitment)).unwrap();
        assert_eq!(opened.commitment(name), Hash(commitment));

        let info = info(&name, recipient.bytes(), &keyset);
        assert_eq!(Hash::of(&info).to_string(), case.text("info_sha256"), "{}", case.name());
        let sealed = case.bytes("sealed");
        let (encapsulated, ciphertext) = sealed.split_at(1120);
        let kem_seed: [u8; 32] = expand(&case.bytes("recipient_seed"), &tag("kem-seed", b""));
        let private = <XWing as Kem>::PrivateKey::from_bytes(&kem_seed).unwrap();
        let encapsulated = <XWing as Kem>::EncappedKey::from_bytes(encapsulated).unwrap();
        let secret = XWing::decap(&private, None, &encapsulated).unwrap();
        assert_eq!(hex(&secret.0), case.text("shared_secret"), "{}", case.name());
        assert_eq!(hpke_open(&secret.0, &info, ciphertext), Some(key_bytes), "{}", case.name());
    }
}

#[test]
fn no_other_wrap_opens() {
    for case in Vectors::read(FILE).section("bad") {
        let commitment = Hash(case.array("commitment"));
        let opened = VaultKey::unwrap(&wrap(&case), name(&case).team, &keyset(&case), commitment);
        let error = opened.err().unwrap_or_else(|| panic!("{}", case.name()));
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

pub fn write() {
    use serde_json::json;

    let team = TeamId(Hash([1; 32]));
    let vault = VaultId::from_random([2; 16]);
    let recipient = MemberId::from_random([3; 16]);
    let made = |title: &str, version: u32, key_byte: u8, seed: u8, eseed: u8| {
        let name = KeyName { team, vault, version };
        let key = VaultKey::generate(&mut Replay::new([key_byte; 32]));
        let keyset = Keyset::from_seed([seed; 32].into()).unwrap();
        let wrap =
            key.wrap(name, recipient, keyset.public(), &mut Replay::new([eseed; 64])).unwrap();
        let kem_seed: [u8; 32] = expand(&[seed; 32], &tag("kem-seed", b""));
        let private = <XWing as Kem>::PrivateKey::from_bytes(&kem_seed).unwrap();
        let encapsulated = <XWing as Kem>::EncappedKey::from_bytes(&wrap.sealed[..1120]).unwrap();
        let secret = XWing::decap(&private, None, &encapsulated).unwrap();
        json!({
            "name": title, "team": team.to_string(), "vault": hex(vault.bytes()),
            "version": version, "recipient": hex(recipient.bytes()),
            "recipient_seed": hex(&[seed; 32]), "key": hex(&[key_byte; 32]),
            "eseed": hex(&[eseed; 64]), "shared_secret": hex(&secret.0),
            "info_sha256": Hash::of(&info(&name, recipient.bytes(), &keyset)).to_string(),
            "commitment": key.commitment(name).to_string(),
            "sealed": hex(&wrap.sealed),
        })
    };
    let first = made("the first version", 1, 4, 5, 6);
    let good = vec![first.clone(), made("a later version", 70_000, 7, 8, 9)];

    let sealed = crate::file::unhex(first["sealed"].as_str().unwrap());
    let mut bad = Vec::new();
    let mut refuse = |title: &str, field: &str, value: serde_json::Value| {
        let mut case = first.clone();
        for unused in ["key", "eseed", "info_sha256", "shared_secret"] {
            case.as_object_mut().unwrap().remove(unused);
        }
        case["name"] = title.into();
        case[field] = value;
        case["error"] = "CannotOpen".into();
        bad.push(case);
    };
    refuse("in another team", "team", hex(&[9; 32]).into());
    let other_vault = VaultId::from_random([9; 16]);
    refuse("of another vault", "vault", hex(other_vault.bytes()).into());
    refuse("of another version", "version", 2.into());
    let other_member = MemberId::from_random([9; 16]);
    refuse("to another member", "recipient", hex(other_member.bytes()).into());
    refuse("to another keyset", "recipient_seed", hex(&[9; 32]).into());
    refuse("not the key that was committed to", "commitment", hex(&[9; 32]).into());
    let flips = [
        ("a bit of the ML-KEM ciphertext flipped", 0),
        ("a bit of the X25519 share flipped", 1088),
        ("a bit of the ciphertext flipped", 1120),
        ("a bit of the tag flipped", 1167),
    ];
    for (title, at) in flips {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        refuse(title, "sealed", hex(&flipped).into());
    }
    let mut low_order = sealed.clone();
    low_order[1088..1120].fill(0);
    refuse("an X25519 share of zeros", "sealed", hex(&low_order).into());
    for (title, len) in
        [("cut by a byte", 1167), ("cut in the encapsulation", 1119), ("nothing", 0)]
    {
        refuse(title, "sealed", hex(&sealed[..len]).into());
    }
    let longer = [&sealed[..], &[0]].concat();
    refuse("a byte too many", "sealed", hex(&longer).into());
    let about = "Vault keys: the commitment that the log signs, and the wrap to a member. eseed is \
                 X-Wing's randomness; shared_secret is what X-Wing gives HPKE.";
    crate::file::write("vault_keys", about, vec![("good", good), ("bad", bad)]);
}
