//! `manifest.json`: the plaintexts that are sealed: pages, history, summaries, accounts.

use subrosa_core::account::{AccountContents, TeamSeat};
use subrosa_core::envelope::Sealable;
use subrosa_core::manifest::{
    Application, Card, Content, History, HistoryEntry, HistoryRef, KeyState, Level, Page, PageRef,
    Record, RootPage, Rotation, Subject, Summary, ValueRef,
};
use subrosa_wire::id::{
    ApplicationId, EnvironmentId, Hash, MemberId, PageId, ProjectId, SecretId, TeamId,
};
use subrosa_wire::log::Head;
use subrosa_wire::object::ObjectId;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Vectors, diagnostic};

const FILE: &str = include_str!("../../../../tests/vectors/manifest.json");

macro_rules! plaintexts {
    ($($name:ident),*) => {
        /// Reads a plaintext and writes it again.
        fn read(message: &str, cbor: Vec<u8>) -> Option<Vec<u8>> {
            match message {
                $(stringify!($name) => {
                    $name::from_plaintext(cbor.into()).map(|value| value.to_plaintext().to_vec())
                })*
                other => panic!("no plaintext {other}"),
            }
        }
    };
}

plaintexts!(RootPage, Page, History, Summary, AccountContents);

fn root(subject: Subject, pages: Vec<PageRef>, rotate_after: Option<u16>) -> RootPage {
    let rotations = rotate_after.into_iter().flat_map(|_| [rotation(1), rotation(3)]).collect();
    RootPage { subject, pages, rotations, rotate_after }
}

fn rotation(version: u32) -> Rotation {
    let author = MemberId::from_random([7; 16]);
    Rotation { version, secrets: 300, earlier: 5, author, seq: 70, time: 1_700_000_000_000 }
}

#[test]
fn each_plaintext_has_one_encoding() {
    let file = Vectors::read(FILE);
    let (cases, samples) = (file.section("good"), samples());
    assert_eq!(cases.len(), samples.len());
    for (case, (message, name, encoding)) in cases.iter().zip(samples) {
        let cbor = case.bytes("cbor");
        assert_eq!((case.text("message"), case.name()), (message, name));
        assert_eq!(cbor, encoding, "{name}");
        assert_eq!(case.text("diagnostic"), diagnostic(&cbor), "{name}");
        assert_eq!(read(message, cbor.clone()), Some(cbor), "{name}");
    }
}

#[test]
fn every_other_plaintext_is_refused() {
    for case in Vectors::read(FILE).section("bad") {
        assert_eq!(case.text("error"), "CannotOpen");
        assert_eq!(read(case.text("message"), case.bytes("cbor")), None, "{}", case.name());
    }
}

fn object(byte: u8) -> ObjectId {
    ObjectId(Hash([byte; 32]))
}

fn reference(first: u8) -> PageRef {
    PageRef {
        page: PageId::from_random([first + 0x80; 16]),
        first: SecretId::from_random([first; 16]),
        object: object(first),
        version: 3,
        key_version: 2,
        oldest: 1,
    }
}

fn record(id: u8, level: Level, content: Option<Content>, history: Option<HistoryRef>) -> Record {
    Record {
        id: SecretId::from_random([id; 16]),
        level,
        key: "DATABASE_URL".to_owned(),
        version: 2,
        content,
        note: "rotated".to_owned(),
        author: MemberId::from_random([7; 16]),
        seq: 9,
        time: 1_700_000_000_000,
        oldest: 1,
        history,
        fresh: (id == 1).then_some(8),
    }
}

fn named_key(id: u8, state: KeyState) -> Record {
    record(id, Level::NamedKey, Some(Content::NamedKey(state)), None)
}

fn key_state(rotate_after: Option<u16>) -> KeyState {
    KeyState {
        value: ValueRef { object: object(0xcc), version: 2, key_version: 1 },
        newest: 300,
        oldest: 2,
        time: 1_700_000_000_001,
        made_under: 1,
        decrypt_from: 3,
        deletable: rotate_after.is_some(),
        rotate_after,
    }
}

fn past(version: u32, content: Option<Content>) -> HistoryEntry {
    let author = MemberId::from_random([7; 16]);
    HistoryEntry {
        version,
        key: "DATABASE".to_owned(),
        content,
        author,
        seq: 8,
        time: 5,
        fresh: (version == 1).then_some(6),
    }
}

fn card(member: u8) -> Card {
    Card { member: MemberId::from_random([member; 16]), name: "Zoë".to_owned() }
}

fn directory(cards: Vec<Card>) -> Subject {
    Subject::Directory { team_name: "Team".to_owned(), cards }
}

fn seat(team: u8) -> TeamSeat {
    let checkpoint = Head { seq: 1, hash: Hash([4; 32]) };
    TeamSeat::new(TeamId(Hash([team; 32])), MemberId::from_random([2; 16]), [3; 32], checkpoint)
}

