//! What is on its way, by owner. Counted here and not only in the record: an owner can remove a webhook, or ask for another
//! test of it, while a receiver still holds the thread of the last one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinSet;

#[derive(Default)]
pub(crate) struct Flights {
    tasks: JoinSet<()>,
    of_owner: Arc<Counts>,
}

#[derive(Default)]
struct Counts(Mutex<BTreeMap<String, u32>>);

impl Counts {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is given back however a flight ends.
struct Place {
    counts: Arc<Counts>,
    owner: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        if let Some(count) = counts.get_mut(&self.owner) {
            *count = count.saturating_sub(1);
        }
        counts.retain(|_, count| *count > 0);
    }
}

impl Flights {
    pub(crate) fn start(&mut self, owner: &str, flight: impl Future<Output = ()> + Send + 'static) {
        let counts = Arc::clone(&self.of_owner);
        *counts.lock().entry(owner.to_owned()).or_default() += 1;
        let owner = owner.to_owned();
        let place = Place { counts, owner };
        self.tasks.spawn(async move {
            flight.await;
            drop(place);
        });
    }

    /// Owners with so many on their way.
    pub(crate) fn busy(&self, many: u32) -> Vec<String> {
        let counts = self.of_owner.lock();
        let busy = counts.iter().filter(|(_, count)| **count >= many);
        busy.map(|(owner, _)| owner.clone()).collect()
    }

    /// How many are on their way.
    pub(crate) fn count(&mut self) -> usize {
        while self.tasks.try_join_next().is_some() {}
        self.tasks.len()
    }

    /// Until one has ended; at once if there is none.
    pub(crate) async fn one(&mut self) -> Option<()> {
        self.tasks.join_next().await.map(drop)
    }

    pub(crate) async fn all(self) {
        self.tasks.join_all().await;
    }
}
