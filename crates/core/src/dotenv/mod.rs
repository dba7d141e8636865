//! Reading and writing dotenv texts: lines of `KEY=value`.
//!
//! There is no standard, so the rules are stated here, held against real files and two widely
//! used readers, npm's dotenv 18.0.10 and python-dotenv 1.2.4 (`tests/data/dotenv`). Where those
//! two disagree, the reading wins that loses no part of a value.
//!
//! - `KEY=value`, `export KEY=value` and `KEY: value`; blanks around the `=` are ignored.
//! - A key is `[A-Za-z_][A-Za-z0-9_]*`, at most 256 characters, and does not begin with `SUBROSA_`.
//! - An unquoted value ends with its line and is trimmed. `#` opens a comment only after a blank
//!   or at a line's start: `a#b` is a value, as passwords contain `#`.
//! - In `"double quotes"`, `\n \r \t \" \\ \$` are escapes and any other backslash stays. In
//!   `'single quotes'` and backticks nothing is an escape. All three may span lines.
//! - After a closing quote, only blanks and a `#` comment may follow, and that `#` needs no blank
//!   before it: both readers take `"a"#b` as `a`. With other text (`"a" b`) one of them keeps the
//!   quotes and the other drops the line, so here it is a [`BadLine`].
//! - Nothing is expanded: `${X}` and `$X` are ordinary text.
//! - A byte order mark in front is ignored. Lines end with LF, CRLF or CR; inside quotes, each of
//!   these becomes LF.
//!
//! Nothing is dropped silently: each line is blank, a comment, part of an [`Assignment`] or part
//! of a [`BadLine`].

mod write;

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::key_name::{self, BadKey, suggest_key};
use crate::order;
use crate::unicode::split;

pub use self::write::{WriteError, write};
pub(crate) use self::write::{all_read, push};

/// The longest key that a message repeats, in characters.
const MAX_SHOWN_KEY: usize = 64;
const BYTE_ORDER_MARK: char = '\u{feff}';
const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// What a dotenv text holds.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The assignments in the text's order, those with a repeated key included.
    pub assignments: Vec<Assignment>,
    /// The lines that are no assignment, in the text's order.
    pub bad: Vec<BadLine>,
}

impl Parsed {
    /// The keys that are assigned more than once, ascending, with the lines that do it, in the
    /// text's order.
    #[must_use]
    pub fn duplicates(&self) -> Vec<(&str, Vec<usize>)> {
        let mut all: Vec<&Assignment> = self.assignments.iter().collect();
        order::sort_by(&mut all, |a, b| a.key.cmp(&b.key));
        let same = all.chunk_by(|a, b| a.key == b.key).filter(|same| same.len() > 1);
        same.map(|same| (&*same[0].key, same.iter().map(|it| it.line).collect())).collect()
    }
}

/// One `KEY=value`.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The line it begins on, counted from 1.
    pub line: usize,
    /// The line it ends on: a later one if the value spans lines.
    pub last_line: usize,
    /// The key, which keeps the rule for keys.
    pub key: String,
    /// The value, without its quotes and escapes.
    pub value: Value,
}

/// A value: wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Value(String);

impl Value {
    /// The text, for the one place that seals or shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text, moved out without a copy.
    #[must_use]
    pub fn into_exposed(mut self) -> Zeroizing<String> {
        Zeroizing::new(std::mem::take(&mut self.0))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(…)")
    }
}

/// A line that is neither blank, nor a comment, nor an assignment.
///
/// Its [`Display`](fmt::Display) names the line, what is wrong and what to do; never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line it begins on, counted from 1.
    pub line: usize,
    /// The line it ends on: a later one if it has a quoted value that spans lines.
    pub last_line: usize,
    /// The key as written, if it is one a person would type.
    ///
    /// `None` if it could be a piece of a value, such as a line of base64 that ends in `=`.
    pub key: Option<String>,
    /// What is wrong.
    pub reason: BadLineReason,
    /// A key to use instead.
    pub suggestion: Option<String>,
    /// The value, where only the key is bad: a rename saves it.
    pub value: Option<Value>,
}

