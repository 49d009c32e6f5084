//! The command line. The help texts are the published reference, and are snapshot-tested.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

mod evidence;
mod key;
mod log;
mod market;
mod policy;
mod trade;
mod webhook;

pub use evidence::{Attest, Bundle, Cosign, ExportFormat, LogInto, Logging, Signing, Verify};
pub use key::Key;
pub use log::{Log, LogArgs, Witness, Witnesses};
pub use market::{
    ASSET, AUDIENCE, At, Copy, Examine, Market, Record, Send, Serve, Upload, WINDOW_MIN,
};
pub use policy::{FormatArg, NewPolicy, Policy, ReasonArg, RoleArg, Settings, When, WindowArgs};
pub use trade::{
    Account, Bid, Contract, Events, GroundArg, Offer, Party, Plain, Rfq, Sender, Settle, SideArg,
};
pub use webhook::{One, Owner as WebhookOwner, Webhook};

/// Decide whether work is done, by code that both sides agreed on before the money was locked.
#[derive(Debug, Parser)]
#[command(name = "proofmark", version, propagate_version = true, after_help = AFTER_HELP)]
pub struct Args {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "Exit status: 0 done, or the verdict is pass · 1 the verdict is fail, or another negative answer · 2 usage or \
bad input · 3 inconclusive, or the environment failed · 4 refused · 70 a bug in Proofmark.";

/// Options of every command.
#[derive(Debug, Clone, ClapArgs)]
pub struct Global {
    /// How to print what was asked for.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text, help_heading = "Global options")]
    pub output: Output,
    /// Where validators run.
    #[arg(long, global = true, value_enum, default_value_t = IsolationArg::Process, help_heading = "Global options")]
    pub isolation: IsolationArg,
    /// Directory of compiled code [default: proofmark in the user's cache directory].
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PROOFMARK_CACHE",
        help_heading = "Global options"
    )]
    pub cache: Option<PathBuf>,
    /// Keep no compiled code, whatever else says where.
    // No conflict with `cache`: clap would refuse the option wherever PROOFMARK_CACHE is set.
    #[arg(long, global = true, help_heading = "Global options")]
    pub no_cache: bool,
    /// How hard the compiler works; alters speed, and how deep a guest may recurse.
    #[arg(long, global = true, value_enum, default_value_t = OptLevelArg::Speed, hide = true)]
    pub opt_level: OptLevelArg,
}

/// Format of the data on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// See [`proofmark_engine::Isolation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum IsolationArg {
    /// In a locked-down child process.
    Process,
    /// In this process: for debugging only.
    None,
}

impl From<IsolationArg> for proofmark_engine::Isolation {
    fn from(isolation: IsolationArg) -> Self {
        match isolation {
            IsolationArg::Process => Self::Process,
            IsolationArg::None => Self::None,
        }
    }
}

/// See [`proofmark_engine::OptLevel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OptLevelArg {
    /// Compile quickly.
    None,
    /// Run quickly.
    Speed,
}

