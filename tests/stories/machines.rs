//! Machines: a token is shown once, reads what it may, is swapped and revoked.

use subrosa_bridge::people::{Access, Grant, LastUse, Machine, Member, MemberKind, Role};
use subrosa_bridge::view::Scope;
use subrosa_bridge::{Kind, Problem, Request};
use subrosa_client::native::{Memory, Native};
use subrosa_client::{Change, Error, TeamClient};
use subrosa_core::service::ServiceToken;
use subrosa_core::vault::Edit;
use subrosa_tests::device::value;
use subrosa_tests::hostile::{Ground, leaks};
use subrosa_tests::{Person, Stage, hidden, story, text};
use subrosa_wire::id::Hash;
use subrosa_wire::people::VaultRole;

const PRODUCTION: &str = "billing / production";

async fn team() -> (Stage, Person, [Scope; 3]) {
    let stage = Stage::new().await;
    let (ada, _) = stage.founder().await;
    let scopes = ada.scopes().await;
    ada.set(&scopes[0], "SHARED", "for all").await.unwrap();
    ada.set(&scopes[1], "DATABASE_URL", "postgres://one").await.unwrap();
    (stage, ada, scopes)
}

async fn add(
    who: &Person,
    name: &str,
    roles: &[(&str, Role)],
    days: Option<u32>,
) -> Result<ServiceToken, Problem> {
    let Access::Member(grants) = who.access(roles).await else { panic!("grants") };
    let request = Request::AddMachine { name: name.into(), grants, days };
    who.ask(request).await.map(|reply| ServiceToken::read(&text(reply)).unwrap())
}

async fn opens(stage: &Stage, token: &ServiceToken) -> Result<TeamClient<Native>, Error> {
    TeamClient::by_token(Native::new(&stage.origin(), Memory::default()), token).await
}

async fn reads(machine: &TeamClient<Native>, key: &str) -> Result<String, Error> {
    let found = machine.contents().vaults().find_map(|vault| {
        let record = vault.records().find(|record| record.key == key)?;
        Some((vault.id(), record.id, *record.value()?))
    });
    let (vault, id, at) = found.ok_or(Error::NotFound)?;
    Ok(machine.value(vault, id, at).await?.expose_text().unwrap().to_owned())
}

async fn writes(machine: &TeamClient<Native>, key: &str, text: &str) -> Result<(), Error> {
    let change = {
        let contents = machine.contents();
        let mut all = contents.vaults().flat_map(|it| it.records().map(move |at| (it.id(), at)));
        let (vault, record) = all.find(|(_, record)| record.key == key).ok_or(Error::NotFound)?;
        let (id, base, content) = (record.id, record.version, Some(value(text)));
        Change::edits(vault, vec![Edit::Change { id, base, key: None, content, note: None }])
    };
    machine.change(&change).await.map(drop)
}

fn machine(member: &Member) -> &Machine {
    match &member.kind {
        MemberKind::Machine(machine) => machine,
        other => panic!("a machine: {other:?}"),
    }
}

