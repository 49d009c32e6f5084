//! `attest`, `cosign`, `verify`, `bundle`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use proofmark_attestation::statement::binding::{Nonce, Term};
use proofmark_core::{Digest, Timestamp};

/// `proofmark attest`
#[derive(Debug, ClapArgs)]
pub struct Attest {
    /// The locked criteria document.
    #[arg(value_name = "CRITERIA")]
    pub criteria: PathBuf,
    /// The work: a directory, or with --manifest the directory its paths start from.
    #[arg(value_name = "WORK")]
    pub work: PathBuf,
    /// Where to write the bundle.
    #[arg(long, value_name = "FILE", default_value = "outcome.bundle.json")]
    pub to: PathBuf,
    /// Replace a bundle that is there already.
    #[arg(long)]
    pub replace: bool,
    /// What the outcome is for (JSON: audience, contract, deliverable, attempt, nonce); without it the
    /// outcome settles nothing.
    #[arg(long, value_name = "FILE")]
    pub binding: Option<PathBuf>,
    /// Judge exactly the files of this manifest.
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// More directories with validators and reference files, by digest.
    #[arg(long, value_name = "DIR")]
    pub blobs: Vec<PathBuf>,
    /// Signers.
    #[command(flatten)]
    pub signing: Signing,
    /// Logging.
    #[command(flatten)]
    pub logging: Logging,
}

/// Who signs.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Signing")]
pub struct Signing {
    /// The engine's key for outcomes: a private key file, or exec:PUBLIC_KEY PROGRAM.
    #[arg(long, value_name = "KEY")]
    pub key: String,
    /// The engine's other key, for the receipt that says who ran it and when.
    #[arg(long, value_name = "KEY", requires = "engine")]
    pub receipt_key: Option<String>,
    /// The engine's name as the trust policy has it beside the receipt key.
    #[arg(long, value_name = "URI", requires = "receipt_key")]
    pub engine: Option<Term>,
}

/// Where it is logged.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Logging")]
pub struct Logging {
    /// Log the signed outcome in this directory, and put the proof into the bundle.
    #[arg(long, value_name = "DIR", requires = "log_key")]
    pub log: Option<PathBuf>,
    /// The log's private key.
    #[arg(long, value_name = "KEY", requires = "log")]
    pub log_key: Option<String>,
    /// Who cosigns.
    #[command(flatten)]
    pub witnesses: super::Witnesses,
}

/// Into which log a bundle goes that is there already.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Logging")]
pub struct LogInto {
    /// The log.
    #[arg(long, value_name = "DIR")]
    pub log: PathBuf,
    /// The log's private key; not needed if the log holds the bundle with all its signatures.
    #[arg(long, value_name = "KEY")]
    pub log_key: Option<String>,
    /// Who cosigns.
    #[command(flatten)]
    pub witnesses: super::Witnesses,
}

/// `proofmark cosign`
#[derive(Debug, ClapArgs)]
pub struct Cosign {
    /// The bundle that another engine signed.
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The work, to be judged again here.
    #[arg(value_name = "WORK")]
    pub work: PathBuf,
    /// The criteria document [default: the one in the bundle].
    #[arg(long, value_name = "FILE")]
    pub criteria: Option<PathBuf>,
    /// Judge exactly the files of this manifest.
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// More directories with validators and reference files, by digest.
    #[arg(long, value_name = "DIR")]
    pub blobs: Vec<PathBuf>,
    /// What you know the outcome to be for, as the market issued it to you; the bundle must say the same.
    #[arg(long, value_name = "FILE")]
    pub binding: Option<PathBuf>,
    /// Sign what the bundle says that it is for, without knowing it yourself.
    #[arg(long, conflicts_with = "binding")]
    pub any_binding: bool,
    /// Where to write the bundle [default: over the old one].
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Signers.
    #[command(flatten)]
    pub signing: Signing,
    /// Logging.
    #[command(flatten)]
    pub logging: Logging,
}

