//! Makes `envelope.json`: one of each kind, and one spoilt in as many ways as there are.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use subrosa_core::envelope::Place;
use subrosa_wire::id::{Hash, TeamId, VaultId};
use subrosa_wire::object::MAX_SEALED;

use super::context;
use crate::by_hand;
use crate::file::hex;

fn described(name: &str, kind: u64, key: &[u8], place: &Place) -> Value {
    json!({
        "name": name, "kind": kind, "key": hex(key),
        "team": place.team.map(|team| team.to_string()),
        "vault": place.vault.map(|vault| hex(vault.bytes())),
        "object": hex(&place.object),
        "version": place.version, "key_version": place.key_version,
    })
}

pub fn write() {
    let mut rng = ChaCha20Rng::seed_from_u64(0x5ea1);
    let mut draw = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let team = TeamId(Hash(draw()));
    let vault = VaultId::from_random(core::array::from_fn(|at| at as u8));
    let in_vault = |object: &[u8], version| Place {
        team: Some(team),
        vault: Some(vault),
        object: object.to_vec(),
        version,
        key_version: 1,
    };
    let of_account =
        Place { team: None, vault: None, object: draw().to_vec(), version: 3, key_version: 0 };
    let of_candidate =
        Place { team: Some(team), vault: None, object: vec![], version: 0, key_version: 0 };
    let of_draft =
        Place { team: Some(team), vault: None, object: vec![7; 16], version: 0, key_version: 0 };
    let later = Place { version: 1 << 40, key_version: 70_000, ..in_vault(&[9; 16], 0) };
    let kinds = [
        ("a root page", 1, in_vault(vault.bytes(), 1), vec![0x82; 10]),
        ("a page", 2, in_vault(&[8; 16], 24), vec![0x81; 300]),
        ("a value", 3, in_vault(&[9; 16], 1), b"hunter2".to_vec()),
        ("a value of no bytes", 3, in_vault(&[9; 16], 2), vec![]),
        ("a value that fills its bucket", 3, in_vault(&[9; 16], 3), vec![0; 255]),
        ("a value that ends in what looks like padding", 3, in_vault(&[9; 16], 4), {
            vec![1, 0x80, 0, 0]
        }),
        ("a value with large numbers", 3, later, vec![0xff; 256]),
        ("a history list", 4, in_vault(&[9; 16], 1), vec![0x80; 5]),
        ("a summary", 5, in_vault(vault.bytes(), 1), b"why".to_vec()),
        ("an account", 6, of_account, vec![0x81, 0x80]),
        ("a candidate", 7, of_candidate, vec![0x83; 20]),
        ("a draft", 8, of_draft, b"{}".to_vec()),
    ];
    let whole = |name: &str, kind: u64, place: &Place, plaintext: &[u8], key, salt| {
        let (key, salt): ([u8; 32], [u8; 32]) = (key, salt);
        let context = context(1, kind, place);
        let padded = by_hand::pad(plaintext);
        let sealed = by_hand::seal(&key, kind as u8, &context, &salt, &padded);
        let mut case = described(name, kind, &key, place);
        case["salt"] = hex(&salt).into();
        case["plaintext"] = hex(plaintext).into();
        case["context"] = hex(&context).into();
        case["name_in_storage"] = Hash::of(&sealed).to_string().into();
        case["sealed"] = hex(&sealed).into();
        case
    };
    let mut good = Vec::new();
    for (name, kind, place, plaintext) in &kinds {
        good.push(whole(name, *kind, place, plaintext, draw(), draw()));
    }

    let (key, salt, place) = (draw(), draw(), in_vault(&[9; 16], 2));
    good.push(whole("what the bad ones are made of", 3, &place, b"hunter2", key, salt));
    let ctx = context(1, 3, &place);
    let around = |padded: &[u8]| by_hand::seal(&key, 3, &ctx, &salt, padded);
    let sealed = around(&by_hand::pad(b"hunter2"));
    let mut bad = Vec::new();
    let mut refuse = |name: &str, kind: u64, key: &[u8], place: &Place, sealed: &[u8]| {
        let mut case = described(name, kind, key, place);
        case["sealed"] = hex(sealed).into();
        case["error"] = "CannotOpen".into();
        bad.push(case);
    };

    let at_end = sealed.len() - 1;
    let regions = [
        ("the suite's lowest bit flipped", 0, 0x01),
        ("the suite's highest bit flipped", 0, 0x80),
        ("the kind's lowest bit flipped", 1, 0x01),
        ("the salt's first bit flipped", 2, 0x80),
        ("the salt's last bit flipped", 33, 0x01),
        ("the commitment's first bit flipped", 34, 0x80),
        ("the commitment's last bit flipped", 65, 0x01),
        ("the ciphertext's first bit flipped", 66, 0x80),
        ("the ciphertext's last bit flipped", at_end - 16, 0x01),
        ("the tag's first bit flipped", at_end - 15, 0x80),
        ("the tag's last bit flipped", at_end, 0x01),
    ];
    for (name, at, bit) in regions {
        let mut flipped = sealed.clone();
        flipped[at] ^= bit;
        refuse(name, 3, &key, &place, &flipped);
    }
    for (name, suite) in [("suite 0", 0), ("suite 2", 2)] {
        let mut other = by_hand::seal(&key, 3, &context(suite, 3, &place), &salt, &[0x80; 256]);
        other[0] = suite as u8;
        refuse(name, 3, &key, &place, &other);
    }
    let as_page = by_hand::seal(&key, 2, &context(1, 2, &place), &salt, &by_hand::pad(b"hunter2"));
    refuse("a page as a value", 3, &key, &place, &as_page);
    let relabelled = [&[1, 3], &as_page[2..]].concat();
    refuse("a page that says that it is a value", 3, &key, &place, &relabelled);
    refuse("a value as a page", 2, &key, &place, &sealed);

    let other_team = TeamId(Hash([0x7e; 32]));
    let other_vault = VaultId::from_random([0x7f; 16]);
    let places = [
        ("in another team", Place { team: Some(other_team), ..place.clone() }),
        ("in no team", Place { team: None, ..place.clone() }),
        ("in another vault", Place { vault: Some(other_vault), ..place.clone() }),
        ("in no vault", Place { vault: None, ..place.clone() }),
        ("as another object", Place { object: vec![10; 16], ..place.clone() }),
        ("as an object with a shorter name", Place { object: vec![9; 15], ..place.clone() }),
        ("as no object", Place { object: vec![], ..place.clone() }),
        ("at an earlier version", Place { version: 1, ..place.clone() }),
        ("at a later version", Place { version: 3, ..place.clone() }),
        ("under another key version", Place { key_version: 2, ..place.clone() }),
        ("versions swapped", Place { version: 1, key_version: 2, ..place.clone() }),
    ];
    for (name, elsewhere) in places {
        refuse(name, 3, &key, &elsewhere, &sealed);
    }
    let other_key = draw();
    refuse("another key", 3, &other_key, &place, &sealed);
    let by_other = by_hand::seal(&other_key, 3, &ctx, &salt, &by_hand::pad(b"hunter2"));
    let spliced = [&sealed[..66], &by_other[66..]].concat();
    refuse("another key's ciphertext after this key's commitment", 3, &key, &place, &spliced);
    let spliced = [&sealed[..34], &by_other[34..66], &sealed[66..]].concat();
    refuse("another key's commitment before this key's ciphertext", 3, &key, &place, &spliced);

    let filled = |tail: &[u8]| {
        let mut padded = vec![0; 256 - tail.len()];
        padded[..7].copy_from_slice(b"hunter2");
        around(&[&padded, tail].concat())
    };
    refuse("padding: no mark", 3, &key, &place, &filled(&[]));
    refuse("padding: zeros alone", 3, &key, &place, &around(&[0; 256]));
    refuse("padding: another mark", 3, &key, &place, &filled(&[0x81]));
    refuse("padding: a mark, then something else", 3, &key, &place, &filled(&[0x80, 0, 1]));
    refuse("padding: none at all", 3, &key, &place, &around(&[1; 256]));
    let mut longer = by_hand::pad(b"hunter2");
    longer.resize(272, 0);
    refuse("padding: up to the next length", 3, &key, &place, &around(&longer));
    longer.resize(512, 0);
    refuse("padding: up to 512 bytes", 3, &key, &place, &around(&longer));
    let shorter = by_hand::pad(b"hunter2");
    refuse("padding: under 256 bytes", 3, &key, &place, &around(&shorter[..255]));
    let unaligned = [&vec![7; 299][..], &[0x80]].concat();
    refuse("padding: not of a Padmé length", 3, &key, &place, &around(&unaligned));

    refuse("cut by a byte", 3, &key, &place, &sealed[..at_end]);
    refuse("cut by the tag", 3, &key, &place, &sealed[..sealed.len() - 16]);
    refuse("the header alone", 3, &key, &place, &sealed[..66]);
    refuse("cut in the header", 3, &key, &place, &sealed[..40]);
    refuse("nothing", 3, &key, &place, &[]);
    refuse("a byte too many", 3, &key, &place, &[&sealed[..], &[0]].concat());
    refuse("a byte before", 3, &key, &place, &[&[1], &sealed[..]].concat());
    let mut over = described("one byte over the cap", 3, &key, &place);
    over["zeros"] = (MAX_SEALED + 1).into();
    over["error"] = "CannotOpen".into();
    bad.push(over);

    let about = "Envelopes. A bad one does not open with its key at its place, and the error says \
                 no more; where `zeros` stands for `sealed`, the input is that many zero bytes.";
    crate::file::write("envelope", about, vec![("good", good), ("bad", bad)]);
}
