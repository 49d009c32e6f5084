//! The log proof: of something else, of another log, or not witnessed.

use proofmark_attestation::Bundle;
use proofmark_attestation::verify::FailureCode::*;
use proofmark_tlog::{Hash, NoteSignature, SignedNote, leaf_hash};
use serde_json::json;

use super::valid::signed;
use super::{Case, bad};
use crate::world::*;

pub(crate) fn cases() -> Vec<Case> {
    [origins(), inclusions(), witnesses()]
        .into_iter()
        .flatten()
        .collect()
}

fn seen_by(witnesses: Vec<(u8, &'static str)>) -> Bundle {
    logged_as(
        signed(),
        &Logging {
            witnesses,
            ..Logging::default()
        },
    )
}

/// The proof's checkpoint with another text or other signatures.
fn checkpoint(
    bundle: &mut Bundle,
    change: impl FnOnce(&str, Vec<NoteSignature>) -> (String, Vec<NoteSignature>),
) {
    let log = bundle.log.as_mut().expect("it is logged");
    let note = &log.proof.checkpoint;
    let (text, signatures) = change(note.text(), note.signatures().to_vec());
    log.proof.checkpoint = SignedNote::new(text, signatures).expect("a note");
}

fn origins() -> Vec<Case> {
    let other = |key, origin| Logging {
        key,
        origin,
        ..Logging::default()
    };
    let anew = |text: String| {
        let mut bundle = bundle();
        let log = bundle.log.as_mut().expect("it is logged");
        log.proof.checkpoint =
            proofmark_tlog::sign_note(&text, &log_key(LOG, ORIGIN), &secret(LOG))
                .expect("it signs");
        bundle
    };
    let root = Hash::from_bytes([7; 32]);
    vec![
        bad(
            "log-missing",
            "The proof was left out, although the policy demands one.",
            LogMissing,
        )
        .change(|bundle| bundle.log = None),
        bad(
            "log-unknown",
            "The envelope is in a log that the policy does not know.",
            LogOrigin,
        )
        .bundle(&logged_as(
            signed(),
            &other(OTHER_LOG, "log.attacker.example"),
        )),
        bad(
            "log-name-taken",
            "Another key signs checkpoints in the log's name.",
            LogSignature,
        )
        .bundle(&logged_as(signed(), &other(OTHER_LOG, ORIGIN))),
        bad(
            "log-name-other-key-known",
            "The log's key signs a checkpoint in another name.",
            LogOrigin,
        )
        .bundle(&logged_as(signed(), &other(LOG, "log.example/other"))),
        bad(
            "checkpoint-unsigned",
            "The log's signature under the root was stripped; the witnesses' are there.",
            LogSignature,
        )
        .change(|bundle| {
            checkpoint(bundle, |text, mut lines| {
                lines.remove(0);
                (text.to_owned(), lines)
            })
        }),
        bad(
            "checkpoint-signed-by-witness",
            "A witness signs the checkpoint in the place of the log.",
            LogSignature,
        )
        .change(|bundle| {
            checkpoint(bundle, |text, mut lines| {
                let key = log_key(LOG, ORIGIN);
                let forged =
                    proofmark_tlog::sign_note(text, &log_key(BUYER, ORIGIN), &secret(BUYER))
                        .expect("it signs");
                lines[0] = NoteSignature {
                    id: key.id(),
                    ..forged.signatures()[0].clone()
                };
                (text.to_owned(), lines)
            })
        }),
        bad(
            "checkpoint-size-edited",
            "The size in the checkpoint was changed; the signatures stayed.",
            LogSignature,
        )
        .change(|bundle| {
            checkpoint(bundle, |text, lines| {
                (text.replacen("\n7\n", "\n8\n", 1), lines)
            })
        }),
        bad(
            "checkpoint-root-edited",
            "The root in the checkpoint was changed; the signatures stayed.",
            LogSignature,
        )
        .change(|bundle| {
            checkpoint(bundle, |_, lines| {
                (format!("{ORIGIN}\n7\n{}\n", root.to_base64()), lines)
            })
        }),
        bad(
            "checkpoint-extended",
            "A line was added to the checkpoint; the signatures stayed.",
            LogSignature,
        )
        .change(|bundle| checkpoint(bundle, |text, lines| (format!("{text}extension\n"), lines))),
        bad(
            "checkpoint-size-spelling",
            "The log signs a size with a leading zero.",
            LogMalformed,
        )
        .bundle(&anew(format!("{ORIGIN}\n07\n{}\n", root.to_base64()))),
        bad(
            "checkpoint-root-short",
            "The log signs a root of 31 bytes.",
            LogMalformed,
        )
        .bundle(&anew(format!(
            "{ORIGIN}\n7\n{}\n",
            "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw=="
        ))),
        bad(
            "checkpoint-without-root",
            "The log signs a checkpoint without a root.",
            LogMalformed,
        )
        .bundle(&anew(format!("{ORIGIN}\n7\n"))),
    ]
}

fn inclusions() -> Vec<Case> {
    let proof = |case: Case, change: fn(&mut proofmark_tlog::TlogProof)| {
        case.change(|bundle| change(&mut bundle.log.as_mut().expect("it is logged").proof))
    };
    let of_leaf = |leaf: Vec<u8>| {
        let mut bundle = bundle();
        let log = bundle.log.as_mut().expect("it is logged");
        log.proof = Logging::default().proof(leaf_hash(&leaf));
        bundle
    };
    let fail = sign_payload(outcome_of(&WORLD.fail).canonical_bytes(), &[ALPHA, BETA]);
    vec![
        bad(
            "leaf-names-who-has-not-signed",
            "The leaf is said to hold a signature that the envelope has not.",
            LeafMismatch,
        )
        .change(|bundle| {
            let log = bundle.log.as_mut().expect("it is logged");
            log.signers.push(id(GAMMA));
            log.signers.sort();
        }),
        bad(
            "leaf-names-too-few",
            "The leaf is said to hold fewer signatures than it does.",
            InclusionInvalid,
        )
        .change(|bundle| _ = bundle.log.as_mut().expect("it is logged").signers.pop()),
        bad(
            "proof-of-another-leaf",
            "The proof is of another entry of the log.",
            InclusionInvalid,
        )
        .bundle(&of_leaf(b"another entry".to_vec())),
        bad(
            "proof-of-another-envelope",
            "The proof is of the envelope of a fail.",
            InclusionInvalid,
        )
        .change(|bundle| {
            bundle.log.as_mut().expect("it is logged").proof =
                logged(fail).log.expect("it is logged").proof;
        }),
        bad(
            "proof-of-bare-payload",
            "The log holds the bare payload.",
            InclusionInvalid,
        )
        .bundle(&of_leaf(outcome().canonical_bytes().to_vec())),
        bad(
            "proof-of-leaf-as-node",
            "The leaf was hashed as a node would be.",
            InclusionInvalid,
        )
        .change(|bundle| {
            let log = bundle.log.as_mut().expect("it is logged");
            let leaf = proofmark_attestation::leaf(&bundle.envelope, &log.signers)
                .expect("they have signed");
            let bare = Hash::from_bytes(*proofmark_core::Digest::of(&leaf).as_bytes());
            log.proof = Logging::default().proof(bare);
        }),
        proof(
            bad(
                "proof-index-shifted",
                "The index is that of the neighbour.",
                InclusionInvalid,
            ),
            |proof| proof.index = 2,
        ),
        proof(
            bad(
                "proof-index-at-size",
                "The index is the size of the tree.",
                InclusionInvalid,
            ),
            |proof| proof.index = 7,
        ),
        proof(
            bad(
                "proof-index-huge",
                "The index is the largest there is.",
                InclusionInvalid,
            ),
            |proof| proof.index = (1 << 63) - 1,
        ),
        proof(
            bad(
                "proof-path-too-long",
                "A hash was added to the path.",
                InclusionInvalid,
            ),
            |proof| proof.path.push(Hash::from_bytes([0; 32])),
        ),
        proof(
            bad(
                "proof-path-too-short",
                "The last hash of the path was taken away.",
                InclusionInvalid,
            ),
            |proof| _ = proof.path.pop(),
        ),
        proof(
            bad(
                "proof-path-empty",
                "The path was taken away.",
                InclusionInvalid,
            ),
            |proof| proof.path.clear(),
        ),
        proof(
            bad(
                "proof-path-reordered",
                "Two hashes of the path were exchanged.",
                InclusionInvalid,
            ),
            |proof| proof.path.swap(0, 1),
        ),
        bad(
            "proof-old-checkpoint",
            "The checkpoint is older than the entry.",
            InclusionInvalid,
        )
        .change(|bundle| {
            let old = Logging {
                index: 0,
                size: 3,
                ..Logging::default()
            };
            let log = bundle.log.as_mut().expect("it is logged");
            log.proof.checkpoint = old.proof(leaf_hash(b"entry 0")).checkpoint;
        }),
        bad(
            "proof-newer-checkpoint",
            "The checkpoint is of a later state than the path.",
            InclusionInvalid,
        )
        .change(|bundle| {
            let new = Logging {
                size: 9,
                ..Logging::default()
            };
            let log = bundle.log.as_mut().expect("it is logged");
            log.proof.checkpoint = new
                .evidence(&bundle.envelope, &log.signers)
                .proof
                .checkpoint;
        }),
        bad(
            "signature-replaced-after-logging",
            "A signature was taken away after logging, another engine's put in its place.",
            LeafMismatch,
        )
        .change(|bundle| {
            bundle.envelope = sign_payload(outcome().canonical_bytes(), &[ALPHA, GAMMA])
        }),
    ]
}

fn witnesses() -> Vec<Case> {
    vec![
        bad(
            "witness-quorum-missed",
            "One witness cosigned, where two must.",
            WitnessQuorum,
        )
        .bundle(&seen_by(vec![(BUYER, SEEN_AT)])),
        bad("witness-none", "No witness cosigned.", WitnessQuorum).bundle(&seen_by(vec![])),
        bad(
            "witness-twice",
            "One witness's cosignature stands there twice.",
            WitnessQuorum,
        )
        .bundle(&seen_by(vec![(BUYER, SEEN_AT)]))
        .change(|bundle| {
            checkpoint(bundle, |text, mut lines| {
                lines.push(lines[1].clone());
                (text.to_owned(), lines)
            })
        }),
        bad(
            "witness-twice-other-times",
            "One witness cosigned twice, at two times.",
            WitnessQuorum,
        )
        .bundle(&seen_by(vec![(BUYER, SEEN_AT)]))
        .change(|bundle| {
            checkpoint(bundle, |text, mut lines| {
                let alone = SignedNote::new(text.to_owned(), lines[..1].to_vec()).expect("a note");
                lines.push(cosignature(
                    &alone,
                    &log_key(LOG, ORIGIN),
                    BUYER,
                    EXISTED_BY,
                ));
                (text.to_owned(), lines)
            })
        }),
        bad(
            "witnesses-of-one-operator",
            "Two witnesses of one operator cosigned, where two operators must.",
            WitnessQuorum,
        )
        .bundle(&seen_by(vec![(BUYER, SEEN_AT), (BUYER_AGAIN, SEEN_AT)])),
        bad(
            "witnesses-unknown",
            "Two witnesses cosigned, one of which the policy does not know.",
            WitnessQuorum,
        )
        .bundle(&seen_by(vec![(BUYER, SEEN_AT), (UNKNOWN_WITNESS, SEEN_AT)])),
        bad(
            "cosignature-flipped",
            "A bit of a cosignature was flipped.",
            WitnessSignature,
        )
        .change(|bundle| {
            checkpoint(bundle, |text, mut lines| {
                lines[1].bytes[20] ^= 1;
                (text.to_owned(), lines)
            })
        }),
        bad(
            "cosignature-backdated",
            "The time in a cosignature was changed.",
            WitnessSignature,
        )
        .change(|bundle| {
            checkpoint(bundle, |text, mut lines| {
                lines[1].bytes[7] ^= 1;
                (text.to_owned(), lines)
            })
        }),
        bad(
            "cosignature-of-another-checkpoint",
            "A cosignature is of an older checkpoint.",
            WitnessSignature,
        )
        .change(|bundle| {
            let old = Logging {
                index: 0,
                size: 3,
                ..Logging::default()
            };
            let old = old.proof(leaf_hash(b"entry 0")).checkpoint.signatures()[1].clone();
            checkpoint(bundle, |text, mut lines| {
                lines[1] = old;
                (text.to_owned(), lines)
            });
        }),
        bad(
            "cosignature-as-note",
            "A witness's key signed the bare checkpoint, without a time.",
            WitnessSignature,
        )
        .change(|bundle| {
            checkpoint(bundle, |text, mut lines| {
                let key = log_key(BUYER, ORIGIN);
                let bare = proofmark_tlog::sign_note(text, &key, &secret(BUYER)).expect("it signs");
                let bytes = [&[0; 8][..], &bare.signatures()[0].bytes].concat();
                lines[1].bytes = bytes;
                (text.to_owned(), lines)
            })
        }),
        bad(
            "witness-revoked",
            "Of two witnesses one is revoked: a thief with its key can write any time.",
            WitnessQuorum,
        )
        .bundle(&seen_by(vec![(BUYER, SEEN_AT), (SUPPLIER, SEEN_AT)]))
        .under(|policy| {
            let revoked = json!({ "effectiveAt": "2026-11-26T18:30:00Z", "reason": "compromised" });
            policy["transparency"]["witnesses"][0]["revoked"] = revoked;
        }),
        bad(
            "witness-window-ended",
            "Of two witnesses the window of one ended before.",
            WitnessQuorum,
        )
        .bundle(&seen_by(vec![(BUYER, SEEN_AT), (SUPPLIER, SEEN_AT)]))
        .under(|policy| policy["transparency"]["witnesses"][1]["validUntil"] = json!(ORDERED_AT)),
        bad(
            "witness-window-not-begun",
            "Of two witnesses the window of one begins later.",
            WitnessQuorum,
        )
        .bundle(&seen_by(vec![(BUYER, SEEN_AT), (SUPPLIER, SEEN_AT)]))
        .under(|policy| policy["transparency"]["witnesses"][1]["validFrom"] = json!(NOW)),
    ]
}