/// `proofmark verify`
#[derive(Debug, ClapArgs)]
pub struct Verify {
    /// The bundle.
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The signed trust policy.
    #[arg(long, value_name = "FILE")]
    pub policy: PathBuf,
    /// Accept only the policy with this digest.
    #[arg(long, value_name = "DIGEST")]
    pub pin: Option<Digest>,
    /// Keep the newest accepted policy in this file, and accept none that is older.
    #[arg(long, value_name = "FILE")]
    pub remember: Option<PathBuf>,
    /// The work itself: its digest must be the outcome's subject.
    #[arg(long, value_name = "DIR", help_heading = "What you know yourself")]
    pub submission: Option<PathBuf>,
    /// The contract's criteria document.
    #[arg(long, value_name = "FILE", help_heading = "What you know yourself")]
    pub criteria: Option<PathBuf>,
    /// All of it but the time as one JSON document; single options win over it.
    #[arg(long, value_name = "FILE", help_heading = "What you know yourself")]
    pub facts: Option<PathBuf>,
    /// Your settlement domain.
    #[arg(long, value_name = "NAME", help_heading = "What you know yourself")]
    pub audience: Option<Term>,
    /// The contract.
    #[arg(long, value_name = "ID", help_heading = "What you know yourself")]
    pub contract: Option<Term>,
    /// The digest of its signed terms.
    #[arg(long, value_name = "DIGEST", help_heading = "What you know yourself")]
    pub contract_digest: Option<Digest>,
    /// The deliverable.
    #[arg(long, value_name = "NAME", help_heading = "What you know yourself")]
    pub deliverable: Option<Term>,
    /// The attempt.
    #[arg(long, value_name = "N", help_heading = "What you know yourself")]
    pub attempt: Option<NonZeroU32>,
    /// The nonce that you issued.
    #[arg(long, value_name = "HEX", help_heading = "What you know yourself")]
    pub nonce: Option<Nonce>,
    /// The time to verify at [default: now].
    #[arg(long, value_name = "TIME", help_heading = "What you know yourself")]
    pub at: Option<Timestamp>,
    /// Other bundles in which a conflict may show.
    #[arg(long, value_name = "BUNDLE", help_heading = "What you know yourself")]
    pub known: Vec<PathBuf>,
    /// Demand what settles an order: everything that it is bound to, and --pin or a policy that --remember knows. Refuse to answer while
    /// some of it is not stated.
    #[arg(long, help_heading = "What you know yourself")]
    pub settle: bool,
    /// Run the validators here as well, on the work given by --submission.
    #[arg(long, requires = "submission", help_heading = "Re-execution")]
    pub re_execute: bool,
    /// More directories with validators and reference files, by digest.
    #[arg(long, value_name = "DIR", help_heading = "Re-execution")]
    pub blobs: Vec<PathBuf>,
}

/// `proofmark bundle …`
#[derive(Debug, Subcommand)]
pub enum Bundle {
    /// Show what a bundle says and who signed it. Nothing of it is verified.
    Show {
        /// The bundle.
        bundle: PathBuf,
    },
    /// Print the same evidence in another format.
    Export {
        /// The bundle.
        bundle: PathBuf,
        /// Which format.
        #[arg(long, value_enum)]
        format: ExportFormat,
        /// Of --format sigstore and signature: which signature, counted from 0 by key id.
        #[arg(long, default_value_t = 0)]
        signature: usize,
        /// Of --format svr: the URI of the verifier, in whose name it is to be signed.
        #[arg(long, value_name = "URI", required_if_eq("format", "svr"))]
        verifier: Option<String>,
        /// Of --format svr: the time it states [default: now].
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
    },
    /// Log the envelope of a bundle with all its signatures, or gather cosignatures if it is logged. A proof is only
    /// replaced by one that proves more.
    Log {
        /// The bundle.
        bundle: PathBuf,
        /// Where to write the bundle [default: over the old one].
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Take the new proof in any case, though it may have fewer cosignatures, and shows a later time.
        #[arg(long)]
        renew: bool,
        /// Into which log.
        #[command(flatten)]
        logging: LogInto,
    },
    /// Find two results of one run, signed by trusted keys; a key that signed both is proven a fraud.
    Conflicts {
        /// The bundles.
        #[arg(required = true, num_args = 2..)]
        bundles: Vec<PathBuf>,
        /// The signed trust policy.
        #[arg(long, value_name = "FILE")]
        policy: PathBuf,
        /// The time at which the policy must be in force [default: now].
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// Write the proof of fraud to this file, which is not there yet.
        #[arg(long, value_name = "FILE")]
        proof: Option<PathBuf>,
    },
    /// Check a proof of fraud: it needs nothing else.
    Fraud {
        /// The proof.
        proof: PathBuf,
    },
}

/// Format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// The DSSE envelope.
    Envelope,
    /// The signed statement, byte for byte.
    Payload,
    /// What is signed (DSSE's PAE), byte for byte.
    SignedBytes,
    /// One signature, 64 bytes.
    Signature,
    /// An in-toto bundle: all envelopes, one on each line.
    IntotoJsonl,
    /// A Sigstore bundle v0.3 of one signature.
    Sigstore,
    /// The log proof (C2SP tlog-proof).
    LogProof,
    /// The criteria document, if it is in the bundle.
    Criteria,
    /// The verdict record, if it is in the bundle.
    Record,
    /// The submission's manifest, if it is in the bundle.
    Submission,
    /// The outcome as an unsigned in-toto test-result v0.1 statement.
    TestResult,
    /// A pass as an unsigned in-toto simple verification result v0.2 statement.
    Svr,
}
