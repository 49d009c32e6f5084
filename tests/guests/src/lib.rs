//! Validators that the benchmarks run, one component each in `examples/`.
//!
//! In scope: work whose cost is of interest. Out of scope: what is measured of it, and how; that stands
//! in `tests/benches/figures`. The product does not carry these guests.
