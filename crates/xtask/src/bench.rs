//! `cargo xtask bench`: our figures, as ratios.

use anyhow::Result;

use crate::project::Project;
use crate::step;

/// Builds and runs the benchmarks.
pub fn bench(project: &Project) -> Result<()> {
    step::run(project.command("cargo").args([
        "run",
        "--release",
        "--package",
        "subrosa-tests",
        "--bin",
        "bench",
    ]))
}
