//! One object of strings, one line each, in the order given.

use super::quoted;
use crate::wiped_text::Push;

pub(super) fn push(pairs: &[(&str, &str)], push: &mut Push<'_>) {
    let mut before = "{\n  ";
    for (key, value) in pairs {
        push(before);
        quoted::push(key, push);
        push(": ");
        quoted::push(value, push);
        before = ",\n  ";
    }
    push(if pairs.is_empty() { "{}\n" } else { "\n}\n" });
}
