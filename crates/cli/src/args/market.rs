//! `market`.

use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use proofmark_attestation::statement::binding::Term;
use proofmark_core::Digest;
use proofmark_ledger::Asset;
use proofmark_log::Cosigner;

use super::Sender;

/// What a market is that nobody says more about.
pub const AUDIENCE: &str = "urn:market:local";
/// See [`AUDIENCE`].
pub const ASSET: &str = "USD/2";
/// See [`AUDIENCE`].
pub const WINDOW_MIN: u64 = 60;

/// `proofmark market …`
#[derive(Debug, Subcommand)]
pub enum Market {
    /// Make a market in a directory: keys of its operator, its root, its log, two engines and its webhooks, its rules, its
    /// trust policy.
    Init {
        /// Directory to make.
        directory: PathBuf,
        /// The settlement domain: commands and attestations for another are refused.
        #[arg(long, default_value = AUDIENCE)]
        audience: Term,
        /// In which accounts are kept: a code and how many decimals.
        #[arg(long, default_value = ASSET)]
        asset: Asset,
        /// The shortest window that terms may have for whoever must act at a moment that somebody else chose.
        #[arg(long, value_name = "SECONDS", default_value_t = WINDOW_MIN)]
        window_min: u64,
    },
    /// Run it: obey commands over HTTP, keep them, and send ticks when deadlines have passed.
    Serve(Serve),
    /// Judge what waits for an engine, here, with the engine's key and nothing else: neither the market's database nor its
    /// other keys. As many may do so as like: each run is judged by one of them, and one that dies costs time only.
    Examine(Examine),
    /// Compute everything in its record again: every signature, verdict, transfer, balance and award, and hold every leaf of
    /// the log of verdicts against them. Exits with 1 if anything is not as it must be.
    Audit {
        /// The market.
        #[command(flatten)]
        record: Record,
        /// A head that the chain of commands once had (`market show` prints it): finds whether the end was cut off.
        #[arg(long, value_name = "DIGEST")]
        head: Option<Digest>,
    },
    /// Copy its record into another database, verified as it is copied: a backup, or the way to PostgreSQL. What is there
    /// already is gone on with. What was uploaded, the log of verdicts and the keys are files beside the record: copy them as
    /// files. Webhooks are not copied.
    Copy(Copy),
    /// Sign a command, send it, and say what followed.
    Send(Send),
    /// Send files to be judged, or to judge by, and say by which digest each is known.
    Upload(Upload),
    /// Show the market, an RFQ, a contract with what may happen next, or a party.
    Show {
        /// The name of an RFQ, a contract or a party; nothing for the market itself.
        name: Option<String>,
        /// Of a contract, what an outcome of the run that waits must be bound to: the --binding of `proofmark attest`.
        #[arg(long, requires = "name")]
        binding: bool,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
}

/// Seconds for which a run belongs to an examiner, where nobody says otherwise.
const HOLD: NonZeroU64 = NonZeroU64::new(proofmark_service::HOLD_SECONDS).expect("it is not 0");

/// `proofmark market serve`
#[derive(Debug, ClapArgs)]
pub struct Serve {
    /// The market.
    #[command(flatten)]
    pub record: Record,
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8480")]
    pub listen: SocketAddr,
    /// Make the market where its directory is not there, as `market init` does without options; begin a new record where none
    /// is.
    #[arg(long)]
    pub new: bool,
    /// Judge nothing here: engines elsewhere do. Then what is submitted need not be uploaded here either.
    #[arg(long)]
    pub no_examiner: bool,
    /// Obey so many commands of one party a second, ten seconds' worth at once; 0 for any number. The operator's are not
    /// counted.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    pub commands_per_second: u32,
    /// Judge so many runs at a time [default: one for each processor].
    #[arg(long, value_name = "NUMBER", conflicts_with = "no_examiner")]
    pub runs: Option<NonZeroUsize>,
    /// A run belongs to the examiner that took it for so many seconds, here or elsewhere; afterwards another may have it. Longer
    /// than any run should take: a run that two have judged was only work done twice.
    #[arg(long, value_name = "SECONDS", default_value_t = HOLD)]
    pub hold_seconds: NonZeroU64,
    /// Judge and sign for anybody, without a contract, so many at a time (`POST /v1/check`).
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        conflicts_with = "no_examiner"
    )]
    pub checks: usize,
    /// Ask this witness to cosign the log of verdicts: its key, name+id+key, an @ and its URL. Once for each.
    #[arg(long = "witness", value_name = "VKEY@URL")]
    pub witnesses: Vec<Cosigner>,
    /// Make the log of verdicts again where its directory is gone. Only of a record that is as new as the log was: one that
    /// goes on from an older record contradicts what was signed before.
    #[arg(long)]
    pub remake_log: bool,
    /// Tell nobody of events: no webhooks.
    #[arg(long)]
    pub no_webhooks: bool,
    /// Let webhooks be on this machine, at any port and without TLS: for tests and local use, never where strangers are
    /// parties.
    #[arg(long, conflicts_with = "no_webhooks")]
    pub webhooks_local: bool,
}

