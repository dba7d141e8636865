//! Named keys: changing them, and what is done with them for data that is kept elsewhere.

use subrosa_bridge::named_keys::{DataKey, NamedKeyAt, NamedKeyChange, NamedKeyVersion, Rewrapped};
use subrosa_bridge::view::Plain;
use subrosa_bridge::{HiddenBytes, Kind, Reply, Request};
use subrosa_client::{Change, Error, Platform, TeamClient};
use subrosa_core::Randomness;
use subrosa_core::contents::Contents;
use subrosa_core::manifest::{Level, Record};
use subrosa_core::named_key::{self as core, DataKeyLength, KeyVersions, NamedKey, NamedKeyId};
use subrosa_core::vault::{self, Edit};
use subrosa_wire::id::{SecretId, VaultId};
use subrosa_wire::log::KeyVersion;
use subrosa_wire::team::VaultRole;

use crate::{
    problem::{self, Problem},
    view,
};

use super::secrets::plain;
use super::{Answer, Desk, vault_id};

/// A key with its versions at hand.
struct Opened {
    id: NamedKeyId,
    versions: KeyVersions,
    decrypt_from: u32,
    encrypt_if_made_under: KeyVersion,
}

impl Opened {
    fn key(&self) -> NamedKey<'_> {
        NamedKey {
            id: self.id,
            versions: &self.versions,
            decrypt_from: self.decrypt_from,
            encrypt_if_made_under: self.encrypt_if_made_under,
        }
    }
}

impl<P: Platform + Clone + 'static> Desk<P> {
    /// Answers a request that uses a key. One future for all of them: what they do with the key, once
    /// it is open, waits for nothing.
    pub(super) async fn use_named_key(&self, at: &NamedKeyAt, request: &Request) -> Answer {
        let client = self.client()?;
        if let Request::Encrypt { version, .. } = request {
            self.make_if_missing(&client, at, *version).await?;
        }
        let mut key = opened(&client, at).await?;
        // Rewrapping and data keys are encrypted too. A reader is told that it needs a newer version.
        let encrypts = matches!(
            request,
            Request::Encrypt { .. } | Request::Rewrap { .. } | Request::DataKey { .. }
        );
        let newest = key.versions.newest();
        if encrypts
            && newest.made_under < key.encrypt_if_made_under
            && writes(&client, key.id.vault)
        {
            self.rotate_if_newest(&client, at, newest.number).await?;
            key = opened(&client, at).await?;
        }
        used(&key, request, &mut self.platform.rng())
    }

    pub(super) async fn change_named_key(
        &self,
        at: &NamedKeyAt,
        base: u32,
        change: NamedKeyChange,
    ) -> Answer {
        let client = self.client()?;
        self.change_key(&client, at, base, change).await?;
        Ok(Reply::NamedKeys(view::named_keys(&client)))
    }

    async fn change_key(
        &self,
        client: &TeamClient<P>,
        at: &NamedKeyAt,
        base: u32,
        change: NamedKeyChange,
    ) -> Result<(), Problem> {
        let fresh = SecretId::from_random(self.random());
        let (vault, edit) = edit(&client.contents(), at, base, change, fresh)?;
        let pushed = self.push(client, Change::edits(vault, vec![edit])).await;
        pushed.map_err(|problem| told(at, problem))
    }

    /// Another version of a key, of which somebody who has lost the vault since has the newest.
    async fn rotate_if_newest(
        &self,
        client: &TeamClient<P>,
        at: &NamedKeyAt,
        newest: u32,
    ) -> Result<(), Problem> {
        let base = named(&client.contents(), at)?.1.map_or(0, |record| record.version);
        match self.change_key(client, at, base, NamedKeyChange::Rotate).await {
            // Somebody else has done so meanwhile.
            Err(_) if opened(client, at).await?.versions.newest().number > newest => Ok(()),
            rotated => rotated,
        }
    }

    /// Gives those named keys of a vault another version whose newest one somebody knows who has lost the
    /// vault since.
    pub(super) async fn renew_named_keys(
        &self,
        client: &TeamClient<P>,
        vault: VaultId,
    ) -> Result<(), Problem> {
        if !writes(client, vault) {
            return Ok(());
        }
        for (at, newest) in known_to_leavers(client, vault) {
            match self.rotate_if_newest(client, &at, newest).await {
                // Deleted or changed meanwhile; it does not open, or is full. What is encrypted with it
                // asks for another version again, and a rotation is not held up by it.
                Err(problem) if is_of_the_key(&problem) => {}
                renewed => renewed?,
            }
        }
        Ok(())
    }

    /// A key that a writer encrypts with is there. A reader is told that there is none; and a new key
    /// has no other version than the first.
    async fn make_if_missing(
        &self,
        client: &TeamClient<P>,
        at: &NamedKeyAt,
        version: Option<u32>,
    ) -> Result<(), Problem> {
        let (vault, there) = find(&client.contents(), at)?;
        if there.is_some() || !writes(client, vault) || version.unwrap_or(1) != 1 {
            return Ok(());
        }
        match self.change_key(client, at, 0, NamedKeyChange::Create).await {
            // Somebody else has made it meanwhile.
            Err(problem) if problem.kind == Kind::Exists => Ok(()),
            made => made,
        }
    }
}

