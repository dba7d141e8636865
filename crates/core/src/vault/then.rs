//! What a secret was once, by its record and its earlier versions. The tree of then is not looked at: it
//! was never sealed again, and does not open once its key is retired.

use crate::manifest::{HistoryEntry, Record};

/// What a secret was at a place of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Then<'a> {
    /// What it is now.
    Same,
    /// This, as its history has it.
    Was(&'a HistoryEntry),
    /// It was not there yet, or was deleted.
    Absent,
    /// The versions of then were dropped.
    Dropped,
}

/// What a secret was when entry `seq` was the newest; `earlier` are its earlier versions, the oldest
/// first, at least back to the first that is not younger than that.
#[must_use]
pub fn then<'a>(record: &Record, earlier: &'a [HistoryEntry], seq: u64) -> Then<'a> {
    if record.seq <= seq {
        return Then::Same;
    }
    // Two versions of one entry have its number: the later one is what it left.
    match earlier.iter().rev().find(|entry| entry.seq <= seq) {
        Some(entry) if entry.content.is_some() => Then::Was(entry),
        Some(_) => Then::Absent,
        None if earlier.first().map_or(record.version, |first| first.version) == 1 => Then::Absent,
        None => Then::Dropped,
    }
}

#[cfg(test)]
mod tests {
    use subrosa_wire::id::{MemberId, SecretId};

    use super::*;
    use crate::manifest::{Content, Level};

    fn entry(version: u32, seq: u64, live: bool) -> HistoryEntry {
        let content = live.then(|| Content::Alias(SecretId::from_random([9; 16])));
        let author = MemberId::from_random([1; 16]);
        HistoryEntry { version, key: "KEY".into(), content, author, seq, time: 0, fresh: None }
    }

    fn record(version: u32, seq: u64) -> Record {
        let HistoryEntry { key, content, author, time, .. } = entry(version, seq, true);
        let id = SecretId::from_random([2; 16]);
        let (level, note, oldest) = (Level::Own, String::new(), 1);
        Record {
            id,
            level,
            key,
            version,
            content,
            note,
            author,
            seq,
            time,
            oldest,
            history: None,
            fresh: None,
        }
    }

    #[test]
    fn a_secret_is_what_its_last_version_until_then_says() {
        let earlier = [entry(1, 3, true), entry(2, 5, false), entry(3, 8, true), entry(4, 8, true)];
        let now = record(5, 9);
        let at = |seq| then(&now, &earlier, seq);
        assert_eq!(at(2), Then::Absent);
        assert_eq!((at(3), at(4)), (Then::Was(&earlier[0]), Then::Was(&earlier[0])));
        assert_eq!((at(5), at(7)), (Then::Absent, Then::Absent));
        assert_eq!(at(8), Then::Was(&earlier[3]));
        assert_eq!((at(9), at(10)), (Then::Same, Then::Same));
    }

    #[test]
    fn what_was_dropped_is_not_taken_for_what_was_not_there() {
        assert_eq!(then(&record(1, 9), &[], 4), Then::Absent);
        assert_eq!(then(&record(3, 9), &[], 4), Then::Dropped);
        let left = [entry(3, 7, true)];
        assert_eq!(then(&record(4, 9), &left, 4), Then::Dropped);
        assert_eq!(then(&record(4, 9), &left, 7), Then::Was(&left[0]));
    }
}
