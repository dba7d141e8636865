//! The module as JavaScript uses it, in a worker of a real browser.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "clippy does not take these for tests, which they are"
)]

mod requests;

use js_sys::{Array, Function, JSON, Map, Promise};
use subrosa_bridge::js::{from_js, to_js};
use subrosa_bridge::view::Status;
use subrosa_bridge::{Event, Hidden, Kind, Problem, Reply, Request};
use subrosa_keyholder::{Given, Keyholder};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Nobody listens there: what needs the server is told to be out of reach.
const NOWHERE: &str = "http://127.0.0.1:9";

fn keyholder(told: &Array) -> Keyholder {
    let tell = Function::new_with_args("event", "this.push(event)").bind0(told);
    Keyholder::new(NOWHERE.to_owned(), tell, None)
}

/// A keyholder that keeps things in what `body` returns; `kept` is a map there.
fn with_storage(body: &str, kept: &Map) -> Keyholder {
    let storage = Function::new_with_args("kept", body).call1(&JsValue::NULL, kept).unwrap();
    let tell = Function::new_no_args("");
    Keyholder::new(NOWHERE.to_owned(), tell, Some(storage.unchecked_into::<Given>()))
}

async fn ask(keyholder: &Keyholder, request: Request) -> Result<Reply, Problem> {
    answer(keyholder.ask(to_js(&request).unwrap())).await
}

async fn answer(promise: Promise) -> Result<Reply, Problem> {
    match JsFuture::from(promise).await {
        Ok(reply) => Ok(from_js(reply).expect("a reply")),
        Err(thrown) => Err(from_js(thrown).expect("a problem")),
    }
}

