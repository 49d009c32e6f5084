//! What terms say, in the order in which it matters to who reads them.

use proofmark_market::PartyId;
use proofmark_market::award::{AwardRule, Qualification};
use proofmark_market::terms::{Arbitration, BidMode, HumanReview, Terms, Warranty};

use crate::shown::{duration, money, percent};

/// Some of the terms, under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// What each term is called, and what it says, with amounts and times as people read them.
    pub rows: Vec<(&'static str, String)>,
}

/// All that terms say.
#[must_use]
pub fn told(terms: &Terms) -> Vec<Group> {
    let group = |title, rows| Group { title, rows };
    let mut groups = vec![
        group("What is to be delivered", work(terms)),
        group("How the bid is chosen", award(terms)),
        group("How long everything may take", windows(terms)),
        group("What is put up", stakes(terms)),
        group("What is lost, and by what", penalties(terms)),
    ];
    let asked = qualification(&terms.award.qualification, terms);
    if !asked.is_empty() {
        groups.push(group("Who may bid", asked));
    }
    if let Some(review) = &terms.human_review {
        groups.push(group("Review by people", reviewed(review)));
    }
    if let Some(warranty) = &terms.warranty {
        groups.push(group("Warranty", warranted(warranty)));
    }
    if let Some(arbitration) = &terms.arbitration {
        groups.push(group("Arbitration", arbitrated(arbitration, terms)));
    }
    groups
}

fn work(terms: &Terms) -> Vec<(&'static str, String)> {
    let engines = &terms.engines;
    let mut rows: Vec<_> = terms
        .milestones
        .iter()
        .map(|it| {
            let share = percent(it.share);
            let criteria = it.criteria;
            (
                "Milestone",
                format!("{}: {share} by {criteria}", it.deliverable),
            )
        })
        .collect();
    rows.extend([
        ("Attempts", terms.attempts.to_string()),
        (
            "Engines that must agree",
            format!("{} of {}", engines.threshold, engines.keys.len()),
        ),
        ("Engines", names(&engines.keys)),
        ("Engine profile", engines.profile.to_string()),
    ]);
    if let Some(reference) = &terms.reference {
        rows.push(("Reference", reference.clone()));
    }
    rows
}

fn award(terms: &Terms) -> Vec<(&'static str, String)> {
    let award = &terms.award;
    let shown = |amount| money(amount, terms.asset);
    let rule = match award.rule {
        AwardRule::FirstPrice => "the lowest price wins, and is paid",
        AwardRule::FirstScore => "the lowest total price wins, and is paid its own price",
        AwardRule::SecondScore => {
            "the lowest total price wins, and is paid what the next one would have cost"
        }
    };
    let bids = match award.bids {
        BidMode::Open => "open",
        BidMode::Sealed => "sealed",
    };
    let mut rows = vec![
        ("Rule", rule.to_owned()),
        ("Bids", bids.to_owned()),
        ("Highest price", shown(award.price_ceiling)),
    ];
    if let Some(total) = award.total_ceiling {
        rows.push(("Highest total price", shown(total)));
    }
    rows.push((
        "What a failed attempt costs the buyer",
        shown(terms.losses.fail),
    ));
    rows.push((
        "What a late defect costs the buyer",
        shown(terms.losses.defect),
    ));
    rows
}

fn windows(terms: &Terms) -> Vec<(&'static str, String)> {
    let it = &terms.windows;
    let mut rows = vec![("To bid", duration(it.bidding_seconds))];
    if let Some(reveal) = it.reveal_seconds {
        rows.push(("To reveal", duration(reveal)));
    }
    rows.extend([
        ("Bids stay firm after that", duration(it.award_seconds)),
        ("To deliver", duration(it.delivery_seconds)),
        ("To try again, at least", duration(it.retry_seconds)),
        ("To judge", duration(it.verification_seconds)),
        ("To challenge a verdict", duration(it.challenge_seconds)),
        ("To run it again", duration(it.rerun_seconds)),
    ]);
    rows
}

