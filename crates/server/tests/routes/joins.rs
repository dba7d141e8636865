//! `/v1/teams/{team}/joins`, sessions of links, and keys from holder to holder.

use reqwest::Method;
use subrosa_wire::api::{
    AccountBlob, Code, Joins, LogPage, MAX_JOINS, Missing, MissingKey, NewAccount, PostJoin,
    Principal, Push, Pushed, Wraps,
};
use subrosa_wire::id::{Hash, InviteId, MemberId, VaultId};
use subrosa_wire::log::{Entry, Op, Rekey, SignedEntry, WRAP_BYTES, Wrap, wraps_hash};
use subrosa_wire::people::{
    Access, Add, Admission, Grant, Grants, Invite, Invited, Join, KeysClaim, RotateKeys, Service,
    VaultRole,
};

use crate::principals::{Claimant, Founder, Keys};
use crate::world::{Reply, World};

const HER: MemberId = MemberId::from_random([0x31; 16]);
const INVITE: InviteId = InviteId::from_random([0x32; 16]);
const LOCATOR: Hash = Hash([0x33; 32]);
/// The year 2100, in milliseconds.
const LATER: u64 = 4_102_444_800_000;

fn link() -> Keys {
    Keys::of(0x34)
}

fn hers() -> Keys {
    Keys::of(0x35)
}

fn invites(access: Access, expires: u64) -> Op {
    let (link, card) = (link().public(), b"her".to_vec().into());
    Op::Invite(Box::new(Invite { id: INVITE, member: HER, access, expires, link, card }))
}

fn join(founder: &Founder, keys: &Keys) -> Join {
    let (team, keyset) = (founder.team, keys.keyset());
    let claim = KeysClaim { team, invite: Some(INVITE), member: HER, keyset: keyset.clone() };
    let invited = Invited { invite: INVITE, link: link().sign(&claim.for_link()) };
    Join { keyset, proof: keys.sign(&claim.to_sign()), invited }
}

fn adds(founder: &Founder) -> Op {
    let Join { keyset, proof, invited } = join(founder, &hers());
    Op::Add(Box::new(Add { member: HER, admission: Admission::Invited(invited), keyset, proof }))
}

fn account(locator: Hash) -> NewAccount {
    NewAccount { locator, login_key: Keys::of(0x36).public(), sealed: b"hers".to_vec().into() }
}

async fn pushes(world: &World, founder: &Founder, ops: Vec<Op>) -> Reply {
    let entry = founder.signs(founder.head(world).await, ops);
    founder.pushes(world, &Push { entry, wraps: vec![], objects: vec![] }).await
}

fn of_link(founder: &Founder) -> Claimant {
    Claimant { principal: Principal::Link(founder.team, INVITE), keys: link() }
}

async fn refused(world: &World, claimant: &Claimant) {
    let open = claimant.sign(claimant.claim(world).await);
    world.post("/v1/sessions", None, &open).await.problem(Code::Unauthorized);
}

async fn waiting(world: &World, founder: &Founder) -> Vec<Join> {
    world.get(&founder.path("joins"), Some(&founder.token)).await.value::<Joins>().joins
}

