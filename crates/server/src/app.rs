//! What all requests share.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

use crate::body::Bodies;
use crate::console::Console;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::sessions::Sessions;
use crate::setup::SetupToken;
use crate::store::writer::Writer;
use crate::store::{Read, Store, StoreError};
use crate::teams::Teams;
use crate::turns::Turns;

/// The server's state, as its handlers see it.
pub struct App {
    /// For reading; writes go through the writer.
    pub store: Arc<dyn Store>,
    /// The one thread that writes.
    pub writer: Writer,
    /// The teams' states, by which requests are judged.
    pub teams: Arc<Teams>,
    /// Whose turn it is to write.
    pub turns: Turns,
    /// Who is signed in.
    pub sessions: Sessions,
    /// How often anybody may ask.
    pub limits: Limits,
    /// What happened.
    pub metrics: Arc<Metrics>,
    /// What sessions are signed for.
    pub origin: Origin,
    /// The console's files.
    pub console: Console,
    /// The token that founds the team.
    pub setup: SetupToken,
    /// The memory for bodies.
    pub bodies: Bodies,
    /// The threads for reading.
    pub readers: Semaphore,
    /// The event streams.
    pub streams: Arc<Semaphore>,
    /// True once the server is shutting down.
    pub stopping: watch::Receiver<bool>,
}

impl App {
    /// Reads from the store, beside the threads that serve.
    ///
    /// # Errors
    /// What `work` yields, or the store.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&dyn Read) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let _reader = self.readers.acquire().await.map_err(Problem::internal)?;
        let store = self.store.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut result = None;
            store.read(&mut |rows| result = Some(work(rows)))?;
            result.unwrap_or_else(|| Err(StoreError::Broken("nothing was read".into())))
        });
        Ok(read.await.map_err(Problem::internal)??)
    }
}
