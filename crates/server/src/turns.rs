//! Whose turn it is to write: whoever loses races to others is let through once.
//!
//! A loser has to fetch what was written before it can sign again, and whoever writes without a pause
//! is done with his next entry by then. So after some lost races a session gets a turn: for a short
//! time the pushes of all others wait, unless they are more urgent. After a turn of who is no owner there
//! is none but for owners for four times as long, so no member holds up a team for more than a fifth of
//! the time by losing on purpose.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use subrosa_wire::id::{Hash, TeamId};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// After how many races that a session has lost in a row it gets a turn.
pub const LOST: u32 = 10;
/// After how long a race that was lost is forgotten.
const MEMORY: Duration = Duration::from_secs(60);
/// How long a turn lasts at most for a small push: to fetch, to sign, to post.
const TURN: Duration = Duration::from_secs(2);
/// How many bytes of a push make it a millisecond longer.
const BYTES_PER_MS: u64 = 256;
/// How long it lasts at most for who is no owner.
const LONGEST: Duration = Duration::from_secs(5);
/// For how many times as long as one's own there is no other turn of who is no owner.
const REST: u32 = 4;

/// How urgent a push is: it waits for no turn of a less urgent one, and ends it if it loses often.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Anybody's, of any kind.
    Any,
    /// An owner's that takes something from somebody.
    TakesAway,
    /// The root's, for who has lost everything else.
    Recovers,
}

/// A push that came after another one.
#[derive(Clone, Copy)]
pub struct Lost {
    /// The hash of its session's token.
    pub session: Hash,
    /// Whether its author is an owner.
    pub owner: bool,
    /// How urgent it is.
    pub urgency: Urgency,
    /// How many bytes it brings.
    pub bytes: u64,
}

/// The turns of all teams.
#[derive(Default)]
pub struct Turns {
    teams: Mutex<HashMap<TeamId, Team>>,
}

#[derive(Default)]
struct Team {
    /// How many races in a row each session has lost, and when the last one.
    lost: HashMap<Hash, (u32, Instant)>,
    turn: Option<Turn>,
    /// Until when only owners get a turn.
    rest: Option<Instant>,
}

struct Turn {
    push: Lost,
    since: Instant,
    until: Instant,
    over: Arc<Notify>,
}

impl Turns {
    /// Waits while it is the turn of another session, with a push that is as urgent.
    pub async fn wait(&self, team: TeamId, session: Hash, urgency: Urgency) {
        while let Some((until, over)) = self.of_another(team, session, urgency) {
            // Who waits is woken by the end of the turn, or by its time.
            let _ = timeout_at(until, over).await;
        }
    }

    fn of_another(
        &self,
        team: TeamId,
        session: Hash,
        urgency: Urgency,
    ) -> Option<(Instant, impl Future<Output = ()> + use<>)> {
        self.with(team, |team, _| {
            let waits = |turn: &&Turn| turn.push.session != session && turn.push.urgency >= urgency;
            let turn = team.turn.as_ref().filter(waits)?;
            Some((turn.until, turn.over.clone().notified_owned()))
        })
    }

    /// A push got in: its session has had its turn.
    pub fn won(&self, team: TeamId, session: Hash) {
        self.with(team, |team, now| {
            team.lost.remove(&session);
            if team.turn.as_ref().is_some_and(|turn| turn.push.session == session) {
                team.end(now);
            }
        });
    }

    /// A push came after another one.
    pub fn lost(&self, team: TeamId, push: Lost) {
        self.with(team, |team, now| {
            let (lost, last) = team.lost.entry(push.session).or_insert((0, now));
            (*lost, *last) = (*lost + 1, now);
            let rests = team.rest.is_some_and(|until| now < until) && !push.owner;
            let taken = team.turn.as_ref().is_some_and(|turn| turn.push.urgency >= push.urgency);
            if *lost < LOST || taken || rests {
                return;
            }
            team.end(now);
            let long = TURN + Duration::from_millis(push.bytes / BYTES_PER_MS);
            let long = if push.owner { long } else { long.min(LONGEST) };
            team.turn = Some(Turn { push, since: now, until: now + long, over: Arc::default() });
        });
    }

    fn with<T>(&self, team: TeamId, work: impl FnOnce(&mut Team, Instant) -> T) -> T {
        let mut teams = self.teams.lock().unwrap_or_else(PoisonError::into_inner);
        let (team, now) = (teams.entry(team).or_default(), Instant::now());
        if let Some(until) = team.turn.as_ref().map(|turn| turn.until).filter(|until| *until <= now)
        {
            team.end(until);
        }
        team.lost.retain(|_, (_, last)| now < *last + MEMORY);
        work(team, now)
    }
}

