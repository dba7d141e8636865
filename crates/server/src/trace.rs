//! One line of log and one count for each request: ids, route, status, duration. Never a body, a
//! token or a query.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::app::App;

/// Middleware around everything.
pub async fn request(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    // What matches no route is the console's, or somebody's guess: its path is not ours to log.
    let route = request.extensions().get::<MatchedPath>().map(|it| it.as_str().to_owned());
    let path = if route.is_some() { request.uri().path() } else { "-" };
    let method = method(&request);
    let span = tracing::info_span!("request", method, path, member = Empty);

    let response = next.run(request).instrument(span.clone()).await;
    let (status, ms) = (response.status().as_u16(), start.elapsed().as_secs_f64() * 1e3);
    app.metrics.request(method, route.as_deref().unwrap_or("console"), status);
    span.in_scope(|| tracing::info!(status, ms, "answered"));
    response
}

/// The method if it is one of those in use: whatever else a client invents is no label.
fn method(request: &Request) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => "other",
    }
}
