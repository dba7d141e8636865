//! What JavaScript sees of the module.

use std::rc::Rc;

use js_sys::{Function, Promise};
use subrosa_bridge::js::{from_js, to_js};
use subrosa_bridge::{Event, Kind, Problem, Request};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use crate::Desk;
use crate::browser::{Browser, Given};

/// The keyholder: it answers requests and tells events. It keeps following the team until
/// `free()`, which also drops its keys; only the end of the worker or process wipes them for sure.
#[wasm_bindgen]
pub struct Keyholder {
    desk: Rc<Desk<Browser>>,
}

#[wasm_bindgen]
impl Keyholder {
    /// A keyholder for the server at `origin`, such as `https://secrets.example`. `tell` is called
    /// with each event. `storage` is for places without IndexedDB.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(
        origin: String,
        #[wasm_bindgen(unchecked_param_type = "(event: KeyholderEvent) => void")] tell: Function,
        storage: Option<Given>,
    ) -> Keyholder {
        let told = move |event: Event| {
            if let Ok(event) = to_js(&event) {
                // Whoever listens may fail; that is not the keyholder's affair.
                drop(tell.call1(&JsValue::NULL, &event));
            }
        };
        Keyholder { desk: Rc::new(Desk::new(Browser::new(origin, storage), told)) }
    }

    /// Answers a request. The promise rejects with a `Problem`.
    #[wasm_bindgen(unchecked_return_type = "Promise<Reply>")]
    pub fn ask(
        &self,
        #[wasm_bindgen(unchecked_param_type = "KeyholderRequest")] request: JsValue,
    ) -> Promise {
        let desk = self.desk.clone();
        future_to_promise(async move {
            match answer(&desk, request).await {
                Ok(reply) => Ok(reply),
                Err(problem) => Err(to_js(&problem)?),
            }
        })
    }
}

async fn answer(desk: &Desk<Browser>, request: JsValue) -> Result<JsValue, Problem> {
    let request: Request = from_js(request).ok_or_else(unknown)?;
    let opens = Desk::<Browser>::opens(&request);
    let reply = desk.answer(request).await?;
    if opens {
        spawn_local(desk.watch());
    }
    to_js(&reply).map_err(|_| unknown())
}

fn unknown() -> Problem {
    Problem::new(
        Kind::Internal,
        "The keyholder does not know this request.",
        "Reload the page: it may be of another version.",
    )
}
