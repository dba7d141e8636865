//! Who asks: extractors that yield a caller only with the rights it has now.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use axum::extract::{FromRequestParts, Path};
use axum::http::header;
use axum::http::request::Parts;
use subrosa_wire::api::{Code, Principal};
use subrosa_wire::id::{Hash, InviteId, MemberId, TeamId};
use subrosa_wire::team::{OpenInvite, Team};

use crate::app::App;
use crate::problem::Problem;
use crate::sessions::Present;
use crate::store::Account;

/// Anybody with a session.
pub struct Caller(pub Present);

/// Marks a request whose session was found.
#[derive(Clone, Copy)]
pub struct SignedIn;

/// An account, signed in by its current login key.
pub struct AccountCaller {
    /// Its locator.
    pub locator: Hash,
    /// Its row.
    pub account: Account,
    /// Its session.
    pub session: Present,
}

/// A member in good standing, by its current key, of the team that the path names.
pub struct MemberCaller {
    /// Its id.
    pub id: MemberId,
    /// The team as it is now.
    pub team: Arc<Team>,
    /// Its session.
    pub session: Present,
}

/// Whoever holds the link of an open invite to the team that the path names.
pub struct LinkCaller {
    /// The invite.
    pub invite: InviteId,
    /// The team as it is now.
    pub team: Arc<Team>,
}

/// Who may read the log: a member, or whoever holds the link of an open invite.
pub struct LogCaller(pub Arc<Team>);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = header.and_then(|it| it.strip_prefix("Bearer ")).ok_or(Code::Unauthorized)?;
        let session = app.sessions.find(Instant::now(), token)?;
        app.limits.principal(&session.principal)?;
        parts.extensions.insert(SignedIn);
        if let Principal::Member(_, member) = session.principal {
            tracing::Span::current().record("member", tracing::field::display(member));
        }
        Ok(Caller(session))
    }
}

impl FromRequestParts<Arc<App>> for AccountCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Caller(session) = Caller::from_request_parts(parts, app).await?;
        let Principal::Account(locator) = session.principal else {
            return Err(Code::Forbidden.into());
        };
        let account = app.read(move |store| store.account(locator)).await?;
        let account = account.filter(|account| account.login_key == session.key);
        Ok(AccountCaller { locator, account: account.ok_or(Code::Unauthorized)?, session })
    }
}

impl FromRequestParts<Arc<App>> for MemberCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Caller(session) = Caller::from_request_parts(parts, app).await?;
        member(session, parts, app).await
    }
}

async fn member(
    session: Present,
    parts: &mut Parts,
    app: &Arc<App>,
) -> Result<MemberCaller, Problem> {
    let Principal::Member(own, id) = session.principal else {
        return Err(Code::Forbidden.into());
    };
    let team = asked(parts, app, own).await?;
    standing(&team, id, &session)?;
    Ok(MemberCaller { id, team, session })
}

impl FromRequestParts<Arc<App>> for LinkCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Caller(session) = Caller::from_request_parts(parts, app).await?;
        link(session, parts, app).await
    }
}

async fn link(session: Present, parts: &mut Parts, app: &Arc<App>) -> Result<LinkCaller, Problem> {
    let Principal::Link(own, invite) = session.principal else {
        return Err(Code::Forbidden.into());
    };
    let team = asked(parts, app, own).await?;
    let open = team.invite(invite).filter(|open| is_open(open));
    if open.is_none_or(|open| open.invite.link != session.key) {
        return Err(Code::Unauthorized.into());
    }
    Ok(LinkCaller { invite, team })
}

impl FromRequestParts<Arc<App>> for LogCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Caller(session) = Caller::from_request_parts(parts, app).await?;
        Ok(LogCaller(match session.principal {
            Principal::Link(..) => link(session, parts, app).await?.team,
            _ => member(session, parts, app).await?.team,
        }))
    }
}

/// The team that the path names, if it is the caller's own.
async fn asked(parts: &mut Parts, app: &Arc<App>, own: TeamId) -> Result<Arc<Team>, Problem> {
    let Path(asked) = Path::<String>::from_request_parts(parts, app)
        .await
        .map_err(|_| Problem::from(Code::NotFound))?;
    let asked: TeamId = asked.parse().map_err(|_| Code::NotFound)?;
    let team = app.teams.get(asked).ok_or(Code::NotFound)?;
    if asked == own { Ok(team) } else { Err(Code::Forbidden.into()) }
}

/// Whether a session's member still is one, by the key that it signed in with, and in its time.
///
/// # Errors
/// [`Code::Forbidden`] or [`Code::Unauthorized`].
pub fn standing(team: &Team, id: MemberId, session: &Present) -> Result<(), Code> {
    let member = team.member(id).ok_or(Code::Forbidden)?;
    if member.keyset.signing == session.key && member.kind.is_in_time(now()) {
        Ok(())
    } else {
        Err(Code::Unauthorized)
    }
}

/// Whether an invite may be used at this time.
#[must_use]
pub fn is_open(open: &OpenInvite) -> bool {
    now() < open.invite.expires
}

/// Milliseconds since 1970.
#[must_use]
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
