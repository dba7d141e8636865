//! Makes `named_keys.json`, by hand: keys, what they encrypt, and one ciphertext spoilt in as many
//! ways as there are.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use subrosa_core::named_key::{MAX_CONTEXT, MAX_VERSIONS, NamedKeyId};
use subrosa_wire::id::{Hash, SecretId, TeamId, VaultId};
use subrosa_wire::object::MAX_PLAINTEXT;

use super::{bound, place, place_context, text};
use crate::by_hand::{array, base64, bytes, pad, seal, uint};
use crate::file::{Case, diagnostic, hex};

/// A version of a key: number, key, the vault's key version, time.
type Version = (u32, [u8; 32], u32, u64);

/// What is encrypted: with which key and version, in which context, of which plaintext.
type Encryption<'a> = (&'a str, &'a Key, Option<u32>, &'a [u8], &'a [u8]);

fn version((number, key, made_under, time): &Version) -> Vec<u8> {
    array(&[uint((*number).into()), bytes(key), uint((*made_under).into()), uint(*time)])
}

/// The encoding of a version as a case lists it.
pub fn version_of(case: &Case<'_>) -> Vec<u8> {
    let number = |field| case.number(field) as u32;
    version(&(number("number"), case.array("bytes"), number("made_under"), case.number("time")))
}

fn cbor(versions: &[Version]) -> Vec<u8> {
    array(&versions.iter().map(version).collect::<Vec<_>>())
}

fn with(mut case: Value, fields: Value) -> Value {
    for (field, value) in fields.as_object().unwrap() {
        case[field] = value.clone();
    }
    case
}

/// A key, and the rules for its use.
#[derive(Clone)]
struct Key {
    id: NamedKeyId,
    versions: Vec<Version>,
    decrypt_from: u32,
    encrypt_if_made_under: u32,
}

impl Key {
    fn described(&self, name: &str) -> Value {
        json!({
            "name": name, "team": self.id.team.to_string(), "vault": hex(self.id.vault.bytes()),
            "key": hex(self.id.key.bytes()), "cbor": hex(&cbor(&self.versions)),
            "decrypt_from": self.decrypt_from,
            "encrypt_if_made_under": self.encrypt_if_made_under,
        })
    }

    fn bytes(&self, number: u32) -> [u8; 32] {
        self.versions.iter().find(|version| version.0 == number).unwrap().1
    }

    fn sealed(&self, number: u32, context: &[u8], plaintext: &[u8], salt: &[u8; 32]) -> Vec<u8> {
        seal(&self.bytes(number), 11, &bound(&self.id, number, context), salt, plaintext)
    }

    fn text(&self, number: u32, context: &[u8], plaintext: &[u8], salt: &[u8; 32]) -> String {
        text(number, &self.sealed(number, context, plaintext, salt))
    }
}

