//! Every request there is, and what a desk that nobody has unlocked says to it.

use subrosa_bridge::history::{LogFilter, ToTurnBack};
use subrosa_bridge::keys::RotationStep;
use subrosa_bridge::named_keys::{NamedKeyAt, NamedKeyChange, ToRewrap};
use subrosa_bridge::people::{Access, Grant, Role, RoleChange};
use subrosa_bridge::view::{Change, Format, ImportChoice, Only, Plain, Scope, Write};
use subrosa_bridge::{Hidden, HiddenBytes, Kind, Request};

/// Each request once, with the kind of its problem; `None` where it is answered.
pub fn at_a_locked_desk() -> Vec<(Request, Option<Kind>)> {
    let hidden = || Hidden::new("correct-horse-battery".into());
    let text = || String::from("a1");
    let scope = || Scope::Project(text());
    let at = || NamedKeyAt { vault: text(), name: text() };
    let plain = || Plain::Text(hidden());
    let requests = vec![
        Request::Status,
        Request::Passphrase,
        Request::CheckSetup { token: hidden() },
        Request::FinishSetup { secret_key_fragment: hidden(), root_key_fragment: hidden() },
        Request::BeginSetup { token: hidden(), team_name: text(), me: text(), password: hidden() },
        Request::Unlock { password: hidden(), team: Some(text()) },
        Request::Recover { kit: hidden(), password: hidden() },
        Request::OpenRecovery { root_key: hidden() },
        Request::BeginRecovery { owner: text(), password: hidden() },
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
        Request::Write {
            writes: vec![
                Write::Create {
                    scope: scope(),
                    key: text(),
                    value: Plain::Bytes(HiddenBytes::new(vec![0, 255])),
                    note: text(),
                    mount: Some("/etc/a".into()),
                },
                Write::Alias { scope: scope(), key: text(), target: text(), note: text() },
                Write::Override {
                    scope: scope(),
                    target: text(),
                    value: Plain::Text(hidden()),
                    note: text(),
                },
                Write::Edit { secret: text(), base: 1, change: Change::default() },
                Write::Delete { secret: text(), base: 1 },
                Write::Restore { secret: text(), version: Some(1) },
            ],
            note: text(),
        },
        Request::Effective { scope: scope(), filter: text(), offset: 0, limit: 10 },
        Request::Trace { scope: scope(), key: text() },
        Request::RevealKey { scope: scope(), key: text() },
        Request::Matrix {
            project: text(),
            filter: text(),
            only: Some(Only::Broken),
            environment: Some(text()),
            application: Some(text()),
            expanded: vec![text()],
            offset: 0,
            limit: 10,
        },
        Request::Compare { left: scope(), right: scope() },
        Request::Duplicates,
        Request::Promote { from: scope(), to: scope(), keys: vec![text()], note: text() },
        Request::Hanging { secrets: vec![text()] },
        Request::ReadImport { scope: scope(), text: hidden() },
        Request::ApplyImport {
            choices: vec![ImportChoice { line: 1, key: text(), value: Some(Hidden::new(text())) }],
        },
        Request::Export { scope: scope(), format: Format::Yaml, inherited: false, built_in: true },
        Request::KeepDraft { name: text(), text: Some(hidden()) },
        Request::Drafts,
        Request::Device,
        Request::LockAfter { minutes: 25 },
        Request::ForgetDevice,
        Request::Keys,
        Request::UsesOfKey { vault: text(), version: 1, limit: 10 },
        Request::Rotate { vaults: vec![text()], step: RotationStep::All, drop_earlier: true },
        Request::PauseRotation,
        Request::RotateAfter { vault: text(), days: Some(90) },
        Request::RootKey,
        Request::StageRootKey,
        Request::DiscardRootKey,
        Request::RotateRootKey { fingerprint: text(), tail: hidden() },
        Request::CheckRootKey { root_key: hidden() },
        Request::NamedKeys,
        Request::NamedKeyVersions { at: at() },
        Request::ChangeNamedKey { at: at(), base: 1, change: NamedKeyChange::Trim { below: 2 } },
        Request::Encrypt { at: at(), plaintext: plain(), context: plain(), version: None },
        Request::Decrypt { at: at(), ciphertext: text(), context: plain() },
        Request::Rewrap {
            at: at(),
            items: vec![ToRewrap { ciphertext: text(), context: plain() }],
            to: Some(2),
        },
        Request::DataKey { at: at(), context: plain(), bytes: 32, plaintext: true },
        Request::OpenInvite { link: hidden() },
        Request::BeginJoin { password: hidden() },
        Request::Join,
        Request::Knock,
        Request::Seats,
        Request::SwitchTeam { team: "0".repeat(64) },
        Request::People,
        Request::Invite {
            name: text(),
            access: Access::Member(vec![Grant { vault: text(), role: Role::Reader }]),
            days: 7,
        },
        Request::CancelInvite { invite: text() },
        Request::Admit { invite: text(), fingerprint: text() },
        Request::SetRoles {
            changes: vec![RoleChange {
                member: text(),
                vault: text(),
                from: None,
                to: Some(Role::Writer),
            }],
        },
        Request::PromoteMember { member: text() },
        Request::RemoveMember { member: text() },
        Request::Trail,
        Request::Log { before: Some(7), filter: LogFilter::default() },
        Request::AsItWas { vault: text(), seq: 7 },
        Request::TurnBack {
            vault: text(),
            seq: 7,
            secrets: vec![ToTurnBack { secret: text(), base: 1 }],
            note: text(),
        },
    ];
    let numbers: Vec<usize> = requests.iter().map(|request| expected(request).0).collect();
    assert_eq!(numbers, (0..=LAST).collect::<Vec<_>>(), "each request is there, in this order");
    let with_problem = |request: Request| {
        let (_, problem) = expected(&request);
        (request, problem)
    };
    requests.into_iter().map(with_problem).collect()
}

