//! The evidence of the demo: a market's order, two engines that judge it, a log, two witnesses and a trust policy, all
//! real and all in this one process, with keys made for the occasion. Between people who do not trust each other,
//! each of them is a process of its own (README, "Evidence").

use std::num::NonZeroU32;
use std::path::Path;

use proofmark_attestation::Bundle;
use proofmark_attestation::statement::binding::{Binding, ContractId, Nonce};
use proofmark_attestation::statement::{DigestSet, build};
use proofmark_attestation::verify::{
    ContractFacts, Evidence, Facts, FactsDocument, PolicySource, Verification, verify,
};
use proofmark_core::{Digest, Timestamp};
use proofmark_criteria::{Criteria, Manifest};
use proofmark_dsse::Envelope;
use proofmark_engine::EngineProfile;
use proofmark_engine::judge::Judgement;
use proofmark_keys::{SecretKey, Signer as _};
use proofmark_log::Log;
use proofmark_tlog::{
    AddCheckpoint, KeyName, NoteKey, VerifiedCheckpoint, WitnessState, cosign, decide,
};
use proofmark_trust::{NewKey, Policy, Revision, Role, Window, sign};

use crate::commands::evidence::{attest, cosign, logging, now};
use crate::failure::{Failure, chain};
use crate::files::write_atomically;

/// Who takes part: the two sides of a contract run an engine and a witness each.
const PARTIES: [&str; 2] = ["buyer", "supplier"];

/// How long the demo's policy holds.
const VALID_SECONDS: u64 = 86_400;

/// Everybody's keys, the log, and the signed policy.
pub(super) struct Ceremony {
    engines: Vec<SecretKey>,
    witnesses: Vec<(NoteKey, SecretKey)>,
    log_key: SecretKey,
    log: Log,
    policy: String,
}

impl Ceremony {
    /// Makes all of it, the log in `folder`.
    pub(super) fn new(folder: &Path) -> Result<Self, Failure> {
        let (root, log_key) = (generate()?, generate()?);
        let engines = [generate()?, generate()?];
        let witnesses = [witness(PARTIES[0])?, witness(PARTIES[1])?];
        let log_name = NoteKey::log(
            name("demo.proofmark.example/outcomes"),
            *log_key.public_key(),
        );
        let log = Log::create(folder, &log_name, &log_key)?;
        let at = super::whole_second();
        let policy = policy(&root, &engines, &witnesses, &log_name, at)?;
        Ok(Self {
            engines: engines.into(),
            witnesses: witnesses.into(),
            log_key,
            log,
            policy,
        })
    }

    /// The outcome that both engines came to, each by a judgement of its own, signed and logged.
    pub(super) fn attest(
        &mut self,
        order: &Binding,
        criteria: &Criteria,
        submission: &Manifest,
        judgements: [&Judgement; 2],
    ) -> Result<Bundle, Failure> {
        let outcome = |judgement: &Judgement| {
            build(criteria, submission, &judgement.record, Some(order.clone()))
                .map_err(|error| attest::not_built(&error))
        };
        let (ours, theirs) = (outcome(judgements[0])?, outcome(judgements[1])?);
        if ours != theirs {
            return Err(cosign::disagreement(&ours, &theirs));
        }
        let first = ours.sign(&self.engines[0]);
        let second = theirs.sign(&self.engines[1]);
        let mut bundle = Bundle::of(first.map_err(|error| attest::unsigned(&error))?);
        bundle
            .envelope
            .merge(&second.map_err(|error| attest::unsigned(&error))?)
            .expect("two signatures over the same bytes");
        attest::documents(&mut bundle, criteria, submission, judgements[0]);
        bundle.log = Some(logging::prove(&mut self.log, &self.log_key, &bundle)?);
        Ok(bundle)
    }

    /// Has both witnesses cosign the log as it is now, and brings the proofs up to it.
    pub(super) fn witness(&mut self, bundles: &mut [Bundle]) -> Result<(), Failure> {
        let mut note = self.log.checkpoint().clone();
        for (key, secret) in &self.witnesses {
            let checkpoint = seen(&note, self.log.key())?;
            let cosignature = cosign(&checkpoint, key, secret, now())
                .map_err(|error| Failure::environment("witness-failed", chain(&error), AGAIN))?;
            note.attach(cosignature)
                .map_err(|error| Failure::environment("witness-failed", chain(&error), AGAIN))?;
        }
        self.log.publish_cosigned(&note)?;
        for evidence in bundles.iter_mut().filter_map(|bundle| bundle.log.as_mut()) {
            *evidence = logging::again(&self.log, evidence)?;
        }
        Ok(())
    }

    /// What a settlement finds that has the bundle's bytes, the policy, and its own knowledge of the order.
    pub(super) fn verify(&self, bundle: &Bundle, facts: &FactsDocument) -> Verification {
        let policy = Envelope::parse(self.policy.as_bytes()).expect("it was signed here");
        let digest = policy.payload_digest();
        let source = PolicySource::Envelope {
            envelope: self.policy.as_bytes(),
            remembered: None,
            pin: Some(&digest),
        };
        let json = bundle.to_json();
        verify(
            json.as_bytes(),
            source,
            &Facts {
                now: now(),
                ..facts.clone().into()
            },
            &Evidence::default(),
        )
    }

