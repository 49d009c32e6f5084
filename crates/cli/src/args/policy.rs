//! `policy`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use proofmark_core::Timestamp;
use proofmark_tlog::NoteKey;
use proofmark_trust::{Reason, Role};

/// `proofmark policy …`
///
/// A policy is written in a file such as `policy.json`. Signing version 3 of it makes `policy.v3.dsse.json`
/// beside it, which others get. The first change after that begins version 4.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Start a policy: version 1, with the keys that may change it.
    New(NewPolicy),
    /// Give a key a role.
    AddKey {
        /// The policy.
        policy: PathBuf,
        /// A file with the public key.
        key: PathBuf,
        /// What it may sign.
        #[arg(long)]
        role: RoleArg,
        /// Who holds it.
        #[arg(long, value_name = "NAME")]
        operator: String,
        /// The engine that signs with it.
        #[arg(long, value_name = "URI")]
        engine: Option<String>,
        /// When.
        #[command(flatten)]
        window: WindowArgs,
    },
    /// Accept a log.
    AddLog {
        /// The policy.
        policy: PathBuf,
        /// Its key, as `proofmark key show --log` shows it.
        #[arg(value_name = "VKEY")]
        key: NoteKey,
        /// When.
        #[command(flatten)]
        window: WindowArgs,
    },
    /// Accept a witness of logs.
    AddWitness {
        /// The policy.
        policy: PathBuf,
        /// Its key, as `proofmark key show --witness` shows it.
        #[arg(value_name = "VKEY")]
        key: NoteKey,
        /// Who runs it; witnesses of one operator count once.
        #[arg(long, value_name = "NAME")]
        operator: String,
        /// When.
        #[command(flatten)]
        window: WindowArgs,
    },
    /// Allow an engine profile.
    AddProfile {
        /// The policy.
        policy: PathBuf,
        /// Its name and digest [default: the profile of this program].
        #[arg(long, value_name = "NAME=DIGEST")]
        profile: Option<String>,
        /// When.
        #[command(flatten)]
        window: WindowArgs,
    },
    /// Change thresholds, and what else is one number.
    Set {
        /// The policy.
        policy: PathBuf,
        /// What is changed.
        #[command(flatten)]
        settings: Settings,
        /// When.
        #[command(flatten)]
        when: When,
    },
    /// Revoke a key or a witness; what it certainly signed before still counts.
    Revoke {
        /// The policy.
        policy: PathBuf,
        /// Its id, its vkey, or a file with its public key.
        key: String,
        /// Why.
        #[arg(long)]
        reason: ReasonArg,
        /// From when on; of a compromised key the earliest moment at which a thief may have had it
        /// [default: now].
        #[arg(long, value_name = "TIME")]
        effective: Option<Timestamp>,
        /// Correct a revocation that was a mistake, though more counts afterwards than before.
        #[arg(long)]
        correct: bool,
        /// When.
        #[command(flatten)]
        when: When,
    },
    /// End the window of a key, a witness, a log or a profile. A stolen key is rather revoked.
    End {
        /// The policy.
        policy: PathBuf,
        /// Its key id, its vkey, a file with its public key, or profile:NAME.
        what: String,
        /// Its last moment [default: now].
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// When.
        #[command(flatten)]
        when: When,
    },
    /// Take a role away from a key; what it signed in this role no longer counts at all.
    Retire {
        /// The policy.
        policy: PathBuf,
        /// Its id, or a file with its public key.
        key: String,
        /// Which role.
        #[arg(long)]
        role: RoleArg,
        /// When.
        #[command(flatten)]
        when: When,
    },
    /// Add the signature of a root key, or those that others made.
    Sign {
        /// The policy.
        policy: PathBuf,
        /// A root key: a private key file, or exec:PUBLIC_KEY PROGRAM [ARGUMENT…].
        #[arg(long, value_name = "KEY", required_unless_present = "merge")]
        key: Vec<String>,
        /// A signed copy of the same policy, whose signatures are taken over.
        #[arg(long, value_name = "FILE")]
        merge: Vec<PathBuf>,
        /// The signed policy that is replaced, whose root must sign too [default: the version before, beside it].
        #[arg(long, value_name = "FILE")]
        previous: Option<PathBuf>,
        /// When.
        #[command(flatten)]
        when: When,
    },
    /// Say everything that is wrong with a policy, and what had better be otherwise.
    Lint {
        /// The policy, written or signed.
        policy: PathBuf,
        /// When.
        #[command(flatten)]
        when: When,
    },
    /// Show a policy, and who signed it.
    Show {
        /// The policy, written or signed.
        policy: PathBuf,
        /// When.
        #[command(flatten)]
        when: When,
    },
    /// Print the keys of a policy in a form that other tools read.
    Export {
        /// The policy, written or signed.
        policy: PathBuf,
        /// Which form.
        #[arg(long)]
        format: FormatArg,
        /// The keys of which role; logs and witnesses have none.
        #[arg(long, default_value = "outcome")]
        role: RoleArg,
        /// When.
        #[command(flatten)]
        when: When,
    },
}

