//! Everything else: the console's files.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use subrosa_wire::api::Code;

use crate::app::App;
use crate::console::Asset;
use crate::headers::is_api;
use crate::problem::Problem;

const HOW_TO_BUILD: &str = "This server runs without the console.\n\n\
    Build it with `trunk build --release`, then start the server with `--console dist`,\n\
    or build the server itself with `--features console`.\n";

pub async fn serve(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if is_api(uri.path()) || !matches!(method, Method::GET | Method::HEAD) {
        return Err(Code::NotFound.into());
    }
    let path = uri.path().trim_start_matches('/');
    let found = app.console.find(path);
    match found.or_else(|| app.console.page().filter(|_| path.is_empty() || wants_page(&headers))) {
        Some(asset) => Ok(file(asset, &headers)),
        None if path.is_empty() => Ok(HOW_TO_BUILD.into_response()),
        None => Err(Code::NotFound.into()),
    }
}

/// The console's own routes are pages too; a script that is missing is missing.
fn wants_page(headers: &HeaderMap) -> bool {
    lists(headers, &header::ACCEPT, "text/html")
}

fn file(asset: &Asset, headers: &HeaderMap) -> Response {
    let small = asset.brotli().filter(|_| lists(headers, &header::ACCEPT_ENCODING, "br"));
    let tag = asset.tag(small.is_some());
    let mut response = match headers.get(header::IF_NONE_MATCH) {
        Some(known) if known == tag => StatusCode::NOT_MODIFIED.into_response(),
        _ => small.clone().unwrap_or_else(|| asset.bytes()).into_response(),
    };
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, asset.media_type());
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static(asset.caching()));
    out.insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    out.insert(header::ETAG, tag.clone());
    if small.is_some() {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// Whether a header lists `item` without refusing it.
fn lists(headers: &HeaderMap, name: &header::HeaderName, item: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|listed| {
        let mut parts = listed.split(';').map(str::trim);
        parts.next() == Some(item) && !parts.any(|part| matches!(part, "q=0" | "q=0.0"))
    })
}
