//! The published cases of `tests/vectors`: made here, and read from disk and run as anybody else would.

mod cases;
mod published;
mod world;
