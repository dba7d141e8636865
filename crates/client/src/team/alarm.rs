//! A team of which this device has seen another history: it is read, and not changed, until somebody
//! clears the alarm. An owner can act all the same.

use subrosa_wire::id::Hash;
use subrosa_wire::log::{Head, SignedEntry};
use subrosa_wire::team::Team;

use crate::alarm::{self, Evidence, Note, Watch};
use crate::error::{Error, Result};
use crate::platform::Platform;

use super::TeamClient;

/// What somebody else's place in the log is to one's own log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compared {
    /// It is on it.
    Same,
    /// It is beyond what is known here: judged once the log gets there.
    Ahead,
    /// It is not on it.
    Different,
}

impl<P: Platform> TeamClient<P> {
    /// Whether an alarm stands, as far as it is known here.
    #[must_use]
    pub fn alarmed(&self) -> bool {
        self.alarm.get().is_some()
    }

    /// Whether one acts although an alarm stands: this very one.
    #[must_use]
    pub fn acts_all_the_same(&self) -> bool {
        self.alarmed() && self.acting.get() == self.alarm.get()
    }

    /// Looks whether an alarm stands on this device: another tab may have raised or cleared it.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn look_at_alarm(&self) -> Result<()> {
        let watch = Watch::of(&self.platform, self.place().0).await?;
        *self.ahead.borrow_mut() = watch.ahead();
        self.alarm.set(watch.stands());
        Ok(())
    }

    /// Lets an owner change the team although this alarm stands, and no other, until it is locked: to give
    /// every vault its next key, above all.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for who is none.
    pub fn act_all_the_same(&self, alarm: Hash) -> Result<()> {
        self.check_owner()?;
        self.acting.set(Some(alarm));
        Ok(())
    }

    /// The team's alarm was cleared: a server that was caught is tried again. A log without what was
    /// pinned is not taken even so.
    pub fn forgive(&self) {
        self.caught.set(false);
    }

    /// Holds a place of somebody else's log against one's own.
    ///
    /// # Errors
    /// Whatever syncing meets, apart from a server that cannot be reached.
    pub async fn compare(&self, place: Head) -> Result<Compared> {
        let (team, own) = self.place();
        if place.seq > own.seq {
            // Before anything is asked: whatever the server answers, it is looked out for.
            alarm::note(&self.platform, team, Note::LookOut { own, place, typed: true }).await?;
            self.look_at_alarm().await?;
            match self.sync().await {
                Ok(_) | Err(Error::Unreachable(_)) => {}
                Err(Error::Rollback) if self.alarmed() => return Ok(Compared::Different),
                Err(other) => return Err(other),
            }
        }
        let (_, own) = self.place();
        if place.seq > own.seq {
            return Ok(Compared::Ahead);
        }
        if self.state.borrow().has(place) {
            return Ok(Compared::Same);
        }
        self.catch(Evidence::other(own, place, None, self.platform.now())).await?;
        Ok(Compared::Different)
    }

    /// Whether anything may be given to this server now.
    pub(super) fn may_give(&self) -> Result<()> {
        match (self.acts_all_the_same(), self.alarmed(), self.caught.get()) {
            (true, ..) | (_, false, false) => Ok(()),
            (_, true, _) => Err(Error::Alarmed),
            (_, _, true) => Err(Error::Rollback),
        }
    }

    /// Raises an alarm, durably, and gives this server nothing more.
    pub(super) async fn catch(&self, evidence: Evidence) -> Result<()> {
        self.caught.set(true);
        // Who has opened it by the root key alone has no record of its own.
        if self.account.is_some() {
            let raise = Note::Raise(evidence);
            self.alarm.set(alarm::note(&self.platform, self.place().0, raise).await?);
        }
        Ok(())
    }

    /// The same, for who cannot go on.
    pub(super) async fn caught(&self, evidence: Evidence) -> Error {
        self.catch(evidence).await.err().unwrap_or(Error::Rollback)
    }

    /// What it is that `rest`, of a log that goes on from `team`, does not extend it, although a member
    /// has signed the first of these.
    pub(super) async fn strays(&self, rest: &[SignedEntry], team: &Team, new: &[Hash]) -> Error {
        let first = rest.first().and_then(|it| it.claim(|it| (it.seq, it.prev)).ok());
        let Some((seq @ 1.., Some(hash))) = first else { return Error::BadReply };
        let place = Head { seq: seq - 1, hash };
        if place.seq > team.head().seq {
            // What is pinned, and not what was just read: places in between are judged yet.
            let (_, own) = self.place();
            let look_out = Note::LookOut { own, place, typed: false };
            let kept = alarm::note(&self.platform, team.id(), look_out).await;
            return match kept.and(self.look_at_alarm().await) {
                Ok(()) => Error::BadReply,
                Err(error) => error,
            };
        }
        if self.has_with(new, place) {
            // An honest race's loser, or what is known already.
            return Error::BadReply;
        }
        let entries = signed(team, rest);
        self.caught(Evidence::forked(team.head(), place, &entries, self.platform.now())).await
    }

    /// What it is that the server's log ends at number `last`, before what was verified here: what is
    /// displayed, and `new` on top.
    pub(super) async fn ends_at(&self, last: u64, new: &[Hash]) -> Error {
        let (own, shown) = {
            let state = self.state.borrow();
            let known: Vec<Hash> = state.log.iter().chain(new).copied().collect();
            let at = |seq: usize| Some(Head { seq: seq as u64, hash: *known.get(seq)? });
            (at(known.len().saturating_sub(1)), usize::try_from(last).ok().and_then(at))
        };
        let (Some(own), Some(shown)) = (own, shown) else { return Error::BadReply };
        self.caught(Evidence::older(own, shown, self.platform.now())).await
    }

    /// What it is that the server shows `other` entries from number `seq` on than were verified here.
    pub(super) async fn shows(&self, seq: u64, other: &[SignedEntry]) -> Error {
        let Some((first, rest)) = other.split_first() else { return Error::BadReply };
        let shown = Head { seq, hash: first.hash() };
        let next = rest.first().and_then(|it| it.claim(|it| (it.seq, it.prev)).ok());
        // Out of its place, an entry of one's own log is on top of nothing.
        let on_top = next == Some((seq + 1, Some(shown.hash)));
        let ((_, own), now) = (self.place(), self.platform.now());
        let evidence = {
            let team = self.team();
            match signed(&team, if on_top { rest } else { &[] }) {
                rest if rest.is_empty() => {
                    // Whoever has not signed it is not to be named with it.
                    let there = signed(&team, std::slice::from_ref(first)).pop();
                    Evidence::other(own, shown, there, now)
                }
                rest => Evidence::forked(own, shown, &rest, now),
            }
        };
        self.caught(evidence).await
    }

    /// Judges the places that others have seen, as far as the log, which ends with `new` at `head`, has
    /// got by now.
    pub(super) async fn judge_ahead(&self, head: Head, new: &[Hash]) -> Result<()> {
        let (reached, ahead): (Vec<Head>, Vec<Head>) =
            self.ahead.take().into_iter().partition(|place| place.seq <= head.seq);
        *self.ahead.borrow_mut() = ahead;
        match reached.into_iter().find(|place| !self.has_with(new, *place)) {
            Some(place) => {
                Err(self.caught(Evidence::other(head, place, None, self.platform.now())).await)
            }
            None => Ok(()),
        }
    }

    fn has_with(&self, new: &[Hash], place: Head) -> bool {
        let state = self.state.borrow();
        let known = state.log.iter().chain(new);
        let Ok(seq) = usize::try_from(place.seq) else { return false };
        known.into_iter().nth(seq) == Some(&place.hash)
    }
}

