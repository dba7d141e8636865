//! `/v1/teams/{team}/machines`: when machines last signed in.

use std::sync::Arc;

use axum::extract::State;
use subrosa_wire::api::{LastUses, MAX_FETCH};

use crate::app::App;
use crate::body::Cbor;
use crate::caller::MemberCaller;
use crate::problem::Problem;

pub async fn get(
    State(app): State<Arc<App>>,
    MemberCaller { team, .. }: MemberCaller,
) -> Result<Cbor<LastUses>, Problem> {
    let id = team.id();
    let mut uses = app.read(move |store| store.last_uses(id)).await?;
    uses.truncate(MAX_FETCH);
    Ok(Cbor(LastUses { uses }))
}