#[tokio::test]
async fn whoever_holds_a_link_reads_the_log_and_waits_with_an_account() {
    let (world, founder) = World::founded().await;
    refused(&world, &of_link(&founder)).await;
    pushes(&world, &founder, vec![invites(Access::Owner, LATER)]).await.ok();
    refused(&world, &Claimant { keys: hers(), ..of_link(&founder) }).await;
    let token = of_link(&founder).token(&world).await;
    let log: LogPage = world.get(&founder.path("log"), Some(&token)).await.value();
    assert_eq!(log.last, 2);
    for rest in ["wraps", "missing", "joins", "events"] {
        world.get(&founder.path(rest), Some(&token)).await.problem(Code::Forbidden);
    }
    let push = founder.commits(founder.head(&world).await, None, b"tree");
    world.post(&founder.path("log"), Some(&token), &push).await.problem(Code::Forbidden);

    let path = founder.path("joins");
    let post = PostJoin { account: Some(account(LOCATOR)), join: join(&founder, &hers()) };
    world.post(&path, None, &post).await.problem(Code::Unauthorized);
    world.post(&path, Some(&founder.token), &post).await.problem(Code::Forbidden);
    world.post(&path, Some(&token), &post).await.ok();
    world.post(&path, Some(&token), &post).await.ok();
    let login = Claimant { principal: Principal::Account(LOCATOR), keys: Keys::of(0x36) };
    let session = login.token(&world).await;
    let blob: AccountBlob = world.get("/v1/account", Some(&session)).await.value();
    assert_eq!((blob.generation, blob.sealed.to_vec()), (1, b"hers".to_vec()));
    // With an account that is there already; not with one that is somebody's, nor the same join with
    // another.
    let other = join(&founder, &Keys::of(0x37));
    let with = |account, join: &Join| PostJoin { account, join: join.clone() };
    let taken = with(Some(account(founder.locator)), &other);
    world.post(&path, Some(&token), &taken).await.problem(Code::Rejected);
    let second = with(Some(account(Hash([0x38; 32]))), &post.join);
    world.post(&path, Some(&token), &second).await.problem(Code::Forbidden);
    world.post(&path, Some(&token), &with(None, &other)).await.ok();
    let mut both = [post.join.clone(), other];
    let mut got = waiting(&world, &founder).await;
    both.sort_by_key(|join| join.keyset.signing);
    got.sort_by_key(|join| join.keyset.signing);
    assert_eq!(got, both);

    // Nothing that keys and link have not signed for this invite.
    let good = join(&founder, &hers());
    for bad in [
        Join { proof: [0; 64], ..good.clone() },
        Join { invited: Invited { link: good.proof, ..good.invited.clone() }, ..good.clone() },
        Join {
            invited: Invited { invite: InviteId::from_random([1; 16]), ..good.invited.clone() },
            ..good
        },
    ] {
        world.post(&path, Some(&token), &with(None, &bad)).await.problem(Code::Rejected);
    }
    for seed in 0..MAX_JOINS as u8 - 2 {
        let join = join(&founder, &Keys::of(0x40 + seed));
        world.post(&path, Some(&token), &with(None, &join)).await.ok();
    }
    let one_more = with(None, &join(&founder, &Keys::of(0x50)));
    world.post(&path, Some(&token), &one_more).await.problem(Code::Rejected);
    let world = world.restarted().await;
    let founder = founder.signed_in(&world).await;
    assert_eq!(waiting(&world, &founder).await.len(), MAX_JOINS);

    // Once she is in, the link opens nothing, and nobody waits by it.
    let token = of_link(&founder).token(&world).await;
    pushes(&world, &founder, vec![adds(&founder)]).await.ok();
    world.get(&founder.path("log"), Some(&token)).await.problem(Code::Unauthorized);
    refused(&world, &of_link(&founder)).await;
    assert!(waiting(&world, &founder).await.is_empty());
    let her = Claimant { principal: Principal::Member(founder.team, HER), keys: hers() };
    her.token(&world).await;
}

#[tokio::test]
async fn what_is_expired_opens_no_session() {
    let (world, founder) = World::founded().await;
    pushes(&world, &founder, vec![invites(Access::Owner, 1)]).await.ok();
    refused(&world, &of_link(&founder)).await;
    for (seed, expires) in [(0x41, Some(1)), (0x42, Some(LATER)), (0x43, None)] {
        let (member, keys) = (MemberId::from_random([seed; 16]), Keys::of(seed));
        let keyset = keys.keyset();
        let claim = KeysClaim { team: founder.team, invite: None, member, keyset: keyset.clone() };
        let proof = keys.sign(&claim.to_sign());
        let service = Service { grants: Grants::default(), expires, card: vec![].into() };
        let add = Add { member, admission: Admission::Service(service), keyset, proof };
        pushes(&world, &founder, vec![Op::Add(Box::new(add))]).await.ok();
        let machine = Claimant { principal: Principal::Member(founder.team, member), keys };
        match expires {
            Some(1) => refused(&world, &machine).await,
            _ => drop(machine.token(&world).await),
        }
    }
}

fn wrap(vault: VaultId, recipient: MemberId, byte: u8) -> Wrap {
    Wrap { vault, version: 1, recipient, sealed: vec![byte; WRAP_BYTES].into() }
}

