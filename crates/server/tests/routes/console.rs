//! Everything that is not the API: the console.

use reqwest::Method;
use subrosa_wire::api::Code;
use tempfile::TempDir;

use crate::world::{Reply, World};

const SCRIPT: &str = "web-0123456789abcdef.js";

async fn with_console() -> (World, TempDir) {
    let dist = TempDir::new().unwrap();
    std::fs::create_dir(dist.path().join("w")).unwrap();
    for (name, text) in [
        ("index.html", "<!doctype html>".into()),
        (SCRIPT, "let secret;".repeat(1000)),
        ("w/worker.wasm", "\0asm".into()),
        (".hidden", "x".into()),
    ] {
        std::fs::write(dist.path().join(name), text).unwrap();
    }
    let folder = dist.path().to_owned();
    (World::with(|config| config.console = Some(folder)).await, dist)
}

async fn get(world: &World, path: &str, name: &str, value: &str) -> Reply {
    Reply::of(world.request(Method::GET, path, None).header(name, value)).await
}

#[cfg(not(feature = "console"))]
#[tokio::test]
async fn without_a_console_the_server_says_how_to_build_it() {
    let world = World::empty().await;
    let reply = world.get("/", None).await;
    assert!(reply.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
    assert!(String::from_utf8(reply.body).unwrap().contains("trunk build"));
}

#[tokio::test]
async fn the_consoles_own_routes_show_the_page_but_a_missing_file_is_missing() {
    let (world, _dist) = with_console().await;
    for path in ["/", "/index.html", "/setup", "/projects/x/env"] {
        let reply = get(&world, path, "accept", "text/html,*/*;q=0.8").await;
        assert_eq!(reply.body, b"<!doctype html>", "{path}");
        assert_eq!(reply.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(reply.headers["cache-control"], "no-cache");
    }
    for path in ["/gone.js", "/.hidden", "/../Cargo.toml", "/v1/setup"] {
        get(&world, path, "accept", "*/*").await.problem(Code::NotFound);
    }
    get(&world, "/v1/setup", "accept", "text/html").await.problem(Code::NotFound);
}

#[tokio::test]
async fn files_have_their_types_and_hashed_names_last_forever() {
    let (world, _dist) = with_console().await;
    let wasm = world.get("/w/worker.wasm", None).await;
    assert_eq!(wasm.headers["content-type"], "application/wasm");
    assert_eq!(wasm.headers["cache-control"], "no-cache");
    let script = world.get(&format!("/{SCRIPT}"), None).await;
    assert_eq!(script.headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(script.headers["cache-control"], "public, max-age=31536000, immutable");
    assert!(script.headers.contains_key("content-security-policy"));
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let (world, _dist) = with_console().await;
    let tag = world.get("/", None).await.headers["etag"].to_str().unwrap().to_owned();
    let again = get(&world, "/", "if-none-match", &tag).await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(get(&world, "/", "if-none-match", "\"else\"").await.status, 200);
}

#[tokio::test]
async fn big_files_are_compressed_for_whoever_takes_it() {
    let (world, _dist) = with_console().await;
    let path = format!("/{SCRIPT}");
    // Compression runs beside everything else: until it is done, the file comes as it is.
    let small = loop {
        let reply = get(&world, &path, "accept-encoding", "gzip, br").await;
        if reply.headers.contains_key("content-encoding") {
            break reply;
        }
        assert_eq!(reply.body.len(), 11_000);
    };
    assert_eq!(small.headers["content-encoding"], "br");
    assert!(small.body.len() < 1000);
    let plain = get(&world, &path, "accept-encoding", "br;q=0").await;
    assert_eq!(plain.body.len(), 11_000);
    assert_ne!(plain.headers["etag"], small.headers["etag"]);
}
