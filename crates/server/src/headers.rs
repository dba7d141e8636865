//! The headers of every response, and the check of where a request comes from.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use subrosa_wire::api::Code;

use crate::app::App;
use crate::problem::Problem;

/// Scripts, styles and workers of our own alone, WebAssembly, no inline code, nothing framed.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types default";

/// What the console does without. It does use the clipboard, and may use passkeys.
const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
    encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), \
    local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
    screen-wake-lock=(), serial=(), usb=(), window-management=(), xr-spatial-tracking=()";

const EVERYWHERE: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
];

const HSTS: &str = "max-age=63072000";

/// Middleware around everything.
pub async fn secure(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let api = is_api(request.uri().path());
    let mut response = match app.came_from_elsewhere(&request) {
        true => Problem::new(Code::Forbidden, "from a page of another origin").into_response(),
        false => next.run(request).await,
    };
    add(response.headers_mut(), api, app.origin.is_tls());
    response
}

impl App {
    /// Whether a page of another origin asks for a change. No browser can leave its `Origin` out.
    fn came_from_elsewhere(&self, request: &Request) -> bool {
        let origin = request.headers().get(header::ORIGIN);
        is_api(request.uri().path())
            && !request.method().is_safe()
            && origin.is_some_and(|origin| origin != self.origin.as_str())
    }
}

/// Whether a path belongs to the API, not to the console.
pub fn is_api(path: &str) -> bool {
    path == "/v1" || path.starts_with("/v1/")
}

fn add(headers: &mut HeaderMap, api: bool, tls: bool) {
    for (name, value) in EVERYWHERE {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    if api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
