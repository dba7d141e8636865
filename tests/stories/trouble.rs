//! Bad input and bad days: each gets its message, and nothing is lost.

use subrosa_bridge::view::{Format, ImportChoice, Row, Scope};
use subrosa_bridge::{Event, Kind, Problem, Reply, Request};
use subrosa_tests::{PASSWORD, Person, Stage, hidden, story};
use tokio::task::{JoinHandle, spawn_local};

#[test]
fn a_wrong_password_and_a_mistyped_kit_are_told_apart() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let problem = ada.locked().unlock("not the password").await.unwrap_err();
        assert_eq!(problem.kind, Kind::WrongPassword);

        let laptop = stage.desk();
        let problem = laptop.recover(kit.text.expose(), "not the password").await.unwrap_err();
        assert_eq!(problem.kind, Kind::WrongPassword);
        let mistyped =
            kit.secret_key.expose().replace(kit.secret_key.expose().chars().last().unwrap(), "!");
        let problem = laptop.recover(&mistyped, PASSWORD).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Mistyped);
        assert!(problem.message.contains("Secret Key"), "{problem:?}");
        let key = kit.secret_key.expose().to_lowercase();
        for typed in [key.clone(), key.replace('-', " "), key.replace('-', "")] {
            let kit = format!("{typed}\n{}", kit.checkpoint);
            stage.desk().recover(&kit, PASSWORD).await.unwrap();
        }
    });
}

#[test]
fn a_setup_link_is_good_once_and_the_device_is_left_as_it_was() {
    story(async {
        let stage = Stage::new().await;
        let token = stage.running().setup_token().unwrap();
        let check = Request::CheckSetup { token: hidden(&token) };
        assert_eq!(stage.desk().ask(check).await, Ok(Reply::Done));
        let (ada, _) = stage.founder().await;
        let late = stage.desk();
        let check = Request::CheckSetup { token: hidden(&token) };
        assert_eq!(late.ask(check).await.unwrap_err().kind, Kind::SetupToken);
        // Another founder may have come between.
        let problem = late.found(&token).await.unwrap_err();
        assert_eq!(problem.kind, Kind::SetupToken);
        let status = late.locked().ask(Request::Status).await;
        assert_eq!(status, Ok(Reply::Status(subrosa_bridge::view::Status::Empty)));
        ada.locked().unlock(PASSWORD).await.unwrap();
    });
}

#[test]
fn a_kit_that_was_not_kept_founds_no_team() {
    story(async {
        let stage = Stage::new().await;
        let ada = stage.desk();
        let begin = Request::BeginSetup {
            token: hidden(&stage.running().setup_token().unwrap()),
            team_name: "Team".into(),
            me: "Ada".into(),
            password: hidden(PASSWORD),
        };
        let Reply::Kit(kit) = ada.ask(begin).await.unwrap() else { panic!("a kit") };
        let wrong = Request::FinishSetup {
            secret_key_fragment: hidden("XXXX"),
            root_key_fragment: hidden("XXXXXX"),
        };
        assert_eq!(ada.ask(wrong).await.unwrap_err().kind, Kind::KitProof);
        assert!(stage.setup_link_is_open(), "nothing was posted");
        ada.finish(&kit).await.unwrap();
        // A lost answer: the same again is answered the same.
        ada.finish(&kit).await.unwrap();
    });
}

#[test]
fn keys_values_and_names_that_break_a_rule_say_which() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [project, environment, _] = ada.scopes().await;
        let check = |key: &str| Request::CheckKey { key: key.into() };
        assert_eq!(ada.ask(check("api_key")).await, Ok(Reply::Done));
        let bad = ada.ask(check("api.key")).await.unwrap_err();
        assert_eq!(bad.kind, Kind::BadKey(Some("api_key".into())));
        let bad = ada.set(&environment, "api.key", "x").await.unwrap_err();
        assert_eq!(bad.kind, Kind::BadKey(Some("api_key".into())));
        let large = "x".repeat((1 << 20) + 1);
        assert_eq!(ada.set(&environment, "LARGE", &large).await.unwrap_err().kind, Kind::TooLarge);
        let most = ada.set(&environment, "MOST", &large[1..]).await.unwrap();
        assert_eq!(ada.reveal(&most).await.unwrap().len(), 1 << 20);
        let shared = ada.set(&project, "SHARED", "x").await.unwrap();
        let above = ada.set(&environment, "SHARED", "y").await.unwrap_err();
        assert_eq!(above.kind, Kind::Higher(shared.id));
        let again = Request::CreateProject { name: "billing".into() };
        assert_eq!(ada.ask(again).await.unwrap_err().kind, Kind::BadName);
    });
}