/// Why a line is a [`BadLine`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLineReason {
    /// The key has something else than letters, digits and underscores, or a digit first.
    InvalidKey,
    /// The key has more than 256 characters.
    LongKey,
    /// The key begins with `SUBROSA_`.
    ReservedKey,
    /// There is no `=`, nor a `:` with a blank after it.
    NoAssignment,
    /// The value's quote is not closed, or only by what looks like another value's quote.
    UnclosedQuote {
        /// The character that opens the value.
        quote: char,
    },
    /// There is text other than a comment after the closing quote.
    TextAfterQuote {
        /// The character around the value.
        quote: char,
    },
    /// The value has a NUL character, which no environment variable can hold.
    Nul,
}

impl fmt::Display for BadLineReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadLineReason::InvalidKey => f.write_str(
                "a key has only the letters A to Z, digits and underscores, and no digit first. \
                 Rename it",
            ),
            BadLineReason::LongKey => f.write_str("a key has at most 256 characters. Shorten it"),
            BadLineReason::ReservedKey => {
                f.write_str("keys that begin with SUBROSA_ are reserved. Rename it")
            }
            BadLineReason::NoAssignment => f.write_str(
                "there is no = here. Write KEY=value, put # in front to make it a comment, \
                 or put quotes around the value that it belongs to",
            ),
            BadLineReason::UnclosedQuote { quote } => {
                write!(f, "the value opens with {quote} and is not closed. Add {quote} at its end")
            }
            BadLineReason::TextAfterQuote { quote } => write!(
                f,
                "there is text after the closing {quote}. Remove it, put # in front of it, \
                 or quote the whole value with a character that it does not contain",
            ),
            BadLineReason::Nul => {
                f.write_str("the value has a NUL character. Remove it, or encode it as base64")
            }
        }
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(key) = &self.key {
            write!(f, " ({key})")?;
        }
        write!(f, ": {}", self.reason)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, ", for example to {suggestion}")?;
        }
        f.write_str(".")
    }
}

/// Reads a dotenv text by the rules at the top of this module.
///
/// The work is linear in the text's length, whatever it holds: a search for a closing quote ends
/// at the next quote of its kind, so searches for the same kind never overlap.
#[must_use]
pub fn read(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut rest = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut line = 1;
    // After an unclosed quote, what follows may be the value's own lines: their "keys" stay unsaid.
    let mut maybe_in_value = false;
    while !rest.is_empty() {
        let mut last_line = line;
        let (first, mut after) = split(rest, line_end(rest));
        let content = first.trim_start();
        let show = |key: &str| (!maybe_in_value && is_typed(key)).then(|| key.to_owned());
        let bad = |last_line, key, reason| BadLine {
            line,
            last_line,
            key,
            reason,
            suggestion: None,
            value: None,
        };
        if content.is_empty() || content.starts_with('#') {
            // Nothing to keep.
        } else if let Some((key, on_line)) = split_key(content) {
            let value;
            (value, after) = read_value(split(rest, first.len() - on_line.len()).1);
            last_line += count_line_ends(split(rest, rest.len() - after.len()).0);
            let unclosed = matches!(value, Err(BadLineReason::UnclosedQuote { .. }));
            match (check_key(key), value) {
                (Ok(()), Ok(value)) => {
                    let key = key.to_owned();
                    parsed.assignments.push(Assignment { line, last_line, key, value });
                }
                (Ok(()), Err(reason)) => parsed.bad.push(bad(last_line, show(key), reason)),
                (Err(reason), value) => parsed.bad.push(BadLine {
                    suggestion: show(key).and_then(|key| suggest_key(&key)),
                    value: value.ok(),
                    ..bad(last_line, show(key), reason)
                }),
            }
            maybe_in_value |= unclosed;
        } else {
            parsed.bad.push(bad(line, None, BadLineReason::NoAssignment));
        }
        rest = skip_line_end(after);
        line = last_line + 1;
    }
    parsed
}

