//! A server as a process of its own, to be ended in every way.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use tokio::task::spawn_blocking;

/// How such a process is started: where it listens is the same every time.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub executable: PathBuf,
    /// Its folder.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The origin that clients dial, where it is not where the server listens.
    pub origin: Option<String>,
}

/// A server that runs. Dropping kills it.
pub struct Process {
    child: Child,
    address: SocketAddr,
    // A server whose output nobody takes would end at its next line.
    _stdout: BufReader<ChildStdout>,
}

impl Program {
    /// Starts it, and waits until it listens.
    pub async fn start(&self) -> Process {
        let program = self.clone();
        spawn_blocking(move || program.start_here()).await.expect("the server starts")
    }

    fn start_here(&self) -> Process {
        let mut child = Command::new(&self.executable)
            .arg(self.listen.to_string())
            .arg(&self.data)
            .args(&self.origin)
            // It ends with its input: also if the story is killed.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        let address = line.trim_end().strip_prefix("listening on http://");
        let address = address.and_then(|address| address.parse().ok());
        let address = address.unwrap_or_else(|| panic!("it listens: {line:?}"));
        Process { child, address, _stdout: stdout }
    }

    /// The token of the setup link.
    pub fn setup_token(&self) -> String {
        std::fs::read_to_string(self.data.join("setup-token")).expect("the setup link is unused")
    }

    /// Asks SQLite whether the database of a server that does not run is whole.
    pub fn check_database(&self) {
        let database = self.data.join("subrosa.db");
        assert!(database.exists(), "{}", database.display());
        assert_eq!(integrity(&database), "ok");
    }
}

fn integrity(database: &Path) -> String {
    let database = rusqlite::Connection::open(database).expect("the database opens");
    database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("an answer")
}

impl Process {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().expect("killed");
        self.gone().await;
    }

    /// SIGTERM, and waits until it has ended by itself.
    pub async fn terminate(self) {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        assert!(told.success());
        assert!(self.gone().await.success(), "an orderly end");
    }

    async fn gone(mut self) -> ExitStatus {
        spawn_blocking(move || self.child.wait().expect("it ends")).await.expect("it is waited for")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
