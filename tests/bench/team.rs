//! A team with as many secrets as are wanted.

use subrosa_bridge::view::{ImportChoice, Scope};
use subrosa_bridge::{Reply, Request};
use subrosa_client::Platform;
use subrosa_keyholder::Desk;
use subrosa_tests::{PASSWORD, hidden, retyped};

/// A key of 64 characters.
pub fn key(number: usize) -> String {
    format!("KEY_{number:060}")
}

/// Founds a team at `desk` and fills an environment with `secrets`.
pub async fn filled<P: Platform + Clone + 'static>(
    desk: &Desk<P>,
    setup_token: &str,
    secrets: usize,
) -> Scope {
    let begin = Request::BeginSetup {
        token: hidden(setup_token),
        team_name: "Team".into(),
        me: "Ada".into(),
        password: hidden(PASSWORD),
    };
    let Ok(Reply::Kit(kit)) = desk.answer(begin).await else { panic!("a kit") };
    desk.answer(retyped(&kit)).await.expect("a team");
    let project = created(desk, Request::CreateProject { name: "billing".into() }).await;
    let name = "production".into();
    let environment = created(desk, Request::CreateEnvironment { project, name }).await;
    let scope = Scope::Environment(environment);
    add(desk, &scope, 0, secrets).await;
    scope
}

async fn created<P: Platform + Clone + 'static>(desk: &Desk<P>, request: Request) -> String {
    match desk.answer(request).await {
        Ok(Reply::Created(id)) => id,
        other => panic!("not created: {other:?}"),
    }
}

/// Adds secrets by import.
pub async fn add<P: Platform + Clone + 'static>(
    desk: &Desk<P>,
    scope: &Scope,
    from: usize,
    to: usize,
) {
    let text: String = (from..to).map(|number| format!("{}=value\n", key(number))).collect();
    let read = Request::ReadImport { scope: scope.clone(), text: hidden(&text) };
    desk.answer(read).await.expect("an import");
    let choice =
        |number: usize| ImportChoice { line: number - from + 1, key: key(number), value: None };
    let choices = (from..to).map(choice).collect();
    let written = desk.answer(Request::ApplyImport { choices }).await;
    assert_eq!(written, Ok(Reply::Written(to - from)));
}