#[tokio::test]
async fn holders_bring_each_other_keys_and_nobody_elses_is_overwritten() {
    let (world, founder) = World::founded().await;
    let vault = VaultId::from_random([0x39; 16]);
    let push = founder.creates(founder.head(&world).await, vault);
    founder.pushes(&world, &push).await.value::<Pushed>();
    pushes(&world, &founder, vec![invites(Access::Member(Grants(vec![])), LATER)]).await.ok();
    pushes(&world, &founder, vec![adds(&founder)]).await.ok();
    let her = Claimant { principal: Principal::Member(founder.team, HER), keys: hers() };
    let her = her.token(&world).await;
    let root = founder.root().token(&world).await;

    // She reads the directory, whose key nobody has brought her.
    let (missing, wraps) = (founder.path("missing"), founder.path("wraps"));
    let lacks = MissingKey { vault: founder.directory, version: 1, member: HER };
    let asked = async |token: &str| world.get(&missing, Some(token)).await.value::<Missing>().keys;
    assert_eq!(asked(&founder.token).await, [lacks]);
    assert_eq!(asked(&root).await, [lacks]);
    assert_eq!(asked(&her).await, []);
    let bring = async |token: &str, wrap: Wrap| {
        world.post(&wraps, Some(token), &Wraps { wraps: vec![wrap] }).await
    };
    let to_her = |byte| wrap(founder.directory, HER, byte);
    bring(&founder.token, wrap(vault, HER, 1)).await.problem(Code::Rejected);
    bring(&her, wrap(vault, founder.id, 1)).await.problem(Code::Forbidden);
    bring(&founder.token, Wrap { version: 2, ..to_her(1) }).await.problem(Code::Rejected);
    bring(&founder.token, Wrap { version: 0, ..to_her(1) }).await.problem(Code::Rejected);
    let short = Wrap { sealed: vec![1; WRAP_BYTES - 1].into(), ..to_her(1) };
    bring(&founder.token, short).await.problem(Code::Rejected);
    bring(&founder.token, to_her(1)).await.ok();
    bring(&founder.token, to_her(2)).await.ok();
    let got = async |token: &str| world.get(&wraps, Some(token)).await.value::<Wraps>().wraps;
    assert_eq!(got(&her).await, [to_her(1)], "one from each, and the first stays");
    assert_eq!(asked(&root).await, []);

    // It does not open: she says so, and whoever has not brought one yet is asked.
    let need = |key| Missing { keys: vec![key] };
    world.post(&missing, Some(&founder.token), &need(lacks)).await.problem(Code::Forbidden);
    let none = MissingKey { vault, ..lacks };
    world.post(&missing, Some(&her), &need(none)).await.problem(Code::Rejected);
    world.post(&missing, Some(&her), &need(lacks)).await.ok();
    assert_eq!(asked(&founder.token).await, []);
    assert_eq!(asked(&root).await, [lacks]);
    bring(&root, to_her(3)).await.ok();
    assert_eq!(asked(&root).await, []);
    assert_eq!(got(&her).await, [to_her(1), to_her(3)]);

    // She is removed: nothing of it stays.
    let next: Vec<Wrap> = [founder.id, founder.root]
        .map(|recipient| Wrap { version: 2, ..wrap(founder.directory, recipient, 4) })
        .into();
    let rekey = Rekey {
        vault: founder.directory,
        version: 2,
        key_commitment: Hash([1; 32]),
        wraps: wraps_hash(&next),
        backlink: None,
    };
    let ops = vec![Op::Remove(HER), Op::Rekey(rekey)];
    let entry = founder.signs(founder.head(&world).await, ops);
    let push = Push { entry, wraps: next, objects: vec![] };
    founder.pushes(&world, &push).await.ok();
    world.get(&wraps, Some(&her)).await.problem(Code::Forbidden);
    bring(&founder.token, Wrap { version: 2, ..to_her(1) }).await.problem(Code::Rejected);

    // Whoever gave the next key may lack the one before, and is brought that too.
    let lacks = MissingKey { vault: founder.directory, version: 1, member: founder.id };
    assert_eq!(asked(&root).await, []);
    world.post(&missing, Some(&founder.token), &need(lacks)).await.ok();
    assert_eq!(asked(&root).await, [lacks]);
    assert_eq!(asked(&founder.token).await, []);
    bring(&root, wrap(founder.directory, founder.id, 5)).await.ok();
    assert_eq!(asked(&root).await, []);
}

