//! `cargo xtask soak`: the long counts, for which no test run has the time.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::kit::{self, Kit};
use crate::project::Project;
use crate::{console, rust, step};

/// How long each target is fuzzed.
const MINUTES: u64 = 10;
/// The fuzzer's programs, one for each target.
const PROGRAMS: &str = "tests/fuzz/programs";
/// The kept inputs, in a folder for each target.
const CORPUS: &str = "tests/fuzz/corpus";
/// Bounds on one fuzzing process: of memory, of one input's time and of its length.
const BOUNDS: [&str; 3] = ["-rss_limit_mb=512", "-timeout=10", "-max_len=4096"];

/// A part that can be run alone.
struct Part {
    name: &'static str,
    kit: Kit,
    run: fn(&Project, &Options) -> Result<()>,
}

const PARTS: [Part; 5] = [
    Part { name: "fuzz", kit: kit::FUZZ, run: fuzz },
    Part { name: "mutants", kit: kit::MUTANTS, run: |project, _| mutants(project) },
    Part { name: "model", kit: kit::NATIVE, run: |project, _| model(project) },
    Part { name: "kills", kit: kit::NATIVE, run: |project, _| kills(project) },
    Part { name: "reproducible", kit: kit::SERVE, run: |project, _| reproducible(project) },
];

#[derive(Debug, PartialEq)]
struct Options {
    minutes: u64,
    parts: Vec<String>,
}

/// Runs the named parts, or all of them, and stops at the first that fails.
pub fn soak(project: &Project, arguments: &[String]) -> Result<()> {
    let options = Options::read(arguments)?;
    let wanted =
        |part: &&Part| options.parts.is_empty() || options.parts.iter().any(|it| it == part.name);
    let parts: Vec<&Part> = PARTS.iter().filter(wanted).collect();
    if parts.iter().any(|part| part.name == "fuzz") {
        rust::ensure_nightly(project)?;
    }
    kit::ensure(project, &parts.iter().map(|part| part.kit).collect::<Vec<_>>())?;
    let mut times = Vec::new();
    for part in parts {
        times.push((part.name, step::timed(part.name, || (part.run)(project, &options))?));
    }
    println!("\n==> All of these held");
    for (name, time) in &times {
        println!("    {name:<38} {:>12}", step::clock(*time));
    }
    Ok(())
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self> {
        let mut options = Options { minutes: MINUTES, parts: Vec::new() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            if argument == "--minutes" {
                let minutes = arguments.next().and_then(|number| number.parse().ok());
                options.minutes = minutes.context("--minutes needs a number")?;
            } else if PARTS.iter().any(|part| part.name == argument) {
                options.parts.push(argument.clone());
            } else {
                bail!(
                    "there is no part '{argument}'; there are fuzz, mutants, model, kills, \
                     reproducible"
                );
            }
        }
        Ok(options)
    }
}

/// Fuzzes each target. What it finds on the way stays under the target folder; a failure's input
/// is in `artifacts` beside the programs.
fn fuzz(project: &Project, options: &Options) -> Result<()> {
    for name in fuzz_targets(project)? {
        println!("\n    {name}: {} min", options.minutes);
        let found = project.target.join("soak/corpus").join(&name);
        fs::create_dir_all(&found)?;
        let mut fuzz = rust::nightly(project.command("cargo"));
        fuzz.args(["fuzz", "run", "--fuzz-dir", PROGRAMS, &name]);
        fuzz.arg(&found).arg(format!("{CORPUS}/{name}"));
        fuzz.arg("--").args(BOUNDS).arg(format!("-max_total_time={}", options.minutes * 60));
        // Not beside the product's builds, which have no sanitizer.
        fuzz.env("CARGO_TARGET_DIR", project.target.join("fuzz"));
        step::run(&mut fuzz)?;
    }
    Ok(())
}

/// The targets by name: each has a program and a corpus.
fn fuzz_targets(project: &Project) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(project.root.join(CORPUS))? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    ensure!(!names.is_empty(), "{CORPUS} is empty: a run of nothing proves nothing");
    Ok(names)
}

/// Breaks each line of wire and core that can be broken, and asks their tests to notice.
fn mutants(project: &Project) -> Result<()> {
    let output = project.target.join("soak");
    fs::create_dir_all(&output)?;
    let mut mutants = project.command("cargo");
    mutants.args(["mutants", "--package", "subrosa-wire", "--package", "subrosa-core"]);
    mutants.arg("--output").arg(&output);
    // It works in a copy of the tree, which builds beside itself.
    mutants.env_remove("CARGO_TARGET_DIR");
    step::run(&mut mutants)
}

