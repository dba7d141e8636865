//! Verifying a log, against checking its signatures alone.

use std::hint::black_box;

use subrosa_wire::log::SignedEntry;

use crate::raw_team::RawTeam;
use crate::{Bound, ratio, report};

const ENTRIES: usize = 2_000;

pub fn measure() {
    let mut raw = RawTeam::new(0);
    let start = raw.founded();
    let entries: Vec<SignedEntry> = (0..ENTRIES).map(|_| raw.commit().entry).collect();
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
        "verify a log of 2,000 entries / its signatures",
        ratio(ours, bound),
        Bound::AtMost(1.5),
    );
}
