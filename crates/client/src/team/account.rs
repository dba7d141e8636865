//! The account's checkpoint, from which new devices start.

use subrosa_core::account::{AccountContents, TeamSeat};
use subrosa_wire::api::PutAccount;

use crate::api::{self, PutReply};
use crate::error::{Error, Result};
use crate::platform::Platform;
use crate::unlock::OpenAccount;

use super::TeamClient;

impl<P: Platform> TeamClient<P> {
    /// Writes the checkpoint that new devices start from, if the log has advanced since.
    pub(super) async fn raise_checkpoint(&self, mut account: OpenAccount) -> Result<()> {
        let (team, head) = self.place();
        let keys = self.account_keys()?;
        loop {
            let known = account.contents.teams.iter().find(|seat| seat.team == team);
            if known.is_none_or(|seat| seat.checkpoint.seq >= head.seq) {
                return self.saw_generation(account.generation).await;
            }
            let raised = |seat: &TeamSeat| TeamSeat {
                team: seat.team,
                member: seat.member,
                seed: seat.seed,
                checkpoint: if seat.team == team { head } else { seat.checkpoint },
            };
            let contents =
                AccountContents { teams: account.contents.teams.iter().map(raised).collect() };
            let generation = account.generation + 1;
            let sealed = keys
                .seal(&contents, generation, &mut self.platform.rng())
                .map_err(|_| Error::TooLarge)?;
            let put = PutAccount {
                base: account.generation,
                sealed: sealed.into_bytes().into(),
                login_key: keys.login_public(),
            };
            let put = api::put_account(&put);
            let response = api::send(&self.platform, Some(&account.token), &put).await;
            match response.and_then(|response| api::put(&response)) {
                Ok(PutReply::Written) => return self.saw_generation(generation).await,
                // It is for later devices: a full disk does not keep this one locked.
                Err(Error::Refused(_)) => return self.saw_generation(account.generation).await,
                Err(other) => return Err(other),
                Ok(PutReply::Newer(blob)) => {
                    if blob.generation <= account.generation {
                        return Err(Error::OldAccount);
                    }
                    let sealed = subrosa_core::envelope::Sealed::claimed(blob.sealed.into());
                    // The keys are right: they have opened the blob before this one.
                    account.contents =
                        keys.open(&sealed, blob.generation).map_err(|_| Error::BadReply)?;
                    account.generation = blob.generation;
                }
            }
        }
    }

    /// From here on this device takes no older account.
    pub(super) async fn saw_generation(&self, generation: u64) -> Result<()> {
        self.generation.set(generation);
        let shown = self.team().clone();
        self.pin(&shown, &[]).await
    }
}
