//! What a leaver could read: listed until each is replaced at its source, or ticked off.

use subrosa_bridge::history::ToTurnBack;
use subrosa_bridge::named_keys::NamedKeyAt;
use subrosa_bridge::people::{Access, Role};
use subrosa_bridge::view::{Change, Row, Scope, Write};
use subrosa_bridge::worklist::{Loss, Lost, Seen};
use subrosa_bridge::{Kind, Problem, Reply, Request};
use subrosa_tests::{Person, Stage, hidden, story};

const PRODUCTION: &str = "billing / production";

async fn worklist(who: &Person) -> Vec<Loss> {
    losses(who.ask(Request::Worklist { limit: 100 }).await).unwrap()
}

fn losses(reply: Result<Reply, Problem>) -> Result<Vec<Loss>, Problem> {
    match reply? {
        Reply::Worklist(losses) => Ok(losses),
        other => panic!("a worklist: {other:?}"),
    }
}

async fn see_to(
    who: &Person,
    seq: u64,
    secrets: Vec<Seen>,
    again: bool,
) -> Result<Vec<Loss>, Problem> {
    losses(who.ask(Request::SeenTo { seq, secrets, again, limit: 100 }).await)
}

fn seen(row: &Row) -> Vec<Seen> {
    vec![Seen { secret: row.id.clone(), version: row.version }]
}

fn keys(loss: &Loss) -> Vec<&str> {
    loss.items.iter().map(|item| item.key.as_str()).collect()
}

async fn attention(who: &Person) -> usize {
    let Ok(Reply::Overview(overview)) = who.ask(Request::Overview).await else { panic!("open") };
    overview.worklist
}

/// Ada's team with two environments, of which Bob writes the first.
async fn team() -> (Stage, Person, Person, [Scope; 2]) {
    let stage = Stage::new().await;
    let (ada, _) = stage.founder().await;
    let [project, environment, application] = ada.scopes().await;
    for key in ["DATABASE_URL", "TOKEN", "HOSTNAME"] {
        ada.set(&environment, key, "first").await.unwrap();
    }
    ada.set(&application, "OF_API", "first").await.unwrap();
    let target = ada.row(&environment, "TOKEN").await.id;
    let alias = Write::Alias {
        scope: application.clone(),
        key: "API_TOKEN".into(),
        target,
        note: String::new(),
    };
    ada.write(alias).await.unwrap();
    let Scope::Project(id) = &project else { panic!("a project") };
    let name = "staging".into();
    let staging = ada.create(Request::CreateEnvironment { project: id.clone(), name }).await;
    let staging = Scope::Environment(staging);
    ada.set(&staging, "ELSEWHERE", "first").await.unwrap();
    let bob = stage.desk();
    ada.lets_in(&bob, "Bob", ada.access(&[(PRODUCTION, Role::Writer)]).await).await;
    (stage, ada, bob, [environment, staging])
}

