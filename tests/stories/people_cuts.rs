//! Invites, joins, roles and removals that are cut off at any I/O: made again, or found in the log, and
//! nobody is left without what is theirs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use subrosa_client::{
    Change, Error, Invitation, NewService, RoleChange, TeamClient, Unlocked, Wish,
};
use subrosa_core::invite::Link;
use subrosa_core::keyset::Keyset;
use subrosa_core::vault::Edit;
use subrosa_tests::cuts::Cut;
use subrosa_tests::device::{
    Device, VAULTS, WAYS, every_cut, fill, secret_of, sync, try_again, value,
};
use subrosa_tests::people::leave;
use subrosa_tests::{PASSWORD, Stage, story};
use subrosa_wire::id::{MemberId, VaultId};
use subrosa_wire::people::{Access, Grant, Grants, Join, VaultRole};
use tokio::sync::Mutex;

/// The year 2100, in milliseconds.
const LATER: u64 = 4_102_444_800_000;

/// The secret of a vault as this client sees it.
async fn read(client: &TeamClient<Cut>, vault: VaultId) -> String {
    let record = client.contents().vault(vault).unwrap().record(secret_of(vault)).unwrap().clone();
    let value = client.value(vault, record.id, *record.value().unwrap()).await.unwrap();
    value.expose_text().unwrap().to_owned()
}

fn version(client: &TeamClient<Cut>, vault: VaultId) -> u32 {
    client.contents().vault(vault).unwrap().record(secret_of(vault)).unwrap().version
}

async fn set(client: &TeamClient<Cut>, vault: VaultId, text: &str) {
    let base = version(client, vault);
    let content = Some(value(text));
    let edit = Edit::Change { id: secret_of(vault), base, key: None, content, note: None };
    client.change(&Change::edits(vault, vec![edit])).await.unwrap();
}

/// A writer's seat in the first vault, and a reader's in the second.
fn access() -> Access {
    let roles = VAULTS.into_iter().zip([VaultRole::Writer, VaultRole::Reader]);
    Access::Member(Grants(roles.map(|(vault, role)| Grant { vault, role }).collect()))
}

/// Two devices of the founder, of whom one is cut off while the other writes now and then.
async fn founders(stage: &Rc<Mutex<Stage>>) -> [Device; 2] {
    let devices = {
        let stage = stage.lock().await;
        Device::two(&stage).await
    };
    fill(&devices[0].client()).await;
    sync(&devices[1].client()).await;
    devices
}

/// What the other device does meanwhile.
fn edit(other: &Device, count: &Rc<Cell<u32>>) -> impl Future<Output = ()> + use<> {
    let (client, count) = (other.client(), count.clone());
    async move {
        sync(&client).await;
        count.set(count.get() + 1);
        set(&client, VAULTS[0], &format!("edit {}", count.get())).await;
    }
}

async fn let_in(client: &TeamClient<Cut>, wishes: Vec<Wish>) -> Result<(), Error> {
    match client.fulfil(wishes).await {
        Err(Error::NothingToDo) => Ok(()),
        other => other,
    }
}

/// Somebody at the door with this link, with whatever it takes.
async fn at_the_door(device: &Device, link: &Link) -> Result<Unlocked<Cut>, Error> {
    let invitation = Invitation::open(device.process(), link.clone()).await?;
    invitation.prepare(PASSWORD)?.finish().await
}

async fn join_of(client: &TeamClient<Cut>, link: &Link) -> Join {
    client.look_beside().await.unwrap();
    let door = client.at_the_door();
    door.iter().find(|at| at.invite == link.invite()).unwrap().join.clone()
}

#[test]
fn an_invite_that_is_cut_off_at_any_io_is_there_or_not_and_can_be_taken_back() {
    story(async {
        let stage = Rc::new(Mutex::new(Stage::unbounded().await));
        let [first, second] = founders(&stage).await;
        let count = Rc::new(Cell::new(0));
        every_cut(&WAYS, 3, async |way, at| {
            sync(&first.client()).await;
            let client = first.client();
            let invite = try_again(async || client.invite("Bob", access(), None, LATER).await);
            let fault = way.fault(&stage, edit(&second, &count));
            let (done, happened) = first.cut(at, fault, invite).await;
            if done.is_none() {
                first.again().await;
            }
            let client = first.client();
            let open: Vec<_> =
                client.team().invites().map(|(id, it)| (id, it.invite.member)).collect();
            // One whose answer was lost may be there beside the one that was made again.
            assert!(open.len() <= 2, "{way:?} at {at}: {open:?}");
            if let Some(link) = done {
                assert!(client.team().invite(link.invite()).is_some(), "{way:?} at {at}");
            }
            for (id, member) in open {
                client.fulfil(vec![Wish::Cancel(id, member, None)]).await.unwrap();
            }
            happened
        })
        .await;
    });
}

