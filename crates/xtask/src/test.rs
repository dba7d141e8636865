//! `cargo xtask test`: every check there is, in the order in which mistakes are cheapest to find.

use anyhow::{Context, Result};

use crate::kit::{self, Kit};
use crate::project::Project;
use crate::tools::{NODE_READERS, PYTHON_READERS, VERIFIER};
use crate::{browser, console, rust, serve, step};

/// A part of the checks that can be run alone.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Lint,
    Native,
    Wasm,
    Browser,
}

impl Part {
    const ALL: [Self; 4] = [Self::Lint, Self::Native, Self::Wasm, Self::Browser];

    fn named(name: &str) -> Option<Self> {
        match name {
            "lint" => Some(Self::Lint),
            "native" => Some(Self::Native),
            "wasm" => Some(Self::Wasm),
            "browser" => Some(Self::Browser),
            _ => None,
        }
    }

    fn kits(self) -> &'static [Kit] {
        match self {
            Self::Lint => &[kit::LINT],
            Self::Native => &[kit::NATIVE, kit::READERS, kit::VERIFIER],
            Self::Wasm => &[kit::WASM],
            Self::Browser => &[kit::SERVE, kit::BROWSER],
        }
    }
}

struct Check {
    part: Part,
    heading: &'static str,
    run: fn(&Project) -> Result<()>,
}

const CHECKS: [Check; 10] = [
    Check {
        part: Part::Lint,
        heading: "Formatting",
        run: |project| cargo(project, &["fmt", "--all", "--check"]),
    },
    Check { part: Part::Lint, heading: "Clippy", run: clippy },
    Check { part: Part::Lint, heading: "Clippy for the browser", run: clippy_wasm },
    Check { part: Part::Native, heading: "Tests and doctests", run: native },
    Check { part: Part::Native, heading: "The second verifier of the log", run: verifier },
    Check { part: Part::Wasm, heading: "Tests inside the browser", run: browser::crates },
    Check { part: Part::Browser, heading: "Build the console", run: console::build },
    Check { part: Part::Browser, heading: "Build the server", run: serve::build_server },
    Check { part: Part::Browser, heading: "Browser stories", run: browser::stories },
    Check {
        part: Part::Lint,
        heading: "Licences and sources of dependencies",
        run: |project| cargo(project, &["deny", "check", "bans", "licenses", "sources"]),
    },
];

/// Runs the named parts, or all of them, and stops at the first check that fails.
pub fn test(project: &Project, names: &[String]) -> Result<()> {
    let parts = parts(names)?;
    let kits: Vec<Kit> = parts.iter().flat_map(|part| part.kits()).copied().collect();
    kit::ensure(project, &kits)?;

    let checks: Vec<_> = CHECKS.iter().filter(|check| parts.contains(&check.part)).collect();
    let mut times = Vec::new();
    for (index, check) in checks.iter().enumerate() {
        let heading = format!("[{}/{}] {}", index + 1, checks.len(), check.heading);
        times.push((check.heading, step::timed(&heading, || (check.run)(project))?));
    }

    println!("\n==> All checks passed");
    for (heading, time) in &times {
        println!("    {:<38} {:>12}", heading, step::clock(*time));
    }
    println!("    {:<38} {:>12}", "together", step::clock(times.iter().map(|(_, t)| *t).sum()));
    Ok(())
}

fn parts(names: &[String]) -> Result<Vec<Part>> {
    if names.is_empty() {
        return Ok(Part::ALL.to_vec());
    }
    names
        .iter()
        .map(|name| {
            Part::named(name).with_context(|| {
                format!("there is no part '{name}'; there are lint, native, wasm, browser")
            })
        })
        .collect()
}

/// The tests find the readers of exports, and the second verifier, by these variables, and skip them
/// without.
fn native(project: &Project) -> Result<()> {
    let mut cargo = project.command("cargo");
    cargo.args(["test", "--workspace"]);
    cargo.env("SUBROSA_READERS_PYTHON", PYTHON_READERS.python(project)?);
    cargo.env("SUBROSA_VERIFIER_PYTHON", VERIFIER.python(project)?);
    cargo.env("SUBROSA_READERS_NODE_MODULES", NODE_READERS.node_modules(project)?);
    step::run(&mut cargo)
}

fn verifier(project: &Project) -> Result<()> {
    let mut python = project.command(&VERIFIER.python(project)?.to_string_lossy());
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    step::run(python.args(["-m", "unittest", "discover", "tests/verifier"]))
}

fn clippy(project: &Project) -> Result<()> {
    cargo(project, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

/// Code behind `cfg(target_arch = "wasm32")` is invisible to the native run.
fn clippy_wasm(project: &Project) -> Result<()> {
    let crates = ["subrosa-keyholder", "subrosa-web", "subrosa-bench-module"];
    let crates = crates.map(|name| ["--package", name]).concat();
    let target = ["clippy", "--target", rust::WASM, "--all-targets"];
    cargo(project, &[&target[..], &crates[..], &["--", "-D", "warnings"]].concat())
}

fn cargo(project: &Project, arguments: &[&str]) -> Result<()> {
    step::run(project.command("cargo").args(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_every_part_and_a_wrong_one_is_named() {
        assert!(parts(&[]).unwrap() == Part::ALL);
        assert!(parts(&["wasm".to_owned()]).unwrap() == [Part::Wasm]);
        let error = parts(&["unit".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("'unit'"), "{error}");
    }
}
