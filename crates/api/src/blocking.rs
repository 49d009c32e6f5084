//! Work that takes a thread, of which only so much goes on at a time.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// What the work comes to, done on a thread of its own once there is a place for it; nothing if it ended without a word.
/// Whoever goes away meanwhile leaves the place taken until it has ended.
pub(crate) async fn within<T: Send + 'static>(
    places: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let work = move || {
        let done = work();
        drop(place);
        done
    };
    tokio::task::spawn_blocking(work).await.ok()
}
