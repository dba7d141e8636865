//! `/v1/teams/{team}/wraps`.

use subrosa_wire::api::{Code, FetchObjects, Objects, Pushed, Wraps};
use subrosa_wire::id::VaultId;
use subrosa_wire::log::{Commit, Head, Op, Retire};
use subrosa_wire::object::{ObjectId, Upload};

use crate::principals::Founder;
use crate::world::World;

#[tokio::test]
async fn a_member_gets_its_own_wraps_by_vault() {
    let (world, founder) = World::founded().await;
    let first = VaultId::from_random([0; 16]);
    founder.pushes(&world, &founder.creates(founder.head(&world).await, first)).await.ok();
    let root = founder.root().token(&world).await;
    for (token, member) in [(&founder.token, founder.id), (&root, founder.root)] {
        let wraps: Wraps = world.get(&founder.path("wraps"), Some(token)).await.value();
        let got: Vec<_> = wraps.wraps.iter().map(|it| (it.vault, it.recipient)).collect();
        assert_eq!(got, [(first, member), (founder.directory, member)]);
    }
}

#[tokio::test]
async fn only_for_members() {
    let (world, founder) = World::founded().await;
    world.get(&founder.path("wraps"), None).await.problem(Code::Unauthorized);
}

/// The key versions that a member gets wraps of, and which of these objects are there.
async fn leads(world: &World, founder: &Founder, objects: &[&[u8]]) -> (Vec<u32>, Vec<Vec<u8>>) {
    let wraps: Wraps = world.get(&founder.path("wraps"), Some(&founder.token)).await.value();
    let ids = objects.iter().map(|sealed| ObjectId::of(sealed)).collect();
    let asked = FetchObjects { vault: founder.directory, ids };
    let path = founder.path("objects");
    let found: Objects = world.post(&path, Some(&founder.token), &asked).await.value();
    let versions = wraps.wraps.iter().map(|wrap| wrap.version).collect();
    (versions, found.objects.into_iter().map(Into::into).collect())
}

#[tokio::test]
async fn what_leads_to_a_retired_key_is_dropped_and_nothing_else() {
    let (world, founder) = World::founded().await;
    let vault = founder.directory;
    let mut head = founder.head(&world).await;
    for (version, backlink) in [(2, b"one".as_slice()), (3, b"two")] {
        let push = founder.rekeys(head, version, backlink);
        let without = subrosa_wire::api::Push { objects: vec![], ..push.clone() };
        founder.pushes(&world, &without).await.problem(Code::Rejected);
        head = founder.pushes(&world, &push).await.value::<Pushed>().head;
    }
    let commit = Commit {
        vault,
        base: None,
        tree: ObjectId::of(b"tree"),
        key_version: 3,
        oldest_live: 2,
        summary: b"summary".to_vec().into(),
    };
    let pushes = async |head: Head, op: Op, objects: Vec<Upload>| {
        let entry = founder.signs(head, vec![op]);
        let push = subrosa_wire::api::Push { entry, wraps: vec![], objects };
        founder.pushes(&world, &push).await
    };
    let tree = Upload { vault, sealed: b"tree".to_vec().into() };
    head = pushes(head, Op::Commit(commit), vec![tree]).await.value::<Pushed>().head;
    let all = [b"one".as_slice(), b"two", b"tree"];
    let (versions, objects) = leads(&world, &founder, &all).await;
    assert_eq!((versions, objects.len()), (vec![1, 2, 3], 3));

    // What is live needs the second.
    let retire = |version| Op::Retire(Retire { vault, version });
    pushes(head, retire(2), vec![]).await.problem(Code::Rejected);
    pushes(head, retire(1), vec![]).await.ok();
    let (versions, objects) = leads(&world, &founder, &all).await;
    assert_eq!((versions, objects), (vec![2, 3], vec![b"two".to_vec(), b"tree".to_vec()]));
    let world = world.restarted().await;
    let founder = founder.signed_in(&world).await;
    let (versions, objects) = leads(&world, &founder, &all).await;
    assert_eq!((versions, objects.len()), (vec![2, 3], 2), "after a restart");
}
