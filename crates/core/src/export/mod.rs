//! Writing what a scope resolves to as a text for other programs.
//!
//! Each format is held against the programs that read it (`tests/readers`): what is written, they
//! read back equal, byte for byte. What a format cannot hold is refused, never bent.
//!
//! | format | read back equal by | a value it cannot hold |
//! | --- | --- | --- |
//! | dotenv | npm's dotenv, python-dotenv, a POSIX shell that sources it | see [`Reason::Quoting`], [`Reason::Reference`]; NUL |
//! | JSON | every JSON parser | |
//! | YAML | every YAML 1.2 parser, and PyYAML | |
//! | shell | a POSIX shell that sources it | NUL |
//!
//! All of them are UTF-8 texts, so none holds a value that is not.

mod dotenv;
mod json;
mod quoted;
mod shell;
mod yaml;

use std::fmt;

use zeroize::Zeroizing;

use crate::index::Index;
use crate::key_name::{BadKey, check_shape};
use crate::wiped_text;

/// A format that other programs read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines of `KEY=value`, quoted so that every reader named above takes them alike.
    Dotenv,
    /// One object of strings. It can stand in a script or a page as it is.
    Json,
    /// One mapping of double-quoted strings.
    Yaml,
    /// Lines of `export KEY='value'`.
    Shell,
}

impl Format {
    /// Every format, in the order in which to offer them.
    pub const ALL: [Self; 4] = [Self::Dotenv, Self::Json, Self::Yaml, Self::Shell];

