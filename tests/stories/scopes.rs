//! Scoped secrets as a user tells them: aliases, overrides, files, references, and what goes with
//! what.

use subrosa_bridge::view::{
    CellState, Change, Comparison, Effective, Format, Found, Matrix, Only, Plain, Resolved, Row,
    Scope, SecretKind, Verdict, Write,
};
use subrosa_bridge::{HiddenBytes, Kind, Reply, Request};
use subrosa_tests::{PASSWORD, Person, Stage, hidden, story, text};

fn plain(text: &str) -> Plain {
    Plain::Text(hidden(text))
}

fn edit(row: &Row, change: Change) -> Write {
    Write::Edit { secret: row.id.clone(), base: row.version, change }
}

fn delete(row: &Row) -> Write {
    Write::Delete { secret: row.id.clone(), base: row.version }
}

fn alias(scope: &Scope, key: &str, target: &str) -> Write {
    let (scope, target) = (scope.clone(), target.to_owned());
    Write::Alias { scope, key: key.into(), target, note: String::new() }
}

fn overriding(scope: &Scope, target: &str, value: &str) -> Write {
    let (scope, target) = (scope.clone(), target.to_owned());
    Write::Override { scope, target, value: plain(value), note: String::new() }
}

async fn come_to(person: &Person, scope: &Scope, key: &str) -> Result<String, Kind> {
    let request = Request::RevealKey { scope: scope.clone(), key: key.into() };
    person.ask(request).await.map(text).map_err(|problem| problem.kind)
}

async fn trace(person: &Person, scope: &Scope, key: &str) -> Resolved {
    let request = Request::Trace { scope: scope.clone(), key: key.into() };
    match person.ask(request).await.unwrap() {
        Reply::Effective(Effective { mut rows, .. }) => rows.remove(0),
        other => panic!("a trace: {other:?}"),
    }
}

async fn export(person: &Person, scope: &Scope, format: Format) -> String {
    let scope = scope.clone();
    let request = Request::Export { scope, format, inherited: true, built_in: false };
    text(person.ask(request).await.unwrap())
}

async fn matrix(person: &Person, project: &str, only: Option<Only>) -> Matrix {
    let request = Request::Matrix {
        project: project.into(),
        filter: String::new(),
        only,
        environment: None,
        application: None,
        expanded: vec!["URL".into()],
        offset: 0,
        limit: 100,
    };
    shown_of(person, request).await
}

async fn shown_of(person: &Person, request: Request) -> Matrix {
    match person.ask(request).await.unwrap() {
        Reply::Matrix(matrix) => matrix,
        other => panic!("a matrix: {other:?}"),
    }
}

/// A project with two environments; the first has an application.
struct Ground {
    project: Scope,
    staging: Scope,
    production: Scope,
    api: Scope,
    id: String,
}

async fn ground(ada: &Person) -> Ground {
    let [project, production, api] = ada.scopes().await;
    let Scope::Project(id) = &project else { panic!("a project") };
    let name = "staging".into();
    let staging = ada.create(Request::CreateEnvironment { project: id.clone(), name }).await;
    Ground { id: id.clone(), staging: Scope::Environment(staging), project, production, api }
}

/// The number of the last entry.
async fn entries(person: &Person) -> u64 {
    let Reply::Overview(overview) = person.ask(Request::Overview).await.unwrap() else {
        panic!("an overview")
    };
    overview.checkpoint.split_once(':').unwrap().0.parse().unwrap()
}