#[test]
fn a_machine_reads_what_it_may_and_is_swapped_without_standing_still() {
    story(async {
        let (stage, ada, [_, environment, _]) = team().await;
        let first = add(&ada, "CI", &[(PRODUCTION, Role::Writer)], Some(30)).await.unwrap();
        let shown = ada.member("CI").await;
        let facts = machine(&shown);
        assert_eq!(facts.by_name, "Ada canary-person");
        assert_eq!((facts.expired, facts.last_used), (false, LastUse::Never));
        assert!(facts.expires.is_some());
        let runs = opens(&stage, &first).await.unwrap();
        assert_eq!(reads(&runs, "DATABASE_URL").await.unwrap(), "postgres://one");
        assert_eq!(reads(&runs, "SHARED").await, Err(Error::NotFound), "another vault");
        writes(&runs, "DATABASE_URL", "postgres://two").await.unwrap();
        ada.ask(Request::Sync).await.unwrap();
        let row = ada.row(&environment, "DATABASE_URL").await;
        assert_eq!((row.author.as_str(), row.version), ("CI", 2));
        assert!(matches!(machine(&ada.member("CI").await).last_used, LastUse::At(_)));

        // The server was restarted: it still knows when.
        let mut stage = stage;
        stage.stop().await;
        stage.start().await;
        assert!(matches!(machine(&ada.member("CI").await).last_used, LastUse::At(_)));

        // A second one beside it, with the same access; then the one before goes.
        let second = add(&ada, "CI", &[(PRODUCTION, Role::Writer)], None).await.unwrap();
        let before = shown.id;
        let both = opens(&stage, &second).await.unwrap();
        assert_eq!(reads(&both, "DATABASE_URL").await.unwrap(), "postgres://two");
        runs.sync().await.unwrap();
        assert_eq!(reads(&runs, "DATABASE_URL").await.unwrap(), "postgres://two");
        ada.ask(Request::RemoveMembers { members: vec![before], staying: vec![] }).await.unwrap();
        let row = ada.row(&environment, "DATABASE_URL").await;
        ada.edit(&row, "postgres://three").await.unwrap();
        both.sync().await.unwrap();
        assert_eq!(reads(&both, "DATABASE_URL").await.unwrap(), "postgres://three");
        assert_eq!(runs.sync().await, Err(Error::KeysReplaced), "it runs on, and is out");
        let again = opens(&stage, &first).await.map(drop);
        assert_eq!(again, Err(Error::KeysReplaced));
        let left: Vec<Member> = ada.people().await.members;
        let left: Vec<&Member> = left.iter().filter(|it| it.name == "CI").collect();
        assert_eq!(left.len(), 1);
        assert!(matches!(machine(left[0]).last_used, LastUse::At(_)));
        assert!(machine(left[0]).expires.is_none());
    });
}

#[test]
fn whoever_manages_a_vault_adds_machines_to_it_and_they_go_with_whoever_made_them() {
    story(async {
        let (stage, ada, _) = team().await;
        let bob = stage.desk();
        ada.lets_in(&bob, "Bob", ada.access(&[(PRODUCTION, Role::Manager)]).await).await;
        let token = add(&bob, "Deploy", &[(PRODUCTION, Role::Reader)], Some(1)).await.unwrap();
        let runs = opens(&stage, &token).await.unwrap();
        assert_eq!(reads(&runs, "DATABASE_URL").await.unwrap(), "postgres://one");
        let refused = writes(&runs, "DATABASE_URL", "no").await.unwrap_err();
        assert!(matches!(refused, Error::Rule(_)), "a reader writes nothing: {refused:?}");
        // No more than he manages, and none without a vault of his.
        for roles in [&[("billing", Role::Reader)][..], &[(PRODUCTION, Role::Manager)], &[]] {
            let Access::Member(grants) = ada.access(roles).await else { panic!("grants") };
            let request = Request::AddMachine { name: "More".into(), grants, days: None };
            let refused = bob.ask(request).await.unwrap_err();
            assert_eq!(refused.kind, Kind::NotAllowed, "{roles:?}");
        }
        let shown = bob.member("Deploy").await;
        assert!(!shown.removable, "owners remove");
        let refused = bob.remove("Deploy").await.unwrap_err();
        assert_eq!(refused.kind, Kind::NotAllowed);
        // He takes its vault away instead.
        bob.set_role("Deploy", PRODUCTION, None).await.unwrap();
        runs.sync().await.unwrap();
        assert_eq!(reads(&runs, "DATABASE_URL").await, Err(Error::NotFound));

        let token = add(&bob, "Backup", &[(PRODUCTION, Role::Reader)], None).await.unwrap();
        let runs = opens(&stage, &token).await.unwrap();
        let who = ada.member("Bob").await.id;
        let backup = ada.member("Backup").await;
        assert_eq!(machine(&backup).by, who, "so the removal can name it");
        let members = vec![who, backup.id, ada.member("Deploy").await.id];
        ada.ask(Request::RemoveMembers { members, staying: vec![] }).await.unwrap();
        assert_eq!(ada.people().await.members.len(), 2, "Ada and the root");
        assert_eq!(runs.sync().await, Err(Error::KeysReplaced));
        assert!(bob.ask(Request::Sync).await.is_err());
    });
}

