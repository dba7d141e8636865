//! One's own keys, made anew: the seed is in the account before the entry, and until the vaults' keys are
//! wrapped to the new ones those before open them.

use subrosa_core::account::{AccountContents, TeamSeat};
use subrosa_core::keyset::Keyset;
use subrosa_core::vault_key::KeyName;
use subrosa_wire::api::{MAX_FETCH, Wraps};
use subrosa_wire::log::Wrap;
use zeroize::Zeroizing;

use crate::api;
use crate::change::{Change, NewKeys, Part};
use crate::error::{Error, Result};
use crate::platform::Platform;
use crate::unlock::Unlocked;

use super::TeamClient;
use super::people::Wish;
use super::sharing::unlinked;

impl<P: Platform + Clone> TeamClient<P> {
    /// Gives oneself other keys, and opens the team with them: those before sign nothing any more. What
    /// they have opened they still open, until its vaults are rotated.
    ///
    /// # Errors
    /// As [`TeamClient::change`]; [`Error::KeysChanged`] if another device was first. If it was cut off,
    /// the next unlock goes on with whichever keys are in force.
    pub async fn renew_keys(&self) -> Result<Unlocked<P>> {
        let (team, _) = self.place();
        let mut seed = Keyset::generate(&mut self.platform.rng()).map(|keys| *keys.seed());
        let mut made = false;
        self.change_account(|contents: &mut AccountContents| {
            let seat = contents.teams.iter_mut().find(|seat| seat.team == team);
            let seat: &mut TeamSeat = seat.ok_or(Error::NoTeam)?;
            match seat.next {
                // They were made and taken over, and opening the team failed.
                None if seat.seed != *self.keyset.seed() => {
                    made = true;
                    return Ok(false);
                }
                // It was cut off before: the same again, for its entry may have got in.
                Some(next) => seed = Ok(next),
                None => seat.next = seed.ok(),
            }
            Ok(true)
        })
        .await?;
        if made {
            return self.switch(team).await;
        }
        let seed = Zeroizing::new(seed.map_err(|_| Error::Memory)?);
        let keys = Keyset::from_seed(seed).map_err(|_| Error::Memory)?.rotation(team, self.me);
        let new = NewKeys { keys, before: self.keyset.public().signing };
        let parts = vec![Part::People(Wish::RenewKeys(Box::new(new)))];
        match self.change(&Change { note: String::new(), parts }).await {
            // The server takes the keys before no more: the entry is in, or others are.
            Ok(_) | Err(Error::NothingToDo | Error::KeysReplaced) => self.switch(team).await,
            Err(other) => Err(other),
        }
    }
}

impl<P: Platform> TeamClient<P> {
    /// After other keys came into force: wraps all that the former ones open to these, and forgets those.
    pub(super) async fn take_over(&self) -> Result<()> {
        if self.former.is_none() || self.may_give().is_err() {
            return Ok(());
        }
        let (team, _) = self.place();
        let wraps: Vec<Wrap> = {
            let state = self.state.borrow();
            let keys = unlinked(&state.team, self.me);
            let wrap = |(vault, version)| {
                let key = state.keyring.get(vault, version)?;
                let name = KeyName { team, vault, version };
                key.wrap(name, self.me, self.keyset.public(), &mut self.platform.rng()).ok()
            };
            keys.filter_map(wrap).collect()
        };
        for some in wraps.chunks(MAX_FETCH) {
            let wraps = Wraps { wraps: some.to_vec() };
            match api::done(&self.send(&api::bring(team, &wraps)).await?) {
                Ok(()) => {}
                // A server that is full keeps nobody locked: the former keys are kept until it is done.
                Err(Error::Refused(_)) => return Ok(()),
                Err(other) => return Err(other),
            }
        }
        let mine = *self.keyset.seed();
        self.change_account(|contents: &mut AccountContents| {
            let seat = contents.teams.iter_mut().find(|seat| seat.team == team);
            let Some(seat) = seat.filter(|seat| seat.next == Some(mine)) else { return Ok(false) };
            (seat.seed, seat.next) = (mine, None);
            Ok(true)
        })
        .await
    }
}
