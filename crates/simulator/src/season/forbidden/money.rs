//! Money out of nothing.

use proofmark_core::Digest;
use proofmark_ledger::Asset;
use proofmark_market::{Action, Code};

use super::Attempt;
use crate::season::Season;
use crate::stage::{Actor, cents, usd};

pub(super) fn withdraw(minor: i64) -> Action {
    Action::Withdraw {
        asset: usd(),
        amount: cents(minor),
    }
}

fn deposit(asset: Asset, party: &Actor) -> Action {
    Action::Deposit {
        party: party.id(),
        asset,
        amount: cents(100),
    }
}

impl Season {
    pub(super) fn bad_money(&mut self) -> Attempt {
        let (spammer, operator) = (Actor::new("spammer"), Actor::operator());
        let withdrawal = Digest::of(b"nothing");
        match self.chance.below(7) {
            0 => Attempt::new(
                "money from a party that is no rail",
                &spammer,
                deposit(usd(), &spammer),
                Code::ActorForbids,
            ),
            1 => Attempt::new(
                "money in another asset",
                &operator,
                deposit("EUR/2".parse().expect("an asset"), &spammer),
                Code::AssetUnknown,
            ),
            2 => Attempt::new(
                "a withdrawal that never was",
                &operator,
                Action::ConfirmWithdrawal { withdrawal },
                Code::WithdrawalUnknown,
            ),
            3 => Attempt::new(
                "a rail that is none",
                &spammer,
                Action::ReturnWithdrawal { withdrawal },
                Code::ActorForbids,
            ),
            4 => Attempt::new(
                "fees taken by whoever is not the operator",
                &spammer,
                Action::CollectFees {
                    asset: usd(),
                    amount: cents(1),
                },
                Code::ActorForbids,
            ),
            5 => Attempt::new("nothing", &spammer, withdraw(0), Code::AmountIsZero),
            _ => {
                let who = self.chance.pick(&self.cast.suppliers).0.clone();
                let all = withdraw(self.stage.has(&who) + 1);
                let code = Code::InsufficientFunds;
                Attempt::new("more out than there is", &who, all, code)
            }
        }
    }
}
