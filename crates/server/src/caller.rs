//! Who asks: extractors that yield a caller only with the rights it has now.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{FromRequestParts, Path};
use axum::http::header;
use axum::http::request::Parts;
use subrosa_wire::api::{Code, Principal};
use subrosa_wire::id::{Hash, MemberId, TeamId};
use subrosa_wire::team::Team;

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

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
        let token = header.and_then(|it| it.strip_prefix("Bearer ")).ok_or(Code::Unauthorized)?;
        let session = app.sessions.find(Instant::now(), token).ok_or(Code::Unauthorized)?;
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
        let Principal::Member(own, id) = session.principal else {
            return Err(Code::Forbidden.into());
        };
        let Path(asked) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::from(Code::NotFound))?;
        let asked: TeamId = asked.parse().map_err(|_| Code::NotFound)?;
        let team = app.teams.get(asked).ok_or(Code::NotFound)?;
        if asked != own {
            return Err(Code::Forbidden.into());
        }
        standing(&team, id, &session)?;
        Ok(MemberCaller { id, team, session })
    }
}

/// Whether a session's member still is one, by the key that it signed in with.
///
/// # Errors
/// [`Code::Forbidden`] or [`Code::Unauthorized`].
pub fn standing(team: &Team, id: MemberId, session: &Present) -> Result<(), Code> {
    let member = team.member(id).ok_or(Code::Forbidden)?;
    if member.keyset.signing == session.key { Ok(()) } else { Err(Code::Unauthorized) }
}
