//! `/alarm`: what raised an alarm, what to do about it, and how it ends. It is shown while the console
//! is locked too: a server may keep it from being unlocked.

use leptos::prelude::*;
use subrosa_bridge::alarm::{Alarm, Differs};
use subrosa_bridge::{Kind, Request};

use crate::clipboard;
use crate::components::dialog::dialog;
use crate::components::state::loading;
use crate::components::time::time;
use crate::element::{El, el};
use crate::erased::{lazy, spawn};
use crate::format::moment;
use crate::icons;
use crate::page::Page;
use crate::pages::settings::forget_device;
use crate::pages::title;
use crate::parts::{actions, all, code, div, facts, h2, li, link, nothing, p, press, text};
use crate::session::{Session, Stage, use_session};

/// `/alarm`.
pub fn alarm() -> AnyView {
    title("Alarm");
    let session = use_session();
    session.ask_alarms();
    let asking = RwSignal::new(None::<Alarm>);
    let back = lazy(move || {
        let (to, words) = match session.stage.get() {
            Stage::Open => (Page::Projects, "Back to the projects"),
            Stage::Locked => (Page::Unlock, "Unlock"),
            _ => return nothing(),
        };
        p("quiet-links", vec![link("", to.path()).put(words).any()])
    });
    let body = lazy(move || {
        let alarms = session.alarms.get();
        match session.stage.get() {
            Stage::Loading => loading(4),
            _ if alarms.is_empty() => p("quiet", vec![text("No alarm stands on this device.")]),
            _ => all(alarms.iter().map(|it| one(session, asking, it)).collect()),
        }
    });
    let question = lazy(move || asking.get().map_or_else(nothing, |it| ask(session, asking, it)));
    el("main")
        .class("alone wide")
        .put(el("span").class("mark").put(icons::Rose()))
        .put(el("h1").put("Alarm"))
        .put(body)
        .put(back)
        .put(question)
        .any()
}

/// The number of a checkpoint.
fn number(checkpoint: &str) -> &str {
    checkpoint.split_once(':').map_or(checkpoint, |(number, _)| number)
}

fn what_happened(alarm: &Alarm) -> String {
    let (own, shown) = (number(&alarm.own), number(&alarm.shown));
    let author = alarm.author.as_deref().unwrap_or("somebody");
    match alarm.differs {
        Differs::Older => format!(
            "The server has shown the team’s log only up to entry {shown}. This device has verified \
             it up to entry {own}. Either the server was restored from a backup, or it keeps the rest \
             from you. No signature proves which."
        ),
        Differs::Other => format!(
            "At entry {shown} another history was shown or named than the one that this device has \
             verified. No signature proves by itself that there are two."
        ),
        Differs::Forked => format!(
            "The server has shown an entry that {author} signed on top of a history that this device \
             has never seen. So there are two histories of this team, and not everybody is shown the \
             same."
        ),
    }
}

fn one(session: Session, asking: RwSignal<Option<Alarm>>, alarm: &Alarm) -> AnyView {
    let team = alarm.team.get(..8).unwrap_or_default();
    let head = match alarm.here {
        true => h2("Another history of this team was seen"),
        false => el("h2").put(format!("Another history of team {team} was seen")).any(),
    };
    let fact = |words: AnyView| el("dd").put(words).any();
    let mut known = vec![("Found", fact(time(alarm.found).any()))];
    if let (Some(author), Some(signed)) = (&alarm.author, alarm.signed) {
        let said = format!("{author}, {} by their clock", moment(signed));
        known.push(("Signed by", fact(text(said))));
    }
    known.push(("Verified here", code(alarm.own.clone())));
    known.push(("Its words", fact(words(&alarm.own_words))));
    known.push(("The other", code(alarm.shown.clone())));
    if alarm.differs != Differs::Older {
        known.push(("Its words", fact(words(&alarm.shown_words))));
    }
    let mut parts = vec![
        head,
        p("", vec![text(what_happened(alarm))]),
        p("notice bad", vec![icons::Warning(), el("span").class("grow").put(stands(alarm)).any()]),
        facts(known),
        steps(alarm),
    ];
    let (id, cleared) = (alarm.team.clone(), alarm.clone());
    let save = press("button primary", move || save(session, id.clone()));
    let clear = press("button", move || asking.set(Some(cleared.clone())));
    let save = save.put(icons::Inward()).put("Save the evidence").any();
    parts.push(div("actions", vec![save, clear.put("Clear the alarm…").any()]));
    if alarm.owner {
        parts.push(owners(session, alarm));
    }
    parts.push(over_to_the_other());
    el("section").class("stack").put(parts).any()
}

