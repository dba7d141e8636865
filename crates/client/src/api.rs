//! The server's routes: what is asked, and what the replies mean.

use subrosa_core::unicode::contains;
use subrosa_wire::api::{
    AccountBlob, CheckSetup, Code, EndSessions, FetchObjects, FoundTeam, LogPage, Missing,
    OpenSession, PostJoin, Pushed, PutAccount, RecoverTeam, Wraps,
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

/// What is asked of the server. One function sends it whatever it is: a future for each kind of
/// request were 7 KB of the keyholder.
pub(crate) struct Ask {
    method: Method,
    path: String,
    body: Vec<u8>,
    /// So many bytes may come back: they take their time.
    most: usize,
}

impl Ask {
    fn new(method: Method, path: impl Into<String>, body: Vec<u8>) -> Self {
        Ask { method, path: path.into(), body, most: 0 }
    }

    fn at_most(self, most: usize) -> Self {
        Ask { most, ..self }
    }

    fn request(&self, token: Option<&str>) -> HttpRequest {
        let token = token.map(str::to_owned);
        HttpRequest { method: self.method, path: self.path.clone(), token, body: self.body.clone() }
    }
}

pub(crate) fn challenge() -> Ask {
    Ask::new(Method::Post, "/v1/challenges", vec![])
}

pub(crate) fn open_session(open: &OpenSession) -> Ask {
    Ask::new(Method::Post, "/v1/sessions", encode(open))
}

pub(crate) fn account() -> Ask {
    Ask::new(Method::Get, "/v1/account", vec![])
}

pub(crate) fn put_account(put: &PutAccount) -> Ask {
    Ask::new(Method::Put, "/v1/account", encode(put))
}

pub(crate) fn check_setup(check: &CheckSetup) -> Ask {
    Ask::new(Method::Post, "/v1/setup", encode(check))
}

pub(crate) fn found(found: &FoundTeam) -> Ask {
    Ask::new(Method::Post, "/v1/teams", encode(found))
}

pub(crate) fn log(team: TeamId, after: Option<u64>) -> Ask {
    let query = after.map(|seq| format!("?after={seq}")).unwrap_or_default();
    Ask::new(Method::Get, format!("/v1/teams/{team}/log{query}"), vec![]).at_most(LONG)
}

/// `push` is the encoding of a [`Push`](subrosa_wire::api::Push).
pub(crate) fn push(team: TeamId, push: Vec<u8>) -> Ask {
    Ask::new(Method::Post, format!("/v1/teams/{team}/log"), push).at_most(LONG)
}

pub(crate) fn recover(team: TeamId, recover: &RecoverTeam) -> Ask {
    let path = format!("/v1/teams/{team}/recovery");
    Ask::new(Method::Post, path, encode(recover)).at_most(LONG)
}

pub(crate) fn wraps(team: TeamId) -> Ask {
    Ask::new(Method::Get, format!("/v1/teams/{team}/wraps"), vec![]).at_most(LONG)
}

pub(crate) fn bring(team: TeamId, wraps: &Wraps) -> Ask {
    Ask::new(Method::Post, format!("/v1/teams/{team}/wraps"), encode(wraps)).at_most(LONG)
}

pub(crate) fn missing(team: TeamId) -> Ask {
    Ask::new(Method::Get, format!("/v1/teams/{team}/missing"), vec![])
}

pub(crate) fn lack(team: TeamId, missing: &Missing) -> Ask {
    Ask::new(Method::Post, format!("/v1/teams/{team}/missing"), encode(missing))
}

pub(crate) fn machines(team: TeamId) -> Ask {
    Ask::new(Method::Get, format!("/v1/teams/{team}/machines"), vec![])
}

pub(crate) fn sessions(team: TeamId) -> Ask {
    Ask::new(Method::Get, format!("/v1/teams/{team}/sessions"), vec![])
}

pub(crate) fn end_sessions(team: TeamId, end: &EndSessions) -> Ask {
    Ask::new(Method::Post, format!("/v1/teams/{team}/sessions"), encode(end))
}

pub(crate) fn joins(team: TeamId) -> Ask {
    Ask::new(Method::Get, format!("/v1/teams/{team}/joins"), vec![])
}

pub(crate) fn post_join(team: TeamId, post: &PostJoin) -> Ask {
    Ask::new(Method::Post, format!("/v1/teams/{team}/joins"), encode(post))
}

pub(crate) fn objects(team: TeamId, fetch: &FetchObjects) -> Ask {
    let most = LONGEST.min(fetch.ids.len() * MAX_SEALED);
    Ask::new(Method::Post, format!("/v1/teams/{team}/objects"), encode(fetch)).at_most(most)
}

pub(crate) async fn events<P: Transport + Host>(
    platform: &P,
    token: &str,
    team: TeamId,
    after: u64,
) -> Result<P::Chunks> {
    let path = format!("/v1/teams/{team}/events?after={after}");
    let request = Ask::new(Method::Get, path, vec![]).request(Some(token));
    match patience::reply(platform, 0, platform.stream(request)).await? {
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

/// Sends a request, in the session of a token if there is one, for a reply of any status.
pub(crate) async fn send(
    platform: &(impl Transport + Host),
    token: Option<&str>,
    ask: &Ask,
) -> Result<HttpResponse> {
    let mut tries = 1;
    loop {
        let sent = platform.send(ask.request(token));
        let response = patience::reply(platform, ask.body.len() + ask.most, sent).await?;
        if response.status != Code::RateLimited.status() || tries == TRIES {
            return Ok(response);
        }
        tries += 1;
        let seconds = response.retry_after.unwrap_or(1).clamp(1, 10);
        platform.pause(seconds * 1000).await;
    }
}

/// The reply to most requests.
pub(crate) fn reply<T: Canonical>(response: &HttpResponse) -> Result<T> {
    match response.status {
        200..=299 => decode(&response.body),
        _ => Err(refusal(response)),
    }
}

/// The reply to what yields nothing.
pub(crate) fn done(response: &HttpResponse) -> Result<()> {
    match response.status {
        204 => Ok(()),
        _ => Err(refusal(response)),
    }
}

/// The reply to [`put_account`].
pub(crate) fn put(response: &HttpResponse) -> Result<PutReply> {
    match response.status {
        204 => Ok(PutReply::Written),
        412 => decode(&response.body).map(PutReply::Newer),
        _ => Err(refusal(response)),
    }
}

/// The reply to [`push`].
pub(crate) fn pushed(response: &HttpResponse) -> Result<PushReply> {
    match response.status {
        200..=299 => decode(&response.body).map(PushReply::Pushed),
        409 => decode(&response.body).map(|_missed: LogPage| PushReply::Lost),
        // The server lives but did not take it; whatever stands before it may answer so too.
        429 | 502..=504 => Ok(PushReply::Later(response.retry_after.unwrap_or(1))),
        _ => Err(refusal(response)),
    }
}

fn decode<T: Canonical>(body: &[u8]) -> Result<T> {
    decode_strict(body).map_err(|_| Error::BadReply)
}

/// The code is taken by status where the document's own is unknown: nothing of the server's text
/// goes any further.
pub(crate) fn refusal(response: &HttpResponse) -> Error {
    let named = Code::ALL.iter().copied().filter(|code| code.status() == response.status);
    let text = core::str::from_utf8(&response.body).unwrap_or_default();
    let quoted = |code: &Code| contains(text, &format!("\"{}\"", code.text()));
    match named.clone().find(quoted).or_else(|| named.clone().next()) {
        Some(code) => Error::Refused(code),
        None if response.status >= 500 => Error::Refused(Code::Internal),
        None => Error::BadReply,
    }
}
