//! Every short log of a small team, against what the log promises.
//!
//! [`log`] explores all logs that begin alike: at each state everybody tries everything on the
//! [`menu`], by signed entries through the reducer itself, and [`past`] judges what that made by an
//! account of its own. [`forks`] gives two clients' entries to a server that shows each what it likes.
//! Vault keys are symbols: who is a holder where a key is made, or later by the log of whoever brings
//! wraps, has it, and by its backlink those before. What members in good standing tell others is
//! promised by nobody, and not followed.
//!
//! Not explored: what another genesis or another entry 1 does, whether wraps are complete, weak keys,
//! and the limits on sizes and numbers. The reducer's own tests have these.

pub mod cast;
pub mod deed;
pub mod forks;
pub mod log;
pub mod menu;
pub mod past;
pub mod promises;
pub mod run;
