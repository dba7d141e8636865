//! Unicode's normalisation form C (UAX #15), so that a password is the same however its accents
//! were typed.
//!
//! In a browser its own: the tables would be a third of the module. Unicode keeps the form stable
//! for every character that a version knows, and the vectors hold both to the same answers.

use zeroize::Zeroizing;

/// `text` in form C.
#[cfg(target_arch = "wasm32")]
pub(crate) fn nfc(text: &str) -> Zeroizing<String> {
    Zeroizing::new(js_sys::JsString::from(text).normalize("NFC").into())
}

/// `text` in form C.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn nfc(text: &str) -> Zeroizing<String> {
    use unicode_normalization::UnicodeNormalization;
    Zeroizing::new(text.nfc().collect())
}
