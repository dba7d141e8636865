//! Writing: what the page asks for as edits, judged and pushed as one entry.

use subrosa_bridge::view::{Change as Edits, Conflict, Plain, Scope as ViewScope, Write};
use subrosa_bridge::{Kind, Reply};
use subrosa_client::{Change, Error, Part, Platform, TeamClient};
use subrosa_core::key_name::{MAX_NOTE, MAX_VALUE, check_key};
use subrosa_core::manifest::{Content, Record, ValueRef};
use subrosa_core::scope::{Broken, Creation, Resolver, create, overrides_of, replace_value};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Edit, NewContent};
use subrosa_wire::id::{SecretId, VaultId};

use crate::problem::{self, Problem};

use super::secrets::{found, secret_id, shown, version_of};
use super::{Answer, Desk, add, damaged, named};

/// An edit, the vault that it is for, and the secret that it is of.
type Planned = (VaultId, SecretId, Edit);

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn write(&self, writes: Vec<Write>, note: String) -> Answer {
        let client = self.client()?;
        check_note(&note)?;
        let mut change = Change { note, parts: Vec::new() };
        let mut ids = Vec::new();
        let count = writes.len();
        client.contents().vaults().for_each(|vault| vault.expect_questions(count));
        for write in writes {
            let planned = self.plan(&client, write).await?;
            // The first is what was asked for; what follows goes along with it.
            ids.extend(planned.first().map(|(_, id, _)| *id));
            planned.into_iter().for_each(|(vault, _, edit)| add(&mut change, vault, edit));
        }
        self.push(&client, change).await?;
        let rows = ids.into_iter().filter_map(|id| shown(&client, id));
        Ok(Reply::Rows(rows.collect()))
    }

    async fn plan(&self, client: &TeamClient<P>, write: Write) -> Result<Vec<Planned>, Problem> {
        match write {
            Write::Create { scope, key, value, note, mount } => {
                check_key(&key).map_err(|why| problem::bad_key(&key, &why))?;
                let value = bytes(&key, value)?;
                check_note(&note)?;
                let contents = client.contents();
                let resolver = Resolver::new(&contents);
                Ok(vec![self.put(&resolver, &scope, key, value, mount, note)?])
            }
            Write::Alias { scope, key, target, note } => {
                check_key(&key).map_err(|why| problem::bad_key(&key, &why))?;
                check_note(&note)?;
                let content = NewContent::Alias(secret_id(&target)?);
                self.set(client, &scope, key, content, note)
            }
            Write::Override { scope, target, value, note } => {
                check_note(&note)?;
                let of = secret_id(&target)?;
                let (key, mount) = overridden(client, &scope, of)?;
                let value = bytes(&key, value)?;
                self.set(client, &scope, key, NewContent::Override { of, value, mount }, note)
            }
            Write::Edit { secret, base, change } => {
                editing(client, secret_id(&secret)?, base, change).await
            }
            Write::Delete { secret, base } => {
                let id = secret_id(&secret)?;
                let (vault, _) = found(client, id)?;
                Ok(vec![(vault, id, Edit::Delete { id, base })])
            }
            Write::Restore { secret, version } => {
                restoring(client, secret_id(&secret)?, version).await
            }
        }
    }

    /// Creates a key, or adds a version to it where this very scope has it (rule 3).
    pub(crate) fn put(
        &self,
        resolver: &Resolver<'_>,
        scope: &ViewScope,
        key: String,
        value: SecretValue,
        mount: Option<String>,
        note: String,
    ) -> Result<Planned, Problem> {
        let id = SecretId::from_random(self.random());
        let new = Creation { id, scope: named(scope)?, key, value, mount, note };
        let (vault, edit) =
            create(resolver, new).map_err(|broken| problem::broken(resolver.contents(), broken))?;
        let id = match &edit {
            Edit::Create { id, .. } | Edit::Change { id, .. } => *id,
            _ => return Err(problem::not_found()),
        };
        Ok((vault, id, edit))
    }

    /// A new secret of a kind that is asked for by name: the key must be free.
    fn set(
        &self,
        client: &TeamClient<P>,
        scope: &ViewScope,
        key: String,
        content: NewContent,
        note: String,
    ) -> Result<Vec<Planned>, Problem> {
        let contents = client.contents();
        let (vault, level) = contents.locate(named(scope)?).ok_or_else(problem::not_found)?;
        if vault.live(level, &key).is_some() {
            return Err(problem::broken(&contents, Broken::Taken(key)));
        }
        let id = SecretId::from_random(self.random());
        Ok(vec![(vault.id(), id, Edit::Create { id, level, key, content, note })])
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
            Err(Error::Rule(broken)) => Err(problem::broken(&client.contents(), *broken)),
            Err(other) => Err(problem::of(other)),
        }
    }
}

/// The key that an override at `scope` of `of` has, and its mount path if `of` is a file.
fn overridden<P: Platform>(
    client: &TeamClient<P>,
    scope: &ViewScope,
    of: SecretId,
) -> Result<(String, Option<String>), Problem> {
    let contents = client.contents();
    if let Some((_, _, record)) = contents.find(of) {
        let mount = record.content.as_ref().and_then(Content::mount).map(str::to_owned);
        return Ok((record.key.clone(), mount));
    }
    let resolver = Resolver::new(&contents);
    let view = resolver.view(named(scope)?).ok_or_else(problem::not_found)?;
    let built_in = view.built_in().iter().find(|it| it.id == of);
    let target = built_in.ok_or_else(|| problem::broken(&contents, Broken::NoTarget))?;
    Ok((target.key.to_owned(), None))
}

