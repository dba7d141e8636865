//! The bytes of a file, which do not print themselves.

use core::fmt;
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