    /// Leaves the policy in `folder`, beside the bundles.
    pub(super) fn keep(&self, folder: &Path) -> Result<(), Failure> {
        write_atomically(&folder.join("policy.dsse.json"), self.policy.as_bytes())
    }

    /// The digest of the signed policy, to be pinned.
    pub(super) fn pin(&self) -> Digest {
        let envelope = Envelope::parse(self.policy.as_bytes()).expect("it was just signed");
        envelope.payload_digest()
    }
}

/// The terms of every contract of the demo.
pub(super) const TERMS: &str = "The demo's contract: the work is paid if two engines say pass.\n";

/// The settlement domain of the demo.
const AUDIENCE: &str = "urn:market:demo";

/// An order as a market issues it, with a nonce that nobody could know before.
pub(super) fn order(contract: &str, deliverable: &str) -> Result<Binding, Failure> {
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce)
        .map_err(|error| Failure::environment("no-randomness", error, AGAIN))?;
    let term = |text: &str| text.parse().expect("a plain word");
    Ok(Binding {
        attempt: NonZeroU32::MIN,
        audience: term(AUDIENCE),
        contract: ContractId {
            digest: DigestSet(Digest::of(TERMS.as_bytes())),
            id: term(contract),
        },
        deliverable: term(deliverable),
        nonce: Nonce::from_bytes(nonce),
    })
}

/// What the settlement knows of an order by itself.
pub(super) fn facts(
    order: &Binding,
    ordered_at: Timestamp,
    criteria: &Criteria,
    work: &Manifest,
) -> FactsDocument {
    FactsDocument {
        now: now(),
        audience: Some(order.audience.clone()),
        contract: Some(ContractFacts {
            id: order.contract.id.clone(),
            digest: Some(order.contract.digest),
        }),
        deliverable: Some(order.deliverable.clone()),
        attempt: Some(order.attempt),
        nonce: Some(order.nonce),
        submission: Some(DigestSet(work.digest())),
        criteria: Some(DigestSet(criteria.digest())),
        profile: None,
        ordered_at: Some(ordered_at),
        deadline: None,
    }
}

const AGAIN: &str = "try again; if it stays, report it as a bug";

/// A witness that sees the log for the first time, and decides as any witness does.
fn seen(note: &proofmark_tlog::SignedNote, log: &NoteKey) -> Result<VerifiedCheckpoint, Failure> {
    let request = AddCheckpoint {
        old_size: 0,
        proof: Vec::new(),
        note: note.clone(),
    };
    let accepted = decide(None::<&WitnessState>, &request, log)
        .map_err(|refusal| Failure::environment("witness-refused", chain(&refusal), AGAIN))?;
    Ok(accepted.checkpoint().clone())
}

fn policy(
    root: &SecretKey,
    engines: &[SecretKey; 2],
    witnesses: &[(NoteKey, SecretKey); 2],
    log: &NoteKey,
    at: Timestamp,
) -> Result<String, Failure> {
    let window = Window {
        valid_from: at,
        valid_until: None,
    };
    let key = |key: &SecretKey, operator: &str| NewKey {
        key: *key.public_key(),
        operator: operator.to_owned(),
        engine: None,
        window,
    };
    let mut draft = Revision::first(at, at.plus_seconds(VALID_SECONDS));
    draft.set_audience(Some(AUDIENCE.to_owned()));
    draft.add_key(Role::Root, key(root, "market"));
    for (engine, party) in engines.iter().zip(PARTIES) {
        draft.add_key(Role::Outcome, key(engine, party));
    }
    let both = draft.set_threshold(Role::Outcome, 2, true);
    both.expect("the role has keys");
    let profile = EngineProfile::current();
    draft.add_profile(profile.digest(), profile.name().to_owned(), window);
    draft.add_log(log, window);
    for ((witness, _), party) in witnesses.iter().zip(PARTIES) {
        draft.add_witness(witness, party.to_owned(), window);
    }
    draft.set_transparency(true, 2);
    let policy: Policy = draft.finish()?;
    let signed = sign(&policy, None, None, root)
        .map_err(|error| Failure::environment("policy-unsigned", chain(&error), AGAIN))?;
    Ok(signed.to_json() + "\n")
}

fn generate() -> Result<SecretKey, Failure> {
    Ok(proofmark_keystore::generate()?)
}

fn witness(party: &str) -> Result<(NoteKey, SecretKey), Failure> {
    let key = generate()?;
    let named = NoteKey::witness(name(&format!("{party}.example/witness")), *key.public_key());
    Ok((named, key))
}

fn name(text: &str) -> KeyName {
    text.parse().expect("a plain name")
}
