//! What a hostile server, or whoever has a link, tries with a team's people: each with its control.
//! SECURITY.md lists the attacks; each test here names its own.

use std::cell::RefCell;
use std::rc::Rc;
use std::slice;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use subrosa_bridge::keys::RotationStep;
use subrosa_bridge::people::{Access, Grant, People, Role, Waiting};
use subrosa_bridge::view::{Overview, Scope};
use subrosa_bridge::{Kind, Problem, Reply, Request};
use subrosa_client::{HttpRequest, HttpResponse, Method};
use subrosa_core::invite::Link;
use subrosa_core::keyset::Keyset;
use subrosa_core::service::ServiceToken;
use subrosa_tests::hostile::{Ground, Victim, leaks};
use subrosa_tests::{PASSWORD, hidden, retyped, story, text};
use subrosa_wire::api::{Joins, LogPage, Missing, MissingKey, Wraps};
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::{Hash, MemberId, VaultId};
use subrosa_wire::log::{CreateVault, Entry, Head, Op, SignedEntry};

/// A founder with an environment, and somebody else's device on the same server.
async fn scene() -> (Ground, Victim, Victim, Scope) {
    let ground = Ground::new().await;
    let (ada, _) = ground.founder().await;
    let scope = ada.environment().await;
    ada.set(&scope, "KEY", "value").await.unwrap();
    let bob = ground.victim(7);
    (ground, ada, bob, scope)
}

fn alter<T: Canonical>(reply: &mut HttpResponse, change: impl FnOnce(&mut T)) {
    if let Ok(mut value) = decode_strict::<T>(&reply.body) {
        change(&mut value);
        reply.body = encode(&value);
    }
}

fn asks(request: &HttpRequest, what: &str) -> bool {
    request.method == Method::Get && request.path.ends_with(what)
}

async fn people(who: &Victim) -> People {
    match who.ask(Request::People).await {
        Ok(Reply::People(people)) => people,
        other => panic!("people: {other:?}"),
    }
}

async fn invites(who: &Victim) -> String {
    let people = people(who).await;
    let vault = people.vaults.iter().find(|it| it.name.contains('/')).unwrap().vault.clone();
    let access = Access::Member(vec![Grant { vault, role: Role::Reader }]);
    let invite = Request::Invite { name: "canary-of-the-invitee".into(), access, days: 7 };
    text(who.ask(invite).await.unwrap())
}

async fn joins(who: &Victim, link: &str) -> Result<Waiting, Problem> {
    who.ask(Request::OpenInvite { link: hidden(link) }).await?;
    let Reply::Kit(kit) = who.ask(Request::BeginJoin { password: hidden(PASSWORD) }).await? else {
        panic!("a kit")
    };
    match who.ask(retyped(&kit)).await? {
        Reply::Waiting(waiting) => Ok(waiting),
        other => panic!("at the door: {other:?}"),
    }
}

/// Attacks 4 and 39: the server puts other keys in the place of the invitee's, or brings a join by an
/// invite before.
#[test]
fn nobody_waits_whom_the_link_did_not_sign() {
    story(async {
        let (_ground, ada, bob, _) = scene().await;
        let link = invites(&ada).await;
        let before = Rc::new(RefCell::new(Vec::new()));
        let door = joins(&bob, &link).await.unwrap();
        let kept = before.clone();
        ada.wire.meddle(move |request, reply| {
            if asks(request, "/joins") {
                alter(reply, |joins: &mut Joins| kept.borrow_mut().extend(joins.joins.clone()));
            }
        });
        let waiting = |people: &People| {
            people.invites.iter().flat_map(|it| it.waiting.clone()).collect::<Vec<_>>()
        };
        assert_eq!(waiting(&people(&ada).await), slice::from_ref(&door.fingerprint), "the control");
        let join = before.borrow()[0].clone();

        let mut rng = ChaCha20Rng::seed_from_u64(66);
        let evil = Keyset::generate(&mut rng).unwrap();
        let other = Link::generate(
            Link::of_address(&link).unwrap().team,
            Link::of_address(&link).unwrap().checkpoint,
            &mut rng,
        );
        let member = MemberId::from_random([9; 16]);
        let swapped = {
            let made = other.join(member, &evil);
            subrosa_wire::people::Join { invited: join.invited.clone(), ..made }
        };
        let mut half = join.clone();
        half.keyset.kem = evil.public().kem.clone();
        let mut signed = other.join(member, &evil);
        signed.invited.invite = join.invited.invite;
        for (what, forged) in
            [("other keys", swapped), ("another KEM key", half), ("another link", signed)]
        {
            ada.wire.meddle(move |request, reply| {
                if asks(request, "/joins") {
                    alter(reply, |joins: &mut Joins| joins.joins = vec![forged.clone()]);
                }
            });
            assert!(waiting(&people(&ada).await).is_empty(), "{what}");
            let invite = people(&ada).await.invites[0].id.clone();
            let admit = Request::Admit { invite, fingerprint: evil.fingerprint() };
            assert_eq!(ada.ask(admit).await.unwrap_err().kind, Kind::InviteGone, "{what}");
        }
        // Cancelled and invited anew: the join before is of no use.
        ada.wire.honest();
        let invite = people(&ada).await.invites[0].id.clone();
        ada.ask(Request::CancelInvite { invite }).await.unwrap();
        let link = invites(&ada).await;
        ada.wire.meddle(move |request, reply| {
            if asks(request, "/joins") {
                alter(reply, |joins: &mut Joins| joins.joins = vec![join.clone()]);
            }
        });
        assert!(waiting(&people(&ada).await).is_empty());
        ada.wire.honest();
        assert_eq!(bob.locked().unlock().await.unwrap_err().kind, Kind::InviteGone);
        assert_eq!(leaks(&ada.wire.bytes(), &secrets(&link)), Vec::<String>::new());
    });
}

