//! Exports against the programs that read them: whatever the value, what is written is read back
//! equal, or refused.

// It starts other programs, which a browser has no means for.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "what must not be ends the test")]

mod readers;
mod values;

use std::collections::BTreeSet;

use subrosa_core::export::{Format, Reason, write};
use subrosa_core::{dotenv, key_name};

use crate::readers::Reader;

type Bytes = Vec<u8>;
type Pairs = Vec<(String, Bytes)>;

const SHELLS: [Reader; 3] =
    [Reader::Shell("bash", "C"), Reader::Shell("bash", "C.UTF-8"), Reader::Shell("sh", "C")];

#[test]
fn json_is_read_back() {
    let (text, pairs) = exported(Format::Json);
    let object: serde_json::Map<_, _> = serde_json::from_str(&text).unwrap();
    assert_eq!(object.len(), pairs.len());
    for (key, value) in &pairs {
        assert!(object[key].as_str().unwrap().as_bytes() == value, "{key}: {}", shown(value));
    }
    for reader in [Reader::Node("json"), Reader::Python("json")] {
        assert_read(reader, &text, &pairs);
    }
}

#[test]
fn yaml_is_read_back() {
    let (text, pairs) = exported(Format::Yaml);
    for reader in [Reader::Node("yaml"), Reader::Python("yaml")] {
        assert_read(reader, &text, &pairs);
    }
}

#[test]
fn shell_is_read_back() {
    let (text, pairs) = exported(Format::Shell);
    for reader in SHELLS {
        assert_read(reader, &text, &pairs);
    }
}

#[test]
fn dotenv_is_read_back() {
    let (text, pairs) = exported(Format::Dotenv);
    let read = dotenv::read(&text);
    assert_eq!(read.bad, []);
    let read = read.assignments.into_iter().map(|a| (a.key, a.value.expose().as_bytes().to_vec()));
    assert_equal(&read.collect::<Pairs>(), &pairs, "our reader");
    for reader in [Reader::Node("dotenv"), Reader::Python("dotenv")].into_iter().chain(SHELLS) {
        assert_read(reader, &text, &pairs);
    }
}

/// What `dotenv::write` takes beyond that, for readers of dotenv files that expand nothing.
#[test]
fn every_dotenv_text_is_read_back() {
    let mut pairs = numbered(values::all());
    pairs.retain(|(_, value)| !value.contains(&0));
    let texts = pairs.iter().map(|(key, value)| (key.as_str(), str::from_utf8(value).unwrap()));
    let text = dotenv::write(texts.clone()).unwrap();
    assert_read(Reader::Python("dotenv-expanding-nothing"), &text, &pairs);
    // npm's keeps some backslashes, as is said in place, but every line is there for it.
    let kept = |pair| dotenv::write([pair]).unwrap().ends_with("would keep the backslashes\n");
    let kept: Vec<bool> = texts.map(kept).collect();
    assert!(kept.contains(&true));
    let Some(read) = Reader::Node("dotenv").read(text.as_bytes(), &[]) else { return };
    assert_eq!(read.len(), pairs.len());
    let equal = |pairs: Pairs| -> Pairs {
        pairs.into_iter().zip(&kept).filter(|(_, kept)| !**kept).map(|(pair, _)| pair).collect()
    };
    assert_equal(&equal(read), &equal(pairs), "npm's dotenv");
}

#[test]
fn only_what_cannot_be_held_is_refused() {
    for (key, value) in numbered(values::all()) {
        let text = str::from_utf8(&value).unwrap();
        for format in Format::ALL {
            let refused = write(format, [(key.as_str(), value.as_slice())]).err();
            let expected = match format {
                Format::Json | Format::Yaml => None,
                _ if text.contains('\0') => Some(Reason::Nul),
                Format::Dotenv => dotenv_reason(text),
                Format::Shell => None,
            };
            assert_eq!(refused.map(|cannot| cannot.why), expected, "{format}: {}", shown(&value));
        }
    }
}

/// The docs of [`Reason`] over again.
fn dotenv_reason(text: &str) -> Option<Reason> {
    let follows =
        |from: &str, what: &[char]| text.split(from).skip(1).any(|it| it.starts_with(what));
    let ends_name = |rest: &str| rest.starts_with('}') || rest.starts_with(":-");
    let reference = text.split("${").skip(1).any(|rest| {
        let closed =
            rest.contains('}') || text.rsplit("${").next().is_some_and(|l| l.contains('}'));
        closed && rest.find(['}', ':']).is_some_and(|end| ends_name(&rest[end..]))
    });
    if reference {
        return Some(Reason::Reference);
    }
    let alone = text.contains('\r') || text.contains("\\\\") || text.ends_with('\\');
    let beside_a_quote = text.contains(['"', '$', '`'])
        || follows("\\", &['\'', 'a', 'b', 'f', 'n', 'r', 't', 'v', '\n']);
    let quoting = alone || text.contains('\'') && beside_a_quote;
    quoting.then_some(Reason::Quoting)
}

