//! Named keys: versioned keys of a vault, for what is kept elsewhere (docs/format.md, 'Named keys').
//!
//! ```text
//! bound = canonical(suite, kind, team, vault, key, N, the caller's context)
//! text  = "subrosa:v" ‖ N ‖ ":" ‖ base64(the envelope of the plaintext, unpadded, bound in bound)
//! ```
//! What is encrypted is as long as its plaintext, and 82 bytes: it is not padded.

mod ciphertext;
mod error;
mod name;
mod versions;

use minicbor::Encode;
use minicbor::bytes::ByteVec;
use subrosa_wire::SUITE;
use subrosa_wire::encoding::{Canonical, encode};
use subrosa_wire::id::{SecretId, TeamId, VaultId};
use subrosa_wire::log::KeyVersion;
use subrosa_wire::object::MAX_PLAINTEXT;
use zeroize::Zeroizing;

use crate::envelope::{CannotOpen, Kind, SealingKey, TooLong, open_unpadded, seal_unpadded};
use crate::randomness::Randomness;
use crate::secret_value::SecretValue;
use ciphertext::Ciphertext;

pub use ciphertext::{BadText, version_of};
pub use error::NamedKeyError;
pub use name::{BadKeyName, MAX_KEY_NAME, check_key_name};
pub use versions::{Full, KeyVersions, MAX_VERSIONS, NothingLeft, VersionInfo};

/// The longest context, in bytes.
pub const MAX_CONTEXT: usize = 4 << 10;

/// Which key: bound into all that it encrypts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NamedKeyId {
    /// The team.
    pub team: TeamId,
    /// The vault.
    pub vault: VaultId,
    /// The key's record in the vault.
    pub key: SecretId,
}

/// A named key as it is used.
///
/// In every use, `context` is what the caller says of the data (a row's id, a file's path), at most
/// [`MAX_CONTEXT`] bytes: it is kept nowhere, and what was encrypted opens with the same alone.
#[derive(Clone, Copy)]
pub struct NamedKey<'a> {
    /// Which key it is.
    pub id: NamedKeyId,
    /// Its versions.
    pub versions: &'a KeyVersions,
    /// The minimum decryption version: those below are not used, though they are still there.
    pub decrypt_from: u32,
    /// The version of the vault's key since which nobody has lost the vault, 1 if nobody ever has. A
    /// version of this key that was made under an earlier one opens, but encrypts no more: somebody
    /// who may not read the vault has it.
    pub encrypt_if_made_under: KeyVersion,
}

/// What rewrapping gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rewrapped {
    /// The ciphertext opens, and is of that version already.
    Same,
    /// The ciphertext to keep instead.
    New(String),
}

/// A ciphertext to be rewrapped, with its own context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ToRewrap<'a> {
    /// The ciphertext.
    pub ciphertext: &'a str,
    /// What it was encrypted with.
    pub context: &'a [u8],
}

/// How long a data key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DataKeyLength {
    /// 16 bytes.
    Bytes16 = 16,
    /// 32 bytes.
    Bytes32 = 32,
    /// 64 bytes.
    Bytes64 = 64,
}

impl DataKeyLength {
    /// The length of so many bytes; `None` if no data key has it.
    #[must_use]
    pub fn of_bytes(bytes: usize) -> Option<Self> {
        let all = [DataKeyLength::Bytes16, DataKeyLength::Bytes32, DataKeyLength::Bytes64];
        all.into_iter().find(|length| *length as usize == bytes)
    }
}

/// A fresh key for the caller's own encryption.
pub struct DataKey {
    /// The key as a ciphertext, to be kept beside what it encrypts.
    pub wrapped: String,
    /// The key; whoever asked for the wrapped one alone drops it.
    pub plaintext: SecretValue,
}

