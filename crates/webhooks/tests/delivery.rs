//! Receivers of real connections that fail, hang, redirect, are slow, or take what they get.

#[path = "delivery/receiver.rs"]
mod receiver;
#[path = "delivery/tls.rs"]
mod tls;
#[path = "delivery/world.rs"]
mod world;

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use proofmark_storage::{Message, Try};
use proofmark_webhooks::{Reach, Sender, WAITS};
use serde_json::json;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use receiver::{Receiver, Says};
use world::{PATIENCE, World};

fn local() -> Sender {
    Sender::asking(
        Reach::Local,
        ureq::unversioned::resolver::DefaultResolver::default(),
        PATIENCE,
    )
}

fn statuses(tries: &[Try]) -> Vec<Option<u16>> {
    tries.iter().map(|it| it.status).collect()
}

#[tokio::test]
async fn what_happens_is_told_once_signed_and_as_it_was() {
    let receiver = Receiver::start().await;
    let world = World::new().await;
    let hook = world.listen(&receiver.url(), json!({})).await;
    let courier = world.courier(local());
    world.happens(3).await;
    let got = receiver.wait(3).await;
    for request in &got {
        world.verify(request);
        assert_eq!(request.header("content-type"), "application/json");
    }
    let mut numbers: Vec<_> = got
        .iter()
        .map(|it| it.json()["data"]["number"].clone())
        .collect();
    numbers.sort_by_key(serde_json::Value::as_u64);
    assert_eq!(numbers, [1, 2, 3]);
    let first = got.iter().find(|it| it.json()["data"]["number"] == 1);
    assert_eq!(
        first.expect("it came").json(),
        json!({
            "type": "contract.paid",
            "timestamp": "2027-01-15T08:00:00Z",
            "data": {"number": 1, "sequence": 1, "subject": world::SUBJECT, "body": world::body()},
        })
    );
    let messages = world.settled(&hook, 3).await;
    assert!(messages.iter().all(|it| it.delivered && it.tries == 1));
    courier.abort();
}

