//! The team's log: who did what and when, each entry verified by this device.

mod entry;
mod then;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use subrosa_bridge::history::{About, LogEntries, LogFilter, Restorable};
use subrosa_bridge::view::{Overview, Scope};
use subrosa_bridge::{Problem, Request};

use self::entry::entry;
use self::then::restore;
use crate::clipboard;
use crate::components::select::select;
use crate::components::state::{Loaded, empty, failure, loading};
use crate::components::time::time;
use crate::element::el;
use crate::erased::{Keyed, effect, keyed, lazy, memo, spawn};
use crate::format::count;
use crate::icons;
use crate::page::{Page, history_path};
use crate::pages::title;
use crate::parts::{all, div, head, nothing, p, press, radio, status, text};
use crate::session::{Session, use_session};

/// What is asked of the log, with its names in the address.
const ASKED: [&str; 4] = ["q", "about", "by", "in"];

#[derive(Clone, Copy)]
struct Log {
    session: Session,
    /// In the order of [`ASKED`]: a text, a kind, an author's id, a scope's id.
    chosen: [RwSignal<String>; 4],
    found: RwSignal<Loaded<LogEntries>>,
    /// Counts what was asked: an answer to anything but the last is late.
    asked: StoredValue<u32>,
    /// Whether earlier ones are on their way.
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    again: RwSignal<u32>,
    /// What is to be restored, and the entry that it was asked at.
    then: RwSignal<Option<(Restorable, u64)>>,
}

/// `/audit#q=&about=&by=&in=`.
pub fn history() -> AnyView {
    title("History");
    let session = use_session();
    let address = session.address;
    let log = Log {
        session,
        chosen: ASKED
            .map(|name| RwSignal::new(untrack(|| address.asked(name)).unwrap_or_default())),
        found: RwSignal::new(Loaded::Waiting),
        asked: StoredValue::new(0),
        busy: RwSignal::new(false),
        problem: RwSignal::new(None),
        again: RwSignal::new(0),
        then: RwSignal::new(None),
    };
    log.follow();
    let saving = RwSignal::new(false);
    let save = press("button", move || save(session, saving))
        .toggles("busy", move || saving.get())
        .put(icons::Inward())
        .put("Save the team’s log");
    let lead = "Every change is an entry of the team’s log, signed by its author. This device has \
                verified each one. Times are by the author’s clock.";
    let retry = Callback::new(move |()| log.again.update(|count| *count += 1));
    let here = memo(move || log.found.with(|found| matches!(found, Loaded::Here(_))));
    let body = lazy(move || {
        if here.get() {
            return entries(log);
        }
        match log.found.get() {
            Loaded::Failed(problem) => failure(problem, Some(retry)),
            _ => loading(6),
        }
    });
    all(vec![
        head("History", vec![save.any()]),
        p("quiet lead", vec![text(lead)]),
        toolbar(log),
        body,
        lazy(move || log.then.get().map_or_else(nothing, |(of, at)| restore(log.then, of, at))),
    ])
}

/// The signed log as a file, for whoever verifies it without keys.
fn save(session: Session, saving: RwSignal<bool>) {
    if saving.get_untracked() {
        return;
    }
    saving.set(true);
    spawn(async move {
        let trail = session.keyholder.trail().await;
        let _ = saving.try_set(false);
        match trail {
            Ok(trail) => session.toasts.say(
                match clipboard::save_file("subrosa-trail.txt", trail.expose()) {
                    true => {
                        "The team’s log is saved as a file. It has no names and no values; anybody \
                         can verify it without a key (docs/format.md, ‘The trail’)."
                    }
                    false => "This browser saves no files.",
                },
            ),
            Err(problem) => session.report(&problem),
        }
    });
}

