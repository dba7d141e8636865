//! AES-256-GCM, without type parameters.
//!
//! Generic code is compiled in the crate that names its types, as that crate is optimised. The
//! keyholder's other crates are compiled for the smallest size; this one is not
//! (docs/decisions/0009-what-is-compiled-for-speed.md).

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};

/// Encrypts and authenticates: the ciphertext with the tag behind it. `None` beyond 64 GiB.
#[must_use]
pub fn seal(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], msg: &[u8]) -> Option<Vec<u8>> {
    Aes256Gcm::new(key.into()).encrypt(nonce.into(), Payload { msg, aad }).ok()
}

/// The plaintext, if this key sealed it under this nonce with this associated data.
#[must_use]
pub fn open(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    Aes256Gcm::new(key.into()).decrypt(nonce.into(), Payload { msg: sealed, aad }).ok()
}
