//! The device record: what this device must not forget.

use std::cell::OnceCell;

use minicbor::Encode;
use subrosa_core::account::LockedAccount;
use subrosa_core::kit::SecretKey;
use subrosa_wire::api::Code;
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::{Hash, TeamId};
use subrosa_wire::log::Head;

use crate::error::{Error, Result};
use crate::platform::{CannotStore, Storage, Update};

const RECORD: &str = "device";

/// How far a team's log was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode)]
pub struct Pin {
    /// The team.
    #[n(0)]
    pub team: TeamId,
    /// Its log must contain this.
    #[n(1)]
    pub head: Head,
}

/// The Secret Key and the pins of one device.
#[derive(Clone, Encode)]
pub struct Device {
    #[cbor(n(0), with = "minicbor::bytes")]
    secret_key: [u8; 16],
    /// The newest generation of the account that was seen.
    #[n(1)]
    pub(crate) generation: u64,
    /// For each team, ascending.
    #[n(2)]
    pub(crate) pins: Vec<Pin>,
}

impl Canonical for Device {
    const MAX_BYTES: usize = 64 << 10;
}

impl Drop for Device {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.secret_key);
    }
}

impl Device {
    pub(crate) fn new(secret_key: &SecretKey, generation: u64, pins: Vec<Pin>) -> Self {
        Device { secret_key: *secret_key.bytes(), generation, pins }
    }

    /// Whether this is the record of that Secret Key's account.
    pub(crate) fn is_of(&self, secret_key: &SecretKey) -> bool {
        self.secret_key == *secret_key.bytes()
    }

    pub(crate) fn secret_key(&self) -> SecretKey {
        SecretKey::from_bytes(self.secret_key)
    }

    pub(crate) fn pin(&self, team: TeamId) -> Option<Head> {
        self.pins.iter().find(|pin| pin.team == team).map(|pin| pin.head)
    }

    /// The record, if this device has one that is sound: for what repairs a damaged one.
    ///
    /// # Errors
    /// [`Error::Storage`] if it cannot be read.
    pub(crate) async fn load_sound(storage: &impl Storage) -> Result<Option<Self>> {
        let stored = storage.read(RECORD).await?;
        Ok(stored.and_then(|bytes| decode_strict(&bytes).ok()))
    }

    /// The record, if this device has one.
    ///
    /// # Errors
    /// [`Error::Storage`], also for a record that is damaged: it never starts silently anew.
    pub async fn load(storage: &impl Storage) -> Result<Option<Self>> {
        let Some(bytes) = storage.read(RECORD).await? else { return Ok(None) };
        decode_strict(&bytes).map(Some).map_err(|_| Error::Storage(CannotStore))
    }

    /// Stores this record. Where one of the same Secret Key is stored already, nothing of that is
    /// lowered, whatever another tab has stored meanwhile.
    pub(crate) async fn keep(&self, storage: &impl Storage) -> Result<()> {
        let change = |stored: Option<Vec<u8>>| {
            let stored = stored.and_then(|bytes| decode_strict::<Device>(&bytes).ok());
            let mut device = self.clone();
            if let Some(stored) = stored.filter(|stored| stored.secret_key == self.secret_key) {
                device.raise_to(stored.generation, &stored.pins);
            }
            Update::Put(encode(&device))
        };
        Ok(storage.update(RECORD, change).await?)
    }

    /// Stores this record, then posts what makes its account. If that certainly did not get in, this
    /// device is left as it was at the first try, which is in `before` then.
    pub(crate) async fn keep_and<S: Storage>(
        &self,
        storage: &S,
        before: &OnceCell<Option<Device>>,
        post: impl AsyncFnOnce() -> Result<()>,
    ) -> Result<()> {
        if before.get().is_none() {
            let stored = Device::load_sound(storage).await?;
            before.get_or_init(|| stored);
        }
        // Before anything is uploaded: a server cannot then swap what was just created.
        self.keep(storage).await?;
        let posted = post().await;
        let unclear = |error: &Error| {
            matches!(
                error,
                Error::Unreachable(_) | Error::BadReply | Error::Refused(Code::Unavailable)
            )
        };
        if posted.as_ref().is_err_and(|error| !unclear(error)) {
            match before.get() {
                // Another account's Secret Key.
                Some(Some(before)) => before.keep(storage).await?,
                _ => Device::forget(storage).await?,
            }
        }
        posted
    }

    /// Raises what is stored to `generation` and `pin`, the last of `log`. If another tab has pinned a
    /// place that `log` reaches but does not have, that is what comes back: the server shows the two
    /// of them different logs.
    pub(crate) async fn raise(
        storage: &impl Storage,
        locator: Hash,
        generation: u64,
        pin: Pin,
        log: &[Hash],
    ) -> Result<Option<Head>> {
        let mut forked = None;
        let change = |stored: Option<Vec<u8>>| {
            // Without a record the device was made to forget, and one of another account is not this
            // one's to raise: it stays so.
            let stored = stored.and_then(|bytes| decode_strict::<Device>(&bytes).ok());
            let own =
                |device: &Device| LockedAccount::new(device.secret_key()).locator() == locator;
            let Some(mut device) = stored.filter(own) else { return Update::Keep };
            let known = device.pin(pin.team).filter(|known| known.seq <= pin.head.seq);
            let on_log = |known: Head| {
                usize::try_from(known.seq).is_ok_and(|seq| log.get(seq) == Some(&known.hash))
            };
            forked = known.filter(|known| !on_log(*known));
            if forked.is_some() {
                return Update::Keep;
            }
            device.raise_to(generation, &[pin]);
            Update::Put(encode(&device))
        };
        storage.update(RECORD, change).await?;
        Ok(forked)
    }

    pub(crate) fn raise_to(&mut self, generation: u64, pins: &[Pin]) {
        self.generation = self.generation.max(generation);
        for pin in pins {
            match self.pins.iter_mut().find(|known| known.team == pin.team) {
                Some(known) if known.head.seq < pin.head.seq => known.head = pin.head,
                Some(_) => {}
                None => self.pins.push(*pin),
            }
        }
    }

    pub(crate) async fn forget(storage: &impl Storage) -> Result<()> {
        Ok(storage.update(RECORD, |_| Update::Remove).await?)
    }
}

subrosa_wire::decode_fields! {
    Pin { team, head }
    Device { secret_key, generation, pins }
}
