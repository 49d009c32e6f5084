//! Bytes by their digest, in files: written once, never changed, durable when they are there.
//!
//! | folder | what |
//! |---|---|
//! | `all` | every blob, `sha256-<digest>`: what an examiner reads, and `--blobs` of the command line |
//! | `public` | links to those that anybody may read |
//! | `of/<owner>` | links to those that an owner has uploaded |
//! | `partial/<owner>` | what has arrived of an upload that was broken off, and goes on where it stopped |
//!
//! There is no other bookkeeping: who has what, and how much of it, is what lies in the folders. An owner has a blob
//! only after sending every byte of it, so knowing a digest is not having the content. In scope: keeping, finding,
//! counting. Out of scope: who may read what (`proofmark-api`). Everything blocks; there is no clock.

mod store;
mod upload;

pub use store::{Blobs, LEAST_BYTES, OwnerName};
pub use upload::{Upload, UploadError};
