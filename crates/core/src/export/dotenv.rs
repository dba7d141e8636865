//! Lines of `KEY=value` that every reader takes alike, each as it is out of the box.
//!
//! That is stricter than [`crate::dotenv::write`], which writes any text for readers that expand
//! nothing.

use super::{Reason, shell};
use crate::dotenv;
use crate::unicode::{contains, split};

pub(super) use crate::dotenv::push;

/// npm's dotenv sets a property of this name, which JavaScript takes for another prototype and
/// drops.
const TAKEN: &str = "__proto__";

/// Whether all readers can hold this pair.
pub(super) fn check(key: &str, value: &str) -> Result<(), Reason> {
    shell::check(key, value)?;
    if key == TAKEN {
        Err(Reason::Taken)
    } else if has_reference(value) {
        Err(Reason::Reference)
    } else if !dotenv::all_read(value) {
        Err(Reason::Quoting)
    } else {
        Ok(())
    }
}

/// Whether python-dotenv finds a `${name}` or `${name:-default}` in it. It looks after it has
/// undone quotes and escapes, so none of them protects.
fn has_reference(value: &str) -> bool {
    let Some(last) = value.rfind('}') else { return false };
    // By what may end a name, so that the work is linear however many `${` there are.
    let mut rest = split(value, last + 1).0;
    while let Some(end) = rest.find(['}', ':']) {
        let (name, after) = split(rest, end);
        if contains(name, "${") && (after.starts_with('}') || after.starts_with(":-")) {
            return true;
        }
        rest = split(after, 1).1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        for value in ["${A}", "${}", "a${\n'b}", "${A:-}", "${A:-b}", "$${A}", "${A:b${C}"] {
            assert_eq!(check("K", value), Err(Reason::Reference), "{value:?}");
        }
        for value in ["$A", "$$", "${", "${A", "$ {A}", "${A:b}", "${A:-b", "}${", "$(A)"] {
            assert_eq!(check("K", value), Ok(()), "{value:?}");
        }
    }

    #[test]
    fn quotings() {
        for value in ["", " a ", "pa$$ #`w`\"", "\\n \\", "\n", "it's #1 \\d", "'", "\u{85}'"] {
            let expected = if value.ends_with('\\') { Err(Reason::Quoting) } else { Ok(()) };
            assert_eq!(check("K", value), expected, "{value:?}");
        }
        for value in ["\r", "a\\\\b", "'\"", "'$", "'`", "'\\n", "'\\'", "'\\\n", "'\\`"] {
            assert_eq!(check("K", value), Err(Reason::Quoting), "{value:?}");
        }
    }

    #[test]
    fn keys() {
        for key in ["__proto__", "UID", "BASH_ENV"] {
            assert_eq!(check(key, ""), Err(Reason::Taken), "{key}");
        }
        assert_eq!(check("SUBROSA_TEAM_ID", ""), Ok(()));
    }
}
