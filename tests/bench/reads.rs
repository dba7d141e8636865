//! Reading a team of 1,000 secrets, against a bare axum handler that returns the same bytes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::any;
use reqwest::{Client, Method};
use subrosa_bridge::Request;
use subrosa_client::HttpRequest;
use subrosa_tests::{PASSWORD, hidden, story};

use crate::http::{Ready, all_at_once, server};
use crate::recorder::Recorded;
use crate::team::filled;
use crate::{Bound, report};

const SECRETS: usize = 1_000;
const CLIENTS: usize = 8;
/// How often each client reads the team.
const TIMES: usize = 20;
const ROUNDS: usize = 7;

pub fn measure() {
    story(async {
        let data = tempfile::tempdir().expect("a folder");
        let running = server(data.path()).await;
        let token = running.setup_token().expect("a setup token");
        let desk = Recorded::at(running.origin());
        filled(&desk.desk, &token, SECRETS).await;
        desk.sent.borrow_mut().clear();
        let unlock = Request::Unlock { password: hidden(PASSWORD), team: None };
        desk.desk.answer(unlock).await.expect("unlocks");
        let ours = of_the_team(&desk.sent.borrow(), running.origin());
        assert!(ours.len() >= 3, "the log, the wraps and the pages");

        let http = Client::new();
        let mut bodies = Vec::new();
        for request in &ours {
            bodies.push(Bytes::from(request.send(&http).await));
        }
        let bare = bare_handler(bodies).await;
        let theirs: Vec<Ready> = ours
            .iter()
            .enumerate()
            .map(|(number, request)| Ready { url: format!("{bare}/{number}"), ..request.clone() })
            .collect();
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let (bound, us) = (load(&theirs).await, load(&ours).await);
            ratios.push(bound.as_secs_f64() / us.as_secs_f64());
        }
        ratios.sort_by(f64::total_cmp);
        let what = "reads of a team of 1,000 secrets / a bare handler";
        report(what, ratios[ROUNDS / 2], Bound::AtLeast(0.3));
    });
}

async fn load(requests: &[Ready]) -> Duration {
    let each = || requests.iter().cycle().take(requests.len() * TIMES).cloned().collect();
    all_at_once((0..CLIENTS).map(|_| (Client::new(), each())).collect()).await
}

/// Serves `bodies` by number.
async fn bare_handler(bodies: Vec<Bytes>) -> String {
    let handler = async |State(bodies): State<Arc<Vec<Bytes>>>,
                         Path(number): Path<usize>,
                         _: Bytes| { bodies[number].clone() };
    let router = Router::new().route("/{number}", any(handler)).with_state(Arc::new(bodies));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// What was asked of the team, ready to be asked again.
fn of_the_team(sent: &[HttpRequest], origin: &str) -> Vec<Ready> {
    sent.iter()
        .filter(|request| request.path.starts_with("/v1/teams/"))
        .map(|request| Ready {
            method: Method::from_bytes(request.method.name().as_bytes()).expect("a method"),
            url: format!("{origin}{}", request.path),
            token: request.token.clone(),
            body: request.body.clone(),
        })
        .collect()
}