/// `proofmark policy new`
#[derive(Debug, ClapArgs)]
pub struct NewPolicy {
    /// Where to write it.
    #[arg(default_value = "policy.json")]
    pub file: PathBuf,
    /// A root key: who holds it, and a file with its public half. May be given several times.
    #[arg(long, value_name = "OPERATOR=KEY", required = true)]
    pub root: Vec<String>,
    /// So many root keys must sign [default: all but one, and at least one].
    #[arg(long, value_name = "NUMBER")]
    pub threshold: Option<u32>,
    /// The settlement domain for which it is meant.
    #[arg(long, value_name = "URI")]
    pub audience: Option<String>,
    /// The last moment at which it is believed [default: after 180 days].
    #[arg(long, value_name = "TIME")]
    pub expires: Option<Timestamp>,
    /// When.
    #[command(flatten)]
    pub when: When,
}

/// The moment of a call.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub struct When {
    /// As if it were this moment, for instance 2026-11-26T18:00:00Z [default: the clock].
    #[arg(long, value_name = "TIME")]
    pub now: Option<Timestamp>,
}

/// From when until when something counts.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub struct WindowArgs {
    /// First moment at which it counts [default: now].
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// Last moment at which it counts [default: it counts without end].
    #[arg(long, value_name = "TIME")]
    pub until: Option<Timestamp>,
    /// When.
    #[command(flatten)]
    pub when: When,
}

/// What `policy set` changes.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = true)]
pub struct Settings {
    /// So many keys of the role must sign, for instance outcome=2; outcome=2,distinct asks for keys of distinct
    /// operators.
    #[arg(long, value_name = "ROLE=NUMBER[,distinct]")]
    pub threshold: Vec<String>,
    /// Whether an outcome must be in a log.
    #[arg(long, value_name = "BOOL")]
    pub require_log: Option<bool>,
    /// So many operators of witnesses must have cosigned.
    #[arg(long, value_name = "NUMBER")]
    pub quorum: Option<u32>,
    /// An older outcome is refused.
    #[arg(long, value_name = "SECONDS")]
    pub max_age: Option<u64>,
    /// Clocks may differ by so much.
    #[arg(long, value_name = "SECONDS")]
    pub max_skew: Option<u64>,
    /// The last moment at which the policy is believed.
    #[arg(long, value_name = "TIME")]
    pub expires: Option<Timestamp>,
}

/// See [`Role`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Policies.
    Root,
    /// Outcomes.
    Outcome,
    /// Run receipts.
    Receipt,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Root => Self::Root,
            RoleArg::Outcome => Self::Outcome,
            RoleArg::Receipt => Self::Receipt,
        }
    }
}

/// See [`Reason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReasonArg {
    /// Somebody else may hold it.
    Compromised,
    /// Another key took its place.
    Superseded,
    /// Its operator no longer signs.
    Ceased,
}

impl From<ReasonArg> for Reason {
    fn from(reason: ReasonArg) -> Self {
        match reason {
            ReasonArg::Compromised => Self::Compromised,
            ReasonArg::Superseded => Self::Superseded,
            ReasonArg::Ceased => Self::Ceased,
        }
    }
}

/// A form of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// JSON Web Key Set, without revoked keys.
    Jwks,
    /// PEM, without revoked keys.
    Pem,
    /// OpenSSH allowed_signers, with windows.
    AllowedSigners,
    /// C2SP tlog-policy: logs and witnesses that count now.
    TlogPolicy,
}