#[test]
fn an_override_wins_where_it_is_set_and_an_alias_follows_it() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let at = ground(&ada).await;
        let host = ada.set(&at.project, "HOST", "db.example").await.unwrap();
        ada.write(alias(&at.production, "DATABASE_HOST", &host.id)).await.unwrap();
        let row = ada.write(overriding(&at.api, &host.id, "db.api.example")).await.unwrap();
        let SecretKind::Override(target) = &row.kind else { panic!("an override: {row:?}") };
        assert_eq!((target.key.as_str(), target.scope_name.as_str()), ("HOST", "billing"));
        // A value that is exactly a reference makes an alias; one with more in it is filled in.
        let made = ada.set(&at.api, "HOST_AGAIN", "{{HOST}}").await.unwrap();
        assert!(matches!(made.kind, SecretKind::Alias(_)), "{made:?}");
        ada.set(&at.project, "URL", "https://{{HOST}}:{{PORT}}/").await.unwrap();
        ada.set(&at.production, "PORT", "5432").await.unwrap();

        for (scope, key, value) in [
            (&at.project, "HOST", "db.example"),
            (&at.production, "DATABASE_HOST", "db.example"),
            (&at.api, "DATABASE_HOST", "db.api.example"),
            (&at.api, "HOST_AGAIN", "db.api.example"),
            (&at.production, "URL", "https://db.example:5432/"),
            (&at.api, "URL", "https://db.api.example:5432/"),
            (&at.api, "SUBROSA_PROJECT_NAME", "billing"),
            (&at.api, "SUBROSA_ENVIRONMENT_NAME", "production"),
            (&at.api, "SUBROSA_APPLICATION_NAME", "api"),
        ] {
            assert_eq!(come_to(&ada, scope, key).await.as_deref(), Ok(value), "{key} {scope:?}");
        }
        // Nothing ships with a placeholder in it.
        assert_eq!(come_to(&ada, &at.staging, "URL").await, Err(Kind::Rule(400)));
        let request = Request::RevealKey { scope: at.staging.clone(), key: "URL".into() };
        let problem = ada.ask(request).await.unwrap_err();
        assert!(problem.message.starts_with("URL → PORT: "), "{problem:?}");

        // The application's own override leaves none to the project's value.
        assert_eq!(trace(&ada, &at.project, "HOST").await.used_by, Some(0));
        assert_eq!(trace(&ada, &at.production, "PORT").await.used_by, Some(1));
        let trace = trace(&ada, &at.api, "DATABASE_HOST").await;
        assert_eq!(trace.state, CellState::Inherited);
        let through = trace.through.unwrap();
        assert_eq!((through.key.as_str(), through.state), ("HOST", CellState::Override));
        let found: Vec<_> = through
            .trace
            .iter()
            .map(|step| (step.scope_name.as_str(), matches!(step.found, Found::Secret(_))))
            .collect();
        let expected =
            [("BUILT_IN", false), ("billing", true), ("production", false), ("api", true)];
        assert_eq!(found, expected);

        let json = export(&ada, &at.api, Format::Json).await;
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["URL"], "https://db.api.example:5432/");
        assert_eq!(json.as_object().unwrap().len(), 5);
        let shell = export(&ada, &at.api, Format::Shell).await;
        assert!(shell.contains("export HOST_AGAIN='db.api.example'\n"), "{shell}");

        // The same to another device, after a lock.
        let unlocked = ada.locked();
        unlocked.unlock(PASSWORD).await.unwrap();
        assert_eq!(
            come_to(&unlocked, &at.api, "URL").await.unwrap(),
            "https://db.api.example:5432/"
        );
    });
}

