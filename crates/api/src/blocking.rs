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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    /// Else somebody who asks and hangs up, again and again, has as much done at once as it likes.
    #[tokio::test]
    async fn whoever_hangs_up_keeps_the_place_until_the_work_is_done() {
        let places = Arc::new(Semaphore::new(1));
        let (begun, has_begun) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let asked = tokio::spawn({
            let places = Arc::clone(&places);
            async move {
                let work = move || {
                    begun.send(()).expect("somebody listens");
                    ended.recv().is_ok()
                };
                within(&places, work).await
            }
        });
        let begins = tokio::task::spawn_blocking(move || has_begun.recv());
        begins.await.expect("it ends").expect("it begins");
        asked.abort();
        assert!(asked.await.expect_err("it hung up").is_cancelled());
        assert_eq!(places.available_permits(), 0, "the work goes on");

        end.send(()).expect("it still works");
        let next = tokio::time::timeout(Duration::from_secs(10), within(&places, || 7));
        assert_eq!(next.await, Ok(Some(7)), "then it is somebody else's");
    }
}
