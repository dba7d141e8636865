//! Keys of vaults: what uses them, and their rotation.

use subrosa_bridge::keys::{Outcome, Rotated, RotationStep};
use subrosa_bridge::{Event, Kind, Reply};
use subrosa_client::{self as client, Change, Error, Needed, Platform, Progress, TeamClient};
use subrosa_core::vault::{Earlier, Edit};
use subrosa_wire::id::VaultId;

use crate::{
    problem::{self, Problem},
    view,
};

use super::{Answer, Desk, Rotating, vault_id};

/// How many of the secrets that hold a key back are shown.
const SHOWN: usize = 100;

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) fn uses_of_key(&self, vault: &str, version: u32, limit: usize) -> Answer {
        let client = self.client()?;
        let uses = view::key_uses(&client.contents(), vault_id(vault)?, version, limit);
        uses.map(Reply::Secrets).ok_or_else(problem::not_found)
    }

    pub(super) async fn rotate(
        &self,
        vaults: &[String],
        step: RotationStep,
        drop_earlier: bool,
    ) -> Answer {
        let client = self.client()?;
        let mut ids = Vec::new();
        for vault in vaults {
            let id = vault_id(vault)?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        if self.rotating.get() != Rotating::No {
            let message = "A rotation is running in this tab already.";
            return Err(Problem::new(Kind::Refused, message, "Wait for it, or pause it."));
        }
        self.rotating.set(Rotating::Runs);
        let earlier = if drop_earlier { Earlier::Drop } else { Earlier::Reencrypt };
        let rotated = self.rotate_by(&client, &ids, step, earlier).await;
        self.rotating.set(Rotating::No);
        if self.is_open(&client) {
            self.changed(&client);
        }
        let rotated = rotated?;
        Ok(Reply::Rotated(
            ids.iter().zip(rotated).map(|(id, it)| shown(&client, *id, it)).collect(),
        ))
    }

    async fn rotate_by(
        &self,
        client: &TeamClient<P>,
        vaults: &[VaultId],
        step: RotationStep,
        earlier: Earlier,
    ) -> Result<Vec<client::Outcome>, Problem> {
        if matches!(step, RotationStep::All | RotationStep::Finish | RotationStep::Reencrypt) {
            // After a removal they come first: what is encrypted from then on is not for who left.
            for vault in vaults {
                self.renew_named_keys(client, *vault).await?;
            }
        }
        self.step(client, vaults, step, earlier).await.map_err(problem::of)
    }

    async fn step(
        &self,
        client: &TeamClient<P>,
        vaults: &[VaultId],
        step: RotationStep,
        earlier: Earlier,
    ) -> Result<Vec<client::Outcome>, Error> {
        let go_on = |progress: Progress| {
            // Another team is open here by now, or none: it stops, and may be gone on with.
            if !self.is_open(client) {
                return false;
            }
            let Progress { vault, done, total } = progress;
            let what = client.contents().vault(vault).map(|it| view::name(&client.contents(), it));
            (self.told)(Event::Progress { what: what.unwrap_or_default(), done, total });
            self.changed(client);
            self.rotating.get() == Rotating::Runs
        };
        let mut outcomes = Vec::new();
        match step {
            RotationStep::All => return client.rotate(vaults, earlier, &go_on).await,
            RotationStep::Finish => return client.finish_all(vaults, earlier, &go_on).await,
            RotationStep::Rekey => {
                client.rekey(vaults).await?;
                outcomes.extend(vaults.iter().map(|_| client::Outcome::Retired));
            }
            RotationStep::Reencrypt => {
                for vault in vaults {
                    let whole = client.reencrypt(*vault, earlier, &[], &go_on).await?;
                    let outcome =
                        if whole { client::Outcome::Retired } else { client::Outcome::Paused };
                    outcomes.push(outcome);
                }
            }
            RotationStep::Retire => {
                for vault in vaults {
                    outcomes.push(match client.retire(*vault).await {
                        Ok(()) => client::Outcome::Retired,
                        Err(Error::Needed(needed)) => client::Outcome::Held(needed),
                        Err(other) => return Err(other),
                    });
                }
            }
        }
        Ok(outcomes)
    }

    pub(super) fn pause_rotation(&self) -> Answer {
        if self.rotating.get() == Rotating::Runs {
            self.rotating.set(Rotating::Pausing);
        }
        Ok(Reply::Done)
    }

    pub(super) async fn rotate_after(&self, vault: &str, days: Option<u16>) -> Answer {
        let client = self.client()?;
        let edit = Edit::RotateAfter(days.filter(|days| *days > 0));
        self.push(&client, Change::edits(vault_id(vault)?, vec![edit])).await?;
        Ok(Reply::Done)
    }
}

fn shown<P: Platform>(client: &TeamClient<P>, id: VaultId, outcome: client::Outcome) -> Rotated {
    let contents = client.contents();
    let vault = contents.vault(id);
    let outcome = match outcome {
        client::Outcome::Retired => Outcome::Done,
        client::Outcome::Paused => Outcome::Paused,
        client::Outcome::Held(Needed { secrets, pages }) => {
            let rows = secrets.iter().take(SHOWN).filter_map(|id| {
                let vault = vault?;
                view::shown(&contents, vault, vault.record(*id)?)
            });
            Outcome::Held { secrets: rows.collect(), pages }
        }
        client::Outcome::NotOpen(error) => Outcome::NotOpen(problem::of(error).into()),
    };
    let name = vault.map(|vault| view::name(&contents, vault)).unwrap_or_default();
    Rotated { vault: id.to_string(), name, outcome }
}
