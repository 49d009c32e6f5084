//! The four purchases, each from the order to its end.

use std::path::Path;

use proofmark_core::Digest;
use proofmark_market::ContractId;
use proofmark_market::command::{Bid, SealedBid};
use serde_json::{Value, json};

use super::fair::{Fair, shown};
use super::terms;
use crate::failure::Failure;

/// What happened, line by line.
pub(super) type Tale = Vec<String>;

/// A purchase, told as it goes.
struct Job<'f> {
    fair: &'f Fair,
    example: &'f Path,
    buyer: &'static str,
    tale: Tale,
}

/// The end of a purchase.
pub(super) struct Ended {
    pub(super) tale: Tale,
    pub(super) contract: ContractId,
    /// The state in which it ended.
    pub(super) state: String,
    /// What the first verdict had to be bound to; nothing where nothing was delivered.
    pub(super) facts: Option<Value>,
}

fn offer(price: i64, bond: i64) -> Bid {
    let amount = |cents| proofmark_ledger::Amount::new(cents).expect("an amount");
    Bid {
        price: amount(price),
        bond: amount(bond),
        firm_until: "2100-01-01T00:00:00Z".parse().expect("a time"),
    }
}

impl Job<'_> {
    fn say(&mut self, line: impl Into<String>) {
        self.tale.push(line.into());
    }

    fn publish(&mut self, class: &str, sealed: bool) -> Result<String, Failure> {
        let agreed = self.fair.criteria(self.buyer, self.example)?;
        let kind = if sealed { terms::sealed } else { terms::open };
        let terms = kind(self.fair, class, &agreed, "oracle");
        let rfq = self.fair.publish(self.buyer, &terms)?;
        let (buyer, most) = (self.buyer, shown(5_000));
        let bids = if sealed { "sealed" } else { "open" };
        self.say(format!(
            "{buyer} asks for {class}, {bids} bids, at most {most}"
        ));
        Ok(rfq)
    }

    fn place(&mut self, rfq: &str, who: &str, price: i64) -> Result<(), Failure> {
        let bid = offer(price, 5_000);
        let action = json!({ "type": "place_bid", "rfq": rfq, "bid": bid });
        self.fair.send(who, action)?;
        self.say(format!("{who} bids {}", shown(price)));
        Ok(())
    }

    /// The contract of an RFQ, when bidding is over.
    fn awarded(&mut self, rfq: &str) -> Result<ContractId, Failure> {
        let found = self.fair.until(rfq, |it| it["state"] == "Awarded")?;
        let contract = found["contracts"][0].as_str().unwrap_or_default();
        let contract: ContractId = contract.parse().expect("it began");
        let begun = self.fair.state(&contract, "Active")?;
        let price = begun["price"].as_i64().unwrap_or_default();
        self.say(format!("  awarded: {} in escrow", shown(price)));
        Ok(contract)
    }

    fn deliver(&mut self, who: &str, contract: &ContractId, work: &str) -> Result<(), Failure> {
        let folder = self.example.join("submissions").join(work);
        let submission = self.fair.upload(who, &folder)?;
        let verb = json!({ "type": "submit", "submission": submission });
        self.fair.act(who, contract, verb)?;
        self.say(format!("{who} delivers {work}"));
        Ok(())
    }

    /// Waits for a state that follows from a verdict.
    fn judged(&mut self, contract: &ContractId, state: &str, means: &str) -> Result<(), Failure> {
        self.fair.state(contract, state)?;
        self.say(format!("  {means}"));
        Ok(())
    }

    fn accept(&mut self, contract: &ContractId) -> Result<(), Failure> {
        let answer = self
            .fair
            .act(self.buyer, contract, json!({ "type": "accept" }))?;
        let events = answer["events"].as_array().into_iter().flatten();
        let mut paid = events.filter_map(|it| it["event"]["amount"].as_i64());
        let paid = paid.next().unwrap_or_default();
        let buyer = self.buyer;
        self.say(format!(
            "{buyer} accepts: {} paid, a fifth is held back",
            shown(paid)
        ));
        Ok(())
    }

    /// An oracle states what happened later.
    fn later(&mut self, contract: &ContractId, facts: &str) -> Result<(), Failure> {
        let folder = self.example.join("later").join(facts);
        let evidence = self.fair.upload("oracle", &folder)?;
        let verb = json!({ "type": "state_evidence", "evidence": evidence });
        self.fair.act("oracle", contract, verb)?;
        self.say(format!("oracle states what came later: {facts}"));
        Ok(())
    }

    fn ended(mut self, contract: ContractId, facts: Option<Value>) -> Result<Ended, Failure> {
        let found = self
            .fair
            .until(&contract.to_string(), |it| it["deadline"].is_null())?;
        let state = found["state"].as_str().unwrap_or_default().to_owned();
        self.say(format!("  it ended: {state}"));
        Ok(Ended {
            tale: self.tale,
            contract,
            state,
            facts,
        })
    }
}

fn job<'f>(fair: &'f Fair, example: &'f Path, buyer: &'static str) -> Job<'f> {
    Job {
        fair,
        example,
        buyer,
        tale: Tale::new(),
    }
}

