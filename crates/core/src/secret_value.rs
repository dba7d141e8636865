//! A secret's value, as a type that cannot be printed.

use zeroize::Zeroizing;

use crate::envelope::{Kind, Sealable};

/// A secret's bytes. No `Debug`, no serialisation; wiped when dropped.
#[derive(Clone)]
pub struct SecretValue(Zeroizing<Vec<u8>>);

impl SecretValue {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        SecretValue(Zeroizing::new(bytes))
    }

    /// The bytes, for the one place that shows or uses them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text; `None` if they are not UTF-8.
    #[must_use]
    pub fn expose_text(&self) -> Option<&str> {
        core::str::from_utf8(&self.0).ok()
    }
}

impl Sealable for SecretValue {
    const KIND: Kind = Kind::Value;

    fn to_plaintext(&self) -> Zeroizing<Vec<u8>> {
        self.0.clone()
    }

    fn from_plaintext(plaintext: Zeroizing<Vec<u8>>) -> Option<Self> {
        Some(SecretValue(plaintext))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_text_only_where_all_of_it_is() {
        assert_eq!(SecretValue::new("grüße".into()).expose_text(), Some("grüße"));
        assert_eq!(SecretValue::new(b"gr\xfc\xdfe".to_vec()).expose_text(), None);
    }
}