impl From<OptLevelArg> for proofmark_engine::OptLevel {
    fn from(level: OptLevelArg) -> Self {
        match level {
            OptLevelArg::None => Self::None,
            OptLevelArg::Speed => Self::Speed,
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge work by criteria: the very record that a market would get.
    Check(Check),
    /// Judge work, sign the outcome, and write a bundle that a stranger can check offline.
    Attest(Attest),
    /// Judge the work of a bundle again, and add a signature if it comes to the same.
    Cosign(Cosign),
    /// Check a bundle offline, against a trust policy and what you know yourself.
    Verify(Verify),
    /// Read bundles, export them, and find contradictions among them.
    #[command(subcommand)]
    Bundle(Bundle),
    /// Make, show and import keys.
    #[command(subcommand)]
    Key(Key),
    /// Write, sign and read trust policies: whose signatures count.
    #[command(subcommand)]
    Policy(Policy),
    /// Make, grow, prove and watch a transparency log.
    #[command(subcommand)]
    Log(Log),
    /// Cosign the checkpoints of logs that have only grown.
    #[command(subcommand)]
    Witness(Witness),
    /// Make, run, audit and copy a market; send it any command, and files.
    #[command(subcommand)]
    Market(Market),
    /// Become a party of a market.
    #[command(subcommand)]
    Party(Party),
    /// Buy: ask for bids.
    #[command(subcommand)]
    Rfq(Rfq),
    /// Sell: bid.
    #[command(subcommand)]
    Bid(Bid),
    /// Deliver, accept, review, challenge.
    #[command(subcommand)]
    Contract(Contract),
    /// Look at money, move it in and out.
    #[command(subcommand)]
    Account(Account),
    /// Print what happens in a market.
    Events(Events),
    /// Be told of what happens: signed messages to a URL of yours.
    #[command(subcommand)]
    Webhook(Webhook),
    /// Write, freeze and read criteria documents.
    #[command(subcommand)]
    Criteria(Criteria),
    /// Make, test and inspect validators.
    #[command(subcommand)]
    Validator(Validator),
    /// Read submissions.
    #[command(subcommand)]
    Submission(Submission),
    /// Look at, or empty, the cache of compiled code.
    #[command(subcommand)]
    Cache(Cache),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Judge the examples that come with Proofmark, real work, good and bad; sign, log and verify. Then buy and sell them
    /// in a market on this machine.
    Demo {
        /// Leave the bundles, the facts of their orders, the trust policy, which expires after a day, and the market in
        /// this directory; it must be empty.
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
        /// Then serve that market, so that a browser shows what became of it, until it is stopped.
        #[arg(long)]
        serve: bool,
    },
}

/// `proofmark check`
#[derive(Debug, ClapArgs)]
pub struct Check {
    /// The locked criteria document.
    #[arg(value_name = "CRITERIA")]
    pub criteria: PathBuf,
    /// The work: a directory, or with --manifest the directory its paths start from.
    #[arg(value_name = "WORK")]
    pub work: PathBuf,
    /// Judge exactly the files of this manifest.
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// More directories with validators and reference files, by digest.
    #[arg(long, value_name = "DIR")]
    pub blobs: Vec<PathBuf>,
    /// Write the canonical verdict record to this file.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Show what the validators logged.
    #[arg(long)]
    pub log: bool,
}

/// `proofmark criteria …`
#[derive(Debug, Subcommand)]
pub enum Criteria {
    /// Start a criteria document.
    Init {
        /// Where to write it.
        #[arg(default_value = "criteria.toml")]
        file: PathBuf,
        /// Start from this ready-made validator.
        #[arg(long, default_value = "json-schema")]
        validator: String,
    },
    /// Resolve every file to its digest and freeze the document; its digest is the identity of "done".
    Lock {
        /// The document as it was written (TOML or JSON).
        file: PathBuf,
        /// Where to write the frozen document [default: criteria.json beside it].
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Replace another frozen document that is there already.
        #[arg(long)]
        replace: bool,
    },
    /// Say everything that is wrong with a document, written or frozen.
    Lint {
        /// The document.
        file: PathBuf,
        /// More directories with validators and reference files, by digest.
        #[arg(long, value_name = "DIR")]
        blobs: Vec<PathBuf>,
    },
    /// Show a frozen document.
    Show {
        /// The document.
        file: PathBuf,
    },
}

/// `proofmark validator …`
#[derive(Debug, Subcommand)]
pub enum Validator {
    /// Start a validator in Rust: a crate that builds, with fixtures that hold.
    New {
        /// Directory to make; its last part is the name.
        directory: PathBuf,
    },
    /// Build a validator crate into a component.
    Build {
        /// The crate.
        #[arg(default_value = ".")]
        directory: PathBuf,
        /// Where to write the component [default: its name with .wasm, in the crate].
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Run the accept and reject fixtures and the empty submission, each twice.
    Test {
        /// A crate, a component, or the name of a ready-made validator.
        #[arg(default_value = ".")]
        validator: String,
        /// Where the fixtures are [default: fixtures in the crate, or beside the component].
        #[arg(long, value_name = "DIR")]
        fixtures: Option<PathBuf>,
    },
    /// Find out whether a validator is worth paying by: what `test` runs, and mutants of the accept fixtures, which are good
    /// work with one mistake in it. Says which of them nobody notices. Exits with 1 if it does not qualify.
    Qualify {
        /// A crate, a component, or the name of a ready-made validator.
        #[arg(default_value = ".")]
        validator: String,
        /// Where the fixtures are [default: fixtures in the crate, or beside the component].
        #[arg(long, value_name = "DIR")]
        fixtures: Option<PathBuf>,
        /// Most mutants of each accept fixture.
        #[arg(long, value_name = "NUMBER", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        mutants: u32,
        /// Share of the mutants that must be noticed, in per cent.
        #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
        least: u8,
    },
    /// Show what a validator is, what it checks and which parameters it takes.
    Inspect {
        /// A crate, a component, or the name of a ready-made validator.
        #[arg(default_value = ".")]
        validator: String,
    },
    /// Send a validator to a market for everybody, and see whether it runs there. It is compiled for that, so that no
    /// delivery has to wait. Exits with 1 if it is refused.
    Publish {
        /// A crate, or a component.
        #[arg(default_value = ".")]
        validator: String,
        /// Who sends it: a private key file, or exec:PUBLIC_KEY PROGRAM.
        #[arg(long, value_name = "KEY", env = "PROOFMARK_KEY")]
        key: String,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Measure a validator over its accept fixtures.
    Bench {
        /// A crate, a component, or the name of a ready-made validator.
        #[arg(default_value = ".")]
        validator: String,
        /// Where the fixtures are [default: fixtures in the crate, or beside the component].
        #[arg(long, value_name = "DIR")]
        fixtures: Option<PathBuf>,
        /// Runs of each fixture.
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
        runs: u32,
    },
}

/// `proofmark submission …`
#[derive(Debug, Subcommand)]
pub enum Submission {
    /// Print the canonical manifest of a directory; its digest identifies the submission.
    Manifest {
        /// The directory.
        directory: PathBuf,
    },
}

/// `proofmark cache …`
#[derive(Debug, Subcommand)]
pub enum Cache {
    /// Show where it is and what it holds.
    Status,
    /// Delete all compiled code; it is made again when needed.
    Clear,
}
