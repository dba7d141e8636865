//! Keys for others: whoever holds a vault may bring its key to any other holder, beside the log
//! (client rule 4). So a crash after an addition, or a wrap of rubbish, heals by itself.

use subrosa_core::vault::{Keyring, OpenVault};
use subrosa_core::vault_key::KeyName;
use subrosa_wire::api::{Missing, MissingKey, Wraps};
use subrosa_wire::id::{MemberId, VaultId};
use subrosa_wire::log::KeyVersion;
use subrosa_wire::team::{Member, Team};

use crate::api;
use crate::error::{Error, Result};
use crate::platform::Platform;

use super::TeamClient;

impl<P: Platform> TeamClient<P> {
    /// Looks at what came beside the log: keys for this member, others who wait for theirs, and who
    /// asks to be let in.
    ///
    /// # Errors
    /// Whatever syncing meets.
    pub async fn look_beside(&self) -> Result<()> {
        let _advancing = self.advancing.lock().await;
        self.advance().await?;
        self.share_keys().await
    }

    /// After an unlock, and when the log has advanced: asks for keys that have not come, and brings
    /// others theirs. A server that is full or busy does not keep the team locked.
    pub(super) async fn share_keys(&self) -> Result<()> {
        if self.account.is_none() {
            return Ok(());
        }
        let asked = self.ask_for_keys().await;
        let brought = asked.and(self.bring_missing().await);
        match brought.and(self.look_at_the_door().await) {
            Err(Error::Refused(_) | Error::Unreachable(_)) => Ok(()),
            other => other,
        }
    }

    /// Brings the keys that others wait for and this member has.
    ///
    /// # Errors
    /// Whatever asking and posting meet.
    pub(super) async fn bring_missing(&self) -> Result<()> {
        // While an alarm stands, who may have a key is not sure.
        if self.may_give().is_err() {
            return Ok(());
        }
        let (team, now) = (self.place().0, self.platform.now());
        let missing: Missing = api::reply(&self.send(&api::missing(team)).await?)?;
        let mut wraps = Vec::new();
        for MissingKey { vault, version, member } in missing.keys {
            let state = self.state.borrow();
            // The server says who waits; who may have it, the log says. A key that is newer than the
            // log as it is known here may be new because this member has lost the vault.
            let known = state.team.vault(vault).is_some_and(|it| it.in_use().contains(&version));
            let holds = known && state.team.role_in(vault, member).is_some();
            let in_time = |member: &&Member| member.kind.is_in_time(now);
            let recipient = state.team.member(member).filter(|_| holds).filter(in_time);
            let keyset = recipient.map(|member| &member.keyset);
            let key = state.keyring.get(vault, version);
            let (Some(keyset), Some(key)) = (keyset, key) else { continue };
            let name = KeyName { team, vault, version };
            wraps.extend(key.wrap(name, member, keyset, &mut self.platform.rng()).ok());
        }
        if wraps.is_empty() {
            return Ok(());
        }
        api::done(&self.send(&api::bring(team, &Wraps { wraps })).await?)
    }

    /// Vaults that this member may read, and whose key has not come.
    #[must_use]
    pub fn waiting_for(&self) -> Vec<VaultId> {
        let state = self.state.borrow();
        let closed = |key: &MissingKey| {
            let public = state.team.vault(key.vault)?;
            let shown = state.contents.vault(key.vault).and_then(OpenVault::tree);
            let closed = public.key_version() == key.version || shown != public.tree;
            closed.then_some(key.vault)
        };
        let lacking = lacking(&state.team, &state.keyring, self.me);
        let mut waiting: Vec<VaultId> = lacking.iter().filter_map(closed).collect();
        waiting.dedup();
        waiting
    }

    /// Says which keys this member waits for, so that any other holder brings them.
    ///
    /// # Errors
    /// Whatever posting meets.
    pub(super) async fn ask_for_keys(&self) -> Result<()> {
        let keys = {
            let state = self.state.borrow();
            lacking(&state.team, &state.keyring, self.me)
        };
        if keys.is_empty() {
            return Ok(());
        }
        let (team, _) = self.place();
        api::done(&self.send(&api::lack(team, &Missing { keys })).await?)
    }
}

/// The keys that `member` is to have, that are not here, and that no backlink leads to: the newest, and
/// those whose next ones were given by somebody who lacked them too.
pub(super) fn lacking(team: &Team, keyring: &Keyring, member: MemberId) -> Vec<MissingKey> {
    let missing = unlinked(team, member).filter(|(vault, it)| keyring.get(*vault, *it).is_none());
    missing.map(|(vault, version)| MissingKey { vault, version, member }).collect()
}

/// The keys in use of all that `member` holds, without those that the backlink of a next one leads to.
fn unlinked(team: &Team, member: MemberId) -> impl Iterator<Item = (VaultId, KeyVersion)> {
    let held = team.vaults().filter(move |(id, _)| team.role_in(*id, member).is_some());
    held.flat_map(|(vault, public)| {
        let linked = |version: &KeyVersion| {
            public.key(version + 1).is_some_and(|next| next.backlink.is_some())
        };
        let unlinked = public.in_use().filter(move |version| !linked(version));
        unlinked.map(move |version| (vault, version))
    })
}
