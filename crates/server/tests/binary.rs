//! The program: what it prints, and that it stops when told to.

#![cfg(unix)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use tempfile::TempDir;

#[test]
fn it_says_where_it_listens_and_stops_on_sigterm() {
    let data = TempDir::new().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_subrosa-server"))
        .args(["--listen", "127.0.0.1:0", "--log", "json", "--data"])
        .arg(data.path())
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(server.stdout.take().unwrap());
    let mut line = || {
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        line
    };
    let listening = line();
    let origin = listening.strip_prefix("listening on ").unwrap().trim_end();
    assert!(origin.starts_with("http://127.0.0.1:"), "{origin}");
    let token = std::fs::read_to_string(data.path().join("setup-token")).unwrap();
    assert_eq!(line(), format!("setup link: {origin}/setup#{token}\n"));

    let pid = server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(server.wait().unwrap().success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}
