//! What terms may say: each part within its limits, and no two parts against each other.

use std::fmt;

use proofmark_core::canonical::{self, ParseLimits};
use proofmark_core::{Digest, Ppm};
use proofmark_ledger::Amount;

use super::{Arbitration, BidMode, MAX_TERMS_BYTES, Terms, Warranty};
use crate::award::AwardRule;
use crate::ids::PartyId;
use crate::rules::Rules;

/// Longest window: 366 days.
pub const MAX_WINDOW_SECONDS: u64 = 366 * 86_400;
/// Most attempts at one milestone.
pub const MAX_ATTEMPTS: u32 = 10;
/// Most milestones.
pub const MAX_MILESTONES: usize = 8;
/// Most keys in each list of keys.
pub const MAX_NAMED_KEYS: usize = 16;
/// Most bytes of each name.
const MAX_NAME_BYTES: usize = 64;
/// Most pieces of evidence about one contract: each keeps it from finality while it is judged.
pub const MAX_EVIDENCE: u32 = 8;
/// A buyer has to answer once where a reviewer withheld something, and once for each piece of evidence; a supplier
/// once. Without a warranty there is none of this, but the budget is the same as with one piece.
pub(super) const BUYER_ANSWERS: u32 = 2;
/// Shortest time to answer to a claim, which is granted without an answer.
const MIN_RESPOND_SECONDS: u64 = 3_600;
/// Most grounds of a human review.
const MAX_GROUNDS: usize = 8;

/// Terms that nobody can be held to. The buyer who wrote them is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// Too long, not of the JSON profile, or with other members than terms have.
    #[error("these are no terms: {0}")]
    Malformed(String),
    /// The canonical bytes are signed, and these are others.
    #[error("the terms are not canonical JSON")]
    NotCanonical,
    /// A part is outside its limits.
    #[error("{pointer}: {message}")]
    Limit {
        /// RFC 6901 JSON Pointer.
        pointer: &'static str,
        /// What is wrong.
        message: &'static str,
    },
    /// Two parts cannot both hold.
    #[error("{first} and {second} contradict each other: {message}")]
    Contradiction {
        /// RFC 6901 JSON Pointer to the one.
        first: &'static str,
        /// To the other; `rules:` stands before one into the rules of the market.
        second: &'static str,
        /// Why not.
        message: &'static str,
    },
}

impl TermsError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "terms-malformed",
            Self::NotCanonical => "terms-not-canonical",
            Self::Limit { .. } => "terms-limit",
            Self::Contradiction { .. } => "terms-contradict",
        }
    }
}

type Check = Result<(), TermsError>;

impl Terms {
    /// Reads the canonical bytes of terms.
    ///
    /// # Errors
    /// [`TermsError`], the first in the order of the variants.
    pub fn parse(bytes: &[u8]) -> Result<Self, TermsError> {
        let limits = ParseLimits {
            max_bytes: MAX_TERMS_BYTES,
            max_depth: 8,
        };
        let malformed = |error: &dyn fmt::Display| TermsError::Malformed(error.to_string());
        if bytes.len() <= MAX_TERMS_BYTES
            && let Ok(terms) = serde_json::from_slice::<Self>(bytes)
            && canonical::to_bytes(&terms).is_ok_and(|canonical| canonical == bytes)
        {
            return Ok(terms);
        }
        // Once more and slowly, to say what is wrong.
        let value = canonical::parse(bytes, limits).map_err(|error| malformed(&error))?;
        canonical::read_as::<Self>(&value).map_err(|error| malformed(&error))?;
        Err(TermsError::NotCanonical)
    }

    /// Whether these terms can be held, under the rules of a market, by a buyer.
    ///
    /// # Errors
    /// The first [`TermsError`] in the order: limits of single parts, then pairs that contradict each other.
    pub fn check(&self, rules: &Rules, buyer: &PartyId) -> Check {
        names(self)?;
        keys(self)?;
        counts(self)?;
        windows(self)?;
        moments(self, rules)?;
        shares(self)?;
        times(self)?;
        money(self)?;
        arbitration(self)?;
        offices(self, rules, buyer)
    }
}

fn limit(holds: bool, pointer: &'static str, message: &'static str) -> Check {
    match holds {
        true => Ok(()),
        false => Err(TermsError::Limit { pointer, message }),
    }
}

pub(crate) fn agree(
    holds: bool,
    first: &'static str,
    second: &'static str,
    message: &'static str,
) -> Check {
    match holds {
        true => Ok(()),
        false => Err(TermsError::Contradiction {
            first,
            second,
            message,
        }),
    }
}

