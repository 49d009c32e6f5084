//! The published award: everything it follows from, and a digest over it.

use proofmark_core::{Digest, uri};
use serde::{Deserialize, Serialize};

use super::{Assessment, AwardTerms, Candidate, Win, choose};

/// A candidate, and what was found of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessed {
    /// Its total price, or why it does not count.
    pub assessment: Assessment,
    /// The bid, and what is known of it.
    pub candidate: Candidate,
}

/// Everything an award follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwardBasis {
    /// Every bid, by sequence, then digest.
    pub candidates: Vec<Assessed>,
    /// The rules.
    pub terms: AwardTerms,
}

/// An award as it is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Award {
    /// Everything it follows from.
    pub basis: AwardBasis,
    /// The winner, if any bid was eligible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Win>,
    /// SHA-256 over the canonical JSON of [`uri::AWARD_V1`], basis and winner.
    pub digest: Digest,
}

/// What the digest covers.
#[derive(Serialize)]
struct Covered<'a> {
    basis: &'a AwardBasis,
    schema: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    winner: Option<&'a Win>,
}

/// An award that does not follow from its basis. Whoever published it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongAward {
    /// The bids are not ordered by sequence, then digest.
    #[error("the bids are not in the order of their sequence")]
    Order,
    /// A bid was found to be what it is not.
    #[error("the assessment of bid {bid} is not what follows from the terms")]
    Assessment {
        /// The first such bid.
        bid: Digest,
        /// What follows from the terms.
        right: Assessment,
    },
    /// Another bid wins, or is paid otherwise.
    #[error("the winner, or what it is paid, is not what follows from the bids")]
    Winner {
        /// The right winner, if there is one.
        right: Option<Box<Win>>,
    },
    /// The digest is of something else.
    #[error("the digest is not of this award")]
    Digest {
        /// The digest of what was published.
        right: Digest,
    },
}

/// Assesses the bids, chooses by the rule, and fixes all of it in a digest. The order of `candidates` does not
/// matter.
#[must_use]
pub fn award(terms: &AwardTerms, candidates: &[Candidate]) -> Award {
    let mut candidates = candidates.to_vec();
    candidates.sort_by_key(|candidate| (candidate.sequence, candidate.bid));
    let choice = choose(terms, &candidates);
    let pairs = candidates.into_iter().zip(choice.assessments);
    let basis = AwardBasis {
        terms: terms.clone(),
        candidates: pairs
            .map(|(candidate, assessment)| Assessed {
                candidate,
                assessment,
            })
            .collect(),
    };
    let digest = digest(&basis, choice.winner.as_ref());
    Award {
        basis,
        winner: choice.winner,
        digest,
    }
}

/// Whether a published award follows from its basis: every assessment, the winner, what it is paid, the digest.
///
/// # Errors
/// [`WrongAward`] names the first thing that does not, in the order of its variants.
pub fn recompute(published: &Award) -> Result<(), WrongAward> {
    let basis = &published.basis;
    let candidates: Vec<_> = basis
        .candidates
        .iter()
        .map(|it| it.candidate.clone())
        .collect();
    if !candidates.is_sorted_by_key(|candidate| (candidate.sequence, candidate.bid)) {
        return Err(WrongAward::Order);
    }
    let choice = choose(&basis.terms, &candidates);
    for (assessed, right) in basis.candidates.iter().zip(choice.assessments) {
        if assessed.assessment != right {
            let bid = assessed.candidate.bid;
            return Err(WrongAward::Assessment { bid, right });
        }
    }
    if published.winner != choice.winner {
        let right = choice.winner.map(Box::new);
        return Err(WrongAward::Winner { right });
    }
    let right = digest(basis, published.winner.as_ref());
    match published.digest == right {
        true => Ok(()),
        false => Err(WrongAward::Digest { right }),
    }
}

/// Members of everything in an award are declared in the order of RFC 8785, so that the compact form which serde
/// writes is the canonical one; a test holds it against `proofmark_core::canonical`.
fn digest(basis: &AwardBasis, winner: Option<&Win>) -> Digest {
    let covered = Covered {
        schema: uri::AWARD_V1,
        basis,
        winner,
    };
    let bytes = serde_json::to_vec(&covered).expect("it is text, numbers and lists");
    Digest::of(&bytes)
}
