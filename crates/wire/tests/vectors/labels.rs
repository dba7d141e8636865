//! `labels.json`: every domain-separation label.

use serde_json::json;
use subrosa_wire::label::Label;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Vectors, hex};

const FILE: &str = include_str!("../../../../tests/vectors/labels.json");

#[test]
fn labels() {
    let file = Vectors::read(FILE);
    let cases = file.section("good");
    assert_eq!(cases.len(), Label::ALL.len());
    for (case, label) in cases.iter().zip(Label::ALL) {
        assert_eq!(case.name(), format!("{label:?}"));
        assert_eq!(case.text("label").as_bytes(), label.bytes());
        assert_eq!(case.bytes("tagged"), label.tag(&case.bytes("message")), "{}", case.name());
    }
}

pub fn write() {
    let good = Label::ALL.map(|label| {
        json!({
            "name": format!("{label:?}"),
            "label": String::from_utf8(label.bytes().to_vec()).unwrap(),
            "message": hex(b"message"),
            "tagged": hex(&label.tag(b"message")),
        })
    });
    let about = "Labels, and a message tagged with each: label, a zero byte, message.";
    crate::file::write("labels", about, vec![("good", good.to_vec())]);
}