/// 1 to 64 visible ASCII characters other than quotation mark and backslash.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    (1..=MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(plain)
}

fn names(terms: &Terms) -> Check {
    limit(
        terms.schema == Terms::SCHEMA,
        "/schema",
        "it is not the schema of terms",
    )?;
    const NAME: &str =
        "a name has 1 to 64 visible ASCII characters other than quotation mark and backslash";
    limit(is_name(&terms.outcome_class), "/outcome_class", NAME)?;
    let plain = |text: &Option<String>| text.as_deref().is_none_or(is_name);
    limit(plain(&terms.instrument), "/instrument", NAME)?;
    limit(plain(&terms.reference), "/reference", NAME)?;
    let mut deliverables = terms.milestones.iter().map(|one| &one.deliverable);
    limit(deliverables.all(|name| is_name(name)), "/milestones", NAME)?;
    let mut grounds = terms.human_review.iter().flat_map(|one| &one.grounds);
    limit(
        grounds.all(|name| is_name(name)),
        "/human_review/grounds",
        NAME,
    )
}

fn are_keys(keys: &[PartyId]) -> bool {
    (1..=MAX_NAMED_KEYS).contains(&keys.len()) && keys.is_sorted_by(|one, other| one < other)
}

fn keys(terms: &Terms) -> Check {
    const KEYS: &str = "1 to 16 different keys are listed, in ascending order";
    limit(are_keys(&terms.engines.keys), "/engines/keys", KEYS)?;
    let reviewers = terms.human_review.as_ref().map(|one| &one.reviewers);
    limit(
        reviewers.is_none_or(|keys| are_keys(keys)),
        "/human_review/reviewers",
        KEYS,
    )?;
    let oracles = terms.warranty.as_ref().map(|one| &one.oracles);
    limit(
        oracles.is_none_or(|keys| are_keys(keys)),
        "/warranty/oracles",
        KEYS,
    )
}

fn counts(terms: &Terms) -> Check {
    limit(
        (1..=MAX_MILESTONES).contains(&terms.milestones.len()),
        "/milestones",
        "there are 1 to 8 milestones",
    )?;
    limit(
        (1..=MAX_ATTEMPTS).contains(&terms.attempts),
        "/attempts",
        "there are 1 to 10 attempts",
    )?;
    limit(
        terms.engines.threshold >= 1,
        "/engines/threshold",
        "at least one engine must sign",
    )?;
    let grounds = terms.human_review.as_ref().map(|one| one.grounds.len());
    limit(
        grounds.is_none_or(|count| (1..=MAX_GROUNDS).contains(&count)),
        "/human_review/grounds",
        "there are 1 to 8 grounds",
    )?;
    let evidence = terms.warranty.as_ref().map(|one| one.evidence_max);
    limit(
        evidence.is_none_or(|count| (1..=MAX_EVIDENCE).contains(&count)),
        "/warranty/evidence_max",
        "evidence is taken 1 to 8 times",
    )?;
    let schedule = terms.warranty.as_ref().map(|one| one.clawback.is_sound());
    limit(
        schedule.unwrap_or(true),
        "/warranty/clawback",
        "there are 1 to 16 steps in ascending order of time, whose shares never rise",
    )
}

/// Every window that the terms have: where it stands, how long it is, and whether somebody must act in it at a moment
/// that another chose.
fn all_windows(terms: &Terms) -> Vec<(&'static str, u64, bool)> {
    let it = &terms.windows;
    let warranty = |of: fn(&Warranty) -> u64| terms.warranty.as_ref().map(of);
    let arbitration = |of: fn(&Arbitration) -> u64| terms.arbitration.as_ref().map(of);
    let all = [
        ("/windows/bidding_seconds", Some(it.bidding_seconds), false),
        ("/windows/reveal_seconds", it.reveal_seconds, true),
        ("/windows/award_seconds", Some(it.award_seconds), true),
        (
            "/windows/delivery_seconds",
            Some(it.delivery_seconds),
            false,
        ),
        ("/windows/retry_seconds", Some(it.retry_seconds), true),
        (
            "/windows/verification_seconds",
            Some(it.verification_seconds),
            true,
        ),
        (
            "/windows/challenge_seconds",
            Some(it.challenge_seconds),
            true,
        ),
        ("/windows/rerun_seconds", Some(it.rerun_seconds), true),
        (
            "/warranty/warranty_seconds",
            warranty(|it| it.warranty_seconds),
            false,
        ),
        (
            "/warranty/evidence_seconds",
            warranty(|it| it.evidence_seconds),
            false,
        ),
        (
            "/warranty/cure_seconds",
            warranty(|it| it.cure_seconds),
            true,
        ),
        (
            "/arbitration/respond_seconds",
            arbitration(|it| it.respond_seconds),
            true,
        ),
        (
            "/arbitration/offer_seconds",
            arbitration(|it| it.offer_seconds),
            true,
        ),
        (
            "/arbitration/ruling_seconds",
            arbitration(|it| it.ruling_seconds),
            true,
        ),
    ];
    let given = all.into_iter();
    let given = given.filter_map(|(pointer, seconds, moment)| Some((pointer, seconds?, moment)));
    given.collect()
}

