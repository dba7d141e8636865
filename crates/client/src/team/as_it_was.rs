//! A vault's secrets as they were at a place of the log: what would have to change, for whoever
//! decides. What is not known any more is named, and nothing is guessed.

use subrosa_core::contents::Contents;
use subrosa_core::manifest::{Content, HistoryEntry, HistoryRef, Record};
use subrosa_core::scope::{Broken, refused};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Edit, NewContent, Objects, Then, then};
use subrosa_wire::id::{SecretId, VaultId};
use subrosa_wire::team::VaultRole;

use crate::error::{Error, Result};
use crate::platform::Platform;

use super::TeamClient;

/// How many values are opened at once.
const OPENED: usize = 500;

/// What it takes to have a vault's secrets as they were.
pub struct AsItWas {
    /// What changes each secret that is otherwise now; deletions first, so that keys are free.
    pub edits: Vec<(SecretId, Edit)>,
    /// Secrets that stay as they are.
    pub lost: Vec<(SecretId, Lost)>,
}

/// Why a secret cannot be had as it was.
pub enum Lost {
    /// Its versions of then were dropped.
    Dropped,
    /// Its history or its value does not open.
    Damaged,
    /// It would break a rule of scopes now.
    Rule(Broken),
}

/// A secret with what is known of its past.
struct Candidate {
    record: Record,
    earlier: Vec<HistoryEntry>,
    /// The list before these.
    next: Option<HistoryRef>,
    damaged: bool,
}

impl<P: Platform> TeamClient<P> {
    /// What it takes to have the secrets of a vault as they were when entry `seq` was the newest. Notes
    /// are in no history: they stay as they are; so do named keys.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such vault here, or no such entry; [`Error::Rule`] for whoever
    /// may not write in it.
    pub async fn as_it_was(&self, vault: VaultId, seq: u64) -> Result<AsItWas> {
        let (_, head) = self.place();
        if seq > head.seq {
            return Err(Error::NotFound);
        }
        let mut differing = Vec::new();
        let mut lost = Vec::new();
        for candidate in self.candidates(vault, seq).await? {
            let Candidate { record, earlier, damaged, .. } = candidate;
            match then(&record, &earlier, seq) {
                Then::Same => {}
                Then::Was(entry) => differing.push((record, Some(entry.clone()))),
                Then::Absent if record.is_live() => differing.push((record, None)),
                Then::Absent => {}
                Then::Dropped if damaged => lost.push((record.id, Lost::Damaged)),
                Then::Dropped => lost.push((record.id, Lost::Dropped)),
            }
        }
        let mut edits = Vec::new();
        for some in differing.chunks(OPENED) {
            self.edits_of(vault, some, &mut edits, &mut lost).await?;
        }
        let (mut edits, others): (Vec<_>, Vec<_>) =
            edits.into_iter().partition(|(_, edit)| matches!(edit, Edit::Delete { .. }));
        edits.extend(others);
        self.without_refused(vault, &mut edits, &mut lost)?;
        Ok(AsItWas { edits, lost })
    }

    /// What was changed after entry `seq`, with as much of its history as tells what it was then.
    async fn candidates(&self, vault: VaultId, seq: u64) -> Result<Vec<Candidate>> {
        let mut candidates: Vec<Candidate> = {
            let contents = self.contents();
            let open = contents.vault(vault).ok_or(Error::NotFound)?;
            let changed = open.records().filter(|it| it.is_secret() && it.seq > seq);
            let candidate = |record: &Record| Candidate {
                record: record.clone(),
                earlier: Vec::new(),
                next: record.history,
                damaged: false,
            };
            changed.map(candidate).collect()
        };
        loop {
            let needed: Vec<_> = candidates.iter().filter_map(|it| Some(it.next?.object)).collect();
            if needed.is_empty() {
                return Ok(candidates);
            }
            let mut objects = Objects::default();
            self.fetch(vault, &needed, &mut objects).await?;
            let state = self.state.borrow();
            let open = state.contents.vault(vault).ok_or(Error::NotFound)?;
            for candidate in &mut candidates {
                let Some(reference) = candidate.next.take() else { continue };
                let id = candidate.record.id;
                match open.open_history(id, &reference, &state.keyring, &objects) {
                    Ok(list) => {
                        candidate.earlier.splice(..0, list.entries);
                        let told = candidate.earlier.first().is_some_and(|it| it.seq <= seq);
                        // Versions fall from list to list, so that a chain cannot go in circles.
                        let older = list.older.filter(|it| it.version < reference.version);
                        candidate.next = older.filter(|_| !told);
                    }
                    Err(_) => candidate.damaged = true,
                }
            }
        }
    }

