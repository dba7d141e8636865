//! From a password to an open team: on a device that knows its Secret Key, or with a kit.

use subrosa_core::account::{AccountContents, AccountKeys, LockedAccount};
use subrosa_core::envelope::Sealed;
use subrosa_core::kit::TypedKit;
use subrosa_wire::api::{AccountBlob, Code, Principal};
use subrosa_wire::id::TeamId;
use subrosa_wire::log::Head;
use zeroize::Zeroizing;

use crate::alarm;
use crate::api;
use crate::candidate;
use crate::device::{Device, Pin};
use crate::error::{Error, Result};
use crate::joining::{Seat, Waiting, seats};
use crate::platform::{Host, Platform, Storage, Transport};
use crate::session;
use crate::team::{TeamClient, drafts, root_key};

/// An account's blob, opened, with the session that it came by.
pub(crate) struct OpenAccount {
    pub(crate) contents: AccountContents,
    pub(crate) generation: u64,
    pub(crate) token: Zeroizing<String>,
}

/// What an account opens.
pub enum Unlocked<P> {
    /// A team.
    Team(Box<TeamClient<P>>),
    /// A team's door, at which one waits.
    Door(Box<Door<P>>),
}

/// Where somebody waits to be let in.
pub struct Door<P> {
    platform: P,
    keys: AccountKeys,
    waiting: Waiting,
}

impl<P: Platform + Clone> Unlocked<P> {
    /// The team.
    ///
    /// # Errors
    /// [`Error::NotMyKeys`] if one still waits to be let in.
    pub fn team(self) -> Result<TeamClient<P>> {
        match self {
            Unlocked::Team(team) => Ok(*team),
            Unlocked::Door(_) => Err(Error::NotMyKeys),
        }
    }
}

impl<P: Platform + Clone> Door<P> {
    /// For what one waits.
    #[must_use]
    pub fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Looks whether one was let in.
    ///
    /// # Errors
    /// As [`unlock`].
    pub async fn knock(&self) -> Result<Unlocked<P>> {
        self.switch(self.waiting.team).await
    }

    /// The account's seats.
    ///
    /// # Errors
    /// Whatever reading the account meets.
    pub async fn seats(&self) -> Result<Vec<Seat>> {
        seats(&self.platform, &self.keys).await
    }

    /// Opens another team of the account.
    ///
    /// # Errors
    /// As [`unlock`].
    pub async fn switch(&self, team: TeamId) -> Result<Unlocked<P>> {
        switch(self.platform.clone(), self.keys.clone(), team).await
    }
}

/// Unlocks this device, in the given team if the account has a seat there, and else in another.
///
/// # Errors
/// [`Error::NoSecretKey`], [`Error::WrongPassword`], [`Error::Rollback`] and whatever syncing meets.
/// If no seat is one any more, [`Error::KeysReplaced`], or [`Error::InviteGone`] if one waited to be let
/// in, and the invite is not open any more.
pub async fn unlock<P: Platform + Clone>(
    platform: P,
    password: &str,
    team: Option<TeamId>,
) -> Result<Unlocked<P>> {
    let device = Device::load(&platform).await?.ok_or(Error::NoSecretKey)?;
    let secret_key = device.secret_key();
    let keys = LockedAccount::new(secret_key).derive(password).map_err(|_| Error::Memory)?;
    let opened = open(platform.clone(), keys.clone(), device.clone(), team, None).await;
    let out = match opened {
        // A seat that is none any more does not keep the account from its others.
        Err(out @ (Error::KeysReplaced | Error::InviteGone)) => out,
        other => return other,
    };
    let seats = open_account(&platform, &keys).await?.contents.teams.clone();
    let (seated, waiting): (Vec<_>, Vec<_>) = seats.iter().partition(|seat| seat.link.is_none());
    for seat in [seated, waiting].concat() {
        let (platform, keys) = (platform.clone(), keys.clone());
        match open(platform, keys, device.clone(), Some(seat.team), None).await {
            Err(Error::KeysReplaced | Error::InviteGone) => {}
            other => return other,
        }
    }
    Err(out)
}

