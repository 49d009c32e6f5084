//! `proofmark log …`

mod failures;
mod read;
mod watch;
mod write;

pub(crate) use write::{meetable, witnessed};

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;

use proofmark_log::serve::{ServeLimits, log_routes, serve};
use proofmark_log::{Folder, Log as Writer};

use super::Outcome;
use crate::args::Log;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

pub(crate) fn run(command: &Log, printer: &Printer) -> Outcome {
    match command {
        Log::Init {
            directory,
            origin,
            key,
        } => write::init(directory, origin, key, printer),
        Log::Append {
            directory,
            files,
            key,
            witnesses,
        } => write::append(directory, files, key, witnesses, printer),
        Log::Cosign {
            directory,
            witnesses,
        } => write::cosign(directory, witnesses, printer),
        Log::Prove { log, index } => read::prove(log, *index, printer),
        Log::Checkpoint { log } => read::checkpoint(log, printer),
        Log::Fsck { directory, log_key } => read::fsck(directory, log_key.as_ref(), printer),
        Log::Serve { directory, listen } => serve_files(directory, *listen, printer),
        Log::Monitor {
            log,
            remember,
            fork,
        } => watch::monitor(log, remember, fork, printer),
        Log::CheckFork { file, log_key } => watch::check_fork(file, log_key, printer),
    }
}

fn serve_files(directory: &Path, listen: SocketAddr, printer: &Printer) -> Outcome {
    // Not to serve a directory that is something else.
    Writer::key_in(directory)?;
    serve_until_stopped(log_routes(Folder::new(directory)), listen, printer)
}

/// Serves until somebody interrupts it or asks it to end. Prints where, for whoever has started it.
pub(crate) fn serve_until_stopped(
    routes: axum::Router,
    listen: SocketAddr,
    printer: &Printer,
) -> Outcome {
    let failed = |error: std::io::Error| {
        let what = format!("{listen} cannot be listened at: {error}");
        Failure::environment("listen", what, "name another address with --listen")
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(failed)?.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen)
            .await
            .map_err(failed)?;
        let stop = stopped().map_err(failed)?;
        printer.line(format!("http://{}", listener.local_addr().map_err(failed)?));
        serve(listener, routes, ServeLimits::default(), stop)
            .await
            .map_err(failed)?;
        Ok(Exit::Done)
    })
}

/// Ends at the first SIGINT or SIGTERM.
pub(crate) fn stopped() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
