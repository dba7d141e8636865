//! The tests that need a browser: crates inside it, and stories told through it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::project::Project;
use crate::system::{CHROMEDRIVER, CHROMIUM};
use crate::tools::BROWSER_KIT;
use crate::{serve, step};

/// The crates whose tests also run inside the browser; each has a webdriver.json beside its
/// manifest.
const CRATES: [&str; 3] = ["crates/wire", "crates/core", "crates/keyholder"];

/// Runs each crate's WebAssembly tests in a headless Chromium.
pub fn crates(project: &Project) -> Result<()> {
    for folder in CRATES {
        let mut wasm_pack = project.command("wasm-pack");
        // xtask has installed what it would fetch, at the versions that fit.
        wasm_pack.args(["test", "--headless", "--chrome", "--mode", "no-install"]);
        wasm_pack.args(["--chromedriver", CHROMEDRIVER.program(), folder]);
        // The default of 20 seconds is short for an unoptimised key derivation on a busy machine.
        wasm_pack.env("WASM_BINDGEN_TEST_TIMEOUT", "300");
        step::run(&mut wasm_pack)?;
    }
    Ok(())
}

/// Runs the stories of `tests/browser`, one after the other, each against its own server.
pub fn stories(project: &Project) -> Result<()> {
    let stories = story_files(project)?;
    ensure!(
        !stories.is_empty(),
        "tests/browser holds no *.test.mjs: a run of nothing proves nothing"
    );
    let mut node = project.command("node");
    // The reporter is named because its default depends on whether a terminal is watching.
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(stories);
    node.env("SUBROSA_SERVER", serve::binary(project))
        .env("SUBROSA_CHROMIUM", CHROMIUM.program())
        // Not NODE_PATH, which ES modules ignore: the stories make a `require` for this folder.
        .env("SUBROSA_NODE_MODULES", BROWSER_KIT.node_modules(project)?);
    step::run(&mut node)
}

/// The stories by name, relative to the root.
fn story_files(project: &Project) -> Result<Vec<PathBuf>> {
    let folder = project.root.join("tests/browser");
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path.strip_prefix(&project.root)?.to_path_buf());
        }
    }
    files.sort();
    Ok(files)
}
