//! Argon2id alone, natively: the bound of unlocking in the browser.

use std::hint::black_box;
use std::io::BufRead as _;
use std::time::Instant;

use argon2::{Algorithm, Argon2, Params, Version};

/// Derives once for each line that comes in, and prints the milliseconds that it took.
pub fn on_demand() {
    let params = Params::new(64 << 10, 3, 1, Some(32)).expect("parameters");
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    for _ in std::io::stdin().lock().lines() {
        let start = Instant::now();
        let mut out = [0; 32];
        let password = b"correct-horse-battery-staple";
        argon.hash_password_into(password, &[1; 32], &mut out).expect("hashes");
        black_box(out);
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
}
