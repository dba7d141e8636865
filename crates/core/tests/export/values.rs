//! Values that some reader could take otherwise.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use subrosa_core::dotenv;

/// What has a meaning in at least one format: every text of up to three of these is tried.
const SHARP: [&str; 13] = ["'", "\"", "`", "$", "\\", "#", "\n", "\r", " ", "{", "}", "n", "é"];

/// Pieces of longer texts.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "'", "\"", "`", "$", "\\", "#", "\n", "\r\n", "\r", " ", "\t", "=", ":", ",", ";", "&", "|",
    "<", ">", "(", ")", "[", "]", "{", "}", "!", "~", "*", "?", "%", "@", "^", "+", "-", "/", "a",
    "0", "n", "'''", "\"\"\"", "\\n", "\\\\", "\\'", "\\\"", "\\$", "\\x41", "\\u0041", "$HOME",
    "${HOME}", "${X:-y}", "$(id)", "`id`", "$((1))", "!!", " #", "# ", ": ", "- ", "K0=x",
    "\nK1=", "export ", "---", "...", "%YAML", "|", ">-", "&a ", "*a", "!!str", "null", "yes",
    "0x1f", "1_000", "{{KEY}}", "</script>", "<!--", "]]>", "\u{1}", "\u{7}", "\u{8}", "\u{b}",
    "\u{c}", "\u{1b}[0m", "\u{1c}", "\u{1f}", "\u{7f}", "\u{80}", "\u{85}", "\u{9f}", "\u{a0}",
    "\u{ad}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{3000}", "\u{feff}", "\u{fffd}", "\u{fffe}",
    "\u{ffff}", "\u{d7ff}", "\u{e000}", "ä", "€", "日本", "🌹", "👩\u{200d}🚀", "\u{1fffe}",
    "\u{10ffff}",
];

/// All of them.
pub fn all() -> Vec<String> {
    let mut values = framed();
    values.extend(PIECES.iter().map(|piece| (*piece).to_owned()));
    values.extend(sharp());
    values.extend(drawn(1500));
    values.extend(long());
    values.extend(from_files());
    values
}

/// Every character that could have a meaning, where it could have one.
fn framed() -> Vec<String> {
    let special = PIECES.iter().filter_map(|piece| piece.chars().next());
    let characters: BTreeSet<char> = ('\0'..='\u{ff}').chain(special).collect();
    let frames = ["@", "\\@", "'\\@", "'\"@", "@'\"", "a'@\"b\"", "a@=b"];
    let framed = |c: char| frames.map(|frame| frame.replace('@', c.encode_utf8(&mut [0; 4])));
    characters.into_iter().flat_map(framed).collect()
}

fn sharp() -> Vec<String> {
    let mut values = vec![String::new()];
    let mut from = 0;
    for _ in 0..3 {
        let longest = values.split_off(from);
        from += longest.len();
        let longer = longest.iter().flat_map(|text| SHARP.map(|piece| format!("{text}{piece}")));
        let longer: Vec<_> = longer.collect();
        values.extend(longest);
        values.extend(longer);
    }
    values
}

/// The same ones in each run.
fn drawn(count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let pieces = vec(select(PIECES), 0..16).prop_map(|pieces| pieces.concat());
    let text = prop_oneof![2 => pieces, 1 => any::<String>()];
    (0..count).map(|_| text.new_tree(&mut runner).unwrap().current()).collect()
}

fn long() -> Vec<String> {
    let mut values: Vec<String> =
        ["x", "'", "\"", "\n", "it's\n", "a \"b\"\n", "🌹"].map(|text| text.repeat(40_000)).into();
    values.push("0123456789abcdef".repeat(1 << 16));
    values
}

/// The values of the files that `dotenv` is held against.
pub fn from_files() -> Vec<String> {
    let folder = [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "data", "dotenv"];
    let folder: PathBuf = folder.iter().collect();
    let mut values = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "env") {
            let parsed = dotenv::read(&fs::read_to_string(path).unwrap());
            values.extend(parsed.assignments.iter().map(|a| a.value.expose().to_owned()));
        }
    }
    assert!(values.len() > 300, "the files are there");
    values
}
