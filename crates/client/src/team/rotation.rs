//! Rotation of vault keys: a new key, all that is live sealed again under it, the old one refused
//! (docs/format.md, 'Rotation').
//!
//! There is no record of a rotation but the log and the vaults themselves: one that was cut off
//! anywhere is found there, and finished, by any device of anybody who may.

use subrosa_core::Randomness;
use subrosa_core::manifest::{Card, Subject};
use subrosa_core::vault::{Earlier, Edit, OpenVault, Stamp, Unit};
use subrosa_core::vault_key::KeyName;
use subrosa_wire::id::{SecretId, VaultId};
use subrosa_wire::log::{KeyVersion, Op, Rekey, Retire};
use subrosa_wire::object::ObjectId;
use subrosa_wire::team::Vault;

use crate::change::{Change, Part};
use crate::error::{Error, Needed, Result};
use crate::platform::Platform;

use super::gather::Gathered;
use super::making::Making;
use super::{State, TeamClient};

/// How many vaults get a key in one entry: with 50 holders each, their wraps are 4 MB.
const REKEYED: usize = 64;

/// How far a rotation is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// The vault that it is at.
    pub vault: VaultId,
    /// How many secrets and pages of it are done.
    pub done: usize,
    /// Of how many.
    pub total: usize,
}

/// Where the rotation of a vault has come to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Nothing needs the older keys, and they are refused.
    Retired,
    /// It was told to pause.
    Paused,
    /// What does not open keeps the older keys from being retired.
    Held(Needed),
    /// Its newest state does not open, or its key has not come. The others go on.
    NotOpen(Error),
}

impl<P: Platform> TeamClient<P> {
    /// Rotates the keys of `vaults`: those that have no older key still in use get a new one; then
    /// all that needs an older one is sealed again, and the older ones are refused. `go_on` is told
    /// before each step, and pauses it with `false`: the same again goes on from there.
    ///
    /// # Errors
    /// [`Error`]; what is done so far stays done.
    pub async fn rotate(
        &self,
        vaults: &[VaultId],
        earlier: Earlier,
        go_on: &dyn Fn(Progress) -> bool,
    ) -> Result<Vec<Outcome>> {
        let whole: Vec<VaultId> = vaults.iter().copied().filter(|id| self.is_whole(*id)).collect();
        self.rekey(&whole).await?;
        self.finish_all(vaults, earlier, go_on).await
    }

