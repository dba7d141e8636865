//! Connections on which nothing comes, and more of them than there is room for. Time is the tests'
//! own: where everybody waits, it passes at once.

use std::time::Duration;

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::world::World;

/// Longer than the server waits for a request.
const LONG: Duration = Duration::from_secs(600);
const HALF_A_HEAD: &str = "GET /healthz HTTP/1.1\r\nhost: secrets.example\r\n";

async fn dial(world: &World, says: &str) -> TcpStream {
    let mut stream = TcpStream::connect(world.running.address()).await.unwrap();
    stream.write_all(says.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the server ends the connection, which it does.
async fn rest(mut stream: TcpStream) -> String {
    let mut said = String::new();
    timeout(LONG, stream.read_to_string(&mut said)).await.unwrap().unwrap();
    said
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_nothing_or_half_a_head_is_hung_up_on() {
    let world = World::empty().await;
    for says in ["", HALF_A_HEAD] {
        assert_eq!(rest(dial(&world, says).await).await, "");
    }
    let whole = format!("{HALF_A_HEAD}\r\n");
    let said = rest(dial(&world, &whole).await).await;
    assert!(said.starts_with("HTTP/1.1 200"), "answered, and hung up on after: {said}");
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_goes_on_is_not_hung_up_on() {
    let (world, founder) = World::founded().await;
    let path = founder.path("events");
    let mut stream = world.request(Method::GET, &path, Some(&founder.token)).send().await.unwrap();
    let start = Instant::now();
    while start.elapsed() < LONG {
        assert!(stream.chunk().await.unwrap().is_some(), "after {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn who_finds_all_places_taken_waits_for_one() {
    let world = World::with(|config| config.connections = 1).await;
    let start = Instant::now();
    let first = dial(&world, HALF_A_HEAD).await;
    let second = dial(&world, &format!("{HALF_A_HEAD}connection: close\r\n\r\n")).await;
    assert!(rest(second).await.starts_with("HTTP/1.1 200"));
    assert!(start.elapsed() > LONG / 10, "until the first was hung up on");
    assert_eq!(rest(first).await, "");
}
