//! The routes, as the URLs are. Each: extract, one call of the store, reply.

mod account;
mod console;
mod events;
mod health;
mod joins;
mod log;
mod machines;
mod objects;
mod session;
mod team;
mod wraps;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use subrosa_wire::api::Code;

use crate::app::App;
use crate::problem::Problem;
use crate::{headers, limits, trace};

/// All routes, with what surrounds them.
pub fn all(app: Arc<App>) -> Router {
    let without_session = Router::new()
        .route("/v1/challenges", post(session::challenge))
        .route("/v1/sessions", post(session::open).delete(session::close))
        .route("/v1/setup", post(team::check_setup))
        .route("/v1/teams", post(team::found))
        .route_layer(from_fn_with_state(app.clone(), limits::by_address));
    without_session
        .route("/v1/account", get(account::get).put(account::put))
        .route("/v1/teams/{team}/log", get(log::get).post(log::push))
        .route("/v1/teams/{team}/recovery", post(team::recover))
        .route("/v1/teams/{team}/wraps", get(wraps::get).post(wraps::bring))
        .route("/v1/teams/{team}/missing", get(wraps::missing).post(wraps::lack))
        .route("/v1/teams/{team}/joins", get(joins::get).post(joins::post))
        .route("/v1/teams/{team}/machines", get(machines::get))
        .route("/v1/teams/{team}/sessions", get(session::list).post(session::end))
        .route("/v1/teams/{team}/objects", post(objects::fetch))
        .route("/v1/teams/{team}/events", get(events::stream))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(health::metrics))
        .method_not_allowed_fallback(not_found)
        .fallback(console::serve)
        // Bodies are capped by their types, in `body`.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(app.clone(), headers::secure))
        .layer(from_fn_with_state(app.clone(), trace::request))
        .with_state(app)
}

async fn not_found() -> Problem {
    Code::NotFound.into()
}