fn toolbar(log: Log) -> AnyView {
    let [words, about, by, scope] = log.chosen;
    let search = el("input")
        .is("id", "log-text")
        .is("type", "search")
        .is("placeholder", "Search names and notes")
        .is("autocomplete", "off")
        .is("spellcheck", "false")
        .is("data-filter", "")
        .typed(words);
    let kind = |(name, label): (&'static str, &'static str)| {
        let chosen = Signal::derive(move || about.with(|about| about == name));
        radio("about", label, chosen, Callback::new(move |()| about.set(name.to_owned())))
    };
    let kinds = [("", "All"), ("contents", "Contents"), ("keys", "Keys"), ("people", "People")];
    let kinds: Vec<AnyView> = kinds.into_iter().map(kind).collect();
    let legend = el("legend").class("unseen").put("About");
    let kinds = el("fieldset").class("segments").put(legend).put(kinds);
    let places = memo(move || log.session.overview.with(|it| it.as_ref().map(places)));
    let place = lazy(move || {
        let options = named(places.get().unwrap_or_default(), "Everywhere");
        choice("Where", options, scope)
    });
    let authors = memo(move || {
        log.found.with(|found| match found {
            Loaded::Here(found) => {
                found.authors.iter().map(|it| (it.id.clone(), it.name.clone())).collect()
            }
            _ => Vec::new(),
        })
    });
    // They stay while others are on their way.
    let known = RwSignal::new(Vec::new());
    effect(move || {
        let authors = authors.get();
        if !authors.is_empty() && known.with_untracked(|known| *known != authors) {
            known.set(authors);
        }
    });
    let author = lazy(move || choice("Who", named(known.get(), "Everybody"), by));
    el("div")
        .class("toolbar")
        .is("role", "search")
        .put(el("label").class("unseen").is("for", "log-text").put("Search the history"))
        .put(search)
        .put(kinds)
        .put(place)
        .put(author)
        .any()
}

fn choice(
    label: &'static str,
    options: Vec<(String, String)>,
    chosen: RwSignal<String>,
) -> AnyView {
    let choose = Callback::new(move |value| chosen.set(value));
    select(None, Some(label.to_owned()), options, chosen.into(), choose)
}

fn named(some: Vec<(String, String)>, every: &str) -> Vec<(String, String)> {
    [(String::new(), every.to_owned())].into_iter().chain(some).collect()
}

/// Projects and environments by their ids, with their names.
fn places(overview: &Overview) -> Vec<(String, String)> {
    let mut places = Vec::new();
    for project in &overview.projects {
        places.push((project.id.clone(), project.name.clone()));
        for it in &project.environments {
            places.push((it.id.clone(), format!("{} / {}", project.name, it.name)));
        }
    }
    places
}

fn entries(log: Log) -> AnyView {
    let things = move || {
        log.found.with(|found| {
            let Loaded::Here(found) = found else { return Vec::new() };
            let item = |it: &subrosa_bridge::history::LogEntry| {
                let told = it.clone();
                // What is told of it may be more, once a key has come.
                let key = format!("{}{:?}", it.seq, it.deeds);
                Keyed::new(key, move || entry(log.then, told))
            };
            found.entries.iter().map(item).collect()
        })
    };
    let list = el("ol").class("results log").is("aria-label", "Entries").put(keyed(things));
    let some = memo(move || log.with(|found| !found.entries.is_empty()));
    let list = list.flag("hidden", move || !some.get());
    let end = memo(move || log.with(|it| (it.entries.len(), it.before.is_some(), it.back_to)));
    let end = lazy(move || {
        let (shown, more, back_to) = end.get();
        foot(log, shown, more, back_to)
    });
    all(vec![list.any(), end])
}

/// How far back one has looked, and the way on.
fn foot(log: Log, shown: usize, more: bool, back_to: u64) -> AnyView {
    let filtered = log.chosen.iter().any(|it| it.with(|it| !it.trim().is_empty()));
    let clear = || press("button", move || log.clear()).put("Clear the filters").any();
    if shown == 0 && !more {
        let told = "No entry has all of this. What was done in vaults that you cannot open is not \
                    looked through.";
        return empty("Nothing found", told, vec![clear()]);
    }
    let said = count(shown, "entry", "entries");
    let said = match (filtered, more) {
        (_, false) => vec![text(format!("{said}, back to the beginning."))],
        (true, true) => vec![text(format!("{said}. Looked back to ")), time(back_to).any()],
        (false, true) => vec![text(format!("The last {said}."))],
    };
    let words = if filtered { "Look further back" } else { "Show earlier" };
    let on = more.then(|| {
        let on = press("button", move || log.earlier()).toggles("busy", move || log.busy.get());
        on.put(words).any()
    });
    let failed = lazy(move || {
        let retry = Callback::new(move |()| log.earlier());
        log.problem.get().map_or_else(nothing, |problem| failure(problem, Some(retry)))
    });
    let buttons = on.into_iter().chain(filtered.then(clear)).collect();
    all(vec![status("quiet status", all(said)), failed, div("actions", buttons)])
}

