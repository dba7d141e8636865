//! Keys for others: whoever holds a vault may bring its key to any other holder, beside the log
//! (client rule 4). So a crash after an addition, or a wrap of rubbish, heals by itself.

use subrosa_core::vault_key::KeyName;
use subrosa_wire::api::{Missing, MissingKey, Wraps};
use subrosa_wire::id::VaultId;

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
        if self.keys.is_none() {
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
    pub async fn bring_missing(&self) -> Result<()> {
        let (team, _) = self.place();
        let missing: Missing = api::reply(&self.send(&api::missing(team)).await?)?;
        let mut wraps = Vec::new();
        for MissingKey { vault, version, member } in missing.keys {
            let state = self.state.borrow();
            // The server says who waits; who may have it, the log says.
            let holds = state.team.role_in(vault, member).is_some();
            let keyset = state.team.member(member).filter(|_| holds).map(|member| &member.keyset);
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
        let waits = |vault: &VaultId| {
            let public = state.team.vault(*vault);
            let version = public.map_or(0, subrosa_wire::team::Vault::key_version);
            state.team.role_in(*vault, self.me).is_some()
                && state.keyring.get(*vault, version).is_none()
        };
        state.team.vaults().map(|(id, _)| id).filter(waits).collect()
    }

    /// Says which keys this member waits for, so that any other holder brings them.
    ///
    /// # Errors
    /// Whatever posting meets.
    pub(super) async fn ask_for_keys(&self) -> Result<()> {
        let waiting = self.waiting_for();
        if waiting.is_empty() {
            return Ok(());
        }
        let keys = {
            let team = self.team();
            let version = |vault| team.vault(vault).map(subrosa_wire::team::Vault::key_version);
            let key = |vault| Some(MissingKey { vault, version: version(vault)?, member: self.me });
            waiting.into_iter().filter_map(key).collect()
        };
        let (team, _) = self.place();
        api::done(&self.send(&api::lack(team, &Missing { keys })).await?)
    }
}
