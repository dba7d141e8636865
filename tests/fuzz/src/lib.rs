//! What arbitrary bytes do to everything that reads them: one module for each target.
//!
//! A target takes any bytes and panics where a promise is broken. The programs in `programs`,
//! which need nightly Rust, have libFuzzer call it; `tests/corpus.rs` replays the kept inputs and
//! the vectors through it in every test run. `corpus` has, for each target, what was cut from
//! `tests/vectors` and the inputs that reach most besides: at most 50 of at most 4 KB. What breaks
//! a promise is kept there too.

pub mod bridge;
#[path = "../../../crates/core/tests/vectors/by_hand.rs"]
#[allow(dead_code, reason = "a target needs only a part of it")]
mod by_hand;
pub mod dotenv;
mod input;
pub mod log;
pub mod manifest;
pub mod messages;
pub mod opening;
pub mod typed;

/// A target: its name, which is its corpus' too, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 7] = [
    ("messages", messages::run),
    ("opening", opening::run),
    ("log", log::run),
    ("manifest", manifest::run),
    ("dotenv", dotenv::run),
    ("typed", typed::run),
    ("bridge", bridge::run),
];
