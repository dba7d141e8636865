//! What was done in the team, and secrets as they were.

use subrosa_bridge::history::{
    AsItWas, LogEntries, LogFilter, LostSecret, ToTurnBack, Turn, TurnBack,
};
use subrosa_bridge::{Event, Kind, Reply};
use subrosa_client::{Change, Error, Lost, Platform, TeamClient};
use subrosa_core::manifest::Record;
use subrosa_core::order;
use subrosa_core::vault::Edit;
use subrosa_wire::id::SecretId;

use crate::problem::{self, Problem};
use crate::view;

use super::secrets::secret_id;
use super::writes::check_note;
use super::{Answer, Desk, add, vault_id};

/// How many entries are shown at a time.
const SHOWN: usize = 50;
/// How many are looked through at a time.
const LOOKED: usize = 3000;

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn log(&self, before: Option<u64>, filter: &LogFilter) -> Answer {
        let client = self.client()?;
        let sought = view::Sought::of(&client.contents(), filter).ok_or_else(problem::not_found)?;
        let (mut entries, mut looked, mut back_to) = (Vec::new(), 0, 0);
        let mut take = |past| {
            entries.extend(view::log_entry(&client, &past, &sought));
            (looked, back_to) = (looked + 1, view::time(past.time));
            entries.len() < SHOWN && looked < LOOKED
        };
        let before = client.past(before, &mut take).await;
        let before = before.map_err(|error| {
            let problem = problem::of(error);
            if problem.kind == Kind::Rollback {
                (self.told)(Event::Alarm((*problem).clone()));
            }
            problem
        })?;
        let authors = view::authors(&client);
        Ok(Reply::Log(LogEntries { entries, before, back_to, authors }))
    }

    pub(super) async fn as_it_was(&self, vault: &str, seq: u64) -> Answer {
        let client = self.client()?;
        let vault = vault_id(vault)?;
        let found = client.as_it_was(vault, seq).await;
        let found = found.map_err(|error| in_words(&client, error))?;
        let contents = client.contents();
        let open = contents.vault(vault).ok_or_else(problem::not_found)?;
        let of = |id: SecretId| {
            let record = open.record(id)?;
            Some((record, view::shown(&contents, open, record)?.scope_name))
        };
        let change = |(id, edit): &(SecretId, Edit)| {
            let (record, scope_name) = of(*id)?;
            let renamed = match edit {
                Edit::Change { key, .. } => key.clone(),
                _ => None,
            };
            let (secret, key) = (id.to_string(), record.key.clone());
            let turn = turn(edit, record)?;
            Some(TurnBack { secret, base: record.version, key, renamed, scope_name, turn })
        };
        let mut changes: Vec<_> = found.edits.iter().filter_map(change).collect();
        order::sort_by_key(&mut changes, |it| (it.key.clone(), it.scope_name.clone()));
        let lost = |(id, why): (SecretId, Lost)| {
            let (record, scope_name) = of(id)?;
            let why = match why {
                Lost::Dropped => "Its versions of then were dropped by a rotation.".to_owned(),
                Lost::Damaged => "Its version of then cannot be opened.".to_owned(),
                Lost::Rule(broken) => problem::broken(&contents, broken).message.clone(),
            };
            Some(LostSecret { key: record.key.clone(), scope_name, why })
        };
        let mut lost: Vec<_> = found.lost.into_iter().filter_map(lost).collect();
        order::sort_by_key(&mut lost, |it| (it.key.clone(), it.scope_name.clone()));
        if open.damage() > 0 {
            let why = "A part of the list of secrets cannot be opened.".to_owned();
            let (key, scope_name) = (String::new(), view::name(&contents, open));
            lost.push(LostSecret { key, scope_name, why });
        }
        Ok(Reply::AsItWas(AsItWas { changes, lost }))
    }

    pub(super) async fn turn_back(
        &self,
        vault: &str,
        seq: u64,
        secrets: Vec<ToTurnBack>,
        note: String,
    ) -> Answer {
        check_note(&note)?;
        let client = self.client()?;
        let vault = vault_id(vault)?;
        let wanted = |it: &ToTurnBack| Ok((secret_id(&it.secret)?, it.base));
        let wanted = secrets.iter().map(wanted).collect::<Result<Vec<_>, Problem>>()?;
        let found = client.as_it_was(vault, seq).await;
        let found = found.map_err(|error| in_words(&client, error))?;
        let mut change = Change { note, parts: Vec::new() };
        let mut count = 0;
        for (id, mut edit) in found.edits {
            let Some((_, seen)) = wanted.iter().find(|(wanted, _)| *wanted == id) else { continue };
            // What was decided on: on anything else it is a conflict.
            match &mut edit {
                Edit::Change { base, .. } | Edit::Delete { base, .. } => {
                    *base = *seen;
                    count += 1;
                }
                Edit::Fresh { base, .. } => *base = *seen,
                _ => {}
            }
            add(&mut change, vault, edit);
        }
        if count > 0 {
            self.push(&client, change).await?;
        }
        Ok(Reply::Written(count))
    }
}

fn turn(edit: &Edit, record: &Record) -> Option<Turn> {
    match edit {
        Edit::Delete { .. } => Some(Turn::Deleted),
        Edit::Change { .. } if record.is_live() => Some(Turn::Changed),
        Edit::Change { .. } => Some(Turn::Back),
        _ => None,
    }
}

/// A rule names its vault, which only the team's contents can.
fn in_words<P: Platform>(client: &TeamClient<P>, error: Error) -> Problem {
    match error {
        Error::Rule(broken) => problem::broken(&client.contents(), *broken),
        other => problem::of(other),
    }
}
