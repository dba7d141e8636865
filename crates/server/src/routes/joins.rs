//! `/v1/teams/{team}/joins`: who asks to be let in.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use subrosa_wire::api::{Joins, MAX_FETCH, PostJoin};
use subrosa_wire::people::Join;

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::{LinkCaller, MemberCaller};
use crate::problem::Problem;
use crate::store::writes::Wait;

pub async fn post(
    State(app): State<Arc<App>>,
    LinkCaller { invite, team }: LinkCaller,
    Received { value: post, share: _share }: Received<PostJoin>,
) -> Result<StatusCode, Problem> {
    if app.writer.write(Wait { team: team.id(), invite, post }).await? {
        app.teams.touch(team.id());
    }
    Ok(StatusCode::NO_CONTENT)
}

pub async fn get(
    State(app): State<Arc<App>>,
    MemberCaller { id: caller, team, .. }: MemberCaller,
) -> Result<Cbor<Joins>, Problem> {
    let id = team.id();
    let mut joins = app.read(move |store| store.joins(id, None)).await?;
    let may_add = |join: &Join| {
        let open = team.invite(join.invited.invite);
        open.is_some_and(|open| team.may_add(caller, open))
    };
    joins.retain(may_add);
    joins.truncate(MAX_FETCH);
    Ok(Cbor(Joins { joins }))
}
