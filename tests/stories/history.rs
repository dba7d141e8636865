//! The team's log, told to whom it concerns, and secrets as they were.

use std::cell::Cell;
use std::rc::Rc;

use subrosa_bridge::alarm::Differs;
use subrosa_bridge::history::{
    About, AsItWas, Deed, LogEntries, LogEntry, LogFilter, ToTurnBack, Turn,
};
use subrosa_bridge::keys::RotationStep;
use subrosa_bridge::people::Role;
use subrosa_bridge::view::{Change, Plain, Row, Scope, Write};
use subrosa_bridge::{Event, Kind, Problem, Reply, Request};
use subrosa_client::{HttpRequest, HttpResponse, Method};
use subrosa_tests::hostile::{Ground, Victim};
use subrosa_tests::{PASSWORD, Person, Stage, hidden, story};
use subrosa_wire::api::LogPage;
use subrosa_wire::encoding::{decode_strict, encode};
use subrosa_wire::log::{Entry, SignedEntry};

fn log(reply: Result<Reply, Problem>) -> Result<LogEntries, Problem> {
    match reply? {
        Reply::Log(log) => Ok(log),
        other => panic!("a log: {other:?}"),
    }
}

fn asked(before: Option<u64>, filter: LogFilter) -> Request {
    Request::Log { before, filter }
}

/// All that a filter finds, however many questions it takes.
async fn found(person: &Person, filter: LogFilter) -> Vec<LogEntry> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = log(person.ask(asked(before, filter.clone())).await).unwrap();
        all.extend(page.entries);
        before = page.before;
        if before.is_none() {
            return all;
        }
    }
}

fn texts(entries: &[LogEntry]) -> Vec<&str> {
    entries.iter().flat_map(|entry| &entry.deeds).map(|deed| deed.text.as_str()).collect()
}

fn about(about: About) -> LogFilter {
    LogFilter { about: Some(about), ..LogFilter::default() }
}

async fn noted(person: &Person, writes: Vec<Write>, note: &str) -> Vec<Row> {
    match person.ask(Request::Write { writes, note: note.into() }).await {
        Ok(Reply::Rows(rows)) => rows,
        other => panic!("rows: {other:?}"),
    }
}

fn delete(row: &Row) -> Write {
    Write::Delete { secret: row.id.clone(), base: row.version }
}

async fn rotate(person: &Person, name: &str, drop_earlier: bool) {
    let vaults = vec![person.vault(name).await];
    let step = RotationStep::All;
    person.ask(Request::Rotate { vaults, step, drop_earlier }).await.unwrap();
}