#[test]
fn a_delete_says_what_goes_with_it_and_comes_back_whole() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let at = ground(&ada).await;
        let host = ada.set(&at.project, "HOST", "one").await.unwrap();
        let here = ada.write(overriding(&at.production, &host.id, "two")).await.unwrap();
        let also = ada.write(alias(&at.api, "ALSO", &here.id)).await.unwrap();

        let hanging = Request::Hanging { secrets: vec![host.id.clone()] };
        let Reply::Secrets(hanging) = ada.ask(hanging).await.unwrap() else { panic!("secrets") };
        let mut ids: Vec<_> = hanging.rows.iter().map(|row| row.id.clone()).collect();
        ids.sort();
        let mut expected = vec![here.id.clone(), also.id.clone()];
        expected.sort();
        assert_eq!(ids, expected);

        // Not without them, and nothing half-deleted.
        let problem = ada.write(delete(&host)).await.unwrap_err();
        assert!(matches!(&problem.kind, Kind::Hanging(rows) if rows[0].id == here.id));
        assert_eq!(come_to(&ada, &at.api, "ALSO").await.unwrap(), "two");
        let seen = entries(&ada).await;
        ada.write_all(vec![delete(&host), delete(&here), delete(&also)]).await.unwrap();
        assert_eq!(entries(&ada).await, seen + 1, "one entry for one action");
        assert_eq!(come_to(&ada, &at.api, "ALSO").await, Err(Kind::NotFound));

        let restore =
            |row: &Row| Write::Restore { secret: row.id.clone(), version: Some(row.version) };
        ada.write_all(vec![restore(&host), restore(&here), restore(&also)]).await.unwrap();
        assert_eq!(come_to(&ada, &at.api, "ALSO").await.unwrap(), "two");
        let row = ada.row(&at.api, "ALSO").await;
        assert!(matches!(row.kind, SecretKind::Alias(target) if target.id == here.id));

        // Restored without what it is for, an alias would hang on nothing.
        let rows = [&host, &here, &also].map(|row| Row { version: row.version + 2, ..row.clone() });
        ada.write_all(rows.iter().map(delete).collect()).await.unwrap();
        let problem = ada.write(restore(&also)).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Rule(404));
    });
}

#[test]
fn each_rule_is_refused_with_its_status() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let at = ground(&ada).await;
        let host = ada.set(&at.project, "HOST", "one").await.unwrap();
        let low = ada.set(&at.api, "LOW", "x").await.unwrap();
        let name = ada.write(alias(&at.production, "NAME", &host.id)).await.unwrap();
        let over = ada.write(overriding(&at.production, &host.id, "two")).await.unwrap();
        let built_in = trace(&ada, &at.production, "SUBROSA_ENVIRONMENT_NAME").await;
        let Found::BuiltIn(built_in) = &built_in.trace[0].found else { panic!("built in") };
        let built_in_row = Row { id: built_in.clone(), version: 1, ..host.clone() };
        let key = |key: &str| Change { key: Some(key.into()), ..Change::default() };
        let value = Change { value: Some(plain("x")), ..Change::default() };
        let file = |mount: &str| Write::Create {
            scope: at.staging.clone(),
            key: "FILE".into(),
            value: Plain::Bytes(HiddenBytes::new(vec![0, 255])),
            note: String::new(),
            mount: Some(mount.into()),
        };
        for (rule, write, status) in [
            ("3: over an alias", create(&at.production, "NAME", "x"), Kind::Rule(409)),
            ("3: higher", create(&at.staging, "HOST", "x"), Kind::Higher(host.id.clone())),
            ("5: lower target", alias(&at.production, "UP", &low.id), Kind::Rule(400)),
            ("5: of an alias", alias(&at.api, "TWICE", &name.id), Kind::Rule(400)),
            ("5: value", edit(&name, value.clone()), Kind::Rule(400)),
            ("6: same scope", overriding(&at.project, &host.id, "x"), Kind::Exists),
            ("6: other path", overriding(&at.staging, &low.id, "x"), Kind::Rule(400)),
            ("6: key", edit(&over, key("OTHER")), Kind::Rule(400)),
            ("7: edit", edit(&built_in_row, value), Kind::Rule(403)),
            ("7: delete", delete(&built_in_row), Kind::Rule(403)),
            ("12: not absolute", file("a"), Kind::Rule(400)),
            ("12: upwards", file("/a/../b"), Kind::Rule(400)),
        ] {
            let problem = ada.write(write).await.expect_err(rule);
            assert_eq!(problem.kind, status, "{rule}: {problem:?}");
            assert!(problem.message.ends_with('.') && problem.next.ends_with('.'), "{problem:?}");
        }
        // What the rules allow: built-in ones are aliased and overridden, an alias gets another key.
        ada.write(alias(&at.production, "STAGE", built_in)).await.unwrap();
        ada.write(overriding(&at.api, built_in, "renamed")).await.unwrap();
        assert_eq!(come_to(&ada, &at.api, "STAGE").await.unwrap(), "renamed");
        ada.write(edit(&name, key("HOST_NAME"))).await.unwrap();
        assert_eq!(come_to(&ada, &at.production, "HOST_NAME").await.unwrap(), "two");
        // A new key goes to the overrides too.
        ada.write(edit(&host, key("DATABASE"))).await.unwrap();
        assert_eq!(come_to(&ada, &at.production, "DATABASE").await.unwrap(), "two");
        assert_eq!(come_to(&ada, &at.production, "HOST_NAME").await.unwrap(), "two");
    });
}

