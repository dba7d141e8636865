//! The root key: replaced by one entry, whatever is cut off; and a team that has nothing else left.

use std::cell::Cell;
use std::rc::Rc;

use subrosa_client::{Change, Error, Outcome, Recovery, RootKeyIs, TeamClient, Unlocked};
use subrosa_core::kit::RootKey;
use subrosa_core::vault::{Earlier, Edit};
use subrosa_core::vault_key::VaultKey;
use subrosa_tests::cuts::Cut;
use subrosa_tests::database::wraps;
use subrosa_tests::device::{
    Device, VAULTS, WAYS, Way, every_cut, fill, secret_of, sync, try_again, value,
};
use subrosa_tests::{PASSWORD, Stage, story};
use subrosa_wire::id::VaultId;
use subrosa_wire::log::Wrap;

/// The team that an account opens.
fn team_of(unlocked: Result<Unlocked<Cut>, Error>) -> Result<TeamClient<Cut>, Error> {
    unlocked.and_then(Unlocked::team)
}

async fn set(client: &TeamClient<Cut>, vault: VaultId, base: u32, text: &str) -> Result<(), Error> {
    let content = Some(value(text));
    let edit = Edit::Change { id: secret_of(vault), base, key: None, content, note: None };
    client.change(&Change::edits(vault, vec![edit])).await.map(drop)
}

/// All versions of the secret of a vault, the oldest first.
async fn read(client: &TeamClient<Cut>, vault: VaultId) -> Vec<String> {
    let record = client.contents().vault(vault).unwrap().record(secret_of(vault)).unwrap().clone();
    let mut values = vec![*record.value().unwrap()];
    let history = client.history(vault, record.id, record.history).await.unwrap();
    values.extend(history.iter().filter_map(|entry| entry.content.as_ref()?.value()).copied());
    let mut texts = Vec::new();
    for value in values {
        let value = client.value(vault, record.id, value).await.unwrap();
        texts.push(value.expose_text().unwrap().to_owned());
    }
    texts.reverse();
    texts
}

fn versions(client: &TeamClient<Cut>) -> Vec<u32> {
    client.team().vaults().map(|(_, vault)| vault.key_version()).collect()
}

/// Another root key in the place of the one in force.
async fn replaced(client: &TeamClient<Cut>) -> RootKey {
    let staged = client.stage_root_key().await.unwrap();
    client.rotate_root_key(&staged).await.unwrap();
    staged.key
}

/// Finishes the rotations that a change of keys has begun, so that no run is longer than the one before.
async fn retire_all(client: &TeamClient<Cut>) {
    let vaults: Vec<VaultId> = client.team().vaults().map(|(id, _)| id).collect();
    let outcomes = client.rotate(&vaults, Earlier::Reencrypt, &|_| true).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Retired), "{outcomes:?}");
}

/// Whether a root key opens the team, on a device that has nothing else.
async fn opens(stage: &Stage, key: &RootKey) -> bool {
    match Recovery::open(Device::blank(stage).process(), key).await {
        Ok(_) => true,
        Err(Error::KeysReplaced) => false,
        Err(other) => panic!("another problem: {other:?}"),
    }
}

