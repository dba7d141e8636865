//! Explores the logs, and says what was found; ends with 1 where a promise was broken. Named themes are
//! explored alone, `all:3` three entries deep; `--full` goes as deep as there is time for.
#![expect(clippy::print_stdout, reason = "it reports")]

use std::process::ExitCode;

use subrosa_model::run::{FULL, QUICK, Run};

fn main() -> ExitCode {
    let mut runs = Vec::new();
    for argument in std::env::args().skip(1) {
        if argument == "--full" {
            runs.extend(FULL);
        } else if let Some(run) = Run::named(&argument) {
            runs.push(run);
        } else {
            println!("there is no '{argument}'; there are --full, and all, invites, roles, keys, forks");
            return ExitCode::from(2);
        }
    }
    if runs.is_empty() {
        runs.extend(QUICK);
    }
    let mut kept = true;
    for run in runs {
        let found = run.explore();
        println!("{found}");
        kept &= found.broken.is_empty();
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
