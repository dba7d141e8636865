//! Native programs: HTTP by reqwest, the system's randomness and clock, and a device in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use getrandom::SysRng;
use rand_core::UnwrapErr;
use subrosa_wire::api::MAX_BODY;

use crate::platform::{
    CannotStore, Chunks, Host, HttpRequest, HttpResponse, Method, Storage, Streamed, Transport,
    Unreachable, Update,
};

/// A native platform whose device lasts as long as the program.
#[derive(Clone)]
pub struct Native {
    origin: String,
    http: reqwest::Client,
    device: Memory,
}

/// What a device keeps. Clones share it.
#[derive(Clone, Default)]
pub struct Memory(Rc<RefCell<BTreeMap<String, Vec<u8>>>>);

impl Native {
    /// Dials `origin`, such as `http://127.0.0.1:7373`, for the device `device`.
    #[must_use]
    pub fn new(origin: &str, device: Memory) -> Self {
        let origin = origin.trim_end_matches('/').to_owned();
        Native { origin, http: reqwest::Client::new(), device }
    }

    fn request(&self, request: HttpRequest) -> reqwest::RequestBuilder {
        let url = format!("{}{}", self.origin, request.path);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut builder = self.http.request(method, url);
        if let Some(token) = request.token {
            builder = builder.bearer_auth(token);
        }
        if !request.body.is_empty() {
            builder = builder.header("content-type", subrosa_wire::api::CBOR).body(request.body);
        }
        builder
    }
}

impl Transport for Native {
    type Chunks = reqwest::Response;

    fn origin(&self) -> String {
        self.origin.clone()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        whole(self.request(request).send().await.map_err(|_| Unreachable)?).await
    }

    async fn stream(&self, request: HttpRequest) -> Result<Streamed<Self::Chunks>, Unreachable> {
        let response = self.request(request).send().await.map_err(|_| Unreachable)?;
        if response.status().is_success() {
            return Ok(Streamed::Open(response));
        }
        whole(response).await.map(Streamed::Refused)
    }
}

async fn whole(mut response: reqwest::Response) -> Result<HttpResponse, Unreachable> {
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok());
    let status = response.status().as_u16();
    // What is longer than any message decodes as none: there is no need to read on.
    let mut body = Vec::new();
    while body.len() <= MAX_BODY
        && let Some(bytes) = response.chunk().await.map_err(|_| Unreachable)?
    {
        body.extend_from_slice(&bytes);
    }
    Ok(HttpResponse { status, body, retry_after })
}

impl Chunks for reqwest::Response {
    async fn next(&mut self) -> Option<Vec<u8>> {
        self.chunk().await.ok().flatten().map(|bytes| bytes.to_vec())
    }
}

impl Storage for Native {
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CannotStore> {
        Ok(self.device.0.borrow().get(name).cloned())
    }

    async fn update(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Update,
    ) -> Result<(), CannotStore> {
        let mut device = self.device.0.borrow_mut();
        match change(device.get(name).cloned()) {
            Update::Keep => {}
            Update::Put(bytes) => drop(device.insert(name.to_owned(), bytes)),
            Update::Remove => drop(device.remove(name)),
        }
        Ok(())
    }
}

impl Host for Native {
    type Rng = UnwrapErr<SysRng>;

    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0, |since| since.as_millis() as u64)
    }

    fn rng(&self) -> Self::Rng {
        UnwrapErr(SysRng)
    }

    async fn pause(&self, milliseconds: u32) {
        tokio::time::sleep(Duration::from_millis(milliseconds.into())).await;
    }
}