#[test]
fn another_root_key_is_in_force_once_somebody_has_kept_it() {
    story(async {
        let stage = Stage::unbounded().await;
        let (ada, kit, old) = Device::founder(&stage).await;
        let other = Device::blank(&stage);
        other.opens(&kit).await;
        let (client, second) = (ada.client(), other.client());
        fill(&client).await;
        assert!(client.staged_root_key().await.unwrap().is_none());
        assert_eq!(client.root_key_is(&old).await, Ok(RootKeyIs::InForce));

        // Made, and the same again when it is asked for again, also after a crash.
        let new = client.stage_root_key().await.unwrap().key;
        let again = client.stage_root_key().await.unwrap().key;
        assert_eq!(*again.print(), *new.print());
        ada.again().await;
        let client = ada.client();
        let kept = client.staged_root_key().await.unwrap().unwrap();
        assert_eq!(*kept.key.print(), *new.print());
        assert!(kept.is_current(&client.team()));
        // Nothing has changed so far.
        assert_eq!(client.root_key_is(&old).await, Ok(RootKeyIs::InForce));
        assert_eq!(client.root_key_is(&new).await, Ok(RootKeyIs::Staged));
        sync(&second).await;
        assert_eq!(second.root_key_is(&new).await, Ok(RootKeyIs::Unknown));
        assert!(opens(&stage, &old).await);
        assert!(!opens(&stage, &new).await);

        client.rotate_root_key(&kept).await.unwrap();
        assert!(client.staged_root_key().await.unwrap().is_none());
        assert_eq!(versions(&client), [2, 2, 2], "the directory's too");
        let seq = client.team().head().seq;
        for client in [&client, &second] {
            sync(client).await;
            assert_eq!(client.root_key_is(&new).await, Ok(RootKeyIs::InForce));
            let was = client.root_key_is(&old).await.unwrap();
            assert!(matches!(was, RootKeyIs::Replaced { seq: at, time } if at == seq && time > 0));
            for vault in VAULTS {
                assert_eq!(read(client, vault).await, ["first"]);
            }
        }
        assert!(!opens(&stage, &old).await);
        assert!(opens(&stage, &new).await);
        // A key of another team is told apart.
        let elsewhere = Stage::unbounded().await;
        let (_, _, foreign) = Device::founder(&elsewhere).await;
        assert_eq!(client.root_key_is(&foreign).await, Ok(RootKeyIs::OfAnotherTeam));
    });
}

#[test]
fn a_backup_from_before_opens_with_the_root_key_of_then() {
    story(async {
        let mut stage = Stage::unbounded().await;
        let (ada, _, old) = Device::founder(&stage).await;
        fill(&ada.client()).await;
        stage.stop().await;
        let backup = stage.backup();
        stage.start().await;
        ada.again().await;
        let client = ada.client();
        let new = replaced(&client).await;
        retire_all(&client).await;
        set(&client, VAULTS[0], 1, "second").await.unwrap();
        stage.stop().await;
        stage.restore(&backup);
        stage.start().await;
        // Who has seen more does not take it for what is.
        assert_eq!(ada.client().sync().await, Err(Error::Rollback));
        // Who has nothing but the backup and the old key has what was there then.
        assert!(!opens(&stage, &new).await);
        let device = Device::blank(&stage);
        recovered(&device, &old).await.unwrap();
        assert_eq!(read(&device.client(), VAULTS[0]).await, ["first"]);
    });
}

#[test]
fn a_thief_of_the_old_root_key_who_has_the_servers_database_opens_nothing_newer() {
    story(async {
        let stage = Stage::unbounded().await;
        let (ada, _, old) = Device::founder(&stage).await;
        let client = ada.client();
        fill(&client).await;
        let before = wraps(&stage);
        let new = replaced(&client).await;
        let team = client.team().clone();
        let opened = |key: &RootKey, wraps: &[Wrap]| {
            let keyset = key.keyset().unwrap();
            let open = |wrap: &Wrap| {
                let key = team.vault(wrap.vault)?.key(wrap.version)?;
                VaultKey::unwrap(wrap, team.id(), &keyset, key.commitment).ok()?;
                Some((wrap.vault, wrap.version))
            };
            let mut opened: Vec<_> = wraps.iter().filter_map(open).collect();
            opened.sort();
            opened
        };
        let mut all: Vec<VaultId> = VAULTS.to_vec();
        all.push(team.directory());
        all.sort();
        let of = |version| all.iter().map(|vault| (*vault, version)).collect::<Vec<_>>();
        let after = wraps(&stage);
        assert_eq!(opened(&old, &before), of(1), "in a copy that was made before");
        assert_eq!(opened(&old, &after), [], "the server keeps none of it");
        assert_eq!(opened(&new, &after), of(2));
    });
}

