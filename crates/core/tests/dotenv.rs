//! Dotenv files against what two widely used readers make of them, and properties of any text.

// It reads files and draws random texts, which a browser has no means for.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::panic, reason = "a test file that cannot be read ends the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use subrosa_core::dotenv::{BadLineReason, Parsed, read, write};

type Pairs = Vec<(String, String)>;

/// Where npm's dotenv 18.0.10 or python-dotenv 1.2.4 (nothing expanded) differ from our reading.
struct Difference {
    file: &'static str,
    key: &'static str,
    npm: Reads,
    python: Reads,
    why: &'static str,
}

#[derive(PartialEq)]
enum Reads {
    /// The same as we do: with the same value, or not at all.
    Same,
    /// No such key.
    Absent,
    /// The key without a value.
    KeyOnly,
    /// This value.
    Value(&'static str),
}

use Reads::{Absent, KeyOnly, Same, Value};

const HASH: &str = "npm cuts at a # inside a word, and with it the rest of the secret";
const YAML: &str = "python knows no KEY: value";
const BACKTICK: &str = "python knows no backticks";
const BACKTICK_LINE: &str = "python makes keys of the lines inside backticks";
const ESCAPED_QUOTE: &str = "npm keeps the backslash of an escaped quote";
const DOTTED: &str = "a dot in a key: we name it as a bad line and suggest another key";

#[rustfmt::skip]
const DIFFERENCES: &[Difference] = &[
    Difference { file: "motdotla__dotenv-expand__env-test.env", key: "POSTGRESQL.BASE.USER", npm: Value("postgres"), python: Value("postgres"), why: DOTTED },
    Difference { file: "motdotla__dotenv-expand__env-test.env", key: "POSTGRESQL.MAIN.USER", npm: Value("${POSTGRESQL.BASE.USER}"), python: Value("${POSTGRESQL.BASE.USER}"), why: DOTTED },
    Difference { file: "motdotla__dotenv__tests-multiline.env", key: "INLINE_COMMENTS_SPACE", npm: Value("inline comments start with a"), python: Same, why: HASH },
    Difference { file: "motdotla__dotenv__tests-multiline.env", key: "INLINE_COMMENTS_BACKTICKS", npm: Same, python: Value("`inline comments outside of"), why: BACKTICK },
    Difference { file: "motdotla__dotenv__tests-multiline.env", key: "MULTI_BACKTICKED", npm: Same, python: Value("`THIS"), why: BACKTICK },
    Difference { file: "motdotla__dotenv__tests-multiline.env", key: "IS", npm: Same, python: KeyOnly, why: BACKTICK_LINE },
    Difference { file: "motdotla__dotenv__tests-multiline.env", key: "A", npm: Same, python: KeyOnly, why: BACKTICK_LINE },
    Difference { file: "motdotla__dotenv__tests-multiline.env", key: "\"MULTILINE'S\"", npm: Same, python: KeyOnly, why: BACKTICK_LINE },
    Difference { file: "motdotla__dotenv__tests-multiline.env", key: "STRING`", npm: Same, python: KeyOnly, why: BACKTICK_LINE },
    Difference { file: "vlucas__phpdotenv__multiline.env", key: "TEST", npm: Value("test\n     test\\\"test\\\"\n     test"), python: Same, why: ESCAPED_QUOTE },
    Difference { file: "own__hash_in_value.env", key: "SECRET", npm: Value("q7!!x"), python: Same, why: HASH },
    Difference { file: "own__hash_in_value.env", key: "SECRET_COMMENTED", npm: Value("q7"), python: Same, why: HASH },
    Difference { file: "own__hash_in_value.env", key: "STARTS", npm: Value(""), python: Same, why: HASH },
    Difference { file: "own__yaml_style.env", key: "NUMBER", npm: Same, python: Absent, why: YAML },
    Difference { file: "own__yaml_style.env", key: "QUOTED", npm: Same, python: Absent, why: YAML },
    Difference { file: "own__yaml_style.env", key: "EMPTY", npm: Same, python: Absent, why: YAML },
    Difference { file: "own__yaml_style.env", key: "ESCAPE", npm: Same, python: Absent, why: YAML },
    Difference { file: "own__yaml_style.env", key: "URL", npm: Same, python: Absent, why: YAML },
];

#[test]
fn files_read_as_expected() {
    let mut seen = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".env") {
            continue;
        }
        seen += 1;
        let expected: Pairs =
            serde_json::from_str(&load(&format!("{name}.expected.json"))).unwrap();
        let parsed = read(&load(&name));
        assert_eq!(pairs(&parsed), expected, "in {name}");
        let bad: Vec<_> = parsed.bad.iter().map(|bad| (bad.line, bad.reason)).collect();
        assert_eq!(bad, bad_lines_of(&name), "in {name}");
        assert!(parsed.duplicates().is_empty(), "in {name}");
    }
    assert_eq!(seen, 23);
}