/// A claim is decided. A sealed auction; a rival challenges the verdict, the market's own engine runs it again, and the rival
/// loses its bond. What comes later speaks for the supplier.
pub(super) fn challenged(fair: &Fair, examples: &Path) -> Result<Ended, Failure> {
    let example = examples.join("claim");
    let mut job = job(fair, &example, "insurer");
    let rfq = job.publish("claim_processed", true)?;
    let salt = Digest::of(rfq.as_bytes()).hex().to_owned();
    let bids = [("careful", 3_000), ("hasty", 3_400), ("forgetful", 2_900)];
    for (who, price) in bids {
        let sealed = SealedBid {
            rfq: rfq.parse().expect("a name"),
            supplier: fair.party(who),
            bid: offer(price, 5_000),
            salt: &salt,
        };
        let commitment = sealed.commitment();
        fair.send(
            who,
            json!({ "type": "commit_bid", "rfq": rfq, "commitment": commitment }),
        )?;
        job.say(format!("{who} seals a bid"));
    }
    fair.until(&rfq, |it| it["state"] == "Revealing")?;
    for (who, price) in &bids[..2] {
        let bid = offer(*price, 5_000);
        fair.send(
            who,
            json!({ "type": "reveal_bid", "rfq": rfq, "bid": bid, "salt": salt }),
        )?;
        job.say(format!("{who} reveals {}", shown(*price)));
    }
    job.say("forgetful does not reveal, and loses its bid bond");
    let contract = job.awarded(&rfq)?;
    job.say("  the lowest wins, and is paid what the next one would have cost");
    job.deliver("careful", &contract, "right")?;
    job.judged(&contract, "Passed", "PASS, signed by an engine")?;
    let facts = fair.facts(&contract)?;
    fair.act(
        "hasty",
        &contract,
        json!({ "type": "challenge", "ground": "verdict_wrong" }),
    )?;
    job.say(format!(
        "hasty says that the verdict is wrong, with {}",
        shown(60)
    ));
    job.judged(
        &contract,
        "Passed",
        "run again by the market's own engine: PASS, the bond is lost",
    )?;
    job.accept(&contract)?;
    job.later(&contract, "stands")?;
    job.judged(
        &contract,
        "Provisional",
        "a complaint was dismissed, the decision stands: PASS, nothing changes",
    )?;
    job.ended(contract, Some(facts))
}

/// A ticket is resolved. The first delivery fails, the second passes; later it is reopened, and is resolved once more.
pub(super) fn cured(fair: &Fair, examples: &Path) -> Result<Ended, Failure> {
    let example = examples.join("support-ticket");
    let mut job = job(fair, &example, "shop");
    let rfq = job.publish("support_ticket_resolved", false)?;
    job.place(&rfq, "hasty", 2_500)?;
    job.place(&rfq, "careful", 3_200)?;
    let contract = job.awarded(&rfq)?;
    job.deliver("hasty", &contract, "keywords")?;
    job.judged(&contract, "Active", "FAIL, and one attempt is left")?;
    job.deliver("hasty", &contract, "resolved")?;
    job.judged(&contract, "Passed", "PASS")?;
    let facts = fair.facts(&contract)?;
    job.accept(&contract)?;
    job.later(&contract, "reopened")?;
    job.judged(
        &contract,
        "Curing",
        "the customer opened it again: to be mended in five seconds",
    )?;
    job.deliver("hasty", &contract, "resolved")?;
    job.judged(&contract, "Provisional", "mended")?;
    job.ended(contract, Some(facts))
}

/// A change is merged, and reverted later. What was paid comes back, although the supplier has taken its money away.
pub(super) fn clawed_back(fair: &Fair, examples: &Path) -> Result<Ended, Failure> {
    let example = examples.join("code-change");
    let mut job = job(fair, &example, "maintainer");
    let rfq = job.publish("pr_merged", false)?;
    job.place(&rfq, "cheap", 2_000)?;
    let contract = job.awarded(&rfq)?;
    job.deliver("cheap", &contract, "good")?;
    job.judged(&contract, "Passed", "PASS")?;
    let facts = fair.facts(&contract)?;
    job.accept(&contract)?;
    let all = fair.cents("cheap")?;
    fair.send(
        "cheap",
        json!({ "type": "withdraw", "asset": "USD/2", "amount": all }),
    )?;
    job.say(format!("cheap takes all its money away, {}", shown(all)));
    job.later(&contract, "reverted")?;
    job.judged(
        &contract,
        "Curing",
        "what was merged was reverted: to be mended in five seconds",
    )?;
    job.say("cheap does nothing");
    job.ended(contract, Some(facts))
}

/// Nothing is delivered.
pub(super) fn vanished(fair: &Fair, examples: &Path) -> Result<Ended, Failure> {
    let example = examples.join("support-ticket");
    let mut job = job(fair, &example, "shop");
    let agreed = fair.criteria("shop", &example)?;
    let mut terms = terms::open(fair, "support_ticket_resolved", &agreed, "oracle");
    terms["windows"]["delivery_seconds"] = json!(2);
    let rfq = fair.publish("shop", &terms)?;
    job.say("shop asks for support_ticket_resolved again, within two seconds");
    job.place(&rfq, "forgetful", 1_000)?;
    let contract = job.awarded(&rfq)?;
    job.say("forgetful does nothing");
    job.ended(contract, None)
}