#[test]
fn what_a_leaver_could_read_is_listed_until_it_is_replaced_or_ticked_off() {
    story(async {
        let (stage, ada, bob, [environment, _]) = team().await;
        assert_eq!((worklist(&ada).await.len(), attention(&ada).await), (0, 0));
        ada.remove("Bob").await.unwrap();
        ada.set(&environment, "AFTERWARDS", "he never saw it").await.unwrap();
        let [loss] = worklist(&ada).await.try_into().unwrap();
        assert_eq!((loss.name.as_str(), loss.how), ("Bob", Lost::Removed));
        assert_eq!(loss.vaults, [PRODUCTION]);
        assert_eq!(keys(&loss), ["DATABASE_URL", "HOSTNAME", "OF_API", "TOKEN"]);
        assert_eq!((loss.total, loss.open, attention(&ada).await), (5, 4, 4));
        let token = loss.items.iter().find(|item| item.key == "TOKEN").unwrap();
        assert_eq!(token.aliases, ["API_TOKEN (billing / production / api)"]);
        let users = ["billing / production / api".to_owned()];
        assert_eq!((&token.used_by[..], token.users), (&users[..], 1));

        // A note is no other value; another value is.
        let row = ada.row(&environment, "DATABASE_URL").await;
        let change = Change { note: Some("of the new cluster".into()), ..Change::default() };
        let edit = Write::Edit { secret: row.id.clone(), base: row.version, change };
        let row = ada.write(edit).await.unwrap();
        assert_eq!(worklist(&ada).await[0].open, 4);
        let row = ada.edit(&row, "second").await.unwrap();
        let change = Change { note: Some("again".into()), ..Change::default() };
        ada.write(Write::Edit { secret: row.id, base: row.version, change }).await.unwrap();
        assert_eq!(keys(&worklist(&ada).await[0]), ["HOSTNAME", "OF_API", "TOKEN"]);
        // To bring the value back that he knew is not to replace it.
        let row = ada.row(&environment, "DATABASE_URL").await;
        let restore = Write::Restore { secret: row.id.clone(), version: Some(1) };
        ada.write(restore).await.unwrap();
        assert_eq!(worklist(&ada).await[0].open, 4);
        let restore = Write::Restore { secret: row.id, version: Some(3) };
        ada.write(restore).await.unwrap();
        assert_eq!(worklist(&ada).await[0].open, 3, "and that which he did not, is");

        // Nor is it to bring back what was brought back: a version says how old its value is.
        let row = ada.row(&environment, "DATABASE_URL").await;
        ada.write(Write::Restore { secret: row.id, version: Some(5) }).await.unwrap();
        assert_eq!(worklist(&ada).await[0].open, 4);

        // So with an environment that is put back to what it was.
        let back = ToTurnBack { secret: ada.row(&environment, "DATABASE_URL").await.id, base: 8 };
        let (vault, note) = (ada.vault(PRODUCTION).await, String::new());
        let back = Request::TurnBack { vault, seq: loss.seq, secrets: vec![back], note };
        let row = ada.row(&environment, "DATABASE_URL").await;
        ada.edit(&row, "another").await.unwrap();
        assert_eq!(worklist(&ada).await[0].open, 3);
        assert!(matches!(ada.ask(back).await, Ok(Reply::Written(1))));
        assert_eq!(worklist(&ada).await[0].open, 4);
        let row = ada.row(&environment, "DATABASE_URL").await;
        ada.edit(&row, "third").await.unwrap();
        assert_eq!(worklist(&ada).await[0].open, 3);

        // What opens nothing is ticked off, and may be put back; a version that is not the one on
        // screen is not ticked.
        let host = ada.row(&environment, "HOSTNAME").await;
        assert_eq!(see_to(&ada, loss.seq, seen(&host), false).await.unwrap()[0].open, 2);
        assert_eq!(see_to(&ada, loss.seq, seen(&host), true).await.unwrap()[0].open, 3);
        let stale = vec![Seen { version: host.version + 1, ..seen(&host)[0].clone() }];
        let refused = see_to(&ada, loss.seq, stale, false).await.unwrap_err();
        assert!(matches!(refused.kind, Kind::Conflict(_)), "{refused:?}");
        assert_eq!(ada.row(&environment, "HOSTNAME").await.version, 1, "it is the same secret");

        // It waits over a lock, for whoever may write there.
        let carol = stage.desk();
        ada.lets_in(&carol, "Carol", ada.access(&[(PRODUCTION, Role::Writer)]).await).await;
        let [theirs] = worklist(&carol).await.try_into().unwrap();
        assert_eq!((theirs.open, attention(&carol).await), (3, 3));
        assert!(theirs.items.iter().all(|item| item.writable));
        assert!(see_to(&carol, loss.seq, Vec::new(), false).await.unwrap().is_empty());
        ada.ask(Request::Sync).await.unwrap();
        assert_eq!((worklist(&ada).await.len(), attention(&ada).await), (0, 0));
        assert!(bob.ask(Request::Sync).await.is_err());
        // Rotating the vault changes no value, and so nothing of this.
        let vault = ada.vault(PRODUCTION).await;
        let step = subrosa_bridge::keys::RotationStep::All;
        let rotate = Request::Rotate { vaults: vec![vault], step, drop_earlier: false };
        ada.ask(rotate).await.unwrap();
        assert_eq!(attention(&ada).await, 0);
    });
}

