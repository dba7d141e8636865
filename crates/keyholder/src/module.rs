//! What JavaScript sees of the module.

use std::rc::Rc;

use js_sys::{Function, Promise};
use subrosa_bridge::{Event, FromKeyholder, Kind, Problem, ToKeyholder};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

use crate::Desk;
use crate::browser::Browser;

/// The keyholder: it answers numbered requests and tells events.
#[wasm_bindgen]
pub struct Keyholder {
    desk: Rc<Desk<Browser>>,
    tell: Function,
}

#[wasm_bindgen]
impl Keyholder {
    /// A keyholder for the server at `origin`. `tell` is called with each event.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(
        origin: String,
        #[wasm_bindgen(unchecked_param_type = "(event: FromKeyholder) => void")] tell: Function,
    ) -> Keyholder {
        let teller = tell.clone();
        let told = move |event| say(&teller, event);
        Keyholder { desk: Rc::new(Desk::new(Browser::new(origin), told)), tell }
    }

    /// Tells that requests may come.
    pub fn ready(&self) {
        say(&self.tell, Event::Ready);
    }

    /// Answers a request; the promise never rejects, a problem is an answer too.
    #[wasm_bindgen(unchecked_return_type = "Promise<FromKeyholder>")]
    pub fn ask(
        &self,
        #[wasm_bindgen(unchecked_param_type = "ToKeyholder")] message: JsValue,
    ) -> Promise {
        let desk = self.desk.clone();
        future_to_promise(async move {
            let id = js_sys::Reflect::get(&message, &"id".into()).ok();
            let id = id.and_then(|id| id.as_f64()).unwrap_or(0.0) as u32;
            let asked: Result<ToKeyholder, _> = serde_wasm_bindgen::from_value(message);
            let result = match asked {
                Ok(ToKeyholder { request, .. }) => {
                    let opens = Desk::<Browser>::opens(&request);
                    let result = desk.answer(request).await;
                    if opens && result.is_ok() {
                        let desk = desk.clone();
                        spawn_local(async move { desk.watch().await });
                    }
                    result
                }
                Err(_) => Err(Problem::new(
                    Kind::Internal,
                    "The keyholder does not know this request.",
                    "Reload the page: it may be of another version.",
                )),
            };
            to_js(&FromKeyholder::Reply { id, result })
        })
    }
}

fn say(tell: &Function, event: Event) {
    if let Ok(event) = to_js(&FromKeyholder::Event(event)) {
        // Whoever listens may fail; that is not the keyholder's affair.
        drop(tell.call1(&JsValue::NULL, &event));
    }
}

fn to_js(message: &FromKeyholder) -> Result<JsValue, JsValue> {
    serde_wasm_bindgen::to_value(message).map_err(JsValue::from)
}
