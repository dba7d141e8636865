//! `/v1/teams/{team}/log`.

use std::sync::Arc;

use reqwest::Method;
use subrosa_server::turns::LOST;
use subrosa_wire::api::{Code, LOG_PAGE, LogPage, Push, Pushed};
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::log::{Entry, Head, Op, SignedEntry};
use subrosa_wire::object::{MAX_SEALED, Upload};
use subrosa_wire::team::Team;
use tokio::task::JoinSet;

use crate::principals::Founder;
use crate::world::World;

#[tokio::test]
async fn an_entry_is_appended_and_read_back() {
    let (world, founder) = World::founded().await;
    let push = founder.commits(founder.head(&world).await, None, b"tree");
    let pushed: Pushed = founder.pushes(&world, &push).await.value();
    assert_eq!(pushed.head, Head { seq: 2, hash: push.entry.hash() });
    let log = founder.log(&world).await;
    assert_eq!((log.len(), &log[0], &log[2]), (3, &founder.genesis, &push.entry));

    let page: LogPage = world.get(&founder.path("log?after=2"), Some(&founder.token)).await.value();
    assert_eq!((page.entries.len(), page.last), (0, 2));
    let beyond = founder.path("log?after=18446744073709551615");
    let page: LogPage = world.get(&beyond, Some(&founder.token)).await.value();
    assert_eq!((page.entries.len(), page.last), (0, 2));
}

#[tokio::test]
async fn the_same_entry_again_is_answered_as_the_first_time() {
    let (world, founder) = World::founded().await;
    let first = founder.commits(founder.head(&world).await, None, b"1");
    let head = founder.pushes(&world, &first).await.value::<Pushed>().head;
    let second = founder.commits(head, Some(b"1"), b"2");
    founder.pushes(&world, &second).await.ok();
    assert_eq!(founder.pushes(&world, &first).await.value::<Pushed>().head, head);
    assert_eq!(founder.log(&world).await.len(), 4);
}

#[tokio::test]
async fn a_loser_gets_what_it_missed() {
    let (world, founder) = World::founded().await;
    let base = founder.head(&world).await;
    let winner = founder.commits(base, None, b"winner");
    founder.pushes(&world, &winner).await.ok();
    let reply = founder.pushes(&world, &founder.commits(base, None, b"loser")).await;
    let missed: LogPage = reply.value_of(Code::Conflict);
    assert_eq!((missed.entries, missed.last), (vec![winner.entry], 2));
}

#[tokio::test]
async fn whoever_loses_races_gets_a_turn_and_what_an_owner_takes_away_waits_for_none() {
    let (world, founder) = World::founded().await;
    let other = Founder { token: founder.member().token(&world).await, ..Founder::new() };
    let genesis = founder.genesis_head();
    let (mut base, mut tree) = (founder.head(&world).await, None);
    for round in 0..5 {
        for _ in 0..LOST {
            let late = founder.creates(genesis, VaultId::from_random([9; 16]));
            founder.pushes(&world, &late).await.value_of::<LogPage>(Code::Conflict);
        }
        let [mine, theirs] = [[round, 1], [round, 2]];
        let before = tree.as_ref().map(<[u8; 2]>::as_slice);
        let (fast, slow) =
            (other.commits(base, before, &theirs), founder.commits(base, before, &mine));
        let (fast, slow) = tokio::join!(other.pushes(&world, &fast), founder.pushes(&world, &slow));
        fast.value_of::<LogPage>(Code::Conflict);
        (base, tree) = (slow.value::<Pushed>().head, Some(mine));
    }
    // A turn that lasts for some seconds, for what was lost is large.
    let large = founder.commits(genesis, None, &vec![0; 1 << 20]);
    for _ in 0..LOST {
        founder.pushes(&world, &large).await.value_of::<LogPage>(Code::Conflict);
    }
    let any = other.commits(base, tree.as_ref().map(<[u8; 2]>::as_slice), b"any");
    let entry = other.signs(base, vec![Op::Remove(MemberId::from_random([8; 16]))]);
    let removal = Push { entry, wraps: vec![], objects: vec![] };
    tokio::select! {
        biased;
        _ = other.pushes(&world, &any) => panic!("it is another's turn"),
        refused = other.pushes(&world, &removal) => refused.problem(Code::Rejected),
    };
}