#[test]
fn every_key_is_read_back() {
    let names = ["y", "n", "no", "NULL", "null", "ON", "true", "_1", "e1", "NaN", "inf", "export"];
    let names = names.into_iter().chain(["SUBROSA_TEAM_ID", "constructor", "toString", "e"]);
    let longest = "K".repeat(key_name::MAX_KEY);
    let names: Vec<_> = names.chain([longest.as_str()]).collect();
    let pairs: Pairs = names.iter().map(|key| ((*key).to_owned(), b"it's".to_vec())).collect();
    for (format, readers) in [
        (Format::Json, &[Reader::Node("json"), Reader::Python("json")][..]),
        (Format::Yaml, &[Reader::Node("yaml"), Reader::Python("yaml")]),
        (Format::Dotenv, &[Reader::Node("dotenv"), Reader::Python("dotenv"), SHELLS[0]]),
        (Format::Shell, &SHELLS),
    ] {
        let text = written(format, &pairs);
        readers.iter().for_each(|reader| assert_read(*reader, &text, &pairs));
    }
    let pairs: Pairs = vec![("__proto__".to_owned(), b"x".to_vec())];
    assert_read(Reader::Node("json"), &written(Format::Json, &pairs), &pairs);
    assert_read(Reader::Node("yaml"), &written(Format::Yaml, &pairs), &pairs);
}

/// A name that bash itself knows is kept as any other is, or refused. What is said on stderr, for
/// one by a value that runs, ends the test.
#[test]
fn names_of_the_shell_are_read_back_or_refused() {
    let printed = readers::run("bash", &["-c", "compgen -v"], b"");
    let names = String::from_utf8(printed).unwrap();
    // It names them all only once they are used.
    let more =
        ["COMP_WORDS", "ENV", "FUNCNEST", "HISTFILE", "INPUTRC", "MAPFILE", "REPLY", "TMOUT"];
    let names = names.lines().chain(more).chain(["HOME", "CDPATH", "PS1", "GLOBIGNORE"]);
    let names: BTreeSet<&str> = names.collect();
    let pairs = names.into_iter().map(|name| (name.to_owned(), b"a[$(echo it ran >&2)]".to_vec()));
    let held = |key: &str| write(Format::Shell, [(key, b"".as_slice())]).is_ok();
    let (held, refused): (Pairs, Pairs) = pairs.partition(|(key, _)| held(key));
    assert!(held.len() > 15 && refused.len() > 15, "{} and {}", held.len(), refused.len());
    for reader in SHELLS {
        assert_read(reader, &written(Format::Shell, &held), &held);
    }
}

#[test]
fn a_shell_hands_on_what_it_was_told() {
    let short = numbered(values::all()).into_iter().filter(|(_, value)| value.len() < 10);
    let pairs: Pairs = short.filter(|(_, value)| !value.contains(&0)).take(1000).collect();
    let text = written(Format::Shell, &pairs);
    let printed = readers::run("bash", &["-c", ". \"$0\"; exec /usr/bin/env -0"], text.as_bytes());
    let read: Vec<&[u8]> = printed.split(|byte| *byte == 0).collect();
    for (key, value) in &pairs {
        let expected = [key.as_bytes(), b"=", value].concat();
        assert!(read.contains(&expected.as_slice()), "{key}: {}", shown(value));
    }
}

/// Every value that the format holds, each under a key of its own.
fn exported(format: Format) -> (String, Pairs) {
    let mut pairs = numbered(values::all());
    pairs.retain(|(key, value)| write(format, [(key.as_str(), value.as_slice())]).is_ok());
    assert!(pairs.len() > 1000, "most values are held");
    (written(format, &pairs), pairs)
}

fn written(format: Format, pairs: &Pairs) -> String {
    let pairs = pairs.iter().map(|(key, value)| (key.as_str(), value.as_slice()));
    write(format, pairs).unwrap().to_string()
}

fn numbered(values: Vec<String>) -> Pairs {
    let pair = |(at, value): (usize, String)| (format!("V{at}"), value.into_bytes());
    values.into_iter().enumerate().map(pair).collect()
}

fn assert_read(reader: Reader, text: &str, expected: &Pairs) {
    let keys: Vec<String> = expected.iter().map(|(key, _)| key.clone()).collect();
    if let Some(read) = reader.read(text.as_bytes(), &keys) {
        assert_equal(&read, expected, &format!("{reader:?}"));
    }
}

/// Equal, and if not, the first difference in a form that fits on a screen.
fn assert_equal(read: &Pairs, expected: &Pairs, reader: &str) {
    for ((key, value), (expected_key, expected_value)) in read.iter().zip(expected) {
        let equal = key == expected_key && value == expected_value;
        let (value, expected_value) = (shown(value), shown(expected_value));
        assert!(equal, "{reader}: {key} is {value} for {expected_key} {expected_value}");
    }
    assert_eq!(read.len(), expected.len(), "{reader}");
}

fn shown(value: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(&value[..value.len().min(100)]))
}
