//! How many durable pushes a second. Run by hand, in release, with `--ignored --nocapture`.

use std::time::Instant;

use futures_util::future::join_all;
use subrosa_wire::api::{Push, Pushed};
use subrosa_wire::log::Head;

use crate::principals::Founder;
use crate::world::World;
use crate::writer::Bench;

const PUSHES: usize = 2000;

fn chain(founder: &Founder, mut head: Head) -> Vec<Push> {
    let mut tree: Option<[u8; 512]> = None;
    (0..PUSHES)
        .map(|n| {
            let mut new = [0; 512];
            new[..8].copy_from_slice(&n.to_be_bytes());
            let base = tree.as_ref().map(<[u8; 512]>::as_slice);
            let push = founder.commits(head, base, &new);
            head = Head { seq: head.seq + 1, hash: push.entry.hash() };
            tree = Some(new);
            push
        })
        .collect()
}

#[tokio::test]
#[ignore = "a measurement"]
async fn one_client_that_waits_for_each_answer() {
    let (world, founder) = World::founded().await;
    let pushes = chain(&founder, founder.head(&world).await);
    let start = Instant::now();
    for push in &pushes {
        founder.pushes(&world, push).await.value::<Pushed>();
    }
    println!("{:.0} pushes/s, one after another", PUSHES as f64 / start.elapsed().as_secs_f64());
}

/// Chained entries, signed beforehand and queued 32 at a time, so that one COMMIT takes a group.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn groups_of_thirty_two() {
    let bench = Bench::founded().await;
    (0..PUSHES).for_each(|_| bench.go.send(()).unwrap());
    let head = bench.teams.get(bench.founder.team).unwrap().head();
    let pushes = chain(&bench.founder, head);
    let start = Instant::now();
    for group in pushes.chunks(32) {
        let writes = group.iter().map(|push| bench.writer.write(bench.push(push.clone())));
        for pushed in join_all(writes).await {
            pushed.unwrap();
        }
    }
    println!("{:.0} pushes/s, 32 at once", PUSHES as f64 / start.elapsed().as_secs_f64());
}