const LAST: usize = 70;

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
        Request::OpenRecovery { .. } => (7, Some(Kind::Mistyped)),
        Request::BeginRecovery { .. } => locked(8),
        Request::Overview => locked(9),
        Request::Sync => locked(10),
        Request::Secrets { .. } => locked(11),
        Request::Search { .. } => locked(12),
        Request::Deleted { .. } => locked(13),
        Request::Reveal { .. } => locked(14),
        Request::History { .. } => locked(15),
        Request::CheckKey { .. } => (16, None),
        Request::CreateProject { .. } => locked(17),
        Request::CreateEnvironment { .. } => locked(18),
        Request::CreateApplication { .. } => locked(19),
        Request::Write { .. } => locked(20),
        Request::Effective { .. } => locked(21),
        Request::Trace { .. } => locked(22),
        Request::RevealKey { .. } => locked(23),
        Request::Matrix { .. } => locked(24),
        Request::Compare { .. } => locked(25),
        Request::Duplicates => locked(26),
        Request::Promote { .. } => locked(27),
        Request::Hanging { .. } => locked(28),
        Request::ReadImport { .. } => locked(29),
        Request::ApplyImport { .. } => locked(30),
        Request::Export { .. } => locked(31),
        Request::KeepDraft { .. } => locked(32),
        Request::Drafts => locked(33),
        Request::Device => (34, None),
        Request::LockAfter { .. } => (35, None),
        Request::ForgetDevice => (36, None),
        Request::Keys => locked(37),
        Request::UsesOfKey { .. } => locked(38),
        Request::Rotate { .. } => locked(39),
        Request::PauseRotation => (40, None),
        Request::RotateAfter { .. } => locked(41),
        Request::RootKey => locked(42),
        Request::StageRootKey => locked(43),
        Request::DiscardRootKey => locked(44),
        Request::RotateRootKey { .. } => locked(45),
        Request::CheckRootKey { .. } => locked(46),
        Request::NamedKeys => locked(47),
        Request::NamedKeyVersions { .. } => locked(48),
        Request::ChangeNamedKey { .. } => locked(49),
        Request::Encrypt { .. } => locked(50),
        Request::Decrypt { .. } => locked(51),
        Request::Rewrap { .. } => locked(52),
        Request::DataKey { .. } => locked(53),
        Request::OpenInvite { .. } => (54, Some(Kind::Mistyped)),
        Request::BeginJoin { .. } => (55, Some(Kind::NotFound)),
        Request::Join => locked(56),
        Request::Knock => locked(57),
        Request::Seats => locked(58),
        Request::SwitchTeam { .. } => locked(59),
        Request::People => locked(60),
        Request::Invite { .. } => locked(61),
        Request::CancelInvite { .. } => locked(62),
        Request::Admit { .. } => locked(63),
        Request::SetRoles { .. } => locked(64),
        Request::PromoteMember { .. } => locked(65),
        Request::RemoveMember { .. } => locked(66),
        Request::Trail => locked(67),
        Request::Log { .. } => locked(68),
        Request::AsItWas { .. } => locked(69),
        Request::TurnBack { .. } => locked(70),
    }
}
