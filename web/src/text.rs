//! Texts as people look for them, with less code than the standard library has for it.

/// Where `part` is in `text`. The standard library's search is built for longer parts.
pub fn find(text: &str, part: &str) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())
}

/// `text` in lower case, for finding it however it is written.
pub fn lower_case(text: &str) -> String {
    // By the browser's tables, since the standard library's are 8 KB of the page. Most names are
    // ASCII: there is no need to ask for each.
    if text.is_ascii() { text.to_ascii_lowercase() } else { beyond_ascii::lower_case(text) }
}

/// What stands for a name where there is room for one character.
pub fn initial(name: &str) -> String {
    let first: String = name.chars().take(1).collect();
    if first.is_ascii() { first.to_ascii_uppercase() } else { beyond_ascii::upper_case(&first) }
}

#[cfg(target_arch = "wasm32")]
mod beyond_ascii {
    use js_sys::JsString;

    pub fn lower_case(text: &str) -> String {
        JsString::from(text).to_lower_case().into()
    }

    pub fn upper_case(text: &str) -> String {
        JsString::from(text).to_upper_case().into()
    }
}

/// Where tests of the rest run, outside of a browser.
#[cfg(not(target_arch = "wasm32"))]
mod beyond_ascii {
    pub fn lower_case(text: &str) -> String {
        text.to_lowercase()
    }

    pub fn upper_case(text: &str) -> String {
        text.to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_wherever_it_is() {
        let found = ["", "é", "to", "té", "ét"].map(|part| find("été", part));
        assert_eq!(found, [Some(0), Some(0), None, Some(2), Some(0)]);
    }

    #[test]
    fn all_letters_have_their_cases() {
        assert_eq!(lower_case("Ärger in PROD"), "ärger in prod");
        assert_eq!(["billing", "éclair", "ßa", "7", ""].map(initial), ["B", "É", "SS", "7", ""]);
    }
}
