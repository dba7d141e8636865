//! The storage that a program brings, where there is no IndexedDB.

use js_sys::{Promise, Uint8Array};
use subrosa_client::Update;
use wasm_bindgen::closure::ScopedClosure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::device::Change;

#[wasm_bindgen(typescript_custom_section)]
const TYPE: &str = r#"
/**
 * Keeps a few small values durably: the Secret Key, how far the log was seen, unfinished changes.
 */
export interface KeyholderStorage {
    /** The value under `name`, if there is one. */
    read(name: string): Promise<Uint8Array | undefined>;
    /**
     * Calls `change` once with the value under `name`, and keeps what it returns: new bytes, `null`
     * to remove the value, `undefined` to leave it. Nobody else, in this or another process,
     * changes the value in between; when the promise resolves, the change survives a crash.
     */
    update(
        name: string,
        change: (now: Uint8Array | undefined) => Uint8Array | null | undefined,
    ): Promise<void>;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// A storage that the program brings.
    #[derive(Clone)]
    #[wasm_bindgen(typescript_type = "KeyholderStorage")]
    pub type Given;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Given, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn update(this: &Given, name: &str, change: &JsValue) -> Result<JsValue, JsValue>;
}

impl Given {
    pub(super) async fn value(&self, name: &str) -> Result<Option<Vec<u8>>, JsValue> {
        let read = JsFuture::from(Promise::resolve(&self.read(name)?));
        bytes(read.await?)
    }

    pub(super) async fn change(&self, name: &str, change: Change<'_>) -> Result<(), JsValue> {
        let mut calls = 0;
        let mut called = |now: JsValue| -> Result<JsValue, JsValue> {
            let now = bytes(now)?;
            calls += 1;
            if calls > 1 {
                return Err(JsValue::from("change was called twice"));
            }
            Ok(match change(now) {
                Update::Keep => JsValue::UNDEFINED,
                Update::Put(bytes) => Uint8Array::from(bytes.as_slice()).into(),
                Update::Remove => JsValue::NULL,
            })
        };
        let function = ScopedClosure::<dyn FnMut(JsValue) -> Result<JsValue, JsValue>>::borrow_mut(
            &mut called,
        );
        let updated = self.update(name, function.as_ref());
        let updated = JsFuture::from(Promise::resolve(&updated?)).await;
        drop(function);
        // A storage that swallowed what `change` threw has kept nothing.
        match (updated, calls) {
            (Ok(_), 1) => Ok(()),
            (Ok(_), _) => Err(JsValue::from("change was not called once")),
            (Err(error), _) => Err(error),
        }
    }
}

/// What is stored, if anything. What is no value of ours must not pass for none: it would be
/// written over.
fn bytes(value: JsValue) -> Result<Option<Vec<u8>>, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    value.dyn_into::<Uint8Array>().map(|array| Some(array.to_vec()))
}
