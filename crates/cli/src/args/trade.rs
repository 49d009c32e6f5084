//! `party`, `rfq`, `bid`, `contract`, `account`, `events`: taking part in a market.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use proofmark_core::{Digest, Timestamp};
use proofmark_market::{CommandId, ContractId, RfqId};

use super::At;

/// Who signs a command, and where it goes.
#[derive(Debug, ClapArgs)]
pub struct Sender {
    /// Who asks: a private key file, or exec:PUBLIC_KEY PROGRAM.
    #[arg(long, value_name = "KEY", env = "PROOFMARK_KEY")]
    pub key: String,
    /// The command's own name, 32 hexadecimal digits [default: chosen at random]. Sent again under the same name, the
    /// same command is obeyed once at most.
    #[arg(long, value_name = "ID")]
    pub id: Option<CommandId>,
    /// After this moment the command is void.
    #[arg(long, value_name = "TIME")]
    pub valid_until: Option<Timestamp>,
    /// Where the market is.
    #[command(flatten)]
    pub at: At,
}

/// `proofmark party …`
#[derive(Debug, Subcommand)]
pub enum Party {
    /// Become a party: the market learns the public key.
    Register(Sender),
    /// Show a party: what it has, and its record as a buyer.
    Show {
        /// The 64 digits of its key, or a file with the key.
        party: String,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
}

/// `proofmark rfq …`
#[derive(Debug, Subcommand)]
pub enum Rfq {
    /// Ask for bids. The most that it can cost is put aside.
    Publish {
        /// The terms, as docs/market.md lists them.
        terms: PathBuf,
        /// Who asks.
        #[command(flatten)]
        sender: Sender,
    },
    /// List RFQs.
    List {
        /// Only those in this state: Open, Revealing, Awarded, Failed, Cancelled.
        #[arg(long)]
        state: Option<String>,
        /// Only those that buy this.
        #[arg(long, value_name = "OUTCOME_CLASS")]
        class: Option<String>,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Show an RFQ: its terms, its bids, and its award.
    Show {
        /// Which.
        rfq: RfqId,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Fetch what the work will be judged by: the criteria, their validators and reference files. `proofmark check` takes
    /// them, without the market.
    Criteria {
        /// Of which RFQ.
        rfq: RfqId,
        /// Directory to make; of an RFQ with several criteria, with one directory in it for each.
        #[arg(long, value_name = "DIRECTORY")]
        to: PathBuf,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Wait until bidding is over, and say which contract follows, or why none does. Exits with 1 if none does.
    Wait {
        /// Which.
        rfq: RfqId,
        /// Only until sealed bids can be revealed.
        #[arg(long)]
        reveal: bool,
        /// Give up after so many seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        within: u64,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// No longer buy.
    Cancel {
        /// Which.
        rfq: RfqId,
        /// Who asks.
        #[command(flatten)]
        sender: Sender,
    },
}

/// What is offered.
#[derive(Debug, ClapArgs)]
pub struct Offer {
    /// On which RFQ.
    pub rfq: RfqId,
    /// The price for all milestones, as 40.00.
    #[arg(long, value_name = "AMOUNT")]
    pub price: String,
    /// The performance bond, as 40.00; at least what the terms ask for.
    #[arg(long, value_name = "AMOUNT")]
    pub bond: String,
    /// Until when the bid is firm [default: a day longer than it must].
    #[arg(long, value_name = "TIME")]
    pub firm_until: Option<Timestamp>,
}

/// `proofmark bid …`
#[derive(Debug, Subcommand)]
pub enum Bid {
    /// Make an open bid.
    Place {
        /// What is offered.
        #[command(flatten)]
        offer: Offer,
        /// Put up the whole bond now: the bid stays, and keeps its place.
        #[arg(long)]
        bonded: bool,
        /// Who bids.
        #[command(flatten)]
        sender: Sender,
    },
    /// Make a sealed bid. What opens it is kept in a file, without which the bid bond is lost.
    Commit {
        /// What is offered.
        #[command(flatten)]
        offer: Offer,
        /// Where to keep what opens it [default: the name of the RFQ with .bid.json].
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Who bids.
        #[command(flatten)]
        sender: Sender,
    },
    /// Open a sealed bid, when bidding is over.
    Reveal {
        /// The file that `bid commit` has made; or the RFQ, where it was left to name the file.
        #[arg(value_name = "FILE|RFQ")]
        file: PathBuf,
        /// Who has bid.
        #[command(flatten)]
        sender: Sender,
    },
    /// Take a bid back while bidding is open.
    Withdraw {
        /// From which RFQ.
        rfq: RfqId,
        /// Who has bid.
        #[command(flatten)]
        sender: Sender,
    },
}

/// `proofmark contract …`
#[derive(Debug, Subcommand)]
pub enum Contract {
    /// List contracts.
    List {
        /// Only those in this state: Active, Verifying, Passed, …
        #[arg(long)]
        state: Option<String>,
        /// Only those of this party.
        #[arg(long)]
        party: Option<String>,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Tell what happened to a contract, what may happen next, by whom, until when, and what it pays.
    Show {
        /// Which.
        contract: ContractId,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Wait until a contract is in one of these states, can come to none of them any more, has ended, or an attempt has not
    /// passed. Exits with 1 if it is in another state then.
    Wait {
        /// Which.
        contract: ContractId,
        /// Which states: Passed, Final, … Without any: until it has ended.
        states: Vec<String>,
        /// Give up after so many seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        within: u64,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Deliver: upload the work, then submit it.
    Submit {
        /// Under which contract.
        contract: ContractId,
        /// The work: a directory.
        work: PathBuf,
        /// Who delivers.
        #[command(flatten)]
        sender: Sender,
    },
    /// Fetch the evidence: the bundles that were presented for a contract and obeyed, the last one unless another is named,
    /// with the proof that it is logged. `proofmark verify` takes it, without the market.
    Bundle {
        /// Of which contract.
        contract: ContractId,
        /// Which bundle, by its digest as it was presented: `--list` shows them.
        #[arg(long, value_name = "DIGEST")]
        bundle: Option<Digest>,
        /// List them, and fetch none.
        #[arg(long, conflicts_with_all = ["bundle", "to", "presented"])]
        list: bool,
        /// Where to write it [default: to standard output].
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
        /// Where to write the facts of its order, as the market knows them: the --facts of `proofmark verify`. What is
        /// worth money to you, compare with what you know yourself.
        #[arg(long, value_name = "FILE", conflicts_with = "list")]
        facts: Option<PathBuf>,
        /// Byte for byte as it was presented, without the proof.
        #[arg(long)]
        presented: bool,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Present a signed outcome.
    Present {
        /// Of which contract.
        contract: ContractId,
        /// The bundle.
        bundle: PathBuf,
        /// Who carries it.
        #[command(flatten)]
        sender: Sender,
    },
    /// Accept a pass before its window is over.
    Accept(Plain),
    /// No longer want the work.
    Cancel(Plain),
    /// Say that nothing will be delivered.
    Resign(Plain),
    /// Send the tick when a deadline has passed. A market that runs does so by itself.
    Tick(Plain),
    /// Accept as a reviewer, and withhold a part of the holdback.
    Review {
        /// Which.
        contract: ContractId,
        /// How much is withheld.
        #[arg(long, value_name = "AMOUNT", default_value = "0")]
        withhold: String,
        /// One of the grounds of the terms.
        #[arg(long)]
        ground: Option<String>,
        /// Who reviews.
        #[command(flatten)]
        sender: Sender,
    },
    /// Say that something is not as it seems.
    Challenge {
        /// Which.
        contract: ContractId,
        /// What.
        #[arg(long)]
        ground: GroundArg,
        /// What the buyer should get, where an arbiter decides [default: what the ground usually brings].
        #[arg(long, value_name = "AMOUNT")]
        claim: Option<String>,
        /// Who says so.
        #[command(flatten)]
        sender: Sender,
    },
    /// State facts against work that was paid: upload them, then name them.
    Evidence {
        /// Which.
        contract: ContractId,
        /// The facts: a directory.
        facts: PathBuf,
        /// The oracle.
        #[command(flatten)]
        sender: Sender,
    },
    /// Put up the fee of an arbitration that the other side has begun.
    Respond {
        /// Which.
        contract: ContractId,
        /// On which ground it was begun.
        #[arg(long)]
        ground: GroundArg,
        /// Who answers.
        #[command(flatten)]
        sender: Sender,
    },
    /// Offer an amount for the buyer, in an arbitration.
    Offer(Settle),
    /// Agree to what the other side offered last.
    AcceptOffer(Settle),
    /// Take one of the two last offers, as the arbiter.
    Rule {
        /// What is taken.
        #[command(flatten)]
        settle: Settle,
        /// Whose offer that is.
        #[arg(long = "for")]
        for_side: SideArg,
        /// Digest of the reasons.
        #[arg(long, value_name = "DIGEST")]
        reasons: Digest,
    },
}

/// A contract, and nothing else.
#[derive(Debug, ClapArgs)]
pub struct Plain {
    /// Which.
    pub contract: ContractId,
    /// Who asks.
    #[command(flatten)]
    pub sender: Sender,
}

/// An amount for the buyer.
#[derive(Debug, ClapArgs)]
pub struct Settle {
    /// Which.
    pub contract: ContractId,
    /// What the buyer should get.
    pub amount: String,
    /// On which ground the arbitration was begun.
    #[arg(long)]
    pub ground: GroundArg,
    /// Who asks.
    #[command(flatten)]
    pub sender: Sender,
}

/// See [`proofmark_market::command::Ground`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum GroundArg {
    /// Running the validators comes to something else.
    VerdictWrong,
    /// The work passes without doing what the terms say.
    ValidatorGamed,
    /// The facts against the outcome are not true.
    EvidenceFalse,
    /// The reviewer withheld without a ground.
    ReviewUnfounded,
}

/// See [`proofmark_market::command::Side`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SideArg {
    /// Pays for the work.
    Buyer,
    /// Does it.
    Supplier,
}

/// `proofmark account …`
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Say what a party has free to use.
    Balance {
        /// The 64 digits of its key, or a file with the key.
        party: String,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Say what came and went of what a party has free to use, from the first transfer on.
    History {
        /// The 64 digits of its key, or a file with the key.
        party: String,
        /// Where the market is.
        #[command(flatten)]
        at: At,
    },
    /// Say that money has come in for a party, as the operator. This is the rail until there are others.
    Deposit {
        /// For whom: the 64 digits of its key, or a file with the key.
        party: String,
        /// How much, as 100.00.
        amount: String,
        /// The operator.
        #[command(flatten)]
        sender: Sender,
    },
    /// Ask for money to be paid out.
    Withdraw {
        /// How much, as 100.00.
        amount: String,
        /// Who asks.
        #[command(flatten)]
        sender: Sender,
    },
}

/// `proofmark events`
#[derive(Debug, ClapArgs)]
pub struct Events {
    /// Go on when the last one is printed.
    #[arg(long)]
    pub follow: bool,
    /// Begin after the event of this number.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub after: u64,
    /// Only those of this RFQ or contract.
    #[arg(long, value_name = "NAME")]
    pub of: Option<String>,
    /// Where the market is.
    #[command(flatten)]
    pub at: At,
}
