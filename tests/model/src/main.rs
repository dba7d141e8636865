//! Explores the logs and the forks, and says what was found; ends with 1 where a promise was broken. What
//! is named is explored alone, `all:3` three entries deep; `--full` goes as deep as there is time for.
#![expect(clippy::print_stdout, reason = "it reports")]

use std::process::ExitCode;

use subrosa_model::run::{FORKS, FORKS_FULL, FULL, QUICK, Run, forks};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let full = arguments.iter().any(|argument| argument == "--full");
    let named = arguments.iter().filter(|argument| *argument != "--full");
    let mut kept = true;
    for name in named.clone() {
        let found = match (name.strip_prefix("forks:"), Run::named(name)) {
            (Some(entries), _) => forks(entries.parse().unwrap_or(FORKS), None),
            (None, Some(run)) => run.explore(),
            (None, None) => {
                println!(
                    "there is no '{name}'; there are all:3, invites:3, roles:3, keys:3, forks:3"
                );
                return ExitCode::from(2);
            }
        };
        println!("{found}");
        kept &= found.broken.is_empty();
    }
    if named.count() == 0 {
        for run in if full { FULL } else { QUICK } {
            let found = run.explore();
            println!("{found}");
            kept &= found.broken.is_empty();
        }
        let found = forks(if full { FORKS_FULL } else { FORKS }, None);
        println!("{found}");
        kept &= found.broken.is_empty();
    }
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
