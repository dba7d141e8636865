//! `/v1/teams/{team}/objects`.

use subrosa_wire::api::{Code, FetchObjects, MAX_FETCH, Objects, Push, Pushed};
use subrosa_wire::id::VaultId;
use subrosa_wire::object::{ObjectId, Upload};

use crate::principals::Founder;
use crate::world::{Reply, World};

async fn fetch(world: &World, founder: &Founder, vault: VaultId, ids: &[&[u8]]) -> Reply {
    let ids = ids.iter().map(|sealed| ObjectId::of(sealed)).collect();
    let asked = FetchObjects { vault, ids };
    world.post(&founder.path("objects"), Some(&founder.token), &asked).await
}

#[tokio::test]
async fn objects_come_in_the_order_asked_without_those_that_are_not_there() {
    let (world, founder) = World::founded().await;
    let mut push = founder.commits(founder.head(&world).await, None, b"tree");
    push.objects.push(Upload { vault: founder.directory, sealed: b"value".to_vec().into() });
    founder.pushes(&world, &push).await.ok();
    let reply = fetch(&world, &founder, founder.directory, &[b"value", b"never", b"tree"]).await;
    let Objects { objects, more } = reply.value();
    assert_eq!(objects, [b"value".to_vec().into(), b"tree".to_vec().into()]);
    assert!(!more);
}

#[tokio::test]
async fn only_under_the_vault_that_they_were_uploaded_to() {
    let (world, founder) = World::founded().await;
    let push = founder.commits(founder.head(&world).await, None, b"tree");
    let head = founder.pushes(&world, &push).await.value::<Pushed>().head;
    let other = VaultId::from_random([5; 16]);
    fetch(&world, &founder, other, &[b"tree"]).await.problem(Code::Forbidden);
    founder.pushes(&world, &founder.creates(head, other)).await.ok();
    assert!(fetch(&world, &founder, other, &[b"tree"]).await.value::<Objects>().objects.is_empty());
}

#[tokio::test]
async fn a_long_reply_is_cut() {
    let (world, founder) = World::founded().await;
    let sealed: Vec<Vec<u8>> = (0..9).map(|n| vec![n; 1 << 20]).collect();
    let vault = founder.directory;
    let upload = |sealed: &Vec<u8>| Upload { vault, sealed: sealed.clone().into() };
    let push = founder.commits(founder.head(&world).await, None, b"tree");
    let objects = push.objects.iter().cloned().chain(sealed.iter().map(upload)).collect();
    founder.pushes(&world, &Push { objects, ..push }).await.ok();
    let ids: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
    let reply: Objects = fetch(&world, &founder, vault, &ids).await.value();
    assert_eq!((reply.objects.len(), reply.more), (8, true));
}

#[tokio::test]
async fn not_too_many_at_once() {
    let (world, founder) = World::founded().await;
    let ids = vec![b"x".as_slice(); MAX_FETCH + 1];
    fetch(&world, &founder, founder.directory, &ids).await.problem(Code::Malformed);
    let asked = FetchObjects { vault: founder.directory, ids: vec![] };
    world.post(&founder.path("objects"), None, &asked).await.problem(Code::Unauthorized);
}
