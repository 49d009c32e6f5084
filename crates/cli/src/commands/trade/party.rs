//! `proofmark party …`

use serde_json::json;

use super::send;
use crate::args::Party;
use crate::commands::Outcome;
use crate::commands::market::show;
use crate::printer::Printer;

pub(crate) fn run(command: &Party, printer: &Printer) -> Outcome {
    match command {
        Party::Register(sender) => send(json!({ "type": "register" }), sender, printer),
        Party::Show { party, at } => show::run(Some(&party.to_string()), at, printer),
    }
}
