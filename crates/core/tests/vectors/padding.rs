//! `padding.json`: how long sealed things are.

use subrosa_core::envelope::{Place, Sealed, SealingKey};
use subrosa_core::secret_value::SecretValue;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::by_hand;
use crate::file::Vectors;
use crate::replay::Replay;

const FILE: &str = include_str!("../../../../tests/vectors/padding.json");

#[test]
fn lengths() {
    let key = SealingKey::new(&[1; 32]);
    let place = Place { team: None, vault: None, object: vec![], version: 1, key_version: 1 };
    for case in Vectors::read(FILE).section("lengths") {
        let plaintext = vec![7; case.number("plaintext") as usize];
        let (padded, sealed) = (case.number("padded"), case.number("sealed"));
        assert_eq!(by_hand::pad(&plaintext).len() as u64, padded, "{}", plaintext.len());
        let value = SecretValue::new(plaintext);
        let made = Sealed::seal(&value, &key, &place, &mut Replay::new([2; 32])).unwrap();
        assert_eq!(made.bytes().len() as u64, sealed, "{}", case.number("plaintext"));
    }
}

pub fn write() {
    let lengths = [
        0,
        1,
        254,
        255,
        256,
        271,
        272,
        495,
        496,
        511,
        512,
        543,
        1000,
        1023,
        1024,
        4095,
        4096,
        10_000,
        65_535,
        65_536,
        100_000,
        1_000_000,
        (1 << 20) - 1,
        1 << 20,
    ];
    let lengths = lengths.map(|plaintext| {
        let padded = by_hand::pad(&vec![7; plaintext]).len();
        serde_json::json!({
            "plaintext": plaintext, "padded": padded, "sealed": 66 + padded + 16,
        })
    });
    let about = "Lengths in bytes: of a plaintext, padded, and sealed.";
    crate::file::write("padding", about, vec![("lengths", lengths.to_vec())]);
}
