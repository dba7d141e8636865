//! What a hostile server tries, what its victim sees, and that the same without it succeeds.
//! SECURITY.md lists the attacks; each test here names its own.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use subrosa_bridge::view::{Kit, Scope, Write};
use subrosa_bridge::{Event, Kind, Reply, Request};
use subrosa_client::{
    HttpRequest, HttpResponse, Method, Transport, native::Memory, native::Native,
};
use subrosa_core::account::{AccountContents, LockedAccount};
use subrosa_core::envelope::Sealed;
use subrosa_core::kit::{RootKey, SecretKey};
use subrosa_tests::hostile::{Ground, ORIGIN, Victim, forms, leaks, reply};
use subrosa_tests::{PASSWORD, hidden, story};
use subrosa_wire::api::{
    AccountBlob, Challenge, LogPage, Objects, OpenSession, Push, Pushed, SessionOpened,
};
use subrosa_wire::encoding::{decode_strict, encode};
use subrosa_wire::id::Hash;
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::label::Label;
use subrosa_wire::log::Head;
use subrosa_wire::team::Team;

const VALUE: &str = "canary-of-the-value: postgres://admin:hunter2@db";
const KEY: &str = "CANARY_OF_THE_KEY";

/// All that must be read nowhere but on the device.
fn canaries(kit: &Kit) -> Vec<(&'static str, Vec<u8>)> {
    let secret_key = SecretKey::read(kit.secret_key.expose()).unwrap();
    let root_key = &kit.root_key.as_ref().unwrap().text;
    let root = RootKey::read(root_key.expose()).unwrap();
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("the password", text(PASSWORD)),
        ("the Secret Key", text(kit.secret_key.expose())),
        ("the Secret Key's digits", text(&kit.secret_key.expose()[4..].replace('-', ""))),
        ("the Secret Key's bytes", secret_key.bytes().to_vec()),
        ("the root key", text(root_key.expose())),
        ("the root key's seed", root.seed().to_vec()),
        ("a value", text(VALUE)),
        ("a key", text(KEY)),
        ("a note", text("canary-of-the-note")),
        ("the team's name", text("canary-of-the-team")),
        ("a person's name", text("canary-of-the-person")),
        ("a project's name", text("canary-of-the-project")),
        ("an environment's name", text("canary-of-the-environment")),
    ]
}

/// A founder with one secret in an environment.
async fn scene() -> (Ground, Victim, Kit, Scope) {
    let ground = Ground::new().await;
    let (victim, kit) = ground.founder().await;
    let scope = victim.environment().await;
    victim.set(&scope, KEY, VALUE).await.unwrap();
    (ground, victim, kit, scope)
}

#[track_caller]
fn nothing_left(victim: &Victim, kit: &Kit) {
    assert_eq!(leaks(&victim.wire.bytes(), &canaries(kit)), Vec::<String>::new());
}

fn asks_log(request: &HttpRequest) -> bool {
    request.method == Method::Get && request.path.contains("/log")
}

fn pushes(request: &HttpRequest) -> bool {
    request.method == Method::Post && request.path.ends_with("/log")
}

fn asks_objects(request: &HttpRequest) -> bool {
    request.path.ends_with("/objects")
}

fn asks_account(request: &HttpRequest) -> bool {
    request.method == Method::Get && request.path == "/v1/account"
}

