//! Writing: how a value is quoted so that every reader reads it back.

use std::fmt;

use super::{BYTE_ORDER_MARK, check_key};

/// Writes a dotenv text that [`read`] reads back equal, and both readers that the top of this
/// module names wherever some quoting makes that possible.
///
/// It is not meant to be run by a shell, which would expand what stands in double quotes.
///
/// # Errors
/// [`WriteError`], at the first pair that [`read`] would not take.
pub fn write<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<String, WriteError> {
    let mut text = String::new();
    for (key, value) in pairs {
        if check_key(key).is_err() {
            return Err(WriteError::InvalidKey { key: key.to_owned() });
        }
        if value.contains('\0') {
            return Err(WriteError::Nul { key: key.to_owned() });
        }
        text.push_str(key);
        text.push('=');
        match Quoting::for_value(value) {
            Quoting::Bare => text.push_str(value),
            Quoting::Single => text.extend(["'", value, "'"]),
            Quoting::Double => {
                text.push('"');
                push_escaped(&mut text, value, &[('\r', "\\r")]);
                text.push('"');
            }
            Quoting::Escaped => {
                text.push('"');
                push_escaped(&mut text, value, &[('\r', "\\r"), ('\\', "\\\\"), ('"', "\\\"")]);
                // After a value that ends in a backslash, npm's dotenv takes the closing quote for
                // an escaped one and looks for the next. The quotes in this comment stop it there:
                // they are not at a line's end, so the search falls back to the true one and
                // the assignments below stay whole.
                text.push_str("\" # \"npm\" dotenv would keep the backslashes");
            }
        }
        text.push('\n');
    }
    Ok(text)
}

/// Why [`write()`] refuses a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The key breaks the rule for keys.
    InvalidKey {
        /// The key.
        key: String,
    },
    /// The value has a NUL character, which no environment variable can hold.
    Nul {
        /// The value's key.
        key: String,
    },
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::InvalidKey { key } => {
                write!(f, "{key} is no key for a dotenv file. Rename it")
            }
            WriteError::Nul { key } => {
                write!(f, "the value of {key} has a NUL character. Encode it as base64")
            }
        }
    }
}

impl std::error::Error for WriteError {}

/// How [`write()`] writes a value: the first of these that all three readers read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quoting {
    /// Nothing around it.
    Bare,
    /// Single quotes, nothing escaped.
    Single,
    /// Double quotes, with `\r` for CR.
    Double,
    /// Double quotes with all escapes: npm's dotenv does not undo `\\` and `\"`.
    Escaped,
}

impl Quoting {
    fn for_value(value: &str) -> Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&byte);
        if !value.is_empty() && value.bytes().all(plain) {
            Quoting::Bare
        } else if survives_single_quotes(value) {
            Quoting::Single
        } else if survives_double_quotes(value) {
            Quoting::Double
        } else if survives_bare(value) {
            Quoting::Bare
        } else {
            Quoting::Escaped
        }
    }
}

/// Single quotes come first because shells and most other readers expand nothing in them.
fn survives_single_quotes(value: &str) -> bool {
    // A single quote would end the value. Python undoes `\\` and `\'`, the second also where it is
    // a last backslash and the closing quote. A bare CR becomes LF when a file is opened as text.
    !value.contains(['\'', '\r']) && !value.contains("\\\\") && !value.ends_with('\\')
}

fn survives_double_quotes(value: &str) -> bool {
    // npm's dotenv undoes `\n` and `\r` only, Python ten escapes, we six: a backslash is the same
    // to all only before a character that none of the three undoes. (CR is written `\r`.)
    let mut after_backslash = value.split('\\').skip(1).map(|part| part.chars().next());
    let kept = |next: Option<char>| next.is_some_and(|c| !"'\"$\rabfnrtv".contains(c));
    !value.contains('"') && after_backslash.all(kept)
}

/// Without quotes nothing is an escape, but a `#`, a quote in front, line ends (U+2028 and U+2029
/// are some to JavaScript) and blanks at the edges have a meaning. JavaScript's blanks include the
/// byte order mark, Python's the four separators U+001C to U+001F.
fn survives_bare(value: &str) -> bool {
    let breaks = ['#', '\n', '\r', '\u{2028}', '\u{2029}'];
    let blank =
        |c: char| c.is_whitespace() || c == BYTE_ORDER_MARK || ('\u{1c}'..='\u{1f}').contains(&c);
    !value.is_empty()
        && !value.contains(breaks)
        && value.trim_matches(blank) == value
        && !value.starts_with(['"', '\'', '`'])
}

fn push_escaped(text: &mut String, value: &str, escapes: &[(char, &str)]) {
    for c in value.chars() {
        match escapes.iter().find(|(from, _)| *from == c) {
            Some((_, escape)) => text.push_str(escape),
            None => text.push(c),
        }
    }
}
