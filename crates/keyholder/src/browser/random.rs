//! The browser's randomness, drawn in pools: an import asks for thousands of small pieces.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use getrandom::SysRng;
use rand_core::{Rng, TryCryptoRng, TryRng, UnwrapErr};
use zeroize::Zeroize;

/// As much as one call of `getRandomValues` is asked for: a call costs 2 µs, a byte almost nothing.
const POOL: usize = 4096;

/// Randomness drawn in pools. Each byte is given out once and wiped where it was.
#[derive(Clone)]
pub struct Pool(Rc<RefCell<Drawn>>);

struct Drawn {
    bytes: [u8; POOL],
    used: usize,
}

impl Default for Pool {
    fn default() -> Self {
        Pool(Rc::new(RefCell::new(Drawn { bytes: [0; POOL], used: POOL })))
    }
}

impl Drawn {
    fn fill(&mut self, mut wanted: &mut [u8]) {
        while !wanted.is_empty() {
            if self.used == POOL {
                // A browser without randomness stops here: nothing can be sealed without it.
                UnwrapErr(SysRng).fill_bytes(&mut self.bytes);
                self.used = 0;
            }
            let count = wanted.len().min(POOL - self.used);
            let (now, later) = wanted.split_at_mut(count);
            let given = &mut self.bytes[self.used..self.used + count];
            now.copy_from_slice(given);
            given.zeroize();
            self.used += count;
            wanted = later;
        }
    }
}

impl TryRng for Pool {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, wanted: &mut [u8]) -> Result<(), Infallible> {
        self.0.borrow_mut().fill(wanted);
        Ok(())
    }
}

impl TryCryptoRng for Pool {}