fn ok(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Changes the replies that decode as a `T`.
fn alter<T: subrosa_wire::encoding::Canonical>(
    reply: &mut HttpResponse,
    change: impl FnOnce(&mut T),
) {
    if let Ok(mut value) = decode_strict::<T>(&reply.body) {
        change(&mut value);
        reply.body = encode(&value);
    }
}

/// Attacks 3 and 14: a canary for the password, the keys, every name and every value.
#[test]
fn nothing_secret_leaves_the_device() {
    story(async {
        let (ground, victim, kit, scope) = scene().await;
        let row = victim.rows(&scope).await.remove(0);
        victim.reveal(&row).await.unwrap();
        let again = victim.locked();
        again.unlock().await.unwrap();
        let wrong = Request::Unlock { password: hidden("canary-of-the-password"), team: None };
        assert_eq!(again.ask(wrong).await.unwrap_err().kind, Kind::WrongPassword);
        let laptop = ground.victim(2);
        laptop.recover(&kit).await.unwrap();
        for device in [&victim, &laptop] {
            nothing_left(device, &kit);
        }
        let sent = victim.wire.bytes();
        let wrong = [("a wrong password", b"canary-of-the-password".to_vec())];
        assert_eq!(leaks(&sent, &wrong), Vec::<String>::new());
        // The control: what is sent is recorded, and whatever is in it is found in every form.
        assert!(sent.len() > 10_000);
        for (name, secret) in canaries(&kit) {
            for (form, bytes) in forms(&secret) {
                let planted = [&sent[..], &bytes].concat();
                let found = leaks(&planted, &[(name, secret.clone())]);
                assert!(found.contains(&format!("{name} in {form}")), "{name} in {form}");
            }
        }
    });
}

/// The same canaries in the server's database, its write-ahead log and all else in its folder.
#[test]
fn the_servers_files_hold_nothing_that_can_be_read() {
    story(async {
        let (mut ground, victim, kit, scope) = scene().await;
        let row = victim.rows(&scope).await.remove(0);
        victim.set(&scope, KEY, "another value of it").await.unwrap();
        let writes = vec![Write::Delete { secret: row.id.clone(), base: row.version + 1 }];
        victim.ask(Request::Write { writes, note: String::new() }).await.unwrap();
        let files = |ground: &Ground| -> Vec<(String, Vec<u8>)> {
            let files = std::fs::read_dir(ground.data()).unwrap().map(|file| file.unwrap().path());
            files.map(|path| (path.display().to_string(), std::fs::read(path).unwrap())).collect()
        };
        let scan = |ground: &Ground| -> Vec<String> {
            let secrets = canaries(&kit);
            files(ground).iter().flat_map(|(_, bytes)| leaks(bytes, &secrets)).collect()
        };
        assert!(files(&ground).iter().any(|(name, _)| name.ends_with("-wal")));
        assert_eq!(scan(&ground), Vec::<String>::new());
        ground.stop().await;
        assert_eq!(scan(&ground), Vec::<String>::new());
        // The control: one that is planted in the database is found.
        {
            let database = rusqlite::Connection::open(ground.data().join("subrosa.db")).unwrap();
            let wide: Vec<u8> = VALUE.bytes().flat_map(|byte| [byte, 0]).collect();
            let plant = "UPDATE accounts SET sealed = ?1";
            assert_eq!(database.execute(plant, [wide]).unwrap(), 1);
        }
        assert_eq!(scan(&ground), ["a value in UTF-16LE"]);
    });
}

/// Attack 7: at the first sync the server has another team, or another account.
#[test]
fn what_was_just_created_cannot_be_swapped() {
    story(async {
        let theirs = Ground::new().await;
        let (attacker, _) = theirs.founder().await;
        attacker.environment().await;
        let log = Rc::new(RefCell::new(Vec::new()));
        let kept = log.clone();
        attacker.wire.meddle(move |request, reply| {
            if asks_log(request) {
                *kept.borrow_mut() = reply.body.clone();
            }
        });
        attacker.locked().unlock().await.unwrap();

        for (what, kind) in [("log", Kind::Rollback), ("account", Kind::WrongPassword)] {
            let ground = Ground::new().await;
            let victim = ground.victim(3);
            let log = log.borrow().clone();
            victim.wire.meddle(move |request, reply| match what {
                "log" if asks_log(request) => reply.body = log.clone(),
                "account" if asks_account(request) => {
                    alter(reply, |blob: &mut AccountBlob| blob.sealed[100] ^= 1);
                }
                _ => {}
            });
            let problem = victim.found(&ground.token()).await.unwrap_err();
            assert_eq!(problem.kind, kind, "{what}");
            // The control: the server tells the truth, and the team is there.
            victim.wire.honest();
            let overview = victim.locked().unlock().await.unwrap();
            assert_eq!(overview.team_name, "canary-of-the-team");
        }
    });
}

/// A refused setup link costs the account that a device has already neither key nor pin.
#[test]
fn a_refused_setup_leaves_another_account_as_it_was() {
    story(async {
        let (_ground, victim, ..) = scene().await;
        let elsewhere = Ground::new().await;
        let tab = victim.tab(&elsewhere, 4);
        let problem = tab.found("no such token").await.unwrap_err();
        assert_eq!(problem.kind, Kind::SetupToken);
        victim.locked().unlock().await.unwrap();
    });
}

/// Attack 10: the bytes of a commit as a challenge.
#[test]
fn a_login_is_no_oracle() {
    story(async {
        let (ground, victim, ..) = scene().await;
        let team = Rc::new(RefCell::new(None));
        let seen = team.clone();
        let wanted = Hash::of(b"an entry that the server would like to be signed").0;
        victim.wire.meddle(move |request, reply| {
            if asks_log(request)
                && let Ok(page) = decode_strict::<LogPage>(&reply.body)
            {
                *seen.borrow_mut() = Team::found(&page.entries[0]).ok();
            }
        });
        victim.locked().unlock().await.unwrap();
        let team = team.borrow().clone().unwrap();
        let signing: Vec<SigningPublic> =
            team.members().map(|(_, member)| member.keyset.signing).collect();

        victim.wire.forget();
        victim.wire.meddle(move |_, reply| {
            alter(reply, |challenge: &mut Challenge| challenge.nonce = wanted);
        });
        assert_eq!(victim.locked().unlock().await.unwrap_err().kind, Kind::Locked);
        let problem = {
            // A member's session, opened with the member's key, over the same challenge.
            victim.wire.honest();
            let open = victim.locked();
            open.unlock().await.unwrap();
            open.sync().await.unwrap();
            victim.wire.sent()
        };
        let sessions: Vec<OpenSession> = problem
            .iter()
            .filter(|request| request.path == "/v1/sessions")
            .map(|request| decode_strict(&request.body).unwrap())
            .collect();
        // Two that the real server knows nothing of, for a challenge is asked for again once.
        assert_eq!(sessions.len(), 4);
        assert!(sessions[..2].iter().all(|session| session.claim.server_nonce == wanted));
        let mut nonces = BTreeSet::new();
        for OpenSession { claim, signature } in &sessions {
            assert_eq!(claim.origin, ORIGIN, "what was dialled, whatever was received");
            assert!(nonces.insert(claim.client_nonce), "fresh every time");
            let right = claim.to_sign();
            for label in Label::ALL {
                for bytes in [encode(claim), claim.server_nonce.to_vec()] {
                    let other = label.tag(&bytes);
                    let verifies = |key: &SigningPublic| key.verifies(&other, signature);
                    assert_eq!(signing.iter().any(verifies), other == right && own(claim));
                }
            }
        }
        // The control: the member's own claim verifies.
        let last = sessions.last().unwrap();
        assert!(signing.iter().any(|key| key.verifies(&last.claim.to_sign(), &last.signature)));

        // Passed on to a server of another name, a claim is worth nothing.
        let relayed = encode(last);
        let native = Native::new(&ground.url(), Memory::default());
        let request = HttpRequest {
            method: Method::Post,
            path: "/v1/sessions".into(),
            token: None,
            body: relayed,
        };
        assert_eq!(native.send(request).await.unwrap().status, 401, "a nonce is good once");
    });
}

/// Whether a claim is a member's: the account's login key is not in the log.
fn own(claim: &subrosa_wire::api::SessionClaim) -> bool {
    matches!(claim.principal, subrosa_wire::api::Principal::Member(..))
}

/// Attack 11: parameters for the key derivation in every place where a server might put them.
#[test]
fn no_parameter_of_the_servers_changes_a_request() {
    story(async {
        let (ground, _, kit, _) = scene().await;
        let nonce = [7; 32];
        let weak = b"{\"kdf\":\"pbkdf2\",\"iterations\":1,\"memory\":8,\"code\":\"unauthorized\"}";
        let challenge = encode(&Challenge { nonce });
        let more = [&[0x82], &challenge[1..], &[0x01]].concat();
        let offers: Vec<(u16, Vec<u8>)> = vec![
            (200, challenge),
            (200, more),
            (200, weak.to_vec()),
            (401, weak.to_vec()),
            (400, weak.to_vec()),
            (412, weak.to_vec()),
            (300, weak.to_vec()),
        ];
        let mut runs: Vec<Vec<(String, Vec<u8>)>> = Vec::new();
        for (status, offer) in offers {
            // The same seed each time: whatever differs is the server's doing.
            let device = ground.victim(5);
            device.wire.answer(move |request| {
                let asked = request.path == "/v1/challenges";
                Some(if asked { reply(status, offer.clone()) } else { reply(401, weak.to_vec()) })
            });
            device.recover(&kit).await.unwrap_err();
            nothing_left(&device, &kit);
            let sent = device.wire.sent().into_iter();
            runs.push(sent.map(|request| (request.path, request.body)).collect());
        }
        let honest = &runs[0];
        assert_eq!(honest.len(), 2, "a challenge, a session");
        for run in &runs[1..] {
            assert!(honest.starts_with(run), "byte by byte the same, or nothing");
        }
        // The control: the kit is good.
        ground.victim(5).recover(&kit).await.unwrap();
    });
}

/// Attack 12: the database and the right password, without the Secret Key.
#[test]
fn a_database_and_the_password_verify_nothing() {
    story(async {
        let (mut ground, _, kit, _) = scene().await;
        ground.stop().await;
        let database = rusqlite::Connection::open(ground.data().join("subrosa.db")).unwrap();
        let query = "SELECT locator, login_key, generation, sealed FROM accounts";
        let (locator, login_key, generation, sealed): (Vec<u8>, Vec<u8>, i64, Vec<u8>) = database
            .query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .unwrap();
        let fits = |secret_key: SecretKey, password: &str| {
            let keys = LockedAccount::new(secret_key).derive(password).unwrap();
            let blob = Sealed::<AccountContents>::claimed(sealed.clone());
            [
                keys.locator().0.to_vec() == locator,
                keys.login_public().0.to_vec() == login_key,
                keys.open(&blob, u64::try_from(generation).unwrap()).is_ok(),
            ]
        };
        let right = SecretKey::read(kit.secret_key.expose()).unwrap();
        for bit in [0, 63, 127] {
            let mut bytes = *right.bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(fits(SecretKey::from_bytes(bytes), PASSWORD), [false; 3]);
        }
        // The control; and the Secret Key without the password finds the account, and no more.
        assert_eq!(fits(right.clone(), PASSWORD), [true; 3]);
        assert_eq!(fits(right, "another password"), [true, false, false]);
    });
}

/// Attack 15: the blob without the login key's signature.
#[test]
fn the_account_blob_needs_the_login_signature() {
    story(async {
        let (ground, victim, ..) = scene().await;
        let native = Native::new(&ground.url(), Memory::default());
        let get = async |token: Option<String>| {
            let path = "/v1/account".to_owned();
            let request = HttpRequest { method: Method::Get, path, token, body: Vec::new() };
            native.send(request).await.unwrap().status
        };
        let token = |asks: fn(&HttpRequest) -> bool| {
            let sent = victim.wire.sent();
            sent.iter().rfind(|request| asks(request)).and_then(|request| request.token.clone())
        };
        assert_eq!(get(None).await, 401);
        assert_eq!(get(Some("0".repeat(64))).await, 401);
        assert_eq!(get(token(pushes)).await, 403, "a member's session is not the account's");
        assert_eq!(get(token(asks_account)).await, 200, "the control");
    });
}

/// Attack 17: every object in the place of every other.
#[test]
fn no_two_objects_can_be_swapped() {
    story(async {
        let (_ground, victim, kit, scope) = scene().await;
        for number in 0..5 {
            victim.set(&scope, &format!("K{number}"), &format!("value {number}")).await.unwrap();
        }
        let all: Rc<RefCell<Vec<Vec<u8>>>> = Rc::default();
        let seen = all.clone();
        victim.wire.meddle(move |request, reply| {
            if asks_objects(request) {
                let Ok(found) = decode_strict::<Objects>(&reply.body) else { return };
                seen.borrow_mut().extend(found.objects.into_iter().map(Vec::from));
            }
        });
        let device = victim.locked();
        let shown = device.unlock().await.unwrap();
        let rows = device.rows(&scope).await;
        let mut values = Vec::new();
        for row in &rows {
            values.push(device.reveal(row).await.unwrap());
        }
        let all = all.borrow().clone();
        assert_eq!(all.len(), 3 + 1 + rows.len(), "three root pages, a page, the values");

        let swap = |by: usize| {
            let all = all.clone();
            move |request: &HttpRequest, reply: &mut HttpResponse| {
                if asks_objects(request) {
                    alter(reply, |found: &mut Objects| {
                        for object in &mut found.objects {
                            let at = all.iter().position(|known| known == &**object).unwrap();
                            *object = all[(at + by) % all.len()].clone().into();
                        }
                    });
                }
            }
        };
        for by in 1..all.len() {
            device.wire.meddle(swap(by));
            for row in &rows {
                assert_eq!(device.reveal(row).await.unwrap_err().kind, Kind::Corrupted);
            }
            let overview = victim.locked().unlock().await.unwrap();
            assert_eq!(overview.damage.len(), 3, "{:?}", overview.damage);
            assert!(overview.projects.is_empty() && overview.team_name.is_empty());
        }
        // The control: each in its own place.
        device.wire.meddle(swap(0));
        assert_eq!(victim.locked().unlock().await.unwrap(), shown);
        for (row, value) in rows.iter().zip(&values) {
            assert_eq!(&device.reveal(row).await.unwrap(), value);
        }
        nothing_left(&victim, &kit);
    });
}

/// Attack 19: numbers that only the server says.
#[test]
fn what_only_the_server_says_is_not_shown() {
    type Say = fn(&mut HttpResponse);
    let idle: [(&str, Say); 3] = [
        ("a session's length", |it| alter(it, |it: &mut SessionOpened| it.seconds = 1)),
        ("the place of a push", |it| alter(it, |it: &mut Pushed| it.head.seq += 7)),
        ("objects to come", |it| alter(it, |it: &mut Objects| it.more = true)),
    ];
    let lies: [(&str, Say, Kind); 4] = [
        (
            "another generation",
            |it| alter(it, |it: &mut AccountBlob| it.generation += 1),
            Kind::WrongPassword,
        ),
        ("an earlier generation", |it| alter(it, earlier), Kind::WrongPassword),
        ("entries to come", |it| alter(it, |it: &mut LogPage| it.last += 1), Kind::Refused),
        ("no entries", |it| alter(it, |it: &mut LogPage| it.entries.clear()), Kind::Refused),
    ];
    fn earlier(blob: &mut AccountBlob) {
        blob.generation -= 1;
    }
    story(async {
        let (_ground, victim, kit, scope) = scene().await;
        let shown = victim.locked().unlock().await.unwrap();
        for (what, say) in idle {
            victim.wire.meddle(move |_, reply| say(reply));
            let device = victim.locked();
            assert_eq!(device.unlock().await.unwrap(), shown, "{what}");
        }
        victim.wire.meddle(|_, reply| alter(reply, |it: &mut Pushed| it.head.seq += 7));
        victim.set(&scope, KEY, VALUE).await.unwrap();
        for (what, say, kind) in lies {
            victim.wire.meddle(move |_, reply| say(reply));
            assert_eq!(victim.locked().unlock().await.unwrap_err().kind, kind, "{what}");
        }
        victim.wire.honest();
        let row = victim.locked();
        row.unlock().await.unwrap();
        assert_eq!(row.rows(&scope).await[0].version, 2);
        nothing_left(&victim, &kit);
    });
}

/// Attack 21: every bit of the reply that brings a value.
#[test]
fn no_flipped_bit_yields_another_value() {
    story(async {
        let (_ground, victim, kit, scope) = scene().await;
        let row = victim.rows(&scope).await.remove(0);
        let bit = Rc::new(Cell::new(0usize));
        let length = Rc::new(Cell::new(0usize));
        let (flip, seen) = (bit.clone(), length.clone());
        victim.wire.meddle(move |request, reply| {
            if asks_objects(request) {
                seen.set(reply.body.len());
                reply.body[flip.get() / 8] ^= 1 << (flip.get() % 8);
            }
        });
        let mut opened = 0;
        let _ = victim.reveal(&row).await;
        for at in 0..length.get() * 8 {
            bit.set(at);
            match victim.reveal(&row).await {
                // The reply's own word on whether more is to come.
                Ok(value) => opened += usize::from(value == VALUE),
                Err(problem) => {
                    assert!(matches!(problem.kind, Kind::Corrupted | Kind::Refused), "{problem:?}");
                    assert!(!format!("{problem:?}").contains(VALUE));
                }
            }
        }
        assert_eq!(opened, 1);
        victim.wire.honest();
        assert_eq!(victim.reveal(&row).await.unwrap(), VALUE);
        nothing_left(&victim, &kit);
    });
}

/// Attacks 22 and 31: other suites and kinds, where a server can write them.
#[test]
fn no_other_suite_or_kind_is_read() {
    story(async {
        let (_ground, victim, ..) = scene().await;
        let changes = [(0, 0), (0, 2), (0, 255), (1, 0), (1, 3), (1, 7), (1, 255)];
        for (at, byte) in changes {
            victim.wire.meddle(move |request, reply| {
                if asks_account(request) {
                    alter(reply, |blob: &mut AccountBlob| blob.sealed[at] = byte);
                }
            });
            let problem = victim.locked().unlock().await.unwrap_err();
            assert_eq!(problem.kind, Kind::WrongPassword, "byte {at} as {byte}");
        }
        victim.wire.honest();
        victim.locked().unlock().await.unwrap();
    });
}

/// Attack 23: one error and the same requests, whatever is wrong with an object.
#[test]
fn every_damage_gives_the_same_error_and_the_same_requests() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 9] = [
        ("suite", |it| it[0] ^= 1),
        ("kind", |it| it[1] ^= 1),
        ("salt", |it| it[10] ^= 1),
        ("commitment", |it| it[40] ^= 1),
        ("ciphertext", |it| it[100] ^= 1),
        ("tag", |it| *it.last_mut().unwrap() ^= 1),
        ("cut", |it| it.truncate(50)),
        ("nothing", Vec::clear),
        ("oversize", |it| it.resize(2 << 20, 0)),
    ];
    story(async {
        let (_ground, victim, kit, scope) = scene().await;
        let row = victim.rows(&scope).await.remove(0);
        let mut first = None;
        for (what, damage) in damages {
            victim.wire.forget();
            victim.wire.meddle(move |request, reply| {
                if asks_objects(request) {
                    alter(reply, |found: &mut Objects| damage(&mut found.objects[0]));
                }
            });
            let problem = victim.reveal(&row).await.unwrap_err();
            assert_eq!(problem.kind, Kind::Corrupted, "{what}");
            let seen = (format!("{problem:?}"), victim.wire.bytes());
            assert_eq!(*first.get_or_insert(seen.clone()), seen, "{what}");
        }
        victim.wire.honest();
        assert_eq!(victim.reveal(&row).await.unwrap(), VALUE);
        nothing_left(&victim, &kit);
    });
}

