//! `/v1/teams/{team}/log`: reading the log, and the only way to write.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use subrosa_wire::api::{Code, LogPage, Push, Pushed};
use subrosa_wire::id::TeamId;

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::{LogCaller, MemberCaller, standing};
use crate::problem::Problem;
use crate::store::writes::{PushEntry, PushTo, WriteError};
use crate::turns::{Lost, Urgency};

pub async fn get(
    State(app): State<Arc<App>>,
    LogCaller(team): LogCaller,
    RawQuery(query): RawQuery,
) -> Result<Cbor<LogPage>, Problem> {
    let (id, after) = (team.id(), after(query.as_deref())?);
    Ok(Cbor(app.read(move |store| store.page(id, after)).await?))
}

pub async fn push(
    State(app): State<Arc<App>>,
    MemberCaller { id: caller, team, session }: MemberCaller,
    Received { value, share: _share }: Received<Push>,
) -> Result<Cbor<Pushed>, Problem> {
    let push = PushEntry::new(value)?;
    let owner = team.is_owner(caller);
    let urgency = if owner && push.takes_away() { Urgency::TakesAway } else { Urgency::Any };
    let lost = Lost { session: session.token, owner, urgency, bytes: push.bytes() };
    let mut stopping = app.stopping.clone();
    tokio::select! {
        // What need not wait is written to the end.
        biased;
        () = app.turns.wait(team.id(), session.token, urgency) => {}
        _ = stopping.wait_for(|stopping| *stopping) => return Err(Code::Unavailable.into()),
    }
    // It may have been a while.
    standing(&*app.teams.get(team.id()).ok_or(Code::NotFound)?, caller, &session)?;
    if session.alive.has_changed().is_err() {
        return Err(Code::SessionEnded.into());
    }
    let pushed = app.writer.write(PushTo { team: team.id(), caller, push }).await;
    note(&app, team.id(), lost, &pushed);
    Ok(Cbor(pushed?))
}

/// Counts a push, and remembers who lost a race.
pub(super) fn note(app: &App, team: TeamId, push: Lost, pushed: &Result<Pushed, WriteError>) {
    match pushed {
        Ok(_) => {
            app.metrics.pushed();
            app.turns.won(team, push.session);
        }
        Err(WriteError::Missed(_)) => {
            app.metrics.conflict();
            app.turns.lost(team, push);
        }
        Err(_) => {}
    }
}

/// `after` in a query; anything else in it is refused rather than ignored.
pub(super) fn after(query: Option<&str>) -> Result<Option<u64>, Problem> {
    match query {
        None | Some("") => Ok(None),
        Some(query) => match query.strip_prefix("after=").map(str::parse) {
            Some(Ok(seq)) => Ok(Some(seq)),
            _ => Err(Problem::new(Code::Malformed, "the query may only say after=SEQ")),
        },
    }
}
