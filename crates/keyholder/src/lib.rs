//! The WebAssembly module that holds the keys: client and core behind one question-and-answer
//! interface, run in a worker so that no key is ever on the page.
//!
//! [`Desk`] answers [`Request`](subrosa_bridge::Request)s on any platform; `browser` is the
//! platform in a browser, `module` what JavaScript sees.

#[cfg(target_arch = "wasm32")]
mod browser;
mod desk;
mod import;
#[cfg(target_arch = "wasm32")]
mod module;
mod problem;
mod view;
mod watch;

#[cfg(target_arch = "wasm32")]
pub use browser::Given;
pub use desk::Desk;
#[cfg(target_arch = "wasm32")]
pub use module::Keyholder;
