//! `ids.json`: ids and hashes, as bytes and as text.

use minicbor::bytes::ByteVec;
use serde_json::json;
use subrosa_wire::encoding::read;
use subrosa_wire::id::{Hash, SecretId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Vectors, hex};

const FILE: &str = include_str!("../../../../tests/vectors/ids.json");

#[test]
fn ids_are_made_of_random_bytes_and_read_back() {
    for case in Vectors::read(FILE).section("ids") {
        let id = SecretId::from_random(case.array("random"));
        assert_eq!(id.bytes()[..], case.bytes("bytes"), "{}", case.name());
        assert_eq!(id.to_string(), case.text("text"), "{}", case.name());
        assert_eq!(case.text("text").parse(), Ok(id), "{}", case.name());
        assert_eq!(read(&case.bytes("cbor")), Some(id));
    }
}

#[test]
fn hashes_are_written_in_hex() {
    for case in Vectors::read(FILE).section("hashes") {
        let hash = Hash::of(&case.bytes("input"));
        assert_eq!(hash.to_string(), case.text("text"), "{}", case.name());
        assert_eq!(case.text("text").parse(), Ok(hash), "{}", case.name());
    }
}

#[test]
fn other_spellings_are_refused() {
    let file = Vectors::read(FILE);
    for case in file.section("bad_ids") {
        assert!(case.text("text").parse::<SecretId>().is_err(), "{}", case.name());
    }
    for case in file.section("bad_hashes") {
        assert!(case.text("text").parse::<Hash>().is_err(), "{}", case.name());
    }
    for case in file.section("bad_cbor") {
        assert_eq!(read::<SecretId>(&case.bytes("cbor")), None, "{}", case.name());
    }
}

pub fn write() {
    let cbor = |bytes: &[u8]| hex(&minicbor::to_vec(ByteVec::from(bytes.to_vec())).unwrap());
    let counting = core::array::from_fn(|at| at as u8);
    let ids = [("zeros", [0; 16]), ("ones", [0xff; 16]), ("counting", counting)];
    let ids = ids.map(|(name, random)| {
        let id = SecretId::from_random(random);
        json!({
            "name": name, "random": hex(&random), "bytes": hex(id.bytes()),
            "text": id.to_string(), "cbor": cbor(id.bytes()),
        })
    });
    let hashes = [("of nothing", &b""[..]), ("of abc", b"abc")];
    let hashes = hashes.map(|(name, input)| {
        json!({"name": name, "input": hex(input), "text": Hash::of(input).to_string()})
    });
    let bad_ids = [
        ("empty", ""),
        ("one digit short", "ffffffff-ffff-4fff-bfff-fffffffffff"),
        ("one digit long", "ffffffff-ffff-4fff-bfff-fffffffffffff"),
        ("capital letters", "FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF"),
        ("version 1", "ffffffff-ffff-1fff-bfff-ffffffffffff"),
        ("version 7", "ffffffff-ffff-7fff-bfff-ffffffffffff"),
        ("another variant", "ffffffff-ffff-4fff-ffff-ffffffffffff"),
        ("no dashes", "ffffffffffff4fffbfffffffffffffff"),
        ("a dash elsewhere", "fffffff-fffff-4fff-bfff-ffffffffffff"),
        ("a sign", "+fffffff-ffff-4fff-bfff-ffffffffffff"),
        ("braces", "{ffffffff-ffff-4fff-bfff-ffffffffffff}"),
        ("a blank after", "ffffffff-ffff-4fff-bfff-ffffffffffff "),
        ("nil", "00000000-0000-0000-0000-000000000000"),
    ];
    let text = |(name, text): (&str, &str)| json!({"name": name, "text": text});
    let hash = Hash::of(b"abc").to_string();
    let bad_hashes = [
        ("empty", String::new()),
        ("one digit short", hash[1..].to_owned()),
        ("one digit long", format!("{hash}0")),
        ("capital letters", hash.to_uppercase()),
        ("a prefix", format!("0x{}", &hash[2..])),
        ("not a digit", format!("g{}", &hash[1..])),
    ];
    let good = *SecretId::from_random([0xff; 16]).bytes();
    let spoilt = |at: usize, value: u8| {
        let mut bytes = good;
        bytes[at] = value;
        cbor(&bytes)
    };
    let bad_cbor = [
        ("version 1", spoilt(6, 0x1f)),
        ("version 7", spoilt(6, 0x7f)),
        ("another variant", spoilt(8, 0xff)),
        ("15 bytes", cbor(&good[..15])),
        ("17 bytes", cbor(&[&good[..], &[0]].concat())),
        ("text", hex(&minicbor::to_vec("ffffffff-ffff-4fff-bfff-ffffffffffff").unwrap())),
    ];
    let about = "Ids: 16 random bytes of which six bits are fixed, as bytes, CBOR and text; and \
                 SHA-256 hashes as text. What is bad has another spelling or is no version 4.";
    let sections = vec![
        ("ids", ids.to_vec()),
        ("hashes", hashes.to_vec()),
        ("bad_ids", bad_ids.map(text).to_vec()),
        ("bad_hashes", bad_hashes.map(|(name, hash)| json!({"name": name, "text": hash})).to_vec()),
        ("bad_cbor", bad_cbor.map(|(name, cbor)| json!({"name": name, "cbor": cbor})).to_vec()),
    ];
    crate::file::write("ids", about, sections);
}
