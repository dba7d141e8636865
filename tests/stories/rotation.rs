//! Rotation of vault keys: whatever is cut off, wherever it is cut off, is finished by the same or
//! another device; nothing is lost, and nothing needs a retired key.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_client::{Change, Error, Needed, Outcome, Part, Progress, TeamClient};
use subrosa_core::manifest::{Content, Level, Subject, ValueRef};
use subrosa_core::named_key::{NamedKey, NamedKeyId};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Earlier, Edit, NamedKeyChange, NewContent, OpenVault};
use subrosa_tests::cuts::Cut;
use subrosa_tests::device::{Device, WAYS, every_cut, sync, try_again};
use subrosa_tests::{Stage, story};
use subrosa_wire::id::{ProjectId, SecretId, VaultId};

const VAULT: VaultId = VaultId::from_random([7; 16]);

fn id(number: u8) -> SecretId {
    SecretId::from_random([number; 16])
}

fn value(text: &str) -> NewContent {
    NewContent::Value(SecretValue::new(text.as_bytes().to_vec()))
}

fn create(number: u8, text: &str) -> Edit {
    Edit::Create {
        id: id(number),
        level: Level::Own,
        key: format!("KEY_{number}"),
        content: value(text),
        note: String::new(),
    }
}

fn change(number: u8, base: u32, text: &str) -> Edit {
    Edit::Change { id: id(number), base, key: None, content: Some(value(text)), note: None }
}

/// A vault with `count` secrets: of number 1 there are three versions, number 2 is deleted.
async fn fill(client: &TeamClient<Cut>, count: u8) {
    let subject = Subject::Project { id: ProjectId::from_random([8; 16]), name: "p".into() };
    let parts = vec![Part::CreateVault { vault: VAULT, parent: None, subject }];
    client.change(&Change { note: String::new(), parts }).await.unwrap();
    let edits = (1..=count).map(|number| create(number, &format!("value of {number}")));
    for edits in [
        edits.collect(),
        vec![change(1, 1, "second"), Edit::Delete { id: id(2), base: 1 }],
        vec![change(1, 2, "third")],
    ] {
        client.change(&Change::edits(VAULT, edits)).await.unwrap();
    }
}

/// Every version of every secret.
async fn all(client: &TeamClient<Cut>) -> BTreeMap<(SecretId, u32), String> {
    let records: Vec<_> = client
        .contents()
        .vault(VAULT)
        .map(OpenVault::records)
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let mut all = BTreeMap::new();
    for record in records {
        let mut values: Vec<(u32, Option<ValueRef>)> =
            vec![(record.version, record.value().copied())];
        for entry in client.history(VAULT, record.id, record.history).await.unwrap() {
            let value = entry.content.as_ref().and_then(Content::value).copied();
            values.push((entry.version, value));
        }
        for (version, value) in values {
            let text = match value {
                Some(value) => client.value(VAULT, record.id, value).await.unwrap(),
                None => SecretValue::new(b"(deleted)".to_vec()),
            };
            all.insert((record.id, version), text.expose_text().unwrap().to_owned());
        }
    }
    all
}

/// The current key version, and the newest that is retired.
fn versions(client: &TeamClient<Cut>) -> (u32, u32) {
    let team = client.team();
    let vault = team.vault(VAULT).unwrap();
    (vault.key_version(), vault.retired())
}

async fn rotate(client: &TeamClient<Cut>) -> Result<Vec<Outcome>, Error> {
    client.rotate(&[VAULT], Earlier::Reencrypt, &|_| true).await
}

/// Rotates until it is done, as who sees a message and tries again does.
async fn finish(client: &TeamClient<Cut>) {
    assert_eq!(try_again(async || rotate(client).await).await, [Outcome::Retired]);
}