/// Whoever is to go adds machines that nobody thinks of, by other machines too.
#[test]
fn nobody_goes_and_leaves_a_machine_that_was_not_thought_of() {
    story(async {
        let (stage, ada, _) = team().await;
        let bob = stage.desk();
        ada.lets_in(&bob, "Bob", Access::Owner).await;
        let seen = ada.member("Bob").await;
        assert!(seen.machines.is_empty());
        let roles = [(PRODUCTION, Role::Manager)];
        let first = opens(&stage, &add(&bob, "First", &roles, None).await.unwrap()).await.unwrap();
        let vault = first
            .team()
            .vaults()
            .map(|(id, _)| id)
            .find(|id| first.team().role_in(*id, first.me()) == Some(VaultRole::Manager));
        let grants =
            vec![subrosa_wire::people::Grant { vault: vault.unwrap(), role: VaultRole::Reader }];
        let second = first.add_machine("Second", grants, None).await.unwrap();
        let second = opens(&stage, &second).await.unwrap();

        let remove = async |members: Vec<String>, staying: Vec<String>| {
            ada.ask(Request::RemoveMembers { members, staying }).await.unwrap();
        };
        assert_eq!(
            ada.member("Bob").await.machines.len(),
            2,
            "the one that the other has added too"
        );
        let (id, of) = (second.me().to_string(), first.me().to_string());
        remove(vec![of], vec![id.clone()]).await;
        assert_eq!(first.sync().await, Err(Error::KeysReplaced));
        let shown = ada.member("Bob").await.machines;
        assert_eq!(
            shown,
            std::slice::from_ref(&id),
            "what it has added is its own maker's too, who stays"
        );

        bob.ask(Request::Sync).await.unwrap();
        let third = opens(&stage, &add(&bob, "Third", &roles, None).await.unwrap()).await.unwrap();
        remove(vec![seen.id.clone()], vec![id.clone()]).await;
        assert!(bob.ask(Request::Sync).await.is_err());
        assert_eq!(third.sync().await, Err(Error::KeysReplaced), "nobody had thought of it");
        second.sync().await.unwrap();
        remove(vec![seen.id], vec![]).await;
        assert_eq!(second.sync().await, Err(Error::KeysReplaced), "it stayed, and goes afterwards");
        assert_eq!(ada.people().await.members.len(), 2, "Ada and the root");
    });
}

#[test]
fn a_token_is_refused_after_its_time_or_mistyped_or_on_another_history() {
    story(async {
        let (stage, ada, _) = team().await;
        let bad = [(0, Kind::BadName), (3651, Kind::BadName)];
        for (days, kind) in bad {
            let refused = add(&ada, "CI", &[], Some(days)).await.map(drop).unwrap_err();
            assert_eq!(refused.kind, kind, "{days}");
        }
        let token = add(&ada, "CI", &[(PRODUCTION, Role::Reader)], Some(1)).await.unwrap();
        let printed = ServiceToken::read(&token.print()).unwrap();
        assert_eq!((printed.member(), printed.team), (token.member(), token.team));
        let mut wrong = token.print().to_string();
        wrong.replace_range(9..10, if wrong.as_bytes()[9] == b'2' { "3" } else { "2" });
        assert!(ServiceToken::read(&wrong).is_err());

        let mut elsewhere = token.clone();
        elsewhere.checkpoint.hash = Hash([7; 32]);
        assert_eq!(opens(&stage, &elsewhere).await.map(drop), Err(Error::Rollback));

        assert!(opens(&stage, &token).await.is_ok(), "the control");
    });
}

#[test]
fn neither_a_token_nor_a_machines_name_leaves_the_device() {
    story(async {
        let ground = Ground::new().await;
        let (ada, _) = ground.founder().await;
        ada.environment().await;
        let grants: Vec<Grant> = Vec::new();
        let request = Request::AddMachine { name: "canary-machine".into(), grants, days: Some(1) };
        let token = text(ada.ask(request).await.unwrap());
        let seed = ServiceToken::read(&token).unwrap().seed().to_vec();
        let secrets = [
            ("the token", token.as_bytes()["srt1_".len()..].to_vec()),
            ("the seed", seed.clone()),
            ("the name", b"canary-machine".to_vec()),
        ];
        assert_eq!(leaks(&ada.wire.bytes(), &secrets), Vec::<String>::new());
        let planted = [ada.wire.bytes(), seed].concat();
        assert!(!leaks(&planted, &secrets).is_empty(), "the control");
        let debug = format!("{:?}", hidden(&token));
        assert!(!debug.contains(&token));
    });
}