impl NamedKey<'_> {
    /// Encrypts, with the newest version where none is asked for.
    ///
    /// # Errors
    /// All but [`NamedKeyError::Text`], [`NamedKeyError::CannotOpen`] and
    /// [`NamedKeyError::OlderTarget`].
    pub fn encrypt(
        &self,
        plaintext: &[u8],
        context: &[u8],
        version: Option<u32>,
        rng: Randomness<'_>,
    ) -> Result<String, NamedKeyError> {
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(NamedKeyError::TooLong);
        }
        let (version, key) = self.encrypting(version)?;
        let bound = self.bound(version, context)?;
        let sealed = seal_unpadded(&key, Kind::NamedCiphertext, &bound, plaintext, rng)
            .map_err(|TooLong| NamedKeyError::TooLong)?;
        Ok(Ciphertext { version, sealed }.write())
    }

    /// Decrypts what this key encrypted with this context.
    ///
    /// # Errors
    /// [`NamedKeyError`].
    pub fn decrypt(&self, ciphertext: &str, context: &[u8]) -> Result<SecretValue, NamedKeyError> {
        let mut plaintext = self.open(&Ciphertext::read(ciphertext)?, context)?;
        Ok(SecretValue::new(core::mem::take(&mut *plaintext)))
    }

    /// Brings a ciphertext to a newer version, the newest where none is asked for. It keeps its
    /// context, and its plaintext does not leave this function.
    ///
    /// # Errors
    /// [`NamedKeyError`].
    pub fn rewrap(
        &self,
        ciphertext: &str,
        context: &[u8],
        to: Option<u32>,
        rng: Randomness<'_>,
    ) -> Result<Rewrapped, NamedKeyError> {
        let old = Ciphertext::read(ciphertext)?;
        // Before anything is said of it: 'the same' is said of what opens alone.
        let plaintext = self.open(&old, context)?;
        let (to, _) = self.encrypting(to)?;
        if to < old.version {
            return Err(NamedKeyError::OlderTarget { from: old.version, to });
        }
        if to == old.version {
            return Ok(Rewrapped::Same);
        }
        self.encrypt(&plaintext, context, Some(to), rng).map(Rewrapped::New)
    }

    /// Rewraps each, in their order: one that is refused stops no other.
    #[must_use]
    pub fn rewrap_all(
        &self,
        items: &[ToRewrap<'_>],
        to: Option<u32>,
        rng: Randomness<'_>,
    ) -> Vec<Result<Rewrapped, NamedKeyError>> {
        items.iter().map(|item| self.rewrap(item.ciphertext, item.context, to, rng)).collect()
    }

    /// A fresh data key, wrapped by the newest version.
    ///
    /// # Errors
    /// As [`NamedKey::encrypt`].
    pub fn data_key(
        &self,
        length: DataKeyLength,
        context: &[u8],
        rng: Randomness<'_>,
    ) -> Result<DataKey, NamedKeyError> {
        let mut plaintext = Zeroizing::new(vec![0; length as usize]);
        rng.fill_bytes(&mut plaintext);
        let wrapped = self.encrypt(&plaintext, context, None, rng)?;
        Ok(DataKey { wrapped, plaintext: SecretValue::new(core::mem::take(&mut *plaintext)) })
    }

    fn open(
        &self,
        ciphertext: &Ciphertext,
        context: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, NamedKeyError> {
        let (_, key) = self.version(ciphertext.version)?;
        let bound = self.bound(ciphertext.version, context)?;
        open_unpadded(&key, Kind::NamedCiphertext, &bound, &ciphertext.sealed)
            .map_err(|CannotOpen| NamedKeyError::CannotOpen)
    }

    fn encrypting(&self, asked: Option<u32>) -> Result<(u32, SealingKey), NamedKeyError> {
        let (info, key) = self.version(asked.unwrap_or(self.versions.newest().number))?;
        if info.made_under < self.encrypt_if_made_under {
            return Err(NamedKeyError::Stale { version: info.number });
        }
        Ok((info.number, key))
    }

    fn version(&self, version: u32) -> Result<(VersionInfo, SealingKey), NamedKeyError> {
        if version == 0 {
            return Err(NamedKeyError::NoVersion);
        }
        let newest = self.versions.newest().number;
        if version > newest {
            return Err(NamedKeyError::Newer { version, newest });
        }
        let found = self.versions.get(version).ok_or(NamedKeyError::Trimmed { version })?;
        if version < self.decrypt_from {
            return Err(NamedKeyError::BelowMinimum { version, minimum: self.decrypt_from });
        }
        Ok(found)
    }

    fn bound(&self, version: u32, context: &[u8]) -> Result<Vec<u8>, NamedKeyError> {
        if context.len() > MAX_CONTEXT {
            return Err(NamedKeyError::ContextTooLong);
        }
        Ok(encode(&Bound {
            suite: SUITE,
            kind: Kind::NamedCiphertext as u8,
            team: self.id.team,
            vault: self.id.vault,
            key: self.id.key,
            version,
            context: context.to_vec().into(),
        }))
    }
}

#[derive(Encode)]
struct Bound {
    #[n(0)]
    suite: u8,
    #[n(1)]
    kind: u8,
    #[n(2)]
    team: TeamId,
    #[n(3)]
    vault: VaultId,
    #[n(4)]
    key: SecretId,
    #[n(5)]
    version: u32,
    #[n(6)]
    context: ByteVec,
}

impl Canonical for Bound {
    const MAX_BYTES: usize = MAX_CONTEXT + 256;
}

subrosa_wire::decode_fields! {
    Bound { suite, kind, team, vault, key, version, context }
}
