//! Every short log of a small team, against what the log promises.
pub mod cast;
pub mod deed;
pub mod log;
pub mod menu;
pub mod past;
pub mod promises;
pub mod run;
