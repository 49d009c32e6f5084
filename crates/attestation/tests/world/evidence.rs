//! The trust policy of this market, its log, and its witnesses.

use std::convert::Infallible;

use proofmark_attestation::bundle::LogEvidence;
use proofmark_attestation::{Bundle, leaf};
use proofmark_core::Digest;
use proofmark_dsse::Envelope;
use proofmark_keys::{KeyId, Signer as _};
use proofmark_tlog::{
    Checkpoint, Frontier, Hash, NoteKey, NoteSignature, SignedNote, Tile, TileReader, TlogProof,
    VerifiedCheckpoint, cosign, leaf_hash, prove_inclusion,
};
use proofmark_trust::{NewKey, Revision, Role, Window};

use super::{
    ALPHA, ALPHA_AGAIN, ALPHA_RECEIPTS, AUDIENCE, BETA, BETA_RECEIPTS, EXISTED_BY, GAMMA, NEWER,
    OLDER, REFERENCE, ROOTS, SEEN_AT, engine_uri, id, secret, time,
};

/// Signs checkpoints of the market's log.
pub(crate) const LOG: u8 = 31;
/// Signs for another log.
pub(crate) const OTHER_LOG: u8 = 32;
/// Witnesses of three operators.
pub(crate) const BUYER: u8 = 41;
pub(crate) const SUPPLIER: u8 = 42;
pub(crate) const NOTARY: u8 = 43;
/// A second witness of the buyer.
pub(crate) const BUYER_AGAIN: u8 = 44;
/// In no policy.
pub(crate) const UNKNOWN_WITNESS: u8 = 45;

/// The market's log.
pub(crate) const ORIGIN: &str = "log.example/outcomes";

fn window(from: &str, until: Option<&str>) -> Window {
    Window {
        valid_from: time(from),
        valid_until: until.map(time),
    }
}

fn key(number: u8, operator: &str, engine: bool) -> NewKey {
    NewKey {
        key: *secret(number).public_key(),
        operator: operator.to_owned(),
        engine: engine.then(|| engine_uri(number)),
        window: window("2026-11-01T00:00:00Z", Some("2027-11-01T00:00:00Z")),
    }
}

/// Two of three engines' operators must sign, the log is required, two of three witnesses' operators.
pub(crate) fn revision() -> Revision {
    let issued = time("2026-11-20T12:00:00Z");
    let mut revision = Revision::first(issued, time("2027-05-20T12:00:00Z"));
    revision.set_audience(Some(AUDIENCE.to_owned()));
    for (number, operator) in ROOTS.into_iter().zip(["acme", "trustee", "notary"]) {
        revision.add_key(Role::Root, key(number, operator, false));
    }
    let engines = [
        (ALPHA, "alpha"),
        (BETA, "beta"),
        (GAMMA, "gamma"),
        (ALPHA_AGAIN, "alpha"),
    ];
    for (number, operator) in engines {
        revision.add_key(Role::Outcome, key(number, operator, true));
    }
    for (number, operator) in [(ALPHA_RECEIPTS, "alpha"), (BETA_RECEIPTS, "beta")] {
        revision.add_key(Role::Receipt, key(number, operator, true));
    }
    for (role, distinct) in [(Role::Root, false), (Role::Outcome, true)] {
        let set = revision.set_threshold(role, 2, distinct);
        set.expect("the role has keys");
    }
    let profiles = [
        (OLDER, "2026-09-01"),
        (REFERENCE, "2026-11-01"),
        (NEWER, "2026-11-15"),
    ];
    for (name, from) in profiles {
        let window = window(&format!("{from}T00:00:00Z"), Some("2027-11-01T00:00:00Z"));
        revision.add_profile(
            Digest::of(name.as_bytes()),
            format!("proofmark/{name}"),
            window,
        );
    }
    let always = window("2026-11-01T00:00:00Z", Some("2027-11-01T00:00:00Z"));
    revision.add_log(&log_key(LOG, ORIGIN), always);
    let witnesses = [
        (BUYER, "buyer"),
        (SUPPLIER, "supplier"),
        (NOTARY, "notary"),
        (BUYER_AGAIN, "buyer"),
    ];
    for (number, operator) in witnesses {
        revision.add_witness(&witness_key(number), operator.to_owned(), always);
    }
    revision.set_transparency(true, 2);
    revision
}

