//! Histories by chance: nothing breaks, and everything that should happen sometimes does.

use proofmark_simulator::campaign::{Campaign, run};
use proofmark_simulator::season::{Plan, tale};

/// So many take about a minute on two cores; `PROOFMARK_HISTORIES` asks for more.
const HISTORIES: u64 = 10_000;

#[test]
fn nothing_breaks_and_everything_is_seen() {
    let asked = std::env::var("PROOFMARK_HISTORIES").ok();
    let histories = asked.map_or(HISTORIES, |text| text.parse().expect("a number"));
    let campaign = Campaign {
        histories,
        ..Campaign::default()
    };
    let played = run(&campaign);
    if let Some(seed) = played.broken.first() {
        panic!("{}", tale(&Plan::of(*seed)));
    }
    assert!(played.histories >= histories);
    assert_eq!(played.seen.missing(), Vec::<String>::new(), "never seen");
}
