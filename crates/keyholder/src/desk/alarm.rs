//! Alarms, with their export and their exit; and keys that have changed.

use subrosa_bridge::alarm::Compared;
use subrosa_bridge::{Hidden, Kind, Reply};
use subrosa_client::{self as client, Platform};
use subrosa_core::keyset;
use subrosa_core::kit::read_checkpoint;
use subrosa_wire::id::{Hash, MemberId, TeamId};

use crate::problem::{self, Problem};
use crate::view;

use super::{Answer, Desk};

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn alarms(&self) -> Answer {
        let open = self.client().ok();
        if let Some(open) = &open {
            open.look_at_alarm().await.map_err(problem::of)?;
        }
        let alarms = client::alarms(&self.platform).await.map_err(problem::of)?;
        let shown = alarms.iter().map(|(team, it)| view::alarm(open.as_deref(), *team, it));
        Ok(Reply::Alarms(shown.collect()))
    }

    pub(super) async fn alarm_evidence(&self, team: &str) -> Answer {
        let alarms = client::alarms(&self.platform).await.map_err(problem::of)?;
        let found = alarms.iter().find(|(id, _)| id.to_string() == team);
        let (team, evidence) = found.ok_or_else(problem::not_found)?;
        Ok(Reply::Text(Hidden::new(evidence.file(*team))))
    }

    pub(super) async fn clear_alarm(&self, team: &str, alarm: &str) -> Answer {
        let team: TeamId = team.parse().map_err(|_| problem::not_found())?;
        let alarm: Hash = alarm.parse().map_err(|_| problem::not_found())?;
        let stands = client::clear_alarm(&self.platform, team, alarm).await.map_err(problem::of)?;
        if let Some(open) = self.client().ok().filter(|open| !stands && open.team().id() == team) {
            open.forgive();
        }
        self.alarms().await
    }

    pub(super) async fn act_all_the_same(&self, alarm: &str) -> Answer {
        let client = self.client()?;
        let alarm: Hash = alarm.parse().map_err(|_| problem::not_found())?;
        client.act_all_the_same(alarm).map_err(problem::of)?;
        self.alarms().await
    }

    pub(super) async fn compare_checkpoint(&self, checkpoint: &str) -> Answer {
        let client = self.client()?;
        let place = read_checkpoint(checkpoint.trim()).ok_or_else(|| {
            let message = "This is no checkpoint.";
            let next = "It is a number, a colon and 64 digits from 0 to f. Have your colleague copy \
                        it in Settings.";
            Problem::new(Kind::Mistyped, message, next)
        })?;
        let compared = client.compare(place).await.map_err(problem::of)?;
        Ok(Reply::Compared(match compared {
            client::Compared::Same => Compared::Same,
            client::Compared::Ahead => Compared::Ahead,
            client::Compared::Different => Compared::Different,
        }))
    }

    pub(super) async fn changed_keys(&self) -> Answer {
        let client = self.client()?;
        let changed = client.changed_keys().await.map_err(problem::of)?;
        Ok(Reply::ChangedKeys(view::changed_keys(&client, &changed)))
    }

    pub(super) async fn keys_compared(&self, member: &str, fingerprint: &str) -> Answer {
        let client = self.client()?;
        let member: MemberId = member.parse().map_err(|_| problem::not_found())?;
        let compared = client.compared_keys(member, |it| keyset::of_public(it) == fingerprint);
        compared.await.map_err(problem::of)?;
        self.changed_keys().await
    }
}
