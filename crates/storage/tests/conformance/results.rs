//! Results of runs.

use proofmark_core::Digest;
use proofmark_storage::{Results, RunResult, Store};

use crate::place::{Place, at};

fn result(run_key: Digest, body: &[u8]) -> RunResult {
    let body = body.to_vec();
    RunResult { run_key, body }
}

async fn keep(store: &dyn Store, run_key: Digest, body: &[u8]) -> Results {
    let kept = store.keep_results(&[result(run_key, body)], at(1)).await;
    kept.expect("an answer").pop().expect("one for each")
}

pub(crate) async fn a_result_is_never_replaced(place: &Place) {
    let (store, _) = place.founded().await;
    let run = Digest::of(b"run");
    assert_eq!(store.result(&run).await.expect("an answer"), None);
    let keep = |body| keep(&*store, run, body);
    assert_eq!(keep(b"pass").await, Results::New);
    assert_eq!(keep(b"pass").await, Results::Same);
    assert_eq!(store.incidents().await.expect("an answer"), 0);
    let known = b"pass".to_vec();
    for _ in 0..2 {
        let other = keep(b"fail").await;
        assert_eq!(
            other,
            Results::Conflict {
                known: known.clone()
            }
        );
        assert_eq!(store.incidents().await.expect("an answer"), 1);
    }
    assert_eq!(store.result(&run).await.expect("an answer"), Some(known));
}

pub(crate) async fn of_results_that_race_one_is_kept(place: &Place) {
    let (store, _) = place.founded().await;
    for number in 0..20_u8 {
        let run = Digest::of(&[number]);
        let (one, two) = tokio::join!(keep(&*store, run, b"pass"), keep(&*store, run, b"fail"));
        let new = [&one, &two]
            .iter()
            .filter(|it| ***it == Results::New)
            .count();
        assert_eq!(new, 1, "{one:?} {two:?}");
    }
    assert_eq!(store.incidents().await.expect("an answer"), 20);
}

pub(crate) async fn results_are_kept_together(place: &Place) {
    let (store, _) = place.founded().await;
    let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
    let results = [
        result(one, b"pass"),
        result(two, b"fail"),
        result(one, b"pass"),
        result(one, b"fail"),
    ];
    let kept = store.keep_results(&results, at(1)).await;
    let known = b"pass".to_vec();
    assert_eq!(
        kept.expect("an answer"),
        [
            Results::New,
            Results::New,
            Results::Same,
            Results::Conflict { known }
        ]
    );
    assert_eq!(store.incidents().await.expect("an answer"), 1);
}