/// What of an invite is for nobody on the way.
fn secrets(link: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (_, fragment) = link.split_once('#').unwrap();
    vec![
        ("the link", fragment.as_bytes().to_vec()),
        ("the link's digits", fragment.as_bytes()["sri1_".len()..].to_vec()),
        ("the link's seed", Link::of_address(link).unwrap().seed().to_vec()),
        ("the invitee's name", b"canary-of-the-invitee".to_vec()),
        ("the password", PASSWORD.as_bytes().to_vec()),
    ]
}

/// Attacks 3 and 14 for an invite: neither its secret nor the name leaves the two devices.
#[test]
fn nothing_secret_of_an_invite_leaves_a_device() {
    story(async {
        let (_ground, ada, bob, _) = scene().await;
        let link = invites(&ada).await;
        let door = joins(&bob, &link).await.unwrap();
        let invite = people(&ada).await.invites[0].id.clone();
        ada.ask(Request::Admit { invite, fingerprint: door.fingerprint }).await.unwrap();
        let Ok(Reply::Overview(overview)) = bob.ask(Request::Knock).await else { panic!("in") };
        assert_eq!(overview.me, "canary-of-the-invitee");
        for device in [&ada, &bob] {
            assert!(device.wire.bytes().len() > 5_000);
            assert_eq!(leaks(&device.wire.bytes(), &secrets(&link)), Vec::<String>::new());
        }
        // The control: what is planted is found.
        let planted = [ada.wire.bytes(), Link::of_address(&link).unwrap().seed().to_vec()].concat();
        assert!(!leaks(&planted, &secrets(&link)).is_empty());
    });
}

/// Attacks 1 and 40: the server asks for keys for a ghost, for somebody who may not have them, or who
/// was removed.
#[test]
fn keys_go_to_nobody_but_the_holders_by_the_log() {
    story(async {
        let (_ground, ada, bob, scope) = scene().await;
        let link = invites(&ada).await;
        let door = joins(&bob, &link).await.unwrap();
        let invite = people(&ada).await.invites[0].id.clone();
        ada.ask(Request::Admit { invite, fingerprint: door.fingerprint }).await.unwrap();
        bob.ask(Request::Knock).await.unwrap();
        let who: MemberId = {
            let people = people(&ada).await;
            let bob = people.members.iter().find(|it| it.name == "canary-of-the-invitee").unwrap();
            bob.id.parse().unwrap()
        };
        let vaults: Vec<VaultId> =
            people(&ada).await.vaults.iter().map(|it| it.vault.parse().unwrap()).collect();
        let brought = |wire: &Victim| -> Vec<MemberId> {
            let sent = wire.wire.sent();
            let wraps =
                sent.iter().filter(|it| it.method == Method::Post && it.path.ends_with("/wraps"));
            let wraps = wraps.map(|it| decode_strict::<Wraps>(&it.body).unwrap());
            wraps.flat_map(|it| it.wraps).map(|wrap| wrap.recipient).collect()
        };
        assert!(
            brought(&ada).iter().all(|it| *it == who) && !brought(&ada).is_empty(),
            "the control"
        );
        let ask_for = |member: MemberId| {
            let all = vaults.clone();
            ada.wire.forget();
            ada.wire.meddle(move |request, reply| {
                if asks(request, "/missing") {
                    let key = |vault| MissingKey { vault, version: 1, member };
                    let keys = all.iter().copied().map(key).collect();
                    reply.body = encode(&Missing { keys });
                }
            });
        };
        ask_for(MemberId::from_random([0x66; 16]));
        people(&ada).await;
        assert!(brought(&ada).is_empty(), "a ghost");
        // He holds one vault of two: he is brought that one's key, and no other.
        ask_for(who);
        people(&ada).await;
        let sent = ada.wire.sent();
        let last = sent.iter().rfind(|it| it.method == Method::Post && it.path.ends_with("/wraps"));
        let wraps = decode_strict::<Wraps>(&last.unwrap().body).unwrap().wraps;
        assert_eq!(wraps.len(), 1, "of {} vaults", vaults.len());
        // A key that was refused is nobody's any more, though she has it still.
        ada.wire.honest();
        let rotate = Request::Rotate {
            vaults: vaults.iter().map(ToString::to_string).collect(),
            step: RotationStep::All,
            drop_earlier: false,
        };
        ada.ask(rotate).await.unwrap();
        ask_for(who);
        people(&ada).await;
        assert!(brought(&ada).is_empty(), "a refused key");
        ada.wire.honest();
        ada.ask(Request::RemoveMembers { members: vec![who.to_string()], staying: vec![] })
            .await
            .unwrap();
        ask_for(who);
        people(&ada).await;
        assert!(brought(&ada).is_empty(), "somebody who was removed");
        ada.wire.honest();
        ada.set(&scope, "AFTER", "value").await.unwrap();
        assert_eq!(bob.sync().await.unwrap_err().kind, Kind::KeysReplaced);
        assert_eq!(bob.rows(&scope).await.len(), 1, "what he saw, and no more");
    });
}

