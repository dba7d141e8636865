//! `/v1/challenges` and `/v1/sessions`.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use subrosa_wire::api::{
    Challenge, Code, EndSessions, LastUse, MAX_AGENT, OpenSession, Principal, SessionOpened,
    Sessions,
};
use subrosa_wire::keyset::SigningPublic;
use subrosa_wire::team::MemberKind;

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::{Caller, MemberCaller, is_open, now};
use crate::problem::Problem;
use crate::store::writes::Use;

/// A key that nobody holds is tried where there is none, so that a principal that does not exist
/// costs and answers the same as one whose signature is wrong. (RFC 8032, section 7.1, TEST 1.)
const NOBODYS: SigningPublic = SigningPublic([
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
]);

pub async fn challenge(State(app): State<Arc<App>>) -> Result<Cbor<Challenge>, Problem> {
    Ok(Cbor(Challenge { nonce: app.sessions.challenge(Instant::now())? }))
}

pub async fn open(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Received { value: OpenSession { claim, signature }, .. }: Received<OpenSession>,
) -> Result<Cbor<SessionOpened>, Problem> {
    if !app.sessions.redeem(Instant::now(), &claim.server_nonce) {
        return Err(Code::Challenge.into());
    }
    if claim.origin != app.origin.as_str() {
        let detail = format!("sessions of this server are signed for {}", app.origin);
        return Err(Problem::new(Code::Origin, detail));
    }
    let principal = member_of(&app, claim.principal);
    let key = login_key(&app, principal).await?;
    let proven = key.unwrap_or(NOBODYS).verifies(&claim.to_sign(), &signature);
    let key = key.filter(|_| proven).ok_or(Code::Unauthorized)?;
    let token = app.sessions.open(Instant::now(), principal, key, agent(&headers))?;
    app.metrics.session();
    note_use(&app, principal).await;
    let seconds = u32::try_from(app.sessions.lifetime().as_secs()).unwrap_or(u32::MAX);
    Ok(Cbor(SessionOpened { token, seconds }))
}

pub async fn close(State(app): State<Arc<App>>, Caller(session): Caller) -> StatusCode {
    app.sessions.close(Instant::now(), &session.token);
    StatusCode::NO_CONTENT
}

/// A member's own.
pub async fn list(
    State(app): State<Arc<App>>,
    MemberCaller { session, .. }: MemberCaller,
) -> Cbor<Sessions> {
    Cbor(Sessions { sessions: app.sessions.of(Instant::now(), &session) })
}

pub async fn end(
    State(app): State<Arc<App>>,
    MemberCaller { session, .. }: MemberCaller,
    Received { value: EndSessions { ids }, .. }: Received<EndSessions>,
) -> StatusCode {
    app.sessions.end(&session, &ids);
    StatusCode::NO_CONTENT
}

/// What the client calls itself, as far as that is printable.
fn agent(headers: &HeaderMap) -> String {
    let said = headers.get(header::USER_AGENT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    said.chars().take(MAX_AGENT).collect()
}

/// Machines' owners see which token is in use. A disk that is full keeps nobody out.
async fn note_use(app: &App, principal: Principal) {
    let Principal::Member(team, member) = principal else { return };
    let kind = app.teams.get(team).and_then(|team| team.member(member).map(|it| it.kind));
    if matches!(kind, Some(MemberKind::Service { .. })) {
        let used = LastUse { member, time: now() };
        let _ = app.writer.write(Use { team, used }).await;
    }
}

/// The root signs in as the member that it is.
fn member_of(app: &App, principal: Principal) -> Principal {
    match principal {
        Principal::Root(id) => match app.teams.get(id) {
            Some(team) => Principal::Member(id, team.root()),
            None => principal,
        },
        Principal::Account(_) | Principal::Member(..) | Principal::Link(..) => principal,
    }
}

async fn login_key(app: &App, principal: Principal) -> Result<Option<SigningPublic>, Problem> {
    Ok(match principal {
        Principal::Account(locator) => {
            let account = app.read(move |store| store.account(locator)).await?;
            account.map(|account| account.login_key)
        }
        Principal::Member(team, member) => {
            let team = app.teams.get(team);
            let member = team.as_ref().and_then(|team| team.member(member));
            member
                .filter(|member| member.kind.is_in_time(now()))
                .map(|member| member.keyset.signing)
        }
        Principal::Link(team, invite) => {
            let team = app.teams.get(team);
            let open = team.as_ref().and_then(|team| team.invite(invite));
            open.filter(|open| is_open(open)).map(|open| open.invite.link)
        }
        Principal::Root(_) => None,
    })
}
