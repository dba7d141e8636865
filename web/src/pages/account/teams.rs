//! The teams that the account is in.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::people::Seat;

use crate::components::state::{Loaded, failure, loading};
use crate::element::{El, el};
use crate::erased::{lazy, spawn};
use crate::parts::{press, titled, ul};
use crate::preferences::use_preferences;
use crate::session::use_session;

/// The teams that the account is in.
pub fn teams() -> El {
    let said = "One account can be in several teams on this server. To join another one, open its \
                invite link here.";
    titled("teams-title", "Teams").put(el("p").class("quiet").put(said)).put(switch())
}

/// The account's teams, to go to another: asked for when somebody wants to know.
pub fn switch() -> AnyView {
    let session = use_session();
    let preferences = use_preferences();
    let seats = RwSignal::new(None::<Loaded<Vec<Seat>>>);
    let load = move || {
        seats.set(Some(Loaded::Waiting));
        spawn(async move {
            let _ = seats.try_set(Some(session.keyholder.seats().await.into()));
        });
    };
    let switch = move |team: String| {
        spawn(async move {
            let request = Request::SwitchTeam { team: team.clone() };
            match session.keyholder.open(request).await {
                Ok(opened) => {
                    preferences.update(|it| it.team = Some(team));
                    session.switched(opened);
                }
                Err(problem) => session.report(&problem),
            }
        });
    };
    let item = move |seat: Seat| {
        let open = session.overview.with(|it| it.as_ref().map(|it| it.team.clone()));
        let door = session.waiting.with(|it| it.as_ref().map(|it| it.team.clone()));
        let here = door.or(open).is_some_and(|it| it == seat.team);
        let short = seat.team.get(..8).unwrap_or_default();
        let name = match seat.name {
            Some(name) => format!("{name} ({short})"),
            None => format!("Team {short}"),
        };
        let label = format!("Switch to {name}");
        let name = match (here, seat.waiting) {
            (_, true) => format!("{name}: waiting to be let in"),
            (true, false) => format!("{name}: open here"),
            (false, false) => name,
        };
        let team = seat.team;
        let to = (!here).then(|| {
            press("button small", move || switch(team.clone()))
                .is("aria-label", label)
                .put("Switch")
        });
        el("li").class("row between").put(el("span").put(name)).put(to).any()
    };
    lazy(move || match seats.get() {
        None => press("button", load).put("Show my teams").any(),
        Some(Loaded::Waiting) => loading(2),
        Some(Loaded::Failed(problem)) => failure(problem, Some(Callback::new(move |()| load()))),
        Some(Loaded::Here(seats)) => ul("choices", seats.into_iter().map(item).collect()),
    })
}
