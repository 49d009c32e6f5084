//! Work that is claimed.

use std::collections::BTreeSet;

use proofmark_storage::{Claim, Store};

use crate::place::{Place, at, job, obeyed};

async fn with_jobs(place: &Place, jobs: &[(&str, u64)]) -> Box<dyn Store> {
    let (store, epoch) = place.founded().await;
    let mut one = obeyed(1);
    one.consequences.jobs = jobs.iter().map(|(id, due)| job(id, *due)).collect();
    store.append(epoch, &[one]).await.expect("it is kept");
    store
}

/// A claim of 30 seconds.
async fn claim(store: &dyn Store, now: u64) -> Option<Claim> {
    let claims = store.claim("verify", 1, at(now), at(now + 30)).await;
    claims.expect("an answer").into_iter().next()
}

async fn finish(store: &dyn Store, claims: &[&Claim], now: u64) -> Vec<bool> {
    let claims: Vec<_> = claims.iter().copied().cloned().collect();
    store.finish(&claims, at(now)).await.expect("an answer")
}

pub(crate) async fn a_job_is_claimed_when_it_is_due(place: &Place) {
    let store = with_jobs(place, &[("later", 60), ("first", 10), ("also-first", 10)]).await;
    assert_eq!(claim(&*store, 9).await, None);
    let other = store.claim("webhook", 9, at(10), at(40)).await;
    assert_eq!(other.expect("an answer"), []);
    let one = claim(&*store, 10).await.expect("it is due");
    assert_eq!((one.id.as_str(), one.epoch), ("also-first", 1));
    assert_eq!(one.body, job("also-first", 10).body);
    let two = claim(&*store, 10).await.expect("it is due");
    assert_eq!(two.id, "first");
    assert_eq!(claim(&*store, 10).await, None);
    assert_eq!(finish(&*store, &[&one], 11).await, [true]);
    assert_eq!(finish(&*store, &[&one], 11).await, [false], "it is done");
    // What is done never comes again; what is not, when its lease is over.
    let again = claim(&*store, 41).await.expect("its worker is late");
    assert_eq!(again.id, "first");
    assert_eq!(claim(&*store, 60).await.expect("it is due").id, "later");
}

pub(crate) async fn a_job_whose_worker_is_gone_goes_to_another(place: &Place) {
    let store = with_jobs(place, &[("one", 10)]).await;
    let slow = claim(&*store, 10).await.expect("it is due");
    assert!(store.extend(&slow, at(100)).await.expect("an answer"));
    assert_eq!(claim(&*store, 99).await, None);
    let next = claim(&*store, 100).await.expect("the lease is over");
    assert_eq!(next.epoch, slow.epoch + 1);
    for done in [
        store.extend(&slow, at(500)).await,
        store.fail(&slow, at(101), "late").await,
    ] {
        assert!(!done.expect("an answer"), "it is another's");
    }
    assert_eq!(finish(&*store, &[&slow], 101).await, [false]);
    assert_eq!(finish(&*store, &[&next], 102).await, [true]);
    assert_eq!(claim(&*store, 1_000).await, None);
}

pub(crate) async fn jobs_are_finished_together_each_by_who_holds_it(place: &Place) {
    let store = with_jobs(place, &[("a", 10), ("b", 11), ("c", 12)]).await;
    let old = claim(&*store, 12).await.expect("a is due");
    let b = claim(&*store, 12).await.expect("b is due");
    let new = claim(&*store, 50).await.expect("a is due again");
    assert_eq!((old.id.as_str(), new.id.as_str()), ("a", "a"));
    let finished = finish(&*store, &[&old, &b, &new, &b], 51).await;
    assert_eq!(finished, [false, true, true, false]);
    assert!(finish(&*store, &[], 51).await.is_empty());
    assert_eq!(claim(&*store, 1_000).await.expect("it is left").id, "c");
}

pub(crate) async fn a_job_that_failed_is_due_again(place: &Place) {
    let store = with_jobs(place, &[("one", 10)]).await;
    let first = claim(&*store, 10).await.expect("it is due");
    let failed = store.fail(&first, at(20), "the worker died").await;
    assert!(failed.expect("an answer"));
    assert_eq!(claim(&*store, 19).await, None);
    let second = claim(&*store, 20).await.expect("it is due again");
    assert_eq!(second.epoch, 2);
}

pub(crate) async fn several_jobs_are_claimed_at_once(place: &Place) {
    let store = with_jobs(place, &[("c", 30), ("b", 10), ("a", 20), ("d", 90)]).await;
    let claimed = store.claim("verify", 2, at(40), at(70)).await;
    let mut names: Vec<_> = claimed
        .expect("an answer")
        .into_iter()
        .map(|it| it.id)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "b"], "those that are due longest");
    let rest = store.claim("verify", 9, at(40), at(70)).await;
    let rest: Vec<_> = rest
        .expect("an answer")
        .into_iter()
        .map(|it| it.id)
        .collect();
    assert_eq!(rest, ["c"], "d is not due");
}

pub(crate) async fn workers_who_race_get_each_job_once(place: &Place) {
    let names: Vec<_> = (0..50).map(|number| format!("{number:02}")).collect();
    let jobs: Vec<_> = names.iter().map(|name| (name.as_str(), 10)).collect();
    let store = with_jobs(place, &jobs).await;
    let worker = || async {
        let mut mine = Vec::new();
        while let Some(claim) = claim(&*store, 10).await {
            assert_eq!(finish(&*store, &[&claim], 11).await, [true]);
            mine.push(claim.id);
        }
        mine
    };
    let (a, b, c, d) = tokio::join!(worker(), worker(), worker(), worker());
    let all = [a, b, c, d].concat();
    assert_eq!(all.len(), 50);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 50);
}

pub(crate) async fn jobs_are_listed_whether_done_or_not(place: &Place) {
    let store = with_jobs(place, &[("b", 10), ("a", 60), ("c", 10)]).await;
    let done = claim(&*store, 10).await.expect("it is due");
    assert_eq!(finish(&*store, &[&done], 11).await, [true]);
    let all = store.jobs("", 10).await.expect("an answer");
    assert_eq!(all, [job("a", 60), job("b", 10), job("c", 10)]);
    let some = store.jobs("a", 1).await.expect("an answer");
    assert_eq!(some, [job("b", 10)]);
    assert_eq!(store.integrity().await.expect("an answer"), [""; 0]);
}
