//! An orderly end.

use reqwest::Method;
use subrosa_server::Server;
use subrosa_server::server::StartError;
use subrosa_wire::api::Pushed;
use tokio::task::JoinSet;

use crate::world::{World, config};

#[tokio::test]
async fn streams_end_and_what_was_acknowledged_is_there_after() {
    let (world, founder) = World::founded().await;
    let path = founder.path("events");
    let mut stream = world.request(Method::GET, &path, Some(&founder.token)).send().await.unwrap();
    let push = founder.commits(founder.head(&world).await, None, b"tree");
    let head = founder.pushes(&world, &push).await.value::<Pushed>().head;
    assert!(stream.chunk().await.unwrap().is_some());

    let World { running, data, .. } = world;
    running.shutdown().await;
    assert_eq!(stream.chunk().await.unwrap(), None);
    let wal = std::fs::metadata(data.path().join("subrosa.db-wal")).map_or(0, |wal| wal.len());
    assert_eq!(wal, 0, "the write-ahead log is in the database");

    let world = World::on(data, |_| {}).await;
    let founder = founder.signed_in(&world).await;
    assert_eq!(founder.head(&world).await, head);
}

#[tokio::test]
async fn requests_under_way_are_answered_or_never_happened() {
    let (world, founder) = World::founded().await;
    let base = founder.head(&world).await;
    let mut pushes = JoinSet::new();
    for n in 0..16_u8 {
        let push = founder.commits(base, None, &[n]);
        let request = world.request(Method::POST, &founder.path("log"), Some(&founder.token));
        let body = subrosa_wire::encoding::encode(&push);
        let request = request.header("content-type", subrosa_wire::api::CBOR).body(body);
        pushes.spawn(async move { (push, request.send().await.map(|reply| reply.status())) });
    }
    let World { running, data, .. } = world;
    running.shutdown().await;
    let world = World::on(data, |_| {}).await;
    let founder = founder.signed_in(&world).await;
    let log = founder.log(&world).await;
    let answers = pushes.join_all().await;
    let acknowledged = answers.iter().filter(|(_, it)| it.as_ref().is_ok_and(|it| *it == 200));
    for (push, _) in acknowledged {
        assert_eq!(log.last(), Some(&push.entry));
    }
}

#[tokio::test]
async fn one_folder_has_one_server() {
    let world = World::empty().await;
    let second = Server::start(config(&world.data)).await;
    assert!(matches!(second, Err(StartError::Locked)));
}

#[tokio::test]
async fn a_doctored_log_is_not_served() {
    let (world, _founder) = World::founded().await;
    let World { running, data, .. } = world;
    running.shutdown().await;
    let path = data.path().join("subrosa.db");
    let database = rusqlite::Connection::open(path).unwrap();
    database.execute("DELETE FROM entries WHERE seq = 0", []).unwrap();
    drop(database);
    let started = Server::start(config(&data)).await;
    assert!(matches!(started, Err(StartError::Log(_))));
}
