//! Project Wycheproof's cases for AES-256-GCM and HKDF-SHA256, as the envelope uses them: forged
//! tags, counters that wrap, outputs of every length and over the limit.

use ::hkdf::Hkdf;
use ::wycheproof::{TestResult, aead, hkdf};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use sha2::Sha256;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Keys of 256 bits, nonces of 96, tags of 128: nothing else is ever used.
const OURS: (usize, usize, usize) = (256, 96, 128);

#[test]
fn aes_256_gcm() {
    let mut count = [0, 0];
    for group in aead::TestSet::load(aead::TestName::AesGcm).unwrap().test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != OURS {
            continue;
        }
        for case in group.tests {
            let cipher = Aes256Gcm::new_from_slice(&case.key).unwrap();
            let nonce: [u8; 12] = case.nonce.as_slice().try_into().unwrap();
            let sealed = [&case.ct[..], &case.tag[..]].concat();
            let opened = cipher.decrypt(&nonce.into(), Payload { msg: &sealed, aad: &case.aad });
            let again = cipher.encrypt(&nonce.into(), Payload { msg: &case.pt, aad: &case.aad });
            let valid = case.result == TestResult::Valid;
            assert_eq!(opened.is_ok(), valid, "no. {}: {}", case.tc_id, case.comment);
            assert_eq!(again.unwrap() == sealed, valid, "no. {}: {}", case.tc_id, case.comment);
            if let Ok(plaintext) = opened {
                assert_eq!(plaintext, *case.pt, "no. {}: {}", case.tc_id, case.comment);
            }
            count[usize::from(valid)] += 1;
        }
    }
    assert_eq!(count, [27, 39], "cases that were run, bad and good");
}

#[test]
fn hkdf_sha256() {
    let mut count = [0, 0];
    for group in hkdf::TestSet::load(hkdf::TestName::HkdfSha256).unwrap().test_groups {
        for case in group.tests {
            let salt = (!case.salt.is_empty()).then_some(&case.salt[..]);
            let mut okm = vec![0; case.size];
            let expanded = Hkdf::<Sha256>::new(salt, &case.ikm).expand(&case.info, &mut okm);
            let valid = case.result == TestResult::Valid;
            assert_eq!(expanded.is_ok(), valid, "no. {}: {}", case.tc_id, case.comment);
            assert!(!valid || okm == *case.okm, "no. {}: {}", case.tc_id, case.comment);
            count[usize::from(valid)] += 1;
        }
    }
    assert_eq!(count, [3, 83], "cases that were run, bad and good");
}