async fn editing<P: Platform>(
    client: &TeamClient<P>,
    id: SecretId,
    base: u32,
    change: Edits,
) -> Result<Vec<Planned>, Problem> {
    let (vault, record) = found(client, id)?;
    if let Some(key) = &change.key
        && !matches!(record.content, Some(Content::Override { .. }))
    {
        check_key(key).map_err(|why| problem::bad_key(key, &why))?;
    }
    if let Some(note) = &change.note {
        check_note(note)?;
    }
    let value = match change.value {
        Some(value) => Some(bytes(&record.key, value)?),
        // A mount path belongs to its file: both are sealed anew.
        None if change.mount.is_some() => Some(file_of(client, vault, &record).await?),
        None => None,
    };
    let contents = client.contents();
    let content = value.map(|value| replace_value(&record, value)).transpose();
    let content = content.map_err(|broken| problem::broken(&contents, broken))?;
    let content = match (content, change.mount) {
        (Some(NewContent::File(value, _)), Some(mount)) => Some(NewContent::File(value, mount)),
        (Some(NewContent::Override { of, value, mount: Some(_) }), Some(mount)) => {
            Some(NewContent::Override { of, value, mount: Some(mount) })
        }
        (content, None) => content,
        (_, Some(mount)) => return Err(problem::broken(&contents, Broken::Mount(mount))),
    };
    let mut planned = Vec::new();
    // An override has the key of what it overrides.
    if let Some(key) = change.key.as_ref().filter(|key| **key != record.key) {
        for id in overrides_of(&contents, id) {
            let Some((vault, _, record)) = contents.find(id) else { continue };
            let (base, key) = (record.version, Some(key.clone()));
            let edit = Edit::Change { id, base, key, content: None, note: None };
            planned.push((vault.id(), id, edit));
        }
    }
    let edit = Edit::Change { id, base, key: change.key, content, note: change.note };
    planned.insert(0, (vault, id, edit));
    Ok(planned)
}

/// The bytes of a file.
async fn file_of<P: Platform>(
    client: &TeamClient<P>,
    vault: VaultId,
    record: &Record,
) -> Result<SecretValue, Problem> {
    let content = record.content.as_ref().filter(|content| content.mount().is_some());
    let value = content.and_then(Content::value).copied().ok_or_else(|| {
        let message = format!("{} is no file: it has no mount path.", record.key);
        Problem::new(Kind::Rule(400), message, "Leave the mount path out, or create a file.")
    })?;
    opened(client, vault, record, value).await
}

async fn opened<P: Platform>(
    client: &TeamClient<P>,
    vault: VaultId,
    record: &Record,
    value: ValueRef,
) -> Result<SecretValue, Problem> {
    client.value(vault, record.id, value).await.map_err(|error| match error {
        Error::Damaged => damaged(&record.key),
        other => problem::of(other),
    })
}

async fn restoring<P: Platform>(
    client: &TeamClient<P>,
    id: SecretId,
    version: Option<u32>,
) -> Result<Vec<Planned>, Problem> {
    let (vault, record) = found(client, id)?;
    let content = match version {
        Some(version) => version_of(client, vault, &record, version).await?,
        None => last_content(client, vault, &record).await?,
    };
    let restored = content.value().copied();
    let value = match restored {
        None => None,
        Some(value) => Some(opened(client, vault, &record, value).await?),
    };
    let content = NewContent::of(&content, value).ok_or_else(problem::not_found)?;
    let base = record.version;
    let edit = Edit::Change { id, base, key: None, content: Some(content), note: None };
    let mut planned = vec![(vault, id, edit)];
    if let Some(value) = restored {
        // Whoever knew it then knows it now.
        let since = client.fresh_since(vault, &record, value).await.map_err(problem::of)?;
        planned.push((vault, id, Edit::Fresh { id, base, since }));
    }
    Ok(planned)
}

pub(super) async fn last_content<P: Platform>(
    client: &TeamClient<P>,
    vault: VaultId,
    record: &Record,
) -> Result<Content, Problem> {
    if let Some(content) = &record.content {
        return Ok(content.clone());
    }
    let earlier = client.history(vault, record.id, record.history).await.map_err(problem::of)?;
    earlier.into_iter().rev().find_map(|entry| entry.content).ok_or_else(problem::not_found)
}

fn conflict<P: Platform>(client: &TeamClient<P>, change: &Change, ids: &[SecretId]) -> Problem {
    let mine = |id: SecretId| {
        let edits = change.parts.iter().flat_map(|part| match part {
            Part::Edit { edits, .. } => edits.as_slice(),
            _ => &[],
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

fn bytes(key: &str, value: Plain) -> Result<SecretValue, Problem> {
    let bytes = match &value {
        Plain::Text(text) => text.expose().as_bytes(),
        Plain::Bytes(bytes) => bytes.expose(),
    };
    if bytes.len() <= MAX_VALUE {
        return Ok(SecretValue::new(bytes.to_vec()));
    }
    let message = format!("The value of {key} is over 1 MiB.");
    let next = "Keep large files elsewhere, and a key to them here.";
    Err(Problem::new(Kind::TooLarge, message, next))
}