pub fn write() {
    let mut rng = ChaCha20Rng::seed_from_u64(0x4e4b);
    let mut draw = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let id = NamedKeyId {
        team: TeamId(Hash(draw())),
        vault: VaultId::from_random([2; 16]),
        key: SecretId::from_random([3; 16]),
    };
    // Version 1 was trimmed, 2 is below the minimum, 3 was made before somebody lost the vault.
    let versions = vec![
        (2, draw(), 1, 1_700_000_000_000),
        (3, draw(), 1, 1_700_000_000_001),
        (4, draw(), 2, 1_700_000_000_002),
        (5, draw(), 2, 1_700_000_000_003),
    ];
    let key = Key { id, versions, decrypt_from: 3, encrypt_if_made_under: 2 };
    let fresh = Key {
        versions: vec![(1, draw(), 1, 0)],
        decrypt_from: 1,
        encrypt_if_made_under: 1,
        ..key.clone()
    };
    let last = Key { versions: vec![(u32::MAX, draw(), u32::MAX, u64::MAX)], ..key.clone() };

    let mut keys = Vec::new();
    for (name, key) in
        [("a new key", &fresh), ("a key that was trimmed", &key), ("the largest numbers", &last)]
    {
        let listed = key.versions.iter().map(|(number, bytes, made_under, time)| {
            json!({
                "number": number, "bytes": hex(bytes), "made_under": made_under, "time": time,
            })
        });
        let cbor = cbor(&key.versions);
        keys.push(json!({
            "name": name, "versions": listed.collect::<Vec<_>>(), "cbor": hex(&cbor),
            "diagnostic": diagnostic(&cbor),
        }));
    }
    let bad_keys = bad_keys(&draw());

    let sealed = [("a key in its vault", 2_u64, 1), ("large numbers", 1 << 31, 70_000)];
    let sealed = sealed.map(|(name, version, key_version)| {
        let (vault_key, salt) = (draw(), draw());
        let context = place_context(&id, &place(&id, version, key_version));
        let sealed = seal(&vault_key, 10, &context, &salt, &pad(&cbor(&key.versions)));
        json!({
            "name": name, "team": id.team.to_string(), "vault": hex(id.vault.bytes()),
            "key": hex(id.key.bytes()), "cbor": hex(&cbor(&key.versions)), "version": version,
            "key_version": key_version, "vault_key": hex(&vault_key), "salt": hex(&salt),
            "sealed": hex(&sealed),
        })
    });

    let longest = vec![7; MAX_CONTEXT];
    let good: [Encryption<'_>; 9] = [
        ("no bytes, in no context", &fresh, None, b"", b""),
        ("one byte", &fresh, None, b"", b"x"),
        ("two bytes", &fresh, Some(1), b"row 7", b"xy"),
        ("with the newest version", &key, None, b"row 7", b"hunter2"),
        ("the same again", &key, None, b"row 7", b"hunter2"),
        ("with the newest version, asked for", &key, Some(5), b"row 7", b"hunter2"),
        ("with an earlier version", &key, Some(4), b"row 7", b"hunter2"),
        ("with the longest context", &key, None, &longest, &[0; 300]),
        ("with the last version that a key can have", &last, None, b"row 7", &[0xff; 24]),
    ];
    let encrypted = good.map(|(name, key, version, context, plaintext)| {
        let used = version.unwrap_or(key.versions[key.versions.len() - 1].0);
        let salt = draw();
        with(
            key.described(name),
            json!({
                "version": version, "used_version": used, "version_key": hex(&key.bytes(used)),
                "context": hex(context), "plaintext": hex(plaintext), "salt": hex(&salt),
                "bound": hex(&bound(&key.id, used, context)),
                "text": key.text(used, context, plaintext, &salt),
            }),
        )
    });

    let salt = draw();
    let (rewrapped, refused_rewraps) = rewraps(&key, &salt, draw());
    let data_keys = [16, 32, 64].map(|length| {
        let (drawn, salt) = ([draw(), draw()].concat(), draw());
        let plaintext = &drawn[..length];
        with(
            key.described(&format!("of {length} bytes")),
            json!({
                "context": hex(b"row 7"), "plaintext": hex(plaintext), "salt": hex(&salt),
                "text": key.text(5, b"row 7", plaintext, &salt),
            }),
        )
    });

    let about = "Named keys. `keys` and `bad_keys` are plaintexts as they are before they are padded \
                 and sealed. Elsewhere `cbor` is the key with which the case is tried, and a version \
                 that is not named is the newest. `zeros` stands for the plaintext; in `bad`, base64 \
                 of so many zero bytes follows the text. `context_zeros` stands for the context. \
                 Where a case of `rewrapped` has no `new_text`, the ciphertext stays as it is.";
    let sections = vec![
        ("keys", keys),
        ("bad_keys", bad_keys),
        ("sealed", sealed.to_vec()),
        ("encrypted", encrypted.to_vec()),
        ("bad", bad(&key, &salt)),
        ("refused_encryptions", refused_encryptions(&key)),
        ("rewrapped", rewrapped),
        ("refused_rewraps", refused_rewraps),
        ("data_keys", data_keys.to_vec()),
    ];
    crate::file::write("named_keys", about, sections);
}

