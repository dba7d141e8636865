//! `words.json`: generated passphrases and fingerprints.

use subrosa_core::passphrase::{fingerprint, generate};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Vectors, hex};
use crate::replay::Replay;

const FILE: &str = include_str!("../../../../tests/vectors/words.json");

#[test]
fn passphrases_and_fingerprints() {
    let file = Vectors::read(FILE);
    for case in file.section("passphrases") {
        let passphrase = generate(&mut Replay::new(case.bytes("random")));
        assert_eq!(*passphrase, case.text("words"));
    }
    for case in file.section("fingerprints") {
        assert_eq!(fingerprint(&case.bytes("input")), case.text("words"));
    }
}

pub fn write() {
    use serde_json::json;
    let counting: [u8; 16] = core::array::from_fn(|at| at as u8 * 17);
    let passphrases = [[0; 16], [0xff; 16], counting].map(
        |random| json!({"random": hex(&random), "words": *generate(&mut Replay::new(random))}),
    );
    let fingerprints =
        [&b""[..], b"abc"].map(|input| json!({"input": hex(input), "words": fingerprint(input)}));
    let about = "Eight words of 16 random bytes, and of a hash.";
    let sections =
        vec![("passphrases", passphrases.to_vec()), ("fingerprints", fingerprints.to_vec())];
    crate::file::write("words", about, sections);
}
