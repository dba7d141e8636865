//! `/v1/challenges`, `/v1/sessions`.

use reqwest::Method;
use subrosa_server::config::Rate;
use subrosa_wire::api::{Code, Principal, SessionOpened};
use subrosa_wire::id::{Hash, MemberId, TeamId};

use crate::principals::{Claimant, Keys};
use crate::world::{Reply, World};

#[tokio::test]
async fn members_and_accounts_sign_in_and_out() {
    let (world, founder) = World::founded().await;
    let root = founder.printed_root();
    for claimant in [founder.member(), founder.root(), root, founder.account()] {
        let open = claimant.sign(claimant.claim(&world).await);
        let opened: SessionOpened = world.post("/v1/sessions", None, &open).await.value();
        assert_eq!(opened.seconds, 900);
    }
    let token = Some(founder.token.as_str());
    world.get(&founder.path("log"), token).await.ok();
    assert_eq!(Reply::of(world.request(Method::DELETE, "/v1/sessions", token)).await.status, 204);
    world.get(&founder.path("log"), token).await.problem(Code::Unauthorized);
}

#[tokio::test]
async fn a_challenge_is_good_once() {
    let (world, founder) = World::founded().await;
    let open = founder.member().sign(founder.member().claim(&world).await);
    world.post("/v1/sessions", None, &open).await.ok();
    world.post("/v1/sessions", None, &open).await.problem(Code::Challenge);
}

#[tokio::test]
async fn a_wrong_signature_uses_the_challenge_up() {
    let (world, founder) = World::founded().await;
    let mut open = founder.member().sign(founder.member().claim(&world).await);
    open.signature[0] ^= 1;
    world.post("/v1/sessions", None, &open).await.problem(Code::Unauthorized);
    open.signature[0] ^= 1;
    world.post("/v1/sessions", None, &open).await.problem(Code::Challenge);
}

#[tokio::test]
async fn whoever_does_not_exist_is_answered_like_a_wrong_signature() {
    let (world, founder) = World::founded().await;
    let stranger = |principal| Claimant { principal, keys: Keys::of(77) };
    let nobody = MemberId::from_random([77; 16]);
    let mut answers = Vec::new();
    for principal in [
        Principal::Account(founder.locator),
        Principal::Account(Hash([77; 32])),
        Principal::Member(founder.team, founder.id),
        Principal::Member(founder.team, nobody),
        Principal::Member(TeamId(Hash([77; 32])), founder.id),
        Principal::Root(founder.team),
        Principal::Root(TeamId(Hash([77; 32]))),
    ] {
        let open = stranger(principal).sign(stranger(principal).claim(&world).await);
        let mut reply = world.post("/v1/sessions", None, &open).await;
        reply.problem(Code::Unauthorized);
        reply.headers.remove("date");
        answers.push((reply.headers, reply.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn a_session_is_signed_for_this_origin_and_purpose() {
    let (world, founder) = World::founded().await;
    let mut claim = founder.member().claim(&world).await;
    claim.origin = "https://evil.example".into();
    let relayed = founder.member().sign(claim);
    world.post("/v1/sessions", None, &relayed).await.problem(Code::Origin);

    // The member's own signature, but for the login key's purpose.
    let as_account = Claimant { keys: founder.member().keys, ..founder.account() };
    let open = as_account.sign(as_account.claim(&world).await);
    world.post("/v1/sessions", None, &open).await.problem(Code::Unauthorized);
}

#[tokio::test]
async fn the_origin_is_the_public_one() {
    let public = "https://secrets.example".parse().unwrap();
    let world = World::with(|config| config.public_url = Some(public)).await;
    assert_eq!(world.running.origin(), "https://secrets.example");
}

#[tokio::test]
async fn malformed_and_oversized_requests_are_refused() {
    let world = World::empty().await;
    world.send(Method::POST, "/v1/sessions", None, vec![1, 2]).await.problem(Code::Malformed);
    let long = vec![0; 3 << 10];
    world.send(Method::POST, "/v1/sessions", None, long).await.problem(Code::TooLarge);
    let untyped = world.request(Method::POST, "/v1/sessions", None).body("x");
    Reply::of(untyped).await.problem(Code::Malformed);
}

#[tokio::test]
async fn an_address_has_a_rate() {
    let few = Rate { per_second: 1, burst: 2 };
    let world = World::with(|config| config.address_rate = few).await;
    let ask = || world.send(Method::POST, "/v1/challenges", None, vec![]);
    ask().await.ok();
    ask().await.ok();
    let reply = ask().await;
    reply.problem(Code::RateLimited);
    assert_eq!(reply.headers["retry-after"], "1");
}

#[tokio::test]
async fn a_principal_has_one_rate_over_all_its_sessions() {
    let few = Rate { per_second: 1, burst: 2 };
    let (world, founder) = World::founded_with(|config| config.principal_rate = few).await;
    let other = founder.member().token(&world).await;
    world.get(&founder.path("wraps"), Some(&founder.token)).await.ok();
    world.get(&founder.path("wraps"), Some(&other)).await.ok();
    world.get(&founder.path("wraps"), Some(&other)).await.problem(Code::RateLimited);
    let root = founder.root().token(&world).await;
    world.get(&founder.path("wraps"), Some(&root)).await.ok();
}