fn bad_keys(key: &[u8; 32]) -> Vec<Value> {
    let of = |numbers: &[u32]| {
        cbor(&numbers.iter().map(|number| (*number, *key, 1, 5)).collect::<Vec<_>>())
    };
    let one = of(&[1]);
    let all = |count: u32| of(&(1..=count).collect::<Vec<_>>());
    let short = array(&[array(&[uint(1), bytes(&key[1..]), uint(1), uint(5)])]);
    let long = array(&[array(&[uint(1), bytes(&[&key[..], &[0]].concat()), uint(1), uint(5)])]);
    let over = array(&[array(&[uint(1 << 32), bytes(key), uint(1), uint(5)])]);
    let more = array(&[array(&[uint(1), bytes(key), uint(1), uint(5), uint(0)])]);
    let fewer = array(&[array(&[uint(1), bytes(key), uint(1)])]);
    let cases = [
        ("no version", of(&[])),
        ("version 0", of(&[0, 1])),
        ("a version twice", of(&[1, 1])),
        ("versions descending", of(&[2, 1])),
        ("a version left out", of(&[1, 3])),
        ("a version after the last that a key can have", of(&[u32::MAX, 0])),
        ("a version of more than 32 bits", over),
        ("one version too many", all(MAX_VERSIONS as u32 + 1)),
        ("a key of 31 bytes", short),
        ("a key of 33 bytes", long),
        ("a field too few", fewer),
        ("a field too many", more),
        ("an overlong number", [&[0x81, 0x84, 0x18, 1], &one[3..]].concat()),
        ("an overlong array", [&[0x98, 1], &one[1..]].concat()),
        ("an array of no definite length", [&[0x9f], &one[1..], &[0xff]].concat()),
        ("a version of no definite length", [&[0x81, 0x9f], &one[2..], &[0xff]].concat()),
        ("a version more than is there", [&[0x82], &one[1..]].concat()),
        ("a length that no memory has", [&[0x9b], &[0xff; 8][..], &one[1..]].concat()),
        ("a byte too many", [&one[..], &[0]].concat()),
        ("cut by a byte", one[..one.len() - 1].to_vec()),
        ("nothing", vec![]),
    ];
    let case = |(name, cbor): (&str, Vec<u8>)| json!({ "name": name, "cbor": hex(&cbor), "error": "CannotOpen" });
    cases.into_iter().map(case).collect()
}

