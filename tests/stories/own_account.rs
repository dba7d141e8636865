//! One's own account: another password, other keys, sessions, and kits for other devices.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use subrosa_bridge::account::Account;
use subrosa_bridge::people::Role;
use subrosa_bridge::{Event, Kind, Problem, Reply, Request};
use subrosa_client::{Change, Error, TeamClient, Unlocked};
use subrosa_core::vault::Edit;
use subrosa_tests::cuts::Cut;
use subrosa_tests::device::{
    Device, VAULTS, WAYS, every_cut, fill, secret_of, sync, try_again, value,
};
use subrosa_tests::people::waiting;
use subrosa_tests::{PASSWORD, Person, Stage, hidden, story};
use tokio::sync::Mutex;

const NEW: &str = "another-horse-battery-staple";

async fn team() -> (Stage, Person, subrosa_bridge::view::Scope, String) {
    let stage = Stage::new().await;
    let (ada, kit) = stage.founder().await;
    let [_, environment, _] = ada.scopes().await;
    ada.set(&environment, "KEY", "value").await.unwrap();
    (stage, ada, environment, kit.text.expose().to_owned())
}

async fn account(who: &Person) -> Result<Account, Problem> {
    match who.ask(Request::Account).await? {
        Reply::Account(account) => Ok(account),
        other => panic!("an account: {other:?}"),
    }
}

async fn change(who: &Person, current: &str, new: &str) -> Result<Reply, Problem> {
    who.ask(Request::ChangePassword { current: hidden(current), new: hidden(new) }).await
}

#[test]
fn another_password_opens_all_devices_and_what_they_keep() {
    story(async {
        let (stage, ada, environment, kit) = team().await;
        let laptop = stage.desk();
        laptop.recover(&kit, PASSWORD).await.unwrap();
        let name = "3d594650-3436-4f2a-9e0c-8a6c5a1c2b3d".to_owned();
        let draft = Request::KeepDraft { name: name.clone(), text: Some(hidden("typed before")) };
        laptop.ask(draft).await.unwrap();

        let wrong = change(&ada, "not this password", NEW).await.unwrap_err();
        assert_eq!(wrong.kind, Kind::WrongPassword);
        assert_eq!(change(&ada, PASSWORD, "short").await.unwrap_err().kind, Kind::BadName);
        assert!(ada.locked().unlock(PASSWORD).await.is_ok(), "nothing was changed");
        change(&ada, PASSWORD, NEW).await.unwrap();
        // She writes on, and once more: with the same answer.
        ada.set(&environment, "AFTER", "value").await.unwrap();
        change(&ada, NEW, NEW).await.unwrap();

        // The laptop is unlocked, and works on; the account it cannot change any more.
        laptop.ask(Request::Sync).await.unwrap();
        let row = laptop.row(&environment, "AFTER").await;
        assert_eq!(laptop.reveal(&row).await.unwrap(), "value");
        let late = change(&laptop, PASSWORD, "a third one of some length").await.unwrap_err();
        assert_eq!(late.kind, Kind::Refused);
        assert!(late.message.contains("on another device"), "{late:?}");

        for device in [&ada, &laptop] {
            let locked = device.locked();
            let old = locked.unlock(PASSWORD).await.unwrap_err();
            assert_eq!(old.kind, Kind::WrongPassword);
            assert_eq!(locked.unlock(NEW).await.unwrap().me, "Ada canary-person");
        }
        let laptop = laptop.locked();
        laptop.unlock(NEW).await.unwrap();
        let Ok(Reply::Drafts(drafts)) = laptop.ask(Request::Drafts).await else { panic!("drafts") };
        assert_eq!(drafts[0].text.expose(), "typed before", "it was sealed before the change");
        // The kit on paper is good with the new one.
        assert!(stage.desk().recover(&kit, NEW).await.is_ok());
        assert!(stage.desk().recover(&kit, PASSWORD).await.is_err());
    });
}

