//! Which parts of the work need what.

use anyhow::Result;

use crate::project::Project;
use crate::system::{
    self, C_COMPILER, CHROMEDRIVER, CHROMIUM, CPP_COMPILER, NODE, NPM, PYTHON, Package,
};
use crate::tools::{
    BINARYEN, BROWSER_KIT, CARGO_DENY, CARGO_FUZZ, CARGO_MUTANTS, NODE_READERS, PYTHON_READERS,
    TRUNK, TYPESCRIPT, Tool, WASM_BINDGEN, WASM_PACK,
};
use crate::{rust, step, tools};

/// What one part of the work needs.
#[derive(Clone, Copy)]
pub struct Kit {
    packages: &'static [&'static Package],
    lints: bool,
    wasm: bool,
    tools: &'static [&'static Tool],
}

/// Building the console and the server.
pub const SERVE: Kit = Kit {
    packages: &[&C_COMPILER, &NODE, &NPM],
    lints: false,
    wasm: true,
    tools: &[&WASM_BINDGEN, &TRUNK, &BINARYEN],
};
/// Formatting, clippy, dependencies.
pub const LINT: Kit =
    Kit { packages: &[&C_COMPILER], lints: true, wasm: true, tools: &[&CARGO_DENY] };
/// Tests of the machine itself.
pub const NATIVE: Kit = Kit { packages: &[&C_COMPILER], lints: false, wasm: false, tools: &[] };
/// What reads back what is exported, in the tests of the machine itself.
pub const READERS: Kit = Kit {
    packages: &[&NODE, &NPM, &PYTHON],
    lints: false,
    wasm: false,
    tools: &[&NODE_READERS, &PYTHON_READERS],
};
/// What verifies a team's log a second time.
pub const VERIFIER: Kit =
    Kit { packages: &[&PYTHON], lints: false, wasm: false, tools: &[&tools::VERIFIER] };
/// Tests inside a browser.
pub const WASM: Kit = Kit {
    packages: &[&C_COMPILER, &CHROMIUM, &CHROMEDRIVER],
    lints: false,
    wasm: true,
    tools: &[&WASM_BINDGEN, &WASM_PACK],
};
/// Stories in a browser, against a real server; the server's own kit comes on top. One of them makes
/// the keyholder's package.
pub const BROWSER: Kit = Kit {
    packages: &[&NODE, &NPM, &CHROMIUM],
    lints: false,
    wasm: false,
    tools: &[&BROWSER_KIT, &WASM_PACK, &TYPESCRIPT],
};

/// Feeding the fuzz targets; libFuzzer is C++.
pub const FUZZ: Kit = Kit {
    packages: &[&C_COMPILER, &CPP_COMPILER],
    lints: false,
    wasm: false,
    tools: &[&CARGO_FUZZ],
};
/// Testing the tests.
pub const MUTANTS: Kit =
    Kit { packages: &[&C_COMPILER], lints: false, wasm: false, tools: &[&CARGO_MUTANTS] };

/// Sets up what is missing of all these. What may need the user's hand comes first.
pub fn ensure(project: &Project, kits: &[Kit]) -> Result<()> {
    step::timed("Set up what is missing", || {
        let packages: Vec<_> = kits.iter().flat_map(|kit| kit.packages).copied().collect();
        system::ensure(project, &packages)?;
        if kits.iter().any(|kit| kit.wasm) {
            rust::ensure_wasm_target(project)?;
        }
        if kits.iter().any(|kit| kit.lints) {
            rust::ensure_lints(project)?;
        }
        kits.iter().flat_map(|kit| kit.tools).try_for_each(|tool| tool.ensure(project))
    })
    .map(drop)
}
