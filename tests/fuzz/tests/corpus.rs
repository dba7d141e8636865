//! The kept inputs of every fuzz target, and all vectors besides, through the targets themselves:
//! what once broke a promise, or reached a corner, is tried again by every test run.

use std::fs;
use std::path::Path;

use serde_json::Value;
use subrosa_fuzz_targets::messages::READERS;
use subrosa_fuzz_targets::{TARGETS, dotenv, log, messages, opening, typed};

const HERE: &str = env!("CARGO_MANIFEST_DIR");
/// Bounds on what is kept: inputs of one target, and bytes of one input.
const MOST: usize = 50;
const LONGEST: usize = 4 << 10;

#[test]
fn kept_inputs_break_no_promise() {
    for (name, run) in TARGETS {
        let folder = Path::new(HERE).join("corpus").join(name);
        let inputs = fs::read_dir(&folder).expect(name);
        let inputs: Vec<_> = inputs.map(|entry| entry.expect(name).path()).collect();
        assert!((1..=MOST).contains(&inputs.len()), "{name} has {} inputs", inputs.len());
        for path in inputs {
            let input = fs::read(&path).expect(name);
            assert!(input.len() <= LONGEST, "{} is too long", path.display());
            println!("{}", path.display());
            run(&input);
        }
    }
}

#[test]
fn every_target_has_a_program_for_the_fuzzer() {
    for (name, _) in TARGETS {
        let program = Path::new(HERE).join(format!("programs/{name}.rs"));
        let text = fs::read_to_string(&program).expect(name);
        assert!(text.contains(&format!("subrosa_fuzz_targets::{name}::run(data)")), "{name}");
    }
}

#[test]
fn vectors_break_no_promise() {
    let each_type = |bytes: &[u8]| {
        (0..READERS.len() as u8).for_each(|at| messages::run(&[&[at], bytes].concat()));
    };
    let raw = |run: fn(&[u8])| move |bytes: &[u8]| run(&[&[0], bytes].concat());
    feed("encoding", each_type);
    feed("manifest", each_type);
    feed("envelope", raw(opening::run));
    feed("log", raw(log::run));
    feed("typed", |bytes| {
        typed::run(bytes);
        dotenv::run(bytes);
    });
}

/// Or a message that the vectors know would never be fuzzed.
#[test]
fn every_message_of_the_vectors_has_a_reader() {
    for file in ["encoding", "manifest"] {
        let value = vectors(file);
        for case in value["good"].as_array().expect(file) {
            let message = case["message"].as_str().expect(file);
            assert!(READERS.iter().any(|(name, _)| *name == message), "{message}");
        }
    }
}

/// Gives every text of a vector file to `run`, as bytes where it is hex.
fn feed(file: &str, run: impl Fn(&[u8])) {
    let mut count = 0;
    strings(&vectors(file), &mut |text| {
        count += 1;
        run(&unhex(text).unwrap_or_else(|| text.as_bytes().to_vec()));
    });
    assert!(count > 40, "only {count} texts were found in {file}");
}

fn vectors(file: &str) -> Value {
    let text = fs::read_to_string(format!("{HERE}/../vectors/{file}.json")).expect(file);
    serde_json::from_str(&text).expect(file)
}

fn strings(value: &Value, take: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => take(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, take)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, take)),
        _ => {}
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}