#[test]
fn all_of_a_vault_is_under_a_new_key_afterwards_and_the_old_one_is_refused() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, second] = Device::two(&stage).await;
        let (ada, other) = (first.client(), second.client());
        fill(&ada, 30).await;
        let before = all(&ada).await;
        assert_eq!(before.len(), 33);
        let told = Rc::new(RefCell::new(Vec::new()));
        let go_on = |progress: Progress| {
            told.borrow_mut().push((progress.done, progress.total));
            true
        };
        let done = ada.rotate(&[VAULT], Earlier::Reencrypt, &go_on).await.unwrap();
        assert_eq!(done, [Outcome::Retired]);
        // 30 secrets and their page.
        assert_eq!(*told.borrow(), [(0, 31), (31, 31)]);
        assert_eq!(versions(&ada), (2, 1));
        assert_eq!(all(&ada).await, before);
        // The other device has only ever seen it being made.
        sync(&other).await;
        assert_eq!(all(&other).await, before);
        let rotations = other.contents().vault(VAULT).unwrap().rotations().to_vec();
        let [rotation] = &rotations[..] else { panic!("one rotation") };
        assert_eq!((rotation.version, rotation.secrets, rotation.earlier), (1, 30, 3));
        assert_eq!((rotation.author, rotation.seq), (ada.me(), ada.team().head().seq));
        // Nothing that leads to the old key is left on the server.
        let database = rusqlite::Connection::open(stage.data().join("subrosa.db")).unwrap();
        let count =
            |query: &str| database.query_row(query, [], |row| row.get::<_, u32>(0)).unwrap();
        let hex: String = VAULT.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let of_vault = format!("vault = X'{hex}'");
        assert_eq!(
            count(&format!("SELECT COUNT(*) FROM wraps WHERE {of_vault} AND version < 2")),
            0
        );
        assert_eq!(count(&format!("SELECT COUNT(*) FROM wraps WHERE {of_vault}")), 2);
        let backlink = ada.team().vault(VAULT).unwrap().key(2).unwrap().backlink.unwrap();
        let object = format!("SELECT COUNT(*) FROM objects WHERE id = X'{}'", backlink.0);
        assert_eq!(count(&object), 0);
        // A third that comes now has never had the old key.
        second.again().await;
        assert_eq!(all(&second.client()).await, before);
        // Again, with the versions that the first rotation left.
        finish(&ada).await;
        assert_eq!(versions(&ada), (3, 2));
        assert_eq!(all(&ada).await, before);
    });
}

#[test]
fn earlier_versions_are_dropped_if_that_is_asked_for() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, _] = Device::two(&stage).await;
        let ada = first.client();
        fill(&ada, 4).await;
        let mut before = all(&ada).await;
        ada.rotate(&[VAULT], Earlier::Drop, &|_| true).await.unwrap();
        before.retain(|(id, version), _| match id.bytes()[0] {
            1 => *version == 3,
            2 => *version == 2,
            _ => true,
        });
        assert_eq!(all(&ada).await, before);
    });
}

#[test]
fn each_step_can_be_made_alone_and_a_key_is_retired_only_when_nothing_needs_it() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, second] = Device::two(&stage).await;
        let (ada, other) = (first.client(), second.client());
        fill(&ada, 10).await;
        let before = all(&ada).await;
        // A key that is the only one is not retired: there is nothing to do.
        ada.retire(VAULT).await.unwrap();
        assert_eq!(versions(&ada), (1, 0));
        ada.rekey(&[VAULT]).await.unwrap();
        assert_eq!(versions(&ada), (2, 0));
        let Err(Error::Needed(Needed { secrets, pages })) = ada.retire(VAULT).await else {
            panic!("it says what needs the old key")
        };
        assert_eq!((secrets.len(), pages), (10, 1));
        // Old and new are readable, whoever comes; what is written is under the new one.
        sync(&other).await;
        assert_eq!(all(&other).await, before);
        other.change(&Change::edits(VAULT, vec![change(5, 1, "meanwhile")])).await.unwrap();
        let record = other.contents().vault(VAULT).unwrap().record(id(5)).unwrap().clone();
        assert_eq!((record.value().unwrap().key_version, record.oldest), (2, 1));
        // It pauses where it is told to, and the other device goes on from there.
        sync(&ada).await;
        let asked = Cell::new(0);
        let go_on = |_: Progress| {
            asked.set(asked.get() + 1);
            asked.get() < 2
        };
        assert!(!ada.reencrypt(VAULT, Earlier::Reencrypt, &[], &go_on).await.unwrap());
        sync(&other).await;
        assert_eq!(rotate(&other).await.unwrap(), [Outcome::Retired]);
        assert_eq!(versions(&other), (2, 1));
        sync(&ada).await;
        // Twice is once.
        assert!(ada.reencrypt(VAULT, Earlier::Reencrypt, &[], &|_| true).await.unwrap());
        ada.retire(VAULT).await.unwrap();
        let mut after = before;
        after.insert((id(5), 2), "meanwhile".into());
        assert_eq!(all(&ada).await, after);
    });
}

