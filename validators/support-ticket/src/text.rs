//! Texts as they are judged.
//!
//! | file | what it reads |
//! |---|---|
//! | `spoken` | what a message says, word by word: for what has to be said |
//! | `letters` | the letters of a message, whatever stands between them: for what must not be said |
//! | `index` | where phrases stand in either |
//! | `passage` | the normal form in which quotes and articles are compared |
//! | `visible` | what hides a part of a message from its readers, or shows another |

pub(crate) mod index;
pub(crate) mod letters;
pub(crate) mod passage;
pub(crate) mod spoken;
pub(crate) mod visible;

#[cfg(test)]
mod tests;