#[test]
fn sessions_are_listed_and_one_that_is_ended_locks_its_device() {
    story(async {
        let (stage, ada, environment, kit) = team().await;
        let laptop = stage.desk();
        laptop.recover(&kit, PASSWORD).await.unwrap();
        let bob = stage.desk();
        ada.lets_in(&bob, "Bob", ada.access(&[("billing / production", Role::Reader)]).await).await;
        let watched = laptop.watch();
        laptop.ask(Request::Sync).await.unwrap();

        let mine = account(&ada).await.unwrap();
        assert_eq!(mine.name, "Ada canary-person");
        assert_eq!(mine.fingerprint, ada.member("Ada canary-person").await.fingerprint);
        assert_eq!(mine.sessions.iter().filter(|it| it.own).count(), 1);
        assert!(mine.sessions.iter().all(|it| it.client == "A program" && it.used >= it.opened));
        // Bob's are his own.
        assert_eq!(account(&bob).await.unwrap().sessions.iter().filter(|it| it.own).count(), 1);
        let theirs = account(&bob).await.unwrap().sessions[0].id.clone();

        let others = mine.sessions.iter().filter(|it| !it.own).map(|it| it.id.clone());
        let ids: Vec<String> = others.chain([theirs]).collect();
        assert!(ids.len() >= 2);
        let Ok(Reply::Account(left)) = ada.ask(Request::EndSessions { ids }).await else {
            panic!("an account")
        };
        assert!(left.sessions.len() == 1 && left.sessions[0].own);
        // The laptop hears it, and is told why it locks; Bob is not hers to end.
        watched.await.unwrap();
        let heard = laptop.events();
        let is_alarm = |event: &Event| matches!(event, Event::Alarm(it) if it.kind == Kind::Locked);
        assert!(heard.iter().any(is_alarm) && heard.contains(&Event::LockNow), "{heard:?}");
        assert_eq!(laptop.ask(Request::Sync).await.unwrap_err().kind, Kind::Locked);
        bob.ask(Request::Sync).await.unwrap();
        ada.row(&environment, "KEY").await;
        assert!(laptop.locked().unlock(PASSWORD).await.is_ok(), "it is no worse than a lock");
    });
}

#[test]
fn a_kit_for_another_device_knows_the_places_of_all_teams() {
    story(async {
        let (mut stage, ada, environment, _) = team().await;
        stage.another_team().await;
        let eve = stage.desk();
        eve.found(&stage.running().setup_token().unwrap()).await.unwrap();
        let [_, theirs, _] = eve.scopes().await;
        let access = eve.access(&[("billing / production", Role::Writer)]).await;
        let link = eve.invite("Augusta", access).await.unwrap();
        ada.ask(Request::OpenInvite { link: hidden(&link) }).await.unwrap();
        let door = waiting(ada.ask(Request::Join).await.unwrap());
        eve.admit("Augusta", &door.fingerprint).await.unwrap();
        let other = Request::SwitchTeam { team: door.team.clone() };
        ada.ask(other.clone()).await.unwrap();
        stage.stop().await;
        let backup = stage.backup();
        stage.start().await;
        ada.set(&theirs, "SEEN", "value").await.unwrap();

        let refused = ada.ask(Request::DeviceKit { password: hidden("not this password") }).await;
        assert_eq!(refused.unwrap_err().kind, Kind::WrongPassword);
        let made = ada.ask(Request::DeviceKit { password: hidden(PASSWORD) }).await;
        let Ok(Reply::Kit(kit)) = made else { panic!("a kit: {made:?}") };
        assert_eq!(kit.team, door.team, "the one that is open comes first");
        let phone = stage.desk();
        assert_eq!(phone.recover(kit.text.expose(), PASSWORD).await.unwrap().me, "Augusta");
        let row = phone.row(&theirs, "SEEN").await;
        assert_eq!(phone.reveal(&row).await.unwrap(), "value");
        let Ok(Reply::Seats(seats)) = phone.ask(Request::Seats).await else { panic!("seats") };
        let home = seats.iter().find(|seat| seat.team != door.team).unwrap().team.clone();
        ada.ask(Request::SwitchTeam { team: home.clone() }).await.unwrap();
        let made = ada.ask(Request::DeviceKit { password: hidden(PASSWORD) }).await;
        let Ok(Reply::Kit(kit)) = made else { panic!("a kit: {made:?}") };

        // The server is rolled back. A new device finds that out also in the team that it did not
        // begin with.
        stage.stop().await;
        stage.restore(&backup);
        stage.start().await;
        let tablet = stage.desk();
        let opened = tablet.recover(kit.text.expose(), PASSWORD).await.unwrap();
        assert_eq!(opened.team, home);
        assert_eq!(tablet.ask(other.clone()).await.unwrap_err().kind, Kind::Rollback);
        // The control: without the kit's other place it would have been believed.
        let cut = kit.text.expose().lines().next().unwrap().to_owned();
        let read = subrosa_core::kit::Kit::read(&cut).unwrap();
        let lone = subrosa_core::kit::Kit {
            secret_key: read.secret_key,
            server: stage.origin(),
            team: read.team.unwrap(),
            checkpoint: read.checkpoint,
            others: Vec::new(),
        };
        let fooled = stage.desk();
        fooled.recover(&lone.line(), PASSWORD).await.unwrap();
        assert!(fooled.ask(other).await.is_ok());
        ada.row(&environment, "KEY").await;
    });
}

