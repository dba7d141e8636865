//! The account of an open team: its seats, and the checkpoints from which new devices start.

use subrosa_core::account::{AccountContents, AccountKeys, TeamSeat};
use subrosa_core::envelope::Sealed;
use subrosa_wire::api::PutAccount;

use crate::api::{self, PutReply};
use crate::error::{Error, Result};
use crate::platform::Platform;
use crate::unlock::{OpenAccount, open_account};

use super::TeamClient;

impl<P: Platform> TeamClient<P> {
    /// Writes the checkpoint that new devices start from, if the log has advanced since; who was let
    /// in waits no longer.
    pub(super) async fn raise_checkpoint(&self, account: OpenAccount) -> Result<()> {
        let (team, head) = self.place();
        let raise = |contents: &mut AccountContents| {
            let seat = contents.teams.iter_mut().find(|seat| seat.team == team);
            let old = |seat: &&mut TeamSeat| seat.checkpoint.seq < head.seq || seat.link.is_some();
            let Some(seat) = seat.filter(old) else { return Ok(false) };
            (seat.checkpoint, seat.link) = (head, None);
            Ok(true)
        };
        let generation = account.generation;
        match self.write_account(account, raise).await {
            // It is for later devices: a full disk does not keep this one locked.
            Err(Error::Refused(_)) => self.saw_generation(generation).await,
            other => other,
        }
    }

    /// Changes the account, whatever other devices do to it meanwhile; `change` says whether there is
    /// anything to write.
    pub(crate) async fn change_account(
        &self,
        change: impl FnMut(&mut AccountContents) -> Result<bool>,
    ) -> Result<()> {
        let account = open_account(&self.platform, self.account_keys()?).await?;
        self.write_account(account, change).await
    }

    async fn write_account(
        &self,
        mut account: OpenAccount,
        mut change: impl FnMut(&mut AccountContents) -> Result<bool>,
    ) -> Result<()> {
        let keys = self.account_keys()?;
        loop {
            if account.generation < self.generation.get() {
                return Err(Error::OldAccount);
            }
            if !change(&mut account.contents)? {
                return self.saw_generation(account.generation).await;
            }
            match self.put_account(keys, &account).await? {
                PutReply::Written => return self.saw_generation(account.generation + 1).await,
                PutReply::Newer(blob) if blob.generation <= account.generation => {
                    return Err(Error::OldAccount);
                }
                PutReply::Newer(blob) => {
                    let sealed = Sealed::claimed(blob.sealed.into());
                    // The keys are right: they have opened the blob before this one.
                    account.contents =
                        keys.open(&sealed, blob.generation).map_err(|_| Error::BadReply)?;
                    account.generation = blob.generation;
                }
            }
        }
    }

    async fn put_account(&self, keys: &AccountKeys, account: &OpenAccount) -> Result<PutReply> {
        let base = account.generation;
        let sealed = keys.seal(&account.contents, base + 1, &mut self.platform.rng());
        let sealed = sealed.map_err(|_| Error::TooLarge)?.into_bytes().into();
        let put = api::put_account(&PutAccount { base, sealed, login_key: keys.login_public() });
        api::put(&api::send(&self.platform, Some(&account.token), &put).await?)
    }

    /// From here on this device takes no older account.
    pub(super) async fn saw_generation(&self, generation: u64) -> Result<()> {
        self.generation.set(generation);
        let shown = self.team().clone();
        self.pin(&shown, &[]).await
    }
}