/// Attack 33 for an invitee: the server shows it a log without what the link has seen.
#[test]
fn an_invitee_takes_no_log_but_the_links() {
    story(async {
        let (_ground, ada, bob, _) = scene().await;
        let link = invites(&ada).await;
        for (last, kind) in [(1, Kind::Rollback), (2, Kind::Rollback)] {
            bob.wire.meddle(move |request, reply| {
                if request.path.contains("/log") {
                    alter(reply, |page: &mut LogPage| {
                        page.entries.truncate(last);
                        page.last = last as u64 - 1;
                    });
                }
            });
            let followed = bob.ask(Request::OpenInvite { link: hidden(&link) }).await;
            assert_eq!(followed.unwrap_err().kind, kind, "{last} entries");
        }
        bob.wire.honest();
        let theirs = Ground::new().await;
        let (mallory, _) = theirs.founder().await;
        let other = log_of(&mallory).await;
        bob.wire.meddle(move |request, reply| {
            if request.path.contains("/log") {
                reply.body = other.clone();
            }
        });
        let followed = bob.ask(Request::OpenInvite { link: hidden(&link) }).await;
        assert_eq!(followed.unwrap_err().kind, Kind::Rollback, "another team's log");
        bob.wire.honest();
        joins(&bob, &link).await.unwrap();
    });
}

/// The log of a team, as it is sent.
async fn log_of(who: &Victim) -> Vec<u8> {
    let kept = Rc::new(RefCell::new(Vec::new()));
    let log = kept.clone();
    who.wire.meddle(move |request, reply| {
        if request.method == Method::Get && request.path.contains("/log") {
            *log.borrow_mut() = reply.body.clone();
        }
    });
    who.locked().unlock().await.unwrap();
    kept.take()
}

/// A removed member's entry upon the team's newest, from a server that lets it in.
#[test]
fn what_a_removed_member_signs_no_peer_takes() {
    story(async {
        let ground = Ground::new().await;
        let (ada, kit) = ground.founder().await;
        ada.environment().await;
        let vault = people(&ada).await.vaults[0].vault.clone();
        let grants = vec![Grant { vault: vault.clone(), role: Role::Manager }];
        let add = Request::AddMachine { name: "mallory".into(), grants, days: None };
        let token = ServiceToken::read(&text(ada.ask(add).await.unwrap())).unwrap();
        let (mallory, keyset) =
            (token.member(), Keyset::from_seed((*token.seed()).into()).unwrap());
        let peer = async |seed| {
            let peer = ground.victim(seed);
            peer.recover(&kit).await.unwrap();
            peer
        };
        let (taken_in, peer) = (peer(8).await, peer(9).await);
        // The server that all of them ask colludes with Mallory.
        let forges = |who: &Victim, at: &Overview| {
            let (seq, hash) = at.checkpoint.split_once(':').unwrap();
            let head = Head { seq: seq.parse().unwrap(), hash: hash.parse().unwrap() };
            let create = CreateVault {
                vault: VaultId::from_random([0x99; 16]),
                parent: Some(vault.parse().unwrap()),
                key_commitment: Hash([5; 32]),
                wraps: Hash([6; 32]),
            };
            let ops = vec![Op::CreateVault(create)];
            let entry = Entry::after(at.team.parse().unwrap(), head, mallory, 9, ops);
            let entry = SignedEntry::new(&entry, |bytes| keyset.sign(bytes));
            who.wire.meddle(move |request, reply| {
                if request.method == Method::Get && request.path.contains("/log") {
                    alter(reply, |page: &mut LogPage| {
                        page.entries.push(entry.clone());
                        page.last = head.seq + 1;
                    });
                }
            });
            head.seq
        };
        let last = forges(&taken_in, &taken_in.sync().await.unwrap());
        let at = taken_in.sync().await.unwrap().checkpoint;
        assert!(at.starts_with(&format!("{}:", last + 1)), "the control: while she was a member");

        let gone = Request::RemoveMembers { members: vec![mallory.to_string()], staying: vec![] };
        ada.ask(gone).await.unwrap();
        let before = peer.sync().await.unwrap();
        forges(&peer, &before);
        let refused = peer.sync().await.unwrap_err();
        assert_eq!(refused.kind, Kind::Rollback);
        assert!(refused.message.contains("breaks a rule"), "{refused:?}");
        peer.wire.honest();
        let peer = peer.locked();
        assert_eq!(peer.unlock().await.unwrap().checkpoint, before.checkpoint);
    });
}
