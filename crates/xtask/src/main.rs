//! Set-up and checks as code: from a bare clone, `cargo xtask serve` runs Subrosa and
//! `cargo xtask test` passes every test. Both install what they miss and say why.
#![expect(
    clippy::print_stdout,
    reason = "a command-line program: what it prints is what it is for"
)]

mod bench;
mod browser;
mod console;
mod kit;
mod project;
mod rust;
mod serve;
mod soak;
mod step;
mod system;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::project::Project;

const HELP: &str = "\
Usage: cargo xtask COMMAND

  serve [-- ARGS]   build the console and the server, start it, print the setup link;
                    ARGS go to subrosa-server
  test [PART...]    run every check, as CI does; PART is lint, native, wasm or browser
  bench [PART...]   print our figures as ratios to bounds of the same run; PART is native,
                    module, console or sizes; --full measures what takes minutes too
  soak [PART...]    run the long counts; PART is fuzz, mutants, model, kills or reproducible;
                    --minutes N shortens or lengthens the 10 that each fuzz target has
  tools             only set up what the other commands need

Each installs what it misses (tools into ${XDG_CACHE_HOME:-~/.cache}/subrosa/tools, Debian packages
if you are root) and does nothing twice. Builds honour CARGO_TARGET_DIR.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        println!("{HELP}");
        return Ok(());
    };
    match name.as_str() {
        "serve" => serve::serve(&Project::find()?, rest),
        "test" => test::test(&Project::find()?, rest),
        "bench" => bench::bench(&Project::find()?, rest),
        "soak" => soak::soak(&Project::find()?, rest),
        "tools" => {
            let kits = [kit::SERVE, kit::LINT, kit::NATIVE, kit::READERS, kit::WASM, kit::BROWSER];
            kit::ensure(&Project::find()?, &kits)
        }
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("there is no command '{other}'\n\n{HELP}"),
    }
}
