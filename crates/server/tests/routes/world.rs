//! A server of the test's own, and requests to it.

use std::net::{Ipv4Addr, SocketAddr};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response};
use subrosa_server::config::Rate;
use subrosa_server::{Config, Running, Server};
use subrosa_wire::api::{CBOR, Code};
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use tempfile::TempDir;

use crate::principals::Founder;

/// Rates that no test meets unless it is about them.
const PLENTY: Rate = Rate { per_second: 1_000_000, burst: 1_000_000 };

pub struct World {
    pub running: Running,
    pub data: TempDir,
    pub http: reqwest::Client,
}

/// A reply, read whole.
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

pub fn config(data: &TempDir) -> Config {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config::new(any, data.path().to_owned());
    Config { principal_rate: PLENTY, address_rate: PLENTY, ..config }
}

impl World {
    /// A server without a team.
    pub async fn empty() -> World {
        World::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> World {
        World::on(TempDir::new().unwrap(), change).await
    }

    /// A server on a folder that may have been used before.
    pub async fn on(data: TempDir, change: impl FnOnce(&mut Config)) -> World {
        let mut config = config(&data);
        change(&mut config);
        let running = Server::start(config).await.unwrap();
        World { running, data, http: reqwest::Client::new() }
    }

    /// A server with a team, and its founder with a session.
    pub async fn founded() -> (World, Founder) {
        World::founded_with(|_| {}).await
    }

    pub async fn founded_with(change: impl FnOnce(&mut Config)) -> (World, Founder) {
        let world = World::with(change).await;
        let founder = Founder::new();
        let token = world.running.setup_token().unwrap();
        world.post("/v1/teams", None, &founder.foundation(&token)).await.ok();
        let founder = founder.signed_in(&world).await;
        (world, founder)
    }

    /// Stops the server and starts it again on the same folder. Sessions are gone.
    pub async fn restarted(self) -> World {
        self.running.shutdown().await;
        World::on(self.data, |_| {}).await
    }

    pub fn request(&self, method: Method, path: &str, token: Option<&str>) -> RequestBuilder {
        let url = format!("{}{path}", self.running.origin());
        let request = self.http.request(method, url);
        match token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Reply {
        Reply::of(self.request(Method::GET, path, token)).await
    }

    pub async fn post(&self, path: &str, token: Option<&str>, body: &impl Canonical) -> Reply {
        self.send(Method::POST, path, token, encode(body)).await
    }

    pub async fn put(&self, path: &str, token: Option<&str>, body: &impl Canonical) -> Reply {
        self.send(Method::PUT, path, token, encode(body)).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Vec<u8>,
    ) -> Reply {
        Reply::of(self.request(method, path, token).header(CONTENT_TYPE, CBOR).body(body)).await
    }
}

impl Reply {
    pub async fn of(request: RequestBuilder) -> Reply {
        Reply::read(request.send().await.unwrap()).await
    }

    pub async fn read(response: Response) -> Reply {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Reply { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    #[track_caller]
    pub fn ok(&self) {
        let said = String::from_utf8_lossy(&self.body);
        assert!(matches!(self.status, 200 | 204), "{} {said}", self.status);
    }

    #[track_caller]
    pub fn value<T: Canonical>(&self) -> T {
        self.ok();
        assert_eq!(self.headers[CONTENT_TYPE], CBOR);
        decode_strict(&self.body).unwrap()
    }

    /// The CBOR body of a 409 or a 412.
    #[track_caller]
    pub fn value_of<T: Canonical>(&self, code: Code) -> T {
        assert_eq!(self.status, code.status(), "{}", String::from_utf8_lossy(&self.body));
        decode_strict(&self.body).unwrap()
    }

    #[track_caller]
    pub fn problem(&self, code: Code) {
        let said = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, code.status(), "{said}");
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert!(said.contains(&format!("\"code\":\"{}\"", code.text())), "{said}");
    }
}