#[test]
fn one_that_was_made_is_discarded_or_overtaken() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, second] = Device::two(&stage).await;
        let (ada, other) = (first.client(), second.client());
        fill(&ada).await;
        let discarded = ada.stage_root_key().await.unwrap().key;
        ada.discard_root_key().await.unwrap();
        assert!(ada.staged_root_key().await.unwrap().is_none());
        assert_eq!(ada.root_key_is(&discarded).await, Ok(RootKeyIs::Unknown));

        // Both make one; the other's gets in first.
        let mine = ada.stage_root_key().await.unwrap();
        assert_ne!(*mine.key.print(), *discarded.print());
        sync(&other).await;
        let theirs = replaced(&other).await;
        assert_eq!(ada.rotate_root_key(&mine).await, Err(Error::KeysChanged));
        assert_eq!(ada.root_key_is(&mine.key).await, Ok(RootKeyIs::Unknown), "it will not be");
        assert_eq!(ada.root_key_is(&theirs).await, Ok(RootKeyIs::InForce));
        let kept = ada.staged_root_key().await.unwrap().unwrap();
        assert!(!kept.is_current(&ada.team()));
        // Who has looked at that makes another one.
        ada.discard_root_key().await.unwrap();
        let mine = replaced(&ada).await;
        assert!(opens(&stage, &mine).await && !opens(&stage, &theirs).await);
        // A device that forgets its account forgets what it has made too.
        ada.stage_root_key().await.unwrap();
        subrosa_client::forget(ada.platform()).await.unwrap();
        assert!(ada.staged_root_key().await.unwrap().is_none());
    });
}

#[test]
fn a_change_of_the_root_key_that_is_cut_off_at_any_io_leaves_one_that_works() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let (first, kit, mut works) = {
            let stage = stage.lock().await;
            Device::founder(&stage).await
        };
        let second = Device::blank(&*stage.lock().await);
        second.opens(&kit).await;
        fill(&first.client()).await;
        let mut base = 1;
        every_cut(&WAYS, 5, async |way, at| {
            let other = second.client();
            sync(&first.client()).await;
            sync(&other).await;
            let written = Rc::new(Cell::new(false));
            let write = {
                let (other, written) = (other.clone(), written.clone());
                async move {
                    sync(&other).await;
                    set(&other, VAULTS[0], base, &format!("edit {base}")).await.unwrap();
                    written.set(true);
                }
            };
            let former = other.team().former().len();
            let client = first.client();
            let mut staged = None;
            let change = try_again(async || {
                if staged.is_none() {
                    staged = Some(client.stage_root_key().await?);
                }
                client.rotate_root_key(staged.as_ref().unwrap()).await
            });
            let (done, happened) = first.cut(at, way.fault(&stage, write), change).await;
            let (killed, context) = (done.is_none(), format!("{way:?} at {at}"));
            if killed {
                first.again().await;
            }
            let client = first.client();
            sync(&client).await;
            sync(&other).await;
            if written.get() {
                base += 1;
            }
            // One action changes it once, whatever went wrong.
            let changes = client.team().former().len() - former;
            assert!(if killed { changes <= 1 } else { changes == 1 }, "{context}: {changes}");
            // What is made and not in force is what this device says that it is.
            let staged = client.staged_root_key().await.unwrap();
            let before = client.root_key_is(&works).await.unwrap();
            if let Some(staged) = &staged {
                assert_eq!(before, RootKeyIs::InForce, "{context}");
                assert!(killed && staged.is_current(&client.team()), "{context}");
                assert_eq!(other.root_key_is(&staged.key).await, Ok(RootKeyIs::Unknown));
                let stage = stage.lock().await;
                assert!(opens(&stage, &works).await, "{context}");
                assert!(!opens(&stage, &staged.key).await, "{context}");
            }
            // By turns the device itself goes on, and another one makes its own.
            let goes_on = if at % 2 == 0 { client.clone() } else { other.clone() };
            let next = replaced(&goes_on).await;
            if let Some(staged) = staged.filter(|_| at % 2 == 1) {
                let late = client.rotate_root_key(&staged).await;
                assert_eq!(late, Err(Error::KeysChanged), "{context}");
                client.discard_root_key().await.unwrap();
            }
            sync(&client).await;
            sync(&other).await;
            for device in [&client, &other] {
                assert_eq!(device.root_key_is(&next).await, Ok(RootKeyIs::InForce), "{context}");
                let was = device.root_key_is(&works).await.unwrap();
                assert!(matches!(was, RootKeyIs::Replaced { .. }), "{context}");
                assert_eq!(read(device, VAULTS[0]).await.len(), base as usize, "{context}");
                assert_eq!(read(device, VAULTS[1]).await, ["first"], "{context}");
                assert!(device.staged_root_key().await.unwrap().is_none(), "{context}");
            }
            {
                let stage = stage.lock().await;
                assert!(opens(&stage, &next).await, "{context}");
                assert!(!opens(&stage, &works).await, "{context}");
            }
            retire_all(&client).await;
            works = next;
            happened
        })
        .await;
    });
}

