//! Each rule of the reducer is needed: where one is taken out, a promise is broken.
//!
//! Nothing in the reducer knows of this. A copy of its source is changed, text by text, so that each
//! rule can be taken out of it by name; the model is built once with that copy and run once for each.
//! `SUBROSA_SOAK=1` does it: a build of its own is too long for every run. Every run checks that each
//! text is still there, once.
#![expect(clippy::expect_used, reason = "a test that cannot go on ends")]

mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use table::{BESIDE, IMPLIED, RULES, Rule};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What a changed text asks.
const OFF: &str = r#"
/// Whether the rule of this name is taken out.
pub(crate) fn off(rule: &str) -> bool {
    static OFF: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    OFF.get_or_init(|| std::env::var("SUBROSA_WITHOUT").ok()).as_deref() == Some(rule)
}
"#;

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("a file of the sources")
}

/// The file with all its rules made so that they can be taken out.
fn changed(name: &str, mut text: String) -> String {
    for Rule { file, find, instead, rule, .. } in all().filter(|it| it.file == name) {
        assert_eq!(text.matches(find).count(), 1, "{rule}: in {file} there is no one '{find}'");
        text = text.replace(find, instead);
    }
    text
}

fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain(IMPLIED)
}

fn source(file: &str) -> PathBuf {
    Path::new(ROOT).join("crates/wire/src").join(file)
}

#[test]
fn every_rule_is_where_the_table_says() {
    for Rule { file, instead, rule, .. } in all() {
        changed(file, read(&source(file)));
        assert!(instead.contains(&format!("crate::off(\"{rule}\")")), "{rule} is not taken out");
    }
}

#[test]
fn a_promise_is_broken_where_a_rule_is_taken_out() {
    if std::env::var_os("SUBROSA_SOAK").is_none() {
        println!("only with SUBROSA_SOAK=1");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let program = build(folder.path());
    let whole = Command::new(&program).output().expect("the model");
    assert!(whole.status.success(), "with all rules: {}", String::from_utf8_lossy(&whole.stdout));

    let mut wrong = Vec::new();
    let mut done = Vec::new();
    let places = all().map(|it| (it.rule, it.run, it.promise)).chain(BESIDE);
    for (rule, run, promise) in places {
        if done.contains(&(rule, run)) {
            continue;
        }
        done.push((rule, run));
        let mut model = Command::new(&program);
        let found = model.arg(run).env("SUBROSA_WITHOUT", rule).output().expect("the model");
        let found = String::from_utf8_lossy(&found.stdout).into_owned();
        println!("without '{rule}': {found}");
        let as_said = match promise {
            "" => found.contains("states") && !found.contains("broken"),
            promise => found.contains(&format!("broken: {promise}")),
        };
        if !as_said {
            wrong.push(rule);
        }
    }
    assert!(wrong.is_empty(), "it is not as the table says without {wrong:?}");
    println!("{} ways to take out a rule", done.len());
}

/// Builds the model with a copy of the reducer whose rules can be taken out.
fn build(folder: &Path) -> PathBuf {
    let root = Path::new(ROOT);
    for package in ["crates/wire", "tests/model"] {
        let [from, to] = [root, folder].map(|it| it.join(package));
        copy(&from.join("src"), &to.join("src"));
        fs::copy(from.join("Cargo.toml"), to.join("Cargo.toml")).expect("a manifest");
    }
    let wire = folder.join("crates/wire/src");
    let mut files: Vec<&str> = all().map(|it| it.file).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        fs::write(wire.join(file), changed(file, read(&source(file)))).expect("a file");
    }
    let lib = read(&wire.join("lib.rs")) + OFF;
    fs::write(wire.join("lib.rs"), lib).expect("a file");

    // The same versions and profiles, of these two members alone.
    let manifest = read(&root.join("Cargo.toml"));
    let lines = manifest.lines().filter(|line| !line.starts_with("default-members"));
    let members = "members = [\"crates/wire\", \"tests/model\"]";
    let lines = lines.map(|line| if line.starts_with("members") { members } else { line });
    fs::write(folder.join("Cargo.toml"), lines.collect::<Vec<_>>().join("\n")).expect("a file");
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");

    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rules");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", &target);
    cargo.args(["build", "--release", "--offline", "--quiet", "--package", "subrosa-model"]);
    assert!(cargo.status().expect("cargo").success(), "the copy does not build");
    target.join("release/subrosa-model")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).expect("a file");
        }
    }
}
