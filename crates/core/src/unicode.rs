//! What needs Unicode's tables. In a browser its own are used: they would be a third of the module.

use zeroize::Zeroizing;

/// `text` in normalisation form C (UAX #15), so that a password is the same however its accents
/// were typed. Unicode keeps the form stable for every character that a version knows, and the
/// vectors hold both to the same answers.
#[cfg(target_arch = "wasm32")]
pub(crate) fn nfc(text: &str) -> Zeroizing<String> {
    Zeroizing::new(js_sys::JsString::from(text).normalize("NFC").into())
}

/// `text` in normalisation form C.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn nfc(text: &str) -> Zeroizing<String> {
    use unicode_normalization::UnicodeNormalization;
    Zeroizing::new(text.nfc().collect())
}

/// `text` in lower case, for finding it however it is written. What comes of it is compared here
/// and stored nowhere.
#[must_use]
pub fn lower_case(text: &str) -> String {
    // Keys are ASCII, and most notes: there is no need to ask a browser ten thousand times.
    if text.is_ascii() { text.to_ascii_lowercase() } else { lower_case_beyond_ascii(text) }
}

#[cfg(target_arch = "wasm32")]
fn lower_case_beyond_ascii(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

#[cfg(not(target_arch = "wasm32"))]
fn lower_case_beyond_ascii(text: &str) -> String {
    text.to_lowercase()
}

/// Whether `text` has `part` in it.
#[must_use]
pub fn contains(text: &str, part: &str) -> bool {
    find(text, part).is_some()
}

/// Where `part` is in `text`. The standard library's search is built for longer parts, and is 5 KB of
/// WebAssembly; it is also what looks for a single `char` there.
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())
}

/// `text` before and after the byte `at`; no character is split. What the standard library says where
/// one would be (`text[at..]`, `split_at`) is 2 KB of WebAssembly, with tables of what is printable.
pub(crate) fn split(text: &str, at: usize) -> (&str, &str) {
    text.split_at_checked(at).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_wherever_it_is() {
        for (text, part) in [("abc", "c"), ("abc", ""), ("", ""), ("aab", "ab"), ("ü", "ü")] {
            assert!(contains(text, part), "{text} {part}");
        }
        for (text, part) in [("abc", "d"), ("", "a"), ("ab", "abc"), ("ac", "ab")] {
            assert!(!contains(text, part), "{text} {part}");
        }
    }
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn any_case_is_found() {
        for (text, lower) in [("DATABASE_url", "database_url"), ("ÜBER Größe Ж", "über größe ж")]
        {
            assert_eq!(lower_case(text), lower);
        }
    }
}
