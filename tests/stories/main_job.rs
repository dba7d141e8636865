//! From an empty server to secrets that it cannot read, as a user would tell it.

use subrosa_bridge::view::{Change, KeptDraft, Scope, Status, Write};
use subrosa_bridge::{Event, Hidden, Kind, Reply, Request};
use subrosa_tests::{PASSWORD, Person, Stage, story};

#[test]
fn first_run_lock_unlock_and_a_new_device() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        assert!(!stage.setup_link_is_open());
        let [project, environment, application] = ada.scopes().await;
        ada.set(&project, "SHARED", "for all").await.unwrap();
        ada.set(&environment, "DATABASE_URL", "postgres://…").await.unwrap();
        ada.set(&application, "PORT", "8080").await.unwrap();

        // Lock and unlock: everything is there again.
        let ada = ada.locked();
        assert_eq!(ada.ask(Request::Status).await, Ok(Reply::Status(Status::Locked)));
        let overview = ada.unlock(PASSWORD).await.unwrap();
        assert_eq!(overview.team_name, "Rosenkreuz canary-team");
        assert_eq!(overview.me, "Ada canary-person");
        assert_eq!(overview.projects[0].environments[0].applications[0].name, "api");

        // A new device: the kit and the password.
        let laptop = stage.desk();
        assert_eq!(laptop.ask(Request::Status).await, Ok(Reply::Status(Status::Empty)));
        let there = laptop.recover(kit.text.expose(), PASSWORD).await.unwrap();
        assert_eq!(there.projects, overview.projects);
        let keys: Vec<_> = laptop.secrets(&application, true).await;
        let seen: Vec<_> = keys.iter().map(|row| (row.key.as_str(), row.inherited)).collect();
        assert_eq!(seen, [("DATABASE_URL", true), ("PORT", false), ("SHARED", true)]);
        assert_eq!(laptop.reveal(&keys[0]).await.unwrap(), "postgres://…");
        // And it stays a device: the password is enough from here on.
        laptop.locked().unlock(PASSWORD).await.unwrap();
    });
}

#[test]
fn drafts_outlive_a_lock_and_nobody_else_reads_them() {
    const NAMES: [&str; 2] =
        ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let keep = |name: &str, text: Option<&str>| Request::KeepDraft {
            name: name.into(),
            text: text.map(|text| Hidden::new(text.into())),
        };
        for name in NAMES {
            assert_eq!(ada.ask(keep(name, Some("canary-draft"))).await, Ok(Reply::Done));
        }
        assert_eq!(ada.ask(keep(NAMES[0], Some("half a canary-draft"))).await, Ok(Reply::Done));
        let ada = ada.locked();
        let locked = ada.ask(Request::Drafts).await.map_err(|problem| problem.kind);
        assert_eq!(locked, Err(Kind::Locked));
        ada.unlock(PASSWORD).await.unwrap();
        let kept = |ada: Person| async move {
            match ada.ask(Request::Drafts).await {
                Ok(Reply::Drafts(drafts)) => {
                    let text = |draft: KeptDraft| (draft.name, draft.text.expose().to_owned());
                    (ada, drafts.into_iter().map(text).collect::<Vec<_>>())
                }
                other => panic!("{other:?}"),
            }
        };
        let (ada, drafts) = kept(ada).await;
        let expected = [(NAMES[1], "canary-draft"), (NAMES[0], "half a canary-draft")];
        assert_eq!(drafts, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));

        // One goes, and all together have a bound, over which nothing of them is lost.
        assert_eq!(ada.ask(keep(NAMES[1], None)).await, Ok(Reply::Done));
        let large = "x".repeat(1 << 20);
        let mut refused = None;
        for number in 0..9 {
            let name = format!("44444444-4444-4444-8444-44444444444{number}");
            if let Err(problem) = ada.ask(keep(&name, Some(&large))).await {
                refused = Some(problem.kind);
            }
        }
        assert_eq!(refused, Some(Kind::TooLarge));
        let (ada, drafts) = kept(ada).await;
        assert!(drafts.contains(&(NAMES[0].to_owned(), "half a canary-draft".to_owned())));

        // Another device has none of them, and a device that forgets has none left.
        let laptop = stage.desk();
        laptop.recover(kit.text.expose(), PASSWORD).await.unwrap();
        assert_eq!(kept(laptop).await.1, []);
        ada.ask(Request::ForgetDevice).await.unwrap();
        ada.recover(kit.text.expose(), PASSWORD).await.unwrap();
        assert_eq!(kept(ada).await.1, []);
    });
}

#[test]
fn an_edit_on_one_device_is_told_to_the_other() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let laptop = stage.desk();
        laptop.recover(kit.text.expose(), PASSWORD).await.unwrap();
        let watching = laptop.watch();
        let told = |person: &Person, key: &str, scope: &Scope| {
            let Scope::Environment(id) = scope else { panic!("an environment") };
            let count = |event: &Event| match event {
                Event::Changed(overview) => overview
                    .projects
                    .iter()
                    .flat_map(|project| &project.environments)
                    .any(|environment| environment.id == *id && environment.secrets > 0),
                _ => false,
            };
            assert_eq!(key, "TOKEN");
            person.events().iter().any(count)
        };
        assert!(!told(&laptop, "TOKEN", &environment));
        ada.set(&environment, "TOKEN", "1").await.unwrap();
        while !told(&laptop, "TOKEN", &environment) {
            tokio::task::yield_now().await;
        }
        assert_eq!(laptop.reveal(&laptop.row(&environment, "TOKEN").await).await.unwrap(), "1");
        watching.abort();
    });
}

