//! First run and recovery: from nothing, from a kit or from the root key, to an open team.

use std::rc::Rc;

use rand_core::Rng;
use subrosa_bridge::root_key::{Owner, Recovery as RecoveryView, RootKeySheet};
use subrosa_bridge::{Hidden, Kind, Reply};
use subrosa_client::{Error, Founding, Joining, NextAccount, Platform, Recovery};
use subrosa_core::account::MIN_PASSWORD;
use subrosa_core::kit::{BadKit, Kit, Mistyped};

use crate::problem::{self, Problem};
use crate::view::{self};

use super::joining::waits;
use super::root_key::{check_tail, read, sheet};
use super::{Answer, Desk, Stage, check_name};

/// Groups of a printed Secret Key.
const SECRET_KEY_GROUPS: usize = 8;

/// An account that was made, and what must be retyped before it is posted.
pub(super) struct Draft<P> {
    of: Of<P>,
    secret_key_group: usize,
}

/// Whose account it is.
pub(super) enum Of<P> {
    /// The founder's of a team.
    Founder(Founding),
    /// An owner's, whose team the root key has opened.
    Owner(Rc<Recovery<P>>, NextAccount),
    /// An invitee's.
    Invitee(Box<Joining<P>>),
}

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) fn begin_setup(
        &self,
        token: &Hidden,
        team_name: &str,
        me: &str,
        password: &Hidden,
    ) -> Answer {
        check_name(team_name)?;
        check_name(me)?;
        check_password(password)?;
        let founding =
            Founding::prepare(&self.platform, token.expose(), team_name, me, password.expose())
                .map_err(problem::of)?;
        let root_key = sheet(founding.root_key())?;
        let kit = founding.kit();
        self.shown(Of::Founder(founding), &kit, team_name.to_owned(), Some(root_key))
    }

    pub(super) async fn open_recovery(&self, root_key: &Hidden) -> Answer {
        self.is_free()?;
        let key = read(root_key)?;
        let recovery = Recovery::open(self.platform.clone(), &key).await;
        let recovery = recovery.map_err(not_recovered)?;
        let owners = recovery.owners().into_iter();
        let owner = |(id, name): (_, Option<String>)| Owner {
            id: ToString::to_string(&id),
            name: name.unwrap_or_default(),
        };
        let (team_name, owners) = (team_name(&recovery), owners.map(owner).collect());
        self.stage.replace(Stage::Recovering(Rc::new(recovery)));
        Ok(Reply::Recovery(RecoveryView { team_name, owners }))
    }

    /// Whether no team is open here, which another one would take the place of.
    pub(super) fn is_free(&self) -> Result<(), Problem> {
        match self.client() {
            Ok(_) => {
                let message = "A team is open here.";
                Err(Problem::new(Kind::Refused, message, "Lock it first."))
            }
            Err(_) => Ok(()),
        }
    }

    pub(super) fn begin_recovery(&self, owner: &str, password: &Hidden) -> Answer {
        check_password(password)?;
        let recovery = match &*self.stage.borrow() {
            Stage::Recovering(recovery) => recovery.clone(),
            // Back from the kit, with another password.
            Stage::Draft(draft) => match &draft.of {
                Of::Owner(recovery, _) => recovery.clone(),
                Of::Founder(_) | Of::Invitee(_) => return Err(problem::locked()),
            },
            Stage::Idle | Stage::Door(_) | Stage::Open(_) => return Err(problem::locked()),
        };
        let owner = owner.parse().map_err(|_| problem::not_found())?;
        let next = recovery.prepare(owner, password.expose()).map_err(problem::of)?;
        let (kit, team_name) = (next.kit(), team_name(&recovery));
        self.shown(Of::Owner(recovery, next), &kit, team_name, None)
    }

    /// Keeps what was made until a part of its kit was retyped.
    pub(super) fn shown(
        &self,
        of: Of<P>,
        kit: &Kit,
        team_name: String,
        root_key: Option<RootKeySheet>,
    ) -> Answer {
        let secret_key_group = self.platform.rng().next_u32() as usize % SECRET_KEY_GROUPS;
        let reply = view::kit(kit, team_name, root_key, secret_key_group);
        self.stage.replace(Stage::Draft(Rc::new(Draft { of, secret_key_group })));
        Ok(Reply::Kit(Box::new(reply)))
    }

    pub(super) async fn finish_setup(&self, secret_key: &Hidden, root_key: &Hidden) -> Answer {
        let draft = match &*self.stage.borrow() {
            Stage::Draft(draft) => draft.clone(),
            // The answer was lost, and this is the second try.
            Stage::Open(client) => return Ok(Reply::Overview(view::overview(&**client))),
            Stage::Door(door) => return Ok(Reply::Waiting(waits(door.waiting()))),
            Stage::Idle | Stage::Recovering(_) => return Err(problem::locked()),
        };
        draft.check(secret_key.expose(), root_key)?;
        let unlocked = match &draft.of {
            Of::Founder(founding) => {
                founding.finish(self.platform.clone()).await.map_err(problem::of)
            }
            Of::Owner(recovery, next) => recovery.finish(next).await.map_err(not_recovered),
            Of::Invitee(joining) => joining.finish().await.map_err(problem::of),
        };
        Ok(self.unlocked(unlocked?))
    }

    pub(super) async fn recover(&self, kit: &Hidden, password: &Hidden) -> Answer {
        let kit = Kit::read(kit.expose()).map_err(|bad| {
            let next = match bad {
                BadKit::SecretKey(Mistyped::Prefix(_)) => {
                    "Paste the whole kit, or type the Secret Key from SR1- on."
                }
                BadKit::SecretKey(_) => "Compare it with the printed kit, group by group.",
                BadKit::Checkpoint => "Copy the checkpoint from the kit: it is one long word.",
                BadKit::Line => "Paste the kit's file again, whole and as it is.",
            };
            Problem::new(Kind::Mistyped, format!("The kit cannot be read: {bad}."), next)
        })?;
        let client = subrosa_client::recover(self.platform.clone(), &kit, password.expose()).await;
        let client = client.map_err(|error| match error {
            Error::WrongPassword => Problem::new(
                Kind::WrongPassword,
                "No account on this server opens with this kit and password.",
                "Type the password again. The kit is well formed: if it is another server's, go to \
                 the address that it names.",
            ),
            other => problem::of(other),
        })?;
        Ok(self.unlocked(client))
    }
}