#[test]
fn new_keys_open_all_that_those_before_opened() {
    story(async {
        let (stage, ada, environment, kit) = team().await;
        let laptop = stage.desk();
        laptop.recover(&kit, PASSWORD).await.unwrap();
        let bob = stage.desk();
        ada.lets_in(&bob, "Bob", ada.access(&[("billing / production", Role::Writer)]).await).await;
        for (who, name) in [(&ada, "Ada canary-person"), (&bob, "Bob")] {
            let before = account(who).await.unwrap();
            let Ok(Reply::Overview(shown)) = who.ask(Request::RenewKeys).await else {
                panic!("the team, with other keys")
            };
            assert_eq!(shown.me, name);
            let after = account(who).await.unwrap();
            assert_ne!(after.fingerprint, before.fingerprint);
            let row = who.row(&environment, "KEY").await;
            assert_eq!(who.reveal(&row).await.unwrap(), "value");
            who.set(&environment, &format!("BY_{}", row.version), name).await.unwrap();
            let again = who.locked();
            again.unlock(PASSWORD).await.unwrap();
            assert_eq!(account(&again).await.unwrap().fingerprint, after.fingerprint);
        }
        ada.ask(Request::Sync).await.unwrap();
        assert_eq!(ada.member("Bob").await.fingerprint, account(&bob).await.unwrap().fingerprint);
        // Her other device is told, and comes back by the password.
        let told = laptop.ask(Request::Sync).await.unwrap_err();
        assert_eq!(told.kind, Kind::KeysReplaced);
        let laptop = laptop.locked();
        laptop.unlock(PASSWORD).await.unwrap();
        laptop.row(&environment, "KEY").await;
        // What comes next is wrapped to the new keys.
        ada.set_role("Bob", "billing / production", Some(Role::Manager)).await.unwrap();
        let carol = stage.desk();
        ada.lets_in(&carol, "Carol", ada.access(&[]).await).await;
        ada.remove("Carol").await.unwrap();
        for who in [&bob, &laptop] {
            who.ask(Request::Sync).await.unwrap();
            assert_eq!(who.reveal(&who.row(&environment, "KEY").await).await.unwrap(), "value");
        }
    });
}

async fn read(client: &TeamClient<Cut>) -> String {
    let vault = VAULTS[0];
    let record = client.contents().vault(vault).unwrap().record(secret_of(vault)).unwrap().clone();
    let value = client.value(vault, record.id, *record.value().unwrap()).await.unwrap();
    value.expose_text().unwrap().to_owned()
}

fn edit(device: &Rc<Device>, count: &Rc<Cell<u32>>) -> impl Future<Output = ()> + 'static {
    let (client, count) = (device.client(), count.clone());
    async move {
        count.set(count.get() + 1);
        let text = format!("edit {}", count.get());
        let vault = VAULTS[0];
        let base =
            client.contents().vault(vault).unwrap().record(secret_of(vault)).unwrap().version;
        let id = secret_of(vault);
        let edit = Edit::Change { id, base, key: None, content: Some(value(&text)), note: None };
        client.change(&Change::edits(vault, vec![edit])).await.unwrap();
    }
}