/// Splits a line at its `=`, or `:` with a blank after it, into the key and what follows.
fn split_key(content: &str) -> Option<(&str, &str)> {
    let (at, _) = find_separator(content)?;
    let exported =
        content.strip_prefix("export").filter(|rest| rest.starts_with(char::is_whitespace));
    let (key, after) = (split(content, at).0, split(content, at + 1).1);
    match exported.map(|_| split(key, "export".len()).1.trim()) {
        // `export = 1` assigns to a key called export.
        Some(exported) if !exported.is_empty() => Some((exported, after)),
        _ => Some((key.trim_end(), after)),
    }
}

fn find_separator(content: &str) -> Option<(usize, char)> {
    let mut after_blank = false;
    let mut chars = content.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '=' => return Some((at, c)),
            ':' if chars.peek().is_none_or(|(_, next)| next.is_whitespace()) => {
                return Some((at, c));
            }
            '#' if after_blank => return None,
            _ => after_blank = c.is_whitespace(),
        }
    }
    None
}

/// Reads the value at the start of `text`, which goes on to the end of the file.
///
/// Also gives what follows it, from the end of its last line; the first line's if it is bad.
fn read_value(text: &str) -> (Result<Value, BadLineReason>, &str) {
    let (on_line, after_line) = split(text, line_end(text));
    let value = on_line.trim_start();
    let (content, after) = match value.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => {
            let opened = split(text, on_line.len() - value.len() + 1).1;
            match split_quoted(opened, quote) {
                Ok((content, after)) => (unquote(content, quote), after),
                Err(reason) => return (Err(reason), after_line),
            }
        }
        _ => (cut_comment(on_line).trim().to_owned(), after_line),
    };
    let value = Value(content);
    if value.0.as_bytes().contains(&0) {
        (Err(BadLineReason::Nul), after)
    } else {
        (Ok(value), after)
    }
}

/// Cuts an unquoted value at the first `#` that has a blank before it.
fn cut_comment(on_line: &str) -> &str {
    let mut after_blank = false;
    let opens_comment = |c: char| {
        let opens = c == '#' && after_blank;
        after_blank = c.is_whitespace();
        opens
    };
    on_line.find(opens_comment).map_or(on_line, |at| split(on_line, at).0)
}

/// Splits `opened`, which begins after an opening quote, into what is quoted and what follows the
/// line of the closing quote.
fn split_quoted(opened: &str, quote: char) -> Result<(&str, &str), BadLineReason> {
    let end = find_closing(opened, quote).ok_or(BadLineReason::UnclosedQuote { quote })?;
    let (content, after) = (split(opened, end).0, split(opened, end + quote.len_utf8()).1);
    let (tail, after_line) = split(after, line_end(after));
    let tail = tail.trim_start();
    if tail.is_empty() || tail.starts_with('#') {
        Ok((content, after_line))
    } else if content.contains(LINE_ENDS) {
        // `A="x` above `B="y"`: the quote that was found opens the value of B.
        Err(BadLineReason::UnclosedQuote { quote })
    } else {
        Err(BadLineReason::TextAfterQuote { quote })
    }
}

fn find_closing(opened: &str, quote: char) -> Option<usize> {
    if quote != '"' {
        return opened.find(quote);
    }
    // Bytes will do: no byte of a longer character equals a quote or a backslash.
    let mut bytes = opened.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(at),
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    None
}

fn unquote(content: &str, quote: char) -> String {
    // Never longer than what it is made from, so nothing is left behind by a reallocation.
    let mut value = String::with_capacity(content.len());
    let mut chars = content.chars().peekable();
    while let Some(c) = chars.next() {
        let unescaped = match chars.peek() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(next @ ('"' | '\\' | '$')) => *next,
            _ => '\0',
        };
        match c {
            '\\' if quote == '"' && unescaped != '\0' => {
                value.push(unescaped);
                chars.next();
            }
            '\r' => {
                value.push('\n');
                chars.next_if_eq(&'\n');
            }
            _ => value.push(c),
        }
    }
    value
}

