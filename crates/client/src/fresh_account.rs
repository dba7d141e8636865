//! An account that is made on this device and not posted yet.

use std::cell::OnceCell;

use subrosa_core::Randomness;
use subrosa_core::account::{AccountContents, AccountKeys, LockedAccount, TeamSeat};
use subrosa_core::kit::{Kit, SecretKey};
use subrosa_wire::api::NewAccount;

use crate::device::{Device, Pin};
use crate::error::{Error, Result};
use crate::platform::{Platform, Storage};
use crate::unlock::{self, Unlocked};

/// A Secret Key and a password, and what comes of them.
pub(crate) struct FreshAccount {
    secret_key: SecretKey,
    pub(crate) keys: AccountKeys,
    server: String,
    /// Where its team's log ended when it was made.
    pin: Pin,
    /// What the device had before the first try to post it.
    before: OnceCell<Option<Device>>,
}

impl FreshAccount {
    /// Draws a Secret Key. Takes as long as the key derivation.
    pub(crate) fn generate(
        password: &str,
        rng: Randomness<'_>,
    ) -> Result<(SecretKey, AccountKeys)> {
        let secret_key = SecretKey::generate(rng);
        let keys = LockedAccount::new(secret_key.clone()).derive(password);
        Ok((secret_key, keys.map_err(|_| Error::Memory)?))
    }

    /// The account of a first seat, and what registers it.
    pub(crate) fn new(
        (secret_key, keys): (SecretKey, AccountKeys),
        seat: TeamSeat,
        server: String,
        rng: Randomness<'_>,
    ) -> Result<(Self, NewAccount)> {
        let pin = Pin { team: seat.team, head: seat.checkpoint };
        let contents = AccountContents::new(seat, rng);
        let sealed = keys.seal(&contents, 1, rng).map_err(|_| Error::TooLarge)?;
        let account = NewAccount {
            locator: keys.locator(),
            login_key: keys.login_public(),
            sealed: sealed.into_bytes().into(),
        };
        Ok((FreshAccount { secret_key, keys, server, pin, before: OnceCell::new() }, account))
    }

    /// Its emergency kit.
    pub(crate) fn kit(&self) -> Kit {
        Kit {
            secret_key: self.secret_key.clone(),
            server: self.server.clone(),
            team: self.pin.team,
            checkpoint: self.pin.head,
            others: Vec::new(),
        }
    }

    /// Stores the Secret Key and the pin on this device, posts what makes the account, and opens it.
    /// May be called again if the answer was lost; on a refusal this device is left as it was.
    pub(crate) async fn post<P: Platform + Clone>(
        &self,
        platform: P,
        post: impl AsyncFnOnce() -> Result<()>,
    ) -> Result<Unlocked<P>> {
        let device = self.device(&platform).await?;
        device.keep_and(&platform, &self.before, post).await?;
        unlock::open(platform, self.keys.clone(), device, Some(self.pin.team), None).await
    }

    /// Another account does not make a device forget what it has seen.
    async fn device(&self, storage: &impl Storage) -> Result<Device> {
        let mut device = Device::new(&self.secret_key, 1, vec![self.pin]);
        let seen = Device::load_sound(storage).await?;
        device.raise_to(1, seen.as_ref().map_or(&[], |device| &device.pins));
        Ok(device)
    }
}
