//! Writing: how a value is quoted so that every reader reads it back.

use std::fmt;

use zeroize::Zeroizing;

use super::BYTE_ORDER_MARK;
use crate::key_name::check_shape;
use crate::unicode::{contains, split};
use crate::wiped_text::{self, Push};

/// Writes a dotenv text that [`read`] reads back equal, whatever the values.
///
/// So do the two readers that the top of this module names, python-dotenv being told to expand
/// nothing, but for a value that has all of these, which they take differently in any quotes:
///
/// - a single quote, a CR, two backslashes in a row, or one at its end;
/// - a double quote, or a backslash in front of its end, a CR, or any of `\'"$abfnrtv`;
/// - a `#`, a line end, a blank at an edge, or a quote in front.
///
/// Of such a value, npm's dotenv keeps the escapes; a comment beside it says so.
///
/// A shell that sources the text reads most values as well, but not a CR, two backslashes in a row,
/// or one at the end; nor a single quote that has a double quote, `$`, backtick or backslash beside
/// it. It may take parts of those for commands. [`crate::export::write`] refuses them, and whatever
/// else some reader would take otherwise.
///
/// Keys of BUILT_IN are written too, though [`read`] calls them bad.
///
/// # Errors
/// [`WriteError`], at the first pair with a key of another shape or a value with a NUL.
///
/// [`read`]: super::read
pub fn write<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Zeroizing<String>, WriteError> {
    let pairs: Vec<_> = pairs.into_iter().collect();
    for &(key, value) in &pairs {
        if check_shape(key).is_err() {
            return Err(WriteError::InvalidKey { key: key.to_owned() });
        }
        if value.as_bytes().contains(&0) {
            return Err(WriteError::Nul { key: key.to_owned() });
        }
    }
    Ok(wiped_text::write(|to| push(&pairs, to)))
}

/// Pushes the lines of these pairs, which were checked.
pub(crate) fn push(pairs: &[(&str, &str)], push: &mut Push<'_>) {
    for (key, value) in pairs {
        push(key);
        push("=");
        Quoting::for_value(value).push(value, push);
        push("\n");
    }
}

/// Whether what [`write()`] makes of this value is read back equal by all readers of dotenv files,
/// and by a shell that sources it.
pub(crate) fn all_read(value: &str) -> bool {
    match Quoting::for_value(value) {
        Quoting::Bare => is_plain(value),
        Quoting::Single => true,
        // What has a meaning to a shell alone; the other backslashes were looked at already.
        Quoting::Double => !value.contains(['$', '`', '\r']) && !contains(value, "\\\n"),
        Quoting::Escaped => false,
    }
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
        if is_plain(value) {
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

    fn push(self, value: &str, push: &mut Push<'_>) {
        match self {
            Quoting::Bare => push(value),
            Quoting::Single => ["'", value, "'"].into_iter().for_each(push),
            Quoting::Double => {
                push("\"");
                push_escaped(value, &['\r'], push);
                push("\"");
            }
            Quoting::Escaped => {
                push("\"");
                push_escaped(value, &['\r', '\\', '"'], push);
                // After a value that ends in a backslash, npm's dotenv takes the closing quote for
                // an escaped one and looks for the next. The quotes in this comment stop it there:
                // they are not at a line's end, so the search falls back to the true one and
                // the assignments below stay whole.
                push("\" # \"npm\" dotenv would keep the backslashes");
            }
        }
    }
}

/// Each piece of it but the last ends in the one character that gets a backslash.
fn push_escaped(value: &str, escaped: &[char], push: &mut Push<'_>) {
    for piece in value.split_inclusive(escaped) {
        let plain = piece.trim_end_matches(escaped);
        push(plain);
        match split(piece, plain.len()).1 {
            "" => {}
            "\r" => push("\\r"),
            other => ["\\", other].into_iter().for_each(&mut *push),
        }
    }
}

/// Whether nothing in it has a meaning to anybody.
fn is_plain(value: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:@%+,=-".contains(&byte);
    !value.is_empty() && value.bytes().all(plain)
}

/// Single quotes come first because shells and most other readers expand nothing in them.
fn survives_single_quotes(value: &str) -> bool {
    // A single quote would end the value. Python undoes `\\` and `\'`, the second also where it is
    // a last backslash and the closing quote. A bare CR becomes LF when a file is opened as text.
    !value.contains(['\'', '\r']) && !contains(value, "\\\\") && !value.ends_with('\\')
}

fn survives_double_quotes(value: &str) -> bool {
    // npm's dotenv undoes `\n` and `\r` only, Python ten escapes, we six: a backslash is the same
    // to all only before a character that none of the three undoes. (CR is written `\r`.)
    let mut after_backslash = value.split('\\').skip(1).map(|part| part.chars().next());
    let kept =
        |next: Option<char>| next.is_some_and(|c| !"'\"$\rabfnrtv".chars().any(|it| it == c));
    !value.as_bytes().contains(&b'"') && after_backslash.all(kept)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        for (value, written) in [
            ("", "K=''\n"),
            ("https://a.example/?b=c", "K='https://a.example/?b=c'\n"),
            ("user:pw@host/db", "K=user:pw@host/db\n"),
            ("pa$$ #word", "K='pa$$ #word'\n"),
            ("two\nlines", "K='two\nlines'\n"),
            ("it's", "K=\"it's\"\n"),
            ("cr\r\n", "K=\"cr\\r\n\"\n"),
            ("\r", "K=\"\\r\"\n"),
            ("\\\\server\\it's", "K=\\\\server\\it's\n"),
        ] {
            assert_eq!(*write([("K", value)]).unwrap(), written);
        }
        let escaped = write([("K", "it's \"#1\"\r\\")]).unwrap();
        assert!(escaped.starts_with("K=\"it's \\\"#1\\\"\\r\\\\\" # "), "{escaped:?}");
    }

    #[test]
    fn refusals() {
        let key = |key: &str| key.to_owned();
        assert_eq!(write([("a-b", "")]), Err(WriteError::InvalidKey { key: key("a-b") }));
        assert_eq!(write([("K", "\0")]), Err(WriteError::Nul { key: key("K") }));
        assert_eq!(*write([("SUBROSA_TEAM_ID", "x")]).unwrap(), "SUBROSA_TEAM_ID=x\n");
    }

    #[test]
    fn what_all_read() {
        for value in ["", "a=b", "$(x) `y` \\d \"", "it's \\d", "\u{85}'", "a\n'b", "\u{1}\u{7f}"] {
            assert!(all_read(value), "{value:?}");
        }
        for value in ["\r", "a\\\\b", "a\\", "'$x", "'`x`", "a'\"", "'\\\n", "'\"#"] {
            assert!(!all_read(value), "{value:?}");
        }
    }
}
