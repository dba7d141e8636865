//! The routes, laid out as the URLs are: each one's good path and each of its errors, against a
//! server in this process; and beneath them the store and its writer.

#![expect(clippy::unwrap_used, reason = "a test fails where its world does")]

mod account;
mod anywhere;
mod connections;
mod console;
mod disk;
mod events;
mod health;
mod joins;
mod log;
mod objects;
mod principals;
mod recovery;
mod sessions;
mod shutdown;
mod store;
mod teams;
mod world;
mod wraps;
mod writer;
