//! A server as a process: starts, says where it listens, stops when told to.

use anyhow::Context as _;

use crate::config::Config;
use crate::server::{Running, Server};

/// Runs a server until SIGTERM or SIGINT.
///
/// # Errors
/// If it does not start.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let told_to_stop = told_to_stop()?;
    let running = Server::start(config).await?;
    announce(&running);
    told_to_stop.await;
    running.shutdown().await;
    Ok(())
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
