//! Messages as values of JavaScript.

use wasm_bindgen::JsValue;

use crate::tree::{Message, Tree};

/// A message as a value of JavaScript.
///
/// # Errors
/// A number that JavaScript cannot hold.
pub fn to_js(message: &impl Message) -> Result<JsValue, JsValue> {
    fn shared(tree: &Tree) -> Result<JsValue, JsValue> {
        Ok(serde_wasm_bindgen::to_value(tree)?)
    }
    shared(&message.to_tree())
}

/// The message that a value of JavaScript is; `None` if it is none of these.
#[must_use]
pub fn from_js<T: Message>(value: JsValue) -> Option<T> {
    fn shared(value: JsValue) -> Option<Tree> {
        serde_wasm_bindgen::from_value(value).ok()
    }
    T::from_tree(shared(value)?)
}
