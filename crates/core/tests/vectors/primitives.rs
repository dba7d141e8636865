//! `primitives.json`: the primitives against their standards' own vectors. Written by hand.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use hkdf::Hkdf;
use hpke::aead::AesGcm128;
use hpke::kdf::HkdfSha256;
use hpke::kem::{X25519HkdfSha256, XWing};
use hpke::{Deserializable, Kem, OpModeR, Serializable};
use sha2::Sha256;
use subrosa_wire::id::Hash;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Vectors, hex};
use crate::replay::Replay;

const FILE: &str = include_str!("../../../../tests/vectors/primitives.json");

#[test]
fn sha256() {
    for case in Vectors::read(FILE).section("sha256") {
        assert_eq!(Hash::of(&case.bytes("input")).to_string(), case.text("hash"));
    }
}

#[test]
fn hkdf_sha256() {
    for case in Vectors::read(FILE).section("hkdf_sha256") {
        let (prk, hkdf) = Hkdf::<Sha256>::extract(Some(&case.bytes("salt")), &case.bytes("ikm"));
        assert_eq!(hex(&prk), case.text("prk"), "{}", case.name());
        let mut okm = case.bytes("okm");
        okm.fill(0);
        hkdf.expand(&case.bytes("info"), &mut okm).unwrap();
        assert_eq!(hex(&okm), case.text("okm"), "{}", case.name());
    }
}

#[test]
fn aes_256_gcm() {
    for case in Vectors::read(FILE).section("aes_256_gcm") {
        let cipher = Aes256Gcm::new_from_slice(&case.bytes("key")).unwrap();
        let nonce: [u8; 12] = case.array("nonce");
        let (plaintext, aad) = (case.bytes("plaintext"), case.bytes("aad"));
        let message = Payload { msg: &plaintext, aad: &aad };
        let sealed = cipher.encrypt(&nonce.into(), message).unwrap();
        let expected = [case.bytes("ciphertext"), case.bytes("tag")].concat();
        assert_eq!(sealed, expected, "{}", case.name());
        let message = Payload { msg: &expected, aad: &aad };
        assert_eq!(cipher.decrypt(&nonce.into(), message).unwrap(), plaintext);
    }
}

#[test]
fn argon2id() {
    for case in Vectors::read(FILE).section("argon2id") {
        let params = ParamsBuilder::new()
            .m_cost(case.number("memory_kib") as u32)
            .t_cost(case.number("passes") as u32)
            .p_cost(case.number("lanes") as u32)
            .data(AssociatedData::new(&case.bytes("associated_data")).unwrap())
            .build()
            .unwrap();
        let secret = case.bytes("secret");
        let argon2 =
            Argon2::new_with_secret(&secret, Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut tag = [0; 32];
        argon2.hash_password_into(&case.bytes("password"), &case.bytes("salt"), &mut tag).unwrap();
        assert_eq!(hex(&tag), case.text("tag"), "{}", case.name());
    }
}

#[test]
fn x_wing() {
    for case in Vectors::read(FILE).section("x_wing") {
        let private = <XWing as Kem>::PrivateKey::from_bytes(&case.bytes("seed")).unwrap();
        let public = XWing::sk_to_pk(&private);
        assert_eq!(hex(&public.to_bytes()), case.text("public"), "{}", case.name());
        let mut rng = Replay::new(case.bytes("eseed"));
        let (secret, encapsulated) = XWing::encap_with_rng(&public, None, &mut rng).unwrap();
        assert!(rng.is_spent());
        assert_eq!(hex(&encapsulated.to_bytes()), case.text("ciphertext"), "{}", case.name());
        assert_eq!(hex(&secret.0), case.text("shared_secret"), "{}", case.name());
        let opened = XWing::decap(&private, None, &encapsulated).unwrap();
        assert_eq!(opened.0, secret.0);
    }
}

/// The RFC has no vector of our KEM and AEAD together: this one is of the key schedule, and
/// `vault_keys.json` of the suite as it is.
#[test]
fn hpke_in_base_mode() {
    for case in Vectors::read(FILE).section("hpke") {
        let bytes = case.bytes("recipient");
        let recipient = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&bytes).unwrap();
        let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&case.bytes("enc")).unwrap();
        let open = |info: &[u8]| {
            hpke::single_shot_open::<AesGcm128, HkdfSha256, X25519HkdfSha256>(
                &OpModeR::Base,
                &recipient,
                &enc,
                info,
                &case.bytes("ciphertext"),
                &case.bytes("associated_data"),
            )
        };
        assert_eq!(open(&case.bytes("info")).unwrap(), case.bytes("plaintext"), "{}", case.name());
        assert!(open(b"").is_err(), "{}", case.name());
    }
}