fn samples() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let sealed = ValueRef { object: object(0xaa), version: 1, key_version: 1 };
    let value = Content::Value(sealed);
    let mount = "/etc/ssl/key.pem".to_owned();
    let other = SecretId::from_random([9; 16]);
    let history = HistoryRef { object: object(0xbb), version: 1, key_version: 1 };
    let application = Level::Application(ApplicationId::from_random([6; 16]));
    let project = ProjectId::from_random([4; 16]);
    let environment = Subject::Environment {
        id: EnvironmentId::from_random([5; 16]),
        name: "production".to_owned(),
        project,
        applications: vec![Application {
            id: ApplicationId::from_random([6; 16]),
            name: "web".to_owned(),
        }],
    };
    let project = Subject::Project { id: project, name: "shop".to_owned() };
    let overriding = |mount| Content::Override { of: other, value: sealed, mount };
    fn plain(value: &impl Sealable) -> Vec<u8> {
        value.to_plaintext().to_vec()
    }
    vec![
        (
            "RootPage",
            "of a directory",
            plain(&root(directory(vec![card(1), card(2)]), vec![], None)),
        ),
        ("RootPage", "of a project", plain(&root(project, vec![reference(1)], Some(90)))),
        (
            "RootPage",
            "of an environment",
            plain(&root(environment, vec![reference(1), reference(2)], None)),
        ),
        (
            "Page",
            "with and without value and history",
            plain(&Page(vec![
                record(1, Level::Own, Some(value.clone()), None),
                record(2, application, Some(value.clone()), Some(history)),
                record(3, Level::Own, None, Some(history)),
            ])),
        ),
        (
            "Page",
            "a file, an alias, an override, and an override of a file",
            plain(&Page(vec![
                record(
                    1,
                    Level::Own,
                    Some(Content::File { value: sealed, mount: mount.clone() }),
                    None,
                ),
                record(2, Level::Own, Some(Content::Alias(other)), None),
                record(3, application, Some(overriding(None)), None),
                record(4, application, Some(overriding(Some(mount))), None),
            ])),
        ),
        (
            "Page",
            "named keys: with and without a reminder, and a deleted one",
            plain(&Page(vec![
                named_key(1, key_state(Some(90))),
                named_key(2, key_state(None)),
                record(3, Level::NamedKey, None, None),
            ])),
        ),
        (
            "History",
            "a first list",
            plain(&History {
                entries: vec![past(1, Some(value.clone())), past(2, None)],
                older: None,
            }),
        ),
        (
            "History",
            "a later list",
            plain(&History { entries: vec![past(65, Some(value))], older: Some(history) }),
        ),
        (
            "History",
            "a list of the most entries",
            plain(&History {
                entries: (1..=64).map(|version| past(version, None)).collect(),
                older: None,
            }),
        ),
        (
            "Summary",
            "of a commit",
            plain(&Summary {
                note: "why".to_owned(),
                created: 1,
                changed: 2,
                deleted: 300,
                reencrypted: 4,
            }),
        ),
        ("AccountContents", "no team", plain(&AccountContents { teams: vec![], device: [5; 32] })),
        (
            "AccountContents",
            "two teams",
            plain(&AccountContents { teams: vec![seat(1), seat(2)], device: [5; 32] }),
        ),
    ]
}

