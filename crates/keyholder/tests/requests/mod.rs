//! Every request there is, and what a desk that nobody has unlocked says to it.

use subrosa_bridge::view::{Change, ImportChoice, Scope};
use subrosa_bridge::{Hidden, Kind, Request};

/// Each request once, with the kind of its problem; `None` where it is answered.
pub fn at_a_locked_desk() -> Vec<(Request, Option<Kind>)> {
    let hidden = || Hidden::new("correct-horse-battery".into());
    let text = || String::from("a1");
    let scope = || Scope::Project(text());
    let requests = vec![
        Request::Status,
        Request::Passphrase,
        Request::CheckSetup { token: hidden() },
        Request::FinishSetup { secret_key_fragment: hidden(), root_key_fragment: hidden() },
        Request::BeginSetup { token: hidden(), team_name: text(), me: text(), password: hidden() },
        Request::Unlock { password: hidden() },
        Request::Recover { kit: hidden(), password: hidden() },
        Request::Overview,
        Request::Sync,
        Request::Secrets { scope: scope(), filter: text(), inherited: true, offset: 0, limit: 10 },
        Request::Search { text: text(), limit: 10 },
        Request::Deleted { scope: scope() },
        Request::Reveal { secret: text(), version: None },
        Request::History { secret: text() },
        Request::CheckKey { key: text() },
        Request::CreateProject { name: text() },
        Request::CreateEnvironment { project: text(), name: text() },
        Request::CreateApplication { environment: text(), name: text() },
        Request::CreateSecret { scope: scope(), key: text(), value: hidden(), note: text() },
        Request::EditSecret { secret: text(), base: 1, change: Change::default() },
        Request::DeleteSecrets { secrets: vec![(text(), 1)] },
        Request::RestoreSecret { secret: text(), version: Some(1) },
        Request::ReadImport { scope: scope(), text: hidden() },
        Request::ApplyImport { choices: vec![ImportChoice { line: 1, key: text() }] },
        Request::Export { scope: scope(), inherited: false },
        Request::Device,
        Request::LockAfter { minutes: 25 },
        Request::ForgetDevice,
    ];
    let numbers: Vec<usize> = requests.iter().map(|request| expected(request).0).collect();
    assert_eq!(numbers, (0..=LAST).collect::<Vec<_>>(), "each request is there, in this order");
    let with_problem = |request: Request| {
        let (_, problem) = expected(&request);
        (request, problem)
    };
    requests.into_iter().map(with_problem).collect()
}

const LAST: usize = 27;

/// A number for each request, so that a new one is not forgotten above, and its problem.
fn expected(request: &Request) -> (usize, Option<Kind>) {
    let locked = |number| (number, Some(Kind::Locked));
    match request {
        Request::Status => (0, None),
        Request::Passphrase => (1, None),
        Request::CheckSetup { .. } => (2, Some(Kind::Offline)),
        Request::FinishSetup { .. } => locked(3),
        Request::BeginSetup { .. } => (4, None),
        Request::Unlock { .. } => (5, Some(Kind::NeedsKit)),
        Request::Recover { .. } => (6, Some(Kind::Mistyped)),
        Request::Overview => locked(7),
        Request::Sync => locked(8),
        Request::Secrets { .. } => locked(9),
        Request::Search { .. } => locked(10),
        Request::Deleted { .. } => locked(11),
        Request::Reveal { .. } => locked(12),
        Request::History { .. } => locked(13),
        Request::CheckKey { .. } => (14, None),
        Request::CreateProject { .. } => locked(15),
        Request::CreateEnvironment { .. } => locked(16),
        Request::CreateApplication { .. } => locked(17),
        Request::CreateSecret { .. } => locked(18),
        Request::EditSecret { .. } => locked(19),
        Request::DeleteSecrets { .. } => locked(20),
        Request::RestoreSecret { .. } => locked(21),
        Request::ReadImport { .. } => locked(22),
        Request::ApplyImport { .. } => locked(23),
        Request::Export { .. } => locked(24),
        Request::Device => (25, None),
        Request::LockAfter { .. } => (26, None),
        Request::ForgetDevice => (27, None),
    }
}
