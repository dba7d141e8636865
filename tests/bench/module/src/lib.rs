//! What the keyholder's module does most, and what bounds it, in one WebAssembly module.
//!
//! The bound is AES-256-GCM over the same padded length with a fresh key each, and nothing else.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on ends")]

mod scopes;

use std::hint::black_box;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use subrosa_core::account::LockedAccount;
use subrosa_core::envelope::{Place, Sealed, SealingKey};
use subrosa_core::kit::SecretKey;
use subrosa_core::secret_value::SecretValue;
use wasm_bindgen::prelude::wasm_bindgen;

const VALUE: usize = 64;
/// What [`VALUE`] bytes are padded to.
const PADDED: usize = 256;

/// Objects, sealed by us and plainly.
#[wasm_bindgen]
pub struct Objects {
    rng: ChaCha20Rng,
    old: SealingKey,
    new: SealingKey,
    value: SecretValue,
    ours: Vec<Sealed<SecretValue>>,
    plain: Vec<Plain>,
}

struct Plain {
    key: [u8; 32],
    nonce: [u8; 12],
    sealed: Vec<u8>,
}

#[wasm_bindgen]
impl Objects {
    /// So many of 64 bytes.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(count: usize) -> Objects {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let (old, new) = (SealingKey::new(&[7; 32]), SealingKey::new(&[8; 32]));
        let value = SecretValue::new(vec![1; VALUE]);
        let ours = (0..count).map(|_| seal(&value, &old, &place(1), &mut rng)).collect();
        let plain = (0..count).map(|_| Plain::seal(&[1; PADDED], &mut rng)).collect();
        Objects { rng, old, new, value, ours, plain }
    }

    /// Ours.
    pub fn seal(&mut self) {
        for _ in 0..self.ours.len() {
            black_box(seal(&self.value, &self.old, &place(1), &mut self.rng));
        }
    }

    /// Ours.
    pub fn open(&self) {
        for sealed in &self.ours {
            black_box(sealed.open(&self.old, &place(1)).expect("opens"));
        }
    }

    /// Ours: from the old key to the new.
    pub fn reseal(&mut self) {
        for sealed in &self.ours {
            let value = sealed.open(&self.old, &place(1)).expect("opens");
            black_box(seal(&value, &self.new, &place(2), &mut self.rng));
        }
    }

    /// The bound.
    pub fn plain_seal(&mut self) {
        for _ in 0..self.plain.len() {
            black_box(Plain::seal(&[1; PADDED], &mut self.rng));
        }
    }

    /// The bound.
    pub fn plain_open(&self) {
        for plain in &self.plain {
            black_box(plain.open());
        }
    }

    /// The bound.
    pub fn plain_reseal(&mut self) {
        for plain in &self.plain {
            black_box(Plain::seal(&plain.open(), &mut self.rng));
        }
    }
}

fn place(key_version: u32) -> Place {
    Place { team: None, vault: None, object: vec![1; 16], version: 1, key_version }
}

fn seal(
    value: &SecretValue,
    key: &SealingKey,
    place: &Place,
    rng: &mut ChaCha20Rng,
) -> Sealed<SecretValue> {
    Sealed::seal(value, key, place, rng).expect("seals")
}

impl Plain {
    fn seal(bytes: &[u8], rng: &mut ChaCha20Rng) -> Plain {
        let (mut key, mut nonce) = ([0; 32], [0; 12]);
        rng.fill_bytes(&mut key);
        rng.fill_bytes(&mut nonce);
        let sealed = subrosa_cipher::seal(&key, &nonce, &[], bytes).expect("seals");
        Plain { key, nonce, sealed }
    }

    fn open(&self) -> Vec<u8> {
        subrosa_cipher::open(&self.key, &self.nonce, &[], &self.sealed).expect("opens")
    }
}

/// What unlocking derives: the account's keys from password and Secret Key.
#[wasm_bindgen]
pub fn derive_account_keys() {
    let account = LockedAccount::new(SecretKey::from_bytes([1; 16]));
    black_box(account.derive("correct-horse-battery-staple").is_ok());
}