#[test]
fn one_that_was_posted_is_discarded_for_good_by_another_tab() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let (device, _, mut works) = {
            let stage = stage.lock().await;
            Device::founder(&stage).await
        };
        fill(&device.client()).await;
        let (mut discarded, mut in_force) = (0, 0);
        every_cut(&[Way::KilledBefore, Way::KilledAfter], 2, async |way, at| {
            let (client, tab) = (device.client(), device.tab().await);
            let staged = client.stage_root_key().await.unwrap();
            let rotate = client.rotate_root_key(&staged);
            let (_, happened) = device.cut(at, way.fault(&stage, async {}), rotate).await;
            let context = format!("{way:?} at {at}");
            // It has not looked: the entry may be in the log, or be kept here to be posted again.
            let was_kept = tab.staged_root_key().await.unwrap().is_some();
            match tab.discard_root_key().await {
                Ok(()) if was_kept => discarded += 1,
                // It came into force, and the device may know.
                Ok(()) | Err(Error::KeysChanged) => {
                    sync(&tab).await;
                    works = staged.key.clone();
                    in_force += 1;
                }
                Err(error) => panic!("{context}: {error:?}"),
            }
            assert_eq!(tab.root_key_is(&works).await, Ok(RootKeyIs::InForce), "{context}");
            assert!(tab.staged_root_key().await.unwrap().is_none(), "{context}");
            // What is posted again at the next unlock does not get in.
            device.again().await;
            let client = device.client();
            assert_eq!(client.root_key_is(&works).await, Ok(RootKeyIs::InForce), "{context}");
            assert!(opens(&*stage.lock().await, &works).await, "{context}");
            retire_all(&client).await;
            happened
        })
        .await;
        assert!(discarded > 2 && in_force > 1, "{discarded} {in_force}");
    });
}

#[test]
fn one_that_is_discarded_while_it_is_put_in_force_is_the_one_or_the_other() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let (device, _, mut works) = {
            let stage = stage.lock().await;
            Device::founder(&stage).await
        };
        fill(&device.client()).await;
        every_cut(&[Way::Conflict], 2, async |way, at| {
            let (client, tab) = (device.client(), Rc::new(device.tab().await));
            let staged = client.stage_root_key().await.unwrap();
            let told = Rc::new(Cell::new(None));
            let discard = {
                let (tab, told) = (tab.clone(), told.clone());
                async move { told.set(Some(tab.discard_root_key().await)) }
            };
            let rotate = client.rotate_root_key(&staged);
            let (rotated, happened) = device.cut(at, way.fault(&stage, discard), rotate).await;
            sync(&tab).await;
            match (rotated.unwrap(), told.take()) {
                (Ok(()), None | Some(Err(Error::KeysChanged))) => works = staged.key.clone(),
                (Err(Error::NothingToDo), Some(Ok(()))) => {}
                other => panic!("at {at}: {other:?}"),
            }
            assert_eq!(tab.root_key_is(&works).await, Ok(RootKeyIs::InForce), "at {at}");
            assert!(tab.staged_root_key().await.unwrap().is_none(), "at {at}");
            sync(&client).await;
            retire_all(&client).await;
            happened
        })
        .await;
    });
}