/// Attack 27: what a push's length says of a value.
#[test]
fn a_push_is_as_long_as_its_buckets() {
    story(async {
        let (_ground, victim, _, scope) = scene().await;
        let mut lengths = Vec::new();
        for (at, length) in [0, 1, 100, 255, 256, 271, 272].into_iter().enumerate() {
            victim.wire.forget();
            // Names of one length; places in the log that are written in one byte.
            victim.set(&scope, &format!("LENGTH_{at}"), &"v".repeat(length)).await.unwrap();
            let sent = victim.wire.sent();
            let push = sent.iter().find(|request| pushes(request)).unwrap();
            let push: Push = decode_strict(&push.body).unwrap();
            // The value is sealed first, then the page and the root page.
            lengths.push(push.objects[0].sealed.len());
        }
        let [least, next, after] = [256 + 82, 272 + 82, 288 + 82];
        assert_eq!(lengths, [least, least, least, least, next, next, after]);
    });
}

/// Attack 32: every earlier log and every earlier account, on the device that has seen more.
#[test]
fn every_earlier_state_is_refused() {
    story(async {
        let (ground, victim, kit, scope) = scene().await;
        let blobs: Rc<RefCell<Vec<AccountBlob>>> = Rc::default();
        let seen = blobs.clone();
        victim.wire.meddle(move |request, reply| {
            if asks_account(request)
                && let Ok(blob) = decode_strict(&reply.body)
            {
                seen.borrow_mut().push(blob);
            }
        });
        for value in ["b", "c"] {
            victim.set(&scope, KEY, value).await.unwrap();
            victim.locked().unlock().await.unwrap();
        }
        let open = victim.locked();
        let shown = open.unlock().await.unwrap();
        let Head { seq, .. } = head(&shown.checkpoint);
        assert_eq!(seq, 6);

        let show_up_to = |last: u64| {
            move |request: &HttpRequest, reply: &mut HttpResponse| {
                if asks_log(request) && ok(reply.status) {
                    alter(reply, |page: &mut LogPage| {
                        page.last = last;
                        let after: usize = request
                            .path
                            .split_once("after=")
                            .map_or(0, |(_, seq)| seq.parse::<usize>().unwrap() + 1);
                        page.entries.truncate((last as usize + 1).saturating_sub(after));
                    });
                }
            }
        };
        for last in 0..seq {
            victim.wire.meddle(show_up_to(last));
            assert_eq!(victim.locked().unlock().await.unwrap_err().kind, Kind::Rollback, "{last}");
            assert_eq!(open.sync().await.unwrap_err().kind, Kind::Rollback, "{last}");
            // The kit is older than the pin, and takes the device no further back.
            let recovered = victim.locked().recover(&kit).await;
            assert_eq!(recovered.unwrap_err().kind, Kind::Rollback, "{last}");
        }
        let blobs = blobs.borrow().clone();
        let newest = blobs.last().unwrap().generation;
        for blob in blobs.iter().filter(|blob| blob.generation < newest) {
            let old = blob.clone();
            victim.wire.meddle(move |request, reply| {
                if asks_account(request) {
                    reply.body = encode(&old);
                }
            });
            assert_eq!(victim.locked().unlock().await.unwrap_err().kind, Kind::Rollback);
            let recovered = victim.locked().recover(&kit).await;
            assert_eq!(recovered.unwrap_err().kind, Kind::Rollback);
        }
        // Past the account's checkpoint the device's pin alone knows better.
        victim.wire.honest();
        let caught = open.set(&scope, KEY, "d").await.unwrap_err();
        assert_eq!(caught.kind, Kind::Rollback, "a server that was caught is given nothing more");
        let open = victim.locked();
        open.unlock().await.unwrap();
        open.set(&scope, KEY, "d").await.unwrap_err();
        open.clear_alarms().await;
        open.set(&scope, KEY, "d").await.unwrap();
        victim.wire.meddle(show_up_to(seq));
        assert_eq!(victim.locked().unlock().await.unwrap_err().kind, Kind::Rollback);
        assert_eq!(victim.locked().recover(&kit).await.unwrap_err().kind, Kind::Rollback);
        // The controls: what is current opens, here and, with the kit, on a new device.
        victim.wire.meddle(show_up_to(seq + 1));
        assert_eq!(head(&victim.locked().unlock().await.unwrap().checkpoint).seq, seq + 1);
        victim.locked().recover(&kit).await.unwrap();
        ground.victim(6).recover(&kit).await.unwrap();
        nothing_left(&victim, &kit);
    });
}

