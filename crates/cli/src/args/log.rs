//! `log`, `witness`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use proofmark_log::Cosigner;
use proofmark_tlog::{KeyName, NoteKey};

/// `proofmark log …`
#[derive(Debug, Subcommand)]
pub enum Log {
    /// Make a log in a directory, empty and signed.
    Init {
        /// Directory to make.
        directory: PathBuf,
        /// The log's name for ever: the URL it will be served at, without the scheme.
        #[arg(long)]
        origin: KeyName,
        /// The log's private key, which signs nothing else: a private key file, or exec:PUBLIC_KEY PROGRAM.
        #[arg(long, value_name = "KEY")]
        key: String,
    },
    /// Append files as they are, each as one entry, and sign one checkpoint for all of them.
    Append {
        /// The log.
        directory: PathBuf,
        /// One entry each, of at most 65,535 bytes.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The log's private key.
        #[arg(long, value_name = "KEY")]
        key: String,
        /// Who cosigns.
        #[command(flatten)]
        witnesses: Witnesses,
    },
    /// Ask witnesses to cosign the last checkpoint, and publish it with what they answer.
    Cosign {
        /// The log.
        directory: PathBuf,
        /// Who cosigns.
        #[command(flatten)]
        witnesses: Witnesses,
    },
    /// Print the proof that an entry is in the log (C2SP tlog-proof).
    Prove {
        /// Which log.
        #[command(flatten)]
        log: LogArgs,
        /// The entry, counted from 0.
        index: u64,
    },
    /// Print the last checkpoint (C2SP tlog-checkpoint), after its signature was verified.
    Checkpoint {
        /// Which log.
        #[command(flatten)]
        log: LogArgs,
    },
    /// Compute the whole log again from its entries, and name every file that is not what it must be.
    Fsck {
        /// The log, or a copy of its public half.
        directory: PathBuf,
        /// The log's key, name+id+key [default: the one in the directory].
        #[arg(long, value_name = "VKEY")]
        log_key: Option<NoteKey>,
    },
    /// Serve the public half over HTTP (C2SP tlog-tiles). Any other server of files does as well.
    Serve {
        /// The log.
        directory: PathBuf,
        /// Where to listen.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8470")]
        listen: SocketAddr,
    },
    /// Look whether a log has only grown since it was looked at last, and keep the proof if it has not.
    Monitor {
        /// Which log.
        #[command(flatten)]
        log: LogArgs,
        /// The checkpoint that was seen last; made if it is not there.
        #[arg(long, value_name = "FILE")]
        remember: PathBuf,
        /// Where to write the proof of a fork; beside it, if another file is there.
        #[arg(long, value_name = "FILE", default_value = "log-fork.json")]
        fork: PathBuf,
    },
    /// Check the proof of a fork that somebody else has made.
    CheckFork {
        /// The proof.
        file: PathBuf,
        /// The key of the log that is accused.
        #[arg(long, value_name = "VKEY")]
        log_key: NoteKey,
    },
}

/// A log to be read.
#[derive(Debug, ClapArgs)]
pub struct LogArgs {
    /// The log: a directory, or a URL.
    #[arg(value_name = "LOG")]
    pub place: String,
    /// The log's key, name+id+key [default: the one in the directory].
    #[arg(long, value_name = "VKEY")]
    pub log_key: Option<NoteKey>,
}

/// Witnesses to be asked.
#[derive(Debug, ClapArgs)]
pub struct Witnesses {
    /// Ask this witness for a cosignature: its key, name+id+key, an @ and its URL.
    #[arg(long = "witness", value_name = "VKEY@URL")]
    pub witnesses: Vec<Cosigner>,
    /// So many of them must cosign [default: all].
    #[arg(long, value_name = "NUMBER", requires = "witnesses")]
    pub quorum: Option<usize>,
    /// How long a witness may take, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub timeout: u64,
}

/// `proofmark witness …`
#[derive(Debug, Subcommand)]
pub enum Witness {
    /// Cosign checkpoints of logs that have only grown (C2SP tlog-witness).
    Serve {
        /// Where it remembers what it has cosigned; made if it is not there. Never lose it or go back to an
        /// old copy: it is all that a witness is.
        directory: PathBuf,
        /// The name of the witness.
        #[arg(long)]
        name: KeyName,
        /// Its private key, which signs nothing else: a private key file, or exec:PUBLIC_KEY PROGRAM.
        #[arg(long, value_name = "KEY")]
        key: String,
        /// The key of a log to watch, name+id+key.
        #[arg(long = "log", value_name = "VKEY", required = true)]
        logs: Vec<NoteKey>,
        /// Where to listen.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8471")]
        listen: SocketAddr,
    },
}