#[tokio::test]
async fn of_eight_who_race_one_wins_each_round_and_nothing_is_lost() {
    const RACERS: usize = 8;
    const ROUNDS: usize = 12;
    let (world, founder) = World::founded().await;
    let (world, founder) = (Arc::new(world), Arc::new(founder));
    let mut base = founder.head(&world).await;
    let mut tree: Option<Vec<u8>> = None;
    for round in 0..ROUNDS {
        let mut race = JoinSet::new();
        for racer in 0..RACERS {
            let new = format!("{round} {racer}").into_bytes();
            let push = founder.commits(base, tree.as_deref(), &new);
            let (world, founder) = (world.clone(), founder.clone());
            race.spawn(async move { (new, push.clone(), founder.pushes(&world, &push).await) });
        }
        let mut winners = Vec::new();
        let mut losers = Vec::new();
        for (new, push, reply) in race.join_all().await {
            match reply.status {
                200 => winners.push((new, push.entry, reply.value::<Pushed>().head)),
                _ => losers.push(reply.value_of::<LogPage>(Code::Conflict)),
            }
        }
        let [(new, entry, head)] = <[_; 1]>::try_from(winners).unwrap();
        assert_eq!(losers.len(), RACERS - 1);
        for missed in losers {
            assert_eq!((missed.entries, missed.last), (vec![entry.clone()], head.seq));
        }
        (base, tree) = (head, Some(new));
    }
    let log = founder.log(&world).await;
    assert_eq!(log.len(), 2 + ROUNDS);
    let mut team = Team::found(&log[0]).unwrap();
    log[1..].iter().for_each(|entry| drop(team.extend(entry).unwrap()));
    assert_eq!(team.head(), base);
}

#[tokio::test]
async fn a_refused_push_changes_nothing() {
    let (world, founder) = World::founded().await;
    let head = founder.head(&world).await;
    let good = founder.commits(head, None, b"tree");

    let mut no_tree = good.clone();
    no_tree.objects.clear();
    founder.pushes(&world, &no_tree).await.problem(Code::Rejected);
    let bad_base = founder.commits(head, Some(b"never"), b"tree");
    founder.pushes(&world, &bad_base).await.problem(Code::Rejected);
    let mut no_wraps = founder.creates(head, VaultId::from_random([5; 16]));
    no_wraps.wraps.pop();
    founder.pushes(&world, &no_wraps).await.problem(Code::Rejected);
    let ahead = founder.commits(Head { seq: 9, hash: Hash([9; 32]) }, None, b"tree");
    founder.pushes(&world, &ahead).await.problem(Code::Rejected);
    let fork = founder.commits(Head { seq: 0, hash: Hash([9; 32]) }, None, b"tree");
    founder.pushes(&world, &fork).await.problem(Code::Rejected);
    let empty = Push { entry: founder.signs(head, vec![]), wraps: vec![], objects: vec![] };
    founder.pushes(&world, &empty).await.problem(Code::Rejected);

    let mut elsewhere = good.clone();
    elsewhere.objects[0].vault = VaultId::from_random([5; 16]);
    founder.pushes(&world, &elsewhere).await.problem(Code::Forbidden);
    let mut too_large = good.clone();
    let sealed = vec![0; MAX_SEALED + 1].into();
    too_large.objects.push(Upload { vault: founder.directory, sealed });
    founder.pushes(&world, &too_large).await.problem(Code::TooLarge);
    let forged =
        SignedEntry::new(&Entry::after(founder.team, head, founder.id, 0, vec![]), |bytes| {
            founder.root_keys.sign(bytes)
        });
    let forged = Push { entry: forged, ..good.clone() };
    founder.pushes(&world, &forged).await.problem(Code::Rejected);

    assert_eq!(founder.head(&world).await, head);
    founder.pushes(&world, &good).await.ok();
}

