//! Rules of the house that a test can see.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What a package reaches through normal and build dependencies.
fn reach(metadata: &Value, package: &str) -> BTreeSet<String> {
    let name = |id: &str| -> String {
        let packages = metadata["packages"].as_array().unwrap();
        let package = packages.iter().find(|package| package["id"] == id).unwrap();
        package["name"].as_str().unwrap().to_owned()
    };
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["id"].as_str().unwrap(), node))
        .collect();
    let start = nodes.keys().find(|id| name(id) == package).unwrap();
    let mut reached = BTreeSet::from([*start]);
    let mut next = vec![*start];
    while let Some(id) = next.pop() {
        for dependency in nodes[id]["deps"].as_array().unwrap() {
            let kinds = dependency["dep_kinds"].as_array().unwrap();
            if kinds.iter().all(|kind| kind["kind"] == "dev") {
                continue;
            }
            let id = dependency["pkg"].as_str().unwrap();
            if reached.insert(id) {
                next.push(id);
            }
        }
    }
    reached.into_iter().map(name).collect()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features", "--locked"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn neither_the_server_nor_the_page_can_decrypt() {
    let metadata = metadata();
    for package in ["subrosa-server", "subrosa-web"] {
        let reached = reach(&metadata, package);
        assert!(reached.len() > 20, "{package} was looked at");
        for decrypts in
            ["subrosa-core", "subrosa-cipher", "aes-gcm", "hpke", "aes", "x-wing", "ml-kem"]
        {
            assert!(!reached.contains(decrypts), "{package} reaches {decrypts}");
        }
    }
    // The control: the keyholder does, so the walk finds what there is to find.
    assert!(reach(&metadata, "subrosa-keyholder").contains("aes-gcm"));
}