#[test]
fn one_that_is_about_to_be_discarded_is_not_put_in_force() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let (device, _, old) = {
            let stage = stage.lock().await;
            Device::founder(&stage).await
        };
        fill(&device.client()).await;
        let staged = device.client().stage_root_key().await.unwrap();
        // Killed once it is noted that it is posted; and again once, that it is discarded.
        for at in [0, 1] {
            let client = device.client();
            let work = async {
                match at {
                    0 => client.rotate_root_key(&staged).await,
                    _ => client.discard_root_key().await,
                }
            };
            let fault = Way::KilledAfter.fault(&stage, async {});
            assert_eq!(device.cut(at, fault, work).await, (None, true));
            device.again().await;
        }
        let client = device.client();
        assert_eq!(client.rotate_root_key(&staged).await, Err(Error::NothingToDo));
        assert_eq!(client.root_key_is(&old).await, Ok(RootKeyIs::InForce));
        assert!(client.staged_root_key().await.unwrap().is_some(), "to be discarded once more");
        client.discard_root_key().await.unwrap();
        assert!(client.staged_root_key().await.unwrap().is_none());
    });
}

#[test]
fn two_tabs_of_one_browser_have_one_staged_key() {
    story(async {
        let stage = Stage::unbounded().await;
        let (device, _, old) = Device::founder(&stage).await;
        let here = device.client();
        fill(&here).await;
        let there = device.tab().await;
        let first = here.stage_root_key().await.unwrap();
        let same = there.stage_root_key().await.unwrap();
        assert_eq!(*first.key.print(), *same.key.print());
        // Discarded there, and another one made: what is on screen here is nobody's any more.
        there.discard_root_key().await.unwrap();
        assert_eq!(here.rotate_root_key(&first).await, Err(Error::NothingToDo));
        let second = there.stage_root_key().await.unwrap();
        assert_eq!(here.rotate_root_key(&first).await, Err(Error::NothingToDo));
        assert_eq!(here.root_key_is(&old).await, Ok(RootKeyIs::InForce));
        // In force there: it is forgotten here too, and what is made since is not.
        there.rotate_root_key(&second).await.unwrap();
        let third = there.stage_root_key().await.unwrap();
        sync(&here).await;
        assert_eq!(here.rotate_root_key(&second).await, Ok(()));
        let kept = there.staged_root_key().await.unwrap().unwrap();
        assert_eq!(*kept.key.print(), *third.key.print());
    });
}

#[test]
fn one_that_worked_for_a_while_that_nobody_heard_of_is_told_as_replaced() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let [first, second] = {
            let stage = stage.lock().await;
            Device::two(&stage).await
        };
        fill(&first.client()).await;
        for at in 0.. {
            let staged = first.client().stage_root_key().await.unwrap();
            let client = first.client();
            let fault = Way::KilledAfter.fault(&stage, async {});
            let (_, happened) = first.cut(at, fault, client.rotate_root_key(&staged)).await;
            assert!(happened, "the push is among these");
            sync(&second.client()).await;
            let got_in = second.client().root_key_is(&staged.key).await == Ok(RootKeyIs::InForce);
            if got_in {
                replaced(&second.client()).await;
            }
            first.again().await;
            let client = first.client();
            if got_in {
                assert!(client.staged_root_key().await.unwrap().is_none());
                let is = client.root_key_is(&staged.key).await.unwrap();
                assert!(matches!(is, RootKeyIs::Replaced { .. }), "{is:?}");
                return;
            }
        }
    });
}

const NEW_PASSWORD: &str = "another-horse-battery-staple";

async fn recovered(device: &Device, key: &RootKey) -> Result<subrosa_core::kit::Kit, Error> {
    let recovery = Recovery::open(device.process(), key).await?;
    let (owner, name) = recovery.owners().remove(0);
    assert_eq!(name.as_deref(), Some("Ada"));
    let next = recovery.prepare(owner, NEW_PASSWORD)?;
    device.holds(team_of(recovery.finish(&next).await)?);
    Ok(next.kit())
}

