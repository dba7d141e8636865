//! A log as a device reads it that has none of it yet: pages decoded, followed and verified, against
//! checking the signatures alone.

use std::hint::black_box;

use subrosa_client::following::follow;
use subrosa_wire::api::{LOG_PAGE, LogPage};
use subrosa_wire::encoding::{decode_strict, encode};
use subrosa_wire::log::SignedEntry;
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
    let last = start.head().seq + entries.len() as u64;
    let page = |some: &[SignedEntry]| encode(&LogPage { entries: some.to_vec(), last });
    let pages: Vec<Vec<u8>> = entries.chunks(LOG_PAGE).map(page).collect();
    let ours = || {
        let (mut team, mut new) = (start.clone(), Vec::new());
        for page in &pages {
            let page: LogPage = decode_strict(page).expect("a page");
            follow(&mut team, &page, &mut new);
        }
        assert_eq!(team.head().seq, last);
        black_box((team, new));
    };
    let key = raw.keyset.public().signing;
    let bound = || {
        for entry in &entries {
            black_box(entry.verify(key).is_ok());
        }
    };
    report("load a log of 10,000 entries / its signatures", ratio(ours, bound), Bound::AtMost(1.5));
}
