//! Commands, and what followed from them.

use proofmark_core::Digest;
use proofmark_storage::{Obeyed, StoreError};

use crate::place::{Place, RULES, at, document, event, obeyed};

fn batch(sequences: std::ops::RangeInclusive<u64>) -> Vec<Obeyed> {
    sequences.map(obeyed).collect()
}

pub(crate) async fn a_record_begins_with_its_rules(place: &Place) {
    let store = place.open().await;
    let begins = store.found(RULES).await.expect("it begins");
    assert_eq!(
        (begins.sequence, begins.events, begins.transfers),
        (0, 0, 0)
    );
    assert_eq!(begins.head, Digest::of(RULES));
    assert_eq!(store.found(RULES).await.expect("the same"), begins);
    let other = place.open().await.found(b"other rules").await;
    assert!(matches!(other, Err(StoreError::OtherMarket)), "{other:?}");
}

pub(crate) async fn what_is_appended_is_read_back(place: &Place) {
    let (store, epoch) = place.founded().await;
    store
        .append(epoch, &batch(1..=2))
        .await
        .expect("it is kept");
    let mut second = batch(3..=3);
    second[0]
        .consequences
        .events
        .push(event("{\"second\":true}"));
    let after = store.append(epoch, &second).await.expect("it is kept");
    assert_eq!((after.sequence, after.events, after.transfers), (3, 4, 3));
    assert_eq!(after.head, second[0].command.head);
    drop(store);

    let store = place.open().await;
    assert_eq!(store.position().await.expect("it is there"), after);
    let all = batch(1..=3).into_iter().map(|it| it.command);
    let all: Vec<_> = all.collect();
    assert_eq!(store.commands(0, 10).await.expect("it is there"), all);
    assert_eq!(store.commands(1, 1).await.expect("it is there"), all[1..2]);
    assert_eq!(store.commands(3, 10).await.expect("it is there"), []);
    let events = store.events(0, 10).await.expect("they are there");
    let places: Vec<_> = events.iter().map(|it| (it.number, it.sequence)).collect();
    assert_eq!(places, [(1, 1), (2, 2), (3, 3), (4, 3)]);
    assert_eq!(events[2].it, second[0].consequences.events[0]);
    assert_eq!(events[3].it, second[0].consequences.events[1]);
    let transfers = store.transfers(2, 10).await.expect("they are there");
    assert_eq!((transfers[0].number, transfers[0].sequence), (3, 3));
    assert_eq!(transfers[0].it, second[0].consequences.transfers[0]);
    let document = store.document("contract", "one").await;
    assert_eq!(
        document.expect("it is there"),
        Some(second[0].consequences.documents[0].clone())
    );
    let nothing = store.document("contract", "two").await;
    assert_eq!(nothing.expect("an answer"), None);
}

pub(crate) async fn a_batch_is_there_whole_or_not_at_all(place: &Place) {
    let (store, epoch) = place.founded().await;
    let before = store
        .append(epoch, &batch(1..=1))
        .await
        .expect("it is kept");
    // The last thing that is written of the second batch was there before.
    let mut second = batch(2..=3);
    second[1].consequences.jobs[0].id = "job-1".to_owned();
    let refused = store.append(epoch, &second).await;
    assert!(
        matches!(refused, Err(StoreError::Database(_))),
        "{refused:?}"
    );
    assert_eq!(store.position().await.expect("it is there"), before);
    assert_eq!(
        store.commands(0, 10).await.expect("they are there").len(),
        1
    );
    assert_eq!(store.events(0, 10).await.expect("they are there").len(), 1);
    assert_eq!(
        store.transfers(0, 10).await.expect("they are there").len(),
        1
    );
    let kept = store.document("contract", "one").await.expect("an answer");
    assert_eq!(kept, Some(obeyed(1).consequences.documents[0].clone()));
    // The same payload twice is a command obeyed twice.
    let mut twice = batch(2..=2);
    twice[0].command.payload = obeyed(1).command.payload;
    let refused = store.append(epoch, &twice).await;
    assert!(
        matches!(refused, Err(StoreError::Database(_))),
        "{refused:?}"
    );
    store
        .append(epoch, &batch(2..=3))
        .await
        .expect("it is kept");
}

pub(crate) async fn a_batch_begins_where_the_record_ends(place: &Place) {
    let (store, epoch) = place.founded().await;
    store
        .append(epoch, &batch(1..=2))
        .await
        .expect("it is kept");
    for first in [1, 2, 4] {
        let refused = store.append(epoch, &batch(first..=first)).await;
        let Err(StoreError::Gap {
            stored: 2,
            first: named,
        }) = refused
        else {
            panic!("{refused:?}")
        };
        assert_eq!(named, first);
    }
}

