//! The console's build: `dist/`, made by Trunk, and made again only when something changed.

use std::collections::hash_map::DefaultHasher;
use std::env;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::step;

/// All that goes into the page, from the clone's root.
const SOURCES: [&str; 12] = [
    "Cargo.lock",
    "Cargo.toml",
    ".cargo",
    "Trunk.toml",
    "index.html",
    "web",
    "crates/cipher",
    "crates/wire",
    "crates/core",
    "crates/client",
    "crates/bridge",
    "crates/keyholder",
];

/// Builds `dist/`, for release, unless it is what these sources gave the last time.
pub fn build(project: &Project) -> Result<()> {
    let stamp = project.target.join("subrosa-console.stamp");
    if fs::read_to_string(&stamp)
        .is_ok_and(|last| fingerprint(project).is_ok_and(|now| now == last))
    {
        println!("    nothing changed since dist/ was built");
        return Ok(());
    }
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    step::run(&mut trunk(project, &project.root, &project.target))?;
    fs::create_dir_all(&project.target)?;
    fs::write(&stamp, fingerprint(project)?).context("cannot note what the console was built from")
}

/// The build itself: of the clone in `root` into its `dist/`, by way of `target`.
pub fn trunk(project: &Project, root: &Path, target: &Path) -> Command {
    let mut trunk = project.command("trunk");
    // Not `--offline`: Trunk would pass that on to cargo, which may still have crates to fetch. Of
    // the tools it finds the right versions on PATH, and the question for news of itself is spared.
    trunk.args(["build", "--release", "--skip-version-check", "--dist"]).arg(root.join("dist"));
    trunk.current_dir(root).env("CARGO_TARGET_DIR", target);
    // The usual value, 1, is one that Trunk takes for a mistake.
    trunk.env_remove("NO_COLOR");
    // Cargo adds these to the flags of .cargo/config.toml.
    let remapped = local_folders(root, target).into_iter().filter_map(|(folder, name)| {
        let folder = folder.to_str()?;
        // Cargo takes a blank for the end of a flag: such a folder stays visible in messages.
        let whole = !folder.contains(char::is_whitespace);
        whole.then(|| format!("--remap-path-prefix={folder}={name}"))
    });
    let flags = remapped.collect::<Vec<_>>().join(" ");
    trunk.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    trunk
}

/// The folders of this machine that the compiler writes into messages, and what stands there
/// instead, so that everybody's build is the same. Where two apply, the later one does.
pub fn local_folders(root: &Path, target: &Path) -> Vec<(PathBuf, &'static str)> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cargo = set("CARGO_HOME").or_else(|| set("HOME").map(|home| home.join(".cargo")));
    let mut folders: Vec<_> = cargo.into_iter().map(|folder| (folder, "/cargo")).collect();
    folders.push((root.to_path_buf(), "/subrosa"));
    folders.push((target.to_path_buf(), "/target"));
    folders
}

/// Stands for the clone, the compiler, everything in [`SOURCES`], and `dist/` itself, by contents:
/// a fresh clone's times say nothing. It guards against stale work, not against an attacker.
fn fingerprint(project: &Project) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    step::output(project.command("rustc").arg("-vV")).hash(&mut hasher);
    let mut files = Vec::new();
    for source in SOURCES.iter().chain(&["dist"]) {
        collect(&project.root.join(source), &mut files)?;
    }
    for file in files {
        file.hash(&mut hasher);
        fs::read(&file)
            .with_context(|| format!("cannot read {}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

/// Adds the file, or the folder's files in a fixed order. What is not there is left out, and tells
/// by its absence.
pub fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    } else if path.is_dir() {
        let mut entries = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort();
        for entry in entries.iter().filter(|entry| !is_made(entry)) {
            collect(entry, files)?;
        }
    }
    Ok(())
}

/// What other tools leave in a crate's folder is no source.
fn is_made(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "target" || name == "pkg" || name == "node_modules")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_collected_in_order_and_without_what_was_made_from_them() {
        let folder = std::env::temp_dir().join(format!("subrosa-console-{}", std::process::id()));
        for file in ["src/main.rs", "src/app.rs", "Cargo.toml", "pkg/index.js"] {
            let file = folder.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        let mut files = Vec::new();
        collect(&folder, &mut files).unwrap();
        collect(&folder.join("nothing-here"), &mut files).unwrap();
        let names: Vec<_> = files.iter().map(|file| file.strip_prefix(&folder).unwrap()).collect();
        assert_eq!(names, ["Cargo.toml", "src/app.rs", "src/main.rs"].map(Path::new));
        fs::remove_dir_all(&folder).unwrap();
    }
}