fn stakes(terms: &Terms) -> Vec<(&'static str, String)> {
    let shown = |amount| money(amount, terms.asset);
    vec![
        ("With every bid", shown(terms.bonds.bid)),
        ("Performance bond, at least", shown(terms.bonds.performance)),
        ("With every challenge", shown(terms.bonds.challenge)),
        (
            "Held back of the price until it is final",
            percent(terms.holdback),
        ),
        (
            "Market fee, on top of the price",
            percent(terms.fees.market),
        ),
        ("For each verdict", shown(terms.fees.verification)),
    ]
}

fn penalties(terms: &Terms) -> Vec<(&'static str, String)> {
    let it = &terms.penalties;
    let of_bond = |share| format!("{} of the bond", percent(share));
    vec![
        (
            "The buyer cancels the RFQ",
            format!("{} to the bidders", money(it.cancelled_rfq, terms.asset)),
        ),
        (
            "The buyer cancels the contract",
            format!("{} of the price", percent(it.cancelled)),
        ),
        ("The work fails to the end", of_bond(it.rejected)),
        ("The supplier resigns", of_bond(it.resigned)),
        ("The supplier does not deliver", of_bond(it.defaulted)),
        (
            "What of it the buyer gets",
            format!("{}, the pool the rest", percent(it.to_buyer)),
        ),
    ]
}

fn qualification(it: &Qualification, terms: &Terms) -> Vec<(&'static str, String)> {
    let per_day = |milli: u64| format!("{}.{:03} contracts", milli / 1_000, milli % 1_000);
    [
        ("Passes, at least", it.benchmark_min.map(percent)),
        ("Failed contracts, at most", it.errors_max.map(percent)),
        ("Kept promises, at least", it.uptime_min.map(percent)),
        (
            "Final each day, at least",
            it.finals_per_day_min_milli.map(per_day),
        ),
        (
            "95 % of passes come within",
            it.latency_max_seconds.map(duration),
        ),
        (
            "A newcomer instead bonds, at least",
            it.newcomer_bond.map(|bond| money(bond, terms.asset)),
        ),
    ]
    .into_iter()
    .filter_map(|(what, value)| Some((what, value?)))
    .collect()
}

fn reviewed(it: &HumanReview) -> Vec<(&'static str, String)> {
    vec![
        ("Reviewers", names(&it.reviewers)),
        ("What they may object to", it.grounds.join(", ")),
        (
            "They may withhold, at most",
            format!("{} of the price", percent(it.cap)),
        ),
    ]
}

fn warranted(it: &Warranty) -> Vec<(&'static str, String)> {
    let steps = it.clawback.steps().iter().map(|step| {
        format!(
            "{} after {}",
            percent(step.share),
            duration(step.after_seconds)
        )
    });
    vec![
        ("From payment to finality", duration(it.warranty_seconds)),
        ("Evidence is taken for", duration(it.evidence_seconds)),
        ("How often", it.evidence_max.to_string()),
        ("To mend what was found", duration(it.cure_seconds)),
        ("Oracles", names(&it.oracles)),
        ("The evidence is judged by", it.criteria.to_string()),
        (
            "Paid back of the price",
            steps.collect::<Vec<_>>().join(", then "),
        ),
    ]
}

fn arbitrated(it: &Arbitration, terms: &Terms) -> Vec<(&'static str, String)> {
    vec![
        ("Arbiter", it.arbiter.to_string()),
        ("Each side puts up", money(it.fee, terms.asset)),
        ("To respond", duration(it.respond_seconds)),
        ("To make offers", duration(it.offer_seconds)),
        ("To rule", duration(it.ruling_seconds)),
    ]
}

fn names(parties: &[PartyId]) -> String {
    let names = parties.iter().map(ToString::to_string);
    names.collect::<Vec<_>>().join(", ")
}