fn is_of_the_key(problem: &Problem) -> bool {
    use Kind::{Conflict, Corrupted, NotFound, Rule, TooLarge};
    matches!(problem.kind, NotFound | Conflict(_) | Corrupted | TooLarge | Rule(_))
}

/// The named keys of a vault, each with its newest version, which was made before the last loss.
fn known_to_leavers<P: Platform>(client: &TeamClient<P>, vault: VaultId) -> Vec<(NamedKeyAt, u32)> {
    let (contents, team) = (client.contents(), client.team());
    let unlost = team.vault(vault).map_or(1, |vault| vault.unlost_since);
    let records = contents.vault(vault).into_iter().flat_map(|it| it.records());
    let known = records.filter_map(|record| {
        let state = record.key_state().filter(|state| state.made_under < unlost)?;
        let at = NamedKeyAt { vault: vault.to_string(), name: record.key.clone() };
        Some((at, state.newest))
    });
    known.collect()
}

fn writes<P: Platform>(client: &TeamClient<P>, vault: VaultId) -> bool {
    client.team().role_in(vault, client.me()) >= Some(VaultRole::Writer)
}

/// What a request asks of an open key.
fn used(key: &Opened, request: &Request, rng: Randomness<'_>) -> Answer {
    let used = match request {
        Request::Encrypt { plaintext, context, version, .. } => key
            .key()
            .encrypt(bytes(plaintext), bytes(context), *version, rng)
            .map(Reply::Ciphertext),
        Request::Decrypt { ciphertext, context, .. } => {
            key.key().decrypt(ciphertext, bytes(context)).map(|value| plain(&value))
        }
        Request::Rewrap { items, to, .. } => {
            let items: Vec<core::ToRewrap<'_>> = items
                .iter()
                .map(|it| core::ToRewrap {
                    ciphertext: &it.ciphertext,
                    context: bytes(&it.context),
                })
                .collect();
            let rewrapped = key.key().rewrap_all(&items, *to, rng).into_iter().map(|it| match it {
                Ok(core::Rewrapped::Same) => Ok(Rewrapped::Same),
                Ok(core::Rewrapped::New(text)) => Ok(Rewrapped::New(text)),
                Err(why) => Err(problem::named_key(why).into()),
            });
            Ok(Reply::Rewrapped(rewrapped.collect()))
        }
        Request::DataKey { context, bytes: length, plaintext, .. } => {
            let Some(length) = DataKeyLength::of_bytes(*length) else {
                let message = "A data key has 16, 32 or 64 bytes.";
                return Err(Problem::new(Kind::Rule(400), message, "Ask for one of these."));
            };
            key.key().data_key(length, bytes(context), rng).map(|made| {
                let shown = plaintext.then(|| HiddenBytes::new(made.plaintext.expose().to_vec()));
                Reply::DataKey(DataKey { wrapped: made.wrapped, plaintext: shown })
            })
        }
        _ => {
            let version = |it: core::VersionInfo| NamedKeyVersion {
                version: it.number,
                time: view::time(it.time),
            };
            let mut versions: Vec<_> = key.versions.versions().map(version).collect();
            versions.reverse();
            Ok(Reply::NamedKeyVersions(versions))
        }
    };
    used.map_err(problem::named_key)
}

