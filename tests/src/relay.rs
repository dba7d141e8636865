//! A network that fails: passes bytes between clients and a server, and counts them. At a byte that
//! the story chose it cuts the connection, or falls silent on it, or only tells that it has come.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_local, yield_now};

/// What happens to the connection on which the chosen byte passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nothing: whoever waits for the byte does something, before the next one passes.
    None,
    /// It is closed on both sides.
    Cut,
    /// Nothing passes any more, and nobody is told: half-open, for both sides.
    Silence,
}

/// A relay in front of a server, on the current local set.
pub struct Relay {
    address: SocketAddr,
    shared: Rc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    server: Cell<SocketAddr>,
    planned: RefCell<Option<Planned>>,
    connections: Cell<u64>,
    silent: RefCell<BTreeSet<u64>>,
}

struct Planned {
    left: usize,
    fault: Fault,
    come: oneshot::Sender<()>,
}

impl Relay {
    /// Listens, at first for nothing: see [`Relay::dial`].
    pub async fn new() -> Self {
        let nobody = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(nobody).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Rc::new(Shared {
            server: Cell::new(nobody),
            planned: RefCell::new(None),
            connections: Cell::new(0),
            silent: RefCell::default(),
        });
        let accepting = spawn_local(accept(listener, shared.clone()));
        Relay { address, shared, accepting }
    }

    /// What clients dial.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the server is.
    pub fn dial(&self, server: SocketAddr) {
        self.shared.server.set(server);
    }

    /// Waits until so many more bytes have passed, in either direction, on all connections. There
    /// the fault happens, to the connection on which the last of them passed.
    pub async fn after(&self, bytes: usize, fault: Fault) {
        let (come, comes) = oneshot::channel();
        self.shared.planned.replace(Some(Planned { left: bytes.max(1), fault, come }));
        comes.await.expect("the relay runs");
    }

    /// Falls silent on every connection that there is now.
    pub fn fall_silent(&self) {
        self.shared.silent.borrow_mut().extend(0..self.shared.connections.get());
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    /// Counts `bytes`; if the chosen one is among them, what was planned, and after how many.
    fn reached(&self, bytes: usize) -> Option<(usize, Planned)> {
        let mut planned = self.planned.borrow_mut();
        match planned.as_mut()? {
            Planned { left, .. } if *left > bytes => {
                *left -= bytes;
                None
            }
            Planned { left, .. } => {
                let left = *left;
                planned.take().map(|planned| (left, planned))
            }
        }
    }
}

async fn accept(listener: TcpListener, shared: Rc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let number = shared.connections.get();
        shared.connections.set(number + 1);
        let shared = shared.clone();
        spawn_local(async move {
            // What breaks on one side is closed on the other: that is all there is to tell.
            drop(pass(client, number, &shared).await);
        });
    }
}

async fn pass(mut client: TcpStream, number: u64, shared: &Shared) -> Result<()> {
    let mut server = TcpStream::connect(shared.server.get()).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::select! {
        ended = pump(from_client, to_server, number, shared) => ended,
        ended = pump(from_server, to_client, number, shared) => ended,
    }
}

async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    number: u64,
    shared: &Shared,
) -> Result<()> {
    let mut buffer = vec![0; 16 << 10];
    loop {
        let length = from.read(&mut buffer).await?;
        if shared.silent.borrow().contains(&number) {
            std::future::pending::<()>().await;
        }
        let mut bytes = &buffer[..length];
        if bytes.is_empty() {
            return Ok(());
        }
        if let Some((before, planned)) = shared.reached(length) {
            to.write_all(&bytes[..before]).await?;
            bytes = &bytes[before..];
            // Nobody waits any more where a story has ended.
            let _ = planned.come.send(());
            match planned.fault {
                Fault::None => yield_now().await,
                Fault::Cut => return Ok(()),
                Fault::Silence => {
                    shared.silent.borrow_mut().insert(number);
                    std::future::pending::<()>().await;
                }
            }
        }
        to.write_all(bytes).await?;
    }
}
