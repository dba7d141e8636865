//! A team's log as a file, and the second verifier, which is in Python (`tests/verifier`).
//!
//! `cargo xtask test` sets up its Python and names it; without that only the file is looked at.

use std::process::Command;

use subrosa_bridge::people::{Access, Role};
use subrosa_bridge::{Reply, Request};
use subrosa_tests::{Person, Stage, story, text};

const PYTHON: &str = "SUBROSA_VERIFIER_PYTHON";

async fn trail(who: &Person) -> String {
    text(who.ask(Request::Trail).await.unwrap())
}

async fn checkpoint(who: &Person) -> String {
    match who.ask(Request::Overview).await {
        Ok(Reply::Overview(overview)) => overview.checkpoint,
        other => panic!("{other:?}"),
    }
}

/// What the verifier says of a trail, if there is one here.
fn verified(trail: &str, checkpoint: &str) -> Option<Result<String, String>> {
    let python = std::env::var_os(PYTHON)?;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trail");
    std::fs::write(&file, trail).unwrap();
    let verifier = concat!(env!("CARGO_MANIFEST_DIR"), "/verifier/subrosa_trail.py");
    let ran = Command::new(python).arg(verifier).arg(file).arg(checkpoint).output().unwrap();
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Some(if ran.status.success() { Ok(said(ran.stdout)) } else { Err(said(ran.stderr)) })
}

#[test]
fn a_teams_whole_life_is_verified_by_another_program_and_no_change_of_it_is() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let scopes = ada.scopes().await;
        ada.set(&scopes[1], "KEY", "value").await.unwrap();
        let bob = stage.desk();
        let access = ada.access(&[("billing / production", Role::Writer)]).await;
        ada.lets_in(&bob, "Bob", access).await;
        bob.set(&scopes[1], "BOBS", "value").await.unwrap();
        let carol = stage.desk();
        ada.lets_in(&carol, "Carol", Access::Owner).await;
        carol.set_role("Bob", "billing / production", Some(Role::Manager)).await.unwrap();
        carol.remove("Bob").await.unwrap();

        let whole = trail(&carol).await;
        let at = checkpoint(&carol).await;
        let lines: Vec<&str> = whole.lines().collect();
        let entries = lines.len() - 1;
        assert!(entries > 12 && lines[0].starts_with("subrosa-trail:1:"), "{entries} entries");
        assert!(!whole.contains("Bob") && whole.ends_with('\n'));
        let Some(said) = verified(&whole, &at) else { return };
        let said = said.unwrap();
        assert!(said.contains(&format!("verified: {entries} entries, head {at}")), "{said}");
        for what in ["founds the team", "invites", "adds", "lets", "removes", "gives vault"] {
            assert!(said.contains(what), "{what}: {said}");
        }

        // One digit of any entry; one that is left out, doubled, or in another's place; the end.
        let text =
            |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let mut bad = Vec::new();
        for number in 1..lines.len() {
            let mut other = lines.clone();
            let middle = lines[number].len() / 2;
            let digit = if lines[number].as_bytes()[middle] == b'0' { "1" } else { "0" };
            let mut changed = lines[number].to_owned();
            changed.replace_range(middle..=middle, digit);
            other[number] = &changed;
            bad.push((format!("a digit of {number}"), text(&other)));
            let mut other = lines.clone();
            other.remove(number);
            bad.push((format!("without {number}"), text(&other)));
        }
        let mut other = lines.clone();
        other.swap(3, 4);
        bad.push(("swapped".into(), text(&other)));
        bad.push(("cut".into(), whole[..whole.len() - 9].to_owned()));
        for (what, trail) in bad {
            assert!(verified(&trail, &at).unwrap().is_err(), "{what}");
        }
    });
}
