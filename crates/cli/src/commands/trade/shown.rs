//! RFQs and parties, as people read them.

use proofmark_ledger::Asset;
use proofmark_market::Terms;
use proofmark_market::award::Award;
use proofmark_market::terms::MAX_MILESTONES;
use serde_json::Value;

use super::{amount, table, text};
use crate::commands::market::{client, show};
use crate::failure::Failure;
use crate::render::foreign::one_line;

/// The terms of an RFQ; no more milestones than a market takes.
pub(crate) fn terms(rfq: &Value) -> Result<Terms, Failure> {
    let terms: Option<Terms> = serde_json::from_value(rfq["terms"].clone()).ok();
    let terms = terms.filter(|it| it.milestones.len() <= MAX_MILESTONES);
    terms.ok_or_else(|| client::no_market("its terms cannot be read"))
}

/// Why no bid has won; nothing where one has, or bidding is not over.
pub(crate) fn why(rfq: &Value) -> String {
    if rfq["state"] != "Failed" {
        return String::new();
    }
    let offers = rfq["offers"].as_array().map_or(0, Vec::len);
    if offers == 0 {
        return ": nobody has bid".to_owned();
    }
    let found = bids(rfq).into_iter();
    let lines = found.map(|[supplier, .., found]| format!("\n  {supplier} {found}"));
    format!(": no bid could win{}", lines.collect::<String>())
}

/// Supplier, price, bond and what was found, of each bid.
fn bids(rfq: &Value) -> Vec<[String; 4]> {
    let asset: Option<Asset> = text(rfq, "asset").parse().ok();
    let award: Option<Award> = serde_json::from_value(rfq["award"].clone()).ok();
    let offers = rfq["offers"].as_array().into_iter().flatten();
    let row = |offer: &Value| {
        let supplier = text(offer, "supplier");
        let bid = &offer["entry"]["bid"];
        let shown = |member: &str| match bid[member].is_null() {
            true => "sealed".to_owned(),
            false => amount::shown(&bid[member], asset),
        };
        let mut assessed = award.iter().flat_map(|it| &it.basis.candidates);
        let own = assessed.find(|it| it.candidate.supplier.to_string() == supplier);
        let found = match (own, asset) {
            (Some(own), Some(asset)) => own.assessment.told(asset),
            _ if award.is_some() => "was not revealed: its bid bond is lost".to_owned(),
            _ => String::new(),
        };
        [supplier, shown("price"), shown("bond"), found]
    };
    offers.map(row).collect()
}

/// What an RFQ asks for, who bids, and what was decided; as it came, where a later release says more.
pub(crate) fn rfq(rfq: &Value) -> String {
    let Ok(terms) = terms(rfq) else {
        return show::text(rfq);
    };
    let until = match rfq["deadline"].as_str() {
        Some(deadline) => format!(", until {deadline}"),
        None => String::new(),
    };
    let (id, state, buyer) = (text(rfq, "id"), text(rfq, "state"), text(rfq, "buyer"));
    let mut out = format!("{id} is {state}{until}{}.\n", why(rfq));
    let class = one_line(&terms.outcome_class);
    out.push_str(&format!("{class} for {buyer}\n"));
    for group in proofmark_pages::told(&terms) {
        out.push_str(&format!("\n{}\n", group.title));
        for (name, said) in group.rows {
            out.push_str(&format!("  {name:<40} {}\n", one_line(&said)));
        }
    }
    let header = ["supplier", "price", "bond", "found"];
    out.push_str(&format!(
        "\nBids\n{}\n",
        table(header, bids(rfq).into_iter())
    ));
    for contract in rfq["contracts"].as_array().into_iter().flatten() {
        out.push_str(&format!(
            "\ncontract {}\n",
            one_line(contract.as_str().unwrap_or_default())
        ));
    }
    out.push_str(&format!(
        "\nterms {}; all of it as JSON: --output json\n",
        text(rfq, "terms_digest")
    ));
    out
}

/// What a party has, and its record as a buyer.
pub(crate) fn party(party: &Value) -> String {
    let mut out = format!("{}\n", text(party, "id"));
    for balance in party["balances"].as_array().into_iter().flatten() {
        let asset: Option<Asset> = text(balance, "asset").parse().ok();
        out.push_str(&format!(
            "available  {}\n",
            amount::shown(&balance["available"], asset)
        ));
    }
    let record = &party["as_buyer"];
    let counted = [
        ("contracts", "contracts_milli"),
        ("cancelled", "cancelled_milli"),
        ("settled by silence", "silent_milli"),
        ("disputes lost", "disputes_lost_milli"),
        ("objections overturned", "rejections_overturned_milli"),
    ];
    out.push_str("\nas a buyer (each contract by its weight)\n");
    for (name, member) in counted {
        let milli = record[member].as_u64().unwrap_or_default();
        out.push_str(&format!(
            "  {name:<22} {}.{:03}\n",
            milli / 1_000,
            milli % 1_000
        ));
    }
    let bad = record["bad"].as_u64().unwrap_or_default();
    out.push_str(&format!(
        "  bad at most            {}.{:04} %, with 90 % confidence\n",
        bad / 10_000,
        bad % 10_000
    ));
    let classes = party["as_supplier_of"].as_array().into_iter().flatten();
    for class in classes.filter_map(Value::as_str) {
        let (id, segment) = (text(party, "id"), client::segment(class));
        out.push_str(&format!(
            "\nas a supplier of {}: GET /v1/parties/{id}/standings/{segment}, or its page\n",
            one_line(class)
        ));
    }
    out
}
