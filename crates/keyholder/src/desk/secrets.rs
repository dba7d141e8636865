//! Secrets: reading one, changing one, and what to say when somebody else did.

use subrosa_bridge::view::{Change as Edits, Conflict, Row, Scope as ViewScope};
use subrosa_bridge::{Hidden, Kind, Problem, Reply};
use subrosa_client::{Change, Error, Part, Platform, TeamClient};
use subrosa_core::contents::Scope;
use subrosa_core::key_name::{MAX_NOTE, MAX_VALUE, check_key};
use subrosa_core::manifest::{Record, ValueRef};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::Edit;
use subrosa_wire::id::{SecretId, VaultId};

use crate::problem;
use crate::view::{self, Names};

use super::{Answer, Desk, add, damaged, named, not_text};

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn reveal(&self, secret: &str, version: Option<u32>) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        let value = match version {
            Some(version) if version != record.version => {
                version_of(&client, vault, &record, version).await?
            }
            _ => record.value.ok_or_else(problem::not_found)?,
        };
        let value = client.value(vault, id, value).await.map_err(|error| match error {
            Error::Damaged => damaged(&record.key),
            other => problem::of(other),
        })?;
        text(&value).map(Reply::Text)
    }

    pub(super) async fn history(&self, secret: &str) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        let earlier = client.history(vault, id, record.history).await.map_err(problem::of)?;
        let contents = client.contents();
        let names = Names::of(&contents);
        let now = subrosa_bridge::view::Version {
            version: record.version,
            author: names.member(record.author),
            time: view::time(record.time),
            deletion: record.value.is_none(),
        };
        let earlier = earlier.iter().rev().map(|entry| subrosa_bridge::view::Version {
            version: entry.version,
            author: names.member(entry.author),
            time: view::time(entry.time),
            deletion: entry.value.is_none(),
        });
        Ok(Reply::History(std::iter::once(now).chain(earlier).collect()))
    }

    pub(super) async fn create_secret(
        &self,
        scope: &ViewScope,
        key: String,
        value: &Hidden,
        note: String,
    ) -> Answer {
        let client = self.client()?;
        let scope = named(scope)?;
        check_key(&key).map_err(|why| problem::bad_key(&key, &why))?;
        check_value(&key, value)?;
        check_note(&note)?;
        let value = SecretValue::new(value.expose().as_bytes().to_vec());
        let (vault, edit) = self.put(&client, scope, key, value, note)?;
        let id = match &edit {
            Edit::Create { id, .. } | Edit::Change { id, .. } => *id,
            Edit::Delete { .. } | Edit::AddApplication(_) => return Err(problem::not_found()),
        };
        self.push(&client, Change::edits(vault, vec![edit])).await?;
        self.row(&client, id)
    }

    /// Creates a key, or adds a version to it where this very scope has it (rule 3).
    pub(crate) fn put(
        &self,
        client: &TeamClient<P>,
        scope: Scope,
        key: String,
        value: SecretValue,
        note: String,
    ) -> Result<(VaultId, Edit), Problem> {
        let contents = client.contents();
        let (vault, level) = contents.locate(scope).ok_or_else(problem::not_found)?;
        if let Some(record) = vault.live(level, &key) {
            let note = (!note.is_empty()).then_some(note);
            let (id, base) = (record.id, record.version);
            return Ok((
                vault.id(),
                Edit::Change { id, base, key: None, value: Some(value), note },
            ));
        }
        if let Some(above) = contents.higher(scope, &key) {
            return Err(problem::exists(&key, &view::scope_name(&contents, above)));
        }
        let id = SecretId::from_random(self.random());
        Ok((vault.id(), Edit::Create { id, level, key, value, note }))
    }

    pub(super) async fn edit_secret(&self, secret: &str, base: u32, change: Edits) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        if let Some(key) = &change.key {
            check_key(key).map_err(|why| problem::bad_key(key, &why))?;
            let contents = client.contents();
            let scope = contents.find(id).map(|(_, scope, _)| scope);
            if let Some(above) = scope.and_then(|scope| contents.higher(scope, key)) {
                return Err(problem::exists(key, &view::scope_name(&contents, above)));
            }
        }
        if let Some(note) = &change.note {
            check_note(note)?;
        }
        if let Some(value) = &change.value {
            check_value(&record.key, value)?;
        }
        let value = change.value.map(|value| SecretValue::new(value.expose().as_bytes().to_vec()));
        let edit = Edit::Change { id, base, key: change.key, value, note: change.note };
        self.push(&client, Change::edits(vault, vec![edit])).await?;
        self.row(&client, id)
    }

    pub(super) async fn delete_secrets(&self, secrets: &[(String, u32)]) -> Answer {
        let client = self.client()?;
        let mut change = Change::default();
        for (secret, base) in secrets {
            let id = secret_id(secret)?;
            let (vault, _) = found(&client, id)?;
            add(&mut change, vault, Edit::Delete { id, base: *base });
        }
        self.push(&client, change).await?;
        Ok(Reply::Done)
    }

    pub(super) async fn restore_secret(&self, secret: &str, version: Option<u32>) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        {
            // A deleted secret whose key was used again meanwhile cannot come back under it.
            let contents = client.contents();
            let scope = contents.find(id).map(|(_, scope, _)| scope);
            let open =
                contents.vault(vault).and_then(|vault| vault.live(record.level, &record.key));
            if let (Some(scope), Some(_), None) = (scope, open.filter(|o| o.id != id), record.value)
            {
                let at = view::scope_name(&contents, scope);
                return Err(problem::exists(&record.key, &at));
            }
        }
        let value = match version {
            Some(version) => version_of(&client, vault, &record, version).await?,
            None => last_value(&client, vault, &record).await?,
        };
        let value = client.value(vault, id, value).await.map_err(|error| match error {
            Error::Damaged => damaged(&record.key),
            other => problem::of(other),
        })?;
        let base = record.version;
        let edit = Edit::Change { id, base, key: None, value: Some(value), note: None };
        self.push(&client, Change::edits(vault, vec![edit])).await?;
        self.row(&client, id)
    }

    pub(super) async fn push(&self, client: &TeamClient<P>, change: Change) -> Result<(), Problem> {
        match client.change(&change).await {
            Ok(_) => {
                self.changed(client);
                Ok(())
            }
            Err(Error::Conflict(ids)) => {
                self.changed(client);
                Err(conflict(client, &change, &ids))
            }
            Err(other) => Err(problem::of(other)),
        }
    }

    pub(super) fn row(&self, client: &TeamClient<P>, id: SecretId) -> Answer {
        shown(client, id).map(|row| Reply::Row(Box::new(row))).ok_or_else(problem::not_found)
    }
}