/// A founder who is the one owner, and another owner's device that writes meanwhile.
async fn scene(stage: &Rc<Mutex<Stage>>) -> (Device, Rc<Device>) {
    let ground = stage.lock().await;
    let (first, _, _) = Device::founder(&ground).await;
    fill(&first.client()).await;
    let far = 1 << 50;
    let access = subrosa_wire::people::Access::Owner;
    let link = first.client().invite("Bob", access, None, far).await.unwrap();
    let second = Device::blank(&ground);
    drop(ground);
    let invitation = subrosa_client::Invitation::open(second.process(), link).await.unwrap();
    let Unlocked::Door(door) = invitation.prepare(PASSWORD).unwrap().finish().await.unwrap() else {
        panic!("at the door")
    };
    first.client().look_beside().await.unwrap();
    let join = first.client().at_the_door()[0].join.clone();
    first.client().fulfil(vec![subrosa_client::Wish::Admit(Box::new(join))]).await.unwrap();
    second.holds(door.knock().await.and_then(Unlocked::team).unwrap());
    (first, Rc::new(second))
}

#[test]
fn new_keys_that_are_cut_off_at_any_io_lose_nothing() {
    story(async {
        let stage = Rc::new(Mutex::new(Stage::unbounded().await));
        let (first, second) = Box::pin(scene(&stage)).await;
        let count = Rc::new(Cell::new(0));
        every_cut(&WAYS, 8, async |way, at| {
            let context = format!("{way:?} at {at}");
            sync(&second.client()).await;
            let before = first.client().team().member(first.client().me()).cloned().unwrap();
            let client = first.client();
            let opened = RefCell::new(None);
            let renew = try_again(async || {
                // After a lost answer the team may be open with other keys already.
                if opened.borrow().is_none() {
                    let renewed = Box::pin(client.renew_keys()).await;
                    let renewed = match renewed {
                        Err(Error::KeysReplaced) => {
                            Box::pin(subrosa_client::unlock(first.process(), PASSWORD, None)).await
                        }
                        other => other,
                    };
                    opened.replace(Some(renewed.and_then(Unlocked::team)?));
                }
                Ok(())
            });
            let fault = way.fault(&stage, edit(&second, &count));
            let (done, happened) = first.cut(at, fault, renew).await;
            match (done, opened.take()) {
                (Some(()), Some(client)) => first.holds(client),
                _ => Box::pin(first.again()).await,
            }
            let client = first.client();
            let seen = read(&second.client()).await;
            sync(&client).await;
            assert_eq!(read(&client).await, seen, "{context}");
            assert!(client.waiting_for().is_empty(), "{context}");
            let mine = client.team().member(client.me()).cloned().unwrap();
            if done.is_some() {
                assert_ne!(mine.keyset, before.keyset, "{context}");
            }
            // Once more from nothing but the password: what was cut off is finished or open.
            Box::pin(first.again()).await;
            assert_eq!(read(&first.client()).await, seen, "{context}");
            happened
        })
        .await;
        // Whatever was left open, the next one goes through.
        let again = Box::pin(first.client().renew_keys()).await.and_then(Unlocked::team).unwrap();
        assert_eq!(read(&again).await, read(&second.client()).await);
    });
}

#[test]
fn a_password_that_is_changed_and_cut_off_at_any_io_is_one_of_the_two() {
    story(async {
        let stage = Rc::new(Mutex::new(Stage::unbounded().await));
        let (first, second) = Box::pin(scene(&stage)).await;
        let count = Rc::new(Cell::new(0));
        let now = Cell::new((PASSWORD, NEW));
        every_cut(&WAYS, 4, async |way, at| {
            let context = format!("{way:?} at {at}");
            let (current, next) = now.get();
            let client = first.client();
            sync(&second.client()).await;
            let change = try_again(async || Box::pin(client.change_password(current, next)).await);
            let fault = way.fault(&stage, edit(&second, &count));
            let (done, happened) = first.cut(at, fault, change).await;
            first.restarts();
            let open =
                async |password| subrosa_client::unlock(first.process(), password, None).await;
            let opened = match open(next).await {
                Ok(opened) => {
                    now.set((next, current));
                    opened
                }
                Err(error) => {
                    assert_eq!((done, error), (None, Error::WrongPassword), "{context}");
                    open(current).await.unwrap()
                }
            };
            first.holds(opened.team().unwrap());
            happened
        })
        .await;
    });
}