pub(crate) fn log_key(number: u8, origin: &str) -> NoteKey {
    NoteKey::log(
        origin.parse().expect("a name"),
        *secret(number).public_key(),
    )
}

pub(crate) fn witness_key(number: u8) -> NoteKey {
    let name = format!("witness-{number}.example");
    NoteKey::witness(name.parse().expect("a name"), *secret(number).public_key())
}

/// How an envelope is logged; each test changes what it is about.
pub(crate) struct Logging {
    pub(crate) key: u8,
    pub(crate) origin: &'static str,
    pub(crate) index: u64,
    pub(crate) size: u64,
    pub(crate) witnesses: Vec<(u8, &'static str)>,
}

impl Default for Logging {
    /// As the fourth of seven, seen by three witnesses.
    fn default() -> Self {
        Self {
            key: LOG,
            origin: ORIGIN,
            index: 3,
            size: 7,
            witnesses: vec![
                (BUYER, SEEN_AT),
                (SUPPLIER, EXISTED_BY),
                (NOTARY, "2026-11-26T18:00:20Z"),
            ],
        }
    }
}

/// All leaves of a log of less than one tile.
struct Leaves(Vec<Hash>);

impl TileReader for Leaves {
    type Error = Infallible;

    fn hashes(&self, _: Tile) -> Result<Vec<Hash>, Infallible> {
        Ok(self.0.clone())
    }
}

impl Logging {
    /// Logs the envelope with the signatures of `signers` in its leaf.
    pub(crate) fn evidence(&self, envelope: &Envelope, signers: &[KeyId]) -> LogEvidence {
        let entry = leaf(envelope, signers).expect("they have signed");
        let proof = self.proof(leaf_hash(&entry));
        let mut signers = signers.to_vec();
        signers.sort();
        LogEvidence { signers, proof }
    }

    pub(crate) fn proof(&self, leaf: Hash) -> TlogProof {
        let other = |at| leaf_hash(format!("entry {at}").as_bytes());
        let leaves = (0..self.size).map(|at| if at == self.index { leaf } else { other(at) });
        let leaves: Vec<_> = leaves.collect();
        let path = prove_inclusion(self.index, self.size, &Leaves(leaves.clone()));
        TlogProof {
            extra: None,
            index: self.index,
            path: path.expect("the leaf is in the tree"),
            checkpoint: self.checkpoint(&leaves),
        }
    }

    fn checkpoint(&self, leaves: &[Hash]) -> SignedNote {
        let mut frontier = Frontier::new();
        for leaf in leaves {
            frontier.push(*leaf).expect("a small tree");
        }
        let key = log_key(self.key, self.origin);
        let checkpoint = Checkpoint::new(key.name(), self.size, frontier.root());
        let checkpoint = checkpoint.expect("a small tree");
        let mut note = checkpoint.sign(&key, &secret(self.key)).expect("it signs");
        for (number, at) in &self.witnesses {
            let line = cosignature(&note, &key, *number, at);
            note.attach(line).expect("a short note");
        }
        note
    }
}

pub(crate) fn cosignature(
    note: &SignedNote,
    log: &NoteKey,
    witness: u8,
    at: &str,
) -> NoteSignature {
    let checkpoint = VerifiedCheckpoint::open(note, log).expect("the log signed it");
    let line = cosign(
        &checkpoint,
        &witness_key(witness),
        &secret(witness),
        time(at),
    );
    line.expect("it signs")
}

/// A bundle of a logged envelope, all of whose signatures are in the leaf.
pub(crate) fn logged(envelope: Envelope) -> Bundle {
    logged_as(envelope, &Logging::default())
}

pub(crate) fn logged_as(envelope: Envelope, logging: &Logging) -> Bundle {
    let signers = envelope.signatures().iter().filter_map(|one| one.key_id);
    let signers: Vec<_> = signers.collect();
    let mut bundle = Bundle::of(envelope);
    bundle.log = Some(logging.evidence(&bundle.envelope, &signers));
    bundle
}

/// A bundle in which only the signatures of `logged` are in the leaf.
pub(crate) fn logged_for(envelope: Envelope, numbers: &[u8]) -> Bundle {
    let signers: Vec<_> = numbers.iter().map(|number| id(*number)).collect();
    let mut bundle = Bundle::of(envelope);
    bundle.log = Some(Logging::default().evidence(&bundle.envelope, &signers));
    bundle
}
