//! Who is told of events.

use std::collections::BTreeSet;

use proofmark_storage::{
    Added, Flight, MessageClaim, Next, Room, SLOW_MILLISECONDS, SLOW_SECONDS, Store, TRIES_KEPT,
    Try, Webhook, Webhooks,
};

use crate::place::{Place, at};

const ROOM: Room = Room {
    of_owner: 2,
    of_all: 3,
};

const FLIGHT: Flight = Flight {
    of_webhook: 100,
    of_owner: 100,
    of_slow: 100,
};

fn hook(id: &str, owner: &str) -> Webhook {
    Webhook {
        id: id.to_owned(),
        owner: owner.to_owned(),
        url: format!("https://receiver.example/{id}"),
        listens: "{\"sign\":\"ü\"}".to_owned(),
        cursor: 5,
        created_at: at(0),
        delivered_at: None,
        disabled: None,
    }
}

async fn add(store: &dyn Webhooks, id: &str, owner: &str) -> Added {
    store.add(&hook(id, owner), ROOM).await.expect("an answer")
}

async fn shown(store: &dyn Webhooks, id: &str) -> Webhook {
    store
        .webhook(id)
        .await
        .expect("an answer")
        .expect("it is there")
}

/// Messages of these events for a webhook that saw none since it was added.
async fn feed(store: &dyn Webhooks, id: &str, numbers: std::ops::Range<u64>) {
    let webhook = shown(store, id).await;
    let to = numbers.end - 1;
    let messages: Vec<_> = numbers
        .map(|number| (format!("{id}-{number:02}"), number))
        .collect();
    let fed = store.feed(&webhook, to, &messages, at(10)).await;
    assert!(fed.expect("an answer"));
}

async fn claim(store: &dyn Webhooks, now: u64) -> Option<MessageClaim> {
    let claim = store
        .claim_message(at(now), at(now + 30), FLIGHT, &[])
        .await;
    claim.expect("an answer")
}

fn tried(claim: &MessageClaim, now: u64, status: Option<u16>) -> Try {
    Try {
        number: claim.message.tries,
        tried_at: at(now),
        took_ms: 12,
        status,
        error: status.is_none().then(|| "it hung".to_owned()),
    }
}

async fn keep(
    store: &dyn Webhooks,
    claim: &MessageClaim,
    now: u64,
    status: Option<u16>,
    next: Next<'_>,
) -> bool {
    let tried = tried(claim, now, status);
    store.tried(claim, &tried, next).await.expect("an answer")
}

/// The next message is tried, and this follows.
async fn ends(store: &dyn Webhooks, now: u64, next: Next<'_>) -> MessageClaim {
    let claim = claim(store, now).await.expect("it is due");
    assert!(keep(store, &claim, now, None, next).await);
    claim
}

/// A store with one webhook of one owner.
async fn with_one(place: &Place) -> Box<dyn Store> {
    let (store, _) = place.founded().await;
    assert_eq!(add(store.webhooks(), "a", "one").await, Added::New);
    store
}

pub(crate) async fn a_webhook_is_added_once_and_so_many_at_most(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    let mut other = hook("a", "one");
    other.cursor = 9;
    let again = store.add(&other, ROOM).await.expect("an answer");
    assert_eq!(again, Added::Exists(hook("a", "one")));
    assert_eq!(add(store, "c", "two").await, Added::New);
    assert_eq!(add(store, "b", "one").await, Added::New);
    assert_eq!(add(store, "d", "one").await, Added::TooMany);
    assert_eq!(add(store, "d", "two").await, Added::Full);
    let own = store.of_owner("one").await.expect("an answer");
    assert_eq!(own, [hook("a", "one"), hook("b", "one")]);
    assert!(store.remove("a").await.expect("an answer"));
    assert!(!store.remove("a").await.expect("an answer"));
    assert_eq!(store.webhook("a").await.expect("an answer"), None);
    assert_eq!(add(store, "d", "two").await, Added::New);
}