pub(crate) async fn a_batch_of_nothing_changes_nothing(place: &Place) {
    let (store, epoch) = place.founded().await;
    let before = store.position().await.expect("it is there");
    assert_eq!(store.append(epoch, &[]).await.expect("nothing"), before);
}

pub(crate) async fn a_large_batch_is_one_batch(place: &Place) {
    let (store, epoch) = place.founded().await;
    let mut large = batch(1..=1_201);
    for (number, obeyed) in large.iter_mut().enumerate() {
        let key = format!("{number:05}");
        obeyed.consequences.documents = vec![document("rfq", &key, "{}")];
    }
    let after = store.append(epoch, &large).await.expect("it is kept");
    assert_eq!((after.sequence, after.events), (1_201, 1_201));
    let commands = store.commands(0, 2_000).await.expect("they are there");
    assert!(commands.iter().eq(large.iter().map(|it| &it.command)));
    let documents = store.documents("rfq", "00499", 2_000).await;
    assert_eq!(documents.expect("they are there").len(), 1_201 - 500);
}

pub(crate) async fn one_writer_at_a_time(place: &Place) {
    let (first, held) = place.founded().await;
    let second = place.open().await;
    let early = second.lease(None, at(999), at(2_000)).await;
    assert!(matches!(early, Err(StoreError::Leased { .. })), "{early:?}");
    let longer = first.lease(Some(held), at(900), at(1_500)).await;
    assert_eq!(longer.expect("it holds it"), held);
    let early = second.lease(None, at(1_200), at(2_000)).await;
    assert!(matches!(early, Err(StoreError::Leased { .. })), "{early:?}");
    first.append(held, &batch(1..=1)).await.expect("it is kept");

    let taken = second.lease(None, at(1_501), at(2_000)).await;
    let taken = taken.expect("the first let it go");
    assert!(taken > held);
    let late = first.append(held, &batch(2..=2)).await;
    assert!(matches!(late, Err(StoreError::Fenced(_))), "{late:?}");
    let late = first.lease(Some(held), at(1_502), at(3_000)).await;
    assert!(matches!(late, Err(StoreError::Fenced(_))), "{late:?}");
    second
        .append(taken, &batch(2..=2))
        .await
        .expect("it is kept");
}

pub(crate) async fn of_writers_who_race_one_wins(place: &Place) {
    let (store, epoch) = place.founded().await;
    for sequence in 1..=20 {
        let batch = batch(sequence..=sequence);
        let (one, two) = tokio::join!(store.append(epoch, &batch), store.append(epoch, &batch));
        let won = [&one, &two].iter().filter(|it| it.is_ok()).count();
        assert_eq!(won, 1, "{one:?} {two:?}");
        let lost = [one, two].into_iter().find_map(Result::err);
        assert!(matches!(lost, Some(StoreError::Gap { .. })), "{lost:?}");
    }
    let after = store.position().await.expect("it is there");
    assert_eq!((after.sequence, after.events), (20, 20));
}

pub(crate) async fn documents_are_listed_by_the_bytes_of_their_keys(place: &Place) {
    let (store, epoch) = place.founded().await;
    let mut one = batch(1..=1);
    let keys = ["b", "B", "é", "a_1", "a-1", "zz"];
    let documents = keys.map(|key| document("instrument", key, "{}"));
    one[0].consequences.documents = documents.to_vec();
    store.append(epoch, &one).await.expect("it is kept");
    let mut sorted = keys.map(str::to_owned);
    sorted.sort();
    let listed = store.documents("instrument", "", 10).await;
    let listed = listed.expect("they are there").into_iter();
    assert_eq!(listed.map(|it| it.key).collect::<Vec<_>>(), sorted);
    let rest = store.documents("instrument", &sorted[1], 2).await;
    let rest = rest.expect("they are there").into_iter();
    assert_eq!(rest.map(|it| it.key).collect::<Vec<_>>(), sorted[2..4]);
}

pub(crate) async fn a_writer_that_stops_gives_its_lease_back(place: &Place) {
    let (store, first) = place.founded().await;
    assert_eq!(
        store.rules().await.expect("an answer").as_deref(),
        Some(RULES)
    );
    store.release(first).await.expect("it is given back");
    let second = store.lease(None, at(1), at(1_000)).await;
    let second = second.expect("nobody else writes");
    // Whoever was followed by another gives back nothing.
    store.release(first).await.expect("nothing happens");
    let third = store.lease(None, at(1), at(1_000)).await;
    assert!(matches!(third, Err(StoreError::Leased { .. })), "{third:?}");
    let kept = store.append(second, &[obeyed(1)]).await;
    kept.expect("it is the writer");
}
