//! What holds for every route.

use reqwest::Method;
use subrosa_wire::api::Code;

use crate::world::{Reply, World};

#[tokio::test]
async fn every_response_has_the_headers_of_security() {
    let world = World::empty().await;
    for path in ["/", "/healthz", "/v1/account", "/v1/nothing", "/nothing", "/metrics"] {
        let headers = world.get(path, None).await.headers;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
             font-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types default"
        );
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(headers["cross-origin-embedder-policy"], "require-corp");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(headers.contains_key("permissions-policy"));
        assert!(!headers.contains_key("strict-transport-security"));
        assert!(!headers.contains_key("access-control-allow-origin"));
        let kept = headers.get("cache-control").is_none_or(|value| value != "no-store");
        assert_eq!(kept, !path.starts_with("/v1/"), "{path}");
    }
}

#[tokio::test]
async fn under_tls_browsers_are_told_to_stay_there() {
    let data = tempfile::TempDir::new().unwrap();
    let mut config = crate::world::config(&data);
    config.public_url = Some("https://secrets.example".parse().unwrap());
    let running = subrosa_server::Server::start(config).await.unwrap();
    let reply = reqwest::get(format!("http://{}/", running.address())).await.unwrap();
    assert!(reply.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn pages_of_other_origins_change_nothing() {
    let world = World::empty().await;
    let ask = |origin: &str| {
        let request = world.request(Method::POST, "/v1/challenges", None);
        Reply::of(request.header("origin", origin))
    };
    ask("https://evil.example").await.problem(Code::Forbidden);
    ask("null").await.problem(Code::Forbidden);
    ask(world.running.origin()).await.ok();
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_document() {
    let world = World::empty().await;
    world.get("/v1", None).await.problem(Code::NotFound);
    world.get("/v1/nothing", None).await.problem(Code::NotFound);
    world.get("/v1/challenges", None).await.problem(Code::NotFound);
    world.send(Method::PATCH, "/v1/account", None, vec![]).await.problem(Code::NotFound);
    world.send(Method::POST, "/", None, vec![]).await.problem(Code::NotFound);
}
