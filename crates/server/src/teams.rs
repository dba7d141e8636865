//! The teams as their committed logs say they are: what every request is judged by.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use subrosa_wire::id::TeamId;
use subrosa_wire::team::{Reject, Team};
use tokio::sync::watch;

use crate::store::{Read, StoreError};

/// The latest state of each team, published by the writer after each COMMIT.
#[derive(Default)]
pub struct Teams {
    latest: RwLock<HashMap<TeamId, watch::Sender<Watched>>>,
}

/// A team, as whoever follows it sees it.
#[derive(Clone)]
pub struct Watched {
    /// Its state after the last committed entry.
    pub team: Arc<Team>,
    /// How often something came beside its log.
    pub touches: u64,
}

impl Teams {
    /// Replays every log from its genesis, as a client would.
    ///
    /// # Errors
    /// [`BadLog`]: a damaged or doctored database.
    pub fn replay(store: &dyn Read) -> Result<Self, BadLog> {
        let mut teams = BTreeMap::new();
        for id in store.teams()? {
            let team = replay(store, id)?;
            teams.insert(id, Arc::new(team));
        }
        let this = Teams::default();
        this.publish(teams);
        Ok(this)
    }

    /// A team's state after the last committed entry.
    #[must_use]
    pub fn get(&self, id: TeamId) -> Option<Arc<Team>> {
        let latest = self.latest.read().unwrap_or_else(PoisonError::into_inner);
        latest.get(&id).map(|it| it.borrow().team.clone())
    }

    /// A team's state from now on. Whoever is slow sees the latest, not each in between.
    #[must_use]
    pub fn subscribe(&self, id: TeamId) -> Option<watch::Receiver<Watched>> {
        let latest = self.latest.read().unwrap_or_else(PoisonError::into_inner);
        latest.get(&id).map(watch::Sender::subscribe)
    }

    /// Tells whoever follows a team that something came beside its log.
    pub fn touch(&self, id: TeamId) {
        let latest = self.latest.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(team) = latest.get(&id) {
            team.send_modify(|it| it.touches += 1);
        }
    }

    /// Replaces the states of these teams.
    pub fn publish(&self, teams: BTreeMap<TeamId, Arc<Team>>) {
        if teams.is_empty() {
            return;
        }
        let mut latest = self.latest.write().unwrap_or_else(PoisonError::into_inner);
        for (id, team) in teams {
            match latest.get(&id) {
                Some(known) => known.send_modify(|it| it.team = team),
                None => {
                    let watched = Watched { team, touches: 0 };
                    latest.insert(id, watch::Sender::new(watched));
                }
            }
        }
    }
}

fn replay(store: &dyn Read, id: TeamId) -> Result<Team, BadLog> {
    let mut team: Option<Team> = None;
    loop {
        let page = store.page(id, team.as_ref().map(|team| team.head().seq))?;
        for entry in &page.entries {
            match &mut team {
                Some(team) => drop(team.extend(entry)?),
                None => team = Some(Team::found(entry)?),
            }
        }
        match &team {
            Some(team) if team.head().seq == page.last => break,
            _ if page.entries.is_empty() => return Err(BadLog::Gap),
            _ => {}
        }
    }
    team.filter(|team| team.id() == id).ok_or(BadLog::Gap)
}

/// Why a stored log does not replay.
#[derive(Debug, thiserror::Error)]
pub enum BadLog {
    /// An entry that the reducer rejects.
    #[error("a stored entry is rejected: {0}")]
    Rejected(#[from] Reject),
    /// An entry is missing.
    #[error("a stored log has a gap")]
    Gap,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}
