//! `cargo xtask bench`: our figures, as ratios.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::project::Project;
use crate::system::CHROMIUM;
use crate::tools::BROWSER_KIT;
use crate::{console, kit, rust, serve, step};

const MODULE: &str = "subrosa-bench-module";
/// As for the console's own modules in index.html.
const WASM_OPT: [&str; 12] = [
    "-Os",
    "--low-memory-unused",
    "-ocimfs",
    "0",
    "--reorder-functions-by-name",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];

/// Asks for what takes minutes too.
const FULL: &str = "--full";

/// A part that can be measured alone; with what takes minutes, or without.
type Part = (&'static str, fn(&Project, full: bool) -> Result<()>);

const PARTS: [Part; 4] =
    [("native", native), ("module", module), ("console", in_console), ("sizes", sizes)];

/// Builds and measures the named parts, or all.
pub fn bench(project: &Project, arguments: &[String]) -> Result<()> {
    let (full, names): (Vec<&String>, Vec<&String>) =
        arguments.iter().partition(|argument| *argument == FULL);
    if let Some(other) = names.iter().find(|name| PARTS.iter().all(|(part, _)| part != *name)) {
        bail!("there is no part '{other}'; there are native, module, console, sizes");
    }
    kit::ensure(project, &[kit::SERVE, kit::BROWSER])?;
    for (name, measure) in PARTS {
        if names.is_empty() || names.iter().any(|asked| *asked == name) {
            println!("\n==> {name}");
            measure(project, !full.is_empty())?;
        }
    }
    Ok(())
}

fn native(project: &Project, full: bool) -> Result<()> {
    build_native(project)?;
    let mut bench = project.command(&native_binary(project).to_string_lossy());
    step::run(bench.args(full.then_some(FULL)))
}

fn build_native(project: &Project) -> Result<()> {
    // The memory that is measured is that of a server beside it.
    let build = ["build", "--release", "--package", "subrosa-tests", "--bins"];
    step::run(project.command("cargo").args(build))
}

fn native_binary(project: &Project) -> PathBuf {
    project.target.join("release/bench")
}

/// The module's code is measured in the runtime that Chromium has, without the page around it.
fn module(project: &Project, _full: bool) -> Result<()> {
    build_native(project)?;
    let mut node = project.command("node");
    node.arg("tests/bench/module.mjs")
        .env("SUBROSA_BENCH_MODULE", build_module(project, "nodejs")?)
        .env("SUBROSA_BENCH", native_binary(project));
    step::run(&mut node)
}

/// The module that bounds are in, built for what wasm-bindgen calls `target`: where it is, but for
/// what its files end in.
fn build_module(project: &Project, target: &str) -> Result<PathBuf> {
    let build = ["build", "--profile", "wasm", "--target", rust::WASM, "--package", MODULE];
    step::run(project.command("cargo").args(build))?;
    let name = MODULE.replace('-', "_");
    let folder = project.target.join("bench-module").join(target);
    let mut bindgen = project.command("wasm-bindgen");
    bindgen.args(["--target", target, "--out-dir"]).arg(&folder).arg(built(project, &name));
    step::run(&mut bindgen)?;
    let wasm = folder.join(format!("{name}_bg.wasm"));
    step::run(project.command("wasm-opt").args(WASM_OPT).arg(&wasm).arg("-o").arg(&wasm))?;
    Ok(folder.join(name))
}

fn in_console(project: &Project, full: bool) -> Result<()> {
    console::build(project)?;
    serve::build_server(project)?;
    let module = build_module(project, "no-modules")?;
    for program in ["tests/bench/console.mjs", "tests/bench/rotation.mjs"] {
        let mut node = project.command("node");
        node.arg(program)
            .args(full.then_some(FULL))
            .env("SUBROSA_BENCH_MODULE", &module)
            .env("SUBROSA_SERVER", serve::binary(project))
            .env("SUBROSA_CHROMIUM", CHROMIUM.program())
            .env("SUBROSA_NODE_MODULES", BROWSER_KIT.node_modules(project)?);
        step::run(&mut node)?;
    }
    Ok(())
}

fn sizes(project: &Project, _full: bool) -> Result<()> {
    console::build(project)?;
    let path = |path: &Path| path.to_string_lossy().replace('\\', "\\\\");
    let modules = format!(
        r#"{{"The page":"{}","The keyholder":"{}"}}"#,
        path(&built(project, "subrosa-web")),
        path(&built(project, "subrosa_keyholder")),
    );
    let mut node = project.command("node");
    node.arg("tests/bench/sizes.mjs")
        .env("SUBROSA_DIST", project.root.join("dist"))
        .env("SUBROSA_MODULES", modules);
    step::run(&mut node)
}

/// A module as the compiler left it.
fn built(project: &Project, name: &str) -> PathBuf {
    project.target.join(rust::WASM).join("wasm").join(format!("{name}.wasm"))
}
