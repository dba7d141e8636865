//! `/v1/teams/{team}/events`: a stream of new heads.
//!
//! Each event is `data: SEQ HASH`, the log's newest head: whoever is slow, or was away, gets the
//! latest one and reads what is between from the log. The same head again says that something came
//! beside the log: a join, keys for somebody, or somebody who waits for keys. The stream ends with the session, with the
//! membership, and with the server.

use core::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{RawQuery, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use subrosa_wire::api::Code;
use subrosa_wire::id::MemberId;
use subrosa_wire::log::Head;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::log::after;
use crate::app::App;
use crate::caller::{MemberCaller, standing};
use crate::problem::Problem;
use crate::sessions::Present;
use crate::teams::Watched;

/// How often a comment shows that the stream lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The most streams of one session.
const OF_ONE_SESSION: usize = 16;

pub async fn stream(
    State(app): State<Arc<App>>,
    MemberCaller { id, team, session }: MemberCaller,
    RawQuery(query): RawQuery,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    // Without `after`: from here on. With it: at once, if there is more already.
    let after = after(query.as_deref())?.unwrap_or(team.head().seq);
    if app.sessions.listeners(&session.token) > OF_ONE_SESSION {
        return Err(Problem::Wait(KEEP_ALIVE));
    }
    let place = app.streams.clone().try_acquire_owned().map_err(|_| Code::Unavailable)?;
    let mut teams = app.teams.subscribe(team.id()).ok_or(Code::NotFound)?;
    teams.mark_changed();
    let stopping = app.stopping.clone();
    let touches = teams.borrow().touches;
    let (again, _place) = (None, place);
    let subscriber = Subscriber { id, session, after, touches, again, teams, stopping, _place };
    let events = unfold(subscriber, async |mut subscriber| {
        let Head { seq, hash } = subscriber.next().await?;
        Some((Ok(Event::default().data(format!("{seq} {hash}"))), subscriber))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

struct Subscriber {
    id: MemberId,
    session: Present,
    after: u64,
    /// How often something had come beside the log when that was last told.
    touches: u64,
    /// The head that is told once more, for something came beside the log.
    again: Option<Head>,
    teams: watch::Receiver<Watched>,
    stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Subscriber {
    /// The next head, or the stream's end.
    async fn next(&mut self) -> Option<Head> {
        if let Some(again) = self.again.take() {
            return Some(again);
        }
        let expiry = tokio::time::Instant::from_std(self.session.expires);
        loop {
            tokio::select! {
                changed = self.teams.changed() => changed.ok()?,
                _ = self.session.alive.changed() => return None,
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                () = tokio::time::sleep_until(expiry) => return None,
            }
            let watched = self.teams.borrow_and_update();
            standing(&watched.team, self.id, &self.session).ok()?;
            if Instant::now() >= self.session.expires {
                return None;
            }
            let head = watched.team.head();
            let touched = std::mem::replace(&mut self.touches, watched.touches) != watched.touches;
            // Whoever was told this head already needs to hear it but once more.
            if head.seq > self.after {
                self.after = head.seq;
                self.again = touched.then_some(head);
                return Some(head);
            }
            if touched && head.seq == self.after {
                return Some(head);
            }
        }
    }
}
