//! Every rule of trust policies, one test binary.

mod accept;
mod check;
mod edit;
mod example;
mod export;
mod fixture;
mod lint;
mod weaker;
