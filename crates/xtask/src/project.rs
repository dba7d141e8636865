//! Where things are: the clone, its builds, the tools; and the environment children run in.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::tools;

/// One clone of the repository, and where its builds and tools are kept.
pub struct Project {
    /// The folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo, Trunk and wasm-pack build: `CARGO_TARGET_DIR` or `target/`.
    pub target: PathBuf,
    /// `${XDG_CACHE_HOME:-~/.cache}/subrosa`, shared by all clones of one user.
    pub cache: PathBuf,
    /// PATH with every tool's folder in front, installed already or not.
    path: OsString,
}

impl Project {
    /// Locates the clone from cargo's environment, or else from the current folder upwards.
    pub fn find() -> Result<Self> {
        let root = root()?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            // Relative to where the user stands, as cargo itself reads it.
            Some(folder) if !folder.is_empty() => env::current_dir()?.join(folder),
            _ => root.join("target"),
        };
        let cache = cache()?;
        let mut project = Self { root, target, cache, path: OsString::new() };
        project.path = project.search_path()?;
        Ok(project)
    }

    /// A child that runs in the clone's root, sees the tools, and builds where everything else does.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("PATH", &self.path)
            .env("CARGO_TARGET_DIR", &self.target);
        // `cargo run` describes xtask to itself in these. Build scripts that watch them would see a
        // change, and rebuild, each time the user alternates between xtask and plain cargo.
        for (name, _) in env::vars_os() {
            let described = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];
            if name.to_str().is_some_and(|name| described.iter().any(|d| name.starts_with(d))) {
                command.env_remove(&name);
            }
        }
        command
    }

    /// The folders children search for programs, in order.
    pub fn path_folders(&self) -> impl Iterator<Item = PathBuf> {
        env::split_paths(&self.path)
    }

    /// The version of a crate that Cargo.lock names.
    pub fn locked_version(&self, name: &str) -> Result<String> {
        let file = self.root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        locked_version(&lock, name)
            .map(str::to_owned)
            .with_context(|| format!("Cargo.lock does not name {name}"))
    }

    fn search_path(&self) -> Result<OsString> {
        let mut folders = Vec::new();
        for tool in tools::ALL {
            folders.push(tool.programs(self)?);
        }
        folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        env::join_paths(folders).context("a folder's name cannot be part of PATH")
    }
}

fn root() -> Result<PathBuf> {
    // Asked when running, not when compiling: clones that share a target folder share this program.
    let start = match env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => env::current_dir()?,
    };
    start
        .ancestors()
        .find(|folder| folder.join("crates/xtask/Cargo.toml").is_file())
        .map(Path::to_path_buf)
        .context("run this inside a clone of Subrosa")
}

fn cache() -> Result<PathBuf> {
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .map(|base| base.join("subrosa"))
        .context("set HOME or XDG_CACHE_HOME: there is nowhere to keep the tools")
}

fn locked_version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let named = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| **line != named);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"version = 4

[[package]]
name = "wasm-bindgen-macro"
version = "0.1.0"

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
"#;

    #[test]
    fn a_locked_version_is_that_of_the_exact_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }
}
