//! Connections: so many at once, and none for long on which no request comes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// How long it may take until a request's head is there, from the beginning of the connection or
/// from the reply before. Clients and proxies keep a quiet connection for at most two minutes: it
/// is they who end it, and not the server under their next request.
const PATIENCE: Duration = Duration::from_secs(130);

/// Serves at most `most` connections at once until `stopping`; then lets requests finish.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    most: usize,
    mut stopping: watch::Receiver<bool>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let router = TowerToHyperService::new(router);
    let places = Arc::new(Semaphore::new(most));
    let connections = GracefulShutdown::new();
    loop {
        let (stream, peer, place) = tokio::select! {
            arrived = arrival(&mut listener, &places) => arrived,
            // An error means that the `Running` was dropped: then nobody waits for an orderly end.
            _ = stopping.wait_for(|stopping| *stopping) => break,
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            router.call(request)
        });
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
            drop(place);
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// The next connection. Where there is no place for one, those who come wait in the system's queue.
async fn arrival(
    listener: &mut TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // It is never closed, so that there is a place.
    let place = places.clone().acquire_owned().await.ok();
    // Axum's: it waits and tries again where the system has no more sockets to give.
    let (stream, peer) = Listener::accept(listener).await;
    // Events are small and should not wait for more to send.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    (stream, peer, place)
}
