//! Public keysets: what the log says of a member.

use ed25519_dalek::{Signature, VerifyingKey};
use minicbor::Encode;

use crate::encoding::Canonical;

/// An X-Wing public key, in bytes (draft-connolly-cfrg-xwing-kem: ML-KEM-768 and X25519).
pub const KEM_PUBLIC_BYTES: usize = 1216;

/// An Ed25519 public key (RFC 8032) that may be a point of small order or no point at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(transparent)]
pub struct SigningPublic(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl core::fmt::Debug for SigningPublic {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SigningPublic({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

impl SigningPublic {
    /// Whether this is a point in its one spelling, and not of small order, for which anyone can sign.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let canonical = |key: &VerifyingKey| key.to_edwards().compress().0 == self.0;
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| !key.is_weak() && canonical(&key))
    }

    /// Whether `signature` is this key's over `message` (RFC 8032, strict verification).
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
    }
}

/// A member's public keys: one to check its signatures, one to wrap vault keys to.
#[derive(Clone, PartialEq, Eq, Debug, Encode)]
pub struct PublicKeyset {
    /// Ed25519.
    #[n(0)]
    pub signing: SigningPublic,
    /// X-Wing.
    #[n(1)]
    pub kem: KemPublic,
}

impl Canonical for PublicKeyset {
    const MAX_BYTES: usize = KEM_PUBLIC_BYTES + 64;
}

/// An X-Wing public key's bytes.
#[derive(Clone, PartialEq, Eq, Encode)]
#[cbor(transparent)]
pub struct KemPublic(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; KEM_PUBLIC_BYTES]);

impl core::fmt::Debug for KemPublic {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KemPublic({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

crate::decode_fields! {
    PublicKeyset { signing, kem }
}

crate::decode_transparent!(SigningPublic, KemPublic);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_small_order_are_unsound() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(!SigningPublic(identity).is_sound());
        assert!(!SigningPublic([0; 32]).is_sound());
    }
}
