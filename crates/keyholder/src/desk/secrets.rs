//! Single secrets: a value, the versions, what hangs on them.

use subrosa_bridge::view::{Row, Secrets, Version};
use subrosa_bridge::{Hidden, HiddenBytes, Reply};
use subrosa_client::{Error, Platform, TeamClient};
use subrosa_core::manifest::{Content, Record};
use subrosa_core::scope::{absent, hanging_on};
use subrosa_core::secret_value::SecretValue;
use subrosa_wire::id::{MemberId, SecretId, VaultId};

use crate::problem::{self, Problem};
use crate::view::{self, Names};

use super::{Answer, Desk, damaged};

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn reveal(&self, secret: &str, version: Option<u32>) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        let version = version.unwrap_or(record.version);
        let content = version_of(&client, vault, &record, version).await?;
        let value = content.value().ok_or_else(|| problem::alias_value(&record.key))?;
        let value = client.value(vault, id, *value).await.map_err(|error| match error {
            Error::Damaged => damaged(&record.key),
            other => problem::of(other),
        })?;
        Ok(plain(&value))
    }

    pub(super) async fn history(&self, secret: &str) -> Answer {
        let client = self.client()?;
        let id = secret_id(secret)?;
        let (vault, record) = found(&client, id)?;
        let earlier = client.history(vault, id, record.history).await.map_err(problem::of)?;
        let contents = client.contents();
        let names = Names::of(&contents);
        let (_, scope, _) = contents.find(id).ok_or_else(problem::not_found)?;
        let version =
            |version, author: MemberId, time, key: &String, content: &Option<_>| Version {
                version,
                author: names.member(author),
                time: view::time(time),
                key: key.clone(),
                kind: content.as_ref().map(|it| view::kind(&contents, scope, it)),
            };
        let Record { author, time, key, content, .. } = &record;
        let now = version(record.version, *author, *time, key, content);
        let earlier = earlier.iter().rev();
        let earlier =
            earlier.map(|it| version(it.version, it.author, it.time, &it.key, &it.content));
        Ok(Reply::History(std::iter::once(now).chain(earlier).collect()))
    }

    pub(super) fn hanging(&self, secrets: &[String]) -> Answer {
        let client = self.client()?;
        let ids = secrets.iter().map(|id| secret_id(id)).collect::<Result<Vec<_>, _>>()?;
        let hanging = hanging_on(&client.contents(), &ids);
        let rows: Vec<Row> = hanging.into_iter().filter_map(|id| shown(&client, id)).collect();
        Ok(Reply::Secrets(Secrets { total: rows.len(), offset: 0, rows }))
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
    match contents.find(id) {
        Some((vault, _, record)) => Ok((vault.id(), record.clone())),
        None => Err(problem::broken(&contents, absent(&contents, id))),
    }
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
) -> Result<Content, Problem> {
    if version == record.version {
        return record.content.clone().ok_or_else(problem::not_found);
    }
    let earlier = client.history(vault, record.id, record.history).await.map_err(problem::of)?;
    let entry = earlier.into_iter().find(|entry| entry.version == version);
    entry.and_then(|entry| entry.content).ok_or_else(problem::not_found)
}

/// A value as the page gets it: text where it is text.
pub(super) fn plain(value: &SecretValue) -> Reply {
    match value.expose_text() {
        Some(text) => Reply::Text(Hidden::new(text.to_owned())),
        None => Reply::Bytes(HiddenBytes::new(value.expose().to_vec())),
    }
}
