//! Starting and stopping.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::app::App;
use crate::body::Bodies;
use crate::config::Config;
use crate::console::Console;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::origin::Origin;
use crate::sessions::Sessions;
use crate::setup::{NoToken, SetupToken};
use crate::store::sqlite::Sqlite;
use crate::store::writer::Writer;
use crate::store::{Store, StoreError};
use crate::teams::{BadLog, Teams};
use crate::turns::Turns;
use crate::{connections, routes};

/// How long requests may take to finish after the signal to stop.
const FAREWELL: Duration = Duration::from_secs(10);
/// How many threads read at once.
const READERS: usize = 16;

/// The server.
pub struct Server;

/// A server that runs. Without [`Running::shutdown`] it ends with its runtime.
#[must_use]
pub struct Running {
    address: SocketAddr,
    app: Arc<App>,
    store: Arc<Sqlite>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    _lock: File,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error("cannot use the data folder: {0}")]
    Data(#[source] std::io::Error),
    /// Another server runs on the data folder.
    #[error("another server is running on this data folder")]
    Locked,
    /// The address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(#[source] std::io::Error),
    /// The console's folder cannot be read.
    #[error("cannot serve the console: {0}")]
    Console(#[source] std::io::Error),
    /// The writing thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored log does not replay.
    #[error(transparent)]
    Log(#[from] BadLog),
    /// There is no setup token.
    #[error(transparent)]
    Setup(#[from] NoToken),
}

impl Server {
    /// Opens the data folder, replays the logs and serves.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(config: Config) -> Result<Running, StartError> {
        let lock = open_folder(&config.data)?;
        let sqlite = Arc::new(Sqlite::open(&config.data.join("subrosa.db"), config.max_pages)?);
        let store: Arc<dyn Store> = sqlite.clone();
        let setup = SetupToken::prepare(&*store, &config.data, config.new_team)?;
        let teams = Arc::new(replay(&*store)?);
        let metrics = Arc::new(Metrics::default());
        let console = Console::load(config.console.as_deref()).map_err(StartError::Console)?;

        let listener = TcpListener::bind(config.listen).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let origin = config.public_url.unwrap_or_else(|| Origin::local(address.port()));
        let writer = Writer::start(store.clone(), teams.clone(), metrics.clone(), config.quota)
            .map_err(StartError::Thread)?;
        let (stop, stopping) = watch::channel(false);

        let app = Arc::new(App {
            store,
            writer,
            teams,
            turns: Turns::default(),
            sessions: Sessions::new(config.session),
            limits: Limits::new(config.principal_rate, config.address_rate, config.trust_proxy),
            metrics,
            origin,
            console,
            setup,
            bodies: Bodies::default(),
            readers: Semaphore::new(READERS),
            streams: Arc::new(Semaphore::new(config.streams)),
            stopping: stopping.clone(),
        });
        let router = routes::all(app.clone());
        let serving = connections::serve(listener, router, config.connections, stopping);
        let serving = tokio::spawn(serving);
        Ok(Running { address, app, store: sqlite, stop, serving, _lock: lock })
    }
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The origin that sessions are signed for.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.app.origin.as_str()
    }

    /// The setup token, if it was unused when the server started.
    #[must_use]
    pub fn setup_token(&self) -> Option<String> {
        self.app.setup.token().map(str::to_owned)
    }

    /// Bounds the database anew, in pages of 4 KiB: a disk that fills up or is made room on, for
    /// tests.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_max_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.store.set_max_pages(pages)
    }

    /// Has every write fail, or none any more: a disk that was mounted read-only, for tests.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn set_read_only(&self, read_only: bool) -> Result<(), StoreError> {
        self.store.set_read_only(read_only)
    }

    /// Stops accepting, ends the event streams, finishes requests and queued writes, checkpoints.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(FAREWELL, &mut self.serving).await.is_err() {
            tracing::warn!("some requests did not finish in time and are cut off");
            self.serving.abort();
        }
        let app = self.app.clone();
        if tokio::task::spawn_blocking(move || app.writer.close()).await.is_err() {
            tracing::error!("the writer did not close");
        }
    }
}

/// Two servers on one folder would each believe their own memory.
fn open_folder(folder: &Path) -> Result<File, StartError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(StartError::Data)?;
    let lock = File::create(folder.join("lock")).map_err(StartError::Data)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::Locked),
        Err(std::fs::TryLockError::Error(error)) => Err(StartError::Data(error)),
    }
}

fn replay(store: &dyn Store) -> Result<Teams, StartError> {
    let mut teams = None;
    store.read(&mut |rows| teams = Some(Teams::replay(rows)))?;
    Ok(teams.unwrap_or_else(|| Ok(Teams::default()))?)
}
