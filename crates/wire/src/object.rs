//! Sealed objects as the server sees them: opaque bytes with a content hash for a name.

use crate::id::{Hash, VaultId};
use minicbor::Encode;
use minicbor::bytes::ByteVec;

/// The longest plaintext that is sealed, in bytes.
pub const MAX_PLAINTEXT: usize = 1 << 20;
/// The longest sealed object, in bytes: the plaintext, its padding and the envelope.
pub const MAX_SEALED: usize = MAX_PLAINTEXT + (64 << 10);

/// An object's name in storage: the SHA-256 of its sealed bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode)]
#[cbor(transparent)]
pub struct ObjectId(#[n(0)] pub Hash);

impl ObjectId {
    /// The name of these sealed bytes.
    #[must_use]
    pub fn of(sealed: &[u8]) -> Self {
        ObjectId(Hash::of(sealed))
    }
}

impl core::fmt::Display for ObjectId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// A sealed object on its way to the server, with the vault whose holders may fetch it.
#[derive(Clone, PartialEq, Eq, Encode)]
pub struct Upload {
    /// The vault that the object belongs to.
    #[n(0)]
    pub vault: VaultId,
    /// The sealed bytes, at most [`MAX_SEALED`].
    #[n(1)]
    pub sealed: ByteVec,
}

impl core::fmt::Debug for Upload {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Upload({}, {} bytes)", self.vault, self.sealed.len())
    }
}

crate::decode_fields! {
    Upload { vault, sealed }
}

crate::decode_transparent!(ObjectId);

#[cfg(test)]
mod tests {
    use super::*;

    /// Every reader refuses by these, so that they are part of the format.
    #[test]
    fn the_limits_are_those_of_the_format() {
        assert_eq!((MAX_PLAINTEXT, MAX_SEALED), (1_048_576, 1_114_112));
    }
}