fn words(words: &str) -> AnyView {
    el("span").class("strong").is("translate", "no").put(words.to_owned()).any()
}

fn stands(alarm: &Alarm) -> &'static str {
    if alarm.acting {
        "The alarm stands. You act all the same, until this console is locked."
    } else {
        "Until the alarm is cleared, nothing is changed from this device. What it shows is what it has \
         verified."
    }
}

fn steps(alarm: &Alarm) -> AnyView {
    let own = number(&alarm.own);
    let item = |words: String| li("", vec![text(words)]);
    let items = vec![
        item("Save the evidence: it is deleted here when the alarm is cleared.".into()),
        item(format!(
            "Call an owner, or meet: not through this server. In their Settings, the checkpoint says \
             which history they see. If they are at entry {own}, compare the eight words; else have \
             them paste this device’s checkpoint there."
        )),
        item("Ask who runs the server whether it was restored from a backup.".into()),
        item(
            "If your history is theirs, clear the alarm. All goes on as soon as the server shows \
             that history again."
                .into(),
        ),
    ];
    all(vec![el("h3").put("What to do").any(), el("ol").class("plain").put(items).any()])
}

fn owners(session: Session, alarm: &Alarm) -> AnyView {
    let (id, acting) = (alarm.id.clone(), alarm.acting);
    let act = move || {
        let act = Request::ActAllTheSame { alarm: id.clone() };
        spawn(async move {
            match session.keyholder.alarms(act).await {
                Ok(alarms) => session.alarms.set(alarms),
                Err(problem) => session.report(&problem),
            }
        });
    };
    let advice = "Once you know which history is the team’s, give every vault its next key: whoever \
                  was shown another one may have been let in to it. As an owner you can do that, and \
                  remove members, while the alarm stands.";
    let act = match acting {
        true => link("button", Page::Rotation.path()).put("Rotate every vault").any(),
        false => press("button danger", act).put("Act all the same").any(),
    };
    all(vec![
        el("h3").put("You are an owner").any(),
        p("", vec![text(advice)]),
        div("actions", vec![act]),
    ])
}

fn over_to_the_other() -> AnyView {
    let told = "This device never goes over to a history that lacks what it has verified, whether the \
                alarm stands or not. If the other one is the team’s, forget this device and open the \
                team again with an emergency kit whose checkpoint is on it.";
    all(vec![
        el("h3").put("If the other history is the right one").any(),
        p("", vec![text(told)]),
        div("actions", vec![forget_device("button danger")]),
    ])
}

fn save(session: Session, team: String) {
    spawn(async move {
        match session.keyholder.evidence(team).await {
            Ok(file) => session.toasts.say(
                match clipboard::save_file("subrosa-evidence.txt", file.expose()) {
                    true => "The evidence is saved as a file. It has no names and no values.",
                    false => "This browser saves no files.",
                },
            ),
            Err(problem) => session.report(&problem),
        }
    });
}

fn ask(session: Session, asking: RwSignal<Option<Alarm>>, alarm: Alarm) -> AnyView {
    let close = Callback::new(move |()| asking.set(None));
    let clear = move || {
        let (team, alarm) = (alarm.team.clone(), alarm.id.clone());
        asking.set(None);
        spawn(async move {
            match session.keyholder.alarms(Request::ClearAlarm { team, alarm }).await {
                Ok(alarms) => {
                    let found = |it: &Option<_>| {
                        it.as_ref()
                            .is_some_and(|it: &subrosa_bridge::Problem| it.kind == Kind::Rollback)
                    };
                    if session.alarm.with_untracked(found) {
                        session.alarm.set(None);
                    }
                    session.alarms.set(alarms);
                    session.tell_alarm();
                    session.toasts.say("The alarm is cleared.");
                }
                Err(problem) => session.report(&problem),
            }
        });
    };
    let told = "Clear it once an owner has told you, not through this server, that your history is \
                theirs, or once you know why the server had another one. What has raised this alarm \
                raises none again.";
    let keep = press("button", move || close.run(())).put("Keep it");
    let clear: El = press("button danger", clear).put("Clear the alarm");
    let parts = vec![p("", vec![text(told)]), actions(vec![keep.any(), clear.any()])];
    dialog("Clear the alarm?", "narrow", close, parts)
}