#[test]
fn a_team_is_recovered_by_its_root_key_when_nothing_else_is_left() {
    story(async {
        let stage = Stage::unbounded().await;
        let (lost, old_kit, key) = Device::founder(&stage).await;
        let lost_client = lost.client();
        fill(&lost_client).await;
        set(&lost_client, VAULTS[0], 1, "second").await.unwrap();

        let device = Device::blank(&stage);
        let recovery = Recovery::open(device.process(), &key).await.unwrap();
        assert_eq!(recovery.team_name().as_deref(), Some("Team"));
        assert_eq!(recovery.owners(), [(lost_client.me(), Some("Ada".to_owned()))]);
        // Looking changes nothing.
        sync(&lost_client).await;
        assert_eq!(versions(&lost_client), [1, 1, 1]);

        let kit = recovered(&device, &key).await.unwrap();
        let client = device.client();
        assert_eq!(client.me(), lost_client.me());
        assert_eq!(read(&client, VAULTS[0]).await, ["first", "second"]);
        assert_eq!(versions(&client), [2, 2, 2]);
        set(&client, VAULTS[0], 2, "third").await.unwrap();
        // On it goes, here and on a new device.
        let again =
            team_of(subrosa_client::unlock(device.process(), NEW_PASSWORD, None).await).unwrap();
        assert_eq!(read(&again, VAULTS[0]).await.len(), 3);
        let typed = subrosa_core::kit::Kit::read(&kit.line()).unwrap();
        let another = Device::blank(&stage);
        let second =
            team_of(subrosa_client::recover(another.process(), &typed, NEW_PASSWORD).await)
                .unwrap();
        assert_eq!(read(&second, VAULTS[0]).await.len(), 3);
        // Whoever has the lost device or the old kit gets nothing more.
        assert_eq!(lost_client.sync().await, Err(Error::KeysReplaced));
        assert_eq!(set(&lost_client, VAULTS[0], 2, "thief").await, Err(Error::KeysReplaced));
        let unlocked = team_of(subrosa_client::unlock(lost.process(), PASSWORD, None).await);
        assert_eq!(unlocked.err(), Some(Error::KeysReplaced));
        let typed = subrosa_core::kit::Kit::read(&old_kit.line()).unwrap();
        let thief = team_of(
            subrosa_client::recover(Device::blank(&stage).process(), &typed, PASSWORD).await,
        );
        assert_eq!(thief.err(), Some(Error::KeysReplaced));
        // The root key still works, and is to be replaced now: it was typed.
        assert_eq!(client.root_key_is(&key).await, Ok(RootKeyIs::InForce));
        replaced(&client).await;
        let refused = Recovery::open(Device::blank(&stage).process(), &key).await;
        assert_eq!(refused.err(), Some(Error::KeysReplaced));
    });
}

#[test]
fn a_recovery_that_is_cut_off_at_any_io_is_made_again() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let (founder, _, key) = {
            let stage = stage.lock().await;
            Device::founder(&stage).await
        };
        fill(&founder.client()).await;
        let mut owner = founder;
        let mut base = 1;
        every_cut(&WAYS, 10, async |way, at| {
            let device = Device::blank(&*stage.lock().await);
            let written = Rc::new(Cell::new(false));
            let write = {
                let (client, written) = (owner.client(), written.clone());
                async move {
                    // Once it is recovered, the device that was lost writes no more.
                    let text = format!("edit {base}");
                    written.set(set(&client, VAULTS[0], base, &text).await.is_ok());
                }
            };
            let (mut recovery, mut next) = (None, None);
            let recover = try_again(async || {
                if recovery.is_none() {
                    recovery = Some(Recovery::open(device.process(), &key).await?);
                }
                let recovery = recovery.as_ref().unwrap();
                if next.is_none() {
                    let (owner, _) = recovery.owners().remove(0);
                    next = Some(recovery.prepare(owner, PASSWORD)?);
                }
                device.holds(team_of(recovery.finish(next.as_ref().unwrap()).await)?);
                Ok(())
            });
            let (done, happened) = device.cut(at, way.fault(&stage, write), recover).await;
            let (killed, context) = (done.is_none(), format!("{way:?} at {at}"));
            if written.get() {
                base += 1;
            }
            if killed {
                device.restarts();
                match team_of(subrosa_client::unlock(device.process(), PASSWORD, None).await) {
                    Ok(client) => device.holds(client),
                    // It did not come so far that there is an account: it is made again.
                    Err(error) => {
                        let expected = [Error::NoSecretKey, Error::WrongPassword];
                        assert!(expected.contains(&error), "{context}: {error:?}");
                        sync(&owner.client()).await;
                        recovered_as_before(&device, &key).await;
                    }
                }
            }
            let client = device.client();
            assert_eq!(read(&client, VAULTS[0]).await.len(), base as usize, "{context}");
            assert_eq!(read(&client, VAULTS[1]).await, ["first"], "{context}");
            assert_eq!(owner.client().sync().await, Err(Error::KeysReplaced), "{context}");
            assert_eq!(client.root_key_is(&key).await, Ok(RootKeyIs::InForce), "{context}");
            retire_all(&client).await;
            owner = device;
            happened
        })
        .await;
    });
}

