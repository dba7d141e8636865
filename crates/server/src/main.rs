//! `subrosa-server`: starts, says where it listens, stops when told to.

mod args;

use anyhow::Context as _;
use clap::Parser as _;
use subrosa_server::{Running, Server};
use tracing_subscriber::EnvFilter;

use crate::args::{Args, LogForm};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    log_to_stderr(args.log);
    let told_to_stop = told_to_stop()?;
    let running = Server::start(args.config()).await?;
    announce(&running);
    told_to_stop.await;
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

/// Waits for signals from when it is made: nothing that is told before the wait is missed.
#[cfg(unix)]
fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let cannot = "cannot wait for signals";
    let mut terminate = signal(SignalKind::terminate()).context(cannot)?;
    let mut interrupt = signal(SignalKind::interrupt()).context(cannot)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut pressed = tokio::signal::windows::ctrl_c().context("cannot wait for signals")?;
    Ok(async move {
        pressed.recv().await;
    })
}