/// The vault that is named, and its live record of the key.
fn named<'a>(
    contents: &'a Contents,
    at: &NamedKeyAt,
) -> Result<(VaultId, Option<&'a Record>), Problem> {
    let vault = contents.vault(vault_id(&at.vault)?).ok_or_else(problem::not_found)?;
    Ok((vault.id(), vault.live(Level::NamedKey, &at.name)))
}

fn find(contents: &Contents, at: &NamedKeyAt) -> Result<(VaultId, Option<SecretId>), Problem> {
    let (vault, record) = named(contents, at)?;
    Ok((vault, record.map(|record| record.id)))
}

async fn opened<P: Platform>(client: &TeamClient<P>, at: &NamedKeyAt) -> Result<Opened, Problem> {
    let (vault, key) = find(&client.contents(), at)?;
    let key = key.ok_or_else(|| absent(at))?;
    let versions = client.named_key(vault, key).await.map_err(|error| match error {
        Error::Damaged => damaged(at),
        other => problem::of(other),
    })?;
    let contents = client.contents();
    // As it is by now: it may have been raised while the versions were fetched.
    let (_, record) = named(&contents, at)?;
    let state = record.and_then(Record::key_state).ok_or_else(|| absent(at))?;
    let team = client.team();
    let id = NamedKeyId { team: team.id(), vault, key };
    let encrypt_if_made_under = team.vault(vault).map_or(1, |vault| vault.unlost_since);
    Ok(Opened { id, versions, decrypt_from: state.decrypt_from, encrypt_if_made_under })
}

/// A change as an edit of the key that has the name; a new key's record is `fresh`.
fn edit(
    contents: &Contents,
    at: &NamedKeyAt,
    base: u32,
    change: NamedKeyChange,
    fresh: SecretId,
) -> Result<(VaultId, Edit), Problem> {
    let (vault, there) = find(contents, at)?;
    let change = match change {
        NamedKeyChange::Create => vault::NamedKeyChange::Create { name: at.name.clone() },
        NamedKeyChange::Rotate => vault::NamedKeyChange::Rotate,
        NamedKeyChange::DecryptFrom(version) => vault::NamedKeyChange::DecryptFrom(version),
        NamedKeyChange::Trim { below } => vault::NamedKeyChange::Trim { below },
        NamedKeyChange::RotateAfter(days) => vault::NamedKeyChange::RotateAfter(days),
        NamedKeyChange::Deletable(deletable) => vault::NamedKeyChange::Deletable(deletable),
        NamedKeyChange::Delete => vault::NamedKeyChange::Delete,
    };
    let id = match (&change, there) {
        (vault::NamedKeyChange::Create { .. }, _) => fresh,
        (_, there) => there.ok_or_else(|| absent(at))?,
    };
    Ok((vault, Edit::NamedKey { id, base, change }))
}

fn bytes(plain: &Plain) -> &[u8] {
    match plain {
        Plain::Text(text) => text.expose().as_bytes(),
        Plain::Bytes(bytes) => bytes.expose(),
    }
}

fn absent(at: &NamedKeyAt) -> Problem {
    Problem::new(
        Kind::NotFound,
        format!("There is no named key {} in this vault.", at.name),
        "Choose one that exists, or ask somebody who may write in the vault to make it.",
    )
}

fn damaged(at: &NamedKeyAt) -> Problem {
    Problem::new(
        Kind::Corrupted,
        format!("{} cannot be opened: what the server has of it is damaged or missing.", at.name),
        "Other keys still open. Restore the server's backup: what this one encrypted needs it.",
    )
}

/// What is told of any change, in terms of a named key.
fn told(at: &NamedKeyAt, problem: Problem) -> Problem {
    let name = &at.name;
    let (message, next) = match problem.kind {
        Kind::Exists => (
            format!("There is a named key {name} in this vault already."),
            "Rotate that one, or choose another name.",
        ),
        Kind::Conflict(_) => (
            format!("{name} was changed by somebody else meanwhile."),
            "Nothing was written. Look at what it is now, then decide again.",
        ),
        _ => return problem,
    };
    Problem::new(problem.kind.clone(), message, next)
}