#[test]
fn a_recovery_that_is_refused_leaves_the_account_that_the_device_had() {
    story(async {
        let stage = Stage::unbounded().await;
        let (lost, _, key) = Device::founder(&stage).await;
        fill(&lost.client()).await;
        // On the very device of an account, which the root key would replace.
        let recovery = Recovery::open(lost.process(), &key).await.unwrap();
        let (owner, _) = recovery.owners().remove(0);
        let next = recovery.prepare(owner, NEW_PASSWORD).unwrap();
        assert_eq!(
            recovery.prepare(lost.client().team().root(), PASSWORD).err(),
            Some(Error::NotFound)
        );
        replaced(&lost.client()).await;
        for _ in 0..2 {
            let refused = recovery.finish(&next).await;
            assert_eq!(refused.err(), Some(Error::KeysReplaced));
            let again =
                team_of(subrosa_client::unlock(lost.process(), PASSWORD, None).await).unwrap();
            assert_eq!(read(&again, VAULTS[0]).await, ["first"]);
        }
        // And on one that has nothing, nothing.
        let key = replaced(&lost.client()).await;
        let device = Device::blank(&stage);
        let recovery = Recovery::open(device.process(), &key).await.unwrap();
        let next = recovery.prepare(owner, NEW_PASSWORD).unwrap();
        replaced(&lost.client()).await;
        assert_eq!(recovery.finish(&next).await.err(), Some(Error::KeysReplaced));
        let unlocked = team_of(subrosa_client::unlock(device.process(), NEW_PASSWORD, None).await);
        assert_eq!(unlocked.err(), Some(Error::NoSecretKey));
    });
}

#[test]
fn a_tab_of_the_account_before_does_not_lock_the_next_one_out() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let (device, _, key) = {
            let stage = stage.lock().await;
            Device::founder(&stage).await
        };
        fill(&device.client()).await;
        let mut base = 1;
        every_cut(&[Way::Conflict], 2, async |way, at| {
            // An unlock that has seen more raises the generation of its account above a new one's.
            set(&device.client(), VAULTS[0], base, "more").await.unwrap();
            device.again().await;
            let before = device.tab().await;
            let recovery = Recovery::open(device.process(), &key).await.unwrap();
            let (owner, _) = recovery.owners().remove(0);
            let next = recovery.prepare(owner, PASSWORD).unwrap();
            let written = Rc::new(Cell::new(false));
            let write = {
                let (written, base) = (written.clone(), base + 1);
                async move {
                    written.set(set(&before, VAULTS[0], base, "meanwhile").await.is_ok());
                }
            };
            let finish = recovery.finish(&next);
            let (recovered, happened) = device.cut(at, way.fault(&stage, write), finish).await;
            recovered.unwrap().unwrap();
            base += 1 + u32::from(written.get());
            device.again().await;
            assert_eq!(read(&device.client(), VAULTS[0]).await.len(), base as usize, "at {at}");
            retire_all(&device.client()).await;
            happened
        })
        .await;
    });
}

async fn recovered_as_before(device: &Device, key: &RootKey) {
    let recovery = Recovery::open(device.process(), key).await.unwrap();
    let (owner, _) = recovery.owners().remove(0);
    let next = recovery.prepare(owner, PASSWORD).unwrap();
    device.holds(team_of(recovery.finish(&next).await).unwrap());
}
