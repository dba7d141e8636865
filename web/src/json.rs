//! JSON by the browser's own reader and writer: serde's would be 11 KB more in the page.

use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value as JSON.
pub fn to_json<T: Serialize>(value: &T) -> Option<String> {
    Some(JSON::stringify(&serde_wasm_bindgen::to_value(value).ok()?).ok()?.into())
}

/// The value that a text is the JSON of.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_wasm_bindgen::from_value(JSON::parse(text).ok()?).ok()
}
