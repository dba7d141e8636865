//! `/v1/teams/{team}/wraps`.

use subrosa_wire::api::{Code, Wraps};
use subrosa_wire::id::VaultId;

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
