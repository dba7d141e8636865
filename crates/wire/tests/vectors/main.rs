//! The vectors of `tests/vectors` for what the server sees, read natively and in wasm.
//!
//! A format is frozen only together with its vectors: `SUBROSA_WRITE_VECTORS=1 cargo test -p
//! subrosa-wire --test vectors` writes them anew, and so changes the format.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "vectors are written natively"))]

#[path = "../../../../tests/vectors/file.rs"]
mod file;

mod encoding;
mod ids;
mod labels;
mod log;
mod people;
mod sessions;
mod signing_keys;
mod wycheproof;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn regenerate() {
    if !file::writing() {
        return;
    }
    labels::write();
    ids::write();
    encoding::write();
    signing_keys::write();
    log::making::write();
    people::making::write();
    sessions::write();
}
