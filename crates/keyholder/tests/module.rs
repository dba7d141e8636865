//! The module as JavaScript uses it, in a worker of a real browser.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy does not take these for tests, which they are"
)]

use js_sys::{Array, Function, Promise};
use subrosa_bridge::view::Status;
use subrosa_bridge::{Event, FromKeyholder, Hidden, Kind, Problem, Reply, Request, ToKeyholder};
use subrosa_keyholder::Keyholder;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Nobody listens there: what needs the server is told to be out of reach.
const NOWHERE: &str = "http://127.0.0.1:9";

fn keyholder(told: &Array) -> Keyholder {
    let tell = Function::new_with_args("event", "this.push(event)").bind0(told);
    Keyholder::new(NOWHERE.to_owned(), tell)
}

async fn ask(keyholder: &Keyholder, request: Request) -> Result<Reply, Problem> {
    let message = serde_wasm_bindgen::to_value(&ToKeyholder { id: 7, request }).unwrap();
    answer(keyholder.ask(message)).await
}

async fn answer(promise: Promise) -> Result<Reply, Problem> {
    let answer = JsFuture::from(promise).await.expect("the promise never rejects");
    match serde_wasm_bindgen::from_value(answer).unwrap() {
        FromKeyholder::Reply { result, .. } => result,
        FromKeyholder::Event(event) => panic!("a reply: {event:?}"),
    }
}

fn begin(password: &str) -> Request {
    Request::BeginSetup {
        token: Hidden::new("token".into()),
        team_name: "Team".into(),
        me: "Ada".into(),
        password: Hidden::new(password.into()),
    }
}

#[wasm_bindgen_test]
fn it_tells_that_it_is_ready() {
    let told = Array::new();
    keyholder(&told).ready();
    let event: FromKeyholder = serde_wasm_bindgen::from_value(told.get(0)).unwrap();
    assert_eq!(event, FromKeyholder::Event(Event::Ready));
}

#[wasm_bindgen_test]
async fn a_device_without_a_record_is_empty_and_locked() {
    let keyholder = keyholder(&Array::new());
    assert_eq!(ask(&keyholder, Request::Status).await, Ok(Reply::Status(Status::Empty)));
    let problem = ask(&keyholder, Request::Overview).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Locked);
    let password = Hidden::new("correct-horse-battery".into());
    let problem = ask(&keyholder, Request::Unlock { password }).await.unwrap_err();
    assert_eq!(problem.kind, Kind::NeedsKit);
}

#[wasm_bindgen_test]
async fn a_kit_is_made_here_and_nothing_is_kept_until_the_team_is_founded() {
    let keyholder = keyholder(&Array::new());
    let short = ask(&keyholder, begin("short")).await.unwrap_err();
    assert_eq!(short.kind, Kind::BadName);
    let made = ask(&keyholder, begin("correct-horse-battery")).await;
    let Ok(Reply::Kit(kit)) = made else { panic!("a kit") };
    assert!(kit.secret_key.expose().starts_with("SR1-"));
    assert!(kit.root_key.expose().starts_with("srk1_"));
    let wrong = Request::FinishSetup {
        secret_key_fragment: Hidden::new("WRONG".into()),
        root_key_fragment: Hidden::new("WRONG".into()),
    };
    assert_eq!(ask(&keyholder, wrong).await.unwrap_err().kind, Kind::KitProof);
    assert_eq!(ask(&keyholder, Request::Status).await, Ok(Reply::Status(Status::Empty)));
}

#[wasm_bindgen_test]
async fn settings_are_kept_by_the_browser_across_modules() {
    let first = keyholder(&Array::new());
    assert_eq!(ask(&first, Request::LockAfter { minutes: 25 }).await, Ok(Reply::Done));
    let second = keyholder(&Array::new());
    let Ok(Reply::Device(device)) = ask(&second, Request::Device).await else { panic!("a device") };
    assert_eq!(device.lock_after, 25 * 60_000);
    assert_eq!(device.server, NOWHERE);
}

#[wasm_bindgen_test]
async fn passphrases_are_drawn_anew() {
    let keyholder = keyholder(&Array::new());
    let mut drawn = Vec::new();
    // More than one pool of randomness.
    for _ in 0..300 {
        let Ok(Reply::Text(words)) = ask(&keyholder, Request::Passphrase).await else {
            panic!("a passphrase")
        };
        assert_eq!(words.expose().split('-').count(), 8);
        drawn.push(words.expose().to_owned());
    }
    drawn.sort();
    drawn.dedup();
    assert_eq!(drawn.len(), 300);
}

#[wasm_bindgen_test]
async fn what_is_no_request_gets_a_problem_and_no_exception() {
    let keyholder = keyholder(&Array::new());
    let nonsense = [
        JsValue::UNDEFINED,
        JsValue::from(3),
        JsValue::from("Status"),
        js_sys::JSON::parse(r#"{"id": 1}"#).unwrap(),
        js_sys::JSON::parse(r#"{"id": 1, "request": "Nonsense"}"#).unwrap(),
        js_sys::JSON::parse(r#"{"id": "x", "request": "Status"}"#).unwrap(),
        js_sys::JSON::parse(r#"{"id": 1, "request": {"Unlock": {}}}"#).unwrap(),
    ];
    for message in nonsense {
        let problem = answer(keyholder.ask(message)).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Internal);
    }
    let plain = js_sys::JSON::parse(r#"{"id": 1, "request": "Status"}"#).unwrap();
    assert_eq!(answer(keyholder.ask(plain)).await, Ok(Reply::Status(Status::Empty)));
}