impl Team {
    fn end(&mut self, at: Instant) {
        let Some(turn) = self.turn.take() else { return };
        self.lost.remove(&turn.push.session);
        if !turn.push.owner {
            self.rest = Some(at + REST * (at - turn.since));
        }
        turn.over.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use core::pin::pin;
    use core::task::Poll;
    use std::future::poll_fn;

    use super::*;

    const TEAM: TeamId = TeamId(Hash([1; 32]));
    const ANN: Hash = Hash([2; 32]);
    const BOB: Hash = Hash([3; 32]);

    const ANYS: Lost = Lost { session: ANN, owner: false, urgency: Urgency::Any, bytes: 0 };

    async fn waits(turns: &Turns, session: Hash) -> bool {
        waits_with(turns, session, Urgency::Any).await
    }

    async fn waits_with(turns: &Turns, session: Hash, urgency: Urgency) -> bool {
        let mut wait = pin!(turns.wait(TEAM, session, urgency));
        poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_pending())).await
    }

    fn loses(turns: &Turns, session: Hash, times: u32) {
        lose(turns, Lost { session, ..ANYS }, times);
    }

    fn lose(turns: &Turns, push: Lost, times: u32) {
        (0..times).for_each(|_| turns.lost(TEAM, push));
    }

    /// For how long another session waits.
    async fn held(turns: &Turns, session: Hash) -> Duration {
        let before = Instant::now();
        turns.wait(TEAM, session, Urgency::Any).await;
        Instant::now() - before
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
        tokio::join!(turns.wait(TEAM, BOB, Urgency::Any), then);
        assert_eq!(Instant::now(), before, "woken by the end of the turn");
        loses(&turns, ANN, LOST - 1);
        assert!(!waits(&turns, BOB).await, "what was lost before that counts no more");
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_loses_on_purpose_holds_up_the_others_for_a_fifth_of_the_time() {
        let turns = Turns::default();
        let (began, mut waited) = (Instant::now(), Duration::ZERO);
        for round in 0..100 {
            loses(&turns, ANN, LOST);
            // In every other round she uses it, at its very end.
            if round % 2 == 0 {
                tokio::time::advance(TURN - Duration::from_millis(1)).await;
                waited += TURN - Duration::from_millis(1);
                turns.won(TEAM, ANN);
            } else {
                waited += held(&turns, BOB).await;
            }
            // By another session as well.
            for session in [ANN, Hash([9; 32])] {
                loses(&turns, session, 2 * LOST);
                assert!(!waits(&turns, BOB).await);
            }
            // An owner's turn in between makes that no shorter.
            let owner = Lost { session: BOB, owner: true, ..ANYS };
            lose(&turns, owner, LOST);
            assert!(waits(&turns, ANN).await, "owners wait for no rest");
            turns.won(TEAM, BOB);
            loses(&turns, ANN, 2 * LOST);
            assert!(!waits(&turns, BOB).await);
            while !waits(&turns, BOB).await {
                tokio::time::advance(Duration::from_millis(10)).await;
                loses(&turns, ANN, 1);
            }
        }
        let share = waited.as_secs_f64() / (Instant::now() - began).as_secs_f64();
        assert!(share < 0.21, "{share}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_push_has_longer_and_an_owner_as_long_as_it_takes() {
        let turns = Turns::default();
        let lasts = async |owner, bytes| {
            tokio::time::advance(Duration::from_secs(3600)).await;
            lose(&turns, Lost { owner, bytes, ..ANYS }, LOST);
            held(&turns, BOB).await
        };
        assert_eq!(lasts(false, 0).await, TURN);
        assert_eq!(lasts(false, 16 << 20).await, LONGEST);
        assert_eq!(lasts(true, 16 << 20).await, TURN + Duration::from_millis(65_536));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_more_urgent_waits_for_nobody_and_takes_the_turn() {
        use Urgency::{Any, Recovers, TakesAway};
        let turns = Turns::default();
        let waiting = async |session| {
            let all = [Any, TakesAway, Recovers].map(|it| waits_with(&turns, session, it));
            futures_util::future::join_all(all).await
        };
        let thief = Lost { owner: true, urgency: TakesAway, ..ANYS };
        lose(&turns, thief, LOST);
        assert_eq!(waiting(BOB).await, [true, true, false]);
        lose(&turns, Lost { session: BOB, ..thief }, 2 * LOST);
        assert_eq!(waiting(ANN).await, [false; 3], "it is her turn");
        let root = Lost { session: Hash([5; 32]), urgency: Recovers, ..thief };
        lose(&turns, root, LOST);
        assert_eq!(waiting(ANN).await, [true; 3], "it was her turn");
        assert_eq!(waiting(root.session).await, [false; 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_lost_long_ago_counts_no_more() {
        let turns = Turns::default();
        loses(&turns, ANN, LOST - 1);
        tokio::time::advance(MEMORY).await;
        loses(&turns, ANN, LOST - 1);
        assert!(!waits(&turns, BOB).await);
        let other = TeamId(Hash([7; 32]));
        (0..LOST).for_each(|_| turns.lost(other, Lost { owner: true, ..ANYS }));
        assert!(!waits(&turns, BOB).await, "another team's turns are its own");
    }
}
