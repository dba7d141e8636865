//! One edit through the real server, by the size of the vault: how long it takes to be durable,
//! against a bare SQLite transaction.

use std::time::{Duration, Instant};

use subrosa_bridge::view::{Change, Row, Scope, Secrets};
use subrosa_bridge::{Reply, Request};
use subrosa_client::native::{Memory, Native};
use subrosa_keyholder::Desk;
use subrosa_tests::{hidden, story};

use crate::http::server;
use crate::team::{add, filled, key};
use crate::{Bound, report};

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const EDITS: usize = 15;
/// One page of the manifest, the root page, a value and a list of versions.
const BYTES: u32 = 32 << 10;

pub fn measure() {
    story(async {
        let data = tempfile::tempdir().expect("a folder");
        let running = server(data.path()).await;
        let desk = Desk::new(Native::new(running.origin(), Memory::default()), |_| {});
        let token = running.setup_token().expect("a setup token");
        let scope = filled(&desk, &token, SIZES[0]).await;
        let bound = bare_transactions();
        let mut there = SIZES[0];
        for size in SIZES {
            if size > there {
                add(&desk, &scope, there, size).await;
            }
            there = size;
            let mut row = row(&desk, &scope, key(size / 2)).await;
            let mut times = Vec::new();
            for round in 0..EDITS {
                let start = Instant::now();
                row = edit(&desk, row, round).await;
                times.push(start.elapsed());
            }
            times.sort();
            let ratio = times[EDITS / 2].as_secs_f64() / bound.as_secs_f64();
            report(
                &format!("one edit of {size} secrets / a SQLite transaction"),
                ratio,
                Bound::None,
            );
        }
    });
}

async fn row(desk: &Desk<Native>, scope: &Scope, key: String) -> Row {
    let scope = scope.clone();
    let request = Request::Secrets { scope, filter: key, inherited: false, offset: 0, limit: 1 };
    match desk.answer(request).await {
        Ok(Reply::Secrets(Secrets { mut rows, .. })) => rows.remove(0),
        other => panic!("no secrets: {other:?}"),
    }
}

async fn edit(desk: &Desk<Native>, row: Row, round: usize) -> Row {
    let change = Change { value: Some(hidden(&round.to_string())), ..Change::default() };
    let request = Request::EditSecret { secret: row.id, base: row.version, change };
    match desk.answer(request).await {
        Ok(Reply::Row(row)) => *row,
        other => panic!("no edit: {other:?}"),
    }
}

/// The median of bare transactions, one after another, synchronous=FULL in WAL mode.
fn bare_transactions() -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let database = rusqlite::Connection::open(folder.path().join("bare.sqlite")).expect("opens");
    let made = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (b BLOB);";
    database.execute_batch(made).expect("made");
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            database.execute("INSERT INTO t VALUES (zeroblob(?))", [BYTES]).expect("inserts");
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
