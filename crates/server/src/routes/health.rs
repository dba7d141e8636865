//! `/healthz` and `/metrics`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use subrosa_wire::api::Code;

use crate::app::App;
use crate::problem::Problem;

pub async fn healthz(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    if !app.writer.is_alive() {
        return Err(Problem::new(Code::Unavailable, "nothing can be written"));
    }
    app.read(|store| store.setup()).await?;
    Ok("ok\n")
}

pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let text = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (text, app.metrics.text())
}
