//! What the engine needs from where it runs.

use rand_core::CryptoRng;

/// The method of an HTTP request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The method's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// A request to the server.
#[derive(Clone)]
pub struct HttpRequest {
    /// Method.
    pub method: Method,
    /// Path and query, from `/v1`.
    pub path: String,
    /// Bearer token.
    pub token: Option<String>,
    /// CBOR.
    pub body: Vec<u8>,
}

/// Its reply.
pub struct HttpResponse {
    /// Status.
    pub status: u16,
    /// CBOR or a problem document, by status.
    pub body: Vec<u8>,
    /// Seconds after which to try again, where the server said so.
    pub retry_after: Option<u32>,
}

/// What asking for a stream yields.
pub enum Streamed<C> {
    /// It goes on.
    Open(C),
    /// The server refuses.
    Refused(HttpResponse),
}

/// No reply: whether the request had an effect is unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the server cannot be reached")]
pub struct Unreachable;

/// Carries requests.
#[expect(async_fn_in_trait, reason = "one thread in the browser and in native programs")]
pub trait Transport {
    /// A stream of bytes.
    type Chunks: Chunks;

    /// The origin that is dialled, such as `https://secrets.example`.
    fn origin(&self) -> String;

    /// Sends a request and waits for the whole reply.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable>;

    /// Opens a reply that goes on; a refusal comes whole, as from [`Transport::send`].
    async fn stream(&self, request: HttpRequest) -> Result<Streamed<Self::Chunks>, Unreachable>;
}

/// A reply that goes on.
#[expect(async_fn_in_trait, reason = "one thread in the browser and in native programs")]
pub trait Chunks {
    /// The next bytes; `None` at the end, or when the connection broke.
    async fn next(&mut self) -> Option<Vec<u8>>;
}

/// The device's storage does not take or give what must be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("this device's storage cannot be read or written")]
pub struct CannotStore;

/// What becomes of a stored value.
pub enum Update {
    /// It stays.
    Keep,
    /// It is replaced.
    Put(Vec<u8>),
    /// It goes.
    Remove,
}

/// Keeps a few small values durably on this device.
#[expect(async_fn_in_trait, reason = "one thread in the browser and in native programs")]
pub trait Storage {
    /// The value under `name`.
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CannotStore>;

    /// Replaces the value under `name` by what `change` makes of it. Nobody else, in this or
    /// another tab, changes it in between; when this returns, the change survives a crash.
    async fn update(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Update,
    ) -> Result<(), CannotStore>;
}

/// Clock, timer and randomness.
#[expect(async_fn_in_trait, reason = "one thread in the browser and in native programs")]
pub trait Host {
    /// A generator that is fit for keys.
    type Rng: CryptoRng;

    /// Milliseconds since 1970.
    fn now(&self) -> u64;

    /// The generator.
    fn rng(&self) -> Self::Rng;

    /// Waits.
    async fn pause(&self, milliseconds: u32);
}

/// All three.
pub trait Platform: Transport + Storage + Host {}

impl<P: Transport + Storage + Host> Platform for P {}
