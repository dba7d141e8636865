//! `/v1/teams/{team}/events`.

use std::time::Duration;

use reqwest::{Method, Response};
use subrosa_wire::api::{Code, Pushed};

use crate::principals::Founder;
use crate::world::{Reply, World};

async fn listen(world: &World, founder: &Founder, query: &str) -> Response {
    let path = founder.path(&format!("events{query}"));
    let response = world.request(Method::GET, &path, Some(&founder.token)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response
}

async fn next(stream: &mut Response) -> Option<String> {
    Some(String::from_utf8(stream.chunk().await.unwrap()?.to_vec()).unwrap())
}

#[tokio::test]
async fn each_new_head_is_told_and_what_came_before_on_resuming() {
    let (world, founder) = World::founded().await;
    let mut fresh = listen(&world, &founder, "").await;
    let mut resumed = listen(&world, &founder, "?after=0").await;
    let head = founder.head(&world).await;
    assert_eq!(next(&mut resumed).await, Some(format!("data: 1 {}\n\n", head.hash)));
    let push = founder.commits(head, None, b"tree");
    let head = founder.pushes(&world, &push).await.value::<Pushed>().head;
    let told = Some(format!("data: 2 {}\n\n", head.hash));
    assert_eq!(next(&mut fresh).await, told);
    assert_eq!(next(&mut resumed).await, told);
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let short = Duration::from_millis(300);
    let (world, founder) = World::founded_with(|config| config.session = short).await;
    let mut expires = listen(&world, &founder, "").await;
    assert_eq!(next(&mut expires).await, None);
    world.get(&founder.path("log"), Some(&founder.token)).await.problem(Code::Unauthorized);

    let (world, founder) = World::founded().await;
    let mut signed_out = listen(&world, &founder, "").await;
    Reply::of(world.request(Method::DELETE, "/v1/sessions", Some(&founder.token))).await.ok();
    assert_eq!(next(&mut signed_out).await, None);
}

#[tokio::test]
async fn streams_are_bounded() {
    let (world, founder) = World::founded_with(|config| config.streams = 1).await;
    let one = listen(&world, &founder, "").await;
    let path = founder.path("events");
    world.get(&path, Some(&founder.token)).await.problem(Code::Unavailable);
    drop(one);

    let (world, founder) = World::founded().await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(listen(&world, &founder, "").await);
    }
    world.get(&founder.path("events"), Some(&founder.token)).await.problem(Code::RateLimited);
}

#[tokio::test]
async fn only_for_members() {
    let (world, founder) = World::founded().await;
    world.get(&founder.path("events"), None).await.problem(Code::Unauthorized);
    let path = founder.path("events?after=x");
    world.get(&path, Some(&founder.token)).await.problem(Code::Malformed);
}
