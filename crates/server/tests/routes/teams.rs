//! `/v1/teams`.

use subrosa_wire::api::{CheckSetup, Code, FoundTeam, Pushed};
use subrosa_wire::id::{Hash, VaultId};
use subrosa_wire::log::Head;
use subrosa_wire::object::Upload;

use crate::principals::Founder;
use crate::world::{Reply, World};

async fn found(world: &World, request: &FoundTeam) -> Reply {
    world.post("/v1/teams", None, request).await
}

async fn check(world: &World, token: &str) -> Reply {
    world.post("/v1/setup", None, &CheckSetup { setup_token: token.to_owned() }).await
}

#[tokio::test]
async fn a_setup_token_is_told_good_until_it_is_used() {
    let (world, founder) = (World::empty().await, Founder::new());
    let token = world.running.setup_token().unwrap();
    check(&world, &token).await.ok();
    check(&world, &token).await.ok();
    check(&world, "another").await.problem(Code::SetupToken);
    found(&world, &founder.foundation(&token)).await.ok();
    check(&world, &token).await.problem(Code::SetupToken);
}

#[tokio::test]
async fn the_setup_token_founds_one_team_and_the_same_request_is_answered_alike() {
    let (world, founder) = (World::empty().await, Founder::new());
    let token = world.running.setup_token().unwrap();
    let file = world.data.path().join("setup-token");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), token);
    let request = founder.foundation(&token);
    let head = Head { seq: 1, hash: request.first.entry.hash() };
    assert_eq!(found(&world, &request).await.value::<Pushed>().head, head);
    assert!(!file.exists());
    assert_eq!(found(&world, &request).await.value::<Pushed>().head, head);

    let mut another_account = request.clone();
    another_account.account.locator = Hash([44; 32]);
    found(&world, &another_account).await.problem(Code::SetupToken);
    let another_team = FoundTeam { first: founder.creates(head, founder.directory), ..request };
    found(&world, &another_team).await.problem(Code::SetupToken);

    let world = world.restarted().await;
    assert_eq!(world.running.setup_token(), None);
    let founder = founder.signed_in(&world).await;
    assert_eq!(founder.head(&world).await, head);
    assert_eq!(found(&world, &founder.foundation(&token)).await.value::<Pushed>().head, head);
}

#[tokio::test]
async fn the_token_outlives_a_restart_and_is_replaced_when_its_file_is_lost() {
    let world = World::empty().await;
    let token = world.running.setup_token().unwrap();
    let world = world.restarted().await;
    assert_eq!(world.running.setup_token().as_ref(), Some(&token));
    std::fs::remove_file(world.data.path().join("setup-token")).unwrap();
    let world = world.restarted().await;
    let fresh = world.running.setup_token().unwrap();
    let founder = Founder::new();
    found(&world, &founder.foundation(&token)).await.problem(Code::SetupToken);
    found(&world, &founder.foundation(&fresh)).await.ok();
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_servers_user_reads_the_token() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::empty().await;
    let file = std::fs::metadata(world.data.path().join("setup-token")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_foundation_is_whole_or_nothing() {
    let (world, founder) = (World::empty().await, Founder::new());
    let token = world.running.setup_token().unwrap();
    found(&world, &founder.foundation("guess")).await.problem(Code::SetupToken);

    let good = founder.foundation(&token);
    let mut no_wraps = good.clone();
    no_wraps.first.wraps.clear();
    found(&world, &no_wraps).await.problem(Code::Rejected);

    let other = VaultId::from_random([8; 16]);
    let first = founder.creates(founder.genesis_head(), other);
    let not_the_directory = FoundTeam { first, ..good.clone() };
    found(&world, &not_the_directory).await.problem(Code::Rejected);

    let mut weak = good.clone();
    weak.account.login_key.0 = [0; 32];
    found(&world, &weak).await.problem(Code::Rejected);

    let mut elsewhere = good.clone();
    elsewhere.first.objects = vec![Upload { vault: other, sealed: vec![1].into() }];
    found(&world, &elsewhere).await.problem(Code::Forbidden);

    found(&world, &good).await.ok();
}
