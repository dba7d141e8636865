//! Deriving an account's keys, against Argon2id alone.

use std::hint::black_box;

use argon2::{Algorithm, Argon2, Params, Version};
use subrosa_core::account::LockedAccount;
use subrosa_core::kit::SecretKey;

use crate::{ratio, report};

pub fn measure() {
    let account = LockedAccount::new(SecretKey::from_bytes([1; 16]));
    let ours = || {
        black_box(account.derive("correct-horse-battery-staple").is_ok());
    };
    let bound = || {
        let params = Params::new(64 << 10, 3, 1, Some(32)).expect("parameters");
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut out = [0; 32];
        let password = b"correct-horse-battery-staple";
        argon.hash_password_into(password, &[1; 32], &mut out).expect("hashes");
        black_box(out);
    };
    report("derive an account's keys / Argon2id", ratio(ours, bound), Some(1.2));
}