/// `proofmark market examine`
#[derive(Debug, ClapArgs)]
pub struct Examine {
    /// The engine: a private key file, or exec:PUBLIC_KEY PROGRAM. The market's trust policy must name it. May be given
    /// several times.
    #[arg(
        long = "key",
        value_name = "KEY",
        env = "PROOFMARK_KEY",
        required = true
    )]
    pub keys: Vec<String>,
    /// Where the work is kept that was fetched to be judged [default: a temporary directory, which goes at the end].
    #[arg(long, value_name = "DIRECTORY")]
    pub blobs: Option<PathBuf>,
    /// Judge so many at a time [default: one for each processor].
    #[arg(long, value_name = "NUMBER")]
    pub runs: Option<NonZeroUsize>,
    /// Where the market is.
    #[command(flatten)]
    pub at: At,
}

/// The record of a market.
#[derive(Debug, ClapArgs)]
pub struct Record {
    /// The market.
    pub directory: PathBuf,
    /// Where its record is: sqlite:FILE or postgres://HOST/DATABASE [default: record.db in the directory].
    #[arg(long, value_name = "ADDRESS")]
    pub store: Option<String>,
}

/// `proofmark market copy`
#[derive(Debug, ClapArgs)]
pub struct Copy {
    /// The market.
    #[command(flatten)]
    pub record: Record,
    /// Where to: sqlite:FILE or postgres://HOST/DATABASE.
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
}

/// `proofmark market send`
#[derive(Debug, ClapArgs)]
pub struct Send {
    /// What is asked for: an action of docs/market.md as JSON, or a file that holds it. `{"type": "register"}` takes the
    /// public key from --key, and the digest of what is attached need not be stated.
    pub action: String,
    /// What goes beside the command: terms, a bundle, a policy, a fraud proof.
    #[arg(long, value_name = "FILE")]
    pub attach: Option<PathBuf>,
    /// Who asks.
    #[command(flatten)]
    pub sender: Sender,
}

/// `proofmark market upload`
#[derive(Debug, ClapArgs)]
pub struct Upload {
    /// Files; or directories, each a submission: every file in it, then the manifest that lists them. A frozen criteria
    /// document brings along what it names and what lies around it, as `check` finds it. What is there already is not sent
    /// again, and what was broken off goes on where it stopped.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Who sends them: a private key file, or exec:PUBLIC_KEY PROGRAM.
    #[arg(long, value_name = "KEY", env = "PROOFMARK_KEY")]
    pub key: String,
    /// Let anybody read them, for ever: criteria, validators.
    #[arg(long)]
    pub public: bool,
    /// Where the market is.
    #[command(flatten)]
    pub at: At,
}

/// Where a market is.
#[derive(Debug, Clone, ClapArgs)]
pub struct At {
    /// The market's address.
    #[arg(
        long,
        value_name = "URL",
        env = "PROOFMARK_MARKET",
        default_value = "http://127.0.0.1:8480"
    )]
    pub market: String,
}