fn head(checkpoint: &str) -> Head {
    let (seq, hash) = checkpoint.split_once(':').unwrap();
    Head { seq: seq.parse().unwrap(), hash: hash.parse().unwrap() }
}

/// Attack 33: two devices, and two tabs of one device, on two logs.
#[test]
fn a_fork_is_found_where_it_crosses() {
    story(async {
        let (mut ground, victim, kit, scope) = scene().await;
        let laptop = ground.victim(7);
        laptop.recover(&kit).await.unwrap();
        let fork = ground.fork().await;
        let tab = victim.tab(&fork, 8);
        tab.unlock().await.unwrap();
        victim.wire.dial(&ground);
        laptop.wire.dial(&fork);
        // Nobody has written: still one log, whichever server shows it.
        victim.sync().await.unwrap();
        laptop.sync().await.unwrap();

        victim.set(&scope, "OURS", "1").await.unwrap();
        laptop.set(&scope, "THEIRS", "1").await.unwrap();
        // The other tab of the first device is shown the other log: their pins cross.
        assert_eq!(tab.sync().await.unwrap_err().kind, Kind::Rollback);
        assert!(tab.rows(&scope).await.iter().all(|row| row.key != "THEIRS"));
        // Each device on the other's server. A log of the same length shows no entry to judge by,
        // so one of them is longer.
        laptop.set(&scope, "THEIRS_TOO", "2").await.unwrap();
        for (device, other) in [(&victim, &fork), (&laptop, &ground)] {
            device.wire.dial(other);
            let before = device.rows(&scope).await;
            assert_eq!(device.sync().await.unwrap_err().kind, Kind::Rollback);
            assert_eq!(device.locked().unlock().await.unwrap_err().kind, Kind::Rollback);
            assert_eq!(device.rows(&scope).await, before, "what is shown stays");
        }
        // The control: back where each was, all goes on once the alarm is cleared (`alarm`).
        victim.wire.dial(&ground);
        let again = victim.locked();
        again.unlock().await.unwrap();
        again.clear_alarms().await;
        again.set(&scope, "MORE", "2").await.unwrap();
        laptop.wire.dial(&fork);
        laptop.locked().unlock().await.unwrap();
        for device in [&victim, &laptop, &tab] {
            nothing_left(device, &kit);
        }
    });
}

