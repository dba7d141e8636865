//! Durable pushes a second over HTTP, against a bare loop of one SQLite transaction each.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use subrosa_server::Running;
use subrosa_server::store::sqlite::Sqlite;
use subrosa_server::store::{Setup, Store};
use subrosa_wire::api::{Challenge, OpenSession, Principal, Push, SessionClaim, SessionOpened};
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::Hash;

use crate::http::{Ready, all_at_once, server};
use crate::raw_team::RawTeam;
use crate::{Bound, report};

/// A log takes one entry after the other, so each client has a team of its own.
const CLIENTS: u8 = 32;
const ROUNDS: usize = 5;
/// Pushes of one client alone, and of each of many.
const ALONE: usize = 200;
const EACH: usize = 60;

pub fn measure() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (bare, alone, many) = runtime.block_on(rates());
    report("durable pushes, 1 client / SQLite transactions", alone / bare, Bound::None);
    report("durable pushes, 32 clients / SQLite transactions", many / bare, Bound::AtLeast(5.0));
}

/// A second: bare transactions, pushes of one client, pushes of many.
async fn rates() -> (f64, f64, f64) {
    let data = tempfile::tempdir().expect("a folder");
    let running = server(data.path()).await;
    let mut teams = Vec::new();
    for number in 0..CLIENTS {
        teams.push(Team::found(&running, data.path(), number).await);
    }
    let (mut bare, mut alone, mut many) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let bodies: Vec<Vec<u8>> = (0..ALONE).map(|_| teams[0].body()).collect();
        bare.push(rate(ALONE, bare_transactions(&bodies)));
        let requests = bodies.into_iter().map(|body| teams[0].request(body)).collect();
        alone.push(rate(ALONE, all_at_once(vec![(teams[0].http.clone(), requests)]).await));
        let clients = teams
            .iter_mut()
            .map(|team| {
                let bodies: Vec<_> = (0..EACH).map(|_| team.body()).collect();
                let requests = bodies.into_iter().map(|body| team.request(body)).collect();
                (team.http.clone(), requests)
            })
            .collect();
        many.push(rate(EACH * usize::from(CLIENTS), all_at_once(clients).await));
    }
    running.shutdown().await;
    (median(bare), median(alone), median(many))
}

struct Team {
    raw: RawTeam,
    http: Client,
    url: String,
    token: String,
}

impl Team {
    async fn found(running: &Running, data: &Path, number: u8) -> Self {
        // The server founds one team by its link; here it is given another each time.
        let token = format!("token {number}");
        let mut written = Ok(());
        let setup = Setup { hash: Hash::of(token.as_bytes()), used: false };
        Sqlite::open(&data.join("subrosa.db"), None)
            .and_then(|store| store.write(&mut |tx| written = tx.set_setup(setup)))
            .expect("another setup token");
        written.expect("another setup token");

        let (mut raw, http) = (RawTeam::new(number), Client::new());
        let origin = running.origin();
        let post = |path: &str, body| Ready {
            method: Method::POST,
            url: format!("{origin}{path}"),
            token: None,
            body,
        };
        post("/v1/teams", encode(&raw.foundation(token))).send(&http).await;
        let challenge: Challenge = read(&post("/v1/challenges", vec![]).send(&http).await);
        let claim = SessionClaim {
            principal: Principal::Member(raw.id(), raw.author),
            server_nonce: challenge.nonce,
            client_nonce: [5; 32],
            origin: origin.to_owned(),
        };
        let signature = raw.keyset.sign(&claim.to_sign());
        let open = post("/v1/sessions", encode(&OpenSession { claim, signature }));
        let token = read::<SessionOpened>(&open.send(&http).await).token;
        let url = format!("{origin}/v1/teams/{}/log", raw.id());
        Team { raw, http, url, token }
    }

    fn body(&mut self) -> Vec<u8> {
        encode::<Push>(&self.raw.commit())
    }

    fn request(&self, body: Vec<u8>) -> Ready {
        let (url, token) = (self.url.clone(), Some(self.token.clone()));
        Ready { method: Method::POST, url, token, body }
    }
}

fn read<T: Canonical>(bytes: &[u8]) -> T {
    decode_strict(bytes).expect("an answer")
}

/// The same bytes, one transaction each, synchronous=FULL in WAL mode.
fn bare_transactions(bodies: &[Vec<u8>]) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let database = rusqlite::Connection::open(folder.path().join("bare.sqlite")).expect("opens");
    let made = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (b BLOB);";
    database.execute_batch(made).expect("made");
    let start = Instant::now();
    for body in bodies {
        database.execute("INSERT INTO t VALUES (?)", [body]).expect("inserts");
    }
    start.elapsed()
}

fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
