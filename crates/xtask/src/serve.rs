//! `cargo xtask serve`: from a bare clone to a running server with the console inside.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::{console, kit, step};

/// Sets up, builds, and becomes the server; it prints the setup link itself.
pub fn serve(project: &Project, arguments: &[String]) -> Result<()> {
    let arguments = match arguments.split_first() {
        None => arguments,
        Some((dashes, rest)) if dashes == "--" => rest,
        Some((other, _)) => bail!("put the server's own arguments after `--`, as in: -- {other}"),
    };
    kit::ensure(project, &[kit::SERVE])?;
    step::timed("Build the console", || console::build(project))?;
    step::timed("Build the server", || build_server(project))?;

    println!("\n==> Start the server\n");
    // Replaces this process, so that signals and the exit code are the server's own.
    let error = project.command(&binary(project).to_string_lossy()).args(arguments).exec();
    Err(error).context("cannot start the server")
}

/// Builds the server with `dist/` inside.
pub fn build_server(project: &Project) -> Result<()> {
    step::run(project.command("cargo").args([
        "build",
        "--release",
        "--package",
        "subrosa-server",
        "--features",
        "console",
    ]))
}

/// Where [`build_server`] leaves the server.
pub fn binary(project: &Project) -> PathBuf {
    project.target.join("release/subrosa-server")
}
