//! A generator that gives the bytes that a vector names, and no more.

use core::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng, utils};

pub struct Replay(Vec<u8>);

impl Replay {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Replay(bytes.into())
    }

    /// All bytes were drawn.
    pub fn is_spent(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryRng for Replay {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&self.0[..out.len()]);
        self.0.drain(..out.len());
        Ok(())
    }
}

impl TryCryptoRng for Replay {}
