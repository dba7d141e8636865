//! One's own account: keys, password, devices, sessions and teams.

mod device;
mod password;
mod sessions;
pub mod teams;

use leptos::prelude::*;
use subrosa_bridge::account::Account;
use subrosa_bridge::{Problem, Request};

use crate::components::state::{Loaded, failure, loading};
use crate::components::time::time;
use crate::element::{El, el};
use crate::erased::lazy;
use crate::keyholder::Keyholder;
use crate::pages::title;
use crate::parts::{all, div, head, p, text, titled};
use crate::session::{Session, use_session};

/// What the page knows.
#[derive(Clone, Copy)]
struct Own {
    session: Session,
    account: RwSignal<Loaded<Account>>,
    again: RwSignal<u32>,
}

/// `/me`.
pub fn account() -> AnyView {
    title("Account");
    let own = Own {
        session: use_session(),
        account: RwSignal::new(Loaded::Waiting),
        again: RwSignal::new(0),
    };
    let ask = |keyholder: Keyholder| keyholder.account(Request::Account);
    own.session.follow(own.again, ask, move |answer| own.show(answer));
    let sections = vec![
        keys(own).any(),
        password::password().any(),
        device::device().any(),
        sessions::sessions(own).any(),
        teams::teams().any(),
    ];
    all(vec![head("Account", Vec::new()), div("settings", sections)])
}

fn keys(own: Own) -> El {
    let shown = own.shown(|account| {
        let since = vec![text("Since "), time(account.since).any(), text(":")];
        all(vec![
            p("strong", vec![text(account.name.clone())]),
            p("quiet", since),
            p("words", vec![text(account.fingerprint.clone())]),
        ])
    });
    let said = "Eight words of the keys that you sign and open with in this team. Read them to \
                colleagues: they see the same under People.";
    titled("own-keys-title", "Your keys")
        .put(el("p").class("quiet").put(said))
        .put(shown)
        .put(device::renew(own.session))
}

impl Own {
    fn show(self, answer: Result<Account, Problem>) {
        let _ = self.account.try_set(Loaded::from(answer));
    }

    /// What is known, once it is here.
    fn shown(self, view: impl Fn(&Account) -> AnyView + Send + Sync + 'static) -> AnyView {
        let retry = Callback::new(move |()| self.again.update(|count| *count += 1));
        lazy(move || match self.account.get() {
            Loaded::Waiting => loading(2),
            Loaded::Failed(problem) => failure(problem, Some(retry)),
            Loaded::Here(account) => view(&account),
        })
    }
}
