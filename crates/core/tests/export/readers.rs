//! The programs that read exports: `tests/readers`, run once for many values.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Bytes, Pairs};

const PYTHON: &str = "SUBROSA_READERS_PYTHON";
const NODE_MODULES: &str = "SUBROSA_READERS_NODE_MODULES";

/// A program that reads files of some kind.
#[derive(Clone, Copy, Debug)]
pub enum Reader {
    /// A shell that sources the file, of this name and with this locale.
    Shell(&'static str, &'static str),
    /// A reader of `read.py`.
    Python(&'static str),
    /// A reader of `read.mjs`.
    Node(&'static str),
}

impl Reader {
    /// What it reads in a file with this text, asked for `keys` if it must be asked.
    ///
    /// `None` if it is not installed, which is said on stderr.
    pub fn read(self, text: &[u8], keys: &[String]) -> Option<Pairs> {
        let file = File::new(text);
        match self {
            Self::Shell(shell, locale) => {
                let mut command = Command::new(shell);
                command.env_clear().env("LC_ALL", locale).arg(script("read.sh"));
                Some(separated(output(command.arg(&file.0).args(keys))))
            }
            Self::Python(reader) => {
                let mut command = Command::new(installed(PYTHON)?);
                Some(lines(output(command.arg(script("read.py")).arg(reader).arg(&file.0))))
            }
            Self::Node(reader) => {
                installed(NODE_MODULES)?;
                let mut command = Command::new("node");
                Some(lines(output(command.arg(script("read.mjs")).arg(reader).arg(&file.0))))
            }
        }
    }
}

/// Runs a program with `file` after its arguments.
pub fn run(program: &str, arguments: &[&str], text: &[u8]) -> Bytes {
    let file = File::new(text);
    output(Command::new(program).env_clear().args(arguments).arg(&file.0))
}

/// What `cargo xtask test` names in a variable. It names both or none, so one that is missing by
/// itself is a mistake, not a test to skip.
fn installed(variable: &str) -> Option<PathBuf> {
    static SAID: Once = Once::new();
    let found = env::var_os(variable).map(PathBuf::from);
    if found.is_none() {
        let both = [PYTHON, NODE_MODULES];
        assert!(both.map(env::var_os).iter().all(Option::is_none), "{variable} alone is not set");
        let why = format!(
            "skipped: what Python and JavaScript programs read, for {} are not set; \
             run `cargo xtask test native`\n",
            both.join(" and ")
        );
        // Straight to stderr: the test harness would keep what `eprintln!` prints.
        SAID.call_once(|| io::stderr().write_all(why.as_bytes()).unwrap());
    }
    found
}

fn script(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "readers", name].iter().collect()
}

fn output(command: &mut Command) -> Bytes {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{:?} said {said}", command.get_program());
    output.stdout
}

/// Pairs as `read.py` and `read.mjs` print them.
fn lines(printed: Bytes) -> Pairs {
    let printed = String::from_utf8(printed).unwrap();
    let pair = |line| {
        let (key, hex): (String, String) = serde_json::from_str(line).unwrap();
        let bytes = (0..hex.len()).step_by(2);
        (key, bytes.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect())
    };
    printed.lines().map(pair).collect()
}

/// Pairs as `read.sh` prints them.
fn separated(printed: Bytes) -> Pairs {
    let mut texts = printed.split(|byte| *byte == 0);
    let mut pairs = Pairs::new();
    while let (Some(key), Some(value)) = (texts.next(), texts.next()) {
        pairs.push((String::from_utf8(key.to_vec()).unwrap(), value.to_vec()));
    }
    pairs
}

/// A file of its own for each text, removed when dropped.
struct File(PathBuf);

impl File {
    fn new(text: &[u8]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("subrosa-export-{}-{number}", process::id()));
        fs::write(&path, text).unwrap();
        File(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