#[tokio::test]
async fn who_follows_the_log_hears_of_what_comes_beside_it() {
    let (world, founder) = World::founded().await;
    let reader = Grants(vec![Grant { vault: founder.directory, role: VaultRole::Reader }]);
    let directory = vec![invites(Access::Member(reader), LATER)];
    pushes(&world, &founder, directory).await.problem(Code::Rejected);
    pushes(&world, &founder, vec![invites(Access::Owner, LATER)]).await.ok();
    let path = founder.path("events");
    let mut stream = world.request(Method::GET, &path, Some(&founder.token)).send().await.unwrap();
    let token = of_link(&founder).token(&world).await;
    let post = PostJoin { account: None, join: join(&founder, &hers()) };
    world.post(&founder.path("joins"), Some(&token), &post).await.ok();
    let head = founder.head(&world).await;
    let told = format!("data: {} {}\n\n", head.seq, head.hash);
    let heard = async |stream: &mut reqwest::Response| {
        String::from_utf8(stream.chunk().await.unwrap().unwrap().to_vec()).unwrap()
    };
    assert_eq!(heard(&mut stream).await, told);
    // Not for what is there already.
    world.post(&founder.path("joins"), Some(&token), &post).await.ok();
    pushes(&world, &founder, vec![adds(&founder)]).await.ok();
    let head = founder.head(&world).await;
    assert_eq!(heard(&mut stream).await, format!("data: {} {}\n\n", head.seq, head.hash));
}

/// Wraps are to the keys that somebody has, and nobody writes over them, itself included.
#[tokio::test]
async fn who_has_given_itself_other_keys_is_brought_keys_to_these_beside_those_before() {
    let (world, founder) = World::founded().await;
    pushes(&world, &founder, vec![invites(Access::Member(Grants(vec![])), LATER)]).await.ok();
    pushes(&world, &founder, vec![adds(&founder)]).await.ok();
    let signs_in = async |keys: Keys| {
        Claimant { principal: Principal::Member(founder.team, HER), keys }.token(&world).await
    };
    let rotates = async |old: Keys, new: Keys| {
        let (team, keyset) = (founder.team, new.keyset());
        let claim = KeysClaim { team, invite: None, member: HER, keyset: keyset.clone() };
        let proof = new.sign(&claim.to_sign());
        let op = Op::RotateKeys(Box::new(RotateKeys { member: HER, keyset, proof, invited: None }));
        let entry = Entry::after(team, founder.head(&world).await, HER, 0, vec![op]);
        let entry = SignedEntry::new(&entry, |bytes| old.sign(bytes));
        let push = Push { entry, wraps: vec![], objects: vec![] };
        let token = signs_in(old).await;
        world.post(&founder.path("log"), Some(&token), &push).await.ok();
        signs_in(new).await
    };
    let (missing, wraps) = (founder.path("missing"), founder.path("wraps"));
    let to_her = |byte| wrap(founder.directory, HER, byte);
    let bring = async |token: &str, wrap: Wrap| {
        world.post(&wraps, Some(token), &Wraps { wraps: vec![wrap] }).await.ok()
    };
    let got = async |token: &str| -> Vec<u8> {
        let got = world.get(&wraps, Some(token)).await.value::<Wraps>().wraps;
        got.iter().map(|wrap| wrap.sealed[0]).collect()
    };
    let waits =
        async || world.get(&missing, Some(&founder.token)).await.value::<Missing>().keys.len();

    bring(&founder.token, to_her(1)).await;
    let her = signs_in(hers()).await;
    bring(&her, to_her(2)).await;
    bring(&her, to_her(3)).await;
    assert_eq!((got(&her).await, waits().await), (vec![1, 2], 0), "she writes over nothing");

    // Her next keys: what was brought before stays, and is brought again by the same.
    let her = rotates(hers(), Keys::of(0x41)).await;
    assert_eq!((got(&her).await, waits().await), (vec![1, 2], 1));
    bring(&her, to_her(4)).await;
    assert_eq!((got(&her).await.len(), waits().await), (3, 0));
    bring(&founder.token, to_her(5)).await;
    assert_eq!(got(&her).await.len(), 4);

    // And those after: the first are needed by nobody.
    let her = rotates(Keys::of(0x41), Keys::of(0x42)).await;
    let mut left = got(&her).await;
    left.sort_unstable();
    assert_eq!(left, [4, 5]);
}