fn windows(terms: &Terms) -> Check {
    for (pointer, seconds, _) in all_windows(terms) {
        limit(
            (1..=MAX_WINDOW_SECONDS).contains(&seconds),
            pointer,
            "a window is 1 second to 366 days",
        )?;
    }
    Ok(())
}

/// Whoever must act at a moment that somebody else chose has at least so long.
fn moments(terms: &Terms, rules: &Rules) -> Check {
    for (pointer, seconds, moment) in all_windows(terms) {
        let message = "the rules of the market ask for a longer window: `window_min_seconds`";
        limit(
            !moment || seconds >= rules.window_min_seconds,
            pointer,
            message,
        )?;
    }
    Ok(())
}

fn shares(terms: &Terms) -> Check {
    let shares: u64 = terms
        .milestones
        .iter()
        .map(|one| u64::from(one.share.get()))
        .sum();
    let positive = terms.milestones.iter().all(|one| one.share > Ppm::ZERO);
    limit(
        positive,
        "/milestones",
        "every milestone has a share of the price",
    )?;
    agree(
        shares == u64::from(Ppm::ONE.get()),
        "/milestones",
        "/award/price_ceiling",
        "the shares of the milestones are not the whole price",
    )?;
    let mut names: Vec<_> = terms
        .milestones
        .iter()
        .map(|one| &one.deliverable)
        .collect();
    names.sort_unstable();
    agree(
        names.windows(2).all(|pair| pair[0] != pair[1]),
        "/milestones",
        "/milestones",
        "two milestones have one name",
    )?;
    let cap = terms.human_review.as_ref().map_or(Ppm::ZERO, |one| one.cap);
    agree(
        cap <= terms.holdback,
        "/human_review/cap",
        "/holdback",
        "reviewers may withhold more than is held back",
    )?;
    agree(
        terms.holdback == Ppm::ZERO || terms.warranty.is_some(),
        "/holdback",
        "/warranty",
        "without a warranty there is nothing to hold back for",
    )?;
    agree(
        cap == Ppm::ZERO || terms.arbitration.is_some(),
        "/human_review/cap",
        "/arbitration",
        "nobody could say that a review is unfounded",
    )?;
    let half = Ppm::ONE.get() / 2;
    agree(
        terms.penalties.to_buyer.get() <= half,
        "/penalties/to_buyer",
        "/bonds/performance",
        "the buyer would get more than half of a lost bond, and gain by making suppliers fail",
    )?;
    agree(
        terms.penalties.resigned <= terms.penalties.rejected,
        "/penalties/resigned",
        "/penalties/rejected",
        "saying that one will not deliver would cost more than delivering what is none",
    )?;
    agree(
        terms.penalties.resigned <= terms.penalties.defaulted,
        "/penalties/resigned",
        "/penalties/defaulted",
        "saying that one will not deliver would cost more than silence",
    )
}

fn times(terms: &Terms) -> Check {
    let sealed = terms.award.bids == BidMode::Sealed;
    agree(
        sealed == terms.windows.reveal_seconds.is_some(),
        "/award/bids",
        "/windows/reveal_seconds",
        "sealed bids have a window to reveal them, open bids have none",
    )?;
    let Some(warranty) = &terms.warranty else {
        return Ok(());
    };
    agree(
        warranty.evidence_seconds <= warranty.warranty_seconds,
        "/warranty/evidence_seconds",
        "/warranty/warranty_seconds",
        "evidence would be taken after everything is final",
    )?;
    let last = warranty.clawback.steps().last();
    agree(
        last.is_none_or(|step| step.after_seconds <= warranty.warranty_seconds),
        "/warranty/clawback",
        "/warranty/warranty_seconds",
        "a step of the schedule lies after finality",
    )
}

