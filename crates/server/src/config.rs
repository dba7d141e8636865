//! What the server is told at its start.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::origin::Origin;

/// The server's configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 for any that is free.
    pub listen: SocketAddr,
    /// The folder that holds everything.
    pub data: PathBuf,
    /// The origin that clients dial. By default `http://127.0.0.1` with the actual port.
    pub public_url: Option<Origin>,
    /// A built console to serve, rather than the embedded one.
    pub console: Option<PathBuf>,
    /// Whether another team shall be founded: with a setup link of its own.
    pub new_team: bool,
    /// How long a session lasts.
    pub session: Duration,
    /// A principal's requests, over all its sessions.
    pub principal_rate: Rate,
    /// An address' requests without a session: challenges, sign-ins, the foundation.
    pub address_rate: Rate,
    /// Whether a proxy in front names the client's address in `X-Forwarded-For`.
    pub trust_proxy: bool,
    /// The most bytes that a team may store.
    pub quota: u64,
    /// The most connections at once.
    pub connections: usize,
    /// The most event streams at once.
    pub streams: usize,
    /// The most pages of 4 KiB that the database may have: a small disk, for tests.
    pub max_pages: Option<u32>,
}

/// How often something may be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// In the long run.
    pub per_second: u32,
    /// At once, after a pause.
    pub burst: u32,
}

impl Config {
    /// The defaults, with this data folder.
    #[must_use]
    pub fn new(listen: SocketAddr, data: PathBuf) -> Self {
        Config {
            listen,
            data,
            public_url: None,
            console: None,
            new_team: false,
            session: Duration::from_secs(15 * 60),
            principal_rate: Rate { per_second: 50, burst: 200 },
            address_rate: Rate { per_second: 5, burst: 40 },
            trust_proxy: false,
            quota: 1 << 30,
            connections: 8192,
            streams: 4096,
            max_pages: None,
        }
    }
}
