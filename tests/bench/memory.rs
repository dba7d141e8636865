//! The memory of a server process after a load on a team of 10,000 secrets.

use std::net::Ipv4Addr;

use subrosa_bridge::Request;
use subrosa_client::native::{Memory, Native};
use subrosa_keyholder::Desk;
use subrosa_tests::process::Program;
use subrosa_tests::{PASSWORD, hidden, story};

use crate::team::filled;
use crate::{Bound, report};

const SECRETS: usize = 10_000;
const READERS: usize = 20;
const BOUND: f64 = 64.0 * 1024.0;

pub fn measure() {
    let data = tempfile::tempdir().expect("a folder");
    let program = Program {
        // Built together with this one.
        executable: std::env::current_exe().expect("this program").with_file_name("server"),
        data: data.path().to_owned(),
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        origin: None,
    };
    story(async {
        let server = program.start().await;
        let origin = format!("http://{}", server.address());
        let device = Memory::default();
        let desk = || Desk::new(Native::new(&origin, device.clone()), |_| {});
        filled(&desk(), &program.setup_token(), SECRETS).await;
        for _ in 0..READERS {
            let unlock = Request::Unlock { password: hidden(PASSWORD), team: None };
            desk().answer(unlock).await.expect("unlocks");
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id()));
        let (now, most) =
            status.map(|status| (kib(&status, "VmRSS:"), kib(&status, "VmHWM:"))).expect("Linux");
        report("the server's memory at 10,000 secrets / 64 MB", now / BOUND, Bound::AtMost(1.0));
        report("the most that it had / 64 MB", most / BOUND, Bound::None);
    });
}

fn kib(status: &str, name: &str) -> f64 {
    let line = status.lines().find(|line| line.starts_with(name)).expect("a figure");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}
