//! `typed.json`: what people type: Secret Keys, root keys, tokens, kits.

use subrosa_core::kit::{Kit, RootKey, SecretKey, print_checkpoint};
use subrosa_core::service::ServiceToken;
use subrosa_wire::id::{Hash, TeamId};
use subrosa_wire::log::Head;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use zeroize::Zeroizing;

use crate::file::{Case, Vectors, hex};

const FILE: &str = include_str!("../../../../tests/vectors/typed.json");

fn team(case: &Case<'_>) -> TeamId {
    case.text("team").parse().unwrap()
}

fn place(team: &str, checkpoint: &str) -> (TeamId, Head) {
    let (seq, hash) = checkpoint.split_once(':').unwrap();
    (team.parse().unwrap(), Head { seq: seq.parse().unwrap(), hash: hash.parse().unwrap() })
}

fn head(case: &Case<'_>) -> Head {
    Head { seq: case.number("seq"), hash: case.text("hash").parse().unwrap() }
}

#[test]
fn secret_keys() {
    let file = Vectors::read(FILE);
    for case in file.section("secret_keys") {
        let secret_key = SecretKey::from_bytes(case.array("bytes"));
        assert_eq!(*secret_key.print(), case.text("printed"));
        for typed in case.texts("also_read") {
            assert_eq!(SecretKey::read(typed).unwrap().bytes(), secret_key.bytes(), "{typed}");
        }
    }
    for case in file.section("bad_secret_keys") {
        let error =
            SecretKey::read(case.text("typed")).err().unwrap_or_else(|| panic!("{}", case.name()));
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

#[test]
fn root_keys() {
    let file = Vectors::read(FILE);
    for case in file.section("root_keys") {
        let seed = Zeroizing::new(case.array("seed"));
        let printed = RootKey::new(seed, team(&case), head(&case)).print();
        assert_eq!(*printed, case.text("printed"));
        let read = RootKey::read(case.text("printed")).unwrap();
        let expected = (case.array("seed"), team(&case), head(&case));
        assert_eq!((*read.seed(), read.team, read.checkpoint), expected);
    }
    for case in file.section("bad_root_keys") {
        let error =
            RootKey::read(case.text("typed")).err().unwrap_or_else(|| panic!("{}", case.name()));
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

#[test]
fn tokens() {
    let file = Vectors::read(FILE);
    for case in file.section("tokens") {
        let seed = Zeroizing::new(case.array("seed"));
        let token = ServiceToken::new(seed, team(&case), head(&case));
        assert_eq!(*token.print(), case.text("printed"));
        assert_eq!(token.member().to_string(), case.text("member"));
        let read = ServiceToken::read(case.text("printed")).unwrap();
        let expected = (case.array("seed"), team(&case), head(&case));
        assert_eq!((*read.seed(), read.team, read.checkpoint), expected);
        // It is no other key's text.
        assert!(RootKey::read(case.text("printed")).is_err());
    }
}

#[test]
fn kits() {
    let file = Vectors::read(FILE);
    for case in file.section("kits") {
        let kit = Kit {
            secret_key: SecretKey::from_bytes(case.array("secret_key")),
            server: case.text("server").to_owned(),
            team: team(&case),
            checkpoint: head(&case),
            others: case.texts("others").chunks(2).map(|it| place(it[0], it[1])).collect(),
        };
        assert_eq!(*kit.line(), case.text("line"));
        assert_eq!(print_checkpoint(kit.checkpoint), case.text("checkpoint"));
    }
    for case in file.section("typed_kits") {
        let read = Kit::read(case.text("typed")).unwrap_or_else(|e| panic!("{}: {e}", case.name()));
        assert_eq!(hex(read.secret_key.bytes()), case.text("secret_key"), "{}", case.name());
        assert_eq!(read.checkpoint, head(&case), "{}", case.name());
        let expected = case.has("team").then(|| team(&case));
        assert_eq!(read.team, expected, "{}", case.name());
    }
    for case in file.section("bad_kits") {
        let error =
            Kit::read(case.text("typed")).err().unwrap_or_else(|| panic!("{}", case.name()));
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

pub fn write() {
    use serde_json::{Value, json};

    let counting: [u8; 16] = core::array::from_fn(|at| at as u8 * 16 + at as u8);
    let secret_keys = [[0; 16], [0xff; 16], counting].map(|bytes| {
        let printed = SecretKey::from_bytes(bytes).print();
        let confused = printed[4..].replace('0', "o").replace('1', "l");
        let also_read = [
            printed.to_string(),
            printed.to_lowercase(),
            format!(" {} ", &*printed),
            format!("SR1-{}", printed[4..].replace('-', "")),
            format!("SR1-{}", printed[4..].replace('-', " ")),
            format!("sr1-{confused}"),
        ];
        json!({"bytes": hex(&bytes), "printed": *printed, "also_read": also_read})
    });
    let printed = SecretKey::from_bytes(counting).print().to_string();
    let refused = |name: &str, typed: &str, error: String| json!({"name": name, "typed": typed, "error": error});
    let bad_secret_keys = spoilt(&printed, "SR1-", 8);
    let bad_secret_keys: Vec<Value> = bad_secret_keys
        .iter()
        .map(|(name, typed)| {
            let error = SecretKey::read(typed).err().unwrap_or_else(|| panic!("{}", name));
            refused(name, typed, format!("{error:?}"))
        })
        .collect();

    let team = TeamId(Hash([0xab; 32]));
    let head = Head { seq: 1, hash: Hash([0xcd; 32]) };
    let later = Head { seq: u64::MAX, hash: Hash([0xef; 32]) };
    let root_keys = [(counting, head), ([0xff; 16], later)].map(|(half, head)| {
        let seed: [u8; 32] = [half, half].concat().try_into().unwrap();
        json!({
            "seed": hex(&seed), "team": team.to_string(), "seq": head.seq,
            "hash": head.hash.to_string(), "printed": *RootKey::new(seed.into(), team, head).print(),
        })
    });
    let root_key = RootKey::new([9; 32].into(), team, head).print().to_string();
    let mut bad_root_keys = spoilt(&root_key, "srk1_", 60);
    // The last digit carries one bit that stands for nothing: another spelling of the same bytes.
    let (rest, last) = root_key.split_at(root_key.len() - 1);
    let alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let at = alphabet.find(last).unwrap();
    bad_root_keys.push(("the unused bit set", format!("{rest}{}", &alphabet[at + 1..at + 2])));
    let bad_root_keys: Vec<Value> = bad_root_keys
        .iter()
        .map(|(name, typed)| {
            let error = RootKey::read(typed).err().unwrap_or_else(|| panic!("{}", name));
            refused(name, typed, format!("{error:?}"))
        })
        .collect();

    let tokens = vec![{
        let seed: [u8; 32] = [counting, counting].concat().try_into().unwrap();
        let token = ServiceToken::new(seed.into(), team, head);
        json!({
            "seed": hex(&seed), "team": team.to_string(), "seq": head.seq,
            "hash": head.hash.to_string(), "printed": *token.print(),
            "member": token.member().to_string(),
        })
    }];

    let kit = Kit {
        secret_key: SecretKey::from_bytes(counting),
        server: "https://secrets.example".to_owned(),
        team,
        checkpoint: head,
        others: Vec::new(),
    };
    let line = kit.line().to_string();
    let checkpoint = print_checkpoint(head);
    let several = Kit {
        secret_key: SecretKey::from_bytes(counting),
        server: kit.server.clone(),
        others: vec![(TeamId(later.hash), later)],
        ..kit
    };
    let kits = [&kit, &several].map(|kit| {
        let others = kit.others.iter();
        let others = others.flat_map(|(team, at)| [team.to_string(), print_checkpoint(*at)]);
        json!({
            "secret_key": hex(&counting), "server": kit.server, "team": team.to_string(),
            "seq": head.seq, "hash": head.hash.to_string(), "checkpoint": checkpoint,
            "others": others.collect::<Vec<_>>(), "line": *kit.line(),
        })
    });
    let typed = |name: &str, typed: String, team: Option<TeamId>| {
        json!({
            "name": name, "typed": typed, "secret_key": hex(&counting), "seq": head.seq,
            "hash": head.hash.to_string(), "team": team.map(|team| team.to_string()),
        })
    };
    let upper = checkpoint.to_uppercase();
    let typed_kits = vec![
        typed("the line", line.clone(), Some(team)),
        typed(
            "a file around the line",
            format!("Emergency kit\n\n  {line}  \r\nEnd\n"),
            Some(team),
        ),
        typed("Secret Key and checkpoint", format!("{printed}\n{checkpoint}"), None),
        typed("the other way round", format!("{checkpoint} {printed}"), None),
        typed("words before, capitals", format!("Key: {printed}\n{upper}"), None),
        typed(
            "in groups",
            format!("{} {checkpoint}", printed[4..].replace('-', " ").replacen("", "SR1-", 1)),
            None,
        ),
    ];
    let replaced = |what: &str, by: &str| {
        assert!(line.contains(what));
        line.replacen(what, by, 1)
    };
    let mut mistyped = printed.clone().into_bytes();
    mistyped[5] = if mistyped[5] == b'2' { b'3' } else { b'2' };
    let mistyped = String::from_utf8(mistyped).unwrap();
    let bad_kits = [
        ("nothing", String::new()),
        ("no Secret Key", checkpoint.clone()),
        ("no checkpoint", printed.clone()),
        ("a mistyped Secret Key", format!("{mistyped} {checkpoint}")),
        ("a checkpoint without a number", format!("{printed} :{}", head.hash)),
        ("a checkpoint that is cut", format!("{printed} {}", &checkpoint[..checkpoint.len() - 1])),
        ("the line with another server", replaced("secrets.example", "secrets.evil")),
        ("the line with another team", replaced(&team.to_string(), &"00".repeat(32))),
        (
            "the line with another checkpoint",
            replaced(&checkpoint, &format!("0{}", &checkpoint[1..])),
        ),
        ("the line with a mistyped Secret Key", replaced(&printed, &mistyped)),
        ("the line without its check", line[..line.len() - 9].to_owned()),
        ("the line cut by a digit", line[..line.len() - 1].to_owned()),
        ("the line with a check in capitals", {
            let (rest, check) = line.split_at(line.len() - 8);
            format!("{rest}{}", check.to_uppercase())
        }),
        ("the line with a part too many", replaced("|https", "||https")),
    ];
    let bad_kits: Vec<Value> = bad_kits
        .iter()
        .map(|(name, typed)| {
            let error = Kit::read(typed).err().unwrap_or_else(|| panic!("{name}: {typed}"));
            refused(name, typed, format!("{error:?}"))
        })
        .collect();
    let about = "What people type. A bad one is refused with the error that it names.";
    let sections = vec![
        ("secret_keys", secret_keys.to_vec()),
        ("bad_secret_keys", bad_secret_keys),
        ("root_keys", root_keys.to_vec()),
        ("bad_root_keys", bad_root_keys),
        ("tokens", tokens),
        ("kits", kits.to_vec()),
        ("typed_kits", typed_kits),
        ("bad_kits", bad_kits),
    ];
    crate::file::write("typed", about, sections);
}

/// A printed key as it may be mistyped; `at` is where a digit is.
fn spoilt(printed: &str, prefix: &str, at: usize) -> Vec<(&'static str, String)> {
    let digits: Vec<char> = printed.chars().filter(|c| *c != '-').collect();
    let flat: String = digits.iter().collect();
    let flat = format!("{prefix}{}", &flat[prefix.trim_end_matches('-').len()..]);
    let digit = |at: usize, by: char| {
        let mut typed: Vec<char> = flat.chars().collect();
        typed[at] = by;
        typed.into_iter().collect::<String>()
    };
    let other = if flat.as_bytes()[at] == b'7' { '8' } else { '7' };
    let mut swapped: Vec<char> = flat.chars().collect();
    let pair = (at..).find(|at| swapped[*at] != swapped[at + 1]).unwrap();
    swapped.swap(pair, pair + 1);
    vec![
        ("nothing", String::new()),
        ("the prefix alone", prefix.to_owned()),
        ("without its prefix", flat[prefix.len()..].to_owned()),
        ("of another version", flat.replacen('1', "2", 1)),
        ("one digit mistyped", digit(at, other)),
        ("two digits swapped", swapped.into_iter().collect()),
        ("a digit of the checksum mistyped", {
            let at = flat.len() - 3;
            let other = if flat.as_bytes()[at] == b'7' { '8' } else { '7' };
            digit(at, other)
        }),
        ("a digit short", flat[..flat.len() - 1].to_owned()),
        ("a digit long", format!("{flat}0")),
        ("the letter U, which is no digit", digit(at, 'U')),
        ("a mark", digit(at, '!')),
        ("a letter that is not ASCII", digit(at, 'ä')),
    ]
}
