//! `/v1/teams/{team}/recovery`.

use subrosa_wire::api::{AccountBlob, Code, Principal, Pushed, RecoverTeam};
use subrosa_wire::id::Hash;
use subrosa_wire::log::Head;

use crate::principals::{Claimant, Founder, Keys};
use crate::world::{Reply, World};

const NEXT: Hash = Hash([10; 32]);

async fn recover(world: &World, founder: &Founder, token: &str, request: &RecoverTeam) -> Reply {
    world.post(&founder.path("recovery"), Some(token), request).await
}

/// The account of the next keys, if it is there.
async fn account(world: &World) -> Option<AccountBlob> {
    let claimant = Claimant { principal: Principal::Account(NEXT), keys: Keys::of(10) };
    let open = claimant.sign(claimant.claim(world).await);
    let opened = world.post("/v1/sessions", None, &open).await;
    if opened.status == Code::Unauthorized.status() {
        return None;
    }
    let token = opened.value::<subrosa_wire::api::SessionOpened>().token;
    Some(world.get("/v1/account", Some(&token)).await.value())
}

#[tokio::test]
async fn the_root_gives_an_owner_other_keys_and_an_account_with_them() {
    let (world, founder) = World::founded().await;
    let root = founder.printed_root().token(&world).await;
    let request = founder.recovers(founder.head(&world).await, &Keys::of(21), NEXT);
    let head = Head { seq: 2, hash: request.push.entry.hash() };
    assert_eq!(recover(&world, &founder, &root, &request).await.value::<Pushed>().head, head);
    let blob = account(&world).await.unwrap();
    assert_eq!((blob.generation, blob.sealed.to_vec()), (1, b"next".to_vec()));
    // The same request again, also by a session of a later start.
    assert_eq!(recover(&world, &founder, &root, &request).await.value::<Pushed>().head, head);
    // Not with another account.
    let mut other = request.clone();
    other.account.locator = Hash([11; 32]);
    recover(&world, &founder, &root, &other).await.problem(Code::Forbidden);
    // The keys before open nothing any more: the session that they opened neither.
    world.get(&founder.path("log"), Some(&founder.token)).await.problem(Code::Unauthorized);
    let claimant = founder.member();
    let open = claimant.sign(claimant.claim(&world).await);
    world.post("/v1/sessions", None, &open).await.problem(Code::Unauthorized);
    let claimant = Claimant { keys: Keys::of(21), ..founder.member() };
    let token = claimant.token(&world).await;
    world.get(&founder.path("log"), Some(&token)).await.ok();
    let world = world.restarted().await;
    let root = founder.printed_root().token(&world).await;
    assert_eq!(recover(&world, &founder, &root, &request).await.value::<Pushed>().head, head);
    assert!(account(&world).await.is_some());
}

#[tokio::test]
async fn nobody_else_registers_an_account_so_and_what_is_refused_leaves_none() {
    let (world, founder) = World::founded().await;
    let head = founder.head(&world).await;
    let root = founder.printed_root().token(&world).await;
    let good = || founder.recovers(head, &Keys::of(21), NEXT);
    let path = founder.path("recovery");
    world.post(&path, None, &good()).await.problem(Code::Unauthorized);
    // By the owner, who may give the root other keys, but not with an account.
    let roots = founder.rotates(head, founder.id, &founder.keys, founder.root, &Keys::of(21), NEXT);
    recover(&world, &founder, &founder.token, &roots).await.problem(Code::Forbidden);
    recover(&world, &founder, &founder.token, &good()).await.problem(Code::Forbidden);
    // By the root, but with no other's keys in it.
    let (author, signs) = (founder.root, &founder.root_keys);
    let own = founder.rotates(head, author, signs, founder.root, &Keys::of(21), NEXT);
    recover(&world, &founder, &root, &own).await.problem(Code::Forbidden);
    let edit = founder.commits(head, None, b"tree");
    let edit = RecoverTeam { push: edit, ..good() };
    recover(&world, &founder, &root, &edit).await.problem(Code::Forbidden);
    // A locator that is taken, a weak login key, an entry that the reducer refuses.
    let taken = founder.recovers(head, &Keys::of(21), founder.locator);
    recover(&world, &founder, &root, &taken).await.problem(Code::Rejected);
    let mut weak = good();
    weak.account.login_key.0 = [0; 32];
    recover(&world, &founder, &root, &weak).await.problem(Code::Rejected);
    let mut short = good();
    short.push.wraps.pop();
    recover(&world, &founder, &root, &short).await.problem(Code::Rejected);
    // Somebody else was first.
    let next = founder.commits(head, None, b"tree");
    founder.pushes(&world, &next).await.ok();
    assert_eq!(recover(&world, &founder, &root, &good()).await.status, 409);
    assert!(account(&world).await.is_none());
    founder.signed_in(&world).await.log(&world).await;
}
