//! `sessions.json`: what is signed to open a session.

use serde_json::json;
use subrosa_wire::api::{OpenSession, Principal, SessionClaim};
use subrosa_wire::encoding::{decode_strict, encode};
use subrosa_wire::id::{Hash, MemberId, TeamId};
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::label::Label;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Case, Vectors, hex};
use ed25519_dalek::{Signer, SigningKey};

const FILE: &str = include_str!("../../../../tests/vectors/sessions.json");

fn verifies(case: &Case<'_>, request: &OpenSession) -> bool {
    SigningPublic(case.array("public")).verifies(&request.claim.to_sign(), &request.signature)
}

#[test]
fn claims_are_signed_as_written_here() {
    for case in Vectors::read(FILE).section("good") {
        let request: OpenSession = decode_strict(&case.bytes("request")).unwrap();
        assert_eq!(hex(&request.claim.to_sign()), case.text("signed"), "{}", case.name());
        assert_eq!(request.claim.origin, case.text("origin"));
        let key = SigningKey::from_bytes(&case.array("seed"));
        assert_eq!(key.verifying_key().to_bytes(), case.array("public"));
        assert_eq!(key.sign(&case.bytes("signed")).to_bytes(), request.signature);
        assert!(verifies(&case, &request), "{}", case.name());
    }
}

#[test]
fn signatures_over_anything_else_are_refused() {
    for case in Vectors::read(FILE).section("bad") {
        assert_eq!(case.text("error"), "unauthorized");
        let request: OpenSession = decode_strict(&case.bytes("request")).unwrap();
        assert!(!verifies(&case, &request), "{}", case.name());
    }
}

pub fn write() {
    let key = SigningKey::from_bytes(&[5; 32]);
    let public = hex(&key.verifying_key().to_bytes());
    let sign = |message: &[u8]| key.sign(message).to_bytes();
    let account = Principal::Account(Hash::of(b"locator"));
    let member = Principal::Member(TeamId(Hash::of(b"team")), MemberId::from_random([1; 16]));
    let origin = "https://secrets.example";
    let claim = |principal| SessionClaim {
        principal,
        server_nonce: [2; 32],
        client_nonce: [3; 32],
        origin: origin.to_owned(),
    };
    let root = Principal::Root(TeamId(Hash::of(b"team")));
    let all = [("an account", account), ("a member", member), ("a root", root)];
    let good = all.map(|(name, principal)| {
        let claim = claim(principal);
        let signed = claim.to_sign();
        let request = OpenSession { claim, signature: sign(&signed) };
        json!({
            "name": name, "seed": hex(&[5; 32]), "public": public, "origin": origin,
            "signed": hex(&signed), "request": hex(&encode(&request)),
        })
    });
    let asked = claim(member);
    let by_label = |label: Label| sign(&label.tag(&encode(&asked)));
    let over = |change: fn(&mut SessionClaim)| {
        let mut other = asked.clone();
        change(&mut other);
        sign(&other.to_sign())
    };
    let other_key = SigningKey::from_bytes(&[6; 32]);
    let mut flipped = sign(&asked.to_sign());
    flipped[0] ^= 1;
    let mut bad: Vec<_> = [
        ("a member's claim under the label of logins", by_label(Label::Login)),
        ("under the label of entries", by_label(Label::Entry)),
        ("without a label", sign(&encode(&asked))),
        ("over another origin", over(|claim| claim.origin = "https://evil.example".into())),
        ("over the origin with a slash", over(|claim| claim.origin.push('/'))),
        ("over another server nonce", over(|claim| claim.server_nonce = [4; 32])),
        ("over another client nonce", over(|claim| claim.client_nonce = [4; 32])),
        (
            "over another member",
            over(|claim| {
                claim.principal =
                    Principal::Member(TeamId(Hash::of(b"team")), MemberId::from_random([9; 16]));
            }),
        ),
        (
            "over another team",
            over(|claim| {
                claim.principal =
                    Principal::Member(TeamId(Hash::of(b"other")), MemberId::from_random([1; 16]));
            }),
        ),
        ("by another key", other_key.sign(&asked.to_sign()).to_bytes()),
        ("one bit flipped", flipped),
    ]
    .into_iter()
    .map(|(name, signature)| (name, OpenSession { claim: asked.clone(), signature }))
    .collect();
    let login = claim(account);
    let signature = sign(&Label::Session.tag(&encode(&login)));
    bad.push((
        "an account's claim under the label of sessions",
        OpenSession { claim: login, signature },
    ));
    let bad = bad.into_iter().map(|(name, request)| {
        json!({
            "name": name, "error": "unauthorized", "public": public,
            "request": hex(&encode(&request)),
        })
    });
    let about = "Requests that open a session. A bad one decodes, but its signature does not \
                 verify over the claim that it brings.";
    crate::file::write("sessions", about, vec![("good", good.to_vec()), ("bad", bad.collect())]);
}
