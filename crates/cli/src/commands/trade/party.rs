//! `proofmark party …`

use std::path::Path;

use proofmark_keystore::{Passphrase, read_public};
use proofmark_market::PartyId;
use serde_json::json;

use super::send;
use crate::args::Party;
use crate::commands::Outcome;
use crate::commands::market::show;
use crate::failure::Failure;
use crate::printer::Printer;

pub(crate) fn run(command: &Party, printer: &Printer) -> Outcome {
    match command {
        Party::Register(sender) => send(json!({ "type": "register" }), sender, printer),
        Party::Show { party, at } => show::run(Some(&named(party)?.to_string()), at, printer),
    }
}

/// A party, by the digits of its key or by a file that holds its public or private key.
pub(crate) fn named(text: &str) -> Result<PartyId, Failure> {
    if let Ok(party) = text.parse() {
        return Ok(party);
    }
    let file = Path::new(text);
    if !file.is_file() {
        let why = format!("{text:?} is neither the name of a party nor a file");
        let hint = "a party is named by the 64 digits that `proofmark key show KEY` prints, or by a file with its key";
        return Err(Failure::input("name-malformed", why, hint));
    }
    let key = read_public(file, Passphrase::from_environment()?.as_ref())?;
    Ok(key.id())
}