/// Stops the server, and has `person` set TOKEN until its client has noticed.
async fn writing_without_a_server(
    stage: &mut Stage,
    person: &Person,
    scope: &Scope,
) -> JoinHandle<Result<Row, Problem>> {
    stage.stop().await;
    let (writer, scope) = (person.clone(), scope.clone());
    let writing = spawn_local(async move { writer.set(&scope, "TOKEN", "kept").await });
    while !person.events().contains(&Event::Online(false)) {
        tokio::task::yield_now().await;
    }
    writing
}

#[test]
fn a_change_waits_for_a_server_that_is_away_and_gets_in() {
    story(async {
        let mut stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let writing = writing_without_a_server(&mut stage, &ada, &environment).await;
        stage.start().await;
        let row = writing.await.unwrap().unwrap();
        assert_eq!(ada.reveal(&row).await.unwrap(), "kept");
        assert!(ada.events().contains(&Event::Online(true)));
    });
}

#[test]
fn a_change_that_was_cut_off_by_a_crash_is_settled_at_the_next_unlock() {
    story(async {
        let mut stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let writing = writing_without_a_server(&mut stage, &ada, &environment).await;
        writing.abort();
        stage.start().await;
        let ada = ada.locked();
        ada.unlock(PASSWORD).await.unwrap();
        let row = ada.row(&environment, "TOKEN").await;
        assert_eq!(ada.reveal(&row).await.unwrap(), "kept");
    });
}

#[test]
fn a_server_that_is_set_back_is_found_out() {
    story(async {
        let mut stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        stage.stop().await;
        let kept = stage.backup();
        stage.start().await;
        ada.set(&environment, "TOKEN", "1").await.unwrap();
        stage.stop().await;
        stage.restore(&kept);
        stage.start().await;
        let problem = ada.locked().unlock(PASSWORD).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Rollback);
        assert_eq!(ada.ask(Request::Sync).await.unwrap_err().kind, Kind::Rollback);
    });
}

#[test]
fn a_damaged_object_is_named_and_the_rest_still_opens() {
    story(async {
        let mut stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let good = ada.set(&environment, "GOOD", "fine").await.unwrap();
        let objects = |stage: &Stage| -> Vec<Vec<u8>> {
            let database = rusqlite::Connection::open(database(stage)).unwrap();
            let mut query = database.prepare("SELECT id FROM objects").unwrap();
            query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let before = objects(&stage);
        let bad = ada.set(&environment, "BAD", &"x".repeat(5000)).await.unwrap();
        // Of the new objects the value is the longest.
        stage.stop().await;
        {
            let database = rusqlite::Connection::open(database(&stage)).unwrap();
            let new: Vec<Vec<u8>> =
                objects(&stage).into_iter().filter(|id| !before.contains(id)).collect();
            let length = |id: &Vec<u8>| -> i64 {
                let query = "SELECT length(sealed) FROM objects WHERE id = ?1";
                database.query_row(query, [id], |row| row.get(0)).unwrap()
            };
            let value = new.iter().max_by_key(|id| length(id)).unwrap();
            let damage = "UPDATE objects SET sealed = zeroblob(length(sealed)) WHERE id = ?1";
            assert_eq!(database.execute(damage, [value]).unwrap(), 1);
        }
        stage.start().await;
        let ada = ada.locked();
        ada.unlock(PASSWORD).await.unwrap();
        assert_eq!(ada.reveal(&good).await.unwrap(), "fine");
        let problem = ada.reveal(&bad).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Corrupted);
        assert!(problem.message.contains("BAD"), "{problem:?}");
    });
}

fn database(stage: &Stage) -> std::path::PathBuf {
    let is_database = |path: &std::path::PathBuf| {
        path.extension().is_some_and(|extension| extension == "sqlite" || extension == "db")
    };
    let mut files = std::fs::read_dir(stage.data()).unwrap().map(|file| file.unwrap().path());
    files.find(is_database).expect("the database file")
}