#[tokio::test]
async fn nothing_is_lost_and_no_id_changes_whatever_goes_wrong() {
    let receiver = Receiver::start().await;
    receiver.says([
        Says::Status(500),
        Says::Hangs,
        Says::Redirects,
        Says::Drops,
        Says::Nonsense,
        Says::Trickles,
        Says::Floods,
    ]);
    let world = World::new().await;
    let hook = world.listen(&receiver.url(), json!({})).await;
    let courier = world.courier(local());
    world.happens(1).await;
    for failures in 1..=3 {
        world.tried(&hook, failures).await;
        world.pass(WAITS[failures - 1] * 2);
    }
    // The process dies, another begins: it knows what was tried.
    courier.abort();
    let _ = courier.await;
    world.pass(60);
    let courier = world.courier(local());
    for failures in 4..=6 {
        world.tried(&hook, failures).await;
        world.pass(WAITS[failures - 1] * 2);
    }
    // The last answers 200 with a body without end, of which nothing is read.
    let messages = world.settled(&hook, 1).await;
    assert!(messages[0].delivered);
    let tries = world.tries(&messages[0]).await;
    assert_eq!(
        statuses(&tries[..3]),
        [Some(500), None, Some(307)],
        "{tries:?}"
    );
    assert_eq!(tries.last().map(|it| it.status), Some(Some(200)));
    let errors: Vec<_> = tries.iter().filter_map(|it| it.error.as_deref()).collect();
    assert_eq!(errors[1], "it did not answer in time");
    assert_eq!(errors[2], "it redirects, which is not followed");
    let got = receiver.wait(7).await;
    let ids: BTreeSet<_> = got
        .iter()
        .map(|it| it.header("webhook-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 1, "the same in every try");
    let bodies: BTreeSet<_> = got.iter().map(|it| it.body.clone()).collect();
    assert_eq!(bodies.len(), 1);
    for request in &got {
        world.verify(request);
    }
    assert!(
        got.iter().all(|it| it.path == "/events"),
        "no redirect was followed"
    );
    courier.abort();
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_nobody_else() {
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    slow.always(Says::Hangs);
    let world = World::new().await;
    world.listen(&slow.url(), json!({})).await;
    let quick_hook = world.listen(&quick.url(), json!({})).await;
    let courier = world.courier(local());
    world.happens(20).await;
    quick.wait(20).await;
    let messages = world.settled(&quick_hook, 20).await;
    assert!(messages.iter().all(|it| it.delivered));
    assert!(slow.count() <= 10, "{} at the slow one", slow.count());
    courier.abort();
}

#[tokio::test]
async fn only_what_is_listened_to_is_told_and_everything_of_it() {
    let receiver = Receiver::start().await;
    let world = World::new().await;
    let hook = world
        .listen(&receiver.url(), json!({"types": ["rfq.*"]}))
        .await;
    let courier = world.courier(local());
    // Nothing for it, for longer than a page of events.
    world.happens(450).await;
    world
        .happens_to("rfq_00112233445566778899aabbccddeeff", 2)
        .await;
    let got = receiver.wait(2).await;
    let types: BTreeSet<_> = got.iter().map(|it| it.json()["type"].to_string()).collect();
    assert_eq!(types, BTreeSet::from(["\"rfq.paid\"".to_owned()]));
    let messages = world.settled(&hook, 2).await;
    let numbers: BTreeSet<_> = messages.iter().map(|it| it.number).collect();
    assert_eq!(numbers, BTreeSet::from([451, 452]));
    courier.abort();
}

#[tokio::test]
async fn a_receiver_to_which_nothing_arrives_is_disabled_and_goes_on_when_something_does() {
    let receiver = Receiver::start().await;
    receiver.always(Says::Status(503));
    let world = World::new().await;
    let hook = world.listen(&receiver.url(), json!({})).await;
    let courier = world.courier(local());
    world.happens(1).await;
    for failures in 1..=WAITS.len() {
        world.tried(&hook, failures).await;
        assert_eq!(world.hook(&hook).await.disabled, None, "after {failures}");
        world.pass(WAITS[failures - 1] * 2);
    }
    let messages = world.settled(&hook, 1).await;
    assert!(!messages[0].delivered);
    assert_eq!(messages[0].tries, WAITS.len() as u64 + 1);
    let disabled = world.hook(&hook).await.disabled.expect("it is");
    assert_eq!(disabled.1, "no message arrived for three days");
    // What happens meanwhile waits; what somebody asks for is tried, and does not arrive yet.
    world.happens(2).await;
    world.test(&hook).await;
    let tested = world.settled(&hook, 2).await;
    assert!(!tested.iter().any(|it| it.delivered));
    assert!(world.hook(&hook).await.disabled.is_some());
    let before = receiver.count();
    receiver.always(Says::Status(200));
    world.test(&hook).await;
    let got = receiver.wait(before + 3).await;
    assert_eq!(world.hook(&hook).await.disabled, None);
    let test = got[before].json();
    assert_eq!(test["type"], "webhook.test");
    assert_eq!(test["data"], json!({"webhook": hook}));
    world.verify(&got[before]);
    let all = world.settled(&hook, 4).await;
    let delivered: BTreeSet<_> = all
        .iter()
        .filter(|it| it.delivered)
        .map(|it| it.number)
        .collect();
    assert_eq!(delivered, BTreeSet::from([0, 2, 3]));
    courier.abort();
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_disabled_at_once() {
    let receiver = Receiver::start().await;
    receiver.always(Says::Status(410));
    let world = World::new().await;
    let hook = world.listen(&receiver.url(), json!({})).await;
    let courier = world.courier(local());
    world.happens(1).await;
    world.settled(&hook, 1).await;
    let disabled = world.hook(&hook).await.disabled.expect("it is");
    assert_eq!(disabled.1, "the receiver answered 410: it is gone");
    assert_eq!(receiver.count(), 1);
    courier.abort();
}

#[tokio::test]
async fn two_couriers_tell_everything_once() {
    let receiver = Receiver::start().await;
    let world = World::new().await;
    let hook = world.listen(&receiver.url(), json!({})).await;
    let couriers = [world.courier(local()), world.courier(local())];
    for _ in 0..10 {
        world.happens(5).await;
    }
    let got = receiver.wait(50).await;
    world.settled(&hook, 50).await;
    let ids: BTreeSet<_> = got
        .iter()
        .map(|it| it.header("webhook-id").to_owned())
        .collect();
    assert_eq!((ids.len(), receiver.count()), (50, 50));
    couriers.iter().for_each(|it| it.abort());
}

/// Every name leads here.
#[derive(Debug)]
struct Leads(Vec<IpAddr>);

impl Resolver for Leads {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        for address in &self.0 {
            found.push(SocketAddr::new(*address, uri.port_u16().unwrap_or(443)));
        }
        match self.0.is_empty() {
            true => Err(ureq::Error::HostNotFound),
            false => Ok(found),
        }
    }
}

/// What became of the one message to a name that leads there.
async fn led_to(reach: Reach, url: &str, addresses: &[&str]) -> (Message, Try) {
    let addresses = addresses.iter().map(|it| it.parse().expect("an address"));
    let world = World::new().await;
    let hook = world.listen(url, json!({})).await;
    let sender = Sender::asking(reach, Leads(addresses.collect()), PATIENCE);
    let courier = world.courier(sender);
    world.happens(1).await;
    let message = world.tried(&hook, 1).await;
    let tries = world.tries(&message).await;
    courier.abort();
    (message, tries[0].clone())
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_spoken_to() {
    let receiver = Receiver::start().await;
    let port = receiver.port();
    let inside = format!("http://receiver.example:{port}/events");
    let closed = "its name leads to no address of the public internet";
    for addresses in [
        &["10.0.0.1"][..],
        &["169.254.169.254"],
        &["::ffff:10.0.0.1"],
        // One of several is enough, wherever it stands.
        &["127.0.0.1", "192.168.0.1"],
        // A name that leads nowhere looks the same to its owner.
        &[],
    ] {
        let (message, tried) = led_to(Reach::Local, &inside, addresses).await;
        assert!(!message.delivered);
        assert_eq!(tried.error.as_deref(), Some(closed), "{addresses:?}");
    }
    let public = "https://receiver.example/events";
    for addresses in [&["127.0.0.1"][..], &["8.8.8.8", "::1"], &["100.64.0.1"]] {
        let (_, tried) = led_to(Reach::Public, public, addresses).await;
        assert_eq!(tried.error.as_deref(), Some(closed), "{addresses:?}");
    }
    // What was added while the operator spoke to this machine is not spoken to when it does not any more.
    let (_, tried) = led_to(Reach::Public, &inside, &["127.0.0.1"]).await;
    assert_eq!(tried.error.as_deref(), Some(closed));
    assert_eq!(receiver.count(), 0);
    // The connection is made to the address that was looked at.
    let (_, tried) = led_to(Reach::Local, &inside, &["127.0.0.1"]).await;
    assert_eq!((tried.status, tried.error), (Some(200), None));
    assert_eq!(
        receiver.wait(1).await[0].header("host"),
        format!("receiver.example:{port}")
    );
}

#[tokio::test]
async fn what_speaks_no_tls_gets_nothing() {
    let receiver = Receiver::start().await;
    let url = format!("https://receiver.example:{}/events", receiver.port());
    let (message, tried) = led_to(Reach::Local, &url, &["127.0.0.1"]).await;
    assert!(!message.delivered);
    assert_eq!(tried.status, None);
    assert!(tried.error.is_some());
    assert_eq!(receiver.count(), 0, "no message was read in the clear");
}
