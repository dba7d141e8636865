//! A disk that is full or read-only: nothing is lost, and everything works again afterwards.

use subrosa_wire::api::{Code, LogPage, Pushed};

use crate::world::World;

#[tokio::test]
async fn a_full_disk_refuses_writes_and_loses_nothing() {
    let (world, founder) = World::founded().await;
    let (mut head, mut tree) = (founder.head(&world).await, None::<Vec<u8>>);
    // A bound below the present size means: not one page more.
    world.running.set_max_pages(1).unwrap();
    let mut refused = None;
    for n in 0..100_u8 {
        let new = vec![n; 3000];
        let push = founder.commits(head, tree.as_deref(), &new);
        let reply = founder.pushes(&world, &push).await;
        if reply.status != 200 {
            reply.problem(Code::Storage);
            refused = Some((push, new));
            break;
        }
        (head, tree) = (reply.value::<Pushed>().head, Some(new));
    }
    let (push, new) = refused.unwrap();
    founder.pushes(&world, &push).await.problem(Code::Storage);
    assert_eq!(founder.head(&world).await, head);
    assert_eq!(world.get("/healthz", None).await.status, 200);

    world.running.set_max_pages(1 << 20).unwrap();
    let head = founder.pushes(&world, &push).await.value::<Pushed>().head;
    let push = founder.commits(head, Some(&new), b"and on");
    let head = founder.pushes(&world, &push).await.value::<Pushed>().head;

    let world = world.restarted().await;
    let founder = founder.signed_in(&world).await;
    assert_eq!(founder.head(&world).await, head);
    let page: LogPage = world.get(&founder.path("log"), Some(&founder.token)).await.value();
    assert_eq!(page.last, head.seq);
}

#[tokio::test]
async fn a_read_only_disk_refuses_writes_and_answers_reads() {
    let (world, founder) = World::founded().await;
    let head = founder.head(&world).await;
    let push = founder.commits(head, None, b"tree");
    world.running.set_read_only(true).unwrap();
    founder.pushes(&world, &push).await.problem(Code::Storage);
    // More than once: a write that failed leaves nothing open behind it.
    founder.pushes(&world, &push).await.problem(Code::Storage);
    assert_eq!(founder.head(&world).await, head);
    assert_eq!(world.get("/healthz", None).await.status, 200);
    world.running.set_read_only(false).unwrap();
    let head = founder.pushes(&world, &push).await.value::<Pushed>().head;
    assert_eq!(founder.head(&world).await, head);
}
