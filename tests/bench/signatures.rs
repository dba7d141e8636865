//! Verifying a log, against checking its signatures alone.

use std::hint::black_box;

use subrosa_wire::people::VaultRole;

use crate::raw_team::RawTeam;
use crate::{Bound, ratio, report};

/// A team of 50 machines, whose roles change now and then, and all else is commits.
const ENTRIES: usize = 10_000;
const MACHINES: u8 = 50;

pub fn measure() {
    let mut raw = RawTeam::new(0);
    let start = raw.founded();
    let mut entries = vec![raw.vault()];
    // The founder and the root have the numbers before.
    entries.extend((10..10 + MACHINES).map(|number| raw.machine(number)));
    while entries.len() < ENTRIES {
        let at = entries.len();
        entries.push(match at % 10 {
            0 => {
                raw.role(10 + (at / 10 % usize::from(MACHINES)) as u8, VaultRole::ALL[at / 10 % 3])
            }
            _ => raw.commit().entry,
        });
    }
    let ours = || {
        let mut team = start.clone();
        for entry in &entries {
            team.extend(entry).expect("extends");
        }
        black_box(team);
    };
    let key = raw.keyset.public().signing;
    let bound = || {
        for entry in &entries {
            black_box(entry.verify(key).is_ok());
        }
    };
    report(
        "verify a log of 10,000 entries / its signatures",
        ratio(ours, bound),
        Bound::AtMost(1.5),
    );
}