pub(crate) async fn a_cursor_and_its_messages_move_together(place: &Place) {
    let store = with_one(place).await;
    let hungry = store.webhooks().hungry(5, 10).await.expect("an answer");
    assert_eq!(hungry, [], "it has seen all five events");
    let hungry = store.webhooks().hungry(9, 10).await.expect("an answer");
    assert_eq!(hungry, [hook("a", "one")]);
    feed(store.webhooks(), "a", 6..9).await;
    // Whoever saw the webhook before that made the messages once more.
    let late = [("late".to_owned(), 6)];
    let fed = store.webhooks().feed(&hungry[0], 7, &late, at(11)).await;
    assert!(!fed.expect("an answer"), "the cursor is elsewhere");
    // One message twice is a mistake, after which nothing has changed.
    let now = shown(store.webhooks(), "a").await;
    let twice = [("new".to_owned(), 9), ("a-07".to_owned(), 10)];
    let fed = store.webhooks().feed(&now, 10, &twice, at(11)).await;
    assert!(fed.is_err(), "{fed:?}");
    drop(store);
    let store = place.open().await;
    assert_eq!(shown(store.webhooks(), "a").await.cursor, 8);
    let messages = store.webhooks().messages("a", 10).await;
    let messages = messages.expect("an answer");
    let numbers: Vec<_> = messages.iter().map(|it| it.number).collect();
    assert_eq!(numbers, [8, 7, 6], "the latest first");
    assert_eq!(messages[0].id, "a-08");
    assert_eq!(
        (messages[0].created_at, messages[0].due_at),
        (at(10), at(10))
    );
    // Whoever has enough waiting gets no more.
    let hungry = store.webhooks().hungry(9, 3).await.expect("an answer");
    assert_eq!(hungry, []);
}

pub(crate) async fn of_couriers_who_race_each_event_is_one_message(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    let seen = shown(store, "a").await;
    let messages: Vec<_> = (6..26)
        .map(|number| (format!("m{number}"), number))
        .collect();
    let feed = || async {
        let fed = store.feed(&seen, 25, &messages, at(10)).await;
        fed.expect("an answer")
    };
    let (a, b, c, d) = tokio::join!(feed(), feed(), feed(), feed());
    let fed = [a, b, c, d];
    assert_eq!(fed.iter().filter(|fed| **fed).count(), 1, "{fed:?}");
    let kept = store.messages("a", 100).await.expect("an answer");
    assert_eq!(kept.len(), 20);
}

pub(crate) async fn couriers_who_race_get_each_message_once(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    feed(store, "a", 6..46).await;
    let courier = || async {
        let mut mine = Vec::new();
        while let Some(claim) = claim(store, 10).await {
            assert!(keep(store, &claim, 10, Some(204), Next::Delivered).await);
            mine.push(claim.message.number);
        }
        mine
    };
    let (a, b, c, d) = tokio::join!(courier(), courier(), courier(), courier());
    let all = [a, b, c, d].concat();
    assert_eq!(all.len(), 40);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>().len(), 40);
}

pub(crate) async fn a_message_whose_courier_is_gone_goes_to_another(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    feed(store, "a", 6..7).await;
    assert_eq!(claim(store, 9).await, None, "it is not due");
    let slow = claim(store, 10).await.expect("it is due");
    assert_eq!((slow.epoch, slow.message.tries, slow.asked), (1, 1, false));
    assert_eq!(slow.webhook.url, "https://receiver.example/a");
    assert_eq!(claim(store, 39).await, None);
    let next = claim(store, 40).await.expect("the lease is over");
    assert_eq!((next.epoch, next.message.tries), (2, 2));
    assert_eq!(next.message.id, slow.message.id);
    let late = keep(store, &slow, 41, None, Next::GivenUp).await;
    assert!(!late, "it is another's");
    assert_eq!(store.tries("a-06").await.expect("an answer"), []);
    let done = keep(store, &next, 41, Some(200), Next::Delivered).await;
    assert!(done);
    assert_eq!(claim(store, 1_000).await, None);
}

pub(crate) async fn only_a_few_are_on_their_way_to_one(place: &Place) {
    let (store, _) = place.founded().await;
    let store = store.webhooks();
    for (id, owner) in [("a", "one"), ("b", "one"), ("c", "two")] {
        assert_eq!(add(store, id, owner).await, Added::New);
        feed(store, id, 6..10).await;
    }
    let flight = Flight {
        of_webhook: 2,
        of_owner: 3,
        of_slow: 100,
    };
    let mut taken = Vec::new();
    while let Some(claim) = store
        .claim_message(at(10), at(40), flight, &[])
        .await
        .expect("an answer")
    {
        taken.push(claim.message.id);
    }
    // Two of each webhook, three of each owner: first who has fewest on their way, then the earliest events.
    assert_eq!(taken, ["a-06", "c-06", "b-06", "c-07", "a-07"]);
}