impl Log {
    fn with<T: Default>(self, of: impl Fn(&LogEntries) -> T) -> T {
        self.found.with(|found| match found {
            Loaded::Here(found) => of(found),
            _ => T::default(),
        })
    }

    /// Asks again when something else is chosen, when the address says so, and when there is news.
    fn follow(self) {
        let address = self.session.address;
        effect(move || {
            let asked = ASKED.map(|name| address.asked(name).unwrap_or_default());
            if untrack(|| address.page()) == Some(Page::History) {
                for (signal, asked) in self.chosen.into_iter().zip(asked) {
                    if signal.with_untracked(|now| *now != asked) {
                        signal.set(asked);
                    }
                }
            }
        });
        let before = StoredValue::new(None::<[String; 4]>);
        effect(move || {
            let chosen = self.chosen.map(|signal| signal.get());
            self.session.changes.track();
            self.again.track();
            let same = before.with_value(|before| before.as_ref() == Some(&chosen));
            let first = before.with_value(Option::is_none);
            before.set_value(Some(chosen.clone()));
            let number = self.number();
            spawn(async move {
                if !same && !first {
                    // Not for every letter.
                    TimeoutFuture::new(150).await;
                }
                if self.asked.try_get_value() != Some(number) {
                    return;
                }
                let asked: Vec<_> =
                    ASKED.into_iter().zip(chosen.iter().map(String::as_str)).collect();
                self.session.go_instead(&history_path(&asked));
                let answer = self.ask(None, &chosen).await;
                if self.asked.try_get_value() == Some(number) {
                    self.show(answer, same);
                }
            });
        });
    }

    fn number(self) -> u32 {
        self.asked.update_value(|asked| *asked += 1);
        self.asked.get_value()
    }

    async fn ask(self, before: Option<u64>, chosen: &[String; 4]) -> Result<LogEntries, Problem> {
        let [text, about, by, scope] = chosen;
        let about = match about.as_str() {
            "contents" => Some(About::Contents),
            "keys" => Some(About::Keys),
            "people" => Some(About::People),
            _ => None,
        };
        let author = Some(by.clone()).filter(|by| !by.is_empty());
        let scope = (!scope.is_empty()).then(|| self.scope(scope));
        let filter = LogFilter { about, author, scope, text: text.clone() };
        self.session.keyholder.log(Request::Log { before, filter }).await
    }

    /// The project or environment with this id.
    fn scope(self, id: &str) -> Scope {
        let is_project = self.session.overview.with_untracked(|overview| {
            overview.as_ref().is_some_and(|it| it.projects.iter().any(|it| it.id == id))
        });
        if is_project { Scope::Project(id.to_owned()) } else { Scope::Environment(id.to_owned()) }
    }

    /// Shows an answer; where only what is new was asked for, what was shown further back stays.
    fn show(self, answer: Result<LogEntries, Problem>, news: bool) {
        self.problem.set(None);
        let now = self.found.get_untracked();
        let (Ok(new), Loaded::Here(now), true) = (&answer, now, news) else {
            return self.found.set(answer.into());
        };
        let reach = new.entries.last().map(|entry| entry.seq);
        let older = |seq: u64| reach.is_some_and(|reach| seq < reach);
        let meets =
            now.entries.first().is_some_and(|first| reach.is_some_and(|it| it <= first.seq));
        let mut all = new.clone();
        if meets && now.entries.last().is_some_and(|last| older(last.seq)) {
            all.entries.extend(now.entries.into_iter().filter(|entry| older(entry.seq)));
            (all.before, all.back_to) = (now.before, now.back_to);
        }
        self.found.set(Loaded::Here(all));
    }

    fn earlier(self) {
        let Some(before) = untrack(|| self.with(|found| found.before)) else { return };
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.problem.set(None);
        let chosen = self.chosen.map(|signal| signal.get_untracked());
        let asked = self.asked.get_value();
        spawn(async move {
            let answer = self.ask(Some(before), &chosen).await;
            let _ = self.busy.try_set(false);
            if self.asked.try_get_value() != Some(asked) {
                return;
            }
            match answer {
                Ok(earlier) => self.found.update(|found| {
                    if let Loaded::Here(found) = found {
                        found.entries.extend(earlier.entries);
                        (found.before, found.back_to) = (earlier.before, earlier.back_to);
                    }
                }),
                Err(problem) => self.problem.set(Some(problem)),
            }
        });
    }

    fn clear(self) {
        self.chosen.iter().for_each(|signal| signal.set(String::new()));
    }
}
