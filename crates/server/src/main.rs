//! `subrosa-server`: reads the command line, logs, runs.

mod args;

use clap::Parser as _;
use subrosa_server::program;
use tracing_subscriber::EnvFilter;

use crate::args::{Args, LogForm};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    log_to_stderr(args.log);
    program::run(args.config()).await
}

fn log_to_stderr(form: LogForm) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match form {
        LogForm::Json => log.json().init(),
        LogForm::Text => log.init(),
    }
}
