//! `account.json`: from a password and a Secret Key to an open account.

use argon2::{Algorithm, Argon2, Params, Version};
use hkdf::Hkdf;
use sha2::Sha256;
use subrosa_core::account::{AccountContents, AccountKeys, LockedAccount, TeamSeat};
use subrosa_core::envelope::{Place, Sealable, Sealed, SealingKey};
use subrosa_core::kit::SecretKey;
use subrosa_wire::id::{Hash, MemberId, TeamId};
use subrosa_wire::log::Head;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::by_hand::tag;
use crate::file::{Case, Vectors, hex};
use crate::replay::Replay;
use ed25519_dalek::SigningKey;

const FILE: &str = include_str!("../../../../tests/vectors/account.json");

fn keys(case: &Case<'_>) -> AccountKeys {
    let secret_key = SecretKey::from_bytes(case.array("secret_key"));
    LockedAccount::new(secret_key).derive(case.text("password")).unwrap()
}

fn derived(hkdf: &Hkdf<Sha256>, kind: &str) -> [u8; 32] {
    let mut okm = [0; 32];
    hkdf.expand(&tag(kind, b""), &mut okm).unwrap();
    okm
}

#[test]
fn keys_are_derived_as_written_here() {
    for case in Vectors::read(FILE).section("good") {
        let secret_key: [u8; 16] = case.array("secret_key");
        let hkdf = Hkdf::<Sha256>::new(None, &secret_key);
        assert_eq!(hex(&derived(&hkdf, "locator")), case.text("locator"));
        assert_eq!(hex(&derived(&hkdf, "password-salt")), case.text("salt"));
        let params = Params::new(65_536, 3, 1, Some(32)).unwrap();
        let mut stretched = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(&case.bytes("password_nfc"), &case.bytes("salt"), &mut stretched)
            .unwrap();
        assert_eq!(hex(&stretched), case.text("stretched"), "{}", case.name());
        let hkdf = Hkdf::<Sha256>::new(None, &[&stretched[..], &secret_key].concat());
        for (kind, field) in [("login-key", "login_seed"), ("unlock-key", "unlock_key")] {
            assert_eq!(hex(&derived(&hkdf, kind)), case.text(field), "{}", case.name());
        }

        let keys = keys(&case);
        assert_eq!(keys.locator().to_string(), case.text("locator"));
        assert_eq!(hex(&keys.login_public().0), case.text("login_public"), "{}", case.name());
        let login = SigningKey::from_bytes(&case.array("login_seed"));
        assert_eq!(login.verifying_key().to_bytes(), keys.login_public().0);
        let sealed = keys.seal(&contents(), 3, &mut Replay::new(case.bytes("seal_salt"))).unwrap();
        assert_eq!(hex(sealed.bytes()), case.text("sealed"), "{}", case.name());
        assert_eq!(hex(&contents().to_plaintext()), case.text("plaintext"));
        let opened = keys.open(&sealed, 3).unwrap();
        assert_eq!(opened.to_plaintext(), contents().to_plaintext());
        let unlock = SealingKey::new(&case.array("unlock_key"));
        let place = Place {
            team: None,
            vault: None,
            object: case.bytes("locator"),
            version: 3,
            key_version: 0,
        };
        assert!(
            Sealed::<AccountContents>::claimed(case.bytes("sealed")).open(&unlock, &place).is_ok()
        );
    }
}

#[test]
fn an_account_opens_with_nothing_else() {
    for case in Vectors::read(FILE).section("bad") {
        let sealed = Sealed::claimed(case.bytes("sealed"));
        let error = keys(&case)
            .open(&sealed, case.number("generation"))
            .err()
            .unwrap_or_else(|| panic!("{}", case.name()));
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

fn contents() -> AccountContents {
    let seat = |byte: u8| TeamSeat {
        team: TeamId(Hash([byte; 32])),
        member: MemberId::from_random([byte + 1; 16]),
        seed: [byte + 2; 32],
        checkpoint: Head { seq: 1000, hash: Hash([byte + 3; 32]) },
        link: (byte == 0x20).then_some([byte + 4; 32]),
        next: (byte == 0x10).then_some([byte + 5; 32]),
        name: (byte == 0x10).then(|| "Zoë's".to_owned()),
    };
    AccountContents { teams: vec![seat(0x10), seat(0x20)], device: [0x77; 32] }
}

pub fn write() {
    use serde_json::json;
    use subrosa_core::account::DerivationFailed;

    let cases = [
        ("ASCII", [1; 16], "correct horse battery", "correct horse battery"),
        (
            "composed",
            [2; 16],
            "caf\u{e9} au lait, s'il vous pla\u{ee}t",
            "café au lait, s'il vous plaît",
        ),
        (
            "decomposed, the same",
            [2; 16],
            "cafe\u{301} au lait, s'il vous plai\u{302}t",
            "café au lait, s'il vous plaît",
        ),
    ];
    let good = cases.map(|(name, secret_key, password, nfc)| {
        let hkdf = Hkdf::<Sha256>::new(None, &secret_key);
        let (locator, salt) = (derived(&hkdf, "locator"), derived(&hkdf, "password-salt"));
        let mut stretched = [0; 32];
        let params = Params::new(65_536, 3, 1, Some(32)).unwrap();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(nfc.as_bytes(), &salt, &mut stretched)
            .unwrap();
        let hkdf = Hkdf::<Sha256>::new(None, &[&stretched[..], &secret_key].concat());
        let keys = LockedAccount::new(SecretKey::from_bytes(secret_key)).derive(password).unwrap();
        let sealed = keys.seal(&contents(), 3, &mut Replay::new([7; 32])).unwrap();
        json!({
            "name": name, "secret_key": hex(&secret_key), "password": password,
            "password_nfc": hex(nfc.as_bytes()),
            "locator": hex(&locator), "salt": hex(&salt), "stretched": hex(&stretched),
            "login_seed": hex(&derived(&hkdf, "login-key")),
            "login_public": hex(&keys.login_public().0),
            "unlock_key": hex(&derived(&hkdf, "unlock-key")),
            "generation": 3, "seal_salt": hex(&[7; 32]),
            "plaintext": hex(&contents().to_plaintext()), "sealed": hex(sealed.bytes()),
        })
    });
    let keys = || -> Result<AccountKeys, DerivationFailed> {
        LockedAccount::new(SecretKey::from_bytes([1; 16])).derive("correct horse battery")
    };
    let sealed = keys().unwrap().seal(&contents(), 3, &mut Replay::new([7; 32])).unwrap();
    let bad = [
        ("another password", [1; 16], "Correct horse battery", 3),
        ("a blank after the password", [1; 16], "correct horse battery ", 3),
        ("another Secret Key", [2; 16], "correct horse battery", 3),
        ("an earlier generation", [1; 16], "correct horse battery", 2),
        ("a later generation", [1; 16], "correct horse battery", 4),
    ];
    let bad = bad.map(|(name, secret_key, password, generation)| {
        json!({
            "name": name, "secret_key": hex(&secret_key), "password": password,
            "generation": generation, "sealed": hex(sealed.bytes()), "error": "CannotOpen",
        })
    });
    let about = "Accounts: keys of a password and a Secret Key, and a sealed blob.";
    crate::file::write("account", about, vec![("good", good.to_vec()), ("bad", bad.to_vec())]);
}
