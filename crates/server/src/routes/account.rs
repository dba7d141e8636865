//! `/v1/account`: the sealed blob of the session's account.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use subrosa_wire::api::{AccountBlob, PutAccount};

use crate::app::App;
use crate::body::{Cbor, Received};
use crate::caller::AccountCaller;
use crate::problem::Problem;
use crate::store::writes::PutBlob;

pub async fn get(AccountCaller { account, .. }: AccountCaller) -> Cbor<AccountBlob> {
    Cbor(account.blob)
}

pub async fn put(
    State(app): State<Arc<App>>,
    AccountCaller { locator, session, .. }: AccountCaller,
    Received { value: put, share: _share }: Received<PutAccount>,
) -> Result<StatusCode, Problem> {
    let new_key = put.login_key;
    app.writer.write(PutBlob { locator, key: session.key, put }).await?;
    app.sessions.rekey(&session.token, new_key);
    Ok(StatusCode::NO_CONTENT)
}
