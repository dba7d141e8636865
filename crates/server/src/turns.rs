//! Whose turn it is to write: whoever loses races to others is let through once.
//!
//! A loser has to fetch what was written before it can sign again, and whoever writes without a pause
//! is done with his next entry by then. So after some lost races a session gets a turn: for a short
//! time the pushes of all others wait. A turn that is not used costs whoever had it the next ones for
//! a while, so nobody holds up a team by losing on purpose.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use subrosa_wire::id::{Hash, MemberId, TeamId};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// After how many races that a session has lost in a row it gets a turn.
const LOST: u32 = 3;
/// After how long a race that was lost is forgotten.
const MEMORY: Duration = Duration::from_secs(60);
/// How long a turn lasts at most.
const TURN: Duration = Duration::from_secs(2);
/// For how long a member gets no other turn, of whom one was not used.
const FORFEIT: Duration = Duration::from_secs(600);

/// Who writes: a member, by this session.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Writing {
    /// The member.
    pub member: MemberId,
    /// The hash of the session's token.
    pub session: Hash,
}

/// The turns of all teams.
#[derive(Default)]
pub struct Turns {
    teams: Mutex<HashMap<TeamId, Team>>,
}

#[derive(Default)]
struct Team {
    /// How many races in a row each session has lost, and when the last one.
    lost: HashMap<Writing, (u32, Instant)>,
    turn: Option<Turn>,
    /// Until when members get no turn.
    forfeit: HashMap<MemberId, Instant>,
}

struct Turn {
    whose: Writing,
    until: Instant,
    over: Arc<Notify>,
}

impl Turns {
    /// Waits while it is somebody else's turn.
    pub async fn wait(&self, team: TeamId, writing: Writing) {
        while let Some((until, over)) = self.of_another(team, writing) {
            // Who waits is woken by the end of the turn, or by its time.
            let _ = timeout_at(until, over).await;
        }
    }

    fn of_another(
        &self,
        team: TeamId,
        writing: Writing,
    ) -> Option<(Instant, impl Future<Output = ()> + use<>)> {
        self.with(team, |team| {
            let turn = team.turn.as_ref().filter(|turn| turn.whose != writing)?;
            Some((turn.until, turn.over.clone().notified_owned()))
        })
    }

    /// A push got in: its author has had its turn.
    pub fn won(&self, team: TeamId, writing: Writing) {
        self.with(team, |team| {
            team.lost.remove(&writing);
            if let Some(turn) = team.turn.take_if(|turn| turn.whose == writing) {
                turn.over.notify_waiters();
            }
        });
    }

    /// A push came after another one.
    pub fn lost(&self, team: TeamId, writing: Writing) {
        let now = Instant::now();
        self.with(team, |team| {
            let (lost, last) = team.lost.entry(writing).or_insert((0, now));
            (*lost, *last) = (*lost + 1, now);
            if *lost < LOST || team.turn.is_some() || team.forfeit.contains_key(&writing.member) {
                return;
            }
            let over = Arc::default();
            team.turn = Some(Turn { whose: writing, until: now + TURN, over });
        });
    }

    fn with<T>(&self, team: TeamId, work: impl FnOnce(&mut Team) -> T) -> T {
        let mut teams = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
        let team = teams.entry(team).or_default();
        team.expire(Instant::now());
        work(team)
    }
}

impl Team {
    fn expire(&mut self, now: Instant) {
        self.forfeit.retain(|_, until| *until > now);
        self.lost.retain(|_, (_, last)| now < *last + MEMORY);
        if let Some(turn) = self.turn.take_if(|turn| turn.until <= now) {
            self.lost.remove(&turn.whose);
            self.forfeit.insert(turn.whose.member, turn.until + FORFEIT);
            turn.over.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use core::pin::pin;
    use core::task::Poll;
    use std::future::poll_fn;

    use super::*;

    const TEAM: TeamId = TeamId(Hash([1; 32]));
    const ANN: Writing = writing(2);
    const BOB: Writing = writing(3);

    const fn writing(number: u8) -> Writing {
        Writing { member: MemberId::from_random([number; 16]), session: Hash([number; 32]) }
    }

    async fn waits(turns: &Turns, writing: Writing) -> bool {
        let mut wait = pin!(turns.wait(TEAM, writing));
        poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_pending())).await
    }

    fn loses(turns: &Turns, writing: Writing, times: u32) {
        (0..times).for_each(|_| turns.lost(TEAM, writing));
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_lost_often_goes_first_and_then_all_do() {
        let turns = Turns::default();
        loses(&turns, ANN, LOST - 1);
        assert!(!waits(&turns, BOB).await, "it may happen to anybody");
        loses(&turns, ANN, 1);
        assert_eq!((waits(&turns, ANN).await, waits(&turns, BOB).await), (false, true));
        let before = Instant::now();
        let then = async { turns.won(TEAM, ANN) };
        tokio::join!(turns.wait(TEAM, BOB), then);
        assert_eq!(Instant::now(), before, "woken by the end of the turn");
        loses(&turns, ANN, LOST - 1);
        assert!(!waits(&turns, BOB).await, "what was lost before that counts no more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_ends_and_the_next_one_is_for_who_uses_it() {
        let turns = Turns::default();
        loses(&turns, ANN, LOST);
        let before = Instant::now();
        turns.wait(TEAM, BOB).await;
        assert_eq!(Instant::now() - before, TURN);
        let again = Writing { session: Hash([9; 32]), ..ANN };
        for ann in [ANN, again] {
            loses(&turns, ann, 2 * LOST);
            assert!(!waits(&turns, BOB).await, "she did not use it");
        }
        loses(&turns, BOB, LOST);
        assert!(waits(&turns, ANN).await, "one that is used is not spoilt by her");
        turns.won(TEAM, BOB);
        tokio::time::advance(FORFEIT).await;
        loses(&turns, ANN, LOST);
        assert!(waits(&turns, BOB).await, "in time she gets another one");
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_lost_long_ago_counts_no_more() {
        let turns = Turns::default();
        loses(&turns, ANN, LOST - 1);
        tokio::time::advance(MEMORY).await;
        loses(&turns, ANN, LOST - 1);
        assert!(!waits(&turns, BOB).await);
        let other = TeamId(Hash([7; 32]));
        (0..LOST).for_each(|_| turns.lost(other, ANN));
        assert!(!waits(&turns, BOB).await, "another team's turns are its own");
    }
}