/// Client rule 2: what got in is not signed again, whatever the server answers.
#[test]
fn an_entry_that_got_in_is_found_in_the_log() {
    let missed = encode(&LogPage { entries: Vec::new(), last: 99 });
    let elsewhere = Head { seq: 9, hash: Hash::of(b"elsewhere") };
    let answers: Vec<(&str, u16, Vec<u8>)> = vec![
        ("somebody came first", 409, missed),
        ("nonsense", 200, b"nonsense".to_vec()),
        ("another entry", 200, encode(&Pushed { head: elsewhere })),
        ("a refusal", 422, b"{\"code\":\"rejected\"}".to_vec()),
        ("a fault", 500, Vec::new()),
        ("no status of ours", 302, Vec::new()),
    ];
    story(async {
        let (_ground, victim, kit, scope) = scene().await;
        for (at, (what, status, body)) in answers.into_iter().enumerate() {
            victim.wire.forget();
            victim.wire.meddle(move |request, answer| {
                if pushes(request) {
                    *answer = reply(status, body.clone());
                }
            });
            let key = format!("SET_{at}");
            let row = victim.set(&scope, &key, what).await.unwrap();
            assert_eq!((row.version, victim.reveal(&row).await.unwrap().as_str()), (1, what));
            let sent = victim.wire.sent();
            let signed: BTreeSet<&[u8]> =
                sent.iter().filter(|it| pushes(it)).map(|it| &it.body[..]).collect();
            assert_eq!(signed.len(), 1, "{what}: signed once");
            // A new vault's key is the one that the entry commits to.
            let name = format!("project {at}");
            victim.ask(Request::CreateProject { name }).await.unwrap();
        }
        victim.wire.honest();
        let device = victim.locked();
        let overview = device.unlock().await.unwrap();
        assert_eq!((overview.projects.len(), overview.damage.len()), (7, 0));
        assert_eq!(device.rows(&scope).await.len(), 7);
        nothing_left(&victim, &kit);
    });
}

