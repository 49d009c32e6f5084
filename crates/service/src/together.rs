//! What several ask of the record at the same time becomes one transaction, and one wait for the disk.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use proofmark_storage::StoreError;
use tokio::sync::{Mutex as Turn, oneshot};

/// An answer, or what kept all of a transaction from being answered.
type Shared<O> = Result<O, Arc<StoreError>>;

/// Items that wait, and whose turn it is to ask for all of them.
#[derive(Debug)]
pub(crate) struct Together<I, O> {
    waiting: Mutex<Vec<(I, oneshot::Sender<Shared<O>>)>>,
    turn: Turn<()>,
}

impl<I, O> Default for Together<I, O> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            turn: Turn::default(),
        }
    }
}

impl<I: Clone, O> Together<I, O> {
    /// Asks for this item, with `all`, together with whatever else waits when its turn comes. `all` answers each item, in
    /// order, and does no harm when it is asked the same again: whoever asked for all may be dropped on the way.
    pub(crate) async fn ask<A>(&self, item: I, all: impl Fn(Vec<I>) -> A) -> Shared<O>
    where
        A: Future<Output = Result<Vec<O>, StoreError>>,
    {
        loop {
            let (sender, mut answer) = oneshot::channel();
            self.lock().push((item.clone(), sender));
            let turn = self.turn.lock().await;
            match answer.try_recv() {
                Ok(answered) => return answered,
                Err(oneshot::error::TryRecvError::Closed) => continue,
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            let (items, senders): (Vec<_>, Vec<_>) =
                mem::take(&mut *self.lock()).into_iter().unzip();
            match all(items).await {
                Ok(answers) => tell(senders, answers.into_iter().map(Ok)),
                Err(error) => {
                    let error = Arc::new(error);
                    tell(senders, std::iter::repeat_with(|| Err(Arc::clone(&error))));
                }
            }
            drop(turn);
            if let Ok(answered) = answer.try_recv() {
                return answered;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(I, oneshot::Sender<Shared<O>>)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell<O>(senders: Vec<oneshot::Sender<O>>, answers: impl Iterator<Item = O>) {
    for (sender, answer) in senders.into_iter().zip(answers) {
        // Who has gone away asks again.
        let _ = sender.send(answer);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn those_who_come_meanwhile_are_one_group_and_each_gets_its_own_answer() {
        let (together, groups) = (Together::default(), AtomicUsize::new(0));
        let double = |items: Vec<u32>| async {
            groups.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(items.into_iter().map(|it| it * 2).collect())
        };
        let asked = (0..100).map(|number| together.ask(number, double));
        let answers = futures_util::future::join_all(asked).await;
        for (number, answer) in (0..100).zip(answers) {
            assert_eq!(answer.expect("an answer"), number * 2);
        }
        let groups = groups.load(Ordering::Relaxed);
        assert_eq!(groups, 2, "the first, and all who came meanwhile");
    }

    #[tokio::test]
    async fn an_error_is_everybodys() {
        let together = Together::<u32, u32>::default();
        let fails = |_| async { Err(StoreError::Address("none".to_owned())) };
        let (one, two) = tokio::join!(together.ask(1, fails), together.ask(2, fails));
        assert!(one.is_err() && two.is_err());
    }

    #[tokio::test]
    async fn whoever_goes_away_takes_nobody_along() {
        let together = Together::<u32, u32>::default();
        let never = |_| std::future::pending();
        let at_once = |items: Vec<u32>| async { Ok(items) };
        let mut leaves = Box::pin(together.ask(1, never));
        let mut stays = Box::pin(together.ask(2, at_once));
        let once = std::future::poll_fn(|context| {
            // The second joins before the first asks for both, and waits for its turn.
            assert!(leaves.as_mut().poll(context).is_pending());
            assert!(stays.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        });
        once.await;
        drop(leaves);
        assert_eq!(stays.await.expect("an answer"), 2);
    }
}