fn create(scope: &Scope, key: &str, value: &str) -> Write {
    let (scope, key, note) = (scope.clone(), key.to_owned(), String::new());
    Write::Create { scope, key, value: plain(value), note, mount: None }
}

#[test]
fn a_file_keeps_its_bytes_and_its_mount_path() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let at = ground(&ada).await;
        let bytes = vec![0, 255, b'{', b'{', b'H', b'}', b'}'];
        let file = Write::Create {
            scope: at.project.clone(),
            key: "CERT".into(),
            value: Plain::Bytes(HiddenBytes::new(bytes.clone())),
            note: String::new(),
            mount: Some("/etc/ssl/cert.pem".into()),
        };
        let row = ada.write(file).await.unwrap();
        assert_eq!(row.kind, SecretKind::File { mount: "/etc/ssl/cert.pem".into() });
        let reveal = Request::RevealKey { scope: at.api.clone(), key: "CERT".into() };
        assert_eq!(ada.ask(reveal).await, Ok(Reply::Bytes(HiddenBytes::new(bytes))));
        // A text format cannot hold it: refused, by name and without a byte of it.
        let request = Request::Export {
            scope: at.api.clone(),
            format: Format::Dotenv,
            inherited: true,
            built_in: false,
        };
        let problem = ada.ask(request).await.unwrap_err();
        assert!(problem.kind == Kind::Refused && problem.message.contains("CERT"), "{problem:?}");
        // An override of a file is one too, at the same path; its references are not looked into.
        ada.write(overriding(&at.api, &row.id, "text {{H}}")).await.unwrap();
        let resolved = trace(&ada, &at.api, "CERT").await;
        assert_eq!(resolved.mount.as_deref(), Some("/etc/ssl/cert.pem"));
        assert_eq!(come_to(&ada, &at.api, "CERT").await.unwrap(), "text {{H}}");
        let moved = Change {
            value: Some(plain("new")),
            mount: Some("/run/cert".into()),
            ..Change::default()
        };
        let row = ada.write(edit(&row, moved)).await.unwrap();
        assert_eq!(row.kind, SecretKind::File { mount: "/run/cert".into() });
        // The path alone; the bytes stay. What is no file has none.
        let elsewhere = || Change { mount: Some("/run/other".into()), ..Change::default() };
        let row = ada.write(edit(&row, elsewhere())).await.unwrap();
        assert_eq!(row.kind, SecretKind::File { mount: "/run/other".into() });
        assert_eq!(come_to(&ada, &at.project, "CERT").await.unwrap(), "new");
        let plain = ada.set(&at.project, "PLAIN", "1").await.unwrap();
        let problem = ada.write(edit(&plain, elsewhere())).await.unwrap_err();
        assert!(problem.message.contains("PLAIN is no file"), "{problem:?}");
    });
}

