//! Messages as values of JavaScript.

use js_sys::{Array, Number, Object, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::tree::{Fields, Message, Tree};
use crate::{Hidden, HiddenBytes};

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
    T::from_tree(read(&value)?)
}

/// Reads what a message can be made of, and nothing else. Serde's reader, which takes whatever
/// JavaScript has, were most of what its tongue costs the keyholder.
fn read(value: &JsValue) -> Option<Tree> {
    if value.is_undefined() || value.is_null() {
        return Some(Tree::Nothing);
    }
    if let Some(truth) = value.as_bool() {
        return Some(Tree::Truth(truth));
    }
    if let Some(number) = value.as_f64() {
        let whole = Number::is_safe_integer(value) && number >= 0.0;
        return whole.then_some(Tree::Number(number as u64));
    }
    if let Some(text) = value.as_string() {
        return Some(Tree::Text(Hidden::new(text)));
    }
    if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
        return Some(Tree::Bytes(HiddenBytes::new(bytes.to_vec())));
    }
    if let Some(array) = value.dyn_ref::<Array>() {
        return array.iter().map(|item| read(&item)).collect::<Option<_>>().map(Tree::List);
    }
    if !value.is_object() {
        return None;
    }
    let field = |entry: JsValue| {
        let entry = Array::from(&entry);
        Some((entry.get(0).as_string()?, read(&entry.get(1))?))
    };
    let fields = Object::entries(value.unchecked_ref()).into_iter().map(field);
    fields.collect::<Option<Fields>>().map(Tree::Fields)
}
