//! One edit through the real server, by the size of the vault: the bytes that go up, and how long it
//! takes to be durable, against a bare SQLite transaction.

use std::time::{Duration, Instant};

use subrosa_bridge::view::{Change, Plain, Row, Scope, Secrets, Write};
use subrosa_bridge::{Reply, Request};
use subrosa_keyholder::Desk;
use subrosa_tests::platform::Staged;
use subrosa_tests::{hidden, story};

use crate::http::server;
use crate::recorder::Recorded;
use crate::team::{add, filled, key};
use crate::{Bound, report};

const SIZES: [usize; 3] = [100, 1_000, 10_000];
const EDITS: usize = 15;
const MOST_BYTES: f64 = 64.0 * 1024.0;
/// One page of the manifest, the root page, a value and a list of versions.
const BYTES: u32 = 32 << 10;

pub fn measure() {
    story(async {
        let data = tempfile::tempdir().expect("a folder");
        let running = server(data.path()).await;
        let Recorded { desk, sent } = Recorded::at(running.origin());
        let token = running.setup_token().expect("a setup token");
        let scope = filled(&desk, &token, SIZES[0]).await;
        let bound = bare_transactions();
        let (mut there, mut first) = (SIZES[0], None);
        for size in SIZES {
            if size > there {
                add(&desk, &scope, there, size).await;
            }
            there = size;
            let mut row = row(&desk, &scope, key(size / 2)).await;
            let (mut times, mut bytes) = (Vec::new(), 0);
            for round in 0..EDITS {
                sent.borrow_mut().clear();
                let start = Instant::now();
                row = edit(&desk, row, round).await;
                times.push(start.elapsed());
                bytes = bytes.max(sent.borrow().iter().map(|request| request.body.len()).sum());
            }
            times.sort();
            let time = times[EDITS / 2].as_secs_f64();
            let what = format!("one edit of {size} secrets / a SQLite transaction");
            report(&what, time / bound.as_secs_f64(), Bound::None);
            let what = format!("bytes up for one edit of {size} secrets / 64 KB");
            report(&what, bytes as f64 / MOST_BYTES, Bound::AtMost(1.0));
            let first = *first.get_or_insert(time);
            let growth = (size as f64).ln() / (SIZES[0] as f64).ln();
            let what = format!("one edit of {size} secrets / of {}", SIZES[0]);
            report(&what, time / first, Bound::AtMost(growth));
        }
    });
}

async fn row(desk: &Desk<Staged>, scope: &Scope, key: String) -> Row {
    let scope = scope.clone();
    let request = Request::Secrets { scope, filter: key, inherited: false, offset: 0, limit: 1 };
    match desk.answer(request).await {
        Ok(Reply::Secrets(Secrets { mut rows, .. })) => rows.remove(0),
        other => panic!("no secrets: {other:?}"),
    }
}

async fn edit(desk: &Desk<Staged>, row: Row, round: usize) -> Row {
    let value = Some(Plain::Text(hidden(&round.to_string())));
    let change = Change { value, ..Change::default() };
    let writes = vec![Write::Edit { secret: row.id, base: row.version, change }];
    match desk.answer(Request::Write { writes, note: String::new() }).await {
        Ok(Reply::Rows(mut rows)) => rows.remove(0),
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
