//! The rules of scopes: by example, and held against a second, naive implementation of them.

#![expect(clippy::unwrap_used, reason = "tests")]

#[cfg(not(target_arch = "wasm32"))]
mod agreement;
#[cfg(not(target_arch = "wasm32"))]
mod changes;
mod edges;
#[cfg(not(target_arch = "wasm32"))]
mod generate;
#[cfg(not(target_arch = "wasm32"))]
mod invariants;
mod limits;
mod naive;
mod script;
mod staged;
mod table;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
