//! `named_keys.json`: named keys as they are sealed, and what they encrypt.

use subrosa_core::envelope::{Place, Sealable, Sealed, SealingKey};
use subrosa_core::named_key::{
    DataKeyLength, KeyVersions, NamedKey, NamedKeyError, NamedKeyId, Rewrapped, VersionInfo,
};
use subrosa_wire::id::{Hash, SecretId, TeamId, VaultId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::by_hand;
use crate::file::{Case, Vectors, diagnostic, hex};
use crate::replay::Replay;

const FILE: &str = include_str!("../../../../tests/vectors/named_keys.json");

fn id(case: &Case<'_>) -> NamedKeyId {
    NamedKeyId {
        team: TeamId(Hash(case.array("team"))),
        vault: VaultId::from_random(case.array("vault")),
        key: SecretId::from_random(case.array("key")),
    }
}

fn versions(case: &Case<'_>) -> KeyVersions {
    let read = KeyVersions::from_plaintext(case.bytes("cbor").into());
    read.unwrap_or_else(|| panic!("{}", case.name()))
}

/// What `act` does with a case's key.
fn with_key<T>(case: &Case<'_>, act: impl FnOnce(NamedKey<'_>) -> T) -> T {
    act(NamedKey {
        id: id(case),
        versions: &versions(case),
        decrypt_from: case.number("decrypt_from") as u32,
        encrypt_if_made_under: case.number("encrypt_if_made_under") as u32,
    })
}

/// A field of bytes, or as many zeros as another says.
fn bytes(case: &Case<'_>, field: &str, zeros: &str) -> Vec<u8> {
    if case.has(zeros) { vec![0; case.number(zeros) as usize] } else { case.bytes(field) }
}

fn context(case: &Case<'_>) -> Vec<u8> {
    bytes(case, "context", "context_zeros")
}

fn asked(case: &Case<'_>, field: &str) -> Option<u32> {
    case.has(field).then(|| case.number(field) as u32)
}

fn refused<T>(case: &Case<'_>, result: Result<T, NamedKeyError>) {
    let error = result.err().unwrap_or_else(|| panic!("taken: {}", case.name()));
    assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
}

/// What a ciphertext is bound to.
fn bound(id: &NamedKeyId, version: u32, context: &[u8]) -> Vec<u8> {
    by_hand::array(&[
        by_hand::uint(1),
        by_hand::uint(11),
        by_hand::bytes(&id.team.0.0),
        by_hand::bytes(id.vault.bytes()),
        by_hand::bytes(id.key.bytes()),
        by_hand::uint(version.into()),
        by_hand::bytes(context),
    ])
}

/// The context of the sealed key itself.
fn place_context(id: &NamedKeyId, place: &Place) -> Vec<u8> {
    by_hand::array(&[
        by_hand::uint(1),
        by_hand::uint(10),
        by_hand::bytes(&id.team.0.0),
        by_hand::bytes(id.vault.bytes()),
        by_hand::bytes(id.key.bytes()),
        by_hand::uint(place.version),
        by_hand::uint(place.key_version.into()),
    ])
}

fn place(id: &NamedKeyId, version: u64, key_version: u32) -> Place {
    let object = id.key.bytes().to_vec();
    Place { team: Some(id.team), vault: Some(id.vault), object, version, key_version }
}

fn text(version: u32, sealed: &[u8]) -> String {
    format!("subrosa:v{version}:{}", by_hand::base64(sealed))
}

#[test]
fn each_key_has_one_encoding() {
    for case in Vectors::read(FILE).section("keys") {
        let cbor = case.bytes("cbor");
        let listed = case.list("versions");
        let by_hand: Vec<Vec<u8>> = listed.iter().map(making::version_of).collect();
        assert_eq!(hex(&by_hand::array(&by_hand)), hex(&cbor), "{}", case.name());
        assert_eq!(case.text("diagnostic"), diagnostic(&cbor), "{}", case.name());
        let read = versions(&case);
        assert_eq!(*read.to_plaintext(), cbor, "{}", case.name());
        let shown = listed.iter().map(|version| VersionInfo {
            number: version.number("number") as u32,
            made_under: version.number("made_under") as u32,
            time: version.number("time"),
        });
        assert!(read.versions().eq(shown), "{}", case.name());
    }
}

#[test]
fn every_other_key_is_refused() {
    for case in Vectors::read(FILE).section("bad_keys") {
        assert_eq!(case.text("error"), "CannotOpen");
        let read = KeyVersions::from_plaintext(case.bytes("cbor").into());
        assert!(read.is_none(), "{}", case.name());
    }
}

