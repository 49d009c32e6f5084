//! Results of runs.

use proofmark_core::Digest;
use proofmark_storage::Results;

use crate::place::{Place, at};

pub(crate) async fn a_result_is_never_replaced(place: &Place) {
    let (store, _) = place.founded().await;
    let run = Digest::of(b"run");
    assert_eq!(store.result(&run).await.expect("an answer"), None);
    let keep = |body: &'static [u8]| store.keep_result(&run, body, at(1));
    assert_eq!(keep(b"pass").await.expect("an answer"), Results::New);
    assert_eq!(keep(b"pass").await.expect("an answer"), Results::Same);
    assert_eq!(store.incidents().await.expect("an answer"), 0);
    let known = b"pass".to_vec();
    for _ in 0..2 {
        let other = keep(b"fail").await.expect("an answer");
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
        let (one, two) = tokio::join!(
            store.keep_result(&run, b"pass", at(1)),
            store.keep_result(&run, b"fail", at(1))
        );
        let (one, two) = (one.expect("an answer"), two.expect("an answer"));
        let new = [&one, &two]
            .iter()
            .filter(|it| ***it == Results::New)
            .count();
        assert_eq!(new, 1, "{one:?} {two:?}");
    }
    assert_eq!(store.incidents().await.expect("an answer"), 20);
}
