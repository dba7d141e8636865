//! JSON by the browser's own reader and writer: serde's would be 11 KB more in the page.

use js_sys::JSON;
use subrosa_bridge::Message;
use subrosa_bridge::js::{from_js, to_js};

/// A message as JSON.
pub fn to_json(message: &impl Message) -> Option<String> {
    Some(JSON::stringify(&to_js(message).ok()?).ok()?.into())
}

/// The message that a text is the JSON of.
pub fn from_json<T: Message>(text: &str) -> Option<T> {
    from_js(JSON::parse(text).ok()?)
}
