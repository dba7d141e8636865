//! `/v1/teams/{team}/objects`: objects of one vault, for its holders.

use std::sync::Arc;

use axum::extract::State;
use subrosa_wire::api::{Code, FetchObjects, MAX_FETCH, Objects};

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::MemberCaller;
use crate::problem::Problem;

pub async fn fetch(
    State(app): State<Arc<App>>,
    MemberCaller { id: member, team, .. }: MemberCaller,
    Received { value: asked, share: _share }: Received<FetchObjects>,
) -> Result<Cbor<Objects>, Problem> {
    if asked.ids.len() > MAX_FETCH {
        return Err(Problem::new(Code::TooLarge, format!("at most {MAX_FETCH} objects at once")));
    }
    team.role_in(asked.vault, member).ok_or(Code::Forbidden)?;
    let id = team.id();
    Ok(Cbor(app.read(move |store| store.objects(id, &asked)).await?))
}