#[test]
fn different_secrets_merge_and_the_same_secret_is_a_conflict_that_loses_nothing() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let first = ada.set(&environment, "TOKEN", "old").await.unwrap();
        let laptop = stage.desk();
        laptop.recover(kit.text.expose(), PASSWORD).await.unwrap();

        // Neither has seen the other's: both survive.
        ada.set(&environment, "A", "of ada").await.unwrap();
        laptop.set(&environment, "L", "of the laptop").await.unwrap();
        ada.ask(Request::Sync).await.unwrap();
        let keys: Vec<_> =
            ada.secrets(&environment, false).await.into_iter().map(|row| row.key).collect();
        assert_eq!(keys, ["A", "L", "TOKEN"]);

        // The same secret: the second to come is shown the first one's, and nothing is written.
        laptop.edit(&first, "of the laptop").await.unwrap();
        let problem = ada.edit(&first, "of ada").await.unwrap_err();
        let Kind::Conflict(conflicts) = problem.kind else { panic!("{problem:?}") };
        let theirs = &conflicts[0].theirs;
        assert_eq!((theirs.key.as_str(), theirs.version), ("TOKEN", 2));
        assert_eq!(ada.reveal(theirs).await.unwrap(), "of the laptop");
        // Keep mine: on top of theirs, which stays in the history.
        let kept = ada.edit(theirs, "of ada").await.unwrap();
        assert_eq!(ada.reveal(&kept).await.unwrap(), "of ada");
        let reveal = Request::Reveal { secret: kept.id, version: Some(2) };
        assert_eq!(subrosa_tests::text(ada.ask(reveal).await.unwrap()), "of the laptop");

        // The same key made twice is a conflict too.
        laptop.ask(Request::Sync).await.unwrap();
        ada.set(&environment, "NEW", "of ada").await.unwrap();
        let problem = laptop.set(&environment, "NEW", "of the laptop").await.unwrap_err();
        assert!(matches!(problem.kind, Kind::Conflict(_)), "{problem:?}");
    });
}

#[test]
fn four_devices_write_at_once_and_nothing_is_lost() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let mut devices = vec![ada];
        for _ in 0..3 {
            let device = stage.desk();
            device.recover(kit.text.expose(), PASSWORD).await.unwrap();
            devices.push(device);
        }
        let writers: Vec<_> = devices
            .iter()
            .enumerate()
            .map(|(who, device)| {
                let (device, environment) = (device.clone(), environment.clone());
                tokio::task::spawn_local(async move {
                    for round in 0..10 {
                        let key = format!("K{who}_{round}");
                        device.set(&environment, &key, &key).await.unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        for device in &devices {
            device.ask(Request::Sync).await.unwrap();
            let rows = device.secrets(&environment, false).await;
            assert_eq!(rows.len(), 40);
            assert_eq!(device.reveal(&rows[17]).await.unwrap(), rows[17].key);
        }
    });
}

#[test]
fn delete_undo_history_and_restore() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let row = ada.set(&environment, "TOKEN", "one").await.unwrap();
        let row = ada.edit(&row, "two").await.unwrap();
        let delete = Write::Delete { secret: row.id.clone(), base: row.version };
        ada.write(delete).await.unwrap();
        assert!(ada.secrets(&environment, false).await.is_empty());
        let deleted = ada.ask(Request::Deleted { scope: environment.clone() }).await.unwrap();
        let Reply::Secrets(deleted) = deleted else { panic!("secrets") };
        assert_eq!(deleted.rows[0].key, "TOKEN");

        let undo = Write::Restore { secret: row.id.clone(), version: None };
        ada.write(undo).await.unwrap();
        let row = ada.row(&environment, "TOKEN").await;
        assert_eq!((ada.reveal(&row).await.unwrap().as_str(), row.version), ("two", 4));
        let history = ada.ask(Request::History { secret: row.id.clone() }).await.unwrap();
        let Reply::History(history) = history else { panic!("a history") };
        let versions: Vec<_> = history.iter().map(|v| (v.version, v.kind.is_none())).collect();
        assert_eq!(versions, [(4, false), (3, true), (2, false), (1, false)]);
        let back = Write::Restore { secret: row.id.clone(), version: Some(1) };
        ada.write(back).await.unwrap();
        let row = ada.row(&environment, "TOKEN").await;
        assert_eq!(ada.reveal(&row).await.unwrap(), "one");

        // Each version has the key that it had then.
        let change = Change { key: Some("SECRET".into()), ..Change::default() };
        let secret = row.id.clone();
        ada.write(Write::Edit { secret, base: row.version, change }).await.unwrap();
        let history = ada.ask(Request::History { secret: row.id }).await.unwrap();
        let Reply::History(history) = history else { panic!("a history") };
        let versions: Vec<_> = history.iter().map(|it| (it.version, it.key.as_str())).collect();
        assert_eq!(versions[..2], [(6, "SECRET"), (5, "TOKEN")]);
        assert_eq!(versions.len(), 6);
    });
}

#[test]
fn a_history_goes_on_past_one_list() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let [_, environment, _] = ada.scopes().await;
        let mut row = ada.set(&environment, "TOKEN", "1").await.unwrap();
        for version in 2..=140 {
            row = ada.edit(&row, &version.to_string()).await.unwrap();
        }
        let reveal = |version| Request::Reveal { secret: row.id.clone(), version: Some(version) };
        for version in [1, 64, 65, 128, 129, 139, 140] {
            let value = subrosa_tests::text(ada.ask(reveal(version)).await.unwrap());
            assert_eq!(value, version.to_string());
        }
    });
}