#[test]
fn a_role_that_is_taken_away_keys_that_are_replaced_and_named_keys_are_on_it() {
    story(async {
        let (stage, ada, bob, [environment, staging]) = team().await;
        let vault = ada.vault(PRODUCTION).await;
        let at = NamedKeyAt { vault: vault.clone(), name: "orders".into() };
        let create = Request::ChangeNamedKey {
            at: at.clone(),
            base: 0,
            change: subrosa_bridge::named_keys::NamedKeyChange::Create,
        };
        ada.ask(create).await.unwrap();
        ada.set_role("Bob", PRODUCTION, None).await.unwrap();
        let [loss] = worklist(&ada).await.try_into().unwrap();
        assert_eq!((loss.how, loss.open), (Lost::Revoked, 5));
        let key = loss.items.iter().find(|item| item.key == "orders").unwrap();
        assert!(key.secret.is_none() && key.scope.is_none() && key.place == PRODUCTION);
        let rotate = Request::ChangeNamedKey {
            at,
            base: 1,
            change: subrosa_bridge::named_keys::NamedKeyChange::Rotate,
        };
        ada.ask(rotate).await.unwrap();
        assert_eq!(worklist(&ada).await[0].open, 4, "it ticks itself off");
        // He sees no list of what he cannot open; nor does he tick it.
        bob.ask(Request::Sync).await.unwrap();
        assert!(worklist(&bob).await.is_empty());
        let refused = see_to(&bob, loss.seq, Vec::new(), false).await.unwrap_err();
        assert_eq!(refused.kind, Kind::NotFound);

        // A second loss: one tick of the later is one of both.
        let access = ada.access(&[(PRODUCTION, Role::Reader), ("billing / staging", Role::Reader)]);
        let carol = stage.desk();
        ada.lets_in(&carol, "Carol", access.await).await;
        let who = ada.member("Carol").await.id;
        let link = ada.invite("Carol", Access::Replace(who)).await.unwrap();
        let phone = stage.desk();
        let door = phone.join(&link).await.unwrap();
        ada.admit("Carol", &door.fingerprint).await.unwrap();
        phone.knock().await.unwrap();
        let [carols, bobs] = worklist(&ada).await.try_into().unwrap();
        assert_eq!((carols.name.as_str(), carols.how), ("Carol", Lost::Replaced));
        // The named key of the time before Carol's loss is hers to know; Bob never knew it.
        assert_eq!((carols.open, bobs.open), (6, 4));
        assert_eq!(attention(&ada).await, 6);
        let host = ada.row(&environment, "HOSTNAME").await;
        let [carols, bobs] =
            see_to(&ada, carols.seq, seen(&host), false).await.unwrap().try_into().unwrap();
        assert_eq!((carols.open, bobs.open), (5, 3));
        // She reads what she may, and may not write: she is told so.
        let theirs = worklist(&phone).await;
        assert!(theirs.iter().flat_map(|it| &it.items).all(|item| !item.writable));
        ada.edit(&ada.row(&staging, "ELSEWHERE").await, "second").await.unwrap();
        let elsewhere = |loss: &Loss| loss.items.iter().any(|item| item.key == "ELSEWHERE");
        assert!(!worklist(&ada).await.iter().any(elsewhere));
        let planted = hidden("first");
        assert!(!format!("{:?}", worklist(&ada).await).contains(planted.expose()));
    });
}
