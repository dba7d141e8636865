//! `people.json`: what a small team is asked for at random, entry after entry, and what is taken.
//!
//! Two implementations that differ in any rule soon differ in what they take, and then in all that
//! follows.

use serde_json::{Value, json};
use subrosa_wire::encoding::decode_strict;
use subrosa_wire::log::SignedEntry;
use subrosa_wire::team::{Role, Team};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::file::{Case, Vectors, hex};

const FILE: &str = include_str!("../../../../tests/vectors/people.json");

fn entry(case: &Case<'_>) -> SignedEntry {
    decode_strict(&case.bytes("entry")).expect("a signed entry")
}

/// Who is in the team, and what whom of them may open, as the file writes it.
fn people(team: &Team) -> Value {
    let roles = |id| {
        let held = team.vaults().filter_map(|(vault, public)| {
            let role = *public.grants.get(&id)?;
            Some(json!({ "vault": vault.to_string(), "role": role as u8 }))
        });
        held.collect::<Vec<_>>()
    };
    let members = team.members().map(|(id, member)| {
        json!({
            "member": id.to_string(),
            "owner": member.role == Role::Owner,
            "signing": hex(&member.keyset.signing.0),
            "roles": roles(id),
        })
    });
    json!({
        "members": members.collect::<Vec<_>>(),
        "invites": team.invites().map(|(id, _)| id.to_string()).collect::<Vec<_>>(),
        "unlost_since": team.vaults().map(|(_, vault)| vault.unlost_since).collect::<Vec<_>>(),
        "minimum_client": team.minimum_client(),
    })
}

#[test]
fn what_is_asked_for_at_random_is_taken_or_refused_as_written_here() {
    let file = Vectors::read(FILE);
    let mut team: Option<Team> = None;
    for case in file.section("asked") {
        let before = team.clone();
        let taken = match &mut team {
            None => Team::found(&entry(&case)).map(|founded| team = Some(founded)),
            Some(team) => team.extend(&entry(&case)).map(drop),
        };
        let error = taken.err().map(|error| format!("{error:?}"));
        assert_eq!(error.as_deref(), case.has("error").then(|| case.text("error")));
        assert!(error.is_none() || team == before, "refused, and yet it changed the state");
    }
    let end = file.section("end");
    assert_eq!(people(&team.unwrap()), end[0].json("people"));
}

#[path = "people_making.rs"]
pub mod making;