/// Of `entries` the first ones, as far as members have signed them.
fn signed(team: &Team, entries: &[SignedEntry]) -> Vec<SignedEntry> {
    let signed = |entry: &&SignedEntry| {
        let author = entry.claim(|it| it.author).ok().and_then(|author| team.member(author));
        author.is_some_and(|author| entry.verify(author.keyset.signing).is_ok())
    };
    entries.iter().take_while(signed).cloned().collect()
}

/// What a log that was read whole, and lacks some of `wanted`, shows instead. `near` are its entries at
/// the numbers of `wanted` and the next ones.
pub(super) fn shown_instead(
    wanted: &[Head],
    log: &[Hash],
    near: &[SignedEntry],
    time: u64,
) -> Option<Evidence> {
    let at = |seq: u64| usize::try_from(seq).ok().and_then(|seq| log.get(seq)).copied();
    let lacks = wanted.iter().filter(|it| at(it.seq) != Some(it.hash));
    let own = *lacks.min_by_key(|it| it.seq)?;
    let Some(hash) = at(own.seq) else {
        let last = u64::try_from(log.len()).ok()?.checked_sub(1)?;
        return Some(Evidence::older(own, Head { seq: last, hash: *log.last()? }, time));
    };
    let shown = Head { seq: own.seq, hash };
    let after = near.iter().filter(|it| it.claim(|it| it.prev) == Ok(Some(hash)));
    let after: Vec<SignedEntry> = after.cloned().collect();
    Some(match after.is_empty() {
        true => {
            let there = near.iter().find(|it| it.hash() == hash);
            Evidence::other(own, shown, there.cloned(), time)
        }
        false => Evidence::forked(own, shown, &after, time),
    })
}
