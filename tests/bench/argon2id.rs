//! Argon2id alone, natively: the bound of unlocking in the browser. Once by the crate that we use,
//! which takes the machine's widest vectors, and once by one that takes none: WebAssembly has none.

use std::hint::black_box;
use std::io::BufRead as _;
use std::time::Instant;

use argon2::{Algorithm, Argon2, Params, Version};

const PASSWORD: &[u8] = b"correct-horse-battery-staple";
const SALT: [u8; 32] = [1; 32];
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;

/// Derives once for each line that comes in, and prints the milliseconds that it took.
pub fn on_demand(without_vectors: bool) {
    let derive = if without_vectors { without } else { with };
    assert_eq!(with(), without(), "both are Argon2id");
    for _ in std::io::stdin().lock().lines() {
        let start = Instant::now();
        black_box(derive());
        println!("{}", start.elapsed().as_secs_f64() * 1000.0);
    }
}

fn with() -> Vec<u8> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).expect("parameters");
    let mut out = vec![0; 32];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(PASSWORD, &SALT, &mut out).expect("hashes");
    out
}

fn without() -> Vec<u8> {
    let config = argon2_without_vectors::Config {
        variant: argon2_without_vectors::Variant::Argon2id,
        version: argon2_without_vectors::Version::Version13,
        mem_cost: MEMORY_KIB,
        time_cost: PASSES,
        lanes: 1,
        hash_length: 32,
        ..argon2_without_vectors::Config::default()
    };
    argon2_without_vectors::hash_raw(PASSWORD, &SALT, &config).expect("hashes")
}
