//! The root key: made, kept by a person, put in force; and what a kept one is.

use subrosa_bridge::root_key::{RootKeyIs as View, RootKeySheet};
use subrosa_bridge::{Hidden, Kind, Reply};
use subrosa_client::{Platform, RootKeyIs};
use subrosa_core::kit::RootKey;

use crate::problem::{self, Problem};
use crate::view;

use super::setup::not_kept;
use super::{Answer, Desk};

/// Characters of the root key's end that are to be retyped.
const TAIL: usize = 6;

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn root_key(&self) -> Answer {
        let client = self.client()?;
        let staged = client.staged_root_key().await.map_err(problem::of)?;
        view::root_key(&client.team(), staged.as_ref())
            .map(Reply::RootKey)
            .ok_or_else(problem::not_found)
    }

    pub(super) async fn stage_root_key(&self) -> Answer {
        let staged = self.client()?.stage_root_key().await.map_err(problem::of)?;
        sheet(&staged.key).map(Reply::RootKeySheet)
    }

    pub(super) async fn discard_root_key(&self) -> Answer {
        self.client()?.discard_root_key().await.map_err(problem::of)?;
        self.root_key().await
    }

    pub(super) async fn rotate_root_key(&self, tail: &Hidden) -> Answer {
        let client = self.client()?;
        // One that is not there any more came into force, of which the answer was lost.
        if let Some(staged) = client.staged_root_key().await.map_err(problem::of)? {
            check_tail(&staged.key, tail)?;
            client.rotate_root_key().await.map_err(problem::of)?;
            self.changed(&client);
        }
        self.root_key().await
    }

    pub(super) async fn check_root_key(&self, root_key: &Hidden) -> Answer {
        let is = self.client()?.root_key_is(&read(root_key)?).await.map_err(problem::of)?;
        Ok(Reply::RootKeyIs(match is {
            RootKeyIs::InForce => View::InForce,
            RootKeyIs::Staged => View::Staged,
            RootKeyIs::Replaced { time, .. } => View::Replaced(time),
            RootKeyIs::OfAnotherTeam => View::OfAnotherTeam,
            RootKeyIs::Unknown => View::Unknown,
        }))
    }
}

/// The root key that was typed or pasted, alone or with the rest of its file.
pub(super) fn read(text: &Hidden) -> Result<RootKey, Problem> {
    let text = text.expose();
    let is_key =
        |line: &&str| line.trim_start().get(..4).is_some_and(|it| it.eq_ignore_ascii_case("srk1"));
    let line = text.lines().find(is_key).unwrap_or(text);
    RootKey::read(line).map_err(|mistyped| {
        Problem::new(
            Kind::Mistyped,
            format!("The root key cannot be read: {mistyped}."),
            "Compare it with what was printed, from srk1_ to its end.",
        )
    })
}

/// What a person keeps of it.
pub(super) fn sheet(key: &RootKey) -> Result<RootKeySheet, Problem> {
    let fingerprint = view::root_key_fingerprint(key).ok_or_else(problem::not_found)?;
    Ok(RootKeySheet { text: Hidden::new(key.print().to_string()), fingerprint, tail: TAIL })
}

/// Whether the end of a root key was retyped as it is.
pub(super) fn check_tail(key: &RootKey, typed: &Hidden) -> Result<(), Problem> {
    let printed = key.print();
    let tail = printed.get(printed.len().saturating_sub(TAIL)..).unwrap_or_default();
    if typed.expose().trim().eq_ignore_ascii_case(tail) {
        Ok(())
    } else {
        Err(not_kept("root key"))
    }
}