#[tokio::test]
async fn a_tree_may_be_there_already_but_only_under_its_vault() {
    let (world, founder) = World::founded().await;
    let head = founder.head(&world).await;
    let one = founder.commits(head, None, b"1");
    let head = founder.pushes(&world, &one).await.value::<Pushed>().head;
    let two = founder.commits(head, Some(b"1"), b"2");
    let head = founder.pushes(&world, &two).await.value::<Pushed>().head;
    let mut back = founder.commits(head, Some(b"2"), b"1");
    back.objects.clear();
    let head = founder.pushes(&world, &back).await.value::<Pushed>().head;

    let other = VaultId::from_random([5; 16]);
    let head = founder.pushes(&world, &founder.creates(head, other)).await.value::<Pushed>().head;
    let elsewhere = Founder { directory: other, ..Founder::new() };
    let mut borrowed = elsewhere.commits(head, None, b"1");
    borrowed.objects.clear();
    founder.pushes(&world, &borrowed).await.problem(Code::Rejected);
    founder.pushes(&world, &elsewhere.commits(head, None, b"1")).await.ok();
}

#[tokio::test]
async fn nobody_posts_for_another() {
    let (world, founder) = World::founded().await;
    let push = founder.commits(founder.head(&world).await, None, b"tree");
    let root = founder.root().token(&world).await;
    let path = founder.path("log");
    world.post(&path, Some(&root), &push).await.problem(Code::Forbidden);
    world.post(&path, None, &push).await.problem(Code::Unauthorized);
    world.get(&path, None).await.problem(Code::Unauthorized);
    let unknown = format!("/v1/teams/{}/log", TeamId(Hash([6; 32])));
    world.get(&unknown, Some(&founder.token)).await.problem(Code::NotFound);
    world.get("/v1/teams/x/log", Some(&founder.token)).await.problem(Code::NotFound);
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let (world, founder) = World::founded().await;
    let (path, token) = (founder.path("log"), Some(founder.token.as_str()));
    world.send(Method::POST, &path, token, vec![0x80]).await.problem(Code::Malformed);
    for query in ["after=", "after=-1", "after=1&after=2", "before=1"] {
        world.get(&founder.path(&format!("log?{query}")), token).await.problem(Code::Malformed);
    }
    let long = vec![0; (16 << 20) + 1];
    world.send(Method::POST, &path, token, long).await.problem(Code::TooLarge);
}

#[tokio::test]
async fn a_long_log_comes_in_pages() {
    let (world, founder) = World::founded().await;
    let (mut head, mut tree) = (founder.head(&world).await, None);
    for n in 0..LOG_PAGE as u64 + 5 {
        let new = n.to_be_bytes();
        let push = founder.commits(head, tree.as_ref().map(<[u8; 8]>::as_slice), &new);
        (head, tree) = (founder.pushes(&world, &push).await.value::<Pushed>().head, Some(new));
    }
    let page: LogPage = world.get(&founder.path("log"), Some(&founder.token)).await.value();
    assert_eq!((page.entries.len(), page.last), (LOG_PAGE, head.seq));
    assert_eq!(founder.head(&world).await, head);
}

#[tokio::test]
async fn a_team_has_a_quota() {
    let (world, founder) = World::founded_with(|config| config.quota = 100_000).await;
    let head = founder.head(&world).await;
    let big = founder.commits(head, None, &[0; 100_000]);
    founder.pushes(&world, &big).await.problem(Code::Quota);
    founder.pushes(&world, &founder.commits(head, None, b"small")).await.ok();
}
