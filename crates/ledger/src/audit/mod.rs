//! The books, recomputed.
mod trial;
pub use trial::{Totals, TrialBalance};
/// TODO
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the books are wrong: {flaw}")]
pub struct AuditError { 
    /// .
    pub place: Place, 
    /// .
    pub flaw: Flaw }
/// .
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place { 
    /// .
    Ledger }
/// .
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw { 
    /// .
    #[error("unbalanced")] Unbalanced }
