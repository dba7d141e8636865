//! Where one is signed in, and how to end that.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::account::{Account, OpenSession};

use super::Own;
use crate::components::time::time;
use crate::element::{El, el};
use crate::erased::spawn;
use crate::parts::{all, div, li, p, press, text, titled, ul};

pub fn sessions(own: Own) -> El {
    let said = "Devices that were unlocked in this team within the last 15 minutes, as the server tells \
                it. A device whose session you end locks itself. One that is in somebody else's hands \
                keeps its keys: for that, change the password and make new keys.";
    titled("sessions-title", "Sessions")
        .put(el("p").class("quiet").put(said))
        .put(own.shown(move |account| list(own, account)))
}

fn list(own: Own, account: &Account) -> AnyView {
    let items = account.sessions.iter().map(|session| item(own, session)).collect();
    let others: Vec<String> =
        account.sessions.iter().filter(|it| !it.own).map(|it| it.id.clone()).collect();
    let mut parts = vec![ul("choices", items)];
    if others.len() > 1 {
        let all = press("button", move || end(own, others.clone())).put("End all others");
        parts.push(div("actions", vec![all.any()]));
    }
    all(parts)
}

fn item(own: Own, session: &OpenSession) -> AnyView {
    let used = p("quiet", vec![text("Last used "), time(session.used).any()]);
    let name = match session.own {
        true => format!("{}: this one", session.client),
        false => session.client.clone(),
    };
    let id = session.id.clone();
    let ended = (!session.own).then(|| {
        press("button small", move || end(own, vec![id.clone()]))
            .is("aria-label", format!("End the session: {name}"))
            .put("End")
            .any()
    });
    let mut parts = vec![div("grow", vec![p("", vec![text(name)]), used])];
    parts.extend(ended);
    li("row between", parts)
}

fn end(own: Own, ids: Vec<String>) {
    let said = match ids.len() {
        1 => "Ended. That device locks itself when it asks next.",
        _ => "Ended. Those devices lock themselves when they ask next.",
    };
    spawn(async move {
        match own.session.keyholder.account(Request::EndSessions { ids }).await {
            Ok(account) => {
                own.session.toasts.say(said);
                own.show(Ok(account));
            }
            Err(problem) => own.session.report(&problem),
        }
    });
}
