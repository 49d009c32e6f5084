//! One call: what goes in, and what comes out.

use proofmark_attestation::bundle::MAX_BUNDLE_BYTES;
use proofmark_attestation::verify::{Request, verify_json};
use serde_json::json;

/// Longest part in bytes: one more than the longest bundle, which is the longest of the parts. What is cut off
/// here is too long still, and the rules say so.
pub const PART_LIMIT_BYTES: usize = MAX_BUNDLE_BYTES + 1;

/// What a call is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The bundle.
    Bundle,
    /// The signed trust policy.
    Policy,
    /// What the settlement knows by itself, the time included.
    Facts,
    /// Digest of the only policy that is acceptable; empty if there is none.
    Pin,
    /// The newest policy that was accepted so far; empty if there is none.
    Remembered,
    /// The contract's criteria document; empty if it is not at hand.
    Criteria,
    /// The submission's manifest, made from the work itself; empty if it is not at hand.
    Submission,
    /// Another bundle, in which a conflict may show. Each is added to those before.
    Known,
}

/// A call and its answer.
#[derive(Debug, Default)]
pub struct Call {
    parts: [Vec<u8>; 7],
    known: Vec<Vec<u8>>,
    answer: String,
}

impl Part {
    /// The part with this number.
    #[must_use]
    pub const fn of_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Bundle),
            1 => Some(Self::Policy),
            2 => Some(Self::Facts),
            3 => Some(Self::Pin),
            4 => Some(Self::Remembered),
            5 => Some(Self::Criteria),
            6 => Some(Self::Submission),
            7 => Some(Self::Known),
            _ => None,
        }
    }
}

impl Call {
    /// Room for a part: zeroes, cut off at [`PART_LIMIT_BYTES`].
    pub fn room(&mut self, part: Part, length: usize) -> &mut [u8] {
        let room = vec![0; length.min(PART_LIMIT_BYTES)];
        match part {
            Part::Known => {
                self.known.push(room);
                self.known.last_mut().expect("it was just put there")
            }
            part => {
                self.parts[part as usize] = room;
                &mut self.parts[part as usize]
            }
        }
    }

    /// Forgets every part.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Verifies the parts. They are kept, so that one policy serves many bundles.
    pub fn verify(&mut self) -> &str {
        let answer = match self.ask() {
            Ok(answer) => json!({ "answer": answer }),
            Err(error) => json!({ "error": error }),
        };
        self.answer = answer.to_string();
        &self.answer
    }

    /// The last answer; empty before the first.
    #[must_use]
    pub fn answer(&self) -> &str {
        &self.answer
    }

    fn ask(&self) -> Result<serde_json::Value, String> {
        let [bundle, policy, facts, pin, remembered, criteria, submission] = &self.parts;
        let pin = str::from_utf8(pin).map_err(|_| "pin: not UTF-8".to_owned())?;
        fn given(part: &[u8]) -> Option<&[u8]> {
            Some(part).filter(|part| !part.is_empty())
        }
        verify_json(&Request {
            bundle,
            policy,
            facts,
            pin: Some(pin).filter(|pin| !pin.is_empty()),
            remembered: given(remembered),
            criteria: given(criteria),
            submission: given(submission),
            known: &self.known,
        })
    }
}

#[cfg(test)]
mod tests;