pub fn write() {
    use crate::file::hex;
    use serde_json::json;

    let samples = samples();
    let good = samples.iter().map(|(message, name, cbor)| {
        json!({
            "message": message, "name": name, "cbor": hex(cbor), "diagnostic": diagnostic(cbor),
        })
    });
    let mut bad = Vec::new();
    let mut refuse = |message: &str, name: &str, cbor: &[u8]| {
        assert_eq!(read(message, cbor.to_vec()), None, "{message}: {name}");
        bad.push(json!({
            "message": message, "name": name, "cbor": hex(cbor), "error": "CannotOpen",
        }));
    };
    let mut seen = Vec::new();
    for (message, _, cbor) in &samples {
        if seen.contains(message) {
            continue;
        }
        seen.push(message);
        let (header, items) = (cbor[0], &cbor[1..]);
        refuse(message, "a byte too many", &[cbor, &[0][..]].concat());
        refuse(message, "cut by a byte", &cbor[..cbor.len() - 1]);
        refuse(message, "an indefinite array", &[&[0x9f], items, &[0xff]].concat());
        let overlong = [&[0x98, header - 0x80], items].concat();
        refuse(message, "the array's length in two bytes", &overlong);
        refuse(message, "an item more", &[&[header + 1], items, &[0]].concat());
        refuse(message, "nothing", &[]);
    }
    fn plain(value: &impl Sealable) -> Vec<u8> {
        value.to_plaintext().to_vec()
    }
    let root = |cards, pages| plain(&root(directory(cards), pages, None));
    refuse("RootPage", "cards descending", &root(vec![card(2), card(1)], vec![]));
    refuse("RootPage", "a card twice", &root(vec![card(1), card(1)], vec![]));
    refuse("RootPage", "pages descending", &root(vec![], vec![reference(2), reference(1)]));
    refuse("RootPage", "a page twice", &root(vec![], vec![reference(1), reference(1)]));
    let never = super::manifest::root(directory(vec![]), vec![], Some(0));
    refuse("RootPage", "rotated after no day", &plain(&never));
    let told = |versions: Vec<u32>| {
        let mut root = super::manifest::root(directory(vec![]), vec![], None);
        root.rotations = versions.into_iter().map(rotation).collect();
        plain(&root)
    };
    refuse("RootPage", "rotations descending", &told(vec![2, 1]));
    refuse("RootPage", "a rotation twice", &told(vec![1, 1]));
    refuse("RootPage", "one rotation too many", &told((1..=33).collect()));
    let page = |ids: &[u8]| {
        let records = ids.iter().map(|id| record(*id, Level::Own, None, None));
        plain(&Page(records.collect()))
    };
    refuse("Page", "no record", &page(&[]));
    refuse("Page", "records descending", &page(&[2, 1]));
    refuse("Page", "a record twice", &page(&[1, 1]));
    let alias = record(1, Level::Own, Some(Content::Alias(SecretId::from_random([9; 16]))), None);
    let mut unknown = plain(&Page(vec![alias]));
    // The alias: its number, and the array around its target.
    let at = unknown.windows(3).position(|it| it == [0x02, 0x81, 0x50]).unwrap();
    unknown[at] = 5;
    refuse("Page", "an unknown kind of secret", &unknown);
    let of_one = |record: Record| plain(&Page(vec![record]));
    let state = key_state(None);
    for (name, state) in [
        ("a named key from which nothing is left", KeyState { oldest: 301, ..state }),
        ("a named key with a version 0", KeyState { oldest: 0, ..state }),
        ("a named key that decrypts from version 0", KeyState { decrypt_from: 0, ..state }),
        ("a named key that decrypts nothing", KeyState { decrypt_from: 301, ..state }),
        ("a named key rotated after no day", key_state(Some(0))),
    ] {
        refuse("Page", name, &of_one(named_key(1, state)));
    }
    let (content, level) = (Some(Content::NamedKey(state)), Level::NamedKey);
    let list = HistoryRef { object: object(0xbb), version: 1, key_version: 1 };
    refuse("Page", "a named key at a scope", &of_one(record(1, Level::Own, content.clone(), None)));
    let alias = Some(Content::Alias(SecretId::from_random([9; 16])));
    refuse("Page", "a secret at no scope", &of_one(record(1, level, alias, None)));
    let kept = of_one(record(1, level, content.clone(), Some(list)));
    refuse("Page", "a named key with a history", &kept);
    let kept = of_one(record(1, level, None, Some(list)));
    refuse("Page", "a deleted named key with a history", &kept);
    let mut unknown = of_one(record(1, level, None, None));
    // The level: its number, and the array around nothing.
    let at = unknown.windows(3).position(|it| it == [0x82, 0x02, 0x80]).unwrap();
    unknown[at + 1] = 3;
    refuse("Page", "an unknown level", &unknown);
    let earlier = History { entries: vec![past(1, content)], older: None };
    refuse("History", "an earlier version of a named key", &plain(&earlier));
    let list = |versions: Vec<u32>| {
        let entries = versions.into_iter().map(|version| past(version, None));
        plain(&History { entries: entries.collect(), older: None })
    };
    refuse("History", "versions descending", &list(vec![2, 1]));
    refuse("History", "a version twice", &list(vec![1, 1]));
    refuse("History", "one entry too many", &list((1..=65).collect()));
    // An absent last item is left out: null in its place is another spelling.
    let first = samples.iter().find(|(_, name, _)| *name == "a first list").unwrap().2.clone();
    assert_eq!(first[0], 0x81);
    refuse("History", "null for what is left out", &[&[0x82], &first[1..], &[0xf6]].concat());
    let project = &samples.iter().find(|(_, name, _)| *name == "of a project").unwrap().2;
    let mut unknown = project.clone();
    assert_eq!(unknown[2..4], [0x01, 0x82], "the subject's variant");
    unknown[2] = 3;
    refuse("RootPage", "an unknown subject", &unknown);
    let about = "Plaintexts in canonical CBOR, as they are before they are padded and sealed. A \
                 bad one is refused although its seal is right; the error is that of any failure.";
    crate::file::write("manifest", about, vec![("good", good.collect()), ("bad", bad)]);
}
