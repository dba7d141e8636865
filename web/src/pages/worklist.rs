//! What is to be replaced at its source: people could read it who have lost it since.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::worklist::{Item, Loss, Lost, Seen};

use crate::components::state::{Loaded, empty, failure, loading};
use crate::components::time::time;
use crate::element::el;
use crate::erased::{lazy, spawn};
use crate::format::count;
use crate::keyholder::Keyholder;
use crate::page::Page;
use crate::pages::title;
use crate::parts::{all, div, head, li, link, p, press, span, text, ul};
use crate::place_names;
use crate::session::{Session, use_session};

/// How many of each leaver's are shown.
const SHOWN: usize = 200;

#[derive(Clone, Copy)]
struct Work {
    session: Session,
    losses: RwSignal<Loaded<Vec<Loss>>>,
    again: RwSignal<u32>,
}

/// `/worklist`.
pub fn worklist() -> AnyView {
    title("Worklist");
    let work = Work {
        session: use_session(),
        losses: RwSignal::new(Loaded::Waiting),
        again: RwSignal::new(0),
    };
    let ask = |keyholder: Keyholder| keyholder.worklist(Request::Worklist { limit: SHOWN });
    let show = move |answer| {
        let _ = work.losses.try_set(Loaded::from(answer));
    };
    work.session.follow(work.again, ask, show);
    let lead = "Who has read a secret knows it, whatever is sealed again. Replace each at its source: at \
                the database, the provider, the partner. Then set the new value here, and it leaves this \
                list; or tick it off, if what it opened is gone.";
    let retry = Callback::new(move |()| work.again.update(|count| *count += 1));
    all(vec![
        head("Worklist", Vec::new()),
        p("quiet lead", vec![text(lead)]),
        lazy(move || match work.losses.get() {
            Loaded::Waiting => loading(6),
            Loaded::Failed(problem) => failure(problem, Some(retry)),
            Loaded::Here(losses) if losses.is_empty() => empty(
                "Nothing to replace",
                "Nobody who has left, or has lost a vault, could read what is there now.",
                Vec::new(),
            ),
            Loaded::Here(losses) => all(losses.iter().map(|loss| section(work, loss)).collect()),
        }),
    ])
}

fn section(work: Work, loss: &Loss) -> AnyView {
    let how = match loss.how {
        Lost::Removed => "removed",
        Lost::Revoked => "access taken away",
        Lost::Replaced => "keys replaced",
    };
    let heading = format!("{}: {how}", loss.name);
    let done = loss.total - loss.open;
    let told = vec![
        time(loss.time).any(),
        text(format!(", {}. {done} of {} done.", loss.vaults.join(", "), loss.total)),
    ];
    let bar = el("progress")
        .is("aria-label", format!("Replaced of what {} could read", loss.name))
        .is("max", loss.total.to_string())
        .is("value", done.to_string());
    let mut parts = vec![el("h2").put(heading.clone()).any(), p("quiet", told), bar.any()];
    if loss.closed > 0 {
        let vaults = count(loss.closed, "vault", "vaults");
        let words =
            format!("{vaults} of theirs you cannot open: whoever can, sees the rest there.");
        parts.push(p("hint", vec![text(words)]));
    }
    let seq = loss.seq;
    parts.push(ul("results todo", loss.items.iter().map(|it| item(work, seq, it)).collect()));
    let more = loss.open - loss.items.len();
    if more > 0 {
        parts.push(p("quiet", vec![text(format!("And {more} more."))]));
    }
    let mine = loss.items.iter().any(|it| it.writable && it.secret.is_some());
    if loss.open > 1 && mine {
        let tick = press("button", move || work.see_to(seq, Vec::new(), false));
        let tick = tick.is("aria-label", format!("Tick all off: {heading}")).put("Tick all off");
        parts.push(div("actions", vec![tick.any()]));
    }
    el("section").class("people").is("aria-label", heading).put(parts).any()
}

fn item(work: Work, seq: u64, item: &Item) -> AnyView {
    let path = item.scope.as_ref().and_then(|scope| {
        let place = work.session.overview.with_untracked(|overview| {
            overview.as_ref().and_then(|overview| place_names::locate(overview, scope))
        });
        place.map(|place| place.path_filtered(&item.key))
    });
    let (path, place) = match path {
        Some(path) => (path, item.place.clone()),
        None => (Page::Keys.path(), format!("named key of {}: rotate it", item.place)),
    };
    let mut said = vec![link("mono strong", path).put(item.key.clone()).any()];
    said.push(p("quiet", vec![text(place)]));
    if !item.aliases.is_empty() {
        said.push(p("quiet", vec![text(format!("Also as {}", item.aliases.join(", ")))]));
    }
    if item.users > 0 {
        let more = match item.users - item.used_by.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        said.push(p("quiet", vec![text(format!("Used by {}{more}", item.used_by.join(", ")))]));
    }
    let mut parts = vec![div("grow", said)];
    match (&item.secret, item.writable) {
        (Some(seen), true) => {
            let seen = seen.clone();
            let tick = press("button small", move || work.see_to(seq, vec![seen.clone()], false));
            let label = format!("Tick off {} in {}", item.key, item.place);
            parts.push(tick.is("aria-label", label).put("Tick off").any());
        }
        (_, false) => parts.push(span("quiet", vec![text("Ask who may write it")])),
        (None, true) => {}
    }
    li("", parts)
}

impl Work {
    /// Ticks secrets off, or puts them on the list again.
    fn see_to(self, seq: u64, secrets: Vec<Seen>, again: bool) {
        spawn(async move {
            let undo = secrets.clone();
            let request = Request::SeenTo { seq, secrets, again, limit: SHOWN };
            match self.session.keyholder.worklist(request).await {
                Ok(losses) => {
                    let _ = self.losses.try_set(Loaded::Here(losses));
                    if again || undo.is_empty() {
                        let said =
                            if again { "It is on the list again." } else { "All ticked off." };
                        return self.session.toasts.say(said);
                    }
                    let undo = Arc::new(move || self.see_to(seq, undo.clone(), true));
                    self.session.toasts.offer("Ticked off.", "Undo", undo);
                }
                Err(problem) => self.session.report(&problem),
            }
        });
    }
}
