//! Dotenv texts: every line is accounted for, and what is written reads back equal.

use std::collections::BTreeSet;

use subrosa_core::dotenv::{Parsed, read, write};

/// One input.
pub fn run(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let parsed = read(text);
    every_line_is_accounted_for(text, &parsed);
    for bad in &parsed.bad {
        assert!(!bad.to_string().is_empty());
    }
    let pairs = pairs(&parsed);
    reads_back(&pairs);
    // The text's pieces as values of their own, whatever quotes and line ends are in them.
    let pieces = text.split('\u{1f}').filter(|piece| !piece.contains('\0')).enumerate();
    let pieces: Vec<(String, String)> =
        pieces.map(|(at, piece)| (format!("KEY_{at}"), piece.to_owned())).collect();
    reads_back(&pieces);
}

fn pairs(parsed: &Parsed) -> Vec<(String, String)> {
    let assignments = parsed.assignments.iter();
    assignments.map(|it| (it.key.clone(), it.value.expose().to_owned())).collect()
}

fn reads_back(pairs: &[(String, String)]) {
    let written = write(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    let read = read(&written.expect("only keys and values that were read"));
    assert!(read.bad.is_empty(), "its own lines are bad");
    assert!(self::pairs(&read) == pairs, "read otherwise than written");
}

fn every_line_is_accounted_for(text: &str, parsed: &Parsed) {
    let assignments = parsed.assignments.iter().map(|it| it.line..=it.last_line);
    let bad = parsed.bad.iter().map(|it| it.line..=it.last_line);
    let mut covered = BTreeSet::new();
    for line in assignments.chain(bad).flatten() {
        assert!(covered.insert(line), "line {line} belongs to two");
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines = text.split('\n').count();
    assert!(covered.last().is_none_or(|last| *last <= lines), "a line beyond the last");
    for (line, content) in (1..).zip(text.split('\n')) {
        let content = content.trim_start();
        let needs_none = content.is_empty() || content.starts_with('#');
        assert!(needs_none || covered.contains(&line), "line {line} is lost");
    }
}
