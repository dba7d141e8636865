//! What a device takes of the log that a server shows it: the rule by which a pin moves. No I/O, so that
//! the model of `tests/model` goes by the same.

use subrosa_wire::api::LogPage;
use subrosa_wire::id::Hash;
use subrosa_wire::team::{Reject, Team};

/// What a page of the log is to whoever has verified the log up to a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Followed {
    /// It goes on from there to the log's end.
    Whole,
    /// It goes on from there, and there is more to ask for.
    More,
    /// The log ends before that place.
    Short,
    /// From this entry of the page on it is another log.
    Strays(usize),
    /// An entry breaks a rule of the log.
    Breaks(Reject),
    /// There is nothing on it, though the log does not end there.
    Empty,
}

/// Takes what goes on from `team`, and nothing else: `team` is where it was, or further along its own log.
/// The hashes of what was taken are added to `new`.
pub fn follow(team: &mut Team, page: &LogPage, new: &mut Vec<Hash>) -> Followed {
    if page.last < team.head().seq {
        return Followed::Short;
    }
    for (at, entry) in page.entries.iter().enumerate() {
        match team.extend(entry) {
            Ok(_) => new.push(team.head().hash),
            Err(Reject::Head) => return Followed::Strays(at),
            Err(reject) => return Followed::Breaks(reject),
        }
    }
    match team.head().seq >= page.last {
        true => Followed::Whole,
        false if page.entries.is_empty() => Followed::Empty,
        false => Followed::More,
    }
}
