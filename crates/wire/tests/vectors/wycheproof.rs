//! Project Wycheproof's cases for Ed25519, as the log's signatures are verified.
//!
//! Strict verification refuses what RFC 8032 leaves open: a key or an `R` of small order. None of
//! the file's good cases has one, so that today both verdicts are the same throughout.

use ::wycheproof::TestResult;
use ::wycheproof::eddsa::{TestName, TestSet};
use subrosa_wire::keyset::SigningPublic;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Cases that we judge otherwise than the file, by number, each with the reason.
const DIFFERENCES: [(usize, &str); 0] = [];

#[test]
fn ed25519() {
    let (mut count, mut differences) = ([0, 0], Vec::new());
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = SigningPublic(group.key.pk.as_slice().try_into().unwrap());
        assert!(key.is_sound());
        for case in group.tests {
            let valid = case.result == TestResult::Valid;
            // Another length than 64 bytes is no signature: it does not decode.
            let verifies = <[u8; 64]>::try_from(case.sig.as_slice())
                .is_ok_and(|signature| key.verifies(&case.msg, &signature));
            if verifies != valid {
                differences.push(case.tc_id);
            }
            count[usize::from(valid)] += 1;
        }
    }
    assert_eq!(differences, DIFFERENCES.map(|(number, _)| number));
    assert_eq!(count, [63, 88], "cases that were run, bad and good");
}