pub(super) fn secret_id(id: &str) -> Result<SecretId, Problem> {
    id.parse().map_err(|_| problem::not_found())
}

pub(super) fn found<P: Platform>(
    client: &TeamClient<P>,
    id: SecretId,
) -> Result<(VaultId, Record), Problem> {
    let contents = client.contents();
    let (vault, _, record) = contents.find(id).ok_or_else(problem::not_found)?;
    Ok((vault.id(), record.clone()))
}

pub(super) fn shown<P: Platform>(client: &TeamClient<P>, id: SecretId) -> Option<Row> {
    let contents = client.contents();
    let (_, scope, record) = contents.find(id)?;
    Some(view::row(&contents, &Names::of(&contents), scope, scope, record))
}

pub(super) async fn version_of<P: Platform>(
    client: &TeamClient<P>,
    vault: VaultId,
    record: &Record,
    version: u32,
) -> Result<ValueRef, Problem> {
    if version == record.version {
        return record.value.ok_or_else(problem::not_found);
    }
    let earlier = client.history(vault, record.id, record.history).await.map_err(problem::of)?;
    let entry = earlier.into_iter().find(|entry| entry.version == version);
    entry.and_then(|entry| entry.value).ok_or_else(problem::not_found)
}

pub(super) async fn last_value<P: Platform>(
    client: &TeamClient<P>,
    vault: VaultId,
    record: &Record,
) -> Result<ValueRef, Problem> {
    if let Some(value) = record.value {
        return Ok(value);
    }
    let earlier = client.history(vault, record.id, record.history).await.map_err(problem::of)?;
    earlier.into_iter().rev().find_map(|entry| entry.value).ok_or_else(problem::not_found)
}

pub(super) fn conflict<P: Platform>(
    client: &TeamClient<P>,
    change: &Change,
    ids: &[SecretId],
) -> Problem {
    let mine = |id: SecretId| {
        let edits = change.parts.iter().flat_map(|part| match part {
            Part::Edit { edits, .. } => edits.as_slice(),
            Part::CreateVault { .. } => &[],
        });
        edits.clone().find_map(|edit| match edit {
            Edit::Change { id: edited, key, .. } if *edited == id => key.clone(),
            _ => None,
        })
    };
    let conflicts = ids.iter().filter_map(|id| {
        let theirs = shown(client, *id)?;
        let key = mine(*id).unwrap_or_else(|| theirs.key.clone());
        Some(Conflict { theirs, key })
    });
    let conflicts: Vec<Conflict> = conflicts.collect();
    let message = match conflicts.as_slice() {
        [one] => format!("{} was changed by somebody else meanwhile.", one.theirs.key),
        many => format!("{} of these secrets were changed by somebody else meanwhile.", many.len()),
    };
    Problem::new(
        Kind::Conflict(conflicts),
        message,
        "Nothing was written. Look at their version, then keep yours, take theirs, or edit.",
    )
}

pub(super) fn check_note(note: &str) -> Result<(), Problem> {
    if note.len() <= MAX_NOTE {
        return Ok(());
    }
    let message = "A note has at most 1,024 bytes.";
    Err(Problem::new(Kind::TooLarge, message, "Shorten the note."))
}

pub(super) fn check_value(key: &str, value: &Hidden) -> Result<(), Problem> {
    if value.expose().len() <= MAX_VALUE {
        return Ok(());
    }
    let message = format!("The value of {key} is over 1 MiB.");
    Err(Problem::new(
        Kind::TooLarge,
        message,
        "Keep large files elsewhere, and a key to them here.",
    ))
}

pub(super) fn text(value: &SecretValue) -> Result<Hidden, Problem> {
    let text = value.expose_text().ok_or_else(|| not_text("this secret"))?;
    Ok(Hidden::new(text.to_owned()))
}
