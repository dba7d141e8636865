//! `signing_keys.json`: which Ed25519 keys are admitted, and which signatures verify.

use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;
use subrosa_wire::keyset::SigningPublic;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Vectors, hex, unhex};

const FILE: &str = include_str!("../../../../tests/vectors/signing_keys.json");

#[test]
fn keys_that_anyone_can_sign_for_are_unsound() {
    let file = Vectors::read(FILE);
    for case in file.section("sound") {
        assert!(SigningPublic(case.array("key")).is_sound(), "{}", case.name());
    }
    for case in file.section("unsound") {
        assert!(!SigningPublic(case.array("key")).is_sound(), "{}", case.name());
    }
}

#[test]
fn signatures_verify_strictly() {
    let file = Vectors::read(FILE);
    for case in file.section("good") {
        let key = SigningKey::from_bytes(&case.array("seed"));
        assert_eq!(key.verifying_key().to_bytes(), case.array("key"), "{}", case.name());
        assert_eq!(key.sign(&case.bytes("message")).to_bytes(), case.array("signature"));
    }
    for (section, expected) in [("good", true), ("bad", false)] {
        for case in file.section(section) {
            let key = SigningPublic(case.array("key"));
            let verifies = key.verifies(&case.bytes("message"), &case.array("signature"));
            assert_eq!(verifies, expected, "{}", case.name());
        }
    }
}

/// `S + L`: another spelling of the same scalar.
pub fn with_other_scalar(mut signature: [u8; 64]) -> [u8; 64] {
    let order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut carry = 0;
    for (byte, add) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    signature
}

/// A signature for the identity's key over anything: R is the base point, S is 1.
pub fn for_the_identity() -> [u8; 64] {
    let mut signature = [0x66; 64];
    signature[0] = 0x58;
    signature[32..].fill(0);
    signature[32] = 1;
    signature
}

/// The encoding of the group's identity.
pub const IDENTITY: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

pub fn write() {
    let unsound = [
        ("the identity", "0100000000000000000000000000000000000000000000000000000000000000"),
        ("order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        ("order 4", "0000000000000000000000000000000000000000000000000000000000000000"),
        ("order 4, negative", "0000000000000000000000000000000000000000000000000000000000000080"),
        ("order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        ("order 8, negative", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
        ("order 8, the other", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        (
            "order 8, the other, negative",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        ),
        (
            "the identity, not canonical",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ),
        (
            "the identity, sign set",
            "0100000000000000000000000000000000000000000000000000000000000080",
        ),
        ("order 2, sign set", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
        (
            "order 4, not canonical",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ),
        ("no point", "0200000000000000000000000000000000000000000000000000000000000000"),
    ];
    // RFC 8032, section 7.1.
    let rfc = [
        (
            "RFC 8032, TEST 1",
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "RFC 8032, TEST 2",
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "RFC 8032, TEST 3",
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    let good = rfc.map(|(name, seed, message, signature)| {
        let key = SigningKey::from_bytes(&unhex(seed).try_into().unwrap());
        json!({
            "name": name, "seed": seed, "key": hex(&key.verifying_key().to_bytes()),
            "message": message, "signature": signature,
        })
    });
    let key = SigningKey::from_bytes(&[1; 32]);
    let public = key.verifying_key().to_bytes();
    let signature = key.sign(b"message").to_bytes();
    let flip = |at: usize| {
        let mut flipped = signature;
        flipped[at] ^= 1;
        flipped
    };
    let bad = [
        ("S not below the group's order", public, with_other_scalar(signature)),
        ("a key of small order, for which anyone signs", IDENTITY, for_the_identity()),
        ("R of small order", public, [&IDENTITY[..], &[0; 32]].concat().try_into().unwrap()),
        ("a bit of R flipped", public, flip(0)),
        ("a bit of S flipped", public, flip(32)),
        ("zeros", public, [0; 64]),
        ("another key", SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes(), signature),
    ];
    let bad = bad.map(|(name, key, signature)| {
        json!({
            "name": name, "key": hex(&key), "message": hex(b"message"),
            "signature": hex(&signature),
        })
    });
    let about = "Ed25519 (RFC 8032), verified strictly. Unsound keys are never admitted.";
    let sections = vec![
        ("sound", vec![json!({"name": "of a seed", "key": hex(&public)})]),
        ("unsound", unsound.map(|(name, key)| json!({"name": name, "key": key})).to_vec()),
        ("good", good.to_vec()),
        ("bad", bad.to_vec()),
    ];
    crate::file::write("signing_keys", about, sections);
}