/// The rows above are what remains of the two other readings: each must differ from ours.
#[test]
fn listed_differences_are_differences() {
    for Difference { file, key, npm, python, why } in DIFFERENCES {
        let ours = pairs(&read(&load(file)));
        let ours = ours.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str());
        assert!(*npm != Same || *python != Same, "{key} in {file} is no difference");
        for theirs in [npm, python] {
            let differs = match theirs {
                Same => true,
                Absent => ours.is_some(),
                KeyOnly => ours.is_none(),
                Value(value) => ours != Some(value),
            };
            assert!(differs, "{key} in {file} is listed in vain: {why}");
        }
    }
}

#[test]
fn a_dotted_key_gets_a_suggestion() {
    let parsed = read(&load("motdotla__dotenv-expand__env-test.env"));
    let suggestions: Vec<_> = parsed.bad.iter().map(|bad| bad.suggestion.as_deref()).collect();
    assert_eq!(suggestions, [Some("POSTGRESQL_BASE_USER"), Some("POSTGRESQL_MAIN_USER")]);
}

proptest! {
    #[test]
    fn what_is_written_is_read(pairs in prop::collection::vec((key(), value()), 0..8)) {
        let text = write(pairs.iter().map(|(k, v)| (k.as_str(), v.as_str()))).unwrap();
        let parsed = read(&text);
        prop_assert!(parsed.bad.is_empty());
        prop_assert_eq!(self::pairs(&parsed), pairs);
    }

    #[test]
    fn no_line_is_lost(text in text()) {
        let parsed = read(&text);
        let mut spans: Vec<_> = parsed.assignments.iter().map(|a| (a.line, a.last_line)).collect();
        spans.extend(parsed.bad.iter().map(|bad| (bad.line, bad.last_line)));
        let covered: Vec<usize> = spans.iter().flat_map(|(first, last)| *first..=*last).collect();
        let once: BTreeSet<usize> = covered.iter().copied().collect();
        prop_assert_eq!(once.len(), covered.len(), "a line belongs to two");
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for (line, content) in (1..).zip(text.split('\n')) {
            let content = content.trim_start_matches('\u{feff}').trim_start();
            let needs_none = content.is_empty() || content.starts_with('#');
            prop_assert!(needs_none || once.contains(&line), "line {} is lost", line);
        }
    }

    #[test]
    fn messages_never_have_the_value(secret in "[a-z]{12}", frame in frame()) {
        let parsed = read(&frame.replace('@', &secret));
        for bad in &parsed.bad {
            prop_assert!(!bad.to_string().contains(&secret));
        }
        let printed = format!("{parsed:?}");
        prop_assert!(!printed.contains(&secret));
    }
}

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "data", "dotenv"].iter().collect()
}

fn load(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn pairs(parsed: &Parsed) -> Pairs {
    let pair = |a: &subrosa_core::dotenv::Assignment| (a.key.clone(), a.value.expose().to_owned());
    parsed.assignments.iter().map(pair).collect()
}

fn bad_lines_of(file: &str) -> Vec<(usize, BadLineReason)> {
    use BadLineReason::*;
    match file {
        "motdotla__dotenv-expand__env-test.env" => vec![(33, InvalidKey), (34, InvalidKey)],
        "own__bad_lines.env" => vec![
            (2, NoAssignment),
            (3, InvalidKey),
            (4, ReservedKey),
            (5, TextAfterQuote { quote: '"' }),
            (6, TextAfterQuote { quote: '\'' }),
            (7, UnclosedQuote { quote: '"' }),
            (9, NoAssignment),
            (10, InvalidKey),
            (11, UnclosedQuote { quote: '`' }),
        ],
        _ => Vec::new(),
    }
}

fn key() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_]{0,20}".prop_filter("reserved", |key| !key.starts_with("SUBROSA_"))
}

/// Any text without NUL, and texts made of what has a meaning in a dotenv file.
fn value() -> impl Strategy<Value = String> {
    let any = any::<String>().prop_map(|text| text.replace('\0', ""));
    prop_oneof![any, "[\"'`\\\\#$ \t\r\nnrtx=:{}\u{2028}\u{feff}]{0,12}"]
}

fn text() -> impl Strategy<Value = String> {
    let line = "(export )?[A-Z.]{0,2}[=: ]{0,2}[\"'`\\\\# ab=]{0,6}(\n|\r|\r\n)";
    let lines = prop::collection::vec(line, 0..12).prop_map(|lines| lines.concat());
    prop_oneof![any::<String>(), lines]
}

/// Lines with a secret at `@`, good and bad.
fn frame() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "K=@",
        "K=\"@",
        "K=\"a\" @",
        "my-key='@'",
        "1=@\n",
        "SUBROSA_K=`@`",
        "K='\n@-=1\nx @=2\n@+/@==",
        "@",
        "K=@\0",
        "some @ words",
    ])
}
