//! `/v1/teams/{team}/log`: reading the log, and the only way to write.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use subrosa_wire::api::{Code, LogPage, Push, Pushed};

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::{LogCaller, MemberCaller};
use crate::problem::Problem;
use crate::store::writes::{PushEntry, PushTo, WriteError};
use crate::turns::Writing;

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
    let (team, writing) = (team.id(), Writing { member: caller, session: session.token });
    app.turns.wait(team, writing).await;
    let pushed = app.writer.write(PushTo { team, caller, push }).await;
    match &pushed {
        Ok(_) => {
            app.metrics.pushed();
            app.turns.won(team, writing);
        }
        Err(WriteError::Missed(_)) => {
            app.metrics.conflict();
            app.turns.lost(team, writing);
        }
        Err(_) => {}
    }
    Ok(Cbor(pushed?))
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
