//! Why a named key refuses, and what to do about it.

#[cfg(doc)]
use subrosa_wire::object::MAX_PLAINTEXT;

use super::BadText;
#[cfg(doc)]
use super::MAX_CONTEXT;

/// Why a named key refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NamedKeyError {
    /// It is no ciphertext.
    #[error(transparent)]
    Text(#[from] BadText),
    /// There is no version 0.
    #[error("there is no version 0 of a key: the first is 1")]
    NoVersion,
    /// A version that this copy of the key does not have yet.
    #[error(
        "this copy of the key is older than version {version}: its newest is {newest}. Sync, then \
         try again"
    )]
    Newer {
        /// The version.
        version: u32,
        /// The newest one here.
        newest: u32,
    },
    /// A version that the key does not have any more.
    #[error(
        "version {version} of this key was trimmed: what it encrypted cannot be opened any more"
    )]
    Trimmed {
        /// The version.
        version: u32,
    },
    /// A version that may not be used, by the key's own rule.
    #[error(
        "version {version} of this key is below {minimum}, its minimum decryption version: who may \
         write to the vault can lower that"
    )]
    BelowMinimum {
        /// The version.
        version: u32,
        /// The minimum.
        minimum: u32,
    },
    /// A version that somebody has who has lost the vault since.
    #[error(
        "version {version} of this key was made before somebody lost access to its vault: rotate \
         the key, then encrypt with the newest version"
    )]
    Stale {
        /// The version.
        version: u32,
    },
    /// Another key, another context, or damage. There is one such error, and it says no more.
    #[error("cannot be opened: it is of another key or another context, or it was damaged")]
    CannotOpen,
    /// More than [`MAX_PLAINTEXT`] bytes were to be encrypted.
    #[error("over 1 MiB: encrypt it with a data key, and keep the wrapped data key beside it")]
    TooLong,
    /// More than [`MAX_CONTEXT`] bytes of context.
    #[error("the context is over 4 KiB: give its hash")]
    ContextTooLong,
    /// A ciphertext is not brought to a version before its own.
    #[error("the ciphertext is of version {from} already: rewrap it to that or to a newer one")]
    OlderTarget {
        /// The ciphertext's version.
        from: u32,
        /// The version that was asked for.
        to: u32,
    },
}
