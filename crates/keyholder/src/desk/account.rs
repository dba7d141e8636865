//! One's own account: keys, password, sessions, and kits for other devices.

use subrosa_bridge::account::{Account, OpenSession};
use subrosa_bridge::{Hidden, Kind, Reply};
use subrosa_client::{Error, Platform};
use subrosa_core::keyset;
use subrosa_core::unicode::contains;
use subrosa_wire::api::SessionNote;

use crate::problem::{self, Problem};
use crate::view;

use super::setup::check_password;
use super::{Answer, Desk};

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn account(&self) -> Answer {
        let client = self.client()?;
        let sessions = client.sessions().await.map_err(problem::of)?;
        let me = client.team().member(client.me()).cloned().ok_or_else(problem::not_found)?;
        Ok(Reply::Account(Account {
            name: view::overview(&*client).me,
            fingerprint: keyset::of_public(&me.keyset),
            since: view::time(me.time),
            sessions: sessions.into_iter().map(session).collect(),
        }))
    }

    pub(super) async fn end_sessions(&self, ids: &[String]) -> Answer {
        let ids = ids.iter().map(|id| id.parse().map_err(|_| problem::not_found()));
        let ids = ids.collect::<Result<_, Problem>>()?;
        self.client()?.end_sessions(ids).await.map_err(problem::of)?;
        self.account().await
    }

    pub(super) async fn change_password(&self, current: &Hidden, new: &Hidden) -> Answer {
        check_password(new)?;
        let changed = self.client()?.change_password(current.expose(), new.expose()).await;
        changed.map_err(|error| match error {
            Error::Unreachable(_) => Problem::new(
                Kind::Offline,
                "The server did not answer: the password may be changed, or not.",
                "Try again with the same two, before you lock.",
            ),
            other => not_it(other),
        })?;
        Ok(Reply::Done)
    }

    pub(super) async fn renew_keys(&self) -> Answer {
        let renewed = self.client()?.renew_keys().await.map_err(problem::of)?;
        Ok(self.unlocked(renewed))
    }

    pub(super) async fn device_kit(&self, password: &Hidden) -> Answer {
        let client = self.client()?;
        let kit = client.kit(password.expose()).await.map_err(not_it)?;
        let team_name = view::overview(&*client).team_name;
        Ok(Reply::Kit(Box::new(view::kit(&kit, team_name, None, 0))))
    }
}

fn not_it(error: Error) -> Problem {
    match error {
        Error::WrongPassword => Problem::new(
            Kind::WrongPassword,
            "This is not your password.",
            "Type the one that you unlock this device with.",
        ),
        other => problem::of(other),
    }
}

fn session(note: SessionNote) -> OpenSession {
    OpenSession {
        id: note.id.to_string(),
        client: client(&note.agent),
        opened: view::time(note.opened),
        used: view::time(note.used),
        own: note.own,
    }
}

/// What a client is, in words of our own: the server could have made its text up.
fn client(agent: &str) -> String {
    let named = |all: &[(&str, &'static str)]| {
        all.iter().find(|(mark, _)| contains(agent, mark)).map(|(_, name)| *name)
    };
    // Those that call themselves by the names of others too come first.
    let browser = named(&[
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrom", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = named(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "A program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::client;

    #[test]
    fn clients_are_known_by_their_names() {
        let linux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0";
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604";
        let expected = [
            (linux, "Chrome on Linux"),
            (mac, "Firefox on Mac"),
            (edge, "Edge on Windows"),
            (phone, "Safari on iPhone"),
            ("<b>evil</b>", "A program"),
        ];
        for (agent, name) in expected {
            assert_eq!(client(agent), name);
        }
    }
}