#[test]
fn every_entry_is_told_and_found_by_what_it_is_about() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [project, environment, _] = ada.scopes().await;
        let token = ada.set(&environment, "TOKEN", "1").await.unwrap();
        ada.set(&project, "SHARED", "2").await.unwrap();
        noted(&ada, vec![delete(&token)], "It leaked in a Ticket").await;
        let bob = stage.desk();
        let access = ada.access(&[("billing / production", Role::Reader)]).await;
        ada.lets_in(&bob, "Bob", access).await;
        ada.set_role("Bob", "billing / production", Some(Role::Writer)).await.unwrap();
        rotate(&ada, "billing", false).await;
        ada.remove("Bob").await.unwrap();

        let all = found(&ada, LogFilter::default()).await;
        let numbers: Vec<u64> = all.iter().map(|entry| entry.seq).collect();
        assert_eq!(numbers, (0..all.len() as u64).rev().collect::<Vec<_>>());
        let told = texts(&all);
        let invite = told.iter().find(|it| it.starts_with("Invited")).unwrap();
        assert!(invite.starts_with("Invited Bob as reader of billing / production (invite "));
        for wanted in [
            "Founded the team.",
            "Made billing / production.",
            "billing / production: its applications or reminders were changed.",
            "billing / production: 1 added.",
            "billing / production: 1 deleted.",
            "billing: 1 added.",
            "Made Bob writer of billing / production.",
            "Gave billing its key version 2.",
            "billing: 1 sealed again.",
            "Retired the keys of billing up to version 1.",
            "Removed Bob.",
            "Gave billing / production its key version 2.",
        ] {
            assert!(told.contains(&wanted), "{wanted}: {told:#?}");
        }
        let deletion = all.iter().flat_map(|it| &it.deeds).find(|it| !it.note.is_empty()).unwrap();
        assert_eq!(deletion.note, "It leaked in a Ticket");
        assert!(deletion.restorable.is_some());

        // By what it is about, by its author, by place, by what is told of it; by all of these.
        let people = found(&ada, about(About::People)).await;
        assert!(texts(&people).contains(&"Removed Bob."));
        assert!(!texts(&people).contains(&"billing: 1 added."));
        let keys = found(&ada, about(About::Keys)).await;
        // The removal is about keys too, since it gives the vaults that Bob held their next ones.
        assert!(texts(&keys).contains(&"Removed Bob."));
        assert!(keys.len() < all.len());
        let in_environment = LogFilter { scope: Some(environment), ..LogFilter::default() };
        let here = found(&ada, in_environment.clone()).await;
        assert!(texts(&here).contains(&"billing / production: 1 deleted."));
        assert!(!texts(&here).contains(&"billing: 1 added."));
        let in_project = LogFilter { scope: Some(project), ..LogFilter::default() };
        let there = found(&ada, in_project).await;
        assert!(there.len() > here.len() && texts(&there).contains(&"billing: 1 added."));
        let ticket = |filter: &LogFilter| LogFilter { text: " ticket".into(), ..filter.clone() };
        assert_eq!(found(&ada, ticket(&LogFilter::default())).await.len(), 1);
        assert_eq!(found(&ada, ticket(&in_environment)).await.len(), 1);
        assert_eq!(found(&ada, ticket(&about(About::Keys))).await.len(), 0);
        let page = log(ada.ask(asked(None, LogFilter::default())).await).unwrap();
        let names: Vec<&str> = page.authors.iter().map(|author| author.name.as_str()).collect();
        assert_eq!(names, ["Ada canary-person", "Bob", "Root key"]);
        let of = |at: usize| LogFilter {
            author: Some(page.authors[at].id.clone()),
            ..LogFilter::default()
        };
        assert_eq!(found(&ada, of(0)).await, all);
        assert_eq!(found(&ada, of(1)).await, []);
        // What is not there is not looked for.
        let nowhere = LogFilter { scope: Some(Scope::Project("x".into())), ..LogFilter::default() };
        assert_eq!(ada.ask(asked(None, nowhere)).await.unwrap_err().kind, Kind::NotFound);

        // Who unlocks anew has no retired key: then there is no telling what was done under it.
        let ada = ada.locked();
        ada.unlock(PASSWORD).await.unwrap();
        let told = found(&ada, LogFilter::default()).await;
        let closed = "Something was changed in billing: what, does not open here, for its key is \
                      retired.";
        assert!(texts(&told).contains(&closed));
        assert!(texts(&told).contains(&"billing / production: 1 deleted."));
    });
}

#[test]
fn a_long_log_is_told_piece_by_piece_while_it_grows() {
    story(async {
        let stage = Stage::unbounded().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let mut row = ada.set(&environment, "COUNT", "0").await.unwrap();
        for count in 1..120 {
            row = ada.edit(&row, &count.to_string()).await.unwrap();
        }
        let first = log(ada.ask(asked(None, LogFilter::default())).await).unwrap();
        assert_eq!(first.entries.len(), 50);
        let before = first.before.unwrap();
        assert_eq!(first.entries.last().unwrap().seq, before);
        // What comes meanwhile changes neither where to go on nor what opens there.
        ada.edit(&row, "more").await.unwrap();
        let second = log(ada.ask(asked(Some(before), LogFilter::default())).await).unwrap();
        let again = log(ada.ask(asked(Some(before), LogFilter::default())).await).unwrap();
        assert_eq!(second, again);
        assert_eq!(second.entries.first().unwrap().seq, before - 1);
        let changed = |entry: &LogEntry| entry.deeds[0].text == "billing / production: 1 changed.";
        assert!(second.entries.iter().all(changed));
        assert_eq!(found(&ada, LogFilter::default()).await.len() as u64, before + 51);
        // What is found far back is found by the first question.
        let made = LogFilter { text: "founded".into(), ..LogFilter::default() };
        let page = log(ada.ask(asked(None, made)).await).unwrap();
        assert_eq!((page.entries.len(), page.before), (1, None));
    });
}

