//! Terms, policies and proofs that are none.

use proofmark_core::Digest;
use proofmark_market::award::AwardRule;
use proofmark_market::terms::BidMode;
use proofmark_market::{Action, Code, Terms};

use super::Attempt;
use crate::season::Season;
use crate::season::terms::{self, Size};
use crate::stage::Actor;

fn publish(what: &'static str, buyer: &Actor, terms: &Terms, code: Code) -> Attempt {
    let action = Action::PublishRfq {
        terms: terms.digest(),
    };
    Attempt::new(what, buyer, action, code).beside(terms.canonical_bytes())
}

impl Season {
    /// Something beside a command that is not what it should be.
    pub(super) fn bad_paper(&mut self) -> Attempt {
        let buyer = self.chance.pick(&self.cast.buyers).0.clone();
        let garbage = b"{}".to_vec();
        let digest = Digest::of(&garbage);
        let attempt = match self.chance.below(4) {
            0 => Attempt::new(
                "a fraud proof that proves nothing",
                &Actor::new("spammer"),
                Action::StrikeEngine { proof: digest },
                Code::FraudProofRefused,
            ),
            1 => Attempt::new(
                "a policy that nobody signed",
                &Actor::operator(),
                Action::PublishPolicy { policy: digest },
                Code::PolicyRefused,
            ),
            2 => Attempt::new(
                "no terms",
                &buyer,
                Action::PublishRfq { terms: digest },
                Code::TermsMalformed,
            ),
            _ => Attempt::new(
                "terms beside which others are named",
                &buyer,
                Action::PublishRfq {
                    terms: Digest::of(b"others"),
                },
                Code::AttachmentMismatch,
            ),
        };
        attempt.beside(garbage)
    }

    pub(super) fn bad_terms(&mut self) -> Attempt {
        let mut it = terms::draw(&mut self.chance, Size::Small);
        let buyer = self.chance.pick(&self.cast.buyers).0.clone();
        let (what, code) = match self.chance.below(7) {
            0 => {
                it.attempts = 0;
                ("no attempts", Code::TermsLimit)
            }
            1 => {
                it.engines.threshold = 5;
                ("more judges than there are", Code::TermsContradict)
            }
            2 => {
                judged_by(&mut it, &[&buyer]);
                ("the buyer as a judge", Code::TermsContradict)
            }
            3 => {
                judged_by(&mut it, &[&Actor::new("spammer")]);
                ("an engine that nobody trusts", Code::EngineUnknown)
            }
            4 => {
                it.award.rule = AwardRule::SecondScore;
                it.award.bids = BidMode::Open;
                it.windows.reveal_seconds = None;
                let what = "bids of all kinds under a price that the second sets";
                (what, Code::TermsContradict)
            }
            5 => return self.twins(&buyer, it),
            _ => {
                it.asset = "EUR/2".parse().expect("an asset");
                ("another asset", Code::TermsContradict)
            }
        };
        publish(what, &buyer, &it, code)
    }

    /// Two engines of one operator, as if they were two.
    fn twins(&self, buyer: &Actor, mut it: Terms) -> Attempt {
        let twins = [&Actor::new("alpha"), &Actor::new("alpha-again")];
        judged_by(&mut it, &twins);
        let struck = self.stage.market.struck();
        match twins.iter().any(|twin| struck.contains(&twin.id())) {
            true => publish("a struck engine", buyer, &it, Code::EngineStruck),
            false => {
                let what = "two engines of one operator as two";
                publish(what, buyer, &it, Code::TooFewOperators)
            }
        }
    }
}

fn judged_by(terms: &mut Terms, engines: &[&Actor]) {
    let mut keys: Vec<_> = engines.iter().map(|engine| engine.id()).collect();
    keys.sort();
    terms.engines.threshold = u32::try_from(keys.len()).expect("a few");
    terms.engines.keys = keys;
}
