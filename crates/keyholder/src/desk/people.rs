//! Who belongs to the team: invites, roles and removal, for those who are in.

use subrosa_bridge::people::{Access, Grant, RoleChange};
use subrosa_bridge::{Hidden, Kind, Reply};
use subrosa_client::{Error, Platform, TeamClient, Wish};
use subrosa_core::keyset;
use subrosa_core::order;
use subrosa_wire::id::{InviteId, MemberId};
use subrosa_wire::keyset::PublicKeyset;
use subrosa_wire::people as wire;

use crate::problem::{self, Problem};
use crate::view;

use super::{Answer, Desk, check_name, vault_id};

const DAY: u64 = 24 * 60 * 60 * 1000;
/// For how many days an invite may be open.
const MOST_DAYS: u32 = 90;
/// For how many days a machine's token may work, where it has an end.
const MOST_DAYS_OF_TOKEN: u32 = 3650;

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn people(&self) -> Answer {
        let client = self.client()?;
        match client.look_beside().await {
            // What is known here is shown.
            Ok(()) | Err(Error::Unreachable(_)) => {}
            Err(error) => return Err(problem::of(error)),
        }
        let uses = client.last_uses().await.ok();
        Ok(Reply::People(view::people(&client, uses.as_deref())))
    }

    pub(super) async fn trail(&self) -> Answer {
        let trail = self.client()?.trail().await.map_err(problem::of)?;
        Ok(Reply::Text(Hidden::new(trail)))
    }

    pub(super) async fn invite(&self, name: &str, access: Access, days: u32) -> Answer {
        check_name(name)?;
        if !(1..=MOST_DAYS).contains(&days) {
            let message = format!("An invite can be used for 1 to {MOST_DAYS} days.");
            return Err(Problem::new(Kind::BadName, message, "Choose fewer days."));
        }
        let client = self.client()?;
        let (access, replaced) = match access {
            Access::Owner => (wire::Access::Owner, None),
            Access::Member(grants) => (wire::Access::Member(granted(grants)?), None),
            Access::Replace(member) => (wire::Access::Replace, Some(member_id(&member)?)),
        };
        let expires = client.platform().now() + u64::from(days) * DAY;
        let link = client.invite(name, access, replaced, expires).await;
        self.changed(&client);
        let link = link.map_err(problem::of)?;
        let address = format!("{}/join#{}", client.platform().origin(), *link.print());
        Ok(Reply::Text(Hidden::new(address)))
    }

    pub(super) async fn add_machine(
        &self,
        name: &str,
        grants: Vec<Grant>,
        days: Option<u32>,
    ) -> Answer {
        check_name(name)?;
        if days.is_some_and(|days| !(1..=MOST_DAYS_OF_TOKEN).contains(&days)) {
            let message = format!("A token can work for 1 to {MOST_DAYS_OF_TOKEN} days.");
            return Err(Problem::new(Kind::BadName, message, "Choose fewer days, or no end."));
        }
        let client = self.client()?;
        let wire::Grants(grants) = granted(grants)?;
        let expires = days.map(|days| client.platform().now() + u64::from(days) * DAY);
        let token = client.add_machine(name, grants, expires).await;
        self.changed(&client);
        Ok(Reply::Text(Hidden::new(token.map_err(problem::of)?.print().to_string())))
    }

    pub(super) async fn cancel_invite(&self, invite: &str) -> Answer {
        let client = self.client()?;
        let id: InviteId = invite.parse().map_err(|_| problem::not_found())?;
        let whose = {
            let team = client.team();
            team.invite(id).map(|open| {
                let there = team.member(open.invite.member);
                (open.invite.member, there.map(|member| member.keyset.signing))
            })
        };
        match whose {
            Some((member, keys)) => {
                self.fulfil(&client, vec![Wish::Cancel(id, member, keys)]).await
            }
            None => self.people().await,
        }
    }

    /// Lets in whoever waits with the keys of these eight words.
    pub(super) async fn admit(&self, invite: &str, fingerprint: &str) -> Answer {
        let client = self.client()?;
        let id: InviteId = invite.parse().map_err(|_| problem::not_found())?;
        client.look_beside().await.map_err(problem::of)?;
        let it = |keys: &PublicKeyset| keyset::of_public(keys) == fingerprint;
        let found = {
            let door = client.at_the_door();
            let found = door.iter().find(|at| at.invite == id && it(&at.join.keyset));
            found.map(|at| at.join.clone())
        };
        let in_already = client.team().members().any(|(_, member)| it(&member.keyset));
        match found {
            Some(join) => self.fulfil(&client, vec![Wish::Admit(Box::new(join))]).await,
            None if in_already => self.people().await,
            None => Err(problem::of(Error::InviteGone)),
        }
    }

    pub(super) async fn set_roles(&self, changes: Vec<RoleChange>) -> Answer {
        let client = self.client()?;
        let wish = |change: RoleChange| {
            let (member, vault) = (member_id(&change.member)?, vault_id(&change.vault)?);
            let (from, to) = (change.from.map(view::role), change.to.map(view::role));
            Ok(Wish::Role(subrosa_client::RoleChange { member, vault, from, to }))
        };
        let wishes = changes.into_iter().map(wish).collect::<Result<_, Problem>>()?;
        self.fulfil(&client, wishes).await
    }

    pub(super) async fn make_owner(&self, member: &str) -> Answer {
        let client = self.client()?;
        self.fulfil(&client, vec![Wish::Promote(member_id(member)?)]).await
    }

    pub(super) async fn remove(&self, members: &[String], staying: &[String]) -> Answer {
        let client = self.client()?;
        let of = members.iter().map(|it| member_id(it)).collect::<Result<Vec<_>, _>>()?;
        let staying = staying.iter().map(|it| member_id(it)).collect::<Result<Vec<_>, _>>()?;
        let done = client.remove(&of, &staying).await;
        self.done(&client, done).await
    }

    async fn fulfil(&self, client: &TeamClient<P>, wishes: Vec<Wish>) -> Answer {
        let done = client.fulfil(wishes).await;
        self.done(client, done).await
    }

    async fn done(&self, client: &TeamClient<P>, done: Result<(), Error>) -> Answer {
        // Also where somebody else was first.
        self.changed(client);
        match done {
            Ok(()) | Err(Error::NothingToDo) => self.people().await,
            Err(error) => Err(problem::of(error)),
        }
    }
}

fn member_id(member: &str) -> Result<MemberId, Problem> {
    member.parse().map_err(|_| problem::not_found())
}

fn granted(grants: Vec<Grant>) -> Result<wire::Grants, Problem> {
    let grant = |grant: Grant| {
        Ok(wire::Grant { vault: vault_id(&grant.vault)?, role: view::role(grant.role) })
    };
    let mut grants = grants.into_iter().map(grant).collect::<Result<Vec<_>, Problem>>()?;
    order::sort_by_key(&mut grants, |grant| grant.vault);
    Ok(wire::Grants(grants))
}