pub(crate) async fn owners_take_turns_however_much_waits_for_one(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    feed(store, "a", 6..2_006).await;
    let ids = async |from, count: u64| {
        let mut ids = Vec::new();
        for now in from..from + count {
            ids.push(claim(store, now).await.expect("it is due").message.id);
        }
        ids
    };
    assert_eq!(ids(10, 2).await, ["a-06", "a-07"]);
    // All that waits is due longer than what is new.
    assert_eq!(add(store, "c", "two").await, Added::New);
    assert_eq!(add(store, "b", "three").await, Added::New);
    for (id, now) in [("c", 20), ("b", 21)] {
        store
            .test(id, &format!("{id}-1"), at(now))
            .await
            .expect("an answer");
    }
    assert_eq!(ids(30, 3).await, ["c-1", "b-1", "a-08"]);
    // Nothing is on its way to anybody any more: who was told longest ago is next, and that is not `one`.
    store.test("b", "b-2", at(70)).await.expect("an answer");
    store.test("c", "c-2", at(70)).await.expect("an answer");
    assert!(store.remove("a").await.expect("an answer"));
    assert_eq!(add(store, "a", "one").await, Added::New);
    feed(store, "a", 6..106).await;
    let mut told = Vec::new();
    for now in 80..84 {
        told.push(ends(store, now, Next::Delivered).await.message.id);
    }
    assert_eq!(
        told,
        ["c-2", "b-2", "a-06", "a-07"],
        "added again, it is not new"
    );
}

pub(crate) async fn of_owners_with_slow_receivers_only_so_many_are_told_at_a_time(place: &Place) {
    let (store, _) = place.founded().await;
    let store = store.webhooks();
    for (id, owner) in [("a", "one"), ("b", "two"), ("c", "three")] {
        assert_eq!(add(store, id, owner).await, Added::New);
        feed(store, id, 6..16).await;
    }
    // `three` answers at once, the others do not.
    for now in 10..13 {
        let claim = claim(store, now).await.expect("it is due");
        let slow = claim.webhook.owner != "three";
        let mut tried = tried(&claim, now, Some(200));
        tried.took_ms = if slow {
            SLOW_MILLISECONDS
        } else {
            SLOW_MILLISECONDS - 1
        };
        let kept = store.tried(&claim, &tried, Next::Delivered).await;
        assert!(kept.expect("an answer"));
    }
    let flight = Flight {
        of_slow: 1,
        ..FLIGHT
    };
    let taken = async |now| {
        let mut taken = Vec::new();
        while let Some(claim) = store
            .claim_message(at(now), at(now + 30), flight, &[])
            .await
            .expect("an answer")
        {
            taken.push(claim.webhook.owner);
        }
        taken
    };
    let first = taken(20).await;
    assert_eq!(
        first.iter().filter(|it| *it == "three").count(),
        9,
        "{first:?}"
    );
    assert_eq!(first.len(), 10, "one place for both others: {first:?}");
    let later = taken(20 + SLOW_SECONDS).await;
    assert_eq!(later.len(), 27, "nobody is slow for ever: {later:?}");
}

/// An owner removes what is on its way, so that the record knows nothing of it any more.
pub(crate) async fn whoever_takes_back_what_is_on_its_way_is_known_all_the_same(place: &Place) {
    let (store, _) = place.founded().await;
    let store = store.webhooks();
    for (id, owner) in [("a", "one"), ("b", "two")] {
        assert_eq!(add(store, id, owner).await, Added::New);
    }
    let test = async |webhook: &str, id: &str, now| {
        let test = store.test(webhook, id, at(now)).await;
        test.expect("an answer");
    };
    test("a", "a-1", 10).await;
    let hangs = claim(store, 10).await.expect("it is due");
    test("a", "a-2", 11).await;
    test("b", "b-1", 12).await;
    let next = async |busy: &[String], flight| {
        let claim = store.claim_message(at(13), at(43), flight, busy).await;
        claim.expect("an answer").map(|it| it.message.id)
    };
    let busy = ["none".to_owned(), "one".to_owned()];
    assert_eq!(next(&busy, FLIGHT).await.as_deref(), Some("b-1"));
    assert_eq!(next(&busy, FLIGHT).await, None);
    let mut tried = tried(&hangs, 14, None);
    tried.took_ms = SLOW_MILLISECONDS;
    let kept = store.tried(&hangs, &tried, Next::GivenUp).await;
    assert!(!kept.expect("an answer"), "it is there no more");
    let none_slow = Flight {
        of_slow: 0,
        ..FLIGHT
    };
    assert_eq!(next(&[], none_slow).await, None, "its owner is slow");
    assert_eq!(next(&[], FLIGHT).await.as_deref(), Some("a-2"));
}

pub(crate) async fn what_is_asked_for_is_found_behind_all_that_waits(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    feed(store, "a", 6..106).await;
    ends(store, 10, Next::Gone("it is gone")).await;
    assert_eq!(claim(store, 20).await, None);
    assert!(
        store
            .redeliver("a", "a-90", at(20))
            .await
            .expect("an answer")
    );
    store.test("a", "a-test", at(21)).await.expect("an answer");
    assert_eq!(ends(store, 30, Next::GivenUp).await.message.id, "a-90");
    assert_eq!(ends(store, 30, Next::GivenUp).await.message.id, "a-test");
    assert_eq!(claim(store, 40).await, None);
}