#[test]
fn a_join_that_is_cut_off_at_any_io_is_made_again_or_waits() {
    story(async {
        let stage = Rc::new(Mutex::new(Stage::unbounded().await));
        let [first, second] = founders(&stage).await;
        let count = Rc::new(Cell::new(0));
        every_cut(&WAYS, 8, async |way, at| {
            let context = format!("{way:?} at {at}");
            let ada = first.client();
            sync(&ada).await;
            let link = ada.invite("Bob", access(), None, LATER).await.unwrap();
            let bob = Device::blank(&*stage.lock().await);
            let joining = RefCell::new(None);
            let join = try_again(async || {
                if joining.borrow().is_none() {
                    let invitation = Invitation::open(bob.process(), link.clone()).await?;
                    joining.replace(Some(Rc::new(invitation.prepare(PASSWORD)?)));
                }
                let made = joining.borrow().clone();
                made.unwrap().finish().await
            });
            let fault = way.fault(&stage, edit(&second, &count));
            let (done, happened) = bob.cut(at, fault, join).await;
            let mut unlocked = done;
            if unlocked.is_none() {
                bob.restarts();
                unlocked = match subrosa_client::unlock(bob.process(), PASSWORD, None).await {
                    Ok(unlocked) => Some(unlocked),
                    // It did not come so far that there is an account: it is made again.
                    Err(error) => {
                        let expected = [Error::NoSecretKey, Error::WrongPassword];
                        assert!(expected.contains(&error), "{context}: {error:?}");
                        Some(at_the_door(&bob, &link).await.unwrap())
                    }
                };
            }
            let Some(Unlocked::Door(door)) = unlocked else { panic!("{context}: at the door") };
            sync(&ada).await;
            ada.look_beside().await.unwrap();
            let joins: Vec<Join> = {
                let at = ada.at_the_door();
                at.iter()
                    .filter(|at| at.invite == link.invite())
                    .map(|at| at.join.clone())
                    .collect()
            };
            let mine = |join: &&Join| {
                subrosa_core::keyset::of_public(&join.keyset) == door.waiting().fingerprint
            };
            let join = joins.iter().find(mine).unwrap_or_else(|| panic!("{context}: it waits"));
            ada.fulfil(vec![Wish::Admit(Box::new(join.clone()))]).await.unwrap();
            let client = door.knock().await.unwrap().team().unwrap();
            assert_eq!(read(&client, VAULTS[1]).await, "first", "{context}");
            assert!(client.waiting_for().is_empty(), "{context}");
            // And again, with nothing but the password.
            let again = subrosa_client::unlock(bob.process(), PASSWORD, None).await;
            assert!(again.and_then(Unlocked::team).is_ok(), "{context}");
            let me = client.me();
            ada.remove(&[me], &[]).await.unwrap();
            happened
        })
        .await;
    });
}

#[test]
fn an_addition_that_is_cut_off_at_any_io_heals() {
    story(async {
        let stage = Rc::new(Mutex::new(Stage::unbounded().await));
        let [first, second] = founders(&stage).await;
        let count = Rc::new(Cell::new(0));
        every_cut(&WAYS, 3, async |way, at| {
            let context = format!("{way:?} at {at}");
            sync(&first.client()).await;
            let link = first.client().invite("Bob", access(), None, LATER).await.unwrap();
            let bob = Device::blank(&*stage.lock().await);
            let Unlocked::Door(door) = at_the_door(&bob, &link).await.unwrap() else {
                panic!("at the door")
            };
            let client = first.client();
            let join = join_of(&client, &link).await;
            let admit = try_again(async || {
                let_in(&client, vec![Wish::Admit(Box::new(join.clone()))]).await
            });
            let fault = way.fault(&stage, edit(&second, &count));
            let (done, happened) = first.cut(at, fault, admit).await;
            let killed = done.is_none();
            if killed {
                first.restarts();
            }
            // Bob may be in, and wait for keys: the other device brings them, as would any owner's.
            sync(&second.client()).await;
            if second.client().team().member(door.waiting().member).is_none() {
                let_in(&second.client(), vec![Wish::Admit(Box::new(join))]).await.unwrap();
            }
            second.client().look_beside().await.unwrap();
            let client = door.knock().await.unwrap().team().unwrap();
            sync(&client).await;
            assert!(client.waiting_for().is_empty(), "{context}");
            let seen = read(&second.client(), VAULTS[0]).await;
            assert_eq!(read(&client, VAULTS[0]).await, seen, "{context}");
            assert_eq!(read(&client, VAULTS[1]).await, "first", "{context}");
            if killed {
                first.again().await;
            }
            let me = client.me();
            sync(&first.client()).await;
            first.client().remove(&[me], &[]).await.unwrap();
            happened
        })
        .await;
    });
}