/// Explores the model of the log deeper, and with each of the reducer's rules taken out.
fn model(project: &Project) -> Result<()> {
    let mut cargo = project.command("cargo");
    cargo.args(["test", "--release", "--package", "subrosa-model", "--", "--nocapture"]);
    step::run(cargo.env("SUBROSA_SOAK", "1"))
}

/// Servers killed in the middle of writing, and many writers at once, in numbers.
fn kills(project: &Project) -> Result<()> {
    let mut kills = project.command("cargo");
    kills.args(["test", "--release", "--package", "subrosa-tests"]);
    kills.args(["--test", "kills", "--test", "concurrency", "--", "--nocapture"]);
    step::run(kills.env("SUBROSA_SOAK", "1"))
}

/// Builds the console's last commit in two folders, each from nothing, and compares every file.
fn reproducible(project: &Project) -> Result<()> {
    if step::output(project.command("git").args(["status", "--porcelain"])).as_deref() != Some("") {
        println!("    there are changes that are not committed: they are not in these builds");
    }
    // The same for both, whatever is committed in between.
    let commit = step::output(project.command("git").args(["rev-parse", "HEAD"]));
    let commit = commit.context("this is no clone with a commit in it")?;
    let folder = project.target.join("soak");
    // Of different lengths, so that neither a path nor its length goes unnoticed.
    let [first, second] = ["one", "another-and-longer"].map(|name| folder.join(name));
    let first = build_from_nothing(project, &commit, &first)?;
    let second = build_from_nothing(project, &commit, &second)?;
    println!("{first}");
    ensure!(first == second, "the two builds differ; the second is\n{second}");
    Ok(())
}

/// Clones the project into `folder` as of `commit`, builds, and gives the hashes of what was built.
fn build_from_nothing(project: &Project, commit: &str, folder: &Path) -> Result<String> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    step::run(project.command("git").args(["clone", "--quiet"]).arg(&project.root).arg(folder))?;
    let mut checkout = project.command("git");
    step::run(checkout.current_dir(folder).args(["checkout", "--quiet", commit]))?;
    let target = folder.join("target");
    step::run(&mut console::trunk(project, folder, &target))?;
    let dist = folder.join("dist");
    names_no_folder_of(&dist, &console::local_folders(folder, &target))?;
    hashes(project, &dist)
}

/// Another machine has its folders elsewhere: both builds could be the same here, and yet differ
/// from everybody else's.
fn names_no_folder_of(dist: &Path, local: &[(PathBuf, &str)]) -> Result<()> {
    let mut files = Vec::new();
    console::collect(dist, &mut files)?;
    for file in files {
        let bytes = fs::read(&file)?;
        for (folder, _) in local {
            let name = folder.to_string_lossy();
            let found = bytes.windows(name.len()).any(|window| window == name.as_bytes());
            ensure!(!found, "{} names the folder {name}", file.display());
        }
    }
    Ok(())
}

/// One line for each file: its SHA-256, and its name in `folder`.
fn hashes(project: &Project, folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    console::collect(folder, &mut files)?;
    ensure!(!files.is_empty(), "nothing was built");
    let names = files.iter().map(|file| file.strip_prefix(folder).map(Path::to_path_buf));
    let names: Vec<PathBuf> = names.collect::<Result<_, _>>()?;
    let mut sum = project.command("sha256sum");
    step::output(sum.current_dir(folder).args(names)).context("cannot run sha256sum")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Options> {
        Options::read(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn parts_and_minutes_are_read_and_mistakes_named() {
        let all = Options { minutes: MINUTES, parts: vec![] };
        assert_eq!(read(&[]).unwrap(), all);
        let some = Options { minutes: 1, parts: vec!["fuzz".to_owned(), "kills".to_owned()] };
        assert_eq!(read(&["fuzz", "--minutes", "1", "kills"]).unwrap(), some);
        let error = read(&["fuz"]).unwrap_err().to_string();
        assert!(error.contains("'fuz'") && error.contains("mutants"), "{error}");
        assert!(read(&["--minutes"]).is_err() && read(&["--minutes", "x"]).is_err());
    }
}