pub(crate) async fn what_was_tried_is_remembered(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    feed(store, "a", 6..7).await;
    ends(store, 10, Next::Again(at(15))).await;
    assert_eq!(claim(store, 14).await, None);
    let second = claim(store, 15).await.expect("it is due again");
    let answered = tried(&second, 16, Some(500));
    let given_up = store.tried(&second, &answered, Next::GivenUp).await;
    assert!(given_up.expect("an answer"));
    let tries = store.tries("a-06").await.expect("an answer");
    assert_eq!(tries.len(), 2);
    assert_eq!((tries[0].number, tries[0].tried_at), (1, at(10)));
    assert_eq!(tries[0].error.as_deref(), Some("it hung"));
    assert_eq!(tries[1], answered);
    let message = store.message("a", "a-06").await.expect("an answer");
    let message = message.expect("it is there");
    assert_eq!((message.done_at, message.delivered), (Some(at(16)), false));
    assert_eq!(store.message("b", "a-06").await.expect("an answer"), None);
    assert_eq!(claim(store, 1_000).await, None);
    // Once more, as often as somebody likes: only the last are remembered.
    assert!(
        !store
            .redeliver("b", "a-06", at(17))
            .await
            .expect("an answer")
    );
    for _ in 0..TRIES_KEPT {
        assert!(
            store
                .redeliver("a", "a-06", at(17))
                .await
                .expect("an answer")
        );
        let again = ends(store, 17, Next::GivenUp).await;
        assert!(again.asked);
    }
    let tries = store.tries("a-06").await.expect("an answer");
    assert_eq!(tries.len() as u64, TRIES_KEPT);
    assert_eq!(tries[0].number, 3);
}

pub(crate) async fn a_webhook_is_disabled_and_enabled_by_what_arrives(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    feed(store, "a", 6..10).await;
    ends(store, 20, Next::Delivered).await;
    assert_eq!(shown(store, "a").await.delivered_at, Some(at(20)));
    // It was given up, but others have arrived since it was made.
    ends(store, 21, Next::Disabled("nothing arrives")).await;
    assert_eq!(shown(store, "a").await.disabled, None);
    ends(store, 22, Next::Gone("it is gone")).await;
    let disabled = Some((at(22), "it is gone".to_owned()));
    assert_eq!(shown(store, "a").await.disabled, disabled);
    assert_eq!(claim(store, 1_000).await, None, "nothing is sent to it");
    assert_eq!(store.hungry(99, 10).await.expect("an answer"), []);
    let webhook = shown(store, "a").await;
    let fed = store.feed(&webhook, 12, &[], at(23)).await;
    assert!(!fed.expect("an answer"), "its cursor stays");
    // What is asked for is sent all the same, and if it arrives, all goes on where it stopped.
    assert!(
        store
            .redeliver("a", "a-08", at(23))
            .await
            .expect("an answer")
    );
    ends(store, 23, Next::Delivered).await;
    assert_eq!(shown(store, "a").await.disabled, None);
    assert_eq!(claim(store, 24).await.expect("it waits").message.id, "a-09");
    assert_eq!(store.hungry(99, 10).await.expect("an answer").len(), 1);
}

pub(crate) async fn a_test_takes_the_place_of_the_one_before(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    for (id, now) in [("t1", 10), ("t2", 20)] {
        store.test("a", id, at(now)).await.expect("an answer");
        let claim = ends(store, now, Next::GivenUp).await;
        assert_eq!((claim.message.id.as_str(), claim.asked), (id, true));
        assert_eq!(claim.message.number, 0);
    }
    let messages = store.messages("a", 10).await.expect("an answer");
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].id, "t2");
    assert_eq!(store.tries("t1").await.expect("an answer"), []);
    assert_eq!(store.tries("t2").await.expect("an answer").len(), 1);
    assert!(store.test("none", "t3", at(30)).await.is_err());
}

pub(crate) async fn what_is_removed_or_old_is_forgotten(place: &Place) {
    let store = with_one(place).await;
    let store = store.webhooks();
    feed(store, "a", 6..9).await;
    ends(store, 20, Next::Delivered).await;
    ends(store, 30, Next::GivenUp).await;
    assert_eq!(store.forget(at(30)).await.expect("an answer"), 1);
    assert_eq!(store.tries("a-06").await.expect("an answer"), []);
    let left = store.messages("a", 10).await.expect("an answer");
    let left: Vec<_> = left.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(left, ["a-08", "a-07"]);
    // On its way while its webhook goes.
    let claim = claim(store, 40).await.expect("it is due");
    assert!(store.remove("a").await.expect("an answer"));
    let late = keep(store, &claim, 41, Some(200), Next::Delivered).await;
    assert!(!late);
    assert_eq!(store.messages("a", 10).await.expect("an answer"), []);
    assert_eq!(store.tries("a-07").await.expect("an answer"), []);
}
