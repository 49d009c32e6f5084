//! Connections, and how many, how slow and how long they may be.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// What a server grants those who speak to it.
#[derive(Debug, Clone, Copy)]
pub struct ServeLimits {
    /// Connections at a time; more wait to be accepted.
    pub connections: usize,
    /// How long the head of a request may take.
    pub header_timeout: Duration,
    /// How long a connection may last, whatever is done with it.
    pub connection_timeout: Duration,
}

impl Default for ServeLimits {
    fn default() -> Self {
        Self {
            connections: 256,
            header_timeout: Duration::from_secs(10),
            connection_timeout: Duration::from_secs(300),
        }
    }
}

/// What was begun has so long to end when the server stops.
const LAST: Duration = Duration::from_secs(3);

/// Serves until `stop` is done; then what was begun has a few seconds to end, and is cut off.
///
/// # Errors
/// When the listener fails. A connection that fails is nobody's but its own affair.
pub async fn serve(
    listener: TcpListener,
    routes: Router,
    limits: ServeLimits,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let seats = Arc::new(Semaphore::new(limits.connections));
    let (stopping, stops) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            let seat = Arc::clone(&seats).acquire_owned().await;
            let seat = seat.expect("the semaphore is never closed");
            listener.accept().await.map(|(stream, _)| (stream, seat))
        };
        tokio::select! {
            // First, so that it is looked at however many come.
            biased;
            () = &mut stop => break,
            next = next => match next {
                Ok((stream, seat)) => {
                    let (routes, stops) = (routes.clone(), stops.clone());
                    connections.spawn(connection(stream, routes, limits, stops, seat));
                }
                // Out of descriptors, or gone before it was accepted: others may have more luck.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    stopping.send_replace(true);
    let everybody = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(LAST, everybody).await;
    // What the routes hold is free after this.
    connections.shutdown().await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    routes: Router,
    limits: ServeLimits,
    mut stops: watch::Receiver<bool>,
    _seat: OwnedSemaphorePermit,
) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout);
    let served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let mut served = std::pin::pin!(served);
    let to_its_end = async {
        tokio::select! {
            _ = served.as_mut() => return,
            _ = stops.wait_for(|stops| *stops) => {}
        }
        // One that waits for another request ends at once.
        served.as_mut().graceful_shutdown();
        let _ = served.await;
    };
    let _ = tokio::time::timeout(limits.connection_timeout, to_its_end).await;
}
