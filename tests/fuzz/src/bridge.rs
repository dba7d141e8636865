//! The messages between page and keyholder, in JSON: what is read is written as the same, and a
//! locked desk answers any request, gives nothing away and never waits for ever.

use core::convert::Infallible;

use futures_util::FutureExt;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::Value;
use subrosa_bridge::tree::Fields;
use subrosa_bridge::view::Status;
use subrosa_bridge::{FromKeyholder, Hidden, Message, Reply, Request, ToKeyholder, Tree};
use subrosa_client::{
    CannotStore, Chunks, Host, HttpRequest, HttpResponse, Storage, Streamed, Transport,
    Unreachable, Update,
};
use subrosa_core::account::MIN_PASSWORD;
use subrosa_core::kit::Kit;
use subrosa_keyholder::Desk;

/// One input.
pub fn run(data: &[u8]) {
    same_again::<FromKeyholder>(data);
    same_again::<ToKeyholder>(data);
    let Some(request) = same_again::<Request>(data) else { return };
    // Both derive a key, which takes a tenth of a second and shows nothing here.
    let derives = match &request {
        Request::BeginSetup { password, .. } => password.expose().chars().count() >= MIN_PASSWORD,
        Request::Recover { kit, .. } => Kit::read(kit.expose()).is_ok(),
        _ => false,
    };
    if !derives {
        a_locked_desk_answers(request);
    }
}

/// The message, if it is one; and what is written of it reads as the same.
fn same_again<T: Message + PartialEq>(data: &[u8]) -> Option<T> {
    let message = read::<T>(data)?;
    let written = serde_json::to_vec(&message.to_tree()).expect("JSON");
    assert!(read::<T>(&written).expect("what was written") == message);
    Some(message)
}

fn read<T: Message>(json: &[u8]) -> Option<T> {
    T::from_tree(tree(serde_json::from_slice(json).ok()?)?)
}

/// What the module reads from values of JavaScript, from JSON.
fn tree(value: Value) -> Option<Tree> {
    Some(match value {
        Value::Null => Tree::Nothing,
        Value::Bool(truth) => Tree::Truth(truth),
        Value::Number(number) => Tree::Number(number.as_u64()?),
        Value::String(text) => Tree::Text(Hidden::new(text)),
        Value::Array(list) => Tree::List(list.into_iter().map(tree).collect::<Option<_>>()?),
        Value::Object(fields) => {
            let field = |(name, value)| Some((name, tree(value)?));
            Tree::Fields(fields.into_iter().map(field).collect::<Option<Fields>>()?)
        }
    })
}

fn a_locked_desk_answers(request: Request) {
    let desk = Desk::new(Nowhere, |_| {});
    let asked = request.clone();
    let answer = desk.answer(request).now_or_never().expect("an answer at once");
    match answer {
        Err(problem) => assert!(!problem.message.is_empty() && !problem.next.is_empty()),
        Ok(Reply::Status(status)) => assert!(status == Status::Empty),
        Ok(Reply::Device(_)) => assert!(matches!(asked, Request::Device)),
        // They are shown before it is unlocked; this device has none.
        Ok(Reply::Alarms(alarms)) => assert!(alarms.is_empty()),
        Ok(Reply::Text(_)) => assert!(matches!(asked, Request::Passphrase)),
        Ok(Reply::Done) => assert!(matches!(
            asked,
            Request::CheckKey { .. }
                | Request::LockAfter { .. }
                | Request::ForgetDevice
                | Request::PauseRotation
        )),
        Ok(_) => panic!("a locked desk gave something away"),
    }
}

/// A device that keeps nothing, out of reach of any server.
#[derive(Clone)]
struct Nowhere;

impl Transport for Nowhere {
    type Chunks = Nothing;

    fn origin(&self) -> String {
        "https://secrets.example".to_owned()
    }

    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, Unreachable> {
        Err(Unreachable)
    }

    async fn stream(&self, _: HttpRequest) -> Result<Streamed<Nothing>, Unreachable> {
        Err(Unreachable)
    }
}

struct Nothing(Infallible);

impl Chunks for Nothing {
    async fn next(&mut self) -> Option<Vec<u8>> {
        match self.0 {}
    }
}

impl Storage for Nowhere {
    async fn read(&self, _: &str) -> Result<Option<Vec<u8>>, CannotStore> {
        Ok(None)
    }

    async fn update(
        &self,
        _: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Update,
    ) -> Result<(), CannotStore> {
        change(None);
        Ok(())
    }
}

impl Host for Nowhere {
    type Rng = ChaCha20Rng;

    fn now(&self) -> u64 {
        0
    }

    fn rng(&self) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(0)
    }

    async fn pause(&self, _: u32) {}
}
