//! The root key: made, kept by a person, put in force; and what a kept one is.

use subrosa_bridge::root_key::{RootKeyIs as View, RootKeySheet};
use subrosa_bridge::{Hidden, Kind, Reply};
use subrosa_client::{Error, Platform, RootKeyIs};
use subrosa_core::kit::RootKey;
use zeroize::Zeroizing;

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
        let client = self.client()?;
        let discarded = client.discard_root_key().await;
        self.changed(&client);
        discarded.map_err(|error| match error {
            Error::KeysChanged => Problem::new(
                Kind::Refused,
                "It came into force before it could be discarded.",
                "Keep its sheet. Make another one if it shall not be the root key.",
            ),
            other => problem::of(other),
        })?;
        self.root_key().await
    }

    pub(super) async fn rotate_root_key(&self, fingerprint: &str, tail: &Hidden) -> Answer {
        let client = self.client()?;
        let is_it = |key: &RootKey| sheet(key).is_ok_and(|sheet| sheet.fingerprint == fingerprint);
        let staged = client.staged_root_key().await.map_err(problem::of)?;
        if let Some(staged) = staged.filter(|staged| is_it(&staged.key)) {
            check_tail(&staged.key, tail)?;
            let rotated = client.rotate_root_key(&staged).await;
            // Also where somebody else was first: then something else is in force.
            self.changed(&client);
            match rotated {
                Ok(()) | Err(Error::NothingToDo) => {}
                Err(Error::TooLarge) => {
                    return Err(Problem::new(
                        Kind::TooLarge,
                        "This team has more vaults than can be given new keys at once.",
                        "At most 511 can. The root key stays as it is.",
                    ));
                }
                Err(error) => return Err(problem::of(error)),
            }
        }
        // One that is not staged any more may be in force: the answer was lost.
        match self.root_key().await? {
            Reply::RootKey(key) if key.fingerprint == fingerprint => Ok(Reply::RootKey(key)),
            _ => Err(Problem::new(
                Kind::Refused,
                "This root key is discarded, or about to be: another tab has done that.",
                "Nothing was changed. Keep its sheet while this page shows it; discard it to be rid \
                 of it.",
            )),
        }
    }

    pub(super) async fn check_root_key(&self, root_key: &Hidden) -> Answer {
        let (client, key) = (self.client()?, read(root_key)?);
        // It may have been replaced a moment ago. Without the server, what is known here counts.
        match client.sync().await {
            Ok(true) => self.changed(&client),
            Ok(false) | Err(Error::Unreachable(_)) => {}
            Err(error) => return Err(problem::of(error)),
        }
        let is = client.root_key_is(&key).await.map_err(problem::of)?;
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
    // From its beginning to the end: on paper it has several lines.
    let whole: Zeroizing<String> =
        Zeroizing::new(text.lines().skip_while(|line| !is_key(line)).collect());
    RootKey::read(if whole.is_empty() { text } else { &whole }).map_err(|mistyped| {
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
