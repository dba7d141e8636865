//! One story that every store must tell alike, also after it was closed and opened again.

use subrosa_server::store::sqlite::Sqlite;
use subrosa_server::store::{Account, Read, Setup, Store, Write};
use subrosa_wire::api::{FetchObjects, LogPage, Objects};
use subrosa_wire::id::{Hash, MemberId, VaultId};
use subrosa_wire::log::Wrap;
use subrosa_wire::object::ObjectId;
use tempfile::TempDir;

use crate::principals::{Founder, Keys};

const LOCATOR: Hash = Hash([1; 32]);
const ONE: VaultId = VaultId::from_random([1; 16]);
const TWO: VaultId = VaultId::from_random([2; 16]);
const ANN: MemberId = MemberId::from_random([1; 16]);
const BOB: MemberId = MemberId::from_random([2; 16]);

fn write(store: &dyn Store, work: impl Fn(&dyn Write)) {
    store.write(&mut |tx| work(tx)).unwrap();
}

fn read<T>(store: &dyn Store, work: impl Fn(&dyn Read) -> T) -> T {
    let mut value = None;
    store.read(&mut |rows| value = Some(work(rows))).unwrap();
    value.unwrap()
}

fn account(generation: u64) -> Account {
    Account::new(Keys::of(1).public(), generation, vec![1].into())
}

fn wrap(vault: VaultId, version: u32, sealed: u8) -> Wrap {
    Wrap { vault, version, recipient: ANN, sealed: vec![sealed].into() }
}

/// What happens.
fn first_half(store: &dyn Store, founder: &Founder) {
    let team = founder.team;
    write(store, |tx| {
        tx.set_setup(Setup { hash: LOCATOR, used: false }).unwrap();
        tx.set_setup(Setup { hash: LOCATOR, used: true }).unwrap();
        tx.put_account(LOCATOR, &account(1)).unwrap();
        tx.put_account(LOCATOR, &account(2)).unwrap();
        tx.set_used(team, 5).unwrap();
        tx.append(team, 0, &founder.genesis).unwrap();

        tx.savepoint().unwrap();
        tx.append(team, 1, &founder.signs(founder.genesis_head(), vec![])).unwrap();
        tx.put_account(LOCATOR, &account(3)).unwrap();
        assert_eq!(tx.page(team, None).unwrap().last, 1, "a transaction sees its own");
        tx.take_back().unwrap();

        tx.savepoint().unwrap();
        assert!(tx.add_object(team, ONE, ObjectId::of(b"x"), b"x").unwrap());
        assert!(!tx.add_object(team, ONE, ObjectId::of(b"x"), b"x").unwrap());
        tx.add_wrap(team, ANN, 0, &wrap(TWO, 1, 1)).unwrap();
        tx.add_wrap(team, ANN, 0, &wrap(ONE, 2, 2)).unwrap();
        tx.add_wrap(team, ANN, 0, &wrap(ONE, 1, 3)).unwrap();
        tx.add_wrap(team, ANN, 0, &wrap(ONE, 1, 99)).unwrap();
        tx.add_wrap(team, BOB, 0, &wrap(ONE, 1, 4)).unwrap();
        // To other keys, beside those that are there; then those to the keys before that go.
        tx.add_wrap(team, ANN, 7, &wrap(TWO, 2, 5)).unwrap();
        tx.add_wrap(team, ANN, 3, &wrap(TWO, 2, 6)).unwrap();
        let freed = tx.drop_wraps_to(team, BOB, u64::MAX).unwrap();
        assert_eq!(freed, 0, "nobody brought him anything");
        tx.keep().unwrap();
    });
}

/// What is there from then on.
fn second_half(store: &dyn Store, founder: &Founder) {
    let (team, genesis) = (founder.team, founder.genesis.hash());
    read(store, |rows| {
        assert_eq!(rows.setup().unwrap(), Some(Setup { hash: LOCATOR, used: true }));
        assert_eq!(rows.teams().unwrap(), [team]);
        assert_eq!(rows.used(team).unwrap(), 5);
        assert_eq!(rows.account(LOCATOR).unwrap(), Some(account(2)));
        assert_eq!(rows.account(Hash([2; 32])).unwrap(), None);
        assert_eq!(rows.entry_seq(team, genesis).unwrap(), Some(0));
        assert_eq!(rows.entry_hash(team, 0).unwrap(), Some(genesis));
        assert_eq!(rows.entry_hash(team, 1).unwrap(), None, "it was taken back");
        let entries = vec![founder.genesis.clone()];
        assert_eq!(rows.page(team, None).unwrap(), LogPage { entries, last: 0 });
        assert!(rows.page(team, Some(u64::MAX)).unwrap().entries.is_empty());

        let id = ObjectId::of(b"x");
        assert!(rows.has_object(team, ONE, id).unwrap());
        assert!(!rows.has_object(team, TWO, id).unwrap());
        let objects = rows.objects(team, &FetchObjects { vault: ONE, ids: vec![id] }).unwrap();
        assert_eq!(objects, Objects { objects: vec![b"x".to_vec().into()], more: false });

        let wraps = rows.wraps(team, ANN).unwrap();
        let got: Vec<_> = wraps.iter().map(|it| (it.vault, it.version, it.sealed[0])).collect();
        assert_eq!(
            got,
            [(ONE, 1, 3), (ONE, 1, 4), (ONE, 2, 2), (TWO, 1, 1), (TWO, 2, 6), (TWO, 2, 5)]
        );
        assert!(rows.wraps(team, BOB).unwrap().is_empty());
    });
}

#[test]
fn sqlite_tells_the_story_and_tells_it_again_after_a_restart() {
    let (folder, founder) = (TempDir::new().unwrap(), Founder::new());
    let path = folder.path().join("db");
    let store = Sqlite::open(&path, None).unwrap();
    first_half(&store, &founder);
    second_half(&store, &founder);
    drop(store);
    second_half(&Sqlite::open(&path, None).unwrap(), &founder);
}

/// However much is written, what was worked into the database is written over.
#[test]
fn a_write_ahead_log_that_is_tidied_stays_short() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("db");
    let store = Sqlite::open(&path, None).unwrap();
    let team = Founder::new().team;
    // 60 MB in all.
    for at in 0..60_u8 {
        let object = vec![at; 1 << 20];
        write(&store, |tx| {
            assert!(tx.add_object(team, ONE, ObjectId::of(&object), &object).unwrap())
        });
        store.tidy().unwrap();
    }
    let log = std::fs::metadata(folder.path().join("db-wal")).unwrap().len();
    assert!(log < 20 << 20, "{log} bytes");
    assert!(std::fs::metadata(&path).unwrap().len() > 40 << 20, "the database has the rest");
}
