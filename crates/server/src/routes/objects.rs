//! `/v1/teams/{team}/objects`: objects of one vault, for its holders.

use std::sync::Arc;

use axum::extract::State;
use subrosa_wire::api::{Code, FetchObjects, Objects};

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::MemberCaller;
use crate::problem::Problem;

pub async fn fetch(
    State(app): State<Arc<App>>,
    MemberCaller { id: member, team, .. }: MemberCaller,
    Received { value: asked, share: _share }: Received<FetchObjects>,
) -> Result<Cbor<Objects>, Problem> {
    team.role_in(asked.vault, member).ok_or(Code::Forbidden)?;
    let id = team.id();
    Ok(Cbor(app.read(move |store| store.objects(id, &asked)).await?))
}