/// Makes this a device of the kit's account: the password is needed too.
///
/// # Errors
/// As [`unlock`]; [`Error::Rollback`] if the log lacks the kit's checkpoint. The device is then as
/// it was.
pub async fn recover<P: Platform + Clone>(
    platform: P,
    kit: &TypedKit,
    password: &str,
) -> Result<Unlocked<P>> {
    let locked = LockedAccount::new(kit.secret_key.clone());
    let keys = locked.derive(password).map_err(|_| Error::Memory)?;
    let mut device = Device::new(&kit.secret_key, 0, Vec::new());
    // A kit does not make a device forget what it has seen. A record that is damaged does not
    // stand in the way: the kit is what it is repaired with.
    alarm::forget(&platform, false).await?;
    let stored = Device::load_sound(&platform).await?;
    if let Some(stored) = stored.filter(|stored| stored.is_of(&kit.secret_key)) {
        device.raise_to(stored.generation, &stored.pins);
    }
    let others = kit.others.iter().map(|(team, head)| Pin { team: *team, head: *head });
    device.raise_to(0, &others.collect::<Vec<_>>());
    open(platform, keys, device, kit.team, Some(kit.checkpoint)).await
}

/// Opens an account's seat in a team: in `team`, or where it was let in, or else where it waits.
pub(crate) async fn open<P: Platform + Clone>(
    platform: P,
    keys: AccountKeys,
    mut device: Device,
    team: Option<TeamId>,
    kit: Option<Head>,
) -> Result<Unlocked<P>> {
    let account = open_account(&platform, &keys).await?;
    let is_old = account.generation < device.generation;
    device.raise_to(account.generation, &[]);
    let seats = &account.contents.teams;
    let named = seats.iter().find(|seat| Some(seat.team) == team);
    let taken = named.or_else(|| seats.iter().find(|seat| seat.link.is_none()));
    let seat = taken.or_else(|| seats.first()).ok_or(Error::NoTeam)?.clone();
    if is_old {
        // A server that was set back shows an older log too, which says more, and raises the alarm.
        let looked = TeamClient::look(platform, &seat, &device, kit).await;
        return Err(looked.err().filter(|it| *it == Error::Rollback).unwrap_or(Error::OldAccount));
    }
    if kit.is_some() && team.is_some_and(|team| team != seat.team) {
        return Err(Error::Rollback);
    }
    let (own, id) = (keys.clone(), seat.team);
    let opening = TeamClient::open(platform.clone(), account, own, device.clone(), id, kit);
    match Box::pin(opening).await {
        Err(Error::KeysReplaced) if seat.link.is_some() => {
            let waiting = Waiting::check(&platform, &seat).await?;
            // What it waits for is known from here on: no kit is asked for again.
            device.raise_to(0, &[Pin { team: id, head: seat.checkpoint }]);
            device.keep(&platform).await?;
            Ok(Unlocked::Door(Box::new(Door { platform, keys, waiting })))
        }
        opened => opened.map(|team| Unlocked::Team(Box::new(team))),
    }
}

/// Opens a team of an account whose keys are at hand.
pub(crate) async fn switch<P: Platform + Clone>(
    platform: P,
    keys: AccountKeys,
    team: TeamId,
) -> Result<Unlocked<P>> {
    let device = Device::load(&platform).await?.ok_or(Error::NoSecretKey)?;
    open(platform, keys, device, Some(team), None).await
}

/// Forgets the Secret Key, the pins, the drafts, the alarms and what was not pushed.
///
/// # Errors
/// [`Error::Storage`].
pub async fn forget(storage: &impl Storage) -> Result<()> {
    candidate::forget(storage).await?;
    drafts::forget(storage).await?;
    root_key::forget(storage).await?;
    alarm::forget(storage, true).await?;
    Device::forget(storage).await
}

pub(crate) async fn open_account<P: Transport + Host>(
    platform: &P,
    keys: &AccountKeys,
) -> Result<OpenAccount> {
    let (token, blob) = match fetch_account(platform, keys).await {
        // The server was restarted in between, and knows the next session.
        Err(Error::Refused(Code::Unauthorized)) => fetch_account(platform, keys).await?,
        other => other?,
    };
    let sealed = Sealed::claimed(blob.sealed.into());
    let contents = keys.open(&sealed, blob.generation).map_err(|_| Error::WrongPassword)?;
    let generation = blob.generation;
    Ok(OpenAccount { contents, generation, token })
}

async fn fetch_account<P: Transport + Host>(
    platform: &P,
    keys: &AccountKeys,
) -> Result<(Zeroizing<String>, AccountBlob)> {
    let principal = Principal::Account(keys.locator());
    let token = session::open(platform, principal, &|message| keys.sign_login(message))
        .await
        .map_err(|error| match error {
            Error::Refused(Code::Unauthorized) => Error::WrongPassword,
            other => other,
        })?;
    let blob = api::send(platform, Some(&token), &api::account()).await?;
    let blob = api::reply(&blob)?;
    Ok((token, blob))
}
