//! `webhook`: being told of events.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::At;

/// Whose webhooks, and of which market.
#[derive(Debug, ClapArgs)]
pub struct Owner {
    /// Whose they are: a private key file, or exec:PUBLIC_KEY PROGRAM.
    #[arg(long, value_name = "KEY", env = "PROOFMARK_KEY")]
    pub key: String,
    /// Where the market is.
    #[command(flatten)]
    pub at: At,
}

/// `proofmark webhook …`
#[derive(Debug, Subcommand)]
pub enum Webhook {
    /// Have the market tell a URL of events. The same URL and the same wish is the same webhook.
    Add {
        /// Where messages go: https://HOST/PATH, of the public internet, at port 443 or 8443.
        url: String,
        /// Only events of this type: contract.paid, or contract.* for all of one subject. May be given again.
        #[arg(long = "type", value_name = "TYPE")]
        types: Vec<String>,
        /// Only of this RFQ, with the contracts that follow from it, or of this contract.
        #[arg(long, value_name = "NAME")]
        of: Option<String>,
        /// Begin after the event of this number [default: what happens from now on].
        #[arg(long, value_name = "NUMBER")]
        after: Option<u64>,
        /// Whose it is.
        #[command(flatten)]
        owner: Owner,
    },
    /// List your webhooks.
    List(Owner),
    /// Show a webhook, its last messages, and what became of each try.
    Show(One),
    /// Remove a webhook and its messages.
    Remove(One),
    /// Send a message again, with the same id.
    Redeliver {
        /// Of which webhook.
        webhook: String,
        /// Which.
        message: String,
        /// Whose it is.
        #[command(flatten)]
        owner: Owner,
    },
    /// Send a test, once. If it arrives, a webhook that was disabled is enabled, and goes on where it stopped.
    Test(One),
    /// Check offline that a request came from a market. Exits with 4 if it is refused.
    Verify {
        /// The headers as they came, a `Name: value` on each line.
        headers: PathBuf,
        /// The body, byte for byte.
        body: PathBuf,
        /// The market's key, whpk_…, as `webhook_key` of `proofmark market show` has it.
        #[arg(long, value_name = "KEY")]
        webhook_key: String,
        /// Refuse what was sent longer ago, or as far ahead.
        #[arg(long, value_name = "SECONDS", default_value_t = proofmark_webhooks::TOLERANCE_SECONDS)]
        max_age: u64,
        /// Take what was sent at any time.
        #[arg(long, conflicts_with = "max_age")]
        any_age: bool,
    },
}

/// A webhook, and nothing else.
#[derive(Debug, ClapArgs)]
pub struct One {
    /// Which: hook_ and 32 digits.
    pub webhook: String,
    /// Whose it is.
    #[command(flatten)]
    pub owner: Owner,
}
