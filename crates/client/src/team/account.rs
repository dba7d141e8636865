//! The account of an open team: its seats, and the checkpoints from which new devices start.

use subrosa_core::account::{AccountContents, AccountKeys, LockedAccount, TeamSeat};
use subrosa_core::envelope::Sealed;
use subrosa_core::key_name::is_name;
use subrosa_core::kit::{Kit, MAX_TEAMS};
use subrosa_wire::api::{Code, EndSessions, PutAccount, SessionNote, Sessions};
use subrosa_wire::id::Hash;

use crate::api::{self, PutReply};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::platform::Platform;
use crate::unlock::{OpenAccount, open_account};

use super::TeamClient;

impl<P: Platform> TeamClient<P> {
    /// Writes the checkpoint that new devices start from, if the log has advanced since, and what the
    /// team is called; who was let in waits no longer.
    pub(super) async fn raise_checkpoint(&self, account: OpenAccount) -> Result<()> {
        let (team, head) = self.place();
        // It is anybody's who may write the directory, and takes no room from other teams' seats.
        let name = self.team_name().filter(|name| is_name(name));
        let raise = |contents: &mut AccountContents| {
            let seat = contents.teams.iter_mut().find(|seat| seat.team == team);
            // Another device may have seen more, and then knows the name better too.
            let Some(seat) = seat.filter(|seat| seat.checkpoint.seq <= head.seq) else {
                return Ok(false);
            };
            let old = seat.checkpoint.seq < head.seq || seat.link.is_some();
            let renamed = name.is_some() && seat.name != name;
            (seat.checkpoint, seat.link) = (head, None);
            if renamed {
                seat.name.clone_from(&name);
            }
            Ok(old || renamed)
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
        let account = self.read_account().await?;
        self.write_account(account, change).await
    }

    async fn read_account(&self) -> Result<OpenAccount> {
        self.read_account_as(&self.account_keys()?).await
    }

    async fn read_account_as(&self, keys: &AccountKeys) -> Result<OpenAccount> {
        open_account(&self.platform, keys).await.map_err(|error| match error {
            // They were right when this was unlocked.
            Error::WrongPassword => Error::PasswordChanged,
            other => other,
        })
    }

    /// Seals the account anew, for another password. Takes as long as two key derivations. May be called
    /// again if the answer was lost.
    ///
    /// # Errors
    /// [`Error::WrongPassword`] if `current` is not the password, [`Error::PasswordChanged`] if another
    /// device has changed it, and whatever writing meets.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<()> {
        let locked = self.locked_account().await?;
        let before = locked.derive(current).map_err(|_| Error::Memory)?;
        let mine = self.account_keys()?;
        if before.login_public() != mine.login_public() {
            return Err(Error::WrongPassword);
        }
        let keys = locked.derive(new).map_err(|_| Error::Memory)?;
        let account = match self.read_account().await {
            // It was written, and the answer was lost.
            Err(Error::PasswordChanged) => {
                let account = self.read_account_as(&keys).await?;
                self.adopt_keys(keys);
                return self.saw_generation(account.generation).await;
            }
            other => other?,
        };
        self.write_under(&mine, &keys, account, |_| Ok(true)).await?;
        self.adopt_keys(keys);
        Ok(())
    }

    /// Whether this is the account's password.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], [`Error::Memory`].
    pub(super) async fn check_password(&self, password: &str) -> Result<()> {
        let keys = self.locked_account().await?.derive(password).map_err(|_| Error::Memory)?;
        let right = keys.login_public() == self.account_keys()?.login_public();
        if right { Ok(()) } else { Err(Error::WrongPassword) }
    }

    /// A kit for another device: with how far the log of each of the account's teams was seen.
    ///
    /// # Errors
    /// [`Error::WrongPassword`], and whatever reading meets.
    pub async fn kit(&self, password: &str) -> Result<Kit> {
        self.check_password(password).await?;
        let device = Device::load(&self.platform).await?.ok_or(Error::NoSecretKey)?;
        let account = self.read_account().await?;
        let newest = |seat: &TeamSeat| {
            let pin = device.pin(seat.team).filter(|pin| pin.seq > seat.checkpoint.seq);
            (seat.team, pin.unwrap_or(seat.checkpoint))
        };
        let (here, _) = self.place();
        let places = account.contents.teams.iter().map(newest);
        // The one that is open here opens there first.
        let (mut first, mut others): (Vec<_>, Vec<_>) = places.partition(|(team, _)| *team == here);
        others.truncate(MAX_TEAMS - 1);
        let (team, checkpoint) = first.pop().ok_or(Error::NoTeam)?;
        let (secret_key, server) = (device.secret_key(), self.platform.origin());
        Ok(Kit { secret_key, server, team, checkpoint, others })
    }

    /// The sessions that this member has with the server, as it says.
    ///
    /// # Errors
    /// Whatever asking meets.
    pub async fn sessions(&self) -> Result<Vec<SessionNote>> {
        let (team, _) = self.place();
        let sessions: Sessions = api::reply(&self.send(&api::sessions(team)).await?)?;
        Ok(sessions.sessions)
    }

    /// Ends sessions of this member: the client that has one locks. Keys that a device has it keeps.
    ///
    /// # Errors
    /// Whatever posting meets.
    pub async fn end_sessions(&self, ids: Vec<Hash>) -> Result<()> {
        let (team, _) = self.place();
        api::done(&self.send(&api::end_sessions(team, &EndSessions { ids })).await?)
    }

    async fn locked_account(&self) -> Result<LockedAccount> {
        let device = Device::load(&self.platform).await?.ok_or(Error::NoSecretKey)?;
        let locked = LockedAccount::new(device.secret_key());
        let mine = locked.locator() == self.account_keys()?.locator();
        if mine { Ok(locked) } else { Err(Error::NoSecretKey) }
    }

    fn adopt_keys(&self, keys: AccountKeys) {
        if let Some(account) = &self.account {
            account.keys.replace(keys);
        }
    }

    async fn write_account(
        &self,
        account: OpenAccount,
        change: impl FnMut(&mut AccountContents) -> Result<bool>,
    ) -> Result<()> {
        let keys = self.account_keys()?;
        self.write_under(&keys, &keys, account, change).await
    }

    /// Changes the account, which opens with `before`, and is sealed with `keys` then.
    async fn write_under(
        &self,
        before: &AccountKeys,
        keys: &AccountKeys,
        mut account: OpenAccount,
        mut change: impl FnMut(&mut AccountContents) -> Result<bool>,
    ) -> Result<()> {
        let mut renewed = false;
        loop {
            if account.generation < self.generation.get() {
                return Err(Error::OldAccount);
            }
            if !change(&mut account.contents)? {
                return self.saw_generation(account.generation).await;
            }
            let put = match self.put_account(keys, &account).await {
                // The server was restarted in between, and knows the next session.
                Err(Error::Refused(Code::Unauthorized)) if !renewed => {
                    renewed = true;
                    account = self.read_account_as(before).await?;
                    continue;
                }
                put => put?,
            };
            match put {
                PutReply::Written => return self.saw_generation(account.generation + 1).await,
                PutReply::Newer(blob) if blob.generation <= account.generation => {
                    return Err(Error::OldAccount);
                }
                PutReply::Newer(blob) => {
                    let sealed = Sealed::claimed(blob.sealed.into());
                    // The keys were right: they have opened the blob before this one.
                    let opened = before.open(&sealed, blob.generation);
                    account.contents = opened.map_err(|_| Error::PasswordChanged)?;
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
