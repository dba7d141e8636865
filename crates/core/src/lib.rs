//! Everything that the server may not see: keysets, unlocking, sealing and opening, wraps, vault
//! contents, scopes.
//!
//! Pure: no I/O, no clock, no environment. Randomness is passed in, time too.

pub mod account;
pub mod card;
pub mod contents;
pub mod dotenv;
pub mod envelope;
pub mod export;
pub mod index;
pub mod invite;
pub mod key_name;
pub mod keyset;
pub mod kit;
pub mod manifest;
pub mod named_key;
pub mod order;
mod padding;
pub mod passphrase;
mod randomness;
pub mod scope;
pub mod secret_value;
pub mod service;
mod typed_key;
pub mod unicode;
pub mod vault;
pub mod vault_key;
mod wiped_text;

pub use randomness::Randomness;
