//! `/v1/teams/{team}/events`: a stream of new heads.
//!
//! Each event is `data: SEQ HASH`, the log's newest head: whoever is slow, or was away, gets the
//! latest one and reads what is between from the log. The stream ends with the session, with the
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
use subrosa_wire::team::Team;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::log::after;
use crate::app::App;
use crate::caller::{MemberCaller, standing};
use crate::problem::Problem;
use crate::sessions::Present;

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
    let subscriber = Subscriber { id, session, after, teams, stopping, _place: place };
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
    teams: watch::Receiver<Arc<Team>>,
    stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Subscriber {
    /// The next head, or the stream's end.
    async fn next(&mut self) -> Option<Head> {
        let expiry = tokio::time::Instant::from_std(self.session.expires);
        loop {
            tokio::select! {
                changed = self.teams.changed() => changed.ok()?,
                _ = self.session.alive.changed() => return None,
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                () = tokio::time::sleep_until(expiry) => return None,
            }
            let team = self.teams.borrow_and_update();
            standing(&team, self.id, &self.session).ok()?;
            if team.head().seq > self.after && Instant::now() < self.session.expires {
                self.after = team.head().seq;
                return Some(team.head());
            }
        }
    }
}
