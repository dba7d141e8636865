//! One edit through the real server: bytes up by the size of the vault, and how long it takes to be
//! durable against a bare SQLite transaction.

use std::time::{Duration, Instant};

use subrosa_bridge::view::{ImportChoice, Row};
use subrosa_bridge::{Reply, Request};
use subrosa_tests::{Person, Stage, hidden, story};

use crate::report;

pub fn measure() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let bound = bare_transactions();
        let mut there = 0;
        for size in [100, 1_000, 10_000] {
            fill(&ada, &environment, there, size).await;
            there = size;
            let mut row = ada.row(&environment, &key(size / 2)).await;
            let mut times = Vec::new();
            for round in 0..15 {
                let start = Instant::now();
                row = edit(&ada, row, round).await;
                times.push(start.elapsed());
            }
            times.sort();
            let ratio = times[times.len() / 2].as_secs_f64() / bound.as_secs_f64();
            report(&format!("one edit of {size} secrets / a SQLite transaction"), ratio, None);
        }
    });
}

fn key(number: usize) -> String {
    format!("KEY_{number:060}")
}

async fn edit(ada: &Person, row: Row, round: usize) -> Row {
    ada.edit(&row, &round.to_string()).await.expect("an edit")
}

async fn fill(ada: &Person, scope: &subrosa_bridge::view::Scope, from: usize, to: usize) {
    let text: String = (from..to).map(|number| format!("{}=value\n", key(number))).collect();
    let read = Request::ReadImport { scope: scope.clone(), text: hidden(&text) };
    ada.ask(read).await.expect("an import");
    let choice = |number: usize| ImportChoice { line: number - from + 1, key: key(number) };
    let choices = (from..to).map(choice).collect();
    let written = ada.ask(Request::ApplyImport { choices }).await;
    assert_eq!(written, Ok(Reply::Written(to - from)));
}

/// The median of bare transactions of 32 KB, one after another, synchronous=FULL in WAL mode.
fn bare_transactions() -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let database = rusqlite::Connection::open(folder.path().join("bare.sqlite")).expect("opens");
    let made = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (b BLOB);";
    database.execute_batch(made).expect("made");
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            database.execute("INSERT INTO t VALUES (zeroblob(32768))", []).expect("inserts");
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