/// Texts that do not decrypt: all are of `hunter2`, with version 5 in the context `row 7`.
fn bad(key: &Key, salt: &[u8; 32]) -> Vec<Value> {
    let sealed = key.sealed(5, b"row 7", b"hunter2", salt);
    let good = text(5, &sealed);
    let base64_of = base64(&sealed);
    let mut bad = Vec::new();
    let mut refuse = |name: &str, key: &Key, context: &[u8], text: &str, error: &str| {
        let fields = json!({ "context": hex(context), "text": text, "error": error });
        bad.push(with(key.described(name), fields));
    };

    let begins = [
        ("nothing", ""),
        ("the base64 alone", &base64_of),
        ("no version", &good[..8]),
        ("a blank before it", &format!(" {good}")),
        ("another case", &good.replacen("subrosa", "Subrosa", 1)),
        ("a capital V", &good.replacen(":v", ":V", 1)),
        ("no v", &good.replacen(":v5", ":5", 1)),
        ("another product's", &good.replacen("subrosa", "vault", 1)),
    ];
    for (name, text) in begins {
        refuse(name, key, b"row 7", text, "Text(Prefix)");
    }
    for (name, version) in [
        ("no digits", ""),
        ("version 0", "0"),
        ("a zero before the version", "05"),
        ("a plus sign before the version", "+5"),
        ("a minus sign before the version", "-5"),
        ("a blank before the version", " 5"),
        ("a blank after the version", "5 "),
        ("hexadecimal", "0x5"),
        ("a digit of another script", "５"),
        ("a version of more than 32 bits", "4294967296"),
        ("a version of more than 64 bits", "18446744073709551621"),
    ] {
        let text = format!("subrosa:v{version}:{base64_of}");
        refuse(name, key, b"row 7", &text, "Text(Version)");
    }
    refuse("nothing after the version", key, b"row 7", "subrosa:v5", "Text(Version)");

    // 89 bytes: the last digit has two bits to spare, before one character of padding.
    let (digits, padding) = base64_of.split_at(base64_of.len() - 1);
    assert_eq!((sealed.len(), padding), (89, "="));
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let last = alphabet.find(&digits[digits.len() - 1..]).unwrap();
    let spare = format!("{}{}=", &digits[..digits.len() - 1], &alphabet[last + 1..last + 2]);
    assert!(digits.contains('/') && digits.contains('+'));
    for (name, base64) in [
        ("bits to spare that are not zero", spare.as_str()),
        ("no padding", digits),
        ("too much padding", &format!("{base64_of}=")),
        ("padding of four", &format!("{base64_of}====")),
        ("padding in the middle", &format!("{}={}", &base64_of[..40], &base64_of[41..])),
        ("the alphabet for addresses", &base64_of.replace('/', "_").replace('+', "-")),
        ("a new line after it", &format!("{base64_of}\n")),
        ("a blank after it", &format!("{base64_of} ")),
        ("a new line in it", &format!("{}\n{}", &base64_of[..64], &base64_of[64..])),
        ("a blank in the place of a digit", &format!("{} {}", &base64_of[..64], &base64_of[65..])),
        ("one digit missing", &base64_of[1..]),
        ("a digit of another script", &format!("{}é{}", &base64_of[..40], &base64_of[42..])),
        ("a second colon", &format!(":{}", &base64_of[1..])),
    ] {
        let text = format!("subrosa:v5:{base64}");
        refuse(name, key, b"row 7", &text, "Text(Base64)");
    }
    for (name, len) in [("nothing after the colon", 0), ("a byte too short for any", 81)] {
        refuse(name, key, b"row 7", &text(5, &sealed[..len]), "Text(Length)");
    }

    let other_id = |change: fn(&mut NamedKeyId)| {
        let mut other = key.clone();
        change(&mut other.id);
        other
    };
    let places = [
        ("in another team", other_id(|id| id.team = TeamId(Hash([9; 32])))),
        ("in another vault", other_id(|id| id.vault = VaultId::from_random([9; 16]))),
        ("by another key", other_id(|id| id.key = SecretId::from_random([9; 16]))),
        ("by a key of other bytes", {
            let mut other = key.clone();
            other.versions[3].1 = [9; 32];
            other
        }),
    ];
    for (name, other) in &places {
        refuse(name, other, b"row 7", &good, "CannotOpen");
    }
    let contexts: [(&str, &[u8]); 4] = [
        ("in another context", b"row 8"),
        ("in no context", b""),
        ("in a longer context", b"row 7\0"),
        ("in a shorter context", b"row "),
    ];
    for (name, context) in contexts {
        refuse(name, key, context, &good, "CannotOpen");
    }
    refuse("as of another version", key, b"row 7", &text(4, &sealed), "CannotOpen");
    let at_end = sealed.len() - 1;
    for (name, at, bit) in [
        ("the suite's lowest bit flipped", 0, 0x01),
        ("the kind's lowest bit flipped", 1, 0x01),
        ("the salt's first bit flipped", 2, 0x80),
        ("the salt's last bit flipped", 33, 0x01),
        ("the commitment's first bit flipped", 34, 0x80),
        ("the commitment's last bit flipped", 65, 0x01),
        ("the ciphertext's first bit flipped", 66, 0x80),
        ("the ciphertext's last bit flipped", at_end - 16, 0x01),
        ("the tag's first bit flipped", at_end - 15, 0x80),
        ("the tag's last bit flipped", at_end, 0x01),
    ] {
        let mut flipped = sealed.clone();
        flipped[at] ^= bit;
        refuse(name, key, b"row 7", &text(5, &flipped), "CannotOpen");
    }
    let bytes = key.bytes(5);
    let of_kind = |kind, context: &[u8]| seal(&bytes, kind, context, salt, b"hunter2");
    let right = bound(&key.id, 5, b"row 7");
    let as_object = place_context(&key.id, &place(&key.id, 5, 5));
    let others = [
        ("of kind 3", of_kind(3, &right)),
        ("bound to kind 10", of_kind(11, &[&[0x87, 1, 10], &right[3..]].concat())),
        ("bound to suite 2", of_kind(11, &[&[0x87, 2, 11], &right[3..]].concat())),
        ("bound as a vault's objects are", of_kind(11, &as_object)),
        ("cut by a byte", sealed[..at_end].to_vec()),
        ("a byte too many", [&sealed[..], &[0]].concat()),
    ];
    for (name, sealed) in others {
        refuse(name, key, b"row 7", &text(5, &sealed), "CannotOpen");
    }

    let of = |number: u32| text(number, &sealed);
    let newer = "Newer { version: 6, newest: 5 }";
    refuse("of a version that the key does not have yet", key, b"row 7", &of(6), newer);
    let trimmed = "Trimmed { version: 1 }";
    refuse("of a version that was trimmed", key, b"row 7", &of(1), trimmed);
    let below = "BelowMinimum { version: 2, minimum: 3 }";
    let old = key.text(2, b"row 7", b"hunter2", salt);
    refuse("below the minimum decryption version", key, b"row 7", &old, below);

    let mut over = key.described("one byte over the longest");
    over["zeros"] = (82 + MAX_PLAINTEXT + 1).into();
    let over = with(over, json!({ "context": "", "text": "subrosa:v5:", "error": "Text(Length)" }));
    let long = with(
        key.described("one byte over the longest context"),
        json!({
            "context_zeros": MAX_CONTEXT + 1, "text": good, "error": "ContextTooLong",
        }),
    );
    bad.extend([over, long]);
    bad
}

