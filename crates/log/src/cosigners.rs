//! Asking witnesses for cosignatures.

use std::str::FromStr;
use std::time::Duration;

use proofmark_tlog::cosignature::AnswerError;
use proofmark_tlog::note::{MAX_NOTE_BYTES, NoteKeyError};
use proofmark_tlog::witness::SIZE_CONTENT_TYPE;
use proofmark_tlog::{AddCheckpoint, Cosignature, Hash, KeyKind, NoteKey, SignedNote};

use crate::error::LogError;
use crate::log::Log;
use crate::web::{self, WebError};

/// Longest answer that is read: signature lines, as many as a note may have.
const MAX_ANSWER_BYTES: usize = MAX_NOTE_BYTES;

/// How often a witness is asked: once to learn what it knows, once more with a proof from there, and again if
/// somebody else showed it a checkpoint in between.
const MAX_ATTEMPTS: usize = 3;

/// A witness: its key, and the prefix under which it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigner {
    /// Whose cosignature is believed.
    pub key: NoteKey,
    /// `<url>/add-checkpoint` is asked.
    pub url: String,
}

/// Text that is no [`Cosigner`]. Whoever wrote it is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignerTextError {
    /// There is no `@http`.
    #[error("a witness is written as its key, an @ and its URL")]
    Form,
    /// The key is none.
    #[error("{0}")]
    Key(NoteKeyError),
    /// The key is not a witness's.
    #[error("the key is not that of a witness (type 04)")]
    Kind,
}

/// `<vkey>@<url>`. A key has no `@` after its name, so that the last one that a URL follows counts.
impl FromStr for Cosigner {
    type Err = CosignerTextError;

    fn from_str(text: &str) -> Result<Self, CosignerTextError> {
        let at = text.rfind("@http").ok_or(CosignerTextError::Form)?;
        let (key, url) = (&text[..at], &text[at + 1..]);
        let key: NoteKey = key.parse().map_err(CosignerTextError::Key)?;
        let is_url = ["http://", "https://"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        match (is_url, key.kind()) {
            (false, _) => Err(CosignerTextError::Form),
            (true, KeyKind::Ed25519) => Err(CosignerTextError::Kind),
            (true, KeyKind::Cosignature) => Ok(Self {
                key,
                url: url.to_owned(),
            }),
        }
    }
}

/// Why there is no cosignature of a witness. The witness, the network, or the log is to blame.
#[derive(Debug, thiserror::Error)]
pub enum CosignerError {
    /// It did not answer.
    #[error("the witness {url} gave no answer")]
    Web {
        /// Where it was asked.
        url: String,
        /// Why not.
        #[source]
        source: WebError,
    },
    /// It refused. With status 409, it has seen another tree of this size; with 422, a tree that this one does
    /// not grow from: whoever operates the log should want to know.
    #[error("the witness {url} refused with status {status}: {message}")]
    Refused {
        /// Where it was asked.
        url: String,
        /// HTTP status.
        status: u16,
        /// What it said, its first line.
        message: String,
    },
    /// Its answer is no cosignature of its key.
    #[error("the witness {url} answered with something else than its cosignature")]
    Answer {
        /// Where it was asked.
        url: String,
        /// What is wrong with it.
        #[source]
        source: AnswerError,
    },
    /// It has cosigned a larger tree than the log has.
    #[error("the witness {url} knows {known} entries of this log")]
    Ahead {
        /// Where it was asked.
        url: String,
        /// The size that it names.
        known: u64,
    },
    /// Somebody else shows it checkpoints of the log at the same moment, again and again. It is asked again later.
    #[error("the witness {url} was shown {known} entries of this log meanwhile")]
    Raced {
        /// Where it was asked.
        url: String,
        /// The size that it names: no larger than the log, and another than it named before.
        known: u64,
    },
    /// The log cannot prove its own growth.
    #[error("the log cannot prove that it has only grown")]
    Proof(#[source] LogError),
}

impl CosignerError {
    /// Whether the witness has cosigned a tree that the log is not, or has not grown from.
    #[must_use]
    pub const fn knows_another(&self) -> bool {
        matches!(
            self,
            Self::Ahead { .. }
                | Self::Refused {
                    status: 409 | 422,
                    ..
                }
        )
    }

    /// How many entries the witness knows, where those are more than the log has.
    #[must_use]
    pub const fn ahead(&self) -> Option<u64> {
        match self {
            Self::Ahead { known, .. } => Some(*known),
            _ => None,
        }
    }

    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Web { .. } => "witness-unreachable",
            Self::Refused { .. } => "witness-refused",
            Self::Answer { source, .. } => source.code(),
            Self::Ahead { .. } => "witness-ahead",
            Self::Raced { .. } => "witness-raced",
            Self::Proof(error) => error.code(),
        }
    }
}

/// What became of asking.
#[derive(Debug)]
pub struct Witnessed {
    /// The checkpoint with every cosignature that came.
    pub checkpoint: SignedNote,
    /// The cosignatures on it of the witnesses that were asked.
    pub cosignatures: Vec<Cosignature>,
    /// What did not come, and why.
    pub failures: Vec<CosignerError>,
}

