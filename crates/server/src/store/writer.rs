//! The one thread that writes, committing in groups.
//!
//! It takes all writes that are queued and runs them in one transaction, each in a savepoint, so
//! that a rejected one does not spoil the group. One sync of the disk then pays for all. Nobody
//! gets an answer, and no team's state in memory moves, before COMMIT has returned.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use subrosa_wire::id::TeamId;
use subrosa_wire::team::Team;
use tokio::sync::oneshot;

use super::writes::WriteError;
use super::{Store, StoreError, Write};
use crate::metrics::Metrics;
use crate::teams::Teams;

/// How many writes wait at most; more are told to come back.
const QUEUE: usize = 1024;
/// How many writes share a transaction at most.
const GROUP: usize = 256;

/// One kind of write.
pub trait Operation: Send + 'static {
    /// What its author is told.
    type Done: Send + 'static;

    /// Judges the write by the group's state and stores it. On an error, whatever it stored is
    /// taken back; so [`Group::advance`] comes last.
    ///
    /// # Errors
    /// [`WriteError`].
    fn run(&self, group: &mut Group<'_>) -> Result<Self::Done, WriteError>;
}

/// A transaction in the making, and the teams as they will be once it is committed.
pub struct Group<'a> {
    /// The transaction.
    pub tx: &'a dyn Write,
    /// The most bytes that a team may use.
    pub quota: u64,
    published: &'a Teams,
    advanced: BTreeMap<TeamId, Arc<Team>>,
}

impl Group<'_> {
    /// A team as the group's earlier writes leave it.
    #[must_use]
    pub fn team(&self, id: TeamId) -> Option<Arc<Team>> {
        self.advanced.get(&id).cloned().or_else(|| self.published.get(id))
    }

    /// Lets a team move on, if the group is committed.
    pub fn advance(&mut self, team: Team) {
        self.advanced.insert(team.id(), Arc::new(team));
    }
}

/// The way to the writing thread.
pub struct Writer {
    queue: Mutex<Option<SyncSender<Box<dyn Queued>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system's, if there can be no more threads.
    pub fn start(
        store: Arc<dyn Store>,
        teams: Arc<Teams>,
        metrics: Arc<Metrics>,
        quota: u64,
    ) -> std::io::Result<Self> {
        let (queue, queued) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
            run(&queued, &*store, &teams, &metrics, quota);
            if let Err(error) = store.checkpoint() {
                tracing::error!(%error, "no checkpoint; the write-ahead log stays");
            }
        })?;
        Ok(Writer { queue: Mutex::new(Some(queue)), thread: Mutex::new(Some(thread)) })
    }

    /// Queues a write and waits until it is durable, or refused.
    ///
    /// # Errors
    /// [`WriteError`].
    pub async fn write<O: Operation>(&self, operation: O) -> Result<O::Done, WriteError> {
        let (reply, answer) = oneshot::channel();
        let waiting = Box::new(Waiting { operation, result: None, reply });
        match &*self.queue.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(queue) => queue.try_send(waiting).map_err(|error| match error {
                TrySendError::Full(_) | TrySendError::Disconnected(_) => WriteError::Busy,
            })?,
            None => return Err(WriteError::Busy),
        }
        answer.await.unwrap_or(Err(WriteError::Busy))
    }

    /// Whether the thread takes writes.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Takes no more writes, finishes those that are queued, checkpoints and ends. Blocks.
    pub fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writing thread had panicked");
        }
    }
}

/// A write in the queue, whatever its kind.
trait Queued: Send {
    fn run(&mut self, group: &mut Group<'_>);
    fn settle(self: Box<Self>, committed: &Result<(), StoreError>);
}

struct Waiting<O: Operation> {
    operation: O,
    result: Option<Result<O::Done, WriteError>>,
    reply: oneshot::Sender<Result<O::Done, WriteError>>,
}

impl<O: Operation> Queued for Waiting<O> {
    fn run(&mut self, group: &mut Group<'_>) {
        self.result = Some(attempt(&self.operation, group));
    }

    fn settle(self: Box<Self>, committed: &Result<(), StoreError>) {
        let result = match committed {
            Ok(()) => self.result.unwrap_or(Err(WriteError::Busy)),
            Err(error) => Err(WriteError::NotCommitted(error.clone())),
        };
        // Nobody listens any more if the request was cut off; the write stands all the same.
        drop(self.reply.send(result));
    }
}

fn attempt<O: Operation>(operation: &O, group: &mut Group<'_>) -> Result<O::Done, WriteError> {
    group.tx.savepoint()?;
    let result = operation.run(group);
    if result.is_ok() {
        group.tx.keep()?
    } else {
        group.tx.take_back()?
    }
    result
}

fn run(
    queued: &Receiver<Box<dyn Queued>>,
    store: &dyn Store,
    teams: &Teams,
    metrics: &Metrics,
    quota: u64,
) {
    while let Ok(first) = queued.recv() {
        let mut writes = vec![first];
        writes.extend(queued.try_iter().take(GROUP - 1));
        let mut advanced = BTreeMap::new();
        let committed = store.write(&mut |tx| {
            let mut group = Group { tx, quota, published: teams, advanced: BTreeMap::new() };
            for write in &mut writes {
                write.run(&mut group);
            }
            advanced = group.advanced;
        });
        match &committed {
            Ok(()) => teams.publish(advanced),
            Err(error) => tracing::error!(%error, writes = writes.len(), "nothing was committed"),
        }
        metrics.group(writes.len());
        for write in writes {
            write.settle(&committed);
        }
        if let Err(error) = store.tidy() {
            tracing::error!(%error, "not tidied; the write-ahead log grows");
        }
    }
}