#[test]
fn who_may_not_open_a_vault_sees_that_something_happened_there_and_not_what() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let Scope::Environment(id) = &environment else { panic!("an environment") };
        let bob = stage.desk();
        let access = ada.access(&[("billing", Role::Reader)]).await;
        ada.lets_in(&bob, "Bob", access).await;
        let (key, value) = ("CANARY_KEY".to_owned(), Plain::Text(hidden("canary-value")));
        let (scope, note) = (environment.clone(), String::new());
        let write = Write::Create { scope, key, value, note, mount: None };
        noted(&ada, vec![write], "canary-note").await;
        bob.ask(Request::Sync).await.unwrap();

        let newest = log(bob.ask(asked(None, LogFilter::default())).await).unwrap().entries;
        let Deed { text, note, restorable, about } = newest[0].deeds[0].clone();
        assert!(text.starts_with("Something was changed in vault "), "{text}");
        assert!(text.ends_with(", which you cannot open."), "{text}");
        assert_eq!((note.as_str(), restorable, about), ("", None, About::Contents));
        assert_eq!(newest[0].author.name, "Ada canary-person");
        let here = LogFilter { scope: Some(environment.clone()), ..LogFilter::default() };
        assert_eq!(bob.ask(asked(None, here)).await.unwrap_err().kind, Kind::NotFound);
        let all = format!("{:?}", found(&bob, LogFilter::default()).await);
        assert!(!all.contains("canary-note") && !all.contains(id.as_str()));
        // In what it reads it sees what was done, and may not restore it.
        ada.set(&Scope::Project(ada_project(&ada).await), "SHARED", "1").await.unwrap();
        bob.ask(Request::Sync).await.unwrap();
        let newest = log(bob.ask(asked(None, LogFilter::default())).await).unwrap().entries;
        assert_eq!(newest[0].deeds[0].text, "billing: 1 added.");
        assert_eq!(newest[0].deeds[0].restorable, None);
        let vault = ada.vault("billing").await;
        let refused = bob.ask(Request::AsItWas { vault, seq: 3 }).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Rule(403));
    });
}

async fn ada_project(ada: &Person) -> String {
    match ada.ask(Request::Overview).await {
        Ok(Reply::Overview(overview)) => overview.projects[0].id.clone(),
        other => panic!("an overview: {other:?}"),
    }
}

fn asks_log(request: &HttpRequest) -> bool {
    request.method == Method::Get && request.path.contains("/log")
}

/// Somebody whose server changes the log that it shows from now on.
async fn shown_otherwise(
    change: fn(&mut Vec<SignedEntry>),
) -> (Victim, Result<LogEntries, Problem>) {
    let ground = Ground::new().await;
    let (victim, _) = ground.founder().await;
    let scope = victim.environment().await;
    for key in ["A", "B", "C"] {
        victim.set(&scope, key, "1").await.unwrap();
    }
    // The control: what the server shows is what was verified.
    let honest = log(victim.ask(asked(None, LogFilter::default())).await).unwrap();
    assert_eq!(honest.before, None);
    let met = Rc::new(Cell::new(false));
    let meets = met.clone();
    victim.wire.meddle(move |request: &HttpRequest, reply: &mut HttpResponse| {
        if asks_log(request) {
            let mut page: LogPage = decode_strict(&reply.body).unwrap();
            change(&mut page.entries);
            reply.body = encode(&page);
            meets.set(true);
        }
    });
    let shown = log(victim.ask(asked(None, LogFilter::default())).await);
    assert!(met.get());
    (victim, shown)
}

