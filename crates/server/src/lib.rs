//! The blob backend: stores ciphertext, orders writes, reads nothing.
//!
//! A request is extracted ([`caller`], [`body`]), makes one call of the store ([`store`]) and is
//! answered. What a caller may do is read off the team's public log ([`teams`]), whose rules are
//! those of `subrosa-wire`. There is no cipher among this crate's dependencies.

pub mod app;
pub mod body;
pub mod caller;
pub mod config;
mod connections;
pub mod console;
pub mod headers;
pub mod limits;
pub mod metrics;
pub mod origin;
pub mod problem;
pub mod program;
mod routes;
pub mod server;
pub mod sessions;
pub mod setup;
pub mod store;
pub mod teams;
mod trace;
pub mod turns;

pub use config::Config;
pub use server::{Running, Server};
