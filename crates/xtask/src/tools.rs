//! The tools that are installed for one user, each into a folder that carries its version.
//!
//! A new version is a new folder, so clones of different ages do not fight over one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::project::Project;
use crate::step;

/// A tool, its exact version, and how it is had.
pub struct Tool {
    source: Source,
    why: &'static str,
}

enum Source {
    /// `cargo install`, with the tool's own lock file or without.
    Crate { name: &'static str, version: Version, program: &'static str, locked: bool },
    /// npm packages (name, version) in one folder.
    Npm { packages: &'static [(&'static str, &'static str)] },
    /// Python packages (name, version) in one virtual environment.
    Python { packages: &'static [(&'static str, &'static str)] },
}

enum Version {
    Exactly(&'static str),
    /// That of the crate of this name in Cargo.lock.
    LockedAs(&'static str),
}

/// Builds the page.
pub const TRUNK: Tool = Tool {
    source: Source::Crate {
        name: "trunk",
        version: Version::Exactly("0.21.14"),
        program: "trunk",
        locked: true,
    },
    why: "builds the console's page and its worker",
};
/// Writes the JavaScript beside each WebAssembly module.
pub const WASM_BINDGEN: Tool = Tool {
    source: Source::Crate {
        name: "wasm-bindgen-cli",
        // The two halves refuse to work together unless they are of one version.
        version: Version::LockedAs("wasm-bindgen"),
        program: "wasm-bindgen",
        // Its published lock file names a crate that was withdrawn.
        locked: false,
    },
    why: "joins WebAssembly to JavaScript, for Trunk and wasm-pack",
};
/// Runs tests in the browser.
pub const WASM_PACK: Tool = Tool {
    source: Source::Crate {
        name: "wasm-pack",
        version: Version::Exactly("0.15.1"),
        program: "wasm-pack",
        locked: true,
    },
    why: "runs the crates' tests inside a browser and makes the keyholder's package",
};
/// Looks at licences and sources of dependencies.
pub const CARGO_DENY: Tool = Tool {
    source: Source::Crate {
        name: "cargo-deny",
        version: Version::Exactly("0.20.2"),
        program: "cargo-deny",
        locked: true,
    },
    why: "checks the licences and sources of all dependencies",
};
/// Feeds the targets of `tests/fuzz` to libFuzzer.
pub const CARGO_FUZZ: Tool = Tool {
    source: Source::Crate {
        name: "cargo-fuzz",
        version: Version::Exactly("0.13.2"),
        program: "cargo-fuzz",
        locked: true,
    },
    why: "builds and runs the fuzz targets",
};
/// Breaks the code line by line, to see whether a test notices.
pub const CARGO_MUTANTS: Tool = Tool {
    source: Source::Crate {
        name: "cargo-mutants",
        version: Version::Exactly("27.1.0"),
        program: "cargo-mutants",
        locked: true,
    },
    why: "tests the tests",
};
/// Brings wasm-opt. Debian's is years older than the features rustc emits.
pub const BINARYEN: Tool = Tool {
    source: Source::Npm { packages: &[("binaryen", "132.0.0")] },
    why: "has wasm-opt, which makes the console's modules smaller",
};
/// What the browser stories import, in one folder, so that they need to be told of one only.
pub const BROWSER_KIT: Tool = Tool {
    source: Source::Npm { packages: &[("playwright-core", "1.65.1"), ("axe-core", "4.14.1")] },
    why: "drives the browser in the stories and judges the pages' accessibility",
};

/// Reads the types of the keyholder's package. The last version that is JavaScript throughout.
pub const TYPESCRIPT: Tool = Tool {
    source: Source::Npm { packages: &[("typescript", "6.0.3")] },
    why: "checks programs against the types of the keyholder's package",
};

/// What JavaScript programs read exports with. Its dotenv is one of the two that core names.
pub const NODE_READERS: Tool = Tool {
    source: Source::Npm { packages: &[("dotenv", "18.0.10"), ("yaml", "2.9.1")] },
    why: "reads back what is exported",
};
/// What Python programs read exports with. Its dotenv is the other.
pub const PYTHON_READERS: Tool = Tool {
    source: Source::Python { packages: &[("python-dotenv", "1.2.4"), ("PyYAML", "6.0.4")] },
    why: "reads back what is exported",
};

/// Checks signatures for the verifier of trails.
pub const VERIFIER: Tool = Tool {
    source: Source::Python { packages: &[("cryptography", "50.0.2")] },
    why: "checks the signatures of a team's log in a second implementation",
};

/// The tools that are called by their programs' names: the folders are on the children's PATH.
/// A virtual environment is none, for its `python3` is not the system's.
pub const ALL: [Tool; 9] = [
    TRUNK,
    WASM_BINDGEN,
    WASM_PACK,
    CARGO_DENY,
    CARGO_FUZZ,
    CARGO_MUTANTS,
    BINARYEN,
    BROWSER_KIT,
    TYPESCRIPT,
];

impl Tool {
    /// The folder of the tool's programs.
    pub fn programs(&self, project: &Project) -> Result<PathBuf> {
        Ok(match self.source {
            Source::Crate { .. } | Source::Python { .. } => self.folder(project)?.join("bin"),
            Source::Npm { .. } => self.node_modules(project)?.join(".bin"),
        })
    }

    /// The Python of a tool that comes from pip.
    pub fn python(&self, project: &Project) -> Result<PathBuf> {
        Ok(self.programs(project)?.join("python3"))
    }

    /// The `node_modules` folder of a tool that comes from npm.
    pub fn node_modules(&self, project: &Project) -> Result<PathBuf> {
        Ok(self.folder(project)?.join("node_modules"))
    }

    /// Installs the tool unless it is there already, whole.
    pub fn ensure(&self, project: &Project) -> Result<()> {
        let folder = self.folder(project)?;
        let label = self.label(project)?;
        match &self.source {
            Source::Crate { name, version, program, locked } => {
                let version = version.of(project)?;
                if crate_is_installed(&folder, name, &version, program) {
                    return Ok(());
                }
                println!("\n    installing {label} from source; it {}", self.why);
                let mut cargo = project.command("cargo");
                cargo.args(["install", name, "--version", &version]).arg("--root").arg(&folder);
                if *locked {
                    cargo.arg("--locked");
                }
                // They run for seconds: building them fast is worth more than running them fast.
                cargo.env("CARGO_PROFILE_RELEASE_LTO", "off");
                cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
                cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
                // A folder that stays: an install that was interrupted goes on where it stopped.
                cargo.env("CARGO_TARGET_DIR", project.cache.join("target/tools"));
                step::run(&mut cargo)
            }
            Source::Npm { packages } => {
                if folder.is_dir() {
                    return Ok(());
                }
                println!("\n    installing {label} by npm; it {}", self.why);
                npm_install(project, packages, &folder)
            }
            Source::Python { packages } => {
                if environment_is_whole(project, &folder) {
                    return Ok(());
                }
                println!("\n    installing {label} by pip; it {}", self.why);
                pip_install(project, packages, &folder)
            }
        }
        .with_context(|| format!("cannot install {label}, which {}", self.why))
    }

    fn folder(&self, project: &Project) -> Result<PathBuf> {
        Ok(project.cache.join("tools").join(self.label(project)?))
    }

    /// Name and version, as in `trunk-0.21.14`.
    fn label(&self, project: &Project) -> Result<String> {
        Ok(match &self.source {
            Source::Crate { name, version, .. } => format!("{name}-{}", version.of(project)?),
            Source::Npm { packages } | Source::Python { packages } => {
                packages.iter().map(|(n, v)| format!("{n}-{v}")).collect::<Vec<_>>().join("-")
            }
        })
    }
}

impl Version {
    fn of(&self, project: &Project) -> Result<String> {
        match self {
            Self::Exactly(version) => Ok((*version).to_owned()),
            Self::LockedAs(name) => project.locked_version(name),
        }
    }
}

/// cargo writes its record of an install after everything else, so the record means it is whole.
fn crate_is_installed(folder: &Path, name: &str, version: &str, program: &str) -> bool {
    let record = fs::read_to_string(folder.join(".crates2.json")).unwrap_or_default();
    record.contains(&format!("\"{name} {version} (")) && folder.join("bin").join(program).is_file()
}

/// Where Debian and its kin keep them.
const SYSTEM_CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// npm keeps no such record, so it works beside and the whole folder is moved at the end.
fn npm_install(project: &Project, packages: &[(&str, &str)], folder: &Path) -> Result<()> {
    let unfinished = folder.with_added_extension("partial");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished)?;
    }
    fs::create_dir_all(&unfinished)?;
    let mut npm = project.command("npm");
    npm.arg("install").arg("--prefix").arg(&unfinished);
    // None of them needs an install script, so none gets to run one.
    npm.args(["--no-audit", "--no-fund", "--ignore-scripts"]);
    npm.args(packages.iter().map(|(name, version)| format!("{name}@{version}")));
    // Node does not look at the certificates that the system trusts, such as a company's own.
    if std::env::var_os("NODE_EXTRA_CA_CERTS").is_none() && Path::new(SYSTEM_CERTIFICATES).exists()
    {
        npm.env("NODE_EXTRA_CA_CERTS", SYSTEM_CERTIFICATES);
    }
    step::run(&mut npm)?;
    fs::rename(&unfinished, folder)?;
    Ok(())
}

/// The Python whose packages they are, written into a virtual environment at the end.
const MADE_FOR: &str = "subrosa-made-for";

/// The system may have another Python by now, which would look elsewhere for its packages.
fn environment_is_whole(project: &Project, folder: &Path) -> bool {
    let now = python_version(project, folder);
    now.is_some() && fs::read_to_string(folder.join(MADE_FOR)).ok() == now
}

fn python_version(project: &Project, folder: &Path) -> Option<String> {
    step::output(environments_python(project, folder).arg("--version"))
}

fn environments_python(project: &Project, folder: &Path) -> Command {
    project.command(&folder.join("bin/python3").to_string_lossy())
}

/// A virtual environment is made for its folder and cannot be moved, so its record is written last.
fn pip_install(project: &Project, packages: &[(&str, &str)], folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    step::run(project.command("python3").args(["-m", "venv"]).arg(folder))?;
    let mut pip = environments_python(project, folder);
    pip.args(["-m", "pip", "install", "--no-input", "--disable-pip-version-check"]);
    pip.args(packages.iter().map(|(name, version)| format!("{name}=={version}")));
    // Nor does every pip look at the system's certificates. What PIP_CERT or pip's own file names
    // comes first.
    if std::env::var_os("REQUESTS_CA_BUNDLE").is_none() && Path::new(SYSTEM_CERTIFICATES).exists() {
        pip.env("REQUESTS_CA_BUNDLE", SYSTEM_CERTIFICATES);
    }
    step::run(&mut pip)?;
    let version = python_version(project, folder).context("its Python does not say its version")?;
    fs::write(folder.join(MADE_FOR), version)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_install_counts_only_with_cargos_record_of_that_very_version() {
        let folder = std::env::temp_dir().join(format!("subrosa-xtask-{}", std::process::id()));
        fs::create_dir_all(folder.join("bin")).unwrap();
        fs::write(folder.join("bin/trunk"), "").unwrap();
        let installed = |version| crate_is_installed(&folder, "trunk", version, "trunk");
        assert!(!installed("0.21.14"), "a program without the record is an interrupted install");

        let record = r#"{"installs":{"trunk 0.21.14 (registry+https://example.org)":{}}}"#;
        fs::write(folder.join(".crates2.json"), record).unwrap();
        assert!(installed("0.21.14"));
        assert!(!installed("0.21.1"));

        fs::remove_file(folder.join("bin/trunk")).unwrap();
        assert!(!installed("0.21.14"), "a record without the program is of no use");
        fs::remove_dir_all(&folder).unwrap();
    }
}
