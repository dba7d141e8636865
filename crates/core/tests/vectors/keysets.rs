//! `keysets.json`: a member's keys, all from one seed.

use hpke::kem::XWing;
use hpke::{Deserializable, Kem, Serializable};
use subrosa_core::keyset::{Keyset, fingerprint};
use subrosa_wire::id::{Hash, MemberId, TeamId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::by_hand::{expand, tag};
use crate::file::{Vectors, hex};
use ed25519_dalek::SigningKey;

const FILE: &str = include_str!("../../../../tests/vectors/keysets.json");

#[test]
fn a_keyset_is_derived_from_its_seed() {
    for case in Vectors::read(FILE).section("good") {
        let seed: [u8; 32] = case.array("seed");
        let signing: [u8; 32] = expand(&seed, &tag("signing-seed", b""));
        let kem: [u8; 32] = expand(&seed, &tag("kem-seed", b""));
        assert_eq!(
            (hex(&signing), hex(&kem)),
            (case.text("signing_seed").into(), case.text("kem_seed").into())
        );
        let public = SigningKey::from_bytes(&signing).verifying_key().to_bytes();
        assert_eq!(hex(&public), case.text("signing_public"));
        let private = <XWing as Kem>::PrivateKey::from_bytes(&kem).unwrap();
        assert_eq!(hex(&XWing::sk_to_pk(&private).to_bytes()), case.text("kem_public"));

        let keyset = Keyset::from_seed(seed.into()).unwrap();
        assert_eq!(*keyset.seed(), seed);
        assert_eq!(hex(&keyset.public().signing.0), case.text("signing_public"));
        assert_eq!(hex(&keyset.public().kem.0), case.text("kem_public"));
        let signature = keyset.sign(&case.bytes("message"));
        assert_eq!(hex(&signature), case.text("signature"));
        let public = keyset.public();
        assert_eq!(fingerprint(public.signing, Hash::of(&public.kem.0)), case.text("fingerprint"));
        let team: TeamId = case.text("team").parse().unwrap();
        let member: MemberId = case.text("member").parse().unwrap();
        let rotation = keyset.rotation(team, member);
        assert_eq!((rotation.member, &rotation.keyset), (member, public));
        assert_eq!(hex(&rotation.proof), case.text("proof"));
    }
}

pub fn write() {
    let (team, member) = (TeamId(Hash([0xab; 32])), MemberId::from_random([0x3b; 16]));
    let counting = core::array::from_fn(|at| at as u8);
    let good = [[0; 32], counting].map(|seed: [u8; 32]| {
        let keyset = Keyset::from_seed(seed.into()).unwrap();
        serde_json::json!({
            "seed": hex(&seed),
            "signing_seed": hex(&expand::<32>(&seed, &tag("signing-seed", b""))),
            "kem_seed": hex(&expand::<32>(&seed, &tag("kem-seed", b""))),
            "signing_public": hex(&keyset.public().signing.0),
            "kem_public": hex(&keyset.public().kem.0),
            "message": hex(b"message"),
            "signature": hex(&keyset.sign(b"message")),
            "fingerprint":
                fingerprint(keyset.public().signing, Hash::of(&keyset.public().kem.0)),
            "team": team.to_string(), "member": member.to_string(),
            "proof": hex(&keyset.rotation(team, member).proof),
        })
    });
    let about = "Keysets: Ed25519 and X-Wing keys of a seed.";
    crate::file::write("keysets", about, vec![("good", good.to_vec())]);
}
