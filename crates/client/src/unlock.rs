//! From a password to an open team: on a device that knows its Secret Key, or with a kit.

use subrosa_core::account::{AccountContents, AccountKeys, LockedAccount};
use subrosa_core::envelope::Sealed;
use subrosa_core::kit::TypedKit;
use subrosa_wire::api::{AccountBlob, Code, Principal};
use zeroize::Zeroizing;

use crate::api;
use crate::candidate;
use crate::device::{Device, Pin};
use crate::error::{Error, Result};
use crate::platform::{Host, Platform, Storage, Transport};
use crate::session;
use crate::team::{TeamClient, drafts, root_key};

/// An account's blob, opened, with the session that it came by.
pub(crate) struct OpenAccount {
    pub(crate) contents: AccountContents,
    pub(crate) generation: u64,
    pub(crate) token: Zeroizing<String>,
}

/// Unlocks this device.
///
/// # Errors
/// [`Error::NoSecretKey`], [`Error::WrongPassword`], [`Error::Rollback`] and whatever syncing meets.
pub async fn unlock<P: Platform>(platform: P, password: &str) -> Result<TeamClient<P>> {
    let device = Device::load(&platform).await?.ok_or(Error::NoSecretKey)?;
    let secret_key = device.secret_key();
    let keys = LockedAccount::new(secret_key).derive(password).map_err(|_| Error::Memory)?;
    let account = open_account(&platform, &keys).await?;
    if account.generation < device.generation {
        return Err(Error::OldAccount);
    }
    TeamClient::open(platform, account, keys, device, None).await
}

/// Makes this a device of the kit's account: the password is needed too.
///
/// # Errors
/// As [`unlock`]; [`Error::Rollback`] if the log lacks the kit's checkpoint. The device is then as
/// it was.
pub async fn recover<P: Platform>(
    platform: P,
    kit: &TypedKit,
    password: &str,
) -> Result<TeamClient<P>> {
    let locked = LockedAccount::new(kit.secret_key.clone());
    let keys = locked.derive(password).map_err(|_| Error::Memory)?;
    let account = open_account(&platform, &keys).await?;
    let seat = account.contents.teams.first().ok_or(Error::NoTeam)?;
    if kit.team.is_some_and(|team| team != seat.team) {
        return Err(Error::Rollback);
    }
    let pin = Pin { team: seat.team, head: kit.checkpoint };
    let mut device = Device::new(&kit.secret_key, account.generation, vec![pin]);
    // A kit does not make a device forget what it has seen. A record that is damaged does not
    // stand in the way: the kit is what it is repaired with.
    let stored = Device::load_sound(&platform).await?;
    if let Some(stored) = stored.filter(|stored| stored.is_of(&kit.secret_key)) {
        if account.generation < stored.generation {
            return Err(Error::OldAccount);
        }
        device.raise_to(stored.generation, &stored.pins);
    }
    TeamClient::open(platform, account, keys, device, Some(kit.checkpoint)).await
}

/// Forgets the Secret Key, the pins, the drafts and what was not pushed.
///
/// # Errors
/// [`Error::Storage`].
pub async fn forget(storage: &impl Storage) -> Result<()> {
    candidate::forget(storage).await?;
    drafts::forget(storage).await?;
    root_key::forget(storage).await?;
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
    let token = session::open(platform, principal, |message| keys.sign_login(message))
        .await
        .map_err(|error| match error {
            Error::Refused(Code::Unauthorized) => Error::WrongPassword,
            other => other,
        })?;
    let blob = api::send(platform, Some(&token), &api::account()).await?;
    let blob = api::reply(&blob)?;
    Ok((token, blob))
}
