//! A server that dies, a network that fails: what was acknowledged is there, and every client finds
//! its way back by itself. `SUBROSA_SOAK=1` runs the full counts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Instant;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use subrosa_bridge::Event;
use subrosa_tests::process::{Process, Program};
use subrosa_tests::relay::{Fault, Relay};
use subrosa_tests::story;
use subrosa_tests::writers::{Devices, Writing};
use tempfile::TempDir;
use tokio::task::yield_now;

/// How much faster than the clock the clients' timers run.
const PACE: u32 = 20;
/// A fault comes before so many bytes have passed: a few writes of each device.
const BYTES: u32 = 120_000;
/// Or before the devices have been looked at so often once that byte has passed.
const TURNS: u32 = 40;

/// A server process behind a relay, and four devices that write to it.
struct Trial {
    name: &'static str,
    _data: TempDir,
    program: Program,
    server: Process,
    relay: Relay,
    devices: Devices,
    writing: Writing,
    rng: ChaCha20Rng,
    started: Instant,
}

impl Trial {
    async fn new(name: &'static str, seed: u64) -> Self {
        println!("{name}: seed {seed}");
        let data = tempfile::tempdir().unwrap();
        let relay = Relay::new().await;
        let mut program = Program {
            executable: PathBuf::from(env!("CARGO_BIN_EXE_server")),
            data: data.path().to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            origin: Some(relay.origin()),
        };
        let server = program.start().await;
        // From here on the port stays.
        program.listen = server.address();
        relay.dial(server.address());
        let devices = Devices::new(&relay.origin(), &program.setup_token(), PACE).await;
        let writing = devices.write(seed);
        let rng = ChaCha20Rng::seed_from_u64(seed);
        let started = Instant::now();
        Trial { name, _data: data, program, server, relay, devices, writing, rng, started }
    }

    /// Lets a random number of bytes pass, then has the fault happen.
    async fn wait(&mut self, fault: Fault) {
        let bytes = self.rng.next_u32() % BYTES;
        self.writing.meanwhile(self.relay.after(bytes as usize, fault)).await;
    }

    /// Every other time at once, which is in mid-request or mid-reply; otherwise a little later,
    /// while the server is at work on what it was sent.
    async fn a_little_later(&mut self) {
        if self.rng.next_u32().is_multiple_of(2) {
            return;
        }
        for _ in 0..self.rng.next_u32() % TURNS {
            yield_now().await;
        }
    }

    /// Kills the server once more, and shows that nothing is lost.
    async fn end(mut self, what: &str, count: usize) {
        let away = self.devices.times_away();
        let (told, conflicts) = (self.writing.told(), self.writing.conflicts());
        let given_up = self.writing.given_up();
        let saved = self.writing.stop().await;
        let wrote = self.started.elapsed();
        assert_eq!(told, [], "a client that has to wait does not complain");
        assert!(saved.len() > count, "{} were saved", saved.len());
        assert!(given_up * 100 <= saved.len(), "{given_up} were given up");
        assert!(away > 0, "the clients noticed");

        self.server.kill().await;
        self.program.check_database();
        self.server = self.program.start().await;
        self.devices.agree_on(&saved).await;
        self.server.terminate().await;
        self.program.check_database();
        println!(
            "{}: {count} {what}, {} acknowledged pushes, {conflicts} conflicts shown, {given_up} \
             told to try again, {away} times offline, lost 0; {:.1} s, with the checks {:.1} s",
            self.name,
            saved.len(),
            wrote.as_secs_f64(),
            self.started.elapsed().as_secs_f64(),
        );
    }
}

/// So many, or the full count.
fn count(usual: usize, full: usize) -> usize {
    if std::env::var_os("SUBROSA_SOAK").is_some() { full } else { usual }
}

#[test]
fn a_server_that_is_killed_loses_nothing_that_was_acknowledged() {
    story(async {
        let mut trial = Trial::new("kills", 1).await;
        let kills = count(200, 1000);
        for _ in 0..kills {
            trial.wait(Fault::None).await;
            trial.a_little_later().await;
            trial.server.kill().await;
            trial.server = trial.program.start().await;
        }
        trial.end("kills", kills).await;
    });
}

#[test]
fn connections_cut_in_mid_request_and_mid_reply_lose_nothing() {
    story(async {
        let mut trial = Trial::new("cuts", 2).await;
        let cuts = count(200, 1000);
        for _ in 0..cuts {
            trial.wait(Fault::Cut).await;
        }
        trial.end("connections cut", cuts).await;
    });
}

#[test]
fn connections_that_fall_silent_are_given_up() {
    story(async {
        let mut trial = Trial::new("silences", 3).await;
        let silences = count(20, 100);
        for _ in 0..silences {
            trial.wait(Fault::Silence).await;
        }
        trial.end("connections half-open", silences).await;
    });
}

#[test]
fn a_server_that_is_told_to_stop_under_load_loses_nothing() {
    story(async {
        let mut trial = Trial::new("restarts", 4).await;
        let restarts = count(20, 100);
        for _ in 0..restarts {
            trial.wait(Fault::None).await;
            trial.a_little_later().await;
            trial.server.terminate().await;
            trial.server = trial.program.start().await;
        }
        trial.end("orderly restarts", restarts).await;
    });
}

#[test]
fn a_device_that_only_watches_notices_that_its_stream_is_dead() {
    story(async {
        let trial = Trial::new("watching", 5).await;
        let laptop = trial.devices.newcomer().await;
        let watching = laptop.watch();
        let changes =
            || laptop.events().iter().filter(|event| matches!(event, Event::Changed(_))).count();
        while changes() == 0 {
            yield_now().await;
        }
        let mut saved = trial.writing.stop().await;
        let started = Instant::now();
        trial.relay.fall_silent();
        while !laptop.events().contains(&Event::Online(false)) {
            yield_now().await;
        }
        // What it is told from here on comes by another connection: those that it had are dead.
        let before = changes();
        let writing = trial.devices.write(6);
        while changes() == before {
            yield_now().await;
        }
        println!("watching: found out and back after {:.1} s", started.elapsed().as_secs_f64());
        saved.extend(writing.stop().await);
        watching.abort();
        trial.devices.agree_on(&saved).await;
    });
}
