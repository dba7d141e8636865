//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use subrosa_server::Config;
use subrosa_server::origin::Origin;

/// The blob backend: stores ciphertext, orders writes, reads nothing.
#[derive(Parser)]
#[command(version)]
pub struct Args {
    /// Where to listen; port 0 for any that is free.
    #[arg(long, default_value = "127.0.0.1:7373", value_name = "ADDR:PORT")]
    listen: SocketAddr,
    /// The folder that holds everything.
    #[arg(long, default_value = "./subrosa-data", value_name = "DIR")]
    data: PathBuf,
    /// The origin that clients dial [default: http://127.0.0.1:PORT].
    #[arg(long, value_name = "ORIGIN")]
    public_url: Option<Origin>,
    /// A built console to serve, rather than the embedded one.
    #[arg(long, value_name = "DIR")]
    console: Option<PathBuf>,
    /// Print a setup link for another team, if none is open.
    #[arg(long)]
    new_team: bool,
    /// A proxy in front names the client's address in X-Forwarded-For.
    #[arg(long)]
    trust_proxy: bool,
    /// The form of the log, which goes to stderr; RUST_LOG sets how much of it.
    #[arg(long, value_enum, default_value = "text")]
    pub log: LogForm,
}

/// The form of the log.
#[derive(Clone, Copy, ValueEnum)]
pub enum LogForm {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Args {
    /// What the server is told.
    pub fn config(self) -> Config {
        let Args { listen, data, public_url, console, new_team, trust_proxy, log: _ } = self;
        Config { public_url, console, new_team, trust_proxy, ..Config::new(listen, data) }
    }
}