#[test]
fn environments_side_by_side_compared_and_promoted() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let at = ground(&ada).await;
        let url = ada.set(&at.project, "URL", "one").await.unwrap();
        ada.write(overriding(&at.api, &url.id, "two")).await.unwrap();
        ada.set(&at.staging, "ONLY", "here").await.unwrap();
        ada.set(&at.staging, "BOTH", "a").await.unwrap();
        ada.set(&at.production, "BOTH", "b").await.unwrap();

        let shown = matrix(&ada, &at.id, None).await;
        let names: Vec<_> = shown.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["Shared", "production", "staging"]);
        let states = |row: usize| -> Vec<CellState> {
            shown.rows[row].cells.iter().map(|cell| cell.state).collect()
        };
        assert_eq!(
            shown.rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(),
            ["BOTH", "ONLY", "URL"]
        );
        assert_eq!(states(0), [CellState::Missing, CellState::Own, CellState::Own]);
        assert_eq!(states(2), [CellState::Own, CellState::Inherited, CellState::Inherited]);
        let application = &shown.rows[2].rows[0];
        assert_eq!((application.name.as_str(), shown.rows[2].applications), ("api", 1));
        assert!(application.cells[2].is_none(), "staging has no such application");
        assert_eq!(application.cells[1].as_ref().unwrap().state, CellState::Override);
        let missing = matrix(&ada, &at.id, Some(Only::Missing)).await;
        assert_eq!(missing.rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["ONLY"]);
        assert_eq!(matrix(&ada, &at.id, Some(Only::Override)).await.total, 1);
        let some = Only::Keys(vec!["BOTH".into(), "NOWHERE".into()]);
        assert_eq!(matrix(&ada, &at.id, Some(some)).await.total, 1);

        // Applications of one name, under every key; what only others set is not theirs.
        let Scope::Environment(environment) = at.production.clone() else { panic!() };
        let name = "worker".into();
        let worker = ada.create(Request::CreateApplication { environment, name }).await;
        ada.set(&Scope::Application(worker), "WORKERS", "many").await.unwrap();
        assert_eq!(matrix(&ada, &at.id, None).await.total, 4);
        let request = Request::Matrix {
            project: at.id.clone(),
            filter: String::new(),
            only: None,
            environment: None,
            application: Some("api".into()),
            expanded: vec![],
            offset: 0,
            limit: 100,
        };
        for row in shown_of(&ada, request).await.rows {
            assert_ne!(row.key, "WORKERS");
            assert_eq!(row.rows.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["api"]);
        }

        let compare = Request::Compare { left: at.staging.clone(), right: at.production.clone() };
        let Reply::Comparison(Comparison { rows, counts }) = ada.ask(compare).await.unwrap() else {
            panic!("a comparison")
        };
        let verdicts: Vec<_> = rows.iter().map(|row| (row.key.as_str(), row.verdict)).collect();
        assert_eq!(
            verdicts,
            [("BOTH", Verdict::Differs), ("ONLY", Verdict::MissingRight), ("URL", Verdict::Same)]
        );
        assert_eq!(counts, [1, 1, 1, 0]);

        let promote = Request::Promote {
            from: at.staging.clone(),
            to: at.production.clone(),
            keys: vec!["BOTH".into(), "ONLY".into()],
            note: "to production".into(),
        };
        assert_eq!(ada.ask(promote).await, Ok(Reply::Written(2)));
        assert_eq!(come_to(&ada, &at.production, "BOTH").await.unwrap(), "a");
        assert_eq!(come_to(&ada, &at.api, "ONLY").await.unwrap(), "here");

        let Reply::Groups(groups) = ada.ask(Request::Duplicates).await.unwrap() else {
            panic!("groups")
        };
        let groups: Vec<Vec<&str>> =
            groups.iter().map(|group| group.iter().map(|row| row.key.as_str()).collect()).collect();
        assert_eq!(groups, [["BOTH", "BOTH"], ["ONLY", "ONLY"]]);
    });
}

#[test]
fn a_value_that_mentions_itself_or_too_much_is_told() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let at = ground(&ada).await;
        for (key, value) in
            [("A", "a{{B}}"), ("B", "b{{A}}"), ("BIG", "x".repeat(600_000).as_str())]
        {
            ada.set(&at.project, key, value).await.unwrap();
        }
        ada.set(&at.project, "TWICE", "{{BIG}}+{{BIG}}").await.unwrap();
        let problem = |key: &'static str| {
            let request = Request::RevealKey { scope: at.api.clone(), key: key.into() };
            let ada = &ada;
            async move { ada.ask(request).await.unwrap_err() }
        };
        let cycle = problem("A").await;
        assert!(cycle.message.starts_with("A → B → A: "), "{cycle:?}");
        assert_eq!(problem("TWICE").await.kind, Kind::TooLarge);
        assert_eq!(come_to(&ada, &at.api, "BIG").await.unwrap().len(), 600_000);
    });
}