#[test]
fn keys_are_sealed_as_written_here() {
    for case in Vectors::read(FILE).section("sealed") {
        let id = id(&case);
        let place = place(&id, case.number("version"), case.number("key_version") as u32);
        let (salt, vault_key) = (case.array("salt"), case.array("vault_key"));
        let padded = by_hand::pad(&case.bytes("cbor"));
        let by_hand = by_hand::seal(&vault_key, 10, &place_context(&id, &place), &salt, &padded);
        assert_eq!(hex(&by_hand), case.text("sealed"), "{}", case.name());
        let key = SealingKey::new(&vault_key);
        let made = Sealed::seal(&versions(&case), &key, &place, &mut Replay::new(salt)).unwrap();
        assert_eq!(hex(made.bytes()), case.text("sealed"), "{}", case.name());
        let opened = made.open(&key, &place).unwrap();
        assert_eq!(*opened.to_plaintext(), case.bytes("cbor"), "{}", case.name());
    }
}

#[test]
fn encrypted_as_written_here() {
    for case in Vectors::read(FILE).section("encrypted") {
        let (context, plaintext) = (context(&case), case.bytes("plaintext"));
        let used = case.number("used_version") as u32;
        let bound = bound(&id(&case), used, &context);
        assert_eq!(hex(&bound), case.text("bound"), "{}", case.name());
        let key = case.bytes("version_key");
        let sealed = by_hand::seal(&key, 11, &bound, &case.array("salt"), &plaintext);
        assert_eq!(text(used, &sealed), case.text("text"), "{}", case.name());
        with_key(&case, |key| {
            let mut rng = Replay::new(case.bytes("salt"));
            let made = key.encrypt(&plaintext, &context, asked(&case, "version"), &mut rng);
            assert_eq!(made.as_deref(), Ok(case.text("text")), "{}", case.name());
            assert!(rng.is_spent());
            let opened = key.decrypt(case.text("text"), &context).map(|it| it.expose().to_vec());
            assert_eq!(opened, Ok(plaintext), "{}", case.name());
        });
    }
}

#[test]
fn every_other_text_is_refused_by_its_name() {
    for case in Vectors::read(FILE).section("bad") {
        let mut text = case.text("text").to_owned();
        if case.has("zeros") {
            text += &by_hand::base64(&vec![0; case.number("zeros") as usize]);
        }
        with_key(&case, |key| {
            refused(&case, key.decrypt(&text, &context(&case)));
            let mut rng = Replay::new([]);
            refused(&case, key.rewrap(&text, &context(&case), None, &mut rng));
        });
    }
}

#[test]
fn no_other_encryption_is_made() {
    for case in Vectors::read(FILE).section("refused_encryptions") {
        let plaintext = bytes(&case, "plaintext", "zeros");
        let (version, mut rng) = (asked(&case, "version"), Replay::new([]));
        with_key(&case, |key| {
            refused(&case, key.encrypt(&plaintext, &context(&case), version, &mut rng));
        });
    }
}

#[test]
fn rewrapped_as_written_here() {
    for case in Vectors::read(FILE).section("rewrapped") {
        let salt = if case.has("salt") { case.bytes("salt") } else { vec![] };
        let (context, mut rng) = (context(&case), Replay::new(salt));
        with_key(&case, |key| {
            let old = case.text("text");
            let made = key.rewrap(old, &context, asked(&case, "to"), &mut rng).unwrap();
            assert!(rng.is_spent());
            if !case.has("new_text") {
                assert_eq!(made, Rewrapped::Same, "{}", case.name());
                return;
            }
            let new = case.text("new_text");
            assert_eq!(made, Rewrapped::New(new.to_owned()), "{}", case.name());
            let [before, after] = [old, new].map(|text| key.decrypt(text, &context).ok().unwrap());
            assert_eq!(before.expose(), after.expose(), "{}", case.name());
        });
    }
}

#[test]
fn nothing_else_is_rewrapped() {
    for case in Vectors::read(FILE).section("refused_rewraps") {
        let (to, mut rng) = (asked(&case, "to"), Replay::new([]));
        with_key(&case, |key| {
            refused(&case, key.rewrap(case.text("text"), &context(&case), to, &mut rng));
        });
    }
}

#[test]
fn data_keys_are_drawn_and_wrapped_as_written_here() {
    for case in Vectors::read(FILE).section("data_keys") {
        let plaintext = case.bytes("plaintext");
        let length = DataKeyLength::of_bytes(plaintext.len()).unwrap();
        let mut rng = Replay::new([plaintext.clone(), case.bytes("salt")].concat());
        with_key(&case, |key| {
            let made = key.data_key(length, &context(&case), &mut rng).ok().unwrap();
            assert!(rng.is_spent());
            assert_eq!(made.wrapped, case.text("text"), "{}", case.name());
            assert_eq!(made.plaintext.expose(), plaintext, "{}", case.name());
        });
    }
}

#[path = "named_keys_making.rs"]
pub mod making;
