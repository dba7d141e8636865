//! The bytes of a file, which do not print themselves.

use core::fmt;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroize;

/// Bytes that do not print themselves and are wiped when dropped. In JavaScript a `Uint8Array`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HiddenBytes(Vec<u8>);

impl HiddenBytes {
    /// Hides `bytes`.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        HiddenBytes(bytes)
    }

    /// The bytes, for the one place that shows or uses them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for HiddenBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenBytes")
    }
}

impl Drop for HiddenBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Serialize for HiddenBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for HiddenBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(AnyBytes)
    }
}

struct AnyBytes;

impl<'de> Visitor<'de> for AnyBytes {
    type Value = HiddenBytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<HiddenBytes, E> {
        Ok(HiddenBytes(bytes.to_vec()))
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<HiddenBytes, E> {
        Ok(HiddenBytes(bytes))
    }

    /// As formats without bytes have them.
    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<HiddenBytes, A::Error> {
        let mut bytes = HiddenBytes::default();
        while let Some(byte) = numbers.next_element()? {
            bytes.0.push(byte);
        }
        Ok(bytes)
    }
}
