//! The rule for a secret's key (its name).

use subrosa_wire::object::MAX_PLAINTEXT;

/// The longest key, in characters.
pub const MAX_KEY: usize = 256;
/// The longest note, in bytes.
pub const MAX_NOTE: usize = 1024;
/// The longest name of a team, member, project, environment or application, in characters.
pub const MAX_NAME: usize = 64;
/// The longest mount path, in bytes.
pub const MAX_MOUNT: usize = 1024;
/// The longest value, in bytes.
pub const MAX_VALUE: usize = MAX_PLAINTEXT;

/// Keys that begin so are BUILT_IN's.
pub const RESERVED: &str = "SUBROSA_";

/// How a key breaks the rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadKey {
    /// Nothing there.
    #[error("a key must not be empty")]
    Empty,
    /// Over [`MAX_KEY`].
    #[error("a key has at most 256 characters")]
    TooLong,
    /// Something else than letters, digits and underscores, or a digit first.
    #[error("a key has only the letters A to Z, digits and underscores, and no digit first")]
    Character,
    /// Begins with [`RESERVED`].
    #[error("keys that begin with SUBROSA_ are reserved")]
    Reserved,
}

/// Checks a key that is not BUILT_IN's: [`check_shape`], and not [`RESERVED`].
///
/// # Errors
/// [`BadKey`].
pub fn check_key(key: &str) -> Result<(), BadKey> {
    check_shape(key)?;
    if key.starts_with(RESERVED) { Err(BadKey::Reserved) } else { Ok(()) }
}

/// Checks a key against the rule `[A-Za-z_][A-Za-z0-9_]*`, at most 256 characters.
///
/// # Errors
/// [`BadKey`].
pub fn check_shape(key: &str) -> Result<(), BadKey> {
    let mut bytes = key.bytes();
    let Some(first) = bytes.next() else { return Err(BadKey::Empty) };
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    if !letter(first) || !bytes.all(|byte| letter(byte) || byte.is_ascii_digit()) {
        return Err(BadKey::Character);
    }
    if key.len() > MAX_KEY { Err(BadKey::TooLong) } else { Ok(()) }
}

/// Whether this is a mount path: absolute and normalised (no empty part, no `.` or `..`, no slash
/// at its end), of at most [`MAX_MOUNT`] bytes, without control characters.
#[must_use]
pub fn is_mount(path: &str) -> bool {
    let Some(relative) = path.strip_prefix('/') else { return false };
    path.len() <= MAX_MOUNT
        && !path.chars().any(char::is_control)
        && relative.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// The nearest key that keeps the rule; `None` where nothing is left of `key`.
#[must_use]
pub fn suggest_key(key: &str) -> Option<String> {
    let replace = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    // Quotes around a key come from JSON or YAML.
    let bare = key.trim().trim_matches(['"', '\'']);
    let name: String = bare.chars().map(replace).take(MAX_KEY - 1).collect();
    let mut name = name.as_str();
    while let Some(rest) = name.strip_prefix(RESERVED) {
        name = rest;
    }
    if name.chars().all(|c| c == '_') {
        return None;
    }
    let digit = name.starts_with(|c: char| c.is_ascii_digit());
    Some(if digit { format!("_{name}") } else { name.to_owned() })
}

/// Whether this is a name of 1 to 64 characters without control characters or edge blanks.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let len = name.chars().count();
    (1..=MAX_NAME).contains(&len) && name.trim() == name && !name.chars().any(char::is_control)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_of_projects_and_their_like() {
        for good in ["A", "a b", "Ä / b", &"n".repeat(64)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", " ", " a", "a ", "a\nb", "\t", &"n".repeat(65)] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }

    #[test]
    fn the_rule() {
        for good in ["A", "_", "a1", "DATABASE_URL", "subrosa_x"] {
            assert_eq!(check_key(good), Ok(()), "{good}");
        }
        assert_eq!(check_key(&"A".repeat(256)), Ok(()));
        assert_eq!(check_key(""), Err(BadKey::Empty));
        assert_eq!(check_key(&"A".repeat(257)), Err(BadKey::TooLong));
        for bad in ["1A", "A-B", "A.B", "A B", "Ä", "A\n", " A"] {
            assert_eq!(check_key(bad), Err(BadKey::Character), "{bad}");
        }
        assert_eq!(check_key("SUBROSA_TEAM_ID"), Err(BadKey::Reserved));
    }

    #[test]
    fn mount_paths() {
        for good in ["/a", "/etc/ssl/key.pem", "/a b/ä", "/...", "/.env"] {
            assert!(is_mount(good), "{good}");
        }
        assert!(is_mount(&format!("/{}", "a".repeat(MAX_MOUNT - 1))));
        assert!(!is_mount(&format!("/{}", "a".repeat(MAX_MOUNT))));
        for bad in ["", "/", "a", "a/b", "/a/", "//a", "/a//b", "/a/./b", "/a/../b", "/..", "/a\n"]
        {
            assert!(!is_mount(bad), "{bad}");
        }
    }

    #[test]
    fn suggestions() {
        assert_eq!(suggest_key("POSTGRES.USER").as_deref(), Some("POSTGRES_USER"));
        assert_eq!(suggest_key("1PASSWORD").as_deref(), Some("_1PASSWORD"));
        assert_eq!(suggest_key("SUBROSA_X").as_deref(), Some("X"));
        assert_eq!(suggest_key("--"), None);
    }

    proptest! {
        #[test]
        fn a_suggestion_keeps_the_rule(key in ".{0,300}") {
            if let Some(suggestion) = suggest_key(&key) {
                prop_assert_eq!(check_key(&suggestion), Ok(()));
            }
        }
    }
}