/// The reverse: 'it is in', and it is not; and 'somebody came first', and nobody did.
#[test]
fn a_push_that_the_server_only_claims_is_found_out() {
    story(async {
        let (_ground, victim, kit, scope) = scene().await;
        victim.wire.answer(|request| {
            let push: Push = decode_strict(&request.body).ok().filter(|_| pushes(request))?;
            let seq = push.entry.claim(|entry| entry.seq).unwrap();
            let head = Head { seq, hash: push.entry.hash() };
            Some(reply(200, encode(&Pushed { head })))
        });
        victim.set(&scope, "CLAIMED", "1").await.unwrap();
        assert_eq!(victim.sync().await.unwrap_err().kind, Kind::Rollback);
        assert_eq!(victim.locked().unlock().await.unwrap_err().kind, Kind::Rollback);
        nothing_left(&victim, &kit);

        let (_ground, victim, kit, scope) = scene().await;
        let lost = encode(&LogPage { entries: Vec::new(), last: 0 });
        victim.wire.forget();
        victim.wire.answer(move |request| pushes(request).then(|| reply(409, lost.clone())));
        let problem = victim.set(&scope, "LOST", "1").await.unwrap_err();
        assert_eq!(problem.kind, Kind::Refused);
        assert_eq!(victim.wire.sent().iter().filter(|it| pushes(it)).count(), 1);
        // It stayed on the device: an honest server gets it at the next unlock.
        victim.wire.honest();
        let device = victim.locked();
        device.unlock().await.unwrap();
        assert!(device.rows(&scope).await.iter().any(|row| row.key == "LOST"));
        nothing_left(&victim, &kit);
    });
}