fn money(terms: &Terms) -> Check {
    let (bonds, fees, award) = (&terms.bonds, &terms.fees, &terms.award);
    limit(
        !award.price_ceiling.is_zero(),
        "/award/price_ceiling",
        "nothing can be bought for nothing",
    )?;
    agree(
        bonds.bid <= bonds.performance,
        "/bonds/bid",
        "/bonds/performance",
        "the bid bond becomes part of the performance bond and is larger than it",
    )?;
    let second = award.rule == AwardRule::SecondScore;
    agree(
        !(second && award.bids == BidMode::Open),
        "/award/rule",
        "/award/bids",
        "with open bids, whoever sees the lowest could bid just above it, and lower what its supplier is paid",
    )?;
    agree(
        !(award.bids == BidMode::Sealed && bonds.bid.is_zero()),
        "/award/bids",
        "/bonds/bid",
        "without a bid bond, sealed bids could be revealed or not as suits when the others are known",
    )?;
    agree(
        bonds.challenge.saturating_sub(fees.verification) <= award.price_ceiling,
        "/bonds/challenge",
        "/award/price_ceiling",
        "a bond above the whole price and a run takes the challenge away",
    )?;
    agree(
        bonds.challenge >= fees.verification,
        "/bonds/challenge",
        "/fees/verification",
        "a lost challenge would not pay for the run that it caused",
    )?;
    agree(
        award
            .total_ceiling
            .is_none_or(|total| total >= fees.verification),
        "/award/total_ceiling",
        "/fees/verification",
        "no bid could be below the ceiling of the total price",
    )?;
    agree(
        terms.reservation().is_some(),
        "/award/price_ceiling",
        "/fees",
        "price, fees and verification together are more than an amount can be",
    )
}

/// Nobody loses a case because it cannot put up the fee to answer: what a contract holds for each side covers it.
fn arbitration(terms: &Terms) -> Check {
    let Some(arbitration) = &terms.arbitration else {
        return Ok(());
    };
    limit(
        arbitration.respond_seconds >= MIN_RESPOND_SECONDS,
        "/arbitration/respond_seconds",
        "there is an hour at least to answer",
    )?;
    let shares = terms.milestones.iter().map(|one| one.share);
    let least = shares.min().unwrap_or(Ppm::ZERO);
    let bond = terms.bonds.performance.share_down(least);
    agree(
        arbitration.fee <= bond,
        "/arbitration/fee",
        "/bonds/performance",
        "a supplier who has nothing else could not answer from the bond of its milestone",
    )
}

fn offices(terms: &Terms, rules: &Rules, buyer: &PartyId) -> Check {
    agree(
        rules.assets.contains(&terms.asset),
        "/asset",
        "rules:/assets",
        "the market does not keep accounts in this asset",
    )?;
    agree(
        (rules.fee_min..=rules.fee_max).contains(&terms.fees.market),
        "/fees/market",
        "rules:/fee_min",
        "the market takes another fee",
    )?;
    agree(
        terms.engines.threshold as usize <= terms.engines.keys.len(),
        "/engines/threshold",
        "/engines/keys",
        "more engines must sign than there are",
    )?;
    agree(
        !terms.engines.keys.contains(buyer),
        "/engines/keys",
        "buyer",
        "the buyer would judge the work that it buys",
    )?;
    let arbiter = terms.arbitration.as_ref().map(|one| &one.arbiter);
    agree(
        arbiter != Some(buyer),
        "/arbitration/arbiter",
        "buyer",
        "the buyer would rule in its own case",
    )
}

impl Terms {
    /// What the buyer must put aside for an RFQ: the highest price, its fee, and verification of every milestone.
    #[must_use]
    pub fn reservation(&self) -> Option<Amount> {
        let ceiling = self.award.price_ceiling;
        let milestones = u32::try_from(self.milestones.len()).ok()?;
        // Each milestone's fee is rounded up by itself.
        let fee = ceiling.share_up(self.fees.market);
        let rounding = Amount::new(i64::from(milestones)).ok()?;
        let verification = self.verification_budget()?.checked_mul(milestones)?;
        ceiling
            .checked_add(fee)?
            .checked_add(rounding)?
            .checked_add(verification)
    }

    /// Digest of the criteria of a milestone, counted from 1.
    #[must_use]
    pub fn criteria(&self, milestone: std::num::NonZeroU8) -> Option<Digest> {
        let index = usize::from(milestone.get()) - 1;
        self.milestones.get(index).map(|one| one.criteria)
    }
}
