//! The transparency log on a directory, its witness and its monitor: the I/O around `proofmark-tlog`.
//!
//! In scope: writing a log so that nothing acknowledged is lost ([`Log`]), reading one from a directory or a web
//! server ([`LogReader`]), computing all of it again ([`fsck()`]), cosigning the logs of others ([`witness`]), asking
//! for cosignatures ([`Cosigner`]), watching a log ([`monitor`]), and serving all of this over HTTP ([`serve`]). Out of scope: the formats (`proofmark-tlog`), what an entry means
//! (`proofmark-attestation`), where keys lie (`proofmark-keystore`).
//!
//! Entries are opaque bytes here. How a log is durable and fast: `docs/design/0012-log-durability.md`.

mod cosigners;
mod disk;
mod error;
mod fsck;
mod journal;
mod layout;
mod log;
pub mod monitor;
pub mod serve;
mod source;
mod web;
pub mod witness;

pub use cosigners::{Cosigner, CosignerError, CosignerTextError, Witnessed};
pub use disk::{Disk, Lock, RealDisk};
pub use error::LogError;
pub use fsck::{Damage, FsckReport, fsck};
pub use journal::MAX_BATCH_BYTES;
pub use log::{Appended, Log};
pub use source::{Folder, LogReader, ReadError, Source, SourceError, TileError, Web};
pub use web::WebError;
