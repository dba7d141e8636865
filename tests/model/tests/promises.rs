//! What the log promises holds for every short log.

use subrosa_model::run::{FULL, QUICK};

#[test]
fn every_short_log_keeps_what_is_promised() {
    let runs = if std::env::var_os("SUBROSA_SOAK").is_some() { FULL } else { QUICK };
    for run in runs {
        let found = run.explore();
        println!("{found}");
        assert!(found.broken.is_empty() && found.missing.is_empty(), "{found}");
    }
}