#[test]
fn an_import_shows_what_it_would_do_and_drops_nothing() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [project, environment, _] = ada.scopes().await;
        ada.set(&project, "ABOVE", "x").await.unwrap();
        ada.set(&environment, "SAME", "1").await.unwrap();
        ada.set(&environment, "OTHER", "1").await.unwrap();
        let text = "NEW=1\nSAME=1\nOTHER=2\nABOVE=1\nTWICE=1\nTWICE=2\nbad.key=3\nno sense\n";
        let read = Request::ReadImport { scope: environment.clone(), text: hidden(text) };
        let Reply::Import(import) = ada.ask(read).await.unwrap() else { panic!("an import") };
        let states: Vec<_> =
            import.lines.iter().map(|line| format!("{} {:?}", line.key, line.state)).collect();
        assert_eq!(
            states,
            ["NEW New", "SAME Same", "OTHER Differs", "ABOVE Override", "TWICE New", "TWICE New"]
        );
        assert_eq!(import.lines[4].duplicates, [6]);
        assert_eq!(import.bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [7, 8]);
        assert_eq!(import.bad[0].suggestion.as_deref(), Some("bad_key"));
        let choose = |line, key: &str| ImportChoice { line, key: key.into(), value: None };
        let both = vec![choose(5, "TWICE"), choose(6, "TWICE")];
        let problem = ada.ask(Request::ApplyImport { choices: both }).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Exists);
        let choices =
            vec![choose(1, "NEW"), choose(3, "OTHER"), choose(6, "TWICE"), choose(7, "bad_key")];
        assert_eq!(ada.ask(Request::ApplyImport { choices }).await, Ok(Reply::Written(4)));
        let export = Request::Export {
            scope: environment.clone(),
            format: Format::Dotenv,
            inherited: false,
            built_in: false,
        };
        let exported = subrosa_tests::text(ada.ask(export).await.unwrap());
        assert_eq!(exported, "NEW=1\nOTHER=2\nSAME=1\nTWICE=2\nbad_key=3\n");
    });
}

#[test]
fn an_import_writes_over_nothing_that_it_did_not_show() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        ada.set(&environment, "SHOWN", "1").await.unwrap();
        let read = || Request::ReadImport { scope: environment.clone(), text: hidden("SHOWN=2\n") };
        let choices = vec![ImportChoice { line: 1, key: "SHOWN".into(), value: None }];
        let apply = Request::ApplyImport { choices };
        ada.ask(read()).await.unwrap();
        let laptop = stage.desk();
        laptop.recover(kit.text.expose(), PASSWORD).await.unwrap();
        laptop.set(&environment, "SHOWN", "of the laptop").await.unwrap();
        ada.ask(Request::Sync).await.unwrap();
        let problem = ada.ask(apply.clone()).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Exists);
        assert!(problem.message.contains("SHOWN"), "{problem:?}");
        let row = ada.row(&environment, "SHOWN").await;
        assert_eq!(ada.reveal(&row).await.unwrap(), "of the laptop");
        ada.ask(read()).await.unwrap();
        assert_eq!(ada.ask(apply).await, Ok(Reply::Written(1)));
    });
}

#[test]
fn a_change_that_was_cut_off_waits_until_the_server_can_store_it() {
    story(async {
        let mut stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let writing = writing_without_a_server(&mut stage, &ada, &environment).await;
        writing.abort();
        stage.start().await;
        stage.running().set_read_only(true).unwrap();
        let ada = ada.locked();
        ada.unlock(PASSWORD).await.unwrap();
        let told = |event: &Event| matches!(event, Event::Alarm(it) if it.kind == Kind::Refused);
        assert!(ada.events().iter().any(told), "{:?}", ada.events());
        assert_eq!(ada.secrets(&environment, false).await, []);
        stage.running().set_read_only(false).unwrap();
        let ada = ada.locked();
        ada.unlock(PASSWORD).await.unwrap();
        let row = ada.row(&environment, "TOKEN").await;
        assert_eq!(ada.reveal(&row).await.unwrap(), "kept");
        assert!(!ada.events().iter().any(told));
    });
}

#[test]
fn a_device_that_only_watches_finds_its_way_back_after_a_restart() {
    story(async {
        let mut stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let laptop = stage.desk();
        laptop.recover(kit.text.expose(), PASSWORD).await.unwrap();
        let watching = laptop.watch();
        while !laptop.events().contains(&Event::Online(true)) {
            tokio::task::yield_now().await;
        }
        // A new server knows none of the old one's sessions.
        stage.stop().await;
        stage.start().await;
        ada.set(&environment, "TOKEN", "1").await.unwrap();
        while laptop.secrets(&environment, false).await.is_empty() {
            tokio::task::yield_now().await;
        }
        watching.abort();
    });
}