#[test]
fn what_does_not_open_is_named_and_holds_the_old_key_back() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, second] = Device::two(&stage).await;
        let (ada, other) = (first.client(), second.client());
        fill(&ada, 10).await;
        let lost = *ada.contents().vault(VAULT).unwrap().record(id(3)).unwrap().value().unwrap();
        let database = rusqlite::Connection::open(stage.data().join("subrosa.db")).unwrap();
        let gone = database.execute("DELETE FROM objects WHERE id = ?1", [&lost.object.0.0[..]]);
        assert_eq!(gone.unwrap(), 1);
        for device in [&ada, &other] {
            sync(device).await;
            let outcomes = rotate(device).await.unwrap();
            let needed = Needed { secrets: vec![id(3)], pages: 0 };
            assert_eq!(outcomes, [Outcome::Held(needed)]);
            // It was not overwritten, and the second try gives no third key.
            let record = device.contents().vault(VAULT).unwrap().record(id(3)).unwrap().clone();
            assert_eq!(record.value(), Some(&lost));
            assert_eq!(versions(device), (2, 0));
        }
        // Set again, it holds nothing back, once the version that is lost is dropped.
        other.change(&Change::edits(VAULT, vec![change(3, 1, "new")])).await.unwrap();
        let held = rotate(&other).await.unwrap();
        assert_eq!(held, [Outcome::Held(Needed { secrets: vec![id(3)], pages: 0 })]);
        let outcomes = other.rotate(&[VAULT], Earlier::Drop, &|_| true).await.unwrap();
        assert_eq!(outcomes, [Outcome::Retired]);
        assert_eq!(all(&other).await[&(id(3), 2)], "new");
    });
}

#[test]
fn a_vault_that_does_not_open_is_not_said_to_be_done() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, second] = Device::two(&stage).await;
        let (ada, other) = (first.client(), second.client());
        fill(&ada, 10).await;
        sync(&other).await;
        ada.change(&Change::edits(VAULT, vec![change(3, 1, "newer")])).await.unwrap();
        // The list of its secrets is lost before the other device has read it.
        let tree = ada.team().vault(VAULT).unwrap().tree.unwrap();
        let database = rusqlite::Connection::open(stage.data().join("subrosa.db")).unwrap();
        let lose = "DELETE FROM objects WHERE vault = ?1 AND id = ?2";
        let lost = database.execute(lose, (&VAULT.bytes()[..], &tree.0.0[..])).unwrap();
        assert_eq!(lost, 1);
        sync(&other).await;
        assert_eq!(*other.damaged(), [VAULT]);
        // No older key of it is in use. It gets no new one, and is not called rotated.
        assert_eq!(rotate(&other).await, Ok(vec![Outcome::NotOpen(Error::Damaged)]));
        let finished = other.finish_all(&[VAULT], Earlier::Reencrypt, &|_| true).await;
        assert_eq!(finished, Ok(vec![Outcome::NotOpen(Error::Damaged)]));
        assert_eq!(versions(&other), (1, 0));
        // Who has it open still goes on.
        assert_eq!(
            ada.finish_all(&[VAULT], Earlier::Reencrypt, &|_| true).await,
            Ok(vec![Outcome::Retired])
        );
        assert_eq!(versions(&ada), (1, 0));
    });
}