/// A server that was restarted between a challenge and its answer knows neither: nobody's password
/// is wrong then.
#[test]
fn a_challenge_that_is_forgotten_is_no_wrong_password() {
    story(async {
        let (_ground, victim, _, _) = scene().await;
        let forgets = |times: usize| {
            let mut left = times;
            move |request: &HttpRequest| {
                let forgotten = request.path == "/v1/sessions" && left > 0;
                left -= usize::from(forgotten);
                forgotten.then(|| reply(401, br#"{"code":"challenge"}"#.to_vec()))
            }
        };
        let victim = victim.locked();
        victim.wire.answer(forgets(1));
        victim.unlock().await.unwrap();
        let victim = victim.locked();
        victim.wire.answer(forgets(usize::MAX));
        let problem = victim.unlock().await.unwrap_err();
        assert_eq!(problem.kind, Kind::Locked, "{problem:?}");
    });
}

/// A server that is restarted time and again forgets the session, too, that it has just opened.
#[test]
fn a_session_that_is_forgotten_at_once_is_opened_again() {
    story(async {
        let (_ground, victim, _, scope) = scene().await;
        let forgets = |times: usize| {
            let mut left = times;
            move |request: &HttpRequest| {
                let forgotten = request.token.is_some() && left > 0;
                left -= usize::from(forgotten);
                forgotten.then(|| reply(401, br#"{"code":"unauthorized"}"#.to_vec()))
            }
        };
        victim.wire.answer(forgets(2));
        victim.set(&scope, "FIRST", "1").await.unwrap();
        victim.wire.answer(forgets(usize::MAX));
        let problem = victim.set(&scope, "SECOND", "2").await.unwrap_err();
        assert_eq!(problem.kind, Kind::Locked, "{problem:?}");
    });
}

/// Others who write all the time are nobody's fault: that is what is said, and nothing was written.
#[test]
fn who_loses_every_race_is_told_to_try_again() {
    story(async {
        let (ground, victim, kit, scope) = scene().await;
        let other = ground.victim(7);
        other.recover(&kit).await.unwrap();
        for number in 0..110 {
            other.set(&scope, "BUSY", &number.to_string()).await.unwrap();
        }
        // Each time it comes too late, by one entry that it had not seen.
        let lost = encode(&LogPage { entries: Vec::new(), last: 0 });
        victim.wire.answer(move |request| pushes(request).then(|| reply(409, lost.clone())));
        victim.wire.meddle(|request, reply| {
            if !asks_log(request) {
                return;
            }
            let mut page: LogPage = decode_strict(&reply.body).unwrap();
            page.entries.truncate(1);
            if let Some(entry) = page.entries.first() {
                page.last = entry.claim(|entry| entry.seq).unwrap();
            }
            reply.body = encode(&page);
        });
        let problem = victim.set(&scope, "LATE", "1").await.unwrap_err();
        assert_eq!(problem.kind, Kind::Offline, "{problem:?}");
        assert!(victim.rows(&scope).await.iter().all(|row| row.key != "LATE"));
        victim.wire.honest();
        let row = victim.set(&scope, "LATE", "1").await.unwrap();
        assert_eq!((row.version, victim.reveal(&row).await), (1, Ok("1".into())));
        nothing_left(&victim, &kit);
    });
}

/// Attack 44, as far as it goes without rotation: the client is stopped at each call of a push,
/// then once more at each call of the unlock that settles it.
#[test]
fn a_crash_at_any_call_leaves_a_change_whole_or_undone() {
    story(async {
        let (_ground, victim, kit, scope) = scene().await;
        // How many calls there are, and the control.
        victim.wire.crash_at(None);
        victim.set(&scope, "CONTROL", "0").await.unwrap();
        let calls = victim.wire.calls();
        assert!(calls >= 8, "{calls} calls");

        let (mut whole, mut undone) = (0, 0);
        for at in 0..calls {
            let device = victim.locked();
            device.unlock().await.unwrap();
            let before = device.rows(&scope).await.len();
            let key = format!("CRASH_{at}");
            victim.wire.crash_at(Some(at));
            let set = device.set(&scope, &key, &key);
            assert!(victim.wire.run(set).await.is_none(), "stopped at call {at}");
            victim.wire.crash_at(None);

            let device = victim.locked();
            device.unlock().await.unwrap();
            assert!(device.events().iter().all(|event| !matches!(event, Event::Alarm(_))));
            let rows = device.rows(&scope).await;
            match rows.iter().find(|row| row.key == key) {
                Some(row) => {
                    assert_eq!((row.version, rows.len()), (1, before + 1));
                    assert_eq!(device.reveal(row).await.unwrap(), key);
                    whole += 1;
                }
                None => {
                    assert_eq!(rows.len(), before);
                    assert_eq!(whole, 0, "kept once, kept from there on");
                    undone += 1;
                }
            }
        }
        // Undone only where not even the candidate was kept.
        assert_eq!((undone, whole), (1, calls - 1));
        nothing_left(&victim, &kit);
    });
}

#[test]
fn a_crash_at_any_call_of_founding_leaves_a_team_or_an_open_link() {
    story(async {
        let (mut founded, mut open) = (0, 0);
        for at in 0.. {
            let ground = Ground::new().await;
            let victim = ground.victim(9);
            let token = ground.token();
            victim.wire.crash_at(Some(at));
            let stopped = victim.wire.run(victim.found(&token)).await.is_none();
            victim.wire.crash_at(None);
            let device = victim.locked();
            match device.unlock().await {
                Ok(overview) => {
                    assert_eq!(overview.team_name, "canary-of-the-team");
                    founded += 1;
                }
                Err(_) => {
                    assert_eq!(founded, 0, "founded once, founded from there on");
                    device.locked().found(&token).await.unwrap();
                    open += 1;
                }
            }
            if !stopped {
                break;
            }
        }
        assert!(open > 2 && founded > 15, "{open} with an open link, {founded} founded");
    });
}

#[test]
fn a_crash_at_any_call_of_settling_is_settled_by_the_next() {
    story(async {
        let (_ground, victim, kit, scope) = scene().await;
        let mut calls = usize::MAX;
        let mut at = 0;
        while at < calls {
            let device = victim.locked();
            device.unlock().await.unwrap();
            let key = format!("CRASH_{at}");
            // Kept, and not yet posted.
            victim.wire.crash_at(Some(2));
            assert!(victim.wire.run(device.set(&scope, &key, &key)).await.is_none());
            victim.wire.crash_at(Some(at));
            let stopped = victim.wire.run(victim.locked().unlock()).await.is_none();
            if !stopped {
                calls = at;
            }
            victim.wire.crash_at(None);
            let device = victim.locked();
            device.unlock().await.unwrap();
            let rows = device.rows(&scope).await;
            let row = rows.iter().find(|row| row.key == key).unwrap();
            assert_eq!((row.version, device.reveal(row).await.unwrap()), (1, key));
            at += 1;
        }
        assert!(calls > 15, "{calls} calls");
        nothing_left(&victim, &kit);
    });
}

/// Attack 46: replies that are no replies, at every step of an unlock.
#[test]
fn garbage_and_bombs_end_in_one_error() {
    story(async {
        let (_ground, victim, kit, _) = scene().await;
        let bombs: Vec<(&str, Rc<Vec<u8>>)> = vec![
            ("nothing", Rc::default()),
            ("text", Rc::new(b"<html>".to_vec())),
            ("a deep nest", Rc::new(vec![0x81; 1 << 20])),
            ("a long list", Rc::new(vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
            ("a long text", Rc::new(vec![0x5b, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff])),
            ("without an end", Rc::new(vec![0x9f; 1 << 10])),
            ("oversize", Rc::new(vec![0; (16 << 20) + 1])),
        ];
        victim.wire.forget();
        victim.locked().unlock().await.unwrap();
        let steps: Vec<(Method, String)> =
            victim.wire.sent().into_iter().map(|it| (it.method, it.path)).collect();
        assert!(steps.len() >= 8, "{steps:?}");
        for (what, bomb) in bombs {
            for (at, (method, path)) in steps.iter().enumerate() {
                // Whatever the status is of, the body of this one is not looked at.
                if *method == Method::Put {
                    continue;
                }
                let (step, bomb) = (Rc::new(Cell::new(0)), bomb.clone());
                victim.wire.meddle(move |_, answer| {
                    if step.replace(step.get() + 1) == at {
                        answer.body = bomb.to_vec();
                    }
                });
                let problem = victim.locked().unlock().await.unwrap_err();
                assert_eq!(problem.kind, Kind::Refused, "{what} for {path}");
            }
        }
        victim.wire.honest();
        victim.locked().unlock().await.unwrap();
        nothing_left(&victim, &kit);
    });
}

/// A disk that is full keeps nobody from reading.
#[test]
fn a_checkpoint_that_is_refused_keeps_nobody_locked() {
    story(async {
        let (_ground, victim, _, scope) = scene().await;
        victim.wire.meddle(|request, answer| {
            if request.method == Method::Put {
                *answer = reply(507, b"{\"code\":\"storage\"}".to_vec());
            }
        });
        let device = victim.locked();
        device.unlock().await.unwrap();
        let row = device.rows(&scope).await.remove(0);
        let value = device.ask(Request::Reveal { secret: row.id, version: None }).await;
        assert_eq!(value, Ok(Reply::Text(hidden(VALUE))));
    });
}
