//! What only the system's package manager can provide. Debian's is the one that is known here;
//! elsewhere, and without root, the packages are named and nothing is touched.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::project::Project;
use crate::step;

/// A program that must be there, and the Debian packages that bring it.
pub struct Package {
    program: &'static str,
    /// What it must do without an error, given these arguments; if there are none, be there.
    able: &'static [&'static str],
    packages: &'static [&'static str],
    why: &'static str,
}

/// The C compiler.
pub const C_COMPILER: Package = Package {
    program: "cc",
    able: &[],
    packages: &["gcc", "libc6-dev"],
    why: "links Rust programs and compiles the embedded SQLite",
};
/// The C++ compiler.
pub const CPP_COMPILER: Package =
    Package { program: "c++", able: &[], packages: &["g++"], why: "compiles libFuzzer" };
/// Node's runtime.
pub const NODE: Package = Package {
    program: "node",
    able: &[],
    packages: &["nodejs"],
    why: "runs wasm-opt and the browser stories, and reads back what is exported",
};
/// Node's package manager.
pub const NPM: Package = Package {
    program: "npm",
    able: &[],
    packages: &["npm"],
    why: "installs wasm-opt and what drives the browser",
};
/// Python. Debian leaves what a virtual environment needs to a package of its own.
pub const PYTHON: Package = Package {
    program: "python3",
    able: &["-c", "import venv, ensurepip"],
    packages: &["python3", "python3-venv"],
    why: "reads back what is exported, from a virtual environment",
};
/// The browser. Its path is fixed, for the crates' webdriver.json names it too.
pub const CHROMIUM: Package = Package {
    program: "/usr/bin/chromium",
    able: &[],
    packages: &["chromium", "fonts-dejavu-core"],
    why: "is the browser of the WebAssembly tests and the browser stories",
};
/// The browser's remote control, of the same version as the browser.
pub const CHROMEDRIVER: Package = Package {
    program: "/usr/bin/chromedriver",
    able: &[],
    packages: &["chromium-driver"],
    why: "drives Chromium in the WebAssembly tests",
};

impl Package {
    /// Where the program is expected.
    pub fn program(&self) -> &'static str {
        self.program
    }

    fn is_missing(&self, project: &Project) -> bool {
        // Joining an absolute path gives that path, whatever the folder.
        !project.path_folders().any(|folder| folder.join(self.program).is_file())
            || !self.able.is_empty()
                && !step::succeeds(project.command(self.program).args(self.able))
    }
}

/// Installs what is missing, all in one call of apt.
///
/// # Errors
/// If something is missing and this is not root on a system with apt: the message says what to
/// install.
pub fn ensure(project: &Project, wanted: &[&Package]) -> Result<()> {
    let mut missing: Vec<_> = wanted.iter().filter(|p| p.is_missing(project)).collect();
    missing.sort_unstable_by_key(|package| package.program);
    missing.dedup_by_key(|package| package.program);
    let mut names: Vec<&str> = missing.iter().flat_map(|p| p.packages).copied().collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Ok(());
    }
    for package in &missing {
        println!("    {} is missing; it {}", package.program, package.why);
    }
    let names_line = names.join(" ");
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!(
            "install these by your system's means, then run this again: {names_line} (Debian's names)"
        );
    }
    if step::output(project.command("id").arg("-u")).as_deref() != Some("0") {
        bail!(
            "installing system packages needs root; run\n\n    \
             sudo apt-get install --no-install-recommends {names_line}\n\nand then this again"
        );
    }
    let apt = |arguments: &[&str]| {
        step::run(
            project.command("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(arguments),
        )
        .with_context(|| format!("cannot install the system packages {names_line}"))
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], names.as_slice()].concat())
}
