//! CBOR bodies: capped, timed, counted against the memory for all bodies, strictly decoded.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use subrosa_wire::api::{CBOR, Code};
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::caller::SignedIn;
use crate::problem::Problem;

/// How long a client may take to send a body.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bodies at least this long are decoded beside the threads that serve, in bytes.
const LONG: usize = 256 << 10;
/// What a permit stands for, in bytes. Bodies up to this length need none.
const UNIT: usize = 64 << 10;
/// The bodies of whoever is signed in: 256 MiB at once.
const SIGNED_IN: usize = 4096;
/// The bodies of strangers, who may be slow on purpose: 64 MiB at once.
const STRANGERS: usize = 1024;

/// The memory for long bodies, so that strangers cannot use up that of members.
pub struct Bodies {
    signed_in: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
}

impl Default for Bodies {
    fn default() -> Self {
        let [signed_in, strangers] =
            [SIGNED_IN, STRANGERS].map(|units| Arc::new(Semaphore::new(units)));
        Bodies { signed_in, strangers }
    }
}

impl Bodies {
    async fn share(
        &self,
        signed_in: bool,
        bytes: usize,
    ) -> Result<Option<OwnedSemaphorePermit>, Problem> {
        if bytes <= UNIT {
            return Ok(None);
        }
        let memory = if signed_in { &self.signed_in } else { &self.strangers };
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let share = memory.clone().acquire_many_owned(units);
        match tokio::time::timeout(Duration::from_secs(10), share).await {
            Ok(Ok(share)) => Ok(Some(share)),
            _ => Err(Code::Unavailable.into()),
        }
    }
}

/// A value as a canonical CBOR body; in a reply, of the right type.
pub struct Cbor<T>(pub T);

/// A value that came as a body, with its share of the memory for bodies.
pub struct Received<T> {
    /// The value.
    pub value: T,
    /// Kept until the request is done with.
    pub share: Option<OwnedSemaphorePermit>,
}

impl<T: Canonical> IntoResponse for Cbor<T> {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, CBOR)], encode(&self.0)).into_response()
    }
}

impl<T: Canonical + Send + 'static> FromRequest<Arc<App>> for Received<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        expect_cbor(request.headers())?;
        let signed_in = request.extensions().get::<SignedIn>().is_some();
        let body = request.into_body();
        let hint = body.size_hint();
        if hint.lower() > T::MAX_BYTES as u64 {
            return Err(too_large(T::MAX_BYTES));
        }
        let most = hint.upper().map_or(T::MAX_BYTES, |upper| upper as usize).min(T::MAX_BYTES);
        let share = app.bodies.share(signed_in, most).await?;
        let bytes = read(body, T::MAX_BYTES).await?;
        let value = if bytes.len() < LONG {
            decode_strict(&bytes)?
        } else {
            tokio::task::spawn_blocking(move || decode_strict(&bytes))
                .await
                .map_err(Problem::internal)??
        };
        Ok(Received { value, share })
    }
}

fn expect_cbor(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(header::CONTENT_TYPE).is_some_and(|value| value == CBOR) {
        return Ok(());
    }
    Err(Problem::new(Code::Malformed, "the body must be application/cbor"))
}

async fn read(body: Body, cap: usize) -> Result<Bytes, Problem> {
    match tokio::time::timeout(PATIENCE, to_bytes(body, cap)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // Either longer than the cap without having said so, or cut off: then nobody listens.
        Ok(Err(_)) => Err(too_large(cap)),
        Err(_) => Err(Problem::new(Code::Malformed, "the body took too long")),
    }
}

fn too_large(cap: usize) -> Problem {
    Problem::new(Code::TooLarge, format!("the body may have {cap} bytes"))
}