async fn kind(keyholder: &Keyholder, request: Request) -> Kind {
    ask(keyholder, request).await.expect_err("a problem").kind
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
async fn a_device_without_a_record_is_empty_and_locked() {
    let keyholder = keyholder(&Array::new());
    assert_eq!(ask(&keyholder, Request::Status).await, Ok(Reply::Status(Status::Empty)));
    assert_eq!(kind(&keyholder, Request::Overview).await, Kind::Locked);
    let password = Hidden::new("correct-horse-battery".into());
    assert_eq!(kind(&keyholder, Request::Unlock { password, team: None }).await, Kind::NeedsKit);
}

#[wasm_bindgen_test]
async fn every_request_to_a_locked_desk_gets_a_reply_or_a_typed_problem() {
    let keyholder = keyholder(&Array::new());
    for (request, expected) in requests::at_a_locked_desk() {
        let name = format!("{request:?}");
        let told = ask(&keyholder, request).await;
        assert_eq!(told.as_ref().err().map(|problem| &problem.kind), expected.as_ref(), "{name}");
        if let Err(Problem { message, next, .. }) = told {
            assert!(message.ends_with('.') && next.ends_with('.'), "{name}: {message} {next}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_kit_is_made_here_and_nothing_is_kept_until_the_team_is_founded() {
    let keyholder = keyholder(&Array::new());
    assert_eq!(kind(&keyholder, begin("short")).await, Kind::BadName);
    let made = ask(&keyholder, begin("correct-horse-battery")).await;
    let Ok(Reply::Kit(kit)) = made else { panic!("a kit") };
    assert!(kit.secret_key.expose().starts_with("SR1-"));
    assert!(kit.root_key.as_ref().unwrap().text.expose().starts_with("srk1_"));
    let wrong = Request::FinishSetup {
        secret_key_fragment: Hidden::new("WRONG".into()),
        root_key_fragment: Hidden::new("WRONG".into()),
    };
    assert_eq!(kind(&keyholder, wrong).await, Kind::KitProof);
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

/// As small as a storage can be.
const IN_A_MAP: &str = "return {
    read: async (name) => kept.get(name),
    update: async (name, change) => {
        const value = change(kept.get(name));
        if (value === null) kept.delete(name);
        else if (value !== undefined) kept.set(name, value);
    },
}";

#[wasm_bindgen_test]
async fn settings_are_kept_by_the_storage_that_is_given_and_not_by_the_browser() {
    let kept = Map::new();
    let first = with_storage(IN_A_MAP, &kept);
    assert_eq!(ask(&first, Request::LockAfter { minutes: 31 }).await, Ok(Reply::Done));
    let second = with_storage(IN_A_MAP, &kept);
    let Ok(Reply::Device(device)) = ask(&second, Request::Device).await else { panic!("a device") };
    assert_eq!(device.lock_after, 31 * 60_000);
    let Ok(Reply::Device(device)) = ask(&keyholder(&Array::new()), Request::Device).await else {
        panic!("a device")
    };
    assert_ne!(device.lock_after, 31 * 60_000);
}

#[wasm_bindgen_test]
async fn a_storage_may_answer_at_once_and_is_told_to_remove() {
    let kept = Map::new();
    kept.set(&"candidates".into(), &js_sys::Uint8Array::new_with_length(3));
    let at_once = IN_A_MAP.replace("async ", "");
    let keyholder = with_storage(&at_once, &kept);
    assert_eq!(ask(&keyholder, Request::LockAfter { minutes: 31 }).await, Ok(Reply::Done));
    assert_eq!(kept.size(), 2);
    assert_eq!(ask(&keyholder, Request::ForgetDevice).await, Ok(Reply::Done));
    assert_eq!(kept.size(), 1, "what is forgotten is removed, the setting stays");
}

#[wasm_bindgen_test]
async fn a_storage_that_does_not_keep_what_it_must_is_found_out() {
    let change = Request::LockAfter { minutes: 31 };
    for broken in [
        "return {}",
        "return { update() { throw new Error('full') } }",
        "return { update: async () => { throw 'full' } }",
        "return { update: async () => {} }",
        "return { update: async (name, change) => { change(); change() } }",
        "return { update: async (name, change) => { change(); try { change() } catch {} } }",
        "return { update: async (name, change) => { try { change('junk') } catch {} } }",
        "return { update: async (name, change) => { change(); throw 'full' } }",
    ] {
        let keyholder = with_storage(broken, &Map::new());
        assert_eq!(kind(&keyholder, change.clone()).await, Kind::Storage, "{broken}");
    }
    for broken in [
        "return {}",
        "return { read() { throw new Error('gone') } }",
        "return { read: async () => { throw 'gone' } }",
        "return { read: async () => 'junk' }",
        "return { read: async () => [0, 0, 0, 9] }",
    ] {
        let keyholder = with_storage(broken, &Map::new());
        assert_eq!(kind(&keyholder, Request::Device).await, Kind::Storage, "{broken}");
        assert_eq!(kind(&keyholder, Request::Status).await, Kind::Storage, "{broken}");
    }
}

#[wasm_bindgen_test]
async fn news_is_told_as_it_is_declared_and_a_teller_may_fail() {
    let told = Array::new();
    let holder = keyholder(&told);
    assert_eq!(ask(&holder, Request::ForgetDevice).await, Ok(Reply::Done));
    assert_eq!(told.length(), 1);
    let event: Event = from_js(told.get(0)).unwrap();
    assert_eq!(event, Event::LockNow);

    let failing = Function::new_no_args("throw new Error('not mine')");
    let keyholder = Keyholder::new(NOWHERE.to_owned(), failing, None);
    assert_eq!(ask(&keyholder, Request::ForgetDevice).await, Ok(Reply::Done));
}

/// True for plain objects, arrays, texts, finite numbers, booleans and `undefined` alone.
const IS_PLAIN: &str = "const plain = (value) => {
    if (Array.isArray(value)) return value.every(plain);
    const simple = ['string', 'number', 'boolean', 'undefined'];
    if (typeof value !== 'object') return simple.includes(typeof value);
    return value !== null && Object.getPrototypeOf(value) === Object.prototype
        && Object.values(value).every(plain);
};
return plain(value)";

#[wasm_bindgen_test]
async fn what_javascript_gets_is_plain() {
    let plain = Function::new_with_args("value", IS_PLAIN);
    let is_plain = |value: &JsValue| plain.call1(&JsValue::NULL, value).unwrap() == JsValue::TRUE;
    assert!(!is_plain(&Map::new()) && !is_plain(&js_sys::BigInt::from(1).into()), "the control");
    assert!(!is_plain(&JsValue::NULL));

    let keyholder = keyholder(&Array::new());
    let given = |request: &Request| {
        let request = to_js(request).unwrap();
        JsFuture::from(keyholder.ask(request))
    };
    for request in [Request::Status, Request::Device, begin("correct-horse-battery")] {
        assert!(is_plain(&given(&request).await.unwrap()), "{request:?}");
    }
    for key in ["database-url", ""] {
        let problem = given(&Request::CheckKey { key: key.into() }).await.unwrap_err();
        assert!(is_plain(&problem), "{problem:?}");
    }
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
async fn what_is_no_request_gets_a_problem_and_no_other_exception() {
    let keyholder = keyholder(&Array::new());
    let nonsense = [
        JsValue::UNDEFINED,
        JsValue::NULL,
        JsValue::from(3),
        JsValue::from("Nonsense"),
        JsValue::from("Unlock"),
        JsValue::symbol(None),
        js_sys::BigInt::from(1).into(),
        Function::new_no_args("").into(),
        JSON::parse("{}").unwrap(),
        JSON::parse("[]").unwrap(),
        JSON::parse(r#"{"Nonsense": {}}"#).unwrap(),
        JSON::parse(r#"{"Unlock": {}}"#).unwrap(),
        JSON::parse(r#"{"Unlock": {"password": 3}}"#).unwrap(),
        JSON::parse(r#"{"Unlock": {"password": "a"}, "Recover": {}}"#).unwrap(),
        JSON::parse(r#"{"LockAfter": {"minutes": -1}}"#).unwrap(),
        JSON::parse(r#"{"LockAfter": {"minutes": 1.5}}"#).unwrap(),
    ];
    for message in nonsense {
        let shown = format!("{message:?}");
        let problem = answer(keyholder.ask(message)).await.expect_err(&shown);
        assert_eq!(problem.kind, Kind::Internal, "{shown}");
    }
    let plain = JSON::parse(r#"{"CheckKey": {"key": "PORT"}}"#).unwrap();
    assert_eq!(answer(keyholder.ask(plain)).await, Ok(Reply::Done));
}

#[wasm_bindgen_test]
async fn a_keyholder_that_is_dropped_answers_what_was_asked_before() {
    let keyholder = keyholder(&Array::new());
    let asked = keyholder.ask("Passphrase".into());
    drop(keyholder);
    assert!(matches!(answer(asked).await, Ok(Reply::Text(_))));
}