#[test]
fn a_key_that_the_server_swaps_in_the_middle_is_nobodys() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, second] = Device::two(&stage).await;
        let (ada, other) = (first.client(), second.client());
        fill(&ada, 10).await;
        sync(&other).await;
        let before = all(&ada).await;
        let holders = ada.team().holders(VAULT);
        ada.rekey(&[VAULT]).await.unwrap();
        // Whoever asks for the new key gets a good wrap of the old one in its place.
        let database = rusqlite::Connection::open(stage.data().join("subrosa.db")).unwrap();
        let (vault, me) = (&VAULT.bytes()[..], ada.me());
        let wrap = |version: u32| {
            let query =
                "SELECT wrap FROM wraps WHERE vault = ?1 AND version = ?2 AND recipient = ?3";
            let me = &me.bytes()[..];
            let wrap =
                database.query_row(query, (vault, version, me), |row| row.get::<_, Vec<u8>>(0));
            wrap.unwrap()
        };
        let swap = |wrap: &[u8]| {
            let change =
                "UPDATE wraps SET wrap = ?1 WHERE vault = ?2 AND version = 2 AND recipient = ?3";
            let me = &me.bytes()[..];
            assert_eq!(database.execute(change, (wrap, vault, me)).unwrap(), 1);
        };
        let (old, good) = (wrap(1), wrap(2));
        swap(&old);
        // Nothing is read or written under it; what is there stays readable.
        sync(&other).await;
        assert_eq!(all(&other).await, before);
        assert_eq!(rotate(&other).await, Ok(vec![Outcome::NotOpen(Error::NoKey)]));
        let write = Change::edits(VAULT, vec![change(4, 1, "not under that")]);
        assert!(matches!(other.change(&write).await, Err(Error::NoKey)));
        assert_eq!(versions(&other), (2, 0));
        assert_eq!(other.team().holders(VAULT), holders);
        // Who has the right key goes on. The other one shows what it has, and says that it is old.
        finish(&ada).await;
        sync(&other).await;
        assert_eq!(other.waiting_for(), [VAULT], "its key may come yet");
        assert!(all(&other).await == before, "an older state, which it still opens");
        // With the right wrap all is well.
        swap(&good);
        ada.change(&Change::edits(VAULT, vec![change(4, 1, "new")])).await.unwrap();
        sync(&other).await;
        assert!(other.waiting_for().is_empty() && other.damaged().is_empty());
        assert_eq!(all(&other).await[&(id(4), 2)], "new");
    });
}

const NAMED: SecretId = SecretId::from_random([9; 16]);

fn change_key(base: u32, change: NamedKeyChange) -> Change {
    Change::edits(VAULT, vec![Edit::NamedKey { id: NAMED, base, change }])
}

/// Does something with the named key, as `client` has it.
async fn with_key<T>(
    client: &TeamClient<Cut>,
    work: impl FnOnce(&NamedKey<'_>, &mut ChaCha20Rng) -> T,
) -> T {
    let versions = client.named_key(VAULT, NAMED).await.unwrap();
    let team = client.team().id();
    let id = NamedKeyId { team, vault: VAULT, key: NAMED };
    let key = NamedKey { id, versions: &versions, decrypt_from: 1, encrypt_if_made_under: 1 };
    work(&key, &mut ChaCha20Rng::seed_from_u64(u64::from(versions.newest().number)))
}

#[test]
fn a_named_keys_rotation_that_is_cut_off_at_any_io_is_finished_by_the_same_or_another_device() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let [first, second] = {
            let stage = stage.lock().await;
            Device::two(&stage).await
        };
        fill(&first.client(), 2).await;
        let create = NamedKeyChange::Create { name: "orders".to_owned() };
        first.client().change(&change_key(0, create)).await.unwrap();
        let encrypt = |key: &NamedKey<'_>, rng: &mut ChaCha20Rng| {
            key.encrypt(b"kept elsewhere", b"row", None, rng).unwrap()
        };
        let mut kept = vec![with_key(&first.client(), encrypt).await];
        let mut edits = 1;
        every_cut(&WAYS, 2, async |way, at| {
            let other = second.client();
            sync(&first.client()).await;
            sync(&other).await;
            let base = kept.len() as u32;
            let edit = change(1, edits + 2, "meanwhile");
            let written = Rc::new(Cell::new(false));
            let write = {
                let (other, written) = (other.clone(), written.clone());
                async move {
                    sync(&other).await;
                    other.change(&Change::edits(VAULT, vec![edit])).await.unwrap();
                    written.set(true);
                }
            };
            let rotates = async |client: &TeamClient<Cut>| {
                let rotate = async || {
                    let rotated = client.change(&change_key(base, NamedKeyChange::Rotate)).await;
                    match rotated {
                        // It got in before, and somebody asks once more.
                        Ok(_) | Err(Error::Conflict(_)) => Ok(()),
                        Err(error) => {
                            sync(client).await;
                            Err(error)
                        }
                    }
                };
                try_again(rotate).await;
            };
            let client = first.client();
            let fault = way.fault(&stage, write);
            let (rotated, happened) = first.cut(at, fault, rotates(&client)).await;
            let context = format!("{way:?} at {at}");
            if rotated.is_none() {
                first.again().await;
                let goes_on = if at % 2 == 0 { first.client() } else { other.clone() };
                sync(&goes_on).await;
                rotates(&goes_on).await;
            }
            edits += u32::from(written.get());
            for client in [first.client(), other] {
                sync(&client).await;
                let opened = |key: &NamedKey<'_>, _: &mut ChaCha20Rng| {
                    let all = kept.iter().map(|text| key.decrypt(text, b"row"));
                    assert!(all.into_iter().all(|it| it.is_ok()), "{context}");
                    key.versions.newest().number
                };
                assert_eq!(with_key(&client, opened).await, base + 1, "{context}");
            }
            kept.push(with_key(&first.client(), encrypt).await);
            happened
        })
        .await;
    });
}

