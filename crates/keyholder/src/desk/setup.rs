//! First run and recovery: from nothing, or from a kit, to an open team.

use std::rc::Rc;

use rand_core::Rng;
use subrosa_bridge::{Hidden, Kind, Problem, Reply};
use subrosa_client::{Error, Founding, Platform};
use subrosa_core::account::MIN_PASSWORD;
use subrosa_core::kit::{BadKit, Kit, Mistyped};

use crate::problem;
use crate::view::{self};

use super::{Answer, Desk, Stage, check_name};

/// Characters of the root key's end that are to be retyped.
const ROOT_KEY_TAIL: usize = 6;
/// Groups of a printed Secret Key.
const SECRET_KEY_GROUPS: usize = 8;

/// A team that was prepared, and what must be retyped before it is founded.
pub(super) struct Draft {
    founding: Founding,
    secret_key_group: usize,
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
        if password.expose().chars().count() < MIN_PASSWORD {
            return Err(Problem::new(
                Kind::BadName,
                format!("A password has at least {MIN_PASSWORD} characters."),
                "Take the generated passphrase, or a longer password.",
            ));
        }
        let founding =
            Founding::prepare(&self.platform, token.expose(), team_name, me, password.expose())
                .map_err(problem::of)?;
        let secret_key_group = self.platform.rng().next_u32() as usize % SECRET_KEY_GROUPS;
        let kit = founding.kit();
        let reply = subrosa_bridge::view::Kit {
            secret_key: hidden(&kit.secret_key.print()),
            server: kit.server.clone(),
            team_name: team_name.to_owned(),
            team: kit.team.to_string(),
            checkpoint: subrosa_core::kit::print_checkpoint(kit.checkpoint),
            text: hidden(&kit.line()),
            root_key: hidden(&founding.root_key()),
            secret_key_group,
            root_key_tail: ROOT_KEY_TAIL,
        };
        self.stage.replace(Stage::Founding(Rc::new(Draft { founding, secret_key_group })));
        Ok(Reply::Kit(Box::new(reply)))
    }

    pub(super) async fn finish_setup(&self, secret_key: &Hidden, root_key: &Hidden) -> Answer {
        let draft = match &*self.stage.borrow() {
            Stage::Founding(draft) => draft.clone(),
            // The answer was lost, and this is the second try.
            Stage::Open(client) => return Ok(Reply::Overview(view::overview(&**client))),
            Stage::Idle => return Err(problem::locked()),
        };
        draft.check(secret_key.expose(), root_key.expose())?;
        let client = draft.founding.finish(self.platform.clone()).await.map_err(problem::of)?;
        let client = self.opened(client);
        Ok(Reply::Overview(view::overview(&client)))
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
        let client = self.opened(client);
        Ok(Reply::Overview(view::overview(&client)))
    }
}

impl Draft {
    pub(super) fn check(&self, secret_key: &str, root_key: &str) -> Result<(), Problem> {
        let printed = self.founding.kit().secret_key.print();
        let group = printed.split('-').nth(self.secret_key_group + 1).unwrap_or_default();
        let root = self.founding.root_key();
        let tail = root.get(root.len().saturating_sub(ROOT_KEY_TAIL)..).unwrap_or_default();
        let wrong = |what: &str| {
            Problem::new(
                Kind::KitProof,
                format!("This is not what the {what} says there."),
                "Look at the print or the file that you kept, and type it again.",
            )
        };
        if !secret_key.trim().eq_ignore_ascii_case(group) {
            return Err(wrong("emergency kit"));
        }
        if !root_key.trim().eq_ignore_ascii_case(tail) {
            return Err(wrong("root key"));
        }
        Ok(())
    }
}

pub(super) fn hidden(text: &str) -> Hidden {
    Hidden::new(text.to_owned())
}
