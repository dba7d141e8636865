//! `/v1/setup`, `/v1/teams` and `/v1/teams/{team}/recovery`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use subrosa_wire::api::{CheckSetup, Code, FoundTeam, Pushed, RecoverTeam};
use subrosa_wire::id::Hash;

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::MemberCaller;
use crate::problem::Problem;
use crate::store::writes::{Found, Recover};
use crate::turns::{Lost, Urgency};

use super::log;

pub async fn check_setup(
    State(app): State<Arc<App>>,
    Received { value, share: _share }: Received<CheckSetup>,
) -> Result<StatusCode, Problem> {
    let token = Hash::of(value.setup_token.as_bytes());
    let setup = app.read(|store| store.setup()).await?;
    match setup {
        Some(setup) if setup.hash == token && !setup.used => Ok(StatusCode::NO_CONTENT),
        _ => Err(Code::SetupToken.into()),
    }
}

pub async fn found(
    State(app): State<Arc<App>>,
    Received { value, share: _share }: Received<FoundTeam>,
) -> Result<Cbor<Pushed>, Problem> {
    let pushed = app.writer.write(Found::new(value)?).await?;
    app.setup.used();
    app.metrics.pushed();
    Ok(Cbor(pushed))
}

pub async fn recover(
    State(app): State<Arc<App>>,
    MemberCaller { id: caller, team, session }: MemberCaller,
    Received { value, share: _share }: Received<RecoverTeam>,
) -> Result<Cbor<Pushed>, Problem> {
    let recover = Recover::new(team.id(), caller, value)?;
    // Whoever is not the root is refused, and loses no race. It waits for nobody's turn.
    let (owner, urgency) = (true, Urgency::Recovers);
    let lost = Lost { session: session.token, owner, urgency, bytes: recover.bytes() };
    let pushed = app.writer.write(recover).await;
    log::note(&app, team.id(), lost, &pushed);
    Ok(Cbor(pushed?))
}
