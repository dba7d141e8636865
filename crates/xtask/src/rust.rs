//! What the Rust toolchain itself must have beyond the compiler.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::project::Project;
use crate::step;

/// The target of everything that runs in the browser.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The toolchain with what is not stable yet.
const NIGHTLY: &str = "nightly";

/// Adds the WebAssembly target's standard library.
pub fn ensure_wasm_target(project: &Project) -> Result<()> {
    // Asked of rustc and not of rustup: a distribution's compiler may have the target without it.
    let folder =
        step::output(project.command("rustc").args(["--print", "target-libdir", "--target", WASM]));
    if folder.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    println!(
        "    the Rust target {WASM} is missing; the console and the keyholder are built for it"
    );
    step::run(project.command("rustup").args(["target", "add", WASM])).with_context(|| {
        format!("add the target {WASM} to your Rust toolchain, then run this again")
    })
}

/// Adds rustfmt and clippy.
pub fn ensure_lints(project: &Project) -> Result<()> {
    let there = |name: &str| step::succeeds(project.command("cargo").args([name, "--version"]));
    if there("fmt") && there("clippy") {
        return Ok(());
    }
    println!("    rustfmt or clippy is missing; they check the code's form and its habits");
    step::run(project.command("rustup").args(["component", "add", "rustfmt", "clippy"]))
        .context("add rustfmt and clippy to your Rust toolchain, then run this again")
}

/// A child for which `cargo` and `rustc` are nightly's: sanitizers are there alone.
pub fn nightly(mut command: Command) -> Command {
    command.env("RUSTUP_TOOLCHAIN", NIGHTLY);
    command
}

/// Looks whether nightly is there; which one it is, is the user's choice.
///
/// # Errors
/// If it is not: the message says how to get it.
pub fn ensure_nightly(project: &Project) -> Result<()> {
    ensure!(
        step::succeeds(nightly(project.command("cargo")).arg("--version")),
        "the {NIGHTLY} toolchain is missing, which fuzzing needs; run\n\n    \
         rustup toolchain install {NIGHTLY} --profile minimal\n\nand then this again"
    );
    Ok(())
}
