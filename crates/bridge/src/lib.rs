//! The messages between page and keyholder, and the view models in them.
//!
//! The page asks, the keyholder answers; now and then the keyholder tells something by itself.
//! Nothing here carries a key. What is secret and was asked for (a revealed value, the emergency
//! kit while it is shown) travels as [`Hidden`], which does not print itself.

pub mod account;
pub mod alarm;
mod bytes;
mod hidden;
pub mod history;
#[cfg(feature = "js")]
pub mod js;
pub mod keys;
pub mod named_keys;
pub mod people;
pub mod problem;
pub mod request;
pub mod root_key;
pub mod tree;
pub mod view;
pub mod worklist;

pub use bytes::HiddenBytes;
pub use hidden::Hidden;
pub use problem::{Kind, Problem};
pub use request::{Event, FromKeyholder, Reply, Request, ToKeyholder};
pub use tree::{Message, Tree};
