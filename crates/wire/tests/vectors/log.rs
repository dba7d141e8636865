//! `log.json`: a team's log from its genesis, and entries that do not extend it.

use serde_json::{Value, json};
use subrosa_wire::api::Wraps;
use subrosa_wire::encoding::decode_strict;
use subrosa_wire::id::VaultId;
use subrosa_wire::log::{SignedEntry, Wrap, wraps_hash};
use subrosa_wire::team::Team;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Case, Vectors, hex};

const FILE: &str = include_str!("../../../../tests/vectors/log.json");

fn entry(case: &Case<'_>) -> SignedEntry {
    decode_strict(&case.bytes("entry")).expect("a signed entry")
}

fn wraps(case: &Case<'_>) -> Vec<Wrap> {
    decode_strict::<Wraps>(&case.bytes("wraps")).expect("wraps").wraps
}

/// The state after the first `count` accepted entries.
fn after(file: &Vectors, count: u64) -> Team {
    let accepted = file.section("accepted");
    let mut team = Team::found(&entry(&accepted[0])).unwrap();
    for case in &accepted[1..count as usize] {
        team.extend(&entry(case)).unwrap();
    }
    team
}

/// The public state of all vaults, as the file writes it.
fn vaults(team: &Team) -> Value {
    let vaults = team.vaults().map(|(id, vault)| {
        let holders: Vec<String> = team.holders(id).iter().map(ToString::to_string).collect();
        let commitments: Vec<String> =
            vault.keys.iter().map(|key| key.commitment.to_string()).collect();
        let backlinks: Vec<Option<String>> =
            vault.keys.iter().skip(1).map(|key| key.backlink.map(|it| it.to_string())).collect();
        json!({
            "vault": id.to_string(),
            "created": vault.created,
            "parent": vault.parent.map(|id: VaultId| id.to_string()),
            "key_commitments": commitments,
            "backlinks": backlinks,
            "retired": vault.retired(),
            "tree": vault.tree.map(|tree| tree.to_string()),
            "commits": vault.commits,
            "tree_key_version": vault.tree_key_version,
            "oldest_live": vault.oldest_live,
            "unlost_since": vault.unlost_since,
            "holders": holders,
        })
    });
    Value::Array(vaults.collect())
}

/// The signing keys of all members, as the file writes them.
fn keys(team: &Team) -> Value {
    let keys = team.members().map(|(id, member)| {
        json!({ "member": id.to_string(), "signing": hex(&member.keyset.signing.0) })
    });
    Value::Array(keys.collect())
}

#[test]
fn the_log_is_accepted_and_means_what_is_written_here() {
    let file = Vectors::read(FILE);
    let accepted = file.section("accepted");
    let mut team = Team::found(&entry(&accepted[0])).unwrap();
    assert_eq!(team.id().to_string(), accepted[0].text("hash"));
    for case in &accepted {
        if case.number("seq") > 0 {
            let entry =
                team.extend(&entry(case)).unwrap_or_else(|e| panic!("{}: {e}", case.name()));
            assert_eq!(team.check_wraps(entry.value(), &wraps(case)), Ok(()), "{}", case.name());
        }
        let head = team.head();
        assert_eq!(
            (head.seq, head.hash.to_string()),
            (case.number("seq"), case.text("hash").into())
        );
        assert_eq!(vaults(&team), case.json("vaults"), "{}", case.name());
        assert_eq!(keys(&team), case.json("keys"), "{}", case.name());
    }
}

#[test]
fn no_other_genesis_founds_a_team() {
    for case in Vectors::read(FILE).section("genesis_refused") {
        let error = Team::found(&entry(&case)).expect_err(case.name());
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

#[test]
fn no_other_entry_extends_the_log_or_changes_the_state() {
    let file = Vectors::read(FILE);
    for case in file.section("refused") {
        let before = after(&file, case.number("after"));
        let mut team = before.clone();
        let error = team.extend(&entry(&case)).expect_err(case.name());
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
        assert!(team == before, "{}: refused, and yet it changed the state", case.name());
    }
}

#[test]
fn no_other_wraps_fit_an_entry() {
    let file = Vectors::read(FILE);
    for case in file.section("wraps_refused") {
        let mut team = after(&file, case.number("after"));
        let next = &file.section("accepted")[case.number("after") as usize];
        let entry = team.extend(&entry(next)).unwrap();
        let error = team.check_wraps(entry.value(), &wraps(&case)).expect_err(case.name());
        assert_eq!(format!("{error:?}"), case.text("error"), "{}", case.name());
    }
}

#[test]
fn the_hash_of_wraps() {
    for case in Vectors::read(FILE).section("wraps_hashes") {
        assert_eq!(wraps_hash(&wraps(&case)).to_string(), case.text("hash"), "{}", case.name());
    }
}

#[path = "log_making.rs"]
pub mod making;