    /// The name to choose it by: `dotenv`, `json`, `yaml`, `shell`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Shell => "shell",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Writes `pairs` of keys and values in their order.
///
/// A key may be one of BUILT_IN's. A value may be any bytes: what the format cannot hold is an
/// error.
///
/// ```
/// use subrosa_core::export::{Format, write};
///
/// let text = write(Format::Shell, [("GREETING", b"it's".as_slice())])?;
/// assert_eq!(*text, "export GREETING='it'\\''s'\n");
/// # Ok::<(), subrosa_core::export::CannotExport>(())
/// ```
///
/// # Errors
/// [`CannotExport`] at the first pair that the format cannot hold.
pub fn write<'a>(
    format: Format,
    pairs: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Zeroizing<String>, CannotExport> {
    let mut texts = Vec::new();
    let mut keys = Index::default();
    for (key, value) in pairs {
        let refuse = |why| CannotExport { key: key.to_owned(), format, why };
        check_shape(key).map_err(|bad| refuse(Reason::Key(bad)))?;
        if !keys.insert(key, ()) {
            return Err(refuse(Reason::Twice));
        }
        let value = str::from_utf8(value).map_err(|_| refuse(Reason::NotText))?;
        let held = match format {
            Format::Dotenv => dotenv::check(key, value),
            Format::Shell => shell::check(key, value),
            Format::Json | Format::Yaml => Ok(()),
        };
        held.map_err(refuse)?;
        texts.push((key, value));
    }
    Ok(wiped_text::write(|push| match format {
        Format::Dotenv => dotenv::push(&texts, push),
        Format::Json => json::push(&texts, push),
        Format::Yaml => yaml::push(&texts, push),
        Format::Shell => shell::push(&texts, push),
    }))
}

/// The pair that a format cannot hold. Its message names the key and what to do, never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} cannot be exported as {format}: {why}")]
pub struct CannotExport {
    /// The pair's key.
    pub key: String,
    /// The format that was asked for.
    pub format: Format,
    /// What is in the way.
    pub why: Reason,
}

/// Why a pair is a [`CannotExport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The key breaks the rule for keys.
    #[error("{0}. Rename it")]
    Key(BadKey),
    /// An earlier pair has the same key; readers would keep one, or refuse the text.
    #[error("the key is there twice. Leave one out")]
    Twice,
    /// A reader has a meaning of its own for the key: `UID` and its like to bash, `__proto__` to
    /// JavaScript.
    #[error(
        "a program that reads it keeps this name for itself. Rename it, or export json or yaml"
    )]
    Taken,
    /// The value is not UTF-8.
    #[error(
        "its value is not UTF-8 text. Encode it as base64, or leave it out and use it as a file"
    )]
    NotText,
    /// The value has a NUL character.
    #[error(
        "its value has a NUL character, which no environment variable can hold. \
         Export json or yaml, or encode it as base64"
    )]
    Nul,
    /// No quoting of the value means the same to npm's dotenv, python-dotenv and a shell.
    ///
    /// It has a CR, two backslashes in a row, or one at its end; or it has a single quote, and also
    /// a double quote, a `$`, a backtick, or a backslash in front of any of `'abfnrtv` or a line
    /// end.
    #[error(
        "no quoting of its value reads alike to npm's dotenv, python-dotenv and a shell. \
         Export json, yaml or shell"
    )]
    Quoting,
    /// The value has a `${…}`, which python-dotenv replaces in any quotes.
    #[error(
        "its value has a ${{…}}, which python-dotenv would replace. Export json, yaml or shell"
    )]
    Reference,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, pairs: &[(&str, &str)]) -> String {
        let pairs = pairs.iter().map(|(key, value)| (*key, value.as_bytes()));
        write(format, pairs).unwrap().to_string()
    }

    fn refused(format: Format, key: &str, value: &[u8]) -> Reason {
        let cannot = write(format, [("GOOD", b"x".as_slice()), (key, value)]).unwrap_err();
        assert_eq!((cannot.key.as_str(), cannot.format), (key, format));
        cannot.why
    }

    #[test]
    fn shapes() {
        let pairs = [("B", "it's"), ("A", "two\nlines"), ("SUBROSA_TEAM_ID", "")];
        assert_eq!(
            written(Format::Dotenv, &pairs),
            "B=\"it's\"\nA='two\nlines'\nSUBROSA_TEAM_ID=''\n"
        );
        assert_eq!(
            written(Format::Json, &pairs),
            "{\n  \"B\": \"it's\",\n  \"A\": \"two\\nlines\",\n  \"SUBROSA_TEAM_ID\": \"\"\n}\n"
        );
        assert_eq!(
            written(Format::Yaml, &pairs),
            "\"B\": \"it's\"\n\"A\": \"two\\nlines\"\n\"SUBROSA_TEAM_ID\": \"\"\n"
        );
        assert_eq!(
            written(Format::Shell, &pairs),
            "export B='it'\\''s'\nexport A='two\nlines'\nexport SUBROSA_TEAM_ID=''\n"
        );
    }

    #[test]
    fn nothing_is_a_text_too() {
        let texts = Format::ALL.map(|format| written(format, &[]));
        assert_eq!(texts, ["", "{}\n", "{}\n", ""]);
    }

    #[test]
    fn what_no_format_holds() {
        for format in Format::ALL {
            assert_eq!(refused(format, "a-b", b""), Reason::Key(BadKey::Character));
            assert_eq!(refused(format, "", b""), Reason::Key(BadKey::Empty));
            assert_eq!(refused(format, "GOOD", b""), Reason::Twice);
            assert_eq!(refused(format, "K", b"\xff"), Reason::NotText);
            // A surrogate and an overlong NUL, encoded as UTF-8 never is.
            assert_eq!(refused(format, "K", b"\xed\xa0\x80"), Reason::NotText);
            assert_eq!(refused(format, "K", b"\xc0\x80"), Reason::NotText);
        }
    }

    #[test]
    fn what_no_environment_holds() {
        for format in [Format::Dotenv, Format::Shell] {
            assert_eq!(refused(format, "K", b"a\0b"), Reason::Nul);
            assert_eq!(refused(format, "UID", b"1000"), Reason::Taken);
        }
        assert_eq!(written(Format::Json, &[("UID", "\0")]), "{\n  \"UID\": \"\\u0000\"\n}\n");
        assert_eq!(written(Format::Yaml, &[("UID", "\0")]), "\"UID\": \"\\u0000\"\n");
    }

    #[test]
    fn a_refusal_says_what_to_do_and_never_the_value() {
        let say = |format, key, value: &str| {
            write(format, [(key, value.as_bytes())]).unwrap_err().to_string()
        };
        assert_eq!(
            say(Format::Dotenv, "K", "hunter2${X}"),
            "K cannot be exported as dotenv: its value has a ${…}, which python-dotenv would \
             replace. Export json, yaml or shell"
        );
        assert_eq!(
            say(Format::Json, "a-b", "hunter2"),
            "a-b cannot be exported as json: a key has only the letters A to Z, digits and \
             underscores, and no digit first. Rename it"
        );
        let cannot = write(Format::Shell, [("K", b"hunter2\0".as_slice())]).unwrap_err();
        assert!(!format!("{cannot} {cannot:?}").contains("hunter2"));
    }
}
