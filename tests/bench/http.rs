//! Many requests at once, and the server that they go to.

use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use subrosa_server::config::Rate;
use subrosa_server::{Config, Running, Server};
use subrosa_wire::api::CBOR;

/// A request, ready to be sent as often as one likes.
#[derive(Clone)]
pub struct Ready {
    pub method: Method,
    pub url: String,
    pub token: Option<String>,
    pub body: Vec<u8>,
}

impl Ready {
    pub async fn send(&self, http: &Client) -> Vec<u8> {
        let mut request = http.request(self.method.clone(), &self.url).body(self.body.clone());
        request = request.header("content-type", CBOR);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("an answer");
        assert!(response.status().is_success(), "{}: {}", self.url, response.status());
        response.bytes().await.expect("a body").to_vec()
    }
}

/// A server that nobody is too fast for.
pub async fn server(data: &Path) -> Running {
    let unlimited = Rate { per_second: u32::MAX, burst: u32::MAX };
    let mut config = Config::new(([127, 0, 0, 1], 0).into(), data.to_owned());
    (config.principal_rate, config.address_rate) = (unlimited, unlimited);
    Server::start(config).await.expect("the server starts")
}

/// How long it takes until each client has sent its requests, one after the other.
pub async fn all_at_once(clients: Vec<(Client, Vec<Ready>)>) -> Duration {
    let start = Instant::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|(http, requests)| {
            tokio::spawn(async move {
                for request in requests {
                    request.send(&http).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a client ends");
    }
    start.elapsed()
}
