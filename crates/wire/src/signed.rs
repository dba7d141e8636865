//! Signed bytes, and the only road from them to a value.

use core::marker::PhantomData;
use minicbor::bytes::ByteVec;
use minicbor::{Decoder, Encode};

use crate::encoding::{Canonical, Malformed, Read, decode_strict, encode};
use crate::id::Hash;
use crate::keyset::SigningPublic;
use crate::label::Label;

/// A value that is signed under a label of its own.
pub trait Signable: Canonical {
    /// The label that its signatures are made under.
    const LABEL: Label;
}

/// Bytes and a signature over `label ‖ 0x00 ‖ bytes`, not yet checked.
///
/// [`Signed::verify`] is the only road to the value: what is hashed and verified are the received
/// bytes, never a re-serialisation.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed<T> {
    body: Vec<u8>,
    signature: [u8; 64],
    of: PhantomData<fn() -> T>,
}

/// A value whose signature was checked, with the key that it verified under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified<T> {
    value: T,
    signer: SigningPublic,
    hash: Hash,
}

/// Why signed bytes yield no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadSigned {
    /// The body is not the canonical encoding of a value.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The signature is not the key's over this body.
    #[error("the signature does not verify")]
    Signature,
}

#[derive(Encode)]
struct Envelope {
    #[n(0)]
    body: ByteVec,
    #[cbor(n(1), with = "minicbor::bytes")]
    signature: [u8; 64],
}

impl<T: Signable> Signed<T> {
    /// Signs `value` with `sign`, which is given the bytes to sign.
    pub fn new(value: &T, sign: impl FnOnce(&[u8]) -> [u8; 64]) -> Self {
        let body = encode(value);
        let signature = sign(&T::LABEL.tag(&body));
        Signed { body, signature, of: PhantomData }
    }

    /// The value, if `key` signed it.
    ///
    /// # Errors
    /// [`BadSigned`].
    pub fn verify(&self, key: SigningPublic) -> Result<Verified<T>, BadSigned> {
        if !key.verifies(&T::LABEL.tag(&self.body), &self.signature) {
            return Err(BadSigned::Signature);
        }
        Ok(Verified { value: decode_strict(&self.body)?, signer: key, hash: self.hash() })
    }

    /// What the body says before any check: only to find whose key to check it with.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn claim<R>(&self, read: impl FnOnce(&T) -> R) -> Result<R, Malformed> {
        decode_strict(&self.body).map(|value| read(&value))
    }

    /// SHA-256 over the encoding, signature included.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(&encode(self))
    }
}

impl<T> Verified<T> {
    /// The value.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The key that signed it.
    pub fn signer(&self) -> SigningPublic {
        self.signer
    }

    /// The hash of the signed bytes, signature included.
    pub fn hash(&self) -> Hash {
        self.hash
    }
}

impl<T> core::fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Signed({} bytes)", self.body.len())
    }
}

impl<T, C> Encode<C> for Signed<T> {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2)?.bytes(&self.body)?.bytes(&self.signature)?.ok()
    }
}

impl<T> Read for Signed<T> {
    fn read(d: &mut Decoder<'_>) -> Option<Self> {
        let Envelope { body, signature } = Read::read(d)?;
        Some(Signed { body: body.into(), signature, of: PhantomData })
    }
}

impl<T: Canonical> Canonical for Signed<T> {
    const MAX_BYTES: usize = T::MAX_BYTES + 128;
}

crate::decode_fields! {
    Envelope { body, signature }
}
