//! Where core gets its random bytes: from its caller.

use rand_core::CryptoRng;

/// The generator that core draws from: passed in, so that tests can seed it.
pub type Randomness<'a> = &'a mut dyn CryptoRng;

/// `N` random bytes.
pub(crate) fn draw<const N: usize>(rng: Randomness<'_>) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}