#[test]
fn a_server_that_tells_another_past_is_caught_and_nothing_of_it_is_shown() {
    fn other_time(entries: &mut [SignedEntry]) {
        let last = entries.last_mut().unwrap();
        let entry: Entry = last.claim(|entry| Entry { time: 7, ..entry.clone() }).unwrap();
        *last = SignedEntry::new(&entry, |_| [7; 64]);
    }
    let changes: [fn(&mut Vec<SignedEntry>); 4] = [
        |entries| other_time(entries),
        |entries| entries.swap(2, 3),
        |entries| drop(entries.remove(2)),
        |entries| entries[2] = entries[3].clone(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        story(async move {
            let (victim, shown) = shown_otherwise(change).await;
            assert_eq!(shown.unwrap_err().kind, Kind::Rollback);
            let alarm =
                |event: &Event| matches!(event, Event::Alarm(it) if it.kind == Kind::Rollback);
            assert!(victim.events().iter().any(alarm));
            // What it has shown is kept: nobody has signed on top of it.
            let [kept] = victim.alarms().await.try_into().unwrap();
            assert_eq!((kept.differs, kept.here), (Differs::Other, true));
            // Nor is anybody named who has signed nothing.
            assert_eq!((kept.author.is_some(), kept.signed.is_some()), (number > 0, number > 0));
            // Nor is anything taken from it or given to it afterwards.
            victim.wire.honest();
            let again = log(victim.ask(asked(None, LogFilter::default())).await);
            assert_eq!(again.unwrap_err().kind, Kind::Rollback);
        });
    }
}

#[test]
fn a_server_that_keeps_the_past_back_is_no_proof_of_anything() {
    story(async {
        let (_, shown) = shown_otherwise(Vec::clear).await;
        assert_eq!(shown.unwrap_err().kind, Kind::Refused);
    });
}

async fn as_it_was(person: &Person, vault: &str, seq: u64) -> AsItWas {
    match person.ask(Request::AsItWas { vault: vault.into(), seq }).await {
        Ok(Reply::AsItWas(found)) => found,
        other => panic!("as it was: {other:?}"),
    }
}

async fn turn_back(
    person: &Person,
    vault: &str,
    seq: u64,
    found: &AsItWas,
) -> Result<usize, Problem> {
    let all = found.changes.iter();
    let secrets = all.map(|it| ToTurnBack { secret: it.secret.clone(), base: it.base });
    let (vault, secrets) = (vault.to_owned(), secrets.collect());
    let request = Request::TurnBack { vault, seq, secrets, note: "As it was".into() };
    match person.ask(request).await? {
        Reply::Written(count) => Ok(count),
        other => panic!("written: {other:?}"),
    }
}

async fn newest(person: &Person) -> u64 {
    log(person.ask(asked(None, LogFilter::default())).await).unwrap().entries[0].seq
}

/// Keys with their values, of an environment and its application.
async fn values(person: &Person, scope: &Scope) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for row in person.secrets(scope, true).await {
        let value = person.reveal(&row).await.unwrap_or_else(|problem| problem.message);
        all.push((row.key, value));
    }
    all
}

fn turns(found: &AsItWas) -> Vec<(&str, Turn)> {
    found.changes.iter().map(|it| (it.key.as_str(), it.turn)).collect()
}

#[test]
fn an_environment_is_as_it_was_by_one_change_and_back_by_another() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, application] = ada.scopes().await;
        let vault = ada.vault("billing / production").await;
        ada.set(&environment, "STAYS", "s").await.unwrap();
        let changed = ada.set(&environment, "CHANGED", "old").await.unwrap();
        let deleted = ada.set(&environment, "DELETED", "gone").await.unwrap();
        let renamed = ada.set(&environment, "NAME", "n").await.unwrap();
        let port = ada.set(&application, "PORT", "1").await.unwrap();
        let (scope, key) = (application.clone(), "ALIAS".to_owned());
        let (target, note) = (changed.id.clone(), String::new());
        let alias = ada.write(Write::Alias { scope, key, target, note }).await.unwrap();
        let before = values(&ada, &application).await;
        let seq = newest(&ada).await;

        let middle = ada.edit(&changed, "newer").await.unwrap();
        ada.edit(&middle, "newest").await.unwrap();
        ada.write(delete(&deleted)).await.unwrap();
        let key = Some("OTHER_NAME".to_owned());
        let change = Change { key, ..Change::default() };
        let (secret, base) = (renamed.id.clone(), renamed.version);
        ada.write(Write::Edit { secret, base, change }).await.unwrap();
        ada.edit(&port, "2").await.unwrap();
        ada.write(delete(&alias)).await.unwrap();
        ada.set(&environment, "NEW", "x").await.unwrap();
        // Another secret has the key of one that was deleted.
        ada.set(&environment, "DELETED", "another").await.unwrap();
        // Changed, and changed back: it is as it was.
        let stays = ada.row(&environment, "STAYS").await;
        let other = ada.edit(&stays, "t").await.unwrap();
        ada.edit(&other, "s").await.unwrap();
        let after = values(&ada, &application).await;
        let then = newest(&ada).await;

        // A rotation changes nothing of that: what is in the histories is sealed again.
        rotate(&ada, "billing / production", false).await;
        let ada = ada.locked();
        ada.unlock(PASSWORD).await.unwrap();

        let found = as_it_was(&ada, &vault, seq).await;
        assert_eq!(
            turns(&found),
            [
                ("ALIAS", Turn::Back),
                ("CHANGED", Turn::Changed),
                ("DELETED", Turn::Deleted),
                ("DELETED", Turn::Back),
                ("NEW", Turn::Deleted),
                ("OTHER_NAME", Turn::Changed),
                ("PORT", Turn::Changed),
            ]
            .map(|it| it)
        );
        assert_eq!(found.changes[5].renamed.as_deref(), Some("NAME"));
        assert_eq!(found.changes[6].scope_name, "billing / production / api");
        assert_eq!(found.lost, []);
        let head = newest(&ada).await;
        assert_eq!(turn_back(&ada, &vault, seq, &found).await, Ok(7));
        assert_eq!(newest(&ada).await, head + 1);
        assert_eq!(values(&ada, &application).await, before);
        assert_eq!(as_it_was(&ada, &vault, seq).await.changes, []);
        let told = log(ada.ask(asked(None, LogFilter::default())).await).unwrap();
        let Deed { text, note, .. } = &told.entries[0].deeds[0];
        assert_eq!(text, "billing / production: 5 changed, 2 deleted.");
        assert_eq!(note, "As it was");

        // Undone like any other change, by the same way.
        let back = as_it_was(&ada, &vault, then).await;
        turn_back(&ada, &vault, then, &back).await.unwrap();
        assert_eq!(values(&ada, &application).await, after);
        // An entry that is not there yet is no time.
        let later = Request::AsItWas { vault, seq: 10_000 };
        assert_eq!(ada.ask(later).await.unwrap_err().kind, Kind::NotFound);
    });
}

