//! The log, read backwards: who did what. The server keeps the entries; this client kept the hash of
//! each that it has verified, so that nothing else is shown.

use subrosa_core::card::CardPlace;
use subrosa_core::manifest::Summary;
use subrosa_wire::api::{LOG_PAGE, LogPage};
use subrosa_wire::id::{MemberId, VaultId};
use subrosa_wire::log::{Head, Op, SignedEntry};
use subrosa_wire::people::Admission;

use crate::api;
use crate::error::{Error, Result};
use crate::platform::Platform;

use super::sync::out;
use super::{State, TeamClient};

/// An entry of the log.
pub struct Past {
    /// Its place, and its hash.
    pub head: Head,
    /// Who signed it.
    pub author: MemberId,
    /// When, by the author's clock, in milliseconds since 1970.
    pub time: u64,
    /// What it does, from left to right.
    pub deeds: Vec<Deed>,
}

/// A part of what an entry does.
pub struct Deed {
    /// What.
    pub op: Op,
    /// What a commit says of itself, where that opens here: its key may be retired, or another's.
    pub summary: Option<Summary>,
    /// What whoever is invited, or a new machine, was called then, where that opens here.
    pub name: Option<String>,
}

/// How far back somebody has read.
pub(super) struct Reading {
    /// The number of the entry that was read last.
    before: u64,
    /// Verified entries before that, the newest last.
    entries: Vec<SignedEntry>,
    /// How many commits each vault had had there: where its summaries are bound to.
    commits: Vec<(VaultId, u64)>,
}

impl<P: Platform> TeamClient<P> {
    /// Gives `take` the entries before number `before`, or all that are known here, the newest first,
    /// until it has enough (`false`). Yields before which to go on, or none after the genesis.
    ///
    /// # Errors
    /// [`Error::Rollback`] if the server has other entries now than those that were verified here.
    pub async fn past(
        &self,
        before: Option<u64>,
        take: &mut dyn FnMut(Past) -> bool,
    ) -> Result<Option<u64>> {
        if self.caught.get() {
            return Err(Error::Rollback);
        }
        let kept = self.reading.take().filter(|kept| before == Some(kept.before));
        let mut reading = kept.unwrap_or_else(|| self.at_the_newest());
        while reading.before > 0 {
            if reading.entries.is_empty() {
                reading.entries = self.entries_before(reading.before).await?;
            }
            let entry = reading.entries.pop().ok_or(Error::BadReply)?;
            reading.before -= 1;
            let past = self.opened(&mut reading, &entry)?;
            // Those after `before` were read for their number of commits alone.
            if before.is_none_or(|before| reading.before < before) && !take(past) {
                break;
            }
        }
        let next = Some(reading.before).filter(|before| *before > 0);
        self.reading.replace(next.map(|_| reading));
        Ok(next)
    }

    fn at_the_newest(&self) -> Reading {
        let team = self.team();
        let commits = team.vaults().map(|(id, vault)| (id, vault.commits)).collect();
        Reading { before: team.head().seq + 1, entries: Vec::new(), commits }
    }

    /// Some entries before number `before`, which ends them, each as it was verified here.
    async fn entries_before(&self, before: u64) -> Result<Vec<SignedEntry>> {
        let from = before.saturating_sub(LOG_PAGE as u64);
        let mut entries = Vec::new();
        loop {
            let next = from + entries.len() as u64;
            if next >= before {
                return Ok(entries);
            }
            let ask = api::log(self.team().id(), next.checked_sub(1));
            let page: LogPage = api::reply(&self.send(&ask).await?).map_err(out)?;
            if page.last.saturating_add(1) < before {
                return Err(self.ends_at(page.last, &[]).await);
            }
            if page.entries.is_empty() {
                return Err(Error::BadReply);
            }
            let as_verified = |(seq, entry): (u64, &SignedEntry)| {
                self.state.borrow().has(Head { seq, hash: entry.hash() })
            };
            let same = (next..before).zip(&page.entries).take_while(|it| as_verified(*it)).count();
            let asked = page.entries.len().min((before - next) as usize);
            if let Some(other) = page.entries.get(same..).filter(|_| same < asked) {
                return Err(self.shows(next + same as u64, other).await);
            }
            entries.extend(page.entries.into_iter().take(asked));
        }
    }

    fn opened(&self, reading: &mut Reading, entry: &SignedEntry) -> Result<Past> {
        let read = entry.claim(|entry| (entry.author, entry.time, entry.ops.clone()));
        let (author, time, ops) = read.map_err(|_| Error::BadReply)?;
        let state = self.state.borrow();
        let deeds = ops.into_iter().map(|op| {
            let summary = match &op {
                Op::Commit(commit) => reading.number_of(commit.vault).and_then(|number| {
                    state.keyring.open_summary(state.team.id(), commit, number).ok()
                }),
                _ => None,
            };
            let name = match &op {
                Op::Invite(invite) => state.name_on(invite.member, &invite.card),
                Op::Add(add) => match &add.admission {
                    Admission::Service(service) => state.name_on(add.member, &service.card),
                    Admission::Invited(_) => None,
                },
                _ => None,
            };
            Deed { op, summary, name }
        });
        let deeds = deeds.collect();
        Ok(Past { head: Head { seq: reading.before, hash: entry.hash() }, author, time, deeds })
    }
}

impl Reading {
    /// The number of the commit to a vault that is read now: one less with each.
    fn number_of(&mut self, vault: VaultId) -> Option<u64> {
        let (_, commits) = self.commits.iter_mut().find(|(id, _)| *id == vault)?;
        let number = *commits;
        *commits = number.checked_sub(1)?;
        Some(number)
    }
}

impl State {
    /// The name on a card of the log, which is sealed under one of the directory's keys.
    fn name_on(&self, member: MemberId, card: &[u8]) -> Option<String> {
        let (team, directory) = (self.team.id(), self.team.directory());
        self.team.vault(directory)?.in_use().rev().find_map(|key_version| {
            let key = self.keyring.get(directory, key_version)?;
            CardPlace { team, directory, member, key_version }.open(card, key).ok()
        })
    }
}
