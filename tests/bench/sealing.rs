//! 10,000 values of 64 bytes, against AES-256-GCM alone over the same padded length.

use std::hint::black_box;

use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use subrosa_core::envelope::{Place, Sealed, SealingKey};
use subrosa_core::secret_value::SecretValue;

use crate::{ratio, report};

const COUNT: usize = 10_000;
/// What 64 bytes are padded to.
const PADDED: usize = 256;

pub fn measure() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut other = ChaCha20Rng::seed_from_u64(2);
    let key = SealingKey::new(&[7; 32]);
    let value = SecretValue::new(vec![1; 64]);
    let place = Place { team: None, vault: None, object: vec![1; 16], version: 1, key_version: 1 };
    let mut plain_seal = || {
        for _ in 0..COUNT {
            let mut drawn = [0; 44];
            other.fill_bytes(&mut drawn);
            let (key, nonce) = drawn.split_at(32);
            let cipher = Aes256Gcm::new_from_slice(key).expect("32 bytes");
            let nonce: [u8; 12] = nonce.try_into().expect("12 bytes");
            black_box(cipher.encrypt(&nonce.into(), &[1; PADDED][..]).expect("seals"));
        }
    };
    let seal = || {
        for _ in 0..COUNT {
            black_box(Sealed::seal(&value, &key, &place, &mut rng).expect("seals"));
        }
    };
    report("seal 10,000 values / plain AES-256-GCM", ratio(seal, &mut plain_seal), Some(3.0));

    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let sealed: Vec<_> =
        (0..COUNT).map(|_| Sealed::seal(&value, &key, &place, &mut rng).expect("seals")).collect();
    let open = || {
        for sealed in &sealed {
            black_box(sealed.open(&key, &place).is_ok());
        }
    };
    report("open 10,000 values / plain AES-256-GCM", ratio(open, &mut plain_seal), Some(3.0));
}