fn check_key(key: &str) -> Result<(), BadLineReason> {
    key_name::check_key(key).map_err(|bad| match bad {
        BadKey::Empty | BadKey::Character => BadLineReason::InvalidKey,
        BadKey::TooLong => BadLineReason::LongKey,
        BadKey::Reserved => BadLineReason::ReservedKey,
    })
}

/// Whether a key is one that a person would type. Base64's `+` and `/` are left out: a line of it
/// that ends in `=` looks like an assignment and may be part of a private key.
fn is_typed(key: &str) -> bool {
    let typed =
        |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "_-. '\"".chars().any(|it| it == c);
    !key.is_empty() && key.chars().count() <= MAX_SHOWN_KEY && key.chars().all(typed)
}

fn line_end(text: &str) -> usize {
    text.find(LINE_ENDS).unwrap_or(text.len())
}

fn skip_line_end(text: &str) -> &str {
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix(LINE_ENDS)).unwrap_or(text)
}

fn count_line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    let lone_cr = |at: usize| bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    (0..bytes.len()).filter(|&at| bytes[at] == b'\n' || lone_cr(at)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let parsed = read(text);
        assert_eq!(parsed.bad, [], "in {text:?}");
        let pair = |a: Assignment| (a.key, a.value.expose().to_owned());
        parsed.assignments.into_iter().map(pair).collect()
    }

    fn value(text: &str) -> String {
        let mut pairs = pairs(text);
        assert_eq!(pairs.len(), 1, "in {text:?}");
        pairs.remove(0).1
    }

    fn reasons(text: &str) -> Vec<(usize, BadLineReason)> {
        read(text).bad.iter().map(|bad| (bad.line, bad.reason)).collect()
    }

    #[test]
    fn keys() {
        for text in ["K=v", "K = v", "  export  K=v", "K: v", "\u{feff}K=v", "\n# c\n\tK=v\n"] {
            assert_eq!(pairs(text), [("K".into(), "v".into())], "in {text:?}");
        }
        assert_eq!(pairs("export=1"), [("export".into(), "1".into())]);
        assert_eq!(pairs("export = 1"), [("export".into(), "1".into())]);
        assert_eq!(pairs("K:\nL=1"), [("K".into(), String::new()), ("L".into(), "1".into())]);
    }

    #[test]
    fn unquoted_values() {
        assert_eq!(value("K=  two words \t"), "two words");
        assert_eq!(value("K=a#b # c"), "a#b");
        assert_eq!(value("K=#b"), "#b");
        assert_eq!(value("K= #b"), "");
        assert_eq!(value("K="), "");
        assert_eq!(value("K==a=b:c"), "=a=b:c");
        assert_eq!(value(r#"K={"a": 'b'}"#), r#"{"a": 'b'}"#);
        assert_eq!(value(r"K=a\nb"), r"a\nb");
    }

    #[test]
    fn quoted_values() {
        assert_eq!(value(r#"K=" a # b ""#), " a # b ");
        assert_eq!(value(r#"K="\n\r\t\"\\\$\x\'""#), "\n\r\t\"\\$\\x\\'");
        assert_eq!(value(r"K='\n\' # c"), r"\n\");
        assert_eq!(value(r"K=`'\n'`"), r"'\n'");
        assert_eq!(value("K='a'#c"), "a");
        for quote in ['"', '\'', '`'] {
            assert_eq!(value(&format!("K={quote}a\nb=c\r\nd\re{quote}")), "a\nb=c\nd\ne");
        }
    }

    #[test]
    fn nothing_is_expanded() {
        assert_eq!(value("K=$A${B:-c}$(d)`e`"), "$A${B:-c}$(d)`e`");
        assert_eq!(value(r#"K="$A${B}""#), "$A${B}");
    }

    #[test]
    fn line_numbers() {
        let parsed = read("A=1\r\nB='\r\n\r\n'\rC=3\n\nD=4");
        let lines: Vec<_> = parsed.assignments.iter().map(|a| (a.line, a.last_line)).collect();
        assert_eq!(lines, [(1, 1), (2, 4), (5, 5), (7, 7)]);
    }

    #[test]
    fn duplicates() {
        let parsed = read("A=1\nB=2\nA=3\n");
        assert_eq!(parsed.assignments.len(), 3);
        assert_eq!(parsed.duplicates(), [("A", vec![1, 3])]);
    }

    #[test]
    fn bad_lines() {
        use BadLineReason::*;
        assert_eq!(
            reasons("some words\nexport K\nK # = c\n=v\n"),
            [(1, NoAssignment), (2, NoAssignment), (3, NoAssignment), (4, InvalidKey),]
        );
        assert_eq!(reasons("a-b='\nx\n'\nSUBROSA_A=1"), [(1, InvalidKey), (4, ReservedKey)]);
        assert_eq!(reasons(&format!("{}=1", "K".repeat(257))), [(1, LongKey)]);
        assert_eq!(reasons(r#"K="a" b"#), [(1, TextAfterQuote { quote: '"' })]);
        assert_eq!(reasons("K='it's'"), [(1, TextAfterQuote { quote: '\'' })]);
        assert_eq!(reasons("K=a\0"), [(1, Nul)]);
    }

    #[test]
    fn an_unclosed_quote_costs_one_line() {
        let parsed = read("A=\"x\nB=\"y\"\nC=`\nD=z");
        let keys: Vec<_> = parsed.assignments.iter().map(|a| a.key.as_str()).collect();
        assert_eq!(keys, ["B", "D"]);
        let bad: Vec<_> = parsed.bad.iter().map(|bad| (bad.line, bad.reason)).collect();
        assert_eq!(
            bad,
            [
                (1, BadLineReason::UnclosedQuote { quote: '"' }),
                (3, BadLineReason::UnclosedQuote { quote: '`' }),
            ]
        );
    }

    #[test]
    fn bad_lines_say_what_to_do_and_never_the_value() {
        let say = |text: &str| read(text).bad[0].to_string();
        assert_eq!(
            say("db.url=hunter2"),
            "line 1 (db.url): a key has only the letters A to Z, digits and underscores, and no \
             digit first. Rename it, for example to db_url."
        );
        assert_eq!(
            say("SUBROSA_2=hunter2"),
            "line 1 (SUBROSA_2): keys that begin with SUBROSA_ are reserved. \
             Rename it, for example to _2."
        );
        assert_eq!(
            say("K='hunter2"),
            "line 1 (K): the value opens with ' and is not closed. Add ' at its end."
        );
        assert!(!format!("{:?}", read("K=hunter2\nx y='hunter2")).contains("hunter2"));
    }

    #[test]
    fn a_piece_of_a_value_is_not_shown_as_a_key() {
        let pem = "K=\"-----BEGIN\nMIIB-hunter2=\nab/cd+ef==\n";
        assert!(read(pem).bad.iter().skip(1).all(|bad| bad.key.is_none()));
        assert_eq!(read("ab/cd+ef==").bad[0].key, None);
    }

    #[test]
    fn a_mebibyte_of_quotes() {
        // Linear work is done at once; quadratic work would not end.
        for line in ["K=\"\n", "K='\nL=\"\nM=`\n", "K=\"\\\"\n", "'\"`", "K=\"x\"\"\n"] {
            let text = line.repeat(1024 * 1024 / line.len());
            let parsed = read(&text);
            assert!(!parsed.assignments.is_empty() || !parsed.bad.is_empty());
        }
    }
}
