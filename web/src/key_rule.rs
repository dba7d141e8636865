//! What a key (name) may look like, told while it is typed. The keyholder decides.

/// The prefix of what is built in.
const RESERVED: &str = "SUBROSA_";
/// Characters at most.
const LONGEST: usize = 256;

/// Why `key` can't be one; `None` where it can, or where nothing is typed yet.
pub fn fault(key: &str) -> Option<&'static str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if key.is_empty() {
        None
    } else if key.starts_with(|c: char| c.is_ascii_digit()) {
        Some("A key can't start with a digit.")
    } else if !key.chars().all(fits) {
        Some("A key has letters A to Z, digits and underscores only.")
    } else if key.len() > LONGEST {
        Some("A key has 256 characters at most.")
    } else if key.starts_with(RESERVED) {
        Some("Keys that start with SUBROSA_ are built in.")
    } else {
        None
    }
}

/// A key made of what was typed, where that helps.
pub fn suggestion(typed: &str) -> Option<String> {
    fault(typed)?;
    let mut key: String = typed
        .trim()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' })
        .take(LONGEST)
        .collect();
    if key.starts_with(|c: char| c.is_ascii_digit()) {
        key.insert(0, '_');
        key.truncate(LONGEST);
    }
    let something = key.bytes().any(|byte| byte != b'_');
    (something && fault(&key).is_none()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_keys_have_no_fault() {
        for key in ["A", "_", "stripe_key", "DB_URL_2"] {
            assert_eq!(fault(key), None, "{key}");
        }
    }

    #[test]
    fn bad_keys_are_named_and_mended() {
        for (typed, mended) in [
            ("2FA_SECRET", Some("_2FA_SECRET")),
            ("db-url", Some("DB_URL")),
            ("api key", Some("API_KEY")),
            ("SUBROSA_TEAM_ID", None),
            ("---", None),
            ("GOOD", None),
        ] {
            assert_eq!(suggestion(typed).as_deref(), mended, "{typed}");
        }
        assert!(fault(&"A".repeat(257)).is_some());
    }
}
