//! The rule for a named key's name.

/// The longest name, in characters.
pub const MAX_KEY_NAME: usize = 64;

/// How a name breaks the rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadKeyName {
    /// Nothing there, or over [`MAX_KEY_NAME`].
    #[error("a named key's name has 1 to 64 characters")]
    Length,
    /// Something that would have to be escaped in a path, or a dot or dash first.
    #[error(
        "a named key's name has only the letters A to Z, digits, dots, dashes and underscores, and \
         no dot or dash first"
    )]
    Character,
}

/// Checks a name against the rule `[A-Za-z0-9_][A-Za-z0-9._-]*`, at most 64 characters.
///
/// # Errors
/// [`BadKeyName`].
pub fn check_key_name(name: &str) -> Result<(), BadKeyName> {
    let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let any = |byte: u8| first(byte) || matches!(byte, b'.' | b'-');
    if !name.bytes().all(any) || name.starts_with(['.', '-']) {
        return Err(BadKeyName::Character);
    }
    if (1..=MAX_KEY_NAME).contains(&name.len()) { Ok(()) } else { Err(BadKeyName::Length) }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_rule() {
        for good in ["a", "7", "_", "orders.2026-11", &"n".repeat(64)] {
            assert_eq!(check_key_name(good), Ok(()), "{good}");
        }
        assert_eq!(check_key_name(""), Err(BadKeyName::Length));
        assert_eq!(check_key_name(&"n".repeat(65)), Err(BadKeyName::Length));
        for bad in [".a", "-a", "a b", "a/b", "a\n", "ä", "{{A}}"] {
            assert_eq!(check_key_name(bad), Err(BadKeyName::Character), "{bad:?}");
        }
    }
}
