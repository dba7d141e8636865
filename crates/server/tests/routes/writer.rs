//! The writer's groups: one bad write spoils no other, and a COMMIT that fails changes nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use subrosa_server::metrics::Metrics;
use subrosa_server::store::sqlite::Sqlite;
use subrosa_server::store::writer::Writer;
use subrosa_server::store::writes::{Found, PushEntry, PushTo, WriteError};
use subrosa_server::store::{Read, Setup, Store, StoreError, Write};
use subrosa_server::teams::Teams;
use subrosa_wire::api::Push;
use subrosa_wire::id::Hash;
use subrosa_wire::log::Head;
use tempfile::TempDir;

use crate::principals::Founder;

/// A store whose transactions wait for a word each, and whose disk can be broken.
struct Gated {
    inner: Sqlite,
    go: Mutex<Receiver<()>>,
    broken: AtomicBool,
}

impl Store for Gated {
    fn read(&self, work: &mut dyn FnMut(&dyn Read)) -> Result<(), StoreError> {
        self.inner.read(work)
    }

    fn write(&self, work: &mut dyn FnMut(&dyn Write)) -> Result<(), StoreError> {
        self.go.lock().unwrap().recv().unwrap();
        if !self.broken.load(Ordering::SeqCst) {
            return self.inner.write(work);
        }
        self.inner.write(&mut |tx| {
            tx.savepoint().unwrap();
            work(tx);
            tx.take_back().unwrap();
        })?;
        Err(StoreError::Unwritable("broken".into()))
    }

    fn checkpoint(&self) -> Result<(), StoreError> {
        self.inner.checkpoint()
    }
}

pub struct Bench {
    store: Arc<Gated>,
    pub writer: Writer,
    pub teams: Arc<Teams>,
    pub go: Sender<()>,
    pub founder: Founder,
    _folder: TempDir,
}

impl Bench {
    /// A writer on a store with a team.
    pub async fn founded() -> Bench {
        let folder = TempDir::new().unwrap();
        let inner = Sqlite::open(&folder.path().join("db"), None).unwrap();
        let setup = Setup { hash: Hash::of(b"token"), used: false };
        inner.write(&mut |tx| tx.set_setup(setup).unwrap()).unwrap();
        let (go, gate) = channel();
        let store = Arc::new(Gated { inner, go: Mutex::new(gate), broken: false.into() });
        let teams = Arc::new(Teams::default());
        let metrics = Arc::new(Metrics::default());
        let writer = Writer::start(store.clone(), teams.clone(), metrics, 1 << 30).unwrap();
        let founder = Founder::new();
        go.send(()).unwrap();
        writer.write(Found::new(founder.foundation("token")).unwrap()).await.unwrap();
        Bench { store, writer, teams, go, founder, _folder: folder }
    }

    pub fn push(&self, push: Push) -> PushTo {
        let push = PushEntry::new(push).unwrap();
        PushTo { team: self.founder.team, caller: self.founder.id, push }
    }
}

#[tokio::test]
async fn a_rejected_write_does_not_spoil_its_group() {
    let bench = Bench::founded().await;
    let base = bench.teams.get(bench.founder.team).unwrap().head();
    let commits = |tree: &[u8]| bench.founder.commits(base, None, tree);
    let mut no_tree = commits(b"0");
    no_tree.objects.clear();
    let (good, late) = (commits(b"1"), commits(b"2"));
    let one_on = bench.founder.commits(Head { seq: 2, hash: good.entry.hash() }, Some(b"1"), b"3");
    // All are queued, in this order, before the writer gets its word: `join!` polls in order.
    let (no_tree, good_is, again, late, one_on, ()) = tokio::join!(
        biased;
        bench.writer.write(bench.push(no_tree)),
        bench.writer.write(bench.push(good.clone())),
        bench.writer.write(bench.push(good.clone())),
        bench.writer.write(bench.push(late)),
        bench.writer.write(bench.push(one_on)),
        async { (0..5).for_each(|_| bench.go.send(()).unwrap()) },
    );
    assert!(matches!(no_tree, Err(WriteError::NoObject)));
    let head = good_is.unwrap().head;
    assert_eq!(again.unwrap().head, head);
    let Err(WriteError::Missed(page)) = late else { panic!("{late:?}") };
    assert_eq!(page.entries[0], good.entry);
    let team = bench.teams.get(bench.founder.team).unwrap();
    assert_eq!(team.head(), one_on.unwrap().head);
}

#[tokio::test]
async fn a_failed_commit_leaves_memory_and_disk_as_they_were() {
    let bench = Bench::founded().await;
    let team = bench.founder.team;
    let before = bench.teams.get(team).unwrap();
    let push = bench.founder.commits(before.head(), None, b"tree");
    bench.store.broken.store(true, Ordering::SeqCst);
    bench.go.send(()).unwrap();
    let failed = bench.writer.write(bench.push(push.clone())).await;
    assert!(matches!(failed, Err(WriteError::NotCommitted(StoreError::Unwritable(_)))));
    assert_eq!(bench.teams.get(team).unwrap(), before);
    bench.store.read(&mut |rows| assert_eq!(rows.page(team, None).unwrap().last, 1)).unwrap();

    bench.store.broken.store(false, Ordering::SeqCst);
    bench.go.send(()).unwrap();
    let pushed = bench.writer.write(bench.push(push)).await.unwrap();
    assert_eq!(bench.teams.get(team).unwrap().head(), pushed.head);
}

#[tokio::test]
async fn a_closed_writer_finishes_what_is_queued_and_takes_no_more() {
    let Bench { writer, teams, go, founder, .. } = &Bench::founded().await;
    let base = teams.get(founder.team).unwrap().head();
    let push = || PushTo {
        team: founder.team,
        caller: founder.id,
        push: PushEntry::new(founder.commits(base, None, b"tree")).unwrap(),
    };
    let (queued, ()) = tokio::join!(biased; writer.write(push()), async {
        go.send(()).unwrap();
        writer.close();
    });
    queued.unwrap();
    assert!(!writer.is_alive());
    assert!(matches!(writer.write(push()).await, Err(WriteError::Busy)));
}
