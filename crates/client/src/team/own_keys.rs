//! One's own keys, made anew: the seed is in the account before the entry, and until the vaults' keys are
//! wrapped to the new ones those before open them.

use subrosa_core::account::{AccountContents, TeamSeat};
use subrosa_core::keyset::Keyset;
use subrosa_core::vault_key::KeyName;
use subrosa_wire::api::{Code, MAX_FETCH, Wraps};
use subrosa_wire::log::Wrap;
use zeroize::Zeroizing;

use crate::api;
use crate::change::{Change, NewKeys, Part};
use crate::error::{Error, Result};
use crate::platform::Platform;
use crate::unlock::Unlocked;

use super::TeamClient;
use super::people::Wish;
use super::sharing::lacking;

impl<P: Platform + Clone> TeamClient<P> {
    /// Gives oneself other keys, and opens the team with them: those before sign nothing any more. What
    /// they have opened they still open, until its vaults are rotated.
    ///
    /// # Errors
    /// As [`TeamClient::change`]; [`Error::KeysChanged`] if another device was first. If it was cut off,
    /// the next unlock goes on with whichever keys are in force.
    pub async fn renew_keys(&self) -> Result<Unlocked<P>> {
        self.may_give()?;
        // What is left of an earlier time comes first.
        self.take_over().await?;
        let (team, _) = self.place();
        let fresh = Keyset::generate(&mut self.platform.rng()).map_err(|_| Error::Memory)?;
        let mut seed = Zeroizing::new(*fresh.seed());
        let (mut made, mut found) = (false, false);
        self.change_account(|contents: &mut AccountContents| {
            let seat = contents.teams.iter_mut().find(|seat| seat.team == team);
            let seat: &mut TeamSeat = seat.ok_or(Error::NoTeam)?;
            match seat.next {
                // They were made and taken over, and opening the team failed.
                None if seat.seed != *self.keyset.seed() => {
                    made = true;
                    return Ok(false);
                }
                None => seat.next = Some(*seed),
                // Those before still open what these do not.
                Some(next) if next == *self.keyset.seed() => {
                    return Err(Error::Refused(Code::Unavailable));
                }
                // It was cut off before: the same again, for its entry may have got in.
                Some(next) => {
                    *seed = next;
                    found = true;
                }
            }
            Ok(true)
        })
        .await?;
        if made {
            return self.switch(team).await;
        }
        let keys = Keyset::from_seed(seed).map_err(|_| Error::Memory)?.rotation(team, self.me);
        let new = NewKeys { keys, before: self.keyset.public().signing };
        let parts = vec![Part::People(Wish::RenewKeys(Box::new(new)))];
        match self.change(&Change { note: String::new(), parts }).await {
            // The server takes the keys before no more: the entry is in, or others are.
            Ok(_) | Err(Error::NothingToDo | Error::KeysReplaced) => {}
            Err(other) => return Err(other),
        }
        match self.switch(team).await? {
            // The seed that was found has lain in the account for a while: whoever had that has it too.
            Unlocked::Team(client) if found => Box::pin(client.renew_keys()).await,
            opened => Ok(opened),
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
            // Also what a backlink leads to: it may lead to nothing.
            let held =
                state.team.vaults().filter(|(id, _)| state.team.role_in(*id, self.me).is_some());
            let keys =
                held.flat_map(|(id, vault)| vault.in_use().map(move |version| (id, version)));
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
        let lacks = {
            let state = self.state.borrow();
            !lacking(&state.team, &state.keyring, self.me).is_empty()
        };
        if lacks {
            // The keys before may open it yet, if the server shows it again.
            return Ok(());
        }
        let mine = Zeroizing::new(*self.keyset.seed());
        self.change_account(|contents: &mut AccountContents| {
            let seat = contents.teams.iter_mut().find(|seat| seat.team == team);
            let Some(seat) = seat.filter(|seat| seat.next == Some(*mine)) else { return Ok(false) };
            (seat.seed, seat.next) = (*mine, None);
            Ok(true)
        })
        .await
    }
}