#[test]
fn what_cannot_be_had_as_it_was_is_named_and_the_rest_can() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [project, environment, _] = ada.scopes().await;
        let vault = ada.vault("billing / production").await;
        let dropped = ada.set(&environment, "DROPPED", "old").await.unwrap();
        let above = ada.set(&project, "ABOVE", "1").await.unwrap();
        let (scope, target) = (environment.clone(), above.id.clone());
        let (value, note) = (Plain::Text(hidden("2")), String::new());
        let over = ada.write(Write::Override { scope, target, value, note }).await.unwrap();
        let seq = newest(&ada).await;
        ada.edit(&dropped, "new").await.unwrap();
        ada.write_all(vec![delete(&over), delete(&above)]).await.unwrap();
        rotate(&ada, "billing / production", true).await;
        ada.set(&environment, "LATER", "x").await.unwrap();

        let found = as_it_was(&ada, &vault, seq).await;
        assert_eq!(turns(&found), [("LATER", Turn::Deleted)]);
        let lost: Vec<_> = found.lost.iter().map(|it| (it.key.as_str(), it.why.as_str())).collect();
        let gone = "Its versions of then were dropped by a rotation.";
        assert_eq!(lost, [("ABOVE", gone), ("DROPPED", gone)]);
        assert_eq!(turn_back(&ada, &vault, seq, &found).await, Ok(1));
        let dropped = ada.row(&environment, "DROPPED").await;
        assert_eq!(ada.reveal(&dropped).await.unwrap(), "new");

        // By a rule of scopes: what an override is for has gone meanwhile.
        let above = ada.set(&project, "LIMIT", "1").await.unwrap();
        let (scope, target) = (environment.clone(), above.id.clone());
        let (value, note) = (Plain::Text(hidden("2")), String::new());
        let over = ada.write(Write::Override { scope, target, value, note }).await.unwrap();
        let mine = ada.set(&environment, "MINE", "1").await.unwrap();
        let seq = newest(&ada).await;
        ada.write_all(vec![delete(&over), delete(&above)]).await.unwrap();
        let mine = ada.edit(&mine, "2").await.unwrap();
        let found = as_it_was(&ada, &vault, seq).await;
        assert_eq!(turns(&found), [("MINE", Turn::Changed)]);
        let lost: Vec<_> = found.lost.iter().map(|it| (it.key.as_str(), it.why.as_str())).collect();
        assert_eq!(lost, [("LIMIT", "There is no such secret to alias or override.")]);

        // What somebody else changes meanwhile is a conflict, and nothing is written.
        ada.edit(&mine, "3").await.unwrap();
        let refused = turn_back(&ada, &vault, seq, &found).await.unwrap_err();
        assert!(matches!(refused.kind, Kind::Conflict(ref rows) if rows.len() == 1));
        let mine = ada.row(&environment, "MINE").await;
        assert_eq!(ada.reveal(&mine).await.unwrap(), "3");
    });
}