    /// The edits that make secrets what they were; a value that is the same is not written again.
    async fn edits_of(
        &self,
        vault: VaultId,
        differing: &[(Record, Option<HistoryEntry>)],
        edits: &mut Vec<(SecretId, Edit)>,
        lost: &mut Vec<(SecretId, Lost)>,
    ) -> Result<()> {
        let mut wanted = Vec::new();
        for (record, was) in differing {
            let was = was.as_ref().and_then(|was| was.content.as_ref());
            let now = record.content.as_ref().filter(|_| was.is_some());
            let values = was.into_iter().chain(now).filter_map(Content::value);
            wanted.extend(values.map(|value| (record.id, *value)));
        }
        let mut opened = self.values(vault, &wanted).await?.into_iter();
        let mut next = |of: Option<&Content>| {
            let value = of.and_then(Content::value).and_then(|_| opened.next());
            value.and_then(Result::ok)
        };
        let contents = self.contents();
        for (record, was) in differing {
            let (id, base) = (record.id, record.version);
            let fresh = was.as_ref().map_or(0, HistoryEntry::fresh_since);
            let Some(HistoryEntry { key, content: Some(was), .. }) = was else {
                edits.push((id, Edit::Delete { id, base }));
                continue;
            };
            let now = record.content.as_ref();
            let (then, value) = (next(Some(was)), next(now));
            let same = now.is_some_and(|now| is_alike(now, was))
                && then.as_ref().map(SecretValue::expose)
                    == value.as_ref().map(SecretValue::expose);
            let content = NewContent::of(was, then);
            if content.is_none() {
                lost.push((id, Lost::Damaged));
                continue;
            }
            let key = Some(key_of(&contents, vault, was, key)).filter(|key| *key != record.key);
            let content = content.filter(|_| !same);
            // Whoever knew the value then knows it now.
            let since = content.as_ref().map(|_| fresh);
            if key.is_some() || content.is_some() {
                edits.push((id, Edit::Change { id, base, key, content, note: None }));
            }
            edits.extend(since.map(|since| (id, Edit::Fresh { id, base, since })));
        }
        Ok(())
    }

    /// Leaves out what would break a rule, until the rest breaks none.
    fn without_refused(
        &self,
        vault: VaultId,
        edits: &mut Vec<(SecretId, Edit)>,
        lost: &mut Vec<(SecretId, Lost)>,
    ) -> Result<()> {
        let state = self.state.borrow();
        let writer = |vault| state.team.role_in(vault, self.me) >= Some(VaultRole::Writer);
        if !writer(vault) {
            return Err(Broken::NotWriter(vault).into());
        }
        loop {
            let all: Vec<_> = edits.iter().map(|(_, edit)| (vault, edit)).collect();
            let refused = refused(&state.contents, &all, &writer)?;
            if refused.is_empty() {
                return Ok(());
            }
            edits.retain(|(id, _)| refused.iter().all(|(refused, _)| refused != id));
            lost.extend(refused.into_iter().map(|(id, broken)| (id, Lost::Rule(broken))));
        }
    }
}

/// Whether two are the same but for their values.
fn is_alike(one: &Content, other: &Content) -> bool {
    core::mem::discriminant(one) == core::mem::discriminant(other)
        && one.hangs_on() == other.hangs_on()
        && one.mount() == other.mount()
}

/// The key that a secret had; an override has that of what it overrides, which may have another by now.
fn key_of(contents: &Contents, vault: VaultId, was: &Content, key: &str) -> String {
    let of = if let Content::Override { of, .. } = was { contents.find(*of) } else { None };
    match of {
        Some((there, _, record)) if there.id() != vault => record.key.clone(),
        _ => key.to_owned(),
    }
}
