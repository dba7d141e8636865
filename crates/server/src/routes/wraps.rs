//! `/v1/teams/{team}/wraps` and `/v1/teams/{team}/missing`: keys of vaults, from holder to holder.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use subrosa_wire::api::{MAX_FETCH, Missing, MissingKey, Wraps};
use subrosa_wire::id::MemberId;
use subrosa_wire::team::Team;

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::MemberCaller;
use crate::problem::Problem;
use crate::store::Brought;
use crate::store::writes::{Bring, Lack, keys_of};

pub async fn get(
    State(app): State<Arc<App>>,
    MemberCaller { id: member, team, .. }: MemberCaller,
) -> Result<Cbor<Wraps>, Problem> {
    let id = team.id();
    let mut wraps = app.read(move |store| store.wraps(id, member)).await?;
    wraps.retain(|wrap| team.role_in(wrap.vault, member).is_some());
    Ok(Cbor(Wraps { wraps }))
}

pub async fn bring(
    State(app): State<Arc<App>>,
    MemberCaller { id: caller, team, .. }: MemberCaller,
    Received { value: Wraps { wraps }, share: _share }: Received<Wraps>,
) -> Result<StatusCode, Problem> {
    if app.writer.write(Bring { team: team.id(), caller, wraps }).await? {
        app.teams.touch(team.id());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A holder waits for a vault's current key if nobody has brought it to it; for any that is not retired, if
/// it says so and the caller has not brought it yet.
pub async fn missing(
    State(app): State<Arc<App>>,
    MemberCaller { id: caller, team, .. }: MemberCaller,
) -> Result<Cbor<Missing>, Problem> {
    let keys = app.read(move |store| {
        let needs = store.needs(team.id())?;
        let mut keys = Vec::new();
        let held = team.vaults().filter(|(id, _)| team.role_in(*id, caller).is_some());
        for (id, vault) in held {
            let version = vault.key_version();
            let brought = store.brought(team.id(), id, version)?;
            let waits = |member| {
                let key = MissingKey { vault: id, version, member };
                let by_me = is_brought(&team, &brought, member, Some(caller));
                let unbrought = !is_brought(&team, &brought, member, None);
                let waits = unbrought || needs.contains(&key) && !by_me;
                (member != caller && waits).then_some(key)
            };
            keys.extend(team.holders(id).into_iter().filter_map(waits));
        }
        // The one before may have come to nobody who gave the next.
        for key in needs {
            let older = team.vault(key.vault).is_some_and(|vault| {
                key.version < vault.key_version() && vault.in_use().contains(&key.version)
            });
            let may = |member| team.role_in(key.vault, member).is_some();
            if older && key.member != caller && may(caller) && may(key.member) {
                let brought = store.brought(team.id(), key.vault, key.version)?;
                let by_me = is_brought(&team, &brought, key.member, Some(caller));
                keys.extend((!by_me).then_some(key));
            }
        }
        keys.truncate(MAX_FETCH);
        Ok(keys)
    });
    Ok(Cbor(Missing { keys: keys.await? }))
}

/// Whether a member was brought a key to the keys that it has now, by this uploader or by anybody.
fn is_brought(team: &Team, brought: &[Brought], to: MemberId, by: Option<MemberId>) -> bool {
    let keys = keys_of(team, to);
    let is_it = |it: &Brought| it.recipient == to && it.keys == keys;
    brought.iter().any(|it| is_it(it) && by.is_none_or(|by| it.uploader == by))
}

pub async fn lack(
    State(app): State<Arc<App>>,
    MemberCaller { id: caller, team, .. }: MemberCaller,
    Received { value: Missing { keys }, share: _share }: Received<Missing>,
) -> Result<StatusCode, Problem> {
    if app.writer.write(Lack { team: team.id(), caller, keys }).await? {
        app.teams.touch(team.id());
    }
    Ok(StatusCode::NO_CONTENT)
}