#[test]
fn two_devices_may_rotate_at_once() {
    story(async {
        let stage = Stage::unbounded().await;
        let [first, second] = Device::two(&stage).await;
        let (ada, other) = (first.client(), second.client());
        fill(&ada, 40).await;
        sync(&other).await;
        let before = all(&ada).await;
        for version in 2..6 {
            tokio::join!(finish(&ada), finish(&other));
            sync(&ada).await;
            sync(&other).await;
            // Each gives a key unless it sees that the other has just done so.
            let (newest, retired) = versions(&ada);
            assert!(newest >= version && retired == newest - 1, "{newest} {retired}");
            assert_eq!(versions(&other), (newest, retired));
            assert_eq!(all(&other).await, before);
        }
    });
}

#[test]
fn a_rotation_that_is_cut_off_at_any_io_is_finished_by_the_same_or_another_device() {
    story(async {
        let stage = Rc::new(tokio::sync::Mutex::new(Stage::unbounded().await));
        let [first, second] = {
            let stage = stage.lock().await;
            Device::two(&stage).await
        };
        fill(&first.client(), 12).await;
        let mut expected = all(&first.client()).await;
        let mut meanwhile = 1;
        every_cut(&WAYS, 10, async |way, at| {
            let other = second.client();
            sync(&first.client()).await;
            sync(&other).await;
            let (version, _) = versions(&first.client());
            let edit = change(4, meanwhile, &format!("edit {meanwhile}"));
            let written = Rc::new(Cell::new(false));
            let edited = {
                let (other, written) = (other.clone(), written.clone());
                async move {
                    sync(&other).await;
                    other.change(&Change::edits(VAULT, vec![edit])).await.unwrap();
                    written.set(true);
                }
            };
            let client = first.client();
            let fault = way.fault(&stage, edited);
            let (finished, happened) = first.cut(at, fault, finish(&client)).await;
            if finished.is_none() {
                // By turns the device itself goes on, and another one.
                if at % 2 == 0 {
                    first.again().await;
                    finish(&first.client()).await;
                } else {
                    sync(&other).await;
                    finish(&other).await;
                    first.again().await;
                }
            }
            if written.get() {
                meanwhile += 1;
                expected.insert((id(4), meanwhile), format!("edit {}", meanwhile - 1));
            }
            let context = format!("{way:?} at {at}");
            sync(&first.client()).await;
            sync(&other).await;
            // Whoever was killed may have finished all but hearing of it: then who goes on begins
            // another rotation.
            let (now, retired) = versions(&first.client());
            assert!((version + 1..=version + 2).contains(&now), "{context}");
            assert_eq!(retired, now - 1, "{context}");
            for device in [&first.client(), &other] {
                assert_eq!(all(device).await, expected, "{context}");
                assert_eq!(versions(device), (now, retired), "{context}");
                let contents = device.contents();
                let vault = contents.vault(VAULT).unwrap();
                assert!(vault.needing_older(now).is_empty(), "{context}");
            }
            happened
        })
        .await;
    });
}