fn refused_encryptions(key: &Key) -> Vec<Value> {
    let stale = Key { encrypt_if_made_under: 3, ..key.clone() };
    let all_below = Key { decrypt_from: 6, ..key.clone() };
    [
        ("with version 0", key, json!({ "version": 0, "error": "NoVersion" })),
        (
            "with a version that the key does not have yet",
            key,
            json!({ "version": 6, "error": "Newer { version: 6, newest: 5 }" }),
        ),
        (
            "with a version that was trimmed",
            key,
            json!({ "version": 1, "error": "Trimmed { version: 1 }" }),
        ),
        (
            "below the minimum decryption version",
            key,
            json!({ "version": 2, "error": "BelowMinimum { version: 2, minimum: 3 }" }),
        ),
        (
            "with the newest, which is below the minimum",
            &all_below,
            json!({ "error": "BelowMinimum { version: 5, minimum: 6 }" }),
        ),
        (
            "with a version that somebody has who lost the vault",
            key,
            json!({ "version": 3, "error": "Stale { version: 3 }" }),
        ),
        (
            "with the newest, which somebody has who lost the vault",
            &stale,
            json!({ "error": "Stale { version: 5 }" }),
        ),
        ("one byte over 1 MiB", key, json!({ "zeros": MAX_PLAINTEXT + 1, "error": "TooLong" })),
        (
            "one byte over the longest context",
            key,
            json!({ "context_zeros": MAX_CONTEXT + 1, "error": "ContextTooLong" }),
        ),
    ]
    .into_iter()
    .map(|(name, key, fields)| {
        let case = with(key.described(name), json!({ "context": "", "plaintext": "" }));
        with(case, fields)
    })
    .collect()
}

fn rewraps(key: &Key, salt: &[u8; 32], new_salt: [u8; 32]) -> (Vec<Value>, Vec<Value>) {
    let of = |number| key.text(number, b"row 7", b"hunter2", salt);
    let case = |name: &str, key: &Key, from: u32, to: Option<u32>| {
        let fields = json!({ "context": hex(b"row 7"), "text": of(from), "to": to });
        with(key.described(name), fields)
    };
    let rewrapped = [
        ("to the newest version", 3, None, Some(5)),
        ("to a version asked for", 3, Some(4), Some(4)),
        ("at the newest version", 5, None, None),
        ("at the version asked for", 4, Some(4), None),
    ]
    .map(|(name, from, to, new)| {
        let new = new.map(|new: u32| {
            json!({
                "salt": hex(&new_salt),
                "new_text": key.text(new, b"row 7", b"hunter2", &new_salt),
            })
        });
        with(case(name, key, from, to), new.unwrap_or(json!({})))
    });
    let stale = Key { encrypt_if_made_under: 3, ..key.clone() };
    let refused = [
        ("to an older version", key, 5, Some(4), "OlderTarget { from: 5, to: 4 }"),
        ("to version 0", key, 4, Some(0), "NoVersion"),
        (
            "to a version that the key does not have yet",
            key,
            4,
            Some(6),
            "Newer { version: 6, newest: 5 }",
        ),
        ("to a version that was trimmed", key, 4, Some(1), "Trimmed { version: 1 }"),
        (
            "below the minimum decryption version",
            key,
            4,
            Some(2),
            "BelowMinimum { version: 2, minimum: 3 }",
        ),
        (
            "from below the minimum decryption version",
            key,
            2,
            None,
            "BelowMinimum { version: 2, minimum: 3 }",
        ),
        (
            "at a version that somebody has who lost the vault",
            key,
            3,
            Some(3),
            "Stale { version: 3 }",
        ),
        (
            "at the newest, which somebody has who lost the vault",
            &stale,
            5,
            None,
            "Stale { version: 5 }",
        ),
    ]
    .map(|(name, key, from, to, error)| with(case(name, key, from, to), json!({ "error": error })));
    (rewrapped.to_vec(), refused.to_vec())
}