impl Log {
    /// Asks witnesses to cosign the last checkpoint, and makes what comes durable and public. Each request takes
    /// at most `timeout`, and each witness is asked at most three times; all at the same time.
    ///
    /// # Errors
    /// As [`Log::publish_cosigned`]. That witnesses fail is no error: how many are enough is the caller's to say.
    pub fn collect_cosignatures(
        &mut self,
        cosigners: &[Cosigner],
        timeout: Duration,
    ) -> Result<Witnessed, LogError> {
        let answers = self.ask_all(cosigners, timeout);
        let mut checkpoint = self.verified().clone();
        let (mut cosignatures, mut failures) = (Vec::new(), Vec::new());
        for (cosigner, answer) in cosigners.iter().zip(answers) {
            let taken = answer.and_then(|answer| {
                let taken = checkpoint.take_answer(&answer, &[&cosigner.key]);
                taken.map_err(|source| CosignerError::Answer {
                    url: cosigner.url.clone(),
                    source,
                })
            });
            match taken {
                Ok(taken) => cosignatures.extend(taken),
                Err(failure) => failures.push(failure),
            }
        }
        if !cosignatures.is_empty() {
            self.publish_cosigned(checkpoint.note())?;
        }
        Ok(Witnessed {
            checkpoint: checkpoint.note().clone(),
            cosignatures,
            failures,
        })
    }

    fn ask_all(
        &self,
        cosigners: &[Cosigner],
        timeout: Duration,
    ) -> Vec<Result<String, CosignerError>> {
        std::thread::scope(|scope| {
            let asked = cosigners
                .iter()
                .map(|cosigner| scope.spawn(move || self.ask(cosigner, timeout)));
            let asked: Vec<_> = asked.collect();
            let answers = asked.into_iter().map(|thread| thread.join());
            answers
                .map(|answer| answer.expect("asking does not panic"))
                .collect()
        })
    }

    /// The signature lines that one witness answers with.
    fn ask(&self, cosigner: &Cosigner, timeout: Duration) -> Result<String, CosignerError> {
        let url = cosigner.url.trim_end_matches('/');
        let agent = web::agent(timeout);
        // What the witness knows, it says itself: first it is asked as if it knew nothing.
        let (mut old_size, mut proof) = (0, Vec::new());
        for _ in 0..MAX_ATTEMPTS {
            let answer = self.post(&agent, url, old_size, proof)?;
            let Some(known) = known_size(&answer).filter(|known| *known != old_size) else {
                return lines(url, answer);
            };
            if known > self.size() {
                return Err(CosignerError::Ahead {
                    url: url.to_owned(),
                    known,
                });
            }
            old_size = known;
            proof = self
                .prove_consistency(known)
                .map_err(CosignerError::Proof)?;
        }
        Err(CosignerError::Raced {
            url: url.to_owned(),
            known: old_size,
        })
    }

    fn post(
        &self,
        agent: &ureq::Agent,
        url: &str,
        old_size: u64,
        proof: Vec<Hash>,
    ) -> Result<web::Answer, CosignerError> {
        let note = self.checkpoint().clone();
        let request = AddCheckpoint {
            old_size,
            proof,
            note,
        }
        .to_string();
        let target = format!("{url}/add-checkpoint");
        let answer = web::post(agent, &target, &request, MAX_ANSWER_BYTES);
        answer.map_err(|source| CosignerError::Web {
            url: url.to_owned(),
            source,
        })
    }
}

/// The body of an answer that is a cosignature, whosoever it may be.
fn lines(url: &str, answer: web::Answer) -> Result<String, CosignerError> {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    match answer.status {
        200 => Ok(text),
        status => Err(CosignerError::Refused {
            url: url.to_owned(),
            status,
            message: text
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .take(200)
                .collect(),
        }),
    }
}

/// The size that a witness says it knows.
fn known_size(answer: &web::Answer) -> Option<u64> {
    let says_size = answer.status == 409 && answer.content_type == SIZE_CONTENT_TYPE;
    let text = std::str::from_utf8(&answer.body)
        .ok()
        .filter(|_| says_size)?;
    text.strip_suffix('\n')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_is_its_key_and_its_url() {
        let public = proofmark_keys::SecretKey::from_seed(&[2; 32]);
        let public = *proofmark_keys::Signer::public_key(&public);
        let name = || "me@http.example".parse().expect("a name");
        let (witness, log) = (
            NoteKey::witness(name(), public),
            NoteKey::log(name(), public),
        );
        let text = format!("{witness}@https://w.example/x");
        let cosigner: Cosigner = text.parse().expect("a witness");
        assert_eq!(
            (cosigner.key, &*cosigner.url),
            (witness.clone(), "https://w.example/x")
        );
        let refused = |text: String| text.parse::<Cosigner>().expect_err("no witness");
        assert_eq!(
            refused(format!("{log}@http://w.example")),
            CosignerTextError::Kind
        );
        assert_eq!(
            refused("https://w.example".to_owned()),
            CosignerTextError::Form
        );
        assert_eq!(
            refused(format!("{witness}@httpx://w.example")),
            CosignerTextError::Form
        );
        assert!(matches!(
            refused("me@http://w.example".to_owned()),
            CosignerTextError::Key(_)
        ));
    }
}
