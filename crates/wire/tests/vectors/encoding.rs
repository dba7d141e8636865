//! `encoding.json`: the one encoding of each message that the server reads, and others of it.

use minicbor::bytes::ByteVec;
use subrosa_wire::SUITE;
use subrosa_wire::api::{
    AccountBlob, Challenge, CheckSetup, EndSessions, FetchObjects, FoundTeam, Joins, LastUse,
    LastUses, LogPage, Missing, MissingKey, NewAccount, Objects, OpenSession, PostJoin, Principal,
    Push, Pushed, PutAccount, RecoverTeam, SessionClaim, SessionNote, SessionOpened, Sessions,
    Wraps,
};
use subrosa_wire::encoding::{Canonical, Malformed, decode_strict, encode};
use subrosa_wire::id::{Hash, InviteId, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};
use subrosa_wire::log::{
    Commit, CreateVault, Entry, Genesis, Head, Op, RootClaim, SignedEntry, Wrap,
};
use subrosa_wire::object::{ObjectId, Upload};
use subrosa_wire::people::{
    Access, Add, Admission, Grant, Grants, Invite, Invited, Join, KeysClaim, Revoke, RotateKeys,
    Service, SetRole, VaultRole,
};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Vectors, diagnostic};

const FILE: &str = include_str!("../../../../tests/vectors/encoding.json");

#[test]
fn each_message_has_one_encoding() {
    let file = Vectors::read(FILE);
    let cases = file.section("good");
    let samples = samples();
    assert_eq!(cases.len(), samples.len());
    for (case, (message, name, encoding)) in cases.iter().zip(samples) {
        let cbor = case.bytes("cbor");
        assert_eq!((case.text("message"), case.name()), (message, name));
        assert_eq!(cbor, encoding, "{name}");
        assert_eq!(case.text("diagnostic"), diagnostic(&cbor), "{name}");
        assert_eq!(decode(message, &cbor), Ok(cbor), "{name}");
    }
}

