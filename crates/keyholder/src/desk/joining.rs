//! Joining a team by an invite's link, and the account's seats.

use std::rc::Rc;

use subrosa_bridge::people::{Invitation as View, Seat, Waiting};
use subrosa_bridge::{Hidden, Kind, Reply};
use subrosa_client::{Door, Invitation, Platform, Unlocked};
use subrosa_core::invite::Link;

use crate::problem::{self, Problem};
use crate::view;

use super::setup::{Of, check_password};
use super::{Answer, Desk, Stage};

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn open_invite(&self, link: &Hidden) -> Answer {
        let link = Link::of_address(link.expose()).map_err(|mistyped| {
            Problem::new(
                Kind::Mistyped,
                format!("This invite's link cannot be read: {mistyped}."),
                "Copy the whole link again, to its end.",
            )
        })?;
        let invitation = Invitation::open(self.platform.clone(), link).await;
        let invitation = invitation.map_err(problem::of)?;
        let invite = &invitation.invite().invite;
        let shown = View {
            team: invitation.team().id().to_string(),
            access: view::access(invite),
            expires: view::time(invite.expires),
        };
        *self.invitation.borrow_mut() = Some(Rc::new(invitation));
        Ok(Reply::Invitation(shown))
    }

    /// Makes an account to join with.
    pub(super) fn begin_join(&self, password: &Hidden) -> Answer {
        self.is_free()?;
        check_password(password)?;
        let invitation = self.invited()?;
        let joining = invitation.prepare(password.expose()).map_err(problem::of)?;
        let kit = joining.kit();
        self.shown(Of::Invitee(Box::new(joining)), &kit, String::new(), None)
    }

    /// Joins with the account that is open here.
    pub(super) async fn join(&self) -> Answer {
        let (client, invitation) = (self.client()?, self.invited()?);
        let waiting = client.join(&invitation).await.map_err(problem::of)?;
        *self.invitation.borrow_mut() = None;
        Ok(Reply::Waiting(waits(&waiting)))
    }

    /// Looks whether one was let in.
    pub(super) async fn knock(&self) -> Answer {
        let Some(door) = self.door() else { return self.here() };
        let unlocked = door.knock().await;
        // Somebody may have gone to another team from here meanwhile.
        match self.door() {
            Some(now) if Rc::ptr_eq(&now, &door) => {
                unlocked.map(|it| self.unlocked(it)).map_err(problem::of)
            }
            _ => self.here(),
        }
    }

    /// The team that is open here, or the door.
    fn here(&self) -> Answer {
        match self.door() {
            Some(door) => Ok(Reply::Waiting(waits(door.waiting()))),
            None => Ok(Reply::Overview(view::overview(&*self.client()?))),
        }
    }

    fn door(&self) -> Option<Rc<Door<P>>> {
        match &*self.stage.borrow() {
            Stage::Door(door) => Some(door.clone()),
            Stage::Open(_) | Stage::Idle | Stage::Recovering(_) | Stage::Draft(_) => None,
        }
    }

    pub(super) async fn seats(&self) -> Answer {
        let seats = match self.door() {
            Some(door) => door.seats().await,
            None => self.client()?.seats().await,
        };
        let seats = seats.map_err(problem::of)?;
        let shown = |it: subrosa_client::Seat| Seat {
            team: it.team.to_string(),
            name: it.name,
            waiting: it.waiting,
        };
        Ok(Reply::Seats(seats.into_iter().map(shown).collect()))
    }

    pub(super) async fn switch_team(&self, team: &str) -> Answer {
        let team = team.parse().map_err(|_| problem::not_found())?;
        let switched = match self.door() {
            Some(door) => door.switch(team).await,
            None => self.client()?.switch(team).await,
        };
        switched.map(|it| self.unlocked(it)).map_err(problem::of)
    }

    /// Shows what an account has opened: a team, or the door of one.
    pub(super) fn unlocked(&self, unlocked: Unlocked<P>) -> Reply {
        match unlocked {
            Unlocked::Team(client) => {
                let client = self.opened(*client);
                Reply::Overview(view::overview(&client))
            }
            Unlocked::Door(door) => {
                let shown = waits(door.waiting());
                self.watching.take();
                self.stage.replace(Stage::Door(door.into()));
                Reply::Waiting(shown)
            }
        }
    }

    fn invited(&self) -> Result<Rc<Invitation<P>>, Problem> {
        let invitation = self.invitation.borrow().clone();
        invitation.ok_or_else(|| {
            let message = "The invite's link was not followed here.";
            Problem::new(Kind::NotFound, message, "Open the link again.")
        })
    }
}

pub(super) fn waits(waiting: &subrosa_client::Waiting) -> Waiting {
    Waiting { team: waiting.team.to_string(), fingerprint: waiting.fingerprint.clone() }
}
