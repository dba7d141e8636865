//! The server's routes as typed calls.

use subrosa_wire::api::{
    AccountBlob, Challenge, CheckSetup, Code, FetchObjects, FoundTeam, LogPage, Objects,
    OpenSession, Push, Pushed, PutAccount, SessionOpened, Wraps,
};
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::TeamId;
use subrosa_wire::object::MAX_SEALED;

use crate::error::{Error, Result};
use crate::patience;
use crate::platform::{Host, HttpRequest, HttpResponse, Method, Streamed, Transport};

/// A push's answer.
pub(crate) enum PushReply {
    /// It is durable.
    Pushed(Pushed),
    /// Others came first.
    Lost,
    /// Not now: again after so many seconds.
    Later(u32),
}

/// An account write's answer.
pub(crate) enum PutReply {
    /// It is durable.
    Written,
    /// Another device came first, with this.
    Newer(AccountBlob),
}

pub(crate) async fn challenge(platform: &(impl Transport + Host)) -> Result<Challenge> {
    reply(send(platform, request(Method::Post, "/v1/challenges".into(), None, vec![])).await?)
}

pub(crate) async fn open_session(
    platform: &(impl Transport + Host),
    open: &OpenSession,
) -> Result<SessionOpened> {
    let body = encode(open);
    reply(send(platform, request(Method::Post, "/v1/sessions".into(), None, body)).await?)
}

pub(crate) async fn account(
    platform: &(impl Transport + Host),
    token: &str,
) -> Result<AccountBlob> {
    reply(send(platform, request(Method::Get, "/v1/account".into(), Some(token), vec![])).await?)
}

pub(crate) async fn put_account(
    platform: &(impl Transport + Host),
    token: &str,
    put: &PutAccount,
) -> Result<PutReply> {
    let put = request(Method::Put, "/v1/account".into(), Some(token), encode(put));
    let response = send(platform, put).await?;
    match response.status {
        204 => Ok(PutReply::Written),
        412 => decode(&response.body).map(PutReply::Newer),
        _ => Err(refusal(&response)),
    }
}

pub(crate) async fn check_setup(
    platform: &(impl Transport + Host),
    check: &CheckSetup,
) -> Result<()> {
    let check = request(Method::Post, "/v1/setup".into(), None, encode(check));
    let response = send(platform, check).await?;
    match response.status {
        204 => Ok(()),
        _ => Err(refusal(&response)),
    }
}

pub(crate) async fn found(platform: &(impl Transport + Host), found: &FoundTeam) -> Result<Pushed> {
    reply(send(platform, request(Method::Post, "/v1/teams".into(), None, encode(found))).await?)
}

pub(crate) async fn log(
    platform: &(impl Transport + Host),
    token: &str,
    team: TeamId,
    after: Option<u64>,
) -> Result<LogPage> {
    let query = after.map(|seq| format!("?after={seq}")).unwrap_or_default();
    let path = format!("/v1/teams/{team}/log{query}");
    reply(send_for(platform, request(Method::Get, path, Some(token), vec![]), LONG).await?)
}

pub(crate) async fn push(
    platform: &(impl Transport + Host),
    token: &str,
    team: TeamId,
    push: &Push,
) -> Result<PushReply> {
    let path = format!("/v1/teams/{team}/log");
    let push = request(Method::Post, path, Some(token), encode(push));
    let response = send_for(platform, push, LONG).await?;
    match response.status {
        200..=299 => decode(&response.body).map(PushReply::Pushed),
        409 => decode(&response.body).map(|_missed: LogPage| PushReply::Lost),
        // The server lives but did not take it; whatever stands before it may answer so too.
        429 | 502..=504 => Ok(PushReply::Later(response.retry_after.unwrap_or(1))),
        _ => Err(refusal(&response)),
    }
}

pub(crate) async fn wraps(
    platform: &(impl Transport + Host),
    token: &str,
    team: TeamId,
) -> Result<Wraps> {
    let path = format!("/v1/teams/{team}/wraps");
    reply(send_for(platform, request(Method::Get, path, Some(token), vec![]), LONG).await?)
}

pub(crate) async fn objects(
    platform: &(impl Transport + Host),
    token: &str,
    team: TeamId,
    fetch: &FetchObjects,
) -> Result<Objects> {
    let path = format!("/v1/teams/{team}/objects");
    let most = LONGEST.min(fetch.ids.len() * MAX_SEALED);
    let fetch = request(Method::Post, path, Some(token), encode(fetch));
    reply(send_for(platform, fetch, most).await?)
}

pub(crate) async fn events<P: Transport + Host>(
    platform: &P,
    token: &str,
    team: TeamId,
    after: u64,
) -> Result<P::Chunks> {
    let path = format!("/v1/teams/{team}/events?after={after}");
    let stream = platform.stream(request(Method::Get, path, Some(token), vec![]));
    match patience::reply(platform, 0, stream).await? {
        Streamed::Open(chunks) => Ok(chunks),
        Streamed::Refused(response) => Err(refusal(&response)),
    }
}

/// The bytes in a page of the log, and in most teams' wraps.
const LONG: usize = 1 << 20;
/// The bytes at which a reply of objects ends.
const LONGEST: usize = 8 << 20;
/// How often a request is sent where the server says that there are too many.
const TRIES: usize = 6;

async fn send(platform: &(impl Transport + Host), request: HttpRequest) -> Result<HttpResponse> {
    send_for(platform, request, 0).await
}

/// As [`send`], for a reply that may have so many bytes: they take their time to come.
async fn send_for(
    platform: &(impl Transport + Host),
    request: HttpRequest,
    most: usize,
) -> Result<HttpResponse> {
    let mut tries = 1;
    loop {
        let sent = platform.send(request.clone());
        let response = patience::reply(platform, request.body.len() + most, sent).await?;
        if response.status != Code::RateLimited.status() || tries == TRIES {
            return Ok(response);
        }
        tries += 1;
        let seconds = response.retry_after.unwrap_or(1).clamp(1, 10);
        platform.pause(seconds * 1000).await;
    }
}

fn request(method: Method, path: String, token: Option<&str>, body: Vec<u8>) -> HttpRequest {
    HttpRequest { method, path, token: token.map(str::to_owned), body }
}

fn reply<T: Canonical>(response: HttpResponse) -> Result<T> {
    match response.status {
        200..=299 => decode(&response.body),
        _ => Err(refusal(&response)),
    }
}

fn decode<T: Canonical>(body: &[u8]) -> Result<T> {
    decode_strict(body).map_err(|_| Error::BadReply)
}

/// The code is taken by status where the document's own is unknown: nothing of the server's text
/// goes any further.
fn refusal(response: &HttpResponse) -> Error {
    let named = Code::ALL.iter().copied().filter(|code| code.status() == response.status);
    let text = core::str::from_utf8(&response.body).unwrap_or_default();
    let quoted = |code: &Code| text.contains(&format!("\"{}\"", code.text()));
    match named.clone().find(quoted).or_else(|| named.clone().next()) {
        Some(code) => Error::Refused(code),
        None if response.status >= 500 => Error::Refused(Code::Internal),
        None => Error::BadReply,
    }
}