#[test]
fn every_other_spelling_is_refused() {
    for case in Vectors::read(FILE).section("bad") {
        let cbor = if case.has("zeros") {
            vec![0; case.number("zeros") as usize]
        } else {
            case.bytes("cbor")
        };
        let error = decode(case.text("message"), &cbor).expect_err(case.name());
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

macro_rules! messages {
    ($($name:ident),*) => {
        const CAPS: &[(&str, usize)] = &[$((stringify!($name), $name::MAX_BYTES)),*];

        /// Decodes a message and encodes it again.
        fn decode(message: &str, cbor: &[u8]) -> Result<Vec<u8>, Malformed> {
            match message {
                $(stringify!($name) => decode_strict::<$name>(cbor).map(|value| encode(&value)),)*
                other => panic!("no message {other}"),
            }
        }
    };
}

messages!(
    Head,
    Entry,
    SignedEntry,
    PublicKeyset,
    RootClaim,
    KeysClaim,
    RecoverTeam,
    Join,
    PostJoin,
    Joins,
    Missing,
    LastUses,
    Sessions,
    EndSessions,
    Challenge,
    SessionClaim,
    OpenSession,
    SessionOpened,
    AccountBlob,
    PutAccount,
    CheckSetup,
    FoundTeam,
    Push,
    Pushed,
    LogPage,
    Wraps,
    FetchObjects,
    Objects
);

fn keyset(byte: u8) -> PublicKeyset {
    PublicKeyset { signing: SigningPublic([byte; 32]), kem: KemPublic([byte; KEM_PUBLIC_BYTES]) }
}

fn samples() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let team = TeamId(Hash([0x11; 32]));
    let member = MemberId::from_random([0x22; 16]);
    let root = MemberId::from_random([0x33; 16]);
    let vault = VaultId::from_random([0x44; 16]);
    let head = Head { seq: 7, hash: Hash([0x55; 32]) };
    let genesis = Entry {
        suite: SUITE,
        team: None,
        seq: 0,
        prev: None,
        author: member,
        time: 1_700_000_000_000,
        ops: vec![Op::Genesis(Box::new(Genesis {
            founder: keyset(1),
            root,
            root_keyset: keyset(2),
            root_proof: [3; 64],
            directory: vault,
        }))],
    };
    let create = |parent| {
        let [key_commitment, wraps] = [0x66, 0x77].map(|byte| Hash([byte; 32]));
        Op::CreateVault(CreateVault { vault, parent, key_commitment, wraps })
    };
    let commit = |base| {
        Op::Commit(Commit {
            vault,
            base,
            tree: ObjectId(Hash([0x88; 32])),
            key_version: 1,
            oldest_live: 1,
            summary: vec![0x99; 3].into(),
        })
    };
    let entry = |ops| Entry::after(team, head, member, 1_700_000_000_000, ops);
    let entries = [
        entry(vec![create(None), commit(None)]),
        entry(vec![create(Some(vault)), commit(Some(ObjectId(Hash([0xaa; 32]))))]),
    ];
    let signed = SignedEntry::new(&entries[0], |_| [0xbb; 64]);
    let wrap = |version| Wrap { vault, version, recipient: member, sealed: vec![0xcc; 4].into() };
    let push = Push {
        entry: signed.clone(),
        wraps: vec![wrap(1), wrap(24)],
        objects: vec![Upload { vault, sealed: vec![0xdd; 5].into() }],
    };
    let session = |principal| SessionClaim {
        principal,
        server_nonce: [0x13; 32],
        client_nonce: [0x14; 32],
        origin: "https://secrets.example".to_owned(),
    };
    let account_claim = session(Principal::Account(Hash([0x12; 32])));
    let member_claim = session(Principal::Member(team, member));
    let root_claim = session(Principal::Root(team));
    let sealed: ByteVec = vec![0x15; 6].into();
    let account = NewAccount {
        locator: Hash([0x16; 32]),
        login_key: SigningPublic([0x17; 32]),
        sealed: sealed.clone(),
    };
    let claim = RootClaim {
        founder: member,
        founder_keyset: keyset(1),
        root,
        root_keyset: keyset(2),
        directory: vault,
    };
    let found = FoundTeam {
        setup_token: "token".to_owned(),
        account,
        genesis: signed.clone(),
        first: push.clone(),
    };
    let recover = RecoverTeam { account: found.account.clone(), push: push.clone() };
    let keys = |invite| KeysClaim { team, invite, member: root, keyset: keyset(4) };
    let rotate = |invited| {
        let rotate = RotateKeys { member: root, keyset: keyset(4), proof: [5; 64], invited };
        Op::RotateKeys(Box::new(rotate))
    };
    let rotation = entry(vec![rotate(None)]);
    let invite = InviteId::from_random([0x21; 16]);
    let invited = || Invited { invite, link: [0x22; 64] };
    let grants = || {
        let other = VaultId::from_random([0x23; 16]);
        let grant = |(vault, role)| Grant { vault, role };
        Grants([(vault, VaultRole::Writer), (other, VaultRole::Reader)].map(grant).to_vec())
    };
    let invites = |access| {
        let link = SigningPublic([0x24; 32]);
        let card = vec![0x25; 3].into();
        let invite = Invite { id: invite, member: root, access, expires: 1 << 40, link, card };
        Op::Invite(Box::new(invite))
    };
    let adds = |admission| {
        let add = Add { member: root, admission, keyset: keyset(4), proof: [5; 64] };
        Op::Add(Box::new(add))
    };
    let service = |expires| {
        Admission::Service(Service { grants: grants(), expires, card: vec![0x26; 3].into() })
    };
    let manager = Grant { vault, role: VaultRole::Manager };
    let people = [
        entry(vec![invites(Access::Owner), invites(Access::Replace)]),
        entry(vec![invites(Access::Member(grants())), invites(Access::Member(Grants(vec![])))]),
        entry(vec![adds(Admission::Invited(invited())), adds(service(None))]),
        entry(vec![adds(service(Some(1 << 40))), rotate(Some(invited()))]),
        entry(vec![
            Op::CancelInvite(invite),
            Op::SetRole(SetRole { member: root, grant: manager }),
            Op::Revoke(Revoke { member: root, vault }),
            Op::Remove(root),
            Op::Promote(root),
            Op::MinimumClient(2),
        ]),
    ];
    let join = Join { keyset: keyset(4), proof: [5; 64], invited: invited() };
    let posted = |account| PostJoin { account, join: join.clone() };
    let missing = MissingKey { vault, version: 24, member };
    let link_claim = session(Principal::Link(team, invite));
    let put = PutAccount { base: 1, sealed: sealed.clone(), login_key: SigningPublic([0x18; 32]) };
    vec![
        ("Head", "the first", encode(&Head { seq: 0, ..head })),
        ("Head", "one byte", encode(&Head { seq: 23, ..head })),
        ("Head", "two bytes", encode(&Head { seq: 24, ..head })),
        ("Head", "three bytes", encode(&Head { seq: 256, ..head })),
        ("Head", "five bytes", encode(&Head { seq: 65_536, ..head })),
        ("Head", "the last", encode(&Head { seq: u64::MAX, ..head })),
        ("Entry", "a genesis", encode(&genesis)),
        ("Entry", "a vault without a parent, and its first commit", encode(&entries[0])),
        ("Entry", "a vault with a parent, and a later commit", encode(&entries[1])),
        ("Entry", "other keys for a member", encode(&rotation)),
        ("SignedEntry", "signed", encode(&signed)),
        ("PublicKeyset", "a keyset", encode(&keyset(1))),
        ("RootClaim", "what the root signs", encode(&claim)),
        ("KeysClaim", "what new keys sign", encode(&keys(None))),
        ("KeysClaim", "what an invitee's sign", encode(&keys(Some(invite)))),
        ("Entry", "an owner's invite, and one for other keys", encode(&people[0])),
        ("Entry", "a member's invite, and one to nothing", encode(&people[1])),
        ("Entry", "who was invited, and a machine", encode(&people[2])),
        ("Entry", "a machine that expires, and other keys by an invite", encode(&people[3])),
        ("Entry", "what else is done to people", encode(&people[4])),
        ("Join", "what a link's holder posts", encode(&join)),
        ("PostJoin", "with a new account", encode(&posted(Some(found.account.clone())))),
        ("PostJoin", "with an account that is there", encode(&posted(None))),
        ("Joins", "one", encode(&Joins { joins: vec![join.clone()] })),
        ("Missing", "one", encode(&Missing { keys: vec![missing] })),
        ("SessionClaim", "a link's", encode(&link_claim)),
        ("RecoverTeam", "account and entry", encode(&recover)),
        ("Challenge", "a challenge", encode(&Challenge { nonce: [0x13; 32] })),
        ("SessionClaim", "an account's", encode(&account_claim)),
        ("SessionClaim", "a member's", encode(&member_claim)),
        ("SessionClaim", "a root's", encode(&root_claim)),
        ("OpenSession", "signed", encode(&OpenSession { claim: member_claim, signature: [1; 64] })),
        ("SessionOpened", "a token", {
            encode(&SessionOpened { token: "token".to_owned(), seconds: 900 })
        }),
        ("AccountBlob", "a blob", {
            encode(&AccountBlob { generation: 2, sealed: sealed.clone() })
        }),
        ("PutAccount", "a new blob", encode(&put)),
        ("CheckSetup", "a token", { encode(&CheckSetup { setup_token: "token".to_owned() }) }),
        ("FoundTeam", "account and team", encode(&found)),
        ("Push", "entry, wraps, objects", encode(&push)),
        ("Push", "an entry alone", {
            encode(&Push { entry: signed.clone(), wraps: vec![], objects: vec![] })
        }),
        ("Pushed", "acknowledged", encode(&Pushed { head })),
        ("LogPage", "one entry", encode(&LogPage { entries: vec![signed], last: 8 })),
        ("LogPage", "no entry", encode(&LogPage { entries: vec![], last: 8 })),
        ("Wraps", "two", encode(&Wraps { wraps: push.wraps.clone() })),
        (
            "LastUses",
            "one",
            encode(&LastUses { uses: vec![LastUse { member, time: 1_700_000_000_000 }] }),
        ),
        ("Sessions", "one", {
            let (id, agent) = (Hash([0x99; 32]), "a browser".to_owned());
            let note = SessionNote { id, opened: 1, used: 2, agent, own: true };
            encode(&Sessions { sessions: vec![note] })
        }),
        ("EndSessions", "one", encode(&EndSessions { ids: vec![Hash([0x99; 32])] })),
        ("FetchObjects", "one", {
            encode(&FetchObjects { vault, ids: vec![ObjectId(Hash([0x88; 32]))] })
        }),
        ("Objects", "one, and more to come", {
            encode(&Objects { objects: vec![sealed], more: true })
        }),
        ("Objects", "none", encode(&Objects { objects: vec![], more: false })),
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
    let refusal = |message: &str, name: &str, cbor: &[u8]| {
        let error = decode(message, cbor).expect_err(name);
        json!({
            "message": message, "name": name, "cbor": hex(cbor), "error": format!("{error:?}"),
        })
    };
    let mut bad = Vec::new();
    for (message, cap) in CAPS {
        let (_, _, cbor) = samples.iter().find(|(of, _, _)| of == message).unwrap();
        for (name, cbor) in otherwise_spelt(cbor) {
            bad.push(refusal(message, name, &cbor));
        }
        let error = decode(message, &vec![0; cap + 1]).unwrap_err();
        bad.push(json!({
            "message": message, "name": "one byte over the cap", "zeros": cap + 1,
            "error": format!("{error:?}"),
        }));
    }
    let of = |wanted: &str, name: &str| {
        let found = samples.iter().find(|(message, of, _)| (*message, *of) == (wanted, name));
        hex(&found.unwrap().2)
    };
    let head = of("Head", "one byte");
    let entry = of("Entry", "a vault without a parent, and its first commit");
    let claim = of("SessionClaim", "an account's");
    let session = of("SessionOpened", "a token");
    let objects = of("Objects", "one, and more to come");
    let hash = "55".repeat(32);
    let origin = hex(b"https://secrets.example");
    // (message, what is wrong, its encoding, what is replaced, by what)
    let changes = [
        ("Head", "a small number in two bytes", &head, "8217", "821817".to_owned()),
        ("Head", "a small number in nine bytes", &head, "8217", "821b0000000000000017".to_owned()),
        ("Head", "a negative number", &head, "8217", "8220".to_owned()),
        ("Head", "a float", &head, "8217", "82f94dc0".to_owned()),
        ("Head", "a tagged number", &head, "8217", "82c017".to_owned()),
        ("Head", "a bignum", &head, "8217", "82c24117".to_owned()),
        ("Head", "null for a number", &head, "8217", "82f6".to_owned()),
        ("Head", "a byte string's length in three bytes", &head, "5820", "590020".to_owned()),
        ("Head", "a byte string in chunks", &head, "5820", "5f5820".to_owned()),
        ("Head", "text for bytes", &head, "5820", "7820".to_owned()),
        ("Head", "a hash of 31 bytes", &head, "582055", "581f".to_owned()),
        ("Head", "a hash of 33 bytes", &head, "5820", "582100".to_owned()),
        ("Head", "an array of numbers for bytes", &head, "5820", "9820".to_owned()),
        ("Head", "a map for an array", &head, "8217", "a10017".to_owned()),
        (
            "Head",
            "a length of 2^63 that is not there",
            &head,
            "5820",
            "5b8000000000000000".to_owned(),
        ),
        ("Head", "a reserved length", &head, "5820", "5c20".to_owned()),
        ("Entry", "a suite over 255", &entry, "8701", "87190100".to_owned()),
        ("Entry", "undefined for null", &entry, "f6", "f7".to_owned()),
        ("Entry", "false for null", &entry, "f6", "f4".to_owned()),
        (
            "Entry",
            "an author that is no UUIDv4",
            &entry,
            "502222222222224222a2",
            "50222222222222222222".to_owned(),
        ),
        ("Entry", "an unknown op", &entry, "828201", "828206".to_owned()),
        ("Entry", "an op without a value", &entry, "828201818450", "828101818450".to_owned()),
        ("Entry", "an op of a negative kind", &entry, "828201", "828220".to_owned()),
        ("Entry", "ops in an indefinite array", &entry, "828201", "9f8201".to_owned()),
        (
            "Entry",
            "2^64-1 ops that are not there",
            &entry,
            "828201",
            "9bffffffffffffffff8201".to_owned(),
        ),
        (
            "Entry",
            "a key version over 32 bits",
            &entry,
            "010143999999",
            "1b00000001000000000143999999".to_owned(),
        ),
        ("SessionClaim", "an unknown principal", &claim, "8482008158", "8482038158".to_owned()),
        ("SessionClaim", "an origin that is not UTF-8", &claim, &origin[..4], "fffe".to_owned()),
        ("SessionClaim", "text in chunks", &claim, "77", "7f77".to_owned()),
        (
            "SessionOpened",
            "seconds over 32 bits",
            &session,
            "190384",
            "1b0000000100000000".to_owned(),
        ),
        ("Objects", "1 for true", &objects, "f5", "01".to_owned()),
        ("Objects", "true in two bytes", &objects, "f5", "f815".to_owned()),
    ];
    for (message, name, cbor, what, by) in changes {
        let at = cbor.find(what).unwrap_or_else(|| panic!("{name}: no {what} in {cbor}"));
        let mut changed = format!("{}{by}{}", &cbor[..at], &cbor[at + what.len()..]);
        // What was opened as indefinite is closed at the end.
        if by.starts_with("5f") || by.starts_with("7f") || by.starts_with("9f") {
            changed.push_str("ff");
        }
        bad.push(refusal(message, name, &crate::file::unhex(&changed)));
    }
    bad.push(refusal("Head", "nothing", &[]));
    let swapped = crate::file::unhex(&format!("825820{hash}17"));
    bad.push(refusal("Head", "items swapped", &swapped));
    let deep = [vec![0x81; 900], vec![0]].concat();
    bad.push(refusal("SessionClaim", "900 arrays in each other", &deep));
    let about = "Messages in canonical CBOR. A bad one is refused with the error that it names; \
                 where `zeros` stands for `cbor`, the input is that many zero bytes.";
    crate::file::write("encoding", about, vec![("good", good.collect()), ("bad", bad)]);
}

/// Other spellings of a message, which is an array of fewer than 24 items.
fn otherwise_spelt(cbor: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let (header, items) = (cbor[0], &cbor[1..]);
    let len = header - 0x80;
    vec![
        ("a byte too many", [cbor, &[0]].concat()),
        ("twice", [cbor, cbor].concat()),
        ("cut by a byte", cbor[..cbor.len() - 1].to_vec()),
        ("an indefinite array", [&[0x9f], items, &[0xff]].concat()),
        ("the array's length in two bytes", [&[0x98, len], items].concat()),
        ("an item more", [&[header + 1], items, &[0]].concat()),
        ("a tag before it", [&[0xd9, 0xd9, 0xf7], cbor].concat()),
    ]
}
