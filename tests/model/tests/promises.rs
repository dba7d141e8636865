//! What the log promises holds for every short log, and for two clients whatever a server shows them.
#![expect(clippy::print_stdout, reason = "it reports how much was explored")]

use subrosa_model::forks::{ClientRule, GIVEN, LOST, PIN};
use subrosa_model::run::{FORKS, FORKS_FULL, FULL, Found, QUICK, forks};

fn soak() -> bool {
    std::env::var_os("SUBROSA_SOAK").is_some()
}

fn kept(found: &Found) {
    println!("{found}");
    assert!(found.whole && found.broken.is_empty() && found.missing.is_empty(), "{found}");
}

#[test]
fn every_short_log_keeps_what_is_promised() {
    for run in if soak() { FULL } else { QUICK } {
        kept(&run.explore());
    }
}

#[test]
fn no_server_makes_two_clients_break_it() {
    kept(&forks(if soak() { FORKS_FULL } else { FORKS }, None));
}

#[test]
fn each_rule_of_the_clients_is_needed() {
    for (rule, promise) in
        [(ClientRule::Pin, PIN), (ClientRule::FreshKeys, LOST), (ClientRule::Acknowledged, GIVEN)]
    {
        let found = forks(FORKS, Some(rule));
        println!("without {rule:?}, {found}");
        assert!(found.broken.iter().any(|(broken, _)| *broken == promise), "{rule:?}: {found}");
    }
}