impl<P: Platform + Clone> Draft<P> {
    fn check(&self, secret_key: &str, root_key: &Hidden) -> Result<(), Problem> {
        let (kit, root) = match &self.of {
            Of::Founder(founding) => (founding.kit(), Some(founding.root_key())),
            Of::Owner(_, next) => (next.kit(), None),
            Of::Invitee(joining) => (joining.kit(), None),
        };
        let printed = kit.secret_key.print();
        let group = printed.split('-').nth(self.secret_key_group + 1).unwrap_or_default();
        if !secret_key.trim().eq_ignore_ascii_case(group) {
            return Err(not_kept("emergency kit"));
        }
        root.map_or(Ok(()), |root| check_tail(root, root_key))
    }
}

/// What was retyped is not what was shown.
pub(super) fn not_kept(what: &str) -> Problem {
    Problem::new(
        Kind::KitProof,
        format!("This is not what the {what} says there."),
        "Look at the print or the file that you kept, and type it again.",
    )
}

/// Why the root key does not lead in.
fn not_recovered(error: Error) -> Problem {
    match error {
        Error::KeysReplaced | Error::KeysChanged => Problem::new(
            Kind::KeysReplaced,
            "This root key does not work on this server, or not any more.",
            "It was replaced, or its team is on another server. Look for the newest root key and \
             start over, or open the address that the emergency kit names.",
        ),
        other => problem::of(other),
    }
}

pub(super) fn check_password(password: &Hidden) -> Result<(), Problem> {
    if password.expose().chars().count() >= MIN_PASSWORD {
        return Ok(());
    }
    Err(Problem::new(
        Kind::BadName,
        format!("A password has at least {MIN_PASSWORD} characters."),
        "Take the generated passphrase, or a longer password.",
    ))
}

fn team_name<P: Platform + Clone>(recovery: &Recovery<P>) -> String {
    recovery.team_name().unwrap_or_default()
}