    /// Seals again what needs an older key in each of `vaults`, and has the older keys refused: the rest
    /// of a rotation. A vault that has no older key in use is left as it is.
    ///
    /// # Errors
    /// As [`TeamClient::rotate`].
    pub async fn finish_all(
        &self,
        vaults: &[VaultId],
        earlier: Earlier,
        go_on: &dyn Fn(Progress) -> bool,
    ) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        for vault in vaults {
            if self.is_whole(*vault) {
                outcomes.push(Outcome::Retired);
                continue;
            }
            let outcome = match self.finish(*vault, earlier, go_on).await {
                Err(error @ (Error::Damaged | Error::NoKey)) => Outcome::NotOpen(error),
                other => other?,
            };
            let paused = outcome == Outcome::Paused;
            outcomes.push(outcome);
            if paused {
                break;
            }
        }
        Ok(outcomes)
    }

    /// Whether a vault opens as it is now, and no older key of it is in use.
    fn is_whole(&self, vault: VaultId) -> bool {
        let team = self.team();
        let whole = team.vault(vault).is_some_and(|it| it.key_version() == it.retired() + 1);
        whole && self.state.borrow().newest(vault).is_ok()
    }

    /// Gives vaults their next keys: what is written from here on is under these.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn rekey(&self, vaults: &[VaultId]) -> Result<()> {
        for some in vaults.chunks(REKEYED) {
            let part = |vault: &VaultId| {
                let after = self.team().vault(*vault).ok_or(Error::NotFound)?.key_version();
                Ok(Part::Rekey { vault: *vault, after })
            };
            let parts = some.iter().map(part).collect::<Result<_>>()?;
            self.once(parts).await?;
        }
        Ok(())
    }

    /// Seals again what needs an older key, then refuses the older keys.
    async fn finish(
        &self,
        vault: VaultId,
        earlier: Earlier,
        go_on: &dyn Fn(Progress) -> bool,
    ) -> Result<Outcome> {
        let mut also = Vec::new();
        loop {
            let version = self.key_version(vault);
            if !self.reencrypt(vault, earlier, &also, go_on).await? {
                return Ok(Outcome::Paused);
            }
            match self.retire(vault).await {
                Ok(()) => return Ok(Outcome::Retired),
                // Somebody has given yet another key meanwhile: all is sealed again under that one.
                Err(Error::Needed(_)) if self.key_version(vault) != version => {}
                // Something did not say what it needs: it is told what to do, once.
                Err(Error::Needed(needed)) if also.is_empty() && needed.pages == 0 => {
                    also = needed.secrets;
                }
                Err(Error::Needed(needed)) => return Ok(Outcome::Held(needed)),
                Err(other) => return Err(other),
            }
        }
    }

    /// Seals again what needs an older key; `also` are secrets that do not say so. `false` if it was
    /// told to pause.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn reencrypt(
        &self,
        vault: VaultId,
        earlier: Earlier,
        also: &[SecretId],
        go_on: &dyn Fn(Progress) -> bool,
    ) -> Result<bool> {
        let mut except = Vec::new();
        let mut total = 0;
        loop {
            let left = self.needing_older(vault)?.saturating_sub(except.len());
            total = total.max(left);
            if !go_on(Progress { vault, done: total - left, total }) {
                return Ok(false);
            }
            let part =
                Part::Reencrypt { vault, earlier, except: except.clone(), also: also.to_vec() };
            match self.change(&Change { note: String::new(), parts: vec![part] }).await {
                Ok(changed) => except.extend(changed.stuck),
                Err(Error::Stuck(stuck)) => except.extend(stuck),
                Err(Error::NothingToDo) => return Ok(true),
                Err(other) => return Err(other),
            }
        }
    }

    /// Refuses all keys of a vault but the current one.
    ///
    /// # Errors
    /// [`Error::Needed`] with what needs one of them.
    pub async fn retire(&self, vault: VaultId) -> Result<()> {
        self.take_names_over(vault).await?;
        self.once(vec![Part::Retire { vault }]).await
    }

    /// Names that the log's cards have under a key that is about to be refused go into the directory
    /// vault's own list.
    async fn take_names_over(&self, vault: VaultId) -> Result<()> {
        let cards: Vec<Card> = {
            let state = self.state.borrow();
            if vault != state.team.directory() {
                return Ok(());
            }
            let (opened, version) = state.newest(vault)?;
            let Subject::Directory { cards, .. } = opened.subject() else { return Ok(()) };
            let old = state.team.cards().filter(|(_, card)| card.key_version < version);
            let unlisted = old.filter(|(id, _)| !cards.iter().any(|card| card.member == *id));
            let named = unlisted.filter_map(|(member, _)| {
                let name = state.contents.name_of(member)?.to_owned();
                Some(Card { member, name })
            });
            named.collect()
        };
        if cards.is_empty() {
            return Ok(());
        }
        self.once(vec![Part::Edit { vault, edits: vec![Edit::Cards(cards)] }]).await
    }

    fn key_version(&self, vault: VaultId) -> Option<KeyVersion> {
        self.team().vault(vault).map(Vault::key_version)
    }

    /// How many secrets and pages of a vault need an older key.
    fn needing_older(&self, id: VaultId) -> Result<usize> {
        let state = self.state.borrow();
        let (vault, key_version) = state.newest(id)?;
        Ok(vault.needing_older(key_version).len())
    }

    /// Makes a change that may be so already.
    async fn once(&self, parts: Vec<Part>) -> Result<()> {
        match self.change(&Change { note: String::new(), parts }).await {
            Ok(_) | Err(Error::NothingToDo) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

/// A vault's next key, if its current one is still version `after`.
pub(super) fn rekey_in(
    making: &mut Making,
    state: &State,
    vault: VaultId,
    after: KeyVersion,
    rng: Randomness<'_>,
) -> Result<()> {
    let public = state.team.vault(vault).ok_or(Error::NotFound)?;
    if public.key_version() != after {
        return Ok(());
    }
    let version = after.checked_add(1).ok_or(Error::TooLarge)?;
    let name = KeyName { team: state.team.id(), vault, version };
    let holders = making.holders(&state.team, vault);
    let (key_commitment, wraps) = making.key(&state.team, name, &holders, rng)?;
    // Whoever lacks the key before, for whoever made it never brought it, gives the next one all the
    // same: nobody makes himself irremovable by that.
    let before = state.keyring.get(vault, after);
    let key = making.keys.get(vault, version).ok_or(Error::NoKey)?;
    let sealed = before.map(|before| key.backlink(name, before, rng));
    let backlink = sealed.as_deref().map(ObjectId::of);
    sealed.into_iter().for_each(|sealed| making.upload(vault, sealed));
    making.ops.push(Op::Rekey(Rekey { vault, version, key_commitment, wraps, backlink }));
    Ok(())
}

/// The end of a vault's older keys, with a commit that says what was found.
pub(super) fn retire_in(
    making: &mut Making,
    state: &State,
    id: VaultId,
    gathered: &Gathered,
    stamp: Stamp,
    rng: Randomness<'_>,
) -> Result<()> {
    let (vault, key_version) = state.newest(id)?;
    let version = key_version - 1;
    if state.team.vault(id).is_none_or(|public| public.retired() >= version) {
        return Ok(());
    }
    check_nothing_older(vault, key_version)?;
    let lists = vault.records().filter_map(|record| record.history);
    let walked = lists.filter_map(|list| gathered.walked.get(&list.object));
    let earlier = walked.sum();
    let staged = vault.retired(version, earlier, key_version, stamp, &state.keyring, rng)?;
    making.commit(id, staged);
    making.ops.push(Op::Retire(Retire { vault: id, version }));
    Ok(())
}

/// Whether nothing needs a key older than the current one, as far as all of it says so.
pub(super) fn check_nothing_older(vault: &OpenVault, key_version: KeyVersion) -> Result<()> {
    let older = vault.needing_older(key_version);
    if older.is_empty() && vault.damage() == 0 {
        return Ok(());
    }
    let record = |unit: &Unit| match unit {
        Unit::Record(id) => Some(*id),
        Unit::Page(_) => None,
    };
    let secrets: Vec<SecretId> = older.iter().filter_map(record).collect();
    let pages = (older.len() - secrets.len()).max(vault.damage());
    Err(Error::Needed(Needed { secrets, pages }))
}
