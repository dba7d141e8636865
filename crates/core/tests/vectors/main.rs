//! The vectors of `tests/vectors` for what the server may not see, read natively and in wasm.
//!
//! A format is frozen only together with its vectors: `SUBROSA_WRITE_VECTORS=1 cargo test -p
//! subrosa-core --test vectors` writes them anew, and so changes the format.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "vectors are written natively"))]

#[path = "../../../../tests/vectors/file.rs"]
mod file;

mod account;
mod by_hand;
mod envelope;
mod keysets;
mod manifest;
mod named_keys;
mod padding;
mod primitives;
mod replay;
mod team;
mod typed;
mod vault_keys;
mod words;
mod wycheproof;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn regenerate() {
    if !file::writing() {
        return;
    }
    account::write();
    envelope::making::write();
    keysets::write();
    manifest::write();
    named_keys::making::write();
    padding::write();
    team::making::write();
    typed::write();
    vault_keys::write();
    words::write();
}
