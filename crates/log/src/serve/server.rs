//! Connections, and how many, how slow and how long they may be.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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

/// Serves until `stop` is done; then what was begun has a few seconds to end.
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
    let mut stop = std::pin::pin!(stop);
    loop {
        let seat = Arc::clone(&seats).acquire_owned().await;
        let seat = seat.expect("the semaphore is never closed");
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(connection(stream, routes.clone(), limits, seat));
                }
                // Out of descriptors, or gone before it was accepted: others may have more luck.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            () = &mut stop => break,
        }
    }
    let everybody = seats.acquire_many(u32::try_from(limits.connections).unwrap_or(u32::MAX));
    let _ = tokio::time::timeout(Duration::from_secs(3), everybody).await;
    Ok(())
}

async fn connection(
    stream: TcpStream,
    routes: Router,
    limits: ServeLimits,
    _seat: OwnedSemaphorePermit,
) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout);
    let served = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    let _ = tokio::time::timeout(limits.connection_timeout, served).await;
}
