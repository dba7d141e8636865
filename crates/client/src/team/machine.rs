//! Machines: a token for each, shown once, and the team as a machine opens it.

use subrosa_core::service::ServiceToken;
use subrosa_wire::api::{LastUse, LastUses};
use subrosa_wire::people::Grant;
use subrosa_wire::team::MemberKind;

use crate::api;
use crate::error::{Error, Result};
use crate::platform::Platform;

use super::TeamClient;
use super::people::{NewService, Wish};

impl<P: Platform> TeamClient<P> {
    /// Opens the team of a token, on a device that keeps nothing. A server that shows an older log than
    /// another run has seen is not found out, as long as it contains the token's checkpoint.
    ///
    /// # Errors
    /// [`Error::KeysReplaced`] if the token was revoked or is expired, [`Error::Rollback`] if the log
    /// lacks its checkpoint, and whatever syncing meets.
    pub async fn by_token(platform: P, token: &ServiceToken) -> Result<Self> {
        let keyset = token.keyset().map_err(|_| Error::Memory)?;
        let (team, me, typed) = (token.team, Some(token.member()), Some(token.checkpoint));
        let client = TeamClient::load(platform, team, me, keyset, &[], typed).await?;
        client.open_all().await?;
        match client.ask_for_keys().await {
            // It opens what it can.
            Ok(()) | Err(Error::Refused(_) | Error::Unreachable(_)) => Ok(client),
            Err(other) => Err(other),
        }
    }

    /// Lets a machine in; the token is for it alone.
    ///
    /// # Errors
    /// As [`TeamClient::fulfil`]. Where the answer is lost it may be in, and nobody has its token.
    pub async fn add_machine(
        &self,
        name: &str,
        grants: Vec<Grant>,
        expires: Option<u64>,
    ) -> Result<ServiceToken> {
        let (team, head) = self.place();
        let token = ServiceToken::generate(team, head, &mut self.platform.rng());
        let (member, name) = (token.member(), name.to_owned());
        let keys = token.keyset().map_err(|_| Error::Memory)?.rotation(team, member);
        let new = NewService { member, grants, expires, name, keys };
        self.fulfil(vec![Wish::AddService(Box::new(new))]).await?;
        Ok(token)
    }

    /// When machines last signed in, as the server says; nothing is asked where there are none.
    ///
    /// # Errors
    /// Whatever asking meets.
    pub async fn last_uses(&self) -> Result<Vec<LastUse>> {
        let is_machine = |kind| matches!(kind, MemberKind::Service { .. });
        if !self.team().members().any(|(_, member)| is_machine(member.kind)) {
            return Ok(Vec::new());
        }
        let (team, _) = self.place();
        let uses: LastUses = api::reply(&self.send(&api::machines(team)).await?)?;
        Ok(uses.uses)
    }
}
