//! `/healthz`, `/metrics`.

use crate::world::World;

#[tokio::test]
async fn a_server_that_runs_is_healthy() {
    let world = World::empty().await;
    assert_eq!(world.get("/healthz", None).await.body, b"ok\n");
}

#[tokio::test]
async fn requests_pushes_conflicts_groups_and_sessions_are_counted() {
    let (world, founder) = World::founded().await;
    let head = founder.head(&world).await;
    founder.pushes(&world, &founder.commits(head, None, b"1")).await.ok();
    founder.pushes(&world, &founder.commits(head, None, b"2")).await;
    let text = String::from_utf8(world.get("/metrics", None).await.body).unwrap();
    for line in [
        "subrosa_pushes_total 2",
        "subrosa_conflicts_total 1",
        "subrosa_commit_groups_total 3",
        "subrosa_writes_total 3",
        "subrosa_sessions_total 1",
        "subrosa_requests_total{route=\"/v1/teams/{team}/log\",method=\"POST\",status=\"409\"} 1",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains(&founder.team.to_string()));
}
