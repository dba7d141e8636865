//! Lines of `export KEY='value'` for `sh` and `bash`.
//!
//! In single quotes a shell gives nothing a meaning (POSIX, Shell Command Language, 2.2.2), so
//! sourcing the text runs nothing, whatever the values are.

use super::Reason;
use crate::wiped_text::Push;

/// What bash, or `OPTIND` dash, does not simply keep. What is assigned to `RANDOM`, `SRANDOM` or
/// `HISTCMD` bash even evaluates, running the commands in it.
const TAKEN: [&str; 19] = [
    "_",
    "BASHOPTS",
    "BASHPID",
    "DIRSTACK",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "EUID",
    "FUNCNAME",
    "GROUPS",
    "HISTCMD",
    "LINENO",
    "OPTIND",
    "PIPESTATUS",
    "PPID",
    "RANDOM",
    "SECONDS",
    "SHELLOPTS",
    "SRANDOM",
    "UID",
];

/// Each release of bash adds to these.
const TAKEN_PREFIX: &str = "BASH_";

/// Whether a shell can hold this pair.
pub(super) fn check(key: &str, value: &str) -> Result<(), Reason> {
    if key.starts_with(TAKEN_PREFIX) || TAKEN.contains(&key) {
        Err(Reason::Taken)
    } else if value.as_bytes().contains(&0) {
        Err(Reason::Nul)
    } else {
        Ok(())
    }
}

pub(super) fn push(pairs: &[(&str, &str)], push: &mut Push<'_>) {
    for (key, value) in pairs {
        push("export ");
        push(key);
        let mut before = "='";
        for part in value.split('\'') {
            push(before);
            push(part);
            // Close, a quote by itself, open again.
            before = "'\\''";
        }
        push("'\n");
    }
}
