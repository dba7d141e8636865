//! One mapping of double-quoted strings, one line each.
//!
//! Keys are quoted as well: bare, `y`, `NULL` or `ON` would be something else than a string.

use super::quoted;
use crate::wiped_text::Push;

pub(super) fn push(pairs: &[(&str, &str)], push: &mut Push<'_>) {
    for (key, value) in pairs {
        quoted::push(key, push);
        push(": ");
        quoted::push(value, push);
        push("\n");
    }
    // An empty text would be null.
    if pairs.is_empty() {
        push("{}\n");
    }
}
