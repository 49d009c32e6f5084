//! Who may read a blob.

use std::collections::{BTreeMap, BTreeSet};

use proofmark_blobs::OwnerName;
use proofmark_core::{Digest, Timestamp};
use proofmark_criteria::Verdict;
use proofmark_keys::{KeyId, PublicKey};
use proofmark_market::event::{Event, Noted, Subject};
use proofmark_market::{Contract, ContractId, Market};

use crate::ticket;

/// The name of an owner: its key.
pub(crate) fn owner(key: &KeyId) -> OwnerName {
    OwnerName::new(&key.to_string()).expect("64 lowercase hexadecimal digits")
}

/// Something that a contract names: a manifest with what it lists, or a file on its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its digest.
    pub(crate) root: Digest,
    /// Who brought it in, and must have uploaded it and all that it lists. Else whoever knows the digest of something
    /// could bring it in, and have it read to him.
    pub(crate) by: KeyId,
}

/// What somebody may read because of a contract.
///
/// Who judges may read what is to be judged: the engines that count in the market, its operator, and the arbiter once
/// it has been called. The buyer and its reviewers may read work that has passed, because only that is paid for. What
/// an oracle states, and the reasons of an arbiter, are for both sides.
pub(crate) fn readable(market: &Market, id: &ContractId, who: &KeyId, now: Timestamp) -> Vec<Part> {
    let Some(contract) = market.contract(id) else {
        return Vec::new();
    };
    let story = market.story(&Subject::Contract(*id));
    let passed = passed(story);
    let judges = judges(market, contract, who, now);
    let reviews = contract.terms.human_review.as_ref();
    let reviews = reviews.is_some_and(|it| it.reviewers.contains(who));
    let takes = *who == contract.buyer || reviews;
    let side = contract.side(*who).is_some();
    let part = |noted: &Noted| match noted.event {
        Event::Submitted {
            run, submission, ..
        } if judges || (takes && passed.contains(&run)) => Some(Part {
            root: submission,
            by: contract.supplier,
        }),
        Event::EvidenceStated {
            oracle, evidence, ..
        } if judges || side => Some(Part {
            root: evidence,
            by: oracle,
        }),
        Event::Ruled { reasons, .. } if judges || side => Some(Part {
            root: reasons,
            by: contract.terms.arbitration.as_ref()?.arbiter,
        }),
        _ => None,
    };
    story.iter().filter_map(part).collect()
}

/// A side of the contract judges nothing in it, whatever other office it has.
fn judges(market: &Market, contract: &Contract, who: &KeyId, now: Timestamp) -> bool {
    let arbitration = contract.terms.arbitration.as_ref();
    let arbiter = arbitration.is_some_and(|it| it.arbiter == *who) && !contract.raised.is_empty();
    let operator = PublicKey::from_pem(&market.rules().operator).is_ok_and(|it| it.id() == *who);
    contract.side(*who).is_none()
        && (arbiter || operator || ticket::engine(market, who, now).is_some())
}

/// Runs that passed. A verdict that is overturned is that of the run that was judged last.
fn passed(story: &[Noted]) -> BTreeSet<u32> {
    let (mut verdicts, mut last) = (BTreeMap::new(), None);
    for noted in story {
        match noted.event {
            Event::Judged { run, verdict, .. } => {
                verdicts.insert(run, verdict);
                last = Some(run);
            }
            // Also of a dispute that nobody decided.
            Event::NotJudged { run } => {
                verdicts.remove(&run);
            }
            Event::VerdictOverturned { verdict } => verdicts.extend(last.map(|run| (run, verdict))),
            _ => {}
        }
    }
    verdicts.retain(|_, verdict| *verdict == Verdict::Pass);
    verdicts.into_keys().collect()
}
