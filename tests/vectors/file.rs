//! Reads and writes the vector files: shared by the tests of the crates, natively and in wasm.

#![expect(dead_code, reason = "each crate's tests need another part of it")]

use serde_json::{Map, Value};

/// A vector file: sections of cases.
pub struct Vectors(Value);

/// One case. Binary is in lower-case hex.
pub struct Case<'a>(&'a Value);

impl Vectors {
    /// The file with this text.
    pub fn read(text: &str) -> Self {
        Vectors(serde_json::from_str(text).expect("JSON"))
    }

    /// All cases of a section, of which there is at least one.
    pub fn section(&self, name: &str) -> Vec<Case<'_>> {
        let cases = self.0[name].as_array().expect(name);
        assert!(!cases.is_empty(), "{name} is empty: a check of nothing proves nothing");
        cases.iter().map(Case).collect()
    }
}

impl<'a> Case<'a> {
    pub fn name(&self) -> &'a str {
        self.text("name")
    }

    pub fn has(&self, field: &str) -> bool {
        !self.0[field].is_null()
    }

    pub fn text(&self, field: &str) -> &'a str {
        self.0[field].as_str().unwrap_or_else(|| panic!("no text {field} in {}", self.0))
    }

    pub fn number(&self, field: &str) -> u64 {
        self.0[field].as_u64().unwrap_or_else(|| panic!("no number {field} in {}", self.0))
    }

    pub fn bytes(&self, field: &str) -> Vec<u8> {
        unhex(self.text(field))
    }

    pub fn array<const N: usize>(&self, field: &str) -> [u8; N] {
        self.bytes(field).try_into().unwrap_or_else(|_| panic!("{field} is not {N} bytes long"))
    }

    pub fn json(&self, field: &str) -> Value {
        self.0[field].clone()
    }

    pub fn list(&self, field: &str) -> Vec<Case<'a>> {
        self.0[field].as_array().expect(field).iter().map(Case).collect()
    }

    pub fn texts(&self, field: &str) -> Vec<&'a str> {
        let items = self.0[field].as_array().expect(field);
        items.iter().map(|item| item.as_str().expect("text")).collect()
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "whole bytes");
    let digit = |at: usize| match text.as_bytes()[at] {
        digit @ b'0'..=b'9' => digit - b'0',
        digit @ b'a'..=b'f' => digit - b'a' + 10,
        other => panic!("no lower-case hex: {other}"),
    };
    (0..text.len()).step_by(2).map(|at| digit(at) << 4 | digit(at + 1)).collect()
}

/// RFC 8949's diagnostic notation, for people who read the files.
pub fn diagnostic(cbor: &[u8]) -> String {
    let mut rest = cbor;
    let text = item(&mut rest);
    assert!(rest.is_empty(), "one item");
    text
}

fn item(rest: &mut &[u8]) -> String {
    let first = take(rest, 1)[0];
    let simple = [(0xf4, "false"), (0xf5, "true"), (0xf6, "null")];
    if let Some((_, text)) = simple.iter().find(|(byte, _)| *byte == first) {
        return (*text).to_owned();
    }
    let value = match first & 0x1f {
        small @ 0..24 => u64::from(small),
        size @ 24..28 => {
            let bytes = take(rest, 1 << (size - 24));
            bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
        }
        other => panic!("no length {other} here"),
    };
    match first >> 5 {
        0 => value.to_string(),
        2 => format!("h'{}'", hex(take(rest, value as usize))),
        3 => format!("{:?}", String::from_utf8_lossy(take(rest, value as usize))),
        4 => {
            let items: Vec<String> = (0..value).map(|_| item(rest)).collect();
            format!("[{}]", items.join(", "))
        }
        other => panic!("no major type {other} here"),
    }
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(len);
    *rest = left;
    taken
}

/// A section of a file to be written.
pub type Section = (&'static str, Vec<Value>);

/// Writes a file with a line on what is in it. Only where SUBROSA_WRITE_VECTORS is 1.
pub fn write(name: &str, about: &str, sections: Vec<Section>) {
    let mut file = Map::new();
    file.insert("about".to_owned(), about.into());
    for (section, cases) in sections {
        file.insert(section.to_owned(), Value::Array(cases));
    }
    let text = serde_json::to_string_pretty(&Value::Object(file)).expect("JSON");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors");
    std::fs::write(format!("{folder}/{name}.json"), text + "\n").expect("a writable folder");
}

/// Whether the vectors are to be written anew, which changes the format.
pub fn writing() -> bool {
    std::env::var_os("SUBROSA_WRITE_VECTORS").is_some_and(|set| set == "1")
}
