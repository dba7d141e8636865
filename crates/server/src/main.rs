//! `subrosa-server`: starts, says where it listens, stops when told to.

mod args;

use anyhow::Context as _;
use clap::Parser as _;
use subrosa_server::{Running, Server};
use tokio::signal;
use tracing_subscriber::EnvFilter;

use crate::args::{Args, LogForm};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    log_to_stderr(args.log);
    let running = Server::start(args.config()).await?;
    announce(&running);
    told_to_stop().await?;
    running.shutdown().await;
    Ok(())
}

fn log_to_stderr(form: LogForm) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match form {
        LogForm::Json => log.json().init(),
        LogForm::Text => log.init(),
    }
}

#[expect(clippy::print_stdout, reason = "these two lines are the program's output")]
fn announce(running: &Running) {
    println!("listening on http://{}", running.address());
    if let Some(token) = running.setup_token() {
        println!("setup link: {}/setup#{token}", running.origin());
    }
}

#[cfg(unix)]
async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal::unix::signal(signal::unix::SignalKind::terminate())
        .context("cannot wait for signals")?;
    tokio::select! {
        pressed = signal::ctrl_c() => pressed.context("cannot wait for signals"),
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn told_to_stop() -> anyhow::Result<()> {
    signal::ctrl_c().await.context("cannot wait for signals")
}
