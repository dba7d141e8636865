//! `/v1/account`.

use reqwest::Method;
use subrosa_wire::api::{AccountBlob, Code, MAX_ACCOUNT, PutAccount};
use subrosa_wire::keyset::SigningPublic;

use crate::principals::{Claimant, Founder, Keys};
use crate::world::World;

fn put(founder: &Founder, base: u64, sealed: &[u8]) -> PutAccount {
    PutAccount { base, sealed: sealed.to_vec().into(), login_key: founder.login.public() }
}

#[tokio::test]
async fn the_blob_is_read_and_replaced() {
    let (world, founder) = World::founded().await;
    let token = founder.account().token(&world).await;
    let blob: AccountBlob = world.get("/v1/account", Some(&token)).await.value();
    assert_eq!((blob.generation, blob.sealed.as_slice()), (1, b"sealed".as_slice()));
    let reply = world.put("/v1/account", Some(&token), &put(&founder, 1, b"second")).await;
    assert_eq!(reply.status, 204);

    let world = world.restarted().await;
    let token = founder.account().token(&world).await;
    let blob: AccountBlob = world.get("/v1/account", Some(&token)).await.value();
    assert_eq!((blob.generation, blob.sealed.as_slice()), (2, b"second".as_slice()));
}

#[tokio::test]
async fn a_loser_gets_the_newer_blob() {
    let (world, founder) = World::founded().await;
    let token = founder.account().token(&world).await;
    world.put("/v1/account", Some(&token), &put(&founder, 1, b"winner")).await.ok();
    for base in [0, 1, 3, u64::MAX] {
        let reply = world.put("/v1/account", Some(&token), &put(&founder, base, b"loser")).await;
        let blob: AccountBlob = reply.value_of(Code::Generation);
        assert_eq!((blob.generation, blob.sealed.as_slice()), (2, b"winner".as_slice()));
    }
}

#[tokio::test]
async fn a_new_password_signs_the_other_sessions_out() {
    let (world, founder) = World::founded().await;
    let (here, there) =
        (founder.account().token(&world).await, founder.account().token(&world).await);
    let change = PutAccount { login_key: Keys::of(10).public(), ..put(&founder, 1, b"new") };
    world.put("/v1/account", Some(&here), &change).await.ok();
    world.get("/v1/account", Some(&here)).await.ok();
    world.get("/v1/account", Some(&there)).await.problem(Code::Unauthorized);

    let old = founder.account().sign(founder.account().claim(&world).await);
    world.post("/v1/sessions", None, &old).await.problem(Code::Unauthorized);
    Claimant { keys: Keys::of(10), ..founder.account() }.token(&world).await;
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused() {
    let (world, founder) = World::founded().await;
    let token = founder.account().token(&world).await;
    let weak = PutAccount { login_key: SigningPublic([0; 32]), ..put(&founder, 1, b"x") };
    world.put("/v1/account", Some(&token), &weak).await.problem(Code::Rejected);
    let long = put(&founder, 1, &vec![0; MAX_ACCOUNT + 1]);
    world.put("/v1/account", Some(&token), &long).await.problem(Code::TooLarge);
    let longer = vec![0; MAX_ACCOUNT + 1024];
    world.send(Method::PUT, "/v1/account", Some(&token), longer).await.problem(Code::TooLarge);
    world.send(Method::PUT, "/v1/account", Some(&token), vec![0]).await.problem(Code::Malformed);
    let blob: AccountBlob = world.get("/v1/account", Some(&token)).await.value();
    assert_eq!(blob.generation, 1);
}

#[tokio::test]
async fn only_the_account_itself_may() {
    let (world, founder) = World::founded().await;
    world.get("/v1/account", None).await.problem(Code::Unauthorized);
    world.get("/v1/account", Some("guess")).await.problem(Code::Unauthorized);
    world.get("/v1/account", Some(&founder.token)).await.problem(Code::Forbidden);
    let token = founder.account().token(&world).await;
    for path in ["log", "wraps", "events"] {
        world.get(&founder.path(path), Some(&token)).await.problem(Code::Forbidden);
    }
}