/// A machine with a writer's seat in the first vault, and what it is known by.
async fn machine(client: &TeamClient<Cut>, number: u8) -> MemberId {
    let member = MemberId::from_random([number; 16]);
    let keys = Keyset::generate(&mut ChaCha20Rng::seed_from_u64(u64::from(number) + 99)).unwrap();
    let grants = vec![Grant { vault: VAULTS[0], role: VaultRole::Writer }];
    let keys = keys.rotation(client.team().id(), member);
    let new = NewService { member, grants, expires: None, name: "CI".into(), keys };
    client.fulfil(vec![Wish::AddService(Box::new(new))]).await.unwrap();
    member
}

fn role(member: MemberId, vault: VaultId, from: Option<VaultRole>, to: Option<VaultRole>) -> Wish {
    Wish::Role(RoleChange { member, vault, from, to })
}

#[test]
fn a_role_that_is_taken_and_a_removal_that_are_cut_off_at_any_io_are_made_by_either_device() {
    story(async {
        let stage = Rc::new(Mutex::new(Stage::unbounded().await));
        let [first, second] = founders(&stage).await;
        let count = Rc::new(Cell::new(0));
        for remove in [true, false] {
            let number = Cell::new(if remove { 100 } else { 180 });
            every_cut(&WAYS, 2, async |way, at| {
                let context = format!("{way:?} at {at}, removal: {remove}");
                sync(&first.client()).await;
                number.set(number.get() + 1);
                let who = machine(&first.client(), number.get()).await;
                let wishes = || match remove {
                    true => vec![leave(who)],
                    false => vec![
                        role(who, VAULTS[0], Some(VaultRole::Writer), None),
                        role(who, VAULTS[1], None, Some(VaultRole::Reader)),
                    ],
                };
                let before = first.client().team().vault(VAULTS[0]).unwrap().key_version();
                let client = first.client();
                let take = try_again(async || let_in(&client, wishes()).await);
                let fault = way.fault(&stage, edit(&second, &count));
                let (done, happened) = first.cut(at, fault, take).await;
                if done.is_none() {
                    first.restarts();
                }
                sync(&second.client()).await;
                let_in(&second.client(), wishes()).await.unwrap();
                let team = second.client().team().clone();
                assert_eq!(team.role_in(VAULTS[0], who), None, "{context}");
                assert_eq!(team.member(who).is_none(), remove, "{context}");
                let given = (!remove).then_some(VaultRole::Reader);
                assert_eq!(team.role_in(VAULTS[1], who), given, "{context}");
                let vault = team.vault(VAULTS[0]).unwrap();
                // Once, by whomever: nothing is half done, and nothing twice.
                assert_eq!(vault.key_version(), before + 1, "{context}");
                assert_eq!(vault.unlost_since, before + 1, "{context}");
                if done.is_none() {
                    first.again().await;
                }
                sync(&first.client()).await;
                set(&first.client(), VAULTS[0], "goes on").await;
                sync(&second.client()).await;
                assert_eq!(read(&second.client(), VAULTS[0]).await, "goes on", "{context}");
                if !remove {
                    first.client().remove(&[who], &[]).await.unwrap();
                    sync(&second.client()).await;
                }
                happened
            })
            .await;
        }
    });
}

#[test]
fn two_let_the_same_one_in_and_what_makes_no_sense_any_more_is_told() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, second] = Device::two(&stage).await;
        fill(&first.client()).await;
        sync(&second.client()).await;
        let (ada, other) = (first.client(), second.client());
        let link = ada.invite("Bob", access(), None, LATER).await.unwrap();
        let bob = Device::blank(&stage);
        at_the_door(&bob, &link).await.unwrap();
        let join = join_of(&ada, &link).await;
        sync(&other).await;
        // Neither has heard of the other's.
        let admit = || vec![Wish::Admit(Box::new(join.clone()))];
        ada.fulfil(admit()).await.unwrap();
        assert_eq!(other.fulfil(admit()).await, Err(Error::NothingToDo), "he is in");
        let who = ada.team().members().find(|(_, it)| it.keyset == join.keyset).unwrap().0;
        let cancel = vec![Wish::Cancel(link.invite(), who, None)];
        assert_eq!(other.fulfil(cancel).await, Err(Error::JoinedAlready));
        ada.remove(&[who], &[]).await.unwrap();
        assert_eq!(other.fulfil(vec![Wish::Promote(who)]).await, Err(Error::NotFound));
        assert_eq!(other.fulfil(admit()).await, Err(Error::InviteGone));
        let remove = vec![leave(who)];
        assert_eq!(other.fulfil(remove).await, Err(Error::NothingToDo));
        // An invite to other keys that somebody else took back has given nobody any.
        let bob = machine(&ada, 77).await;
        let keys = ada.team().member(bob).map(|member| member.keyset.signing);
        let link = ada.invite("Bob", Access::Replace, Some(bob), LATER).await.unwrap();
        sync(&other).await;
        let cancel = || vec![Wish::Cancel(link.invite(), bob, keys)];
        ada.fulfil(cancel()).await.unwrap();
        assert_eq!(other.fulfil(cancel()).await, Err(Error::NothingToDo));
    });
}
