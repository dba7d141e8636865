//! Everything that the server may see: ids, canonical encoding, the team's signed log and its pure
//! reducer, and the API's messages.
//!
//! This crate can hash and can verify signatures. It cannot decrypt: no cipher is among its
//! dependencies, and a test of the workspace keeps it so.

pub mod api;
pub mod encoding;
pub mod id;
pub mod keyset;
pub mod label;
pub mod log;
pub mod object;
pub mod people;
pub mod signed;
pub mod team;

/// The only suite. Every object and every signed thing carries it; any other value is refused.
pub const SUITE: u8 = 1;

/// This client, as a team's minimum client counts: one more where an older one would do harm.
pub const CLIENT: u32 = 1;
