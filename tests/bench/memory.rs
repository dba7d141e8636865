//! The memory of a server process after a load on a team of 10,000 secrets.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use subrosa_bridge::Request;
use subrosa_client::native::{Memory, Native};
use subrosa_keyholder::Desk;
use subrosa_tests::{PASSWORD, hidden, story};

use crate::http::server;
use crate::team::filled;
use crate::{Bound, report};

const SECRETS: usize = 10_000;
const READERS: usize = 20;
const BOUND: f64 = 64.0 * 1024.0;

pub fn measure() {
    let data = tempfile::tempdir().expect("a folder");
    let mut process = Command::new(std::env::current_exe().expect("this program"))
        .arg("server")
        .arg(data.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut line = String::new();
    let out = process.stdout.take().expect("its output");
    BufReader::new(out).read_line(&mut line).expect("its address");
    let (origin, token) = line.trim().split_once(' ').expect("address and token");
    story(async {
        let device = Memory::default();
        let desk = || Desk::new(Native::new(origin, device.clone()), |_| {});
        filled(&desk(), token, SECRETS).await;
        for _ in 0..READERS {
            let unlock = Request::Unlock { password: hidden(PASSWORD) };
            desk().answer(unlock).await.expect("unlocks");
        }
    });
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id()));
    let (now, most) =
        status.map(|status| (kib(&status, "VmRSS:"), kib(&status, "VmHWM:"))).expect("Linux");
    process.kill().expect("it ends");
    process.wait().expect("it has ended");
    report("the server's memory at 10,000 secrets / 64 MB", now / BOUND, Bound::AtMost(1.0));
    report("the most that it had / 64 MB", most / BOUND, Bound::None);
}

/// The other process: serves until it is ended.
pub fn serve(data: &std::path::Path) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let running = server(data).await;
        println!("{} {}", running.origin(), running.setup_token().expect("a setup token"));
        std::future::pending::<()>().await;
    });
}

fn kib(status: &str, name: &str) -> f64 {
    let line = status.lines().find(|line| line.starts_with(name)).expect("a figure");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}
