//! The ledger beside a plain model, over random walks.
//!
//! The model keeps maps of wide integers and copies itself before each group. It does not know an order of
//! checks: it collects every code that could be named, and takes the lowest.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use crate::ResultCode::*;
use crate::testing::*;
use crate::{
    AccountKey, Amount, Applied, Asset, Group, GroupId, Ledger, Refusal, ResultCode, Side,
    Transfer, TransferId,
};

type Codes = BTreeSet<ResultCode>;
/// Debits and credits posted, debits and credits pending.
type Sums = [i128; 4];

#[derive(Debug, Clone)]
struct Hold {
    debit: Account,
    credit: Account,
    minor: i128,
    expires_at: Option<u64>,
    ended: Option<ResultCode>,
}

#[derive(Debug, Clone, Default)]
struct Model {
    groups: BTreeMap<GroupId, Vec<Transfer<Account>>>,
    sums: BTreeMap<Account, Sums>,
    holds: BTreeMap<TransferId, Hold>,
    /// Those that made no hold.
    others: BTreeSet<TransferId>,
    now: u64,
    last: Option<Result<Applied, Refusal>>,
}

#[derive(Debug, Clone)]
struct Step {
    group: Group<Account>,
    seconds: u64,
}

impl Model {
    fn step(&mut self, step: &Step) {
        let outcome = match self.of_group(step).pop_first() {
            Some(code) => Err(Refusal { index: None, code }),
            None => match self.groups.get(&step.group.id) {
                Some(recorded) => compare(recorded, &step.group.transfers),
                None => self.create(step),
            },
        };
        self.last = Some(outcome);
    }

    fn of_group(&self, step: &Step) -> Codes {
        let transfers = &step.group.transfers;
        let recorded = self.groups.get(&step.group.id);
        let other = recorded.is_some_and(|recorded| recorded.len() != transfers.len());
        let begun = !self.groups.is_empty();
        let back = begun && recorded.is_none() && step.seconds < self.now;
        let named = [
            (transfers.is_empty(), GroupIsEmpty),
            (other, ExistsWithDifferentLength),
            (back, TimeWentBack),
        ];
        applicable(&named)
    }

    fn create(&mut self, step: &Step) -> Result<Applied, Refusal> {
        let before = self.clone();
        for (index, transfer) in (0..).zip(&step.group.transfers) {
            let id = TransferId {
                group: step.group.id,
                index,
            };
            if let Some(code) = self.transfer(id, transfer, step.seconds).pop_first() {
                *self = before;
                let index = Some(index);
                return Err(Refusal { index, code });
            }
        }
        self.now = step.seconds;
        self.groups
            .insert(step.group.id, step.group.transfers.clone());
        Ok(Applied::Created)
    }

    /// Does it, whatever it is, and says what speaks against it; the caller restores what was before.
    fn transfer(&mut self, id: TransferId, transfer: &Transfer<Account>, now: u64) -> Codes {
        match transfer {
            Transfer::Single {
                debit,
                credit,
                amount,
            } => {
                self.others.insert(id);
                let mut codes = self.of_pair(*debit, *credit, *amount);
                codes.extend(self.shift(*debit, *credit, [wide(*amount), 0]));
                codes
            }
            Transfer::Pending {
                debit,
                credit,
                amount,
                expires_at,
            } => {
                let expires_at = expires_at.map(|expires_at| expires_at.seconds());
                let mut codes = self.of_pair(*debit, *credit, *amount);
                let late = expires_at.is_some_and(|expires_at| expires_at <= now);
                codes.extend(late.then_some(ExpiresAtIsNotLater));
                codes.extend(self.shift(*debit, *credit, [0, wide(*amount)]));
                let hold = Hold {
                    debit: *debit,
                    credit: *credit,
                    minor: wide(*amount),
                    expires_at,
                    ended: None,
                };
                self.holds.insert(id, hold);
                codes
            }
            Transfer::Post { pending, amount } => {
                let zero = amount.is_zero().then_some(AmountIsZero);
                let mut codes = self.end(id, *pending, PendingAlreadyPosted, wide(*amount), now);
                codes.extend(zero);
                codes
            }
            Transfer::Void { pending } => self.end(id, *pending, PendingAlreadyVoided, 0, now),
            Transfer::Expire { pending } => self.end(id, *pending, PendingAlreadyExpired, 0, now),
        }
    }

    fn of_pair(&self, debit: Account, credit: Account, amount: Amount) -> Codes {
        let known = self.sums.keys().map(AccountKey::asset);
        let known: Vec<Asset> = known.chain([debit.asset()]).collect();
        let other = |key: Account| {
            let clashes = |known: &Asset| {
                known.code() == key.asset().code() && known.scale() != key.asset().scale()
            };
            known.iter().any(clashes)
        };
        applicable(&[
            (debit == credit, AccountsMustDiffer),
            (debit.asset() != credit.asset(), AssetsMustMatch),
            (other(debit) || other(credit), AssetHasOtherScale),
            (amount.is_zero(), AmountIsZero),
        ])
    }

    fn end(
        &mut self,
        id: TransferId,
        pending: TransferId,
        how: ResultCode,
        moved: i128,
        now: u64,
    ) -> Codes {
        let Some(hold) = self.holds.get_mut(&pending) else {
            let other = self.others.contains(&pending);
            return Codes::from([if other {
                PendingIsOtherKind
            } else {
                PendingNotFound
            }]);
        };
        let over = hold.expires_at.is_some_and(|expires_at| expires_at <= now);
        let mut codes = applicable(&[
            (how == PendingAlreadyPosted && over, PendingHasExpired),
            (how == PendingAlreadyExpired && !over, PendingNotYetExpired),
            (moved > hold.minor, AmountExceedsPending),
        ]);
        codes.extend(hold.ended);
        hold.ended = Some(how);
        let Hold {
            debit,
            credit,
            minor,
            ..
        } = hold.clone();
        self.others.insert(id);
        let sums = self.shift(debit, credit, [moved, -minor]);
        assert!(
            !codes.is_empty() || sums.is_empty(),
            "ending a hold never lacks money"
        );
        codes
    }

    fn shift(&mut self, debit: Account, credit: Account, [posted, pending]: [i128; 2]) -> Codes {
        let from = self.sums.entry(debit).or_default();
        from[0] += posted;
        from[2] += pending;
        let from = *from;
        let to = self.sums.entry(credit).or_default();
        to[1] += posted;
        to[3] += pending;
        let most = wide(Amount::MAX);
        applicable(&[
            (from[0] + from[2] > most, DebitsWouldOverflow),
            (to[1] + to[3] > most, CreditsWouldOverflow),
            (
                bound(debit, Side::Credit) && from[0] + from[2] > from[1],
                DebitsWouldExceedCredits,
            ),
            (
                bound(credit, Side::Debit) && to[1] + to[3] > to[0],
                CreditsWouldExceedDebits,
            ),
        ])
    }
}

fn bound(key: Account, side: Side) -> bool {
    key.normal() == side && !key.may_be_negative()
}

fn wide(amount: Amount) -> i128 {
    i128::from(amount.minor())
}

fn applicable(named: &[(bool, ResultCode)]) -> Codes {
    let applicable = named.iter().filter(|(applies, _)| *applies);
    applicable.map(|(_, code)| *code).collect()
}

fn compare(
    recorded: &[Transfer<Account>],
    asked: &[Transfer<Account>],
) -> Result<Applied, Refusal> {
    for (index, (recorded, asked)) in (0..).zip(recorded.iter().zip(asked)) {
        if let Some(code) = differences(recorded, asked).pop_first() {
            let index = Some(index);
            return Err(Refusal { index, code });
        }
    }
    Ok(Applied::Exists)
}

/// A transfer as a list of fields, those that it does not have empty.
type Fields = (
    u8,
    Option<Account>,
    Option<Account>,
    Option<Amount>,
    Option<TransferId>,
    Option<Option<proofmark_core::Timestamp>>,
);

fn fields(transfer: &Transfer<Account>) -> Fields {
    match *transfer {
        Transfer::Single {
            debit,
            credit,
            amount,
        } => (0, Some(debit), Some(credit), Some(amount), None, None),
        Transfer::Pending {
            debit,
            credit,
            amount,
            expires_at,
        } => (
            1,
            Some(debit),
            Some(credit),
            Some(amount),
            None,
            Some(expires_at),
        ),
        Transfer::Post { pending, amount } => (2, None, None, Some(amount), Some(pending), None),
        Transfer::Void { pending } => (3, None, None, None, Some(pending), None),
        Transfer::Expire { pending } => (4, None, None, None, Some(pending), None),
    }
}

fn differences(recorded: &Transfer<Account>, asked: &Transfer<Account>) -> Codes {
    let (a, b) = (fields(recorded), fields(asked));
    applicable(&[
        (a.0 != b.0, ExistsWithDifferentKind),
        (a.1 != b.1, ExistsWithDifferentDebit),
        (a.2 != b.2, ExistsWithDifferentCredit),
        (a.3 != b.3, ExistsWithDifferentAmount),
        (a.4 != b.4, ExistsWithDifferentPending),
        (a.5 != b.5, ExistsWithDifferentExpiresAt),
    ])
}

fn any_account() -> impl Strategy<Value = Account> {
    let euro = |account: fn(u8, Asset) -> Account, text| account(1, asset(text));
    let rare = vec![
        Account::Bank(asset("EUR/2")),
        euro(Account::Customer, "EUR/2"),
        euro(Account::Free, "EUR/2"),
        Account::Bank(asset("EUR/3")),
        euro(Account::Customer, "EUR/3"),
    ];
    prop_oneof![
        8 => Just(bank()),
        24 => (0..4_u8).prop_map(customer),
        8 => (0..3_u8).prop_map(free),
        3 => Just(cost()),
        1 => select(rare),
    ]
}

fn any_amount() -> impl Strategy<Value = Amount> {
    let most = Amount::MAX.minor();
    let minor = prop_oneof![40 => 1..200_i64, 1 => Just(0), 1 => most - 300..=most];
    minor.prop_map(amount)
}

/// Ids of holds, mostly of those that there are; `own` is the group that is made.
fn any_pending(model: &Model, own: u32) -> BoxedStrategy<TransferId> {
    let guess = (0..40_u32, 0..4_u16).prop_map(|(group, index)| place(group, index));
    let here = (0..4_u16).prop_map(move |index| place(own, index));
    let open = model.holds.iter().filter(|(_, hold)| hold.ended.is_none());
    let open: Vec<_> = open.map(|(id, _)| *id).collect();
    match open.is_empty() {
        true => prop_oneof![1 => guess, 2 => here].boxed(),
        false => prop_oneof![1 => guess, 1 => here, 12 => select(open)].boxed(),
    }
}

fn any_transfer(model: &Model, own: u32) -> BoxedStrategy<Transfer<Account>> {
    let now = model.now;
    let expires_at = prop_oneof![1 => Just(None), 3 => (now..now + 40).prop_map(Some)];
    let sides = || (any_account(), any_account(), any_amount());
    let deposit = (0..4_u8, 1..500_i64);
    let twins = ["EUR/2", "EUR/3"].map(asset);
    let twins = (select(twins.to_vec()), 1..9_i64)
        .prop_map(|(euro, minor)| single(Account::Bank(euro), Account::Customer(1, euro), minor));
    let moves = prop_oneof![
        1 => twins,
        6 => deposit.prop_map(|(number, minor)| single(bank(), customer(number), minor)),
        4 => sides().prop_map(|(debit, credit, amount)| single(debit, credit, amount.minor())),
        6 => (sides(), expires_at).prop_map(|((debit, credit, amount), expires_at)| {
            pending(debit, credit, amount.minor(), expires_at)
        }),
    ];
    let ends = prop_oneof![
        2 => (any_pending(model, own), any_amount())
            .prop_map(|(pending, amount)| Transfer::Post { pending, amount }),
        1 => any_pending(model, own).prop_map(|pending| Transfer::Void { pending }),
        1 => any_pending(model, own).prop_map(|pending| Transfer::Expire { pending }),
    ];
    let held = model.holds.values().any(|hold| hold.ended.is_none());
    prop_oneof![8 => moves, if held { 6 } else { 1 } => ends].boxed()
}

fn any_group(model: &Model) -> BoxedStrategy<Group<Account>> {
    let fresh = u32::try_from(model.groups.len()).expect("a short walk");
    let number = prop_oneof![8 => Just(fresh), 1 => 0..40_u32];
    let model = model.clone();
    let group = number.prop_flat_map(move |number| {
        let transfers = proptest::collection::vec(any_transfer(&model, number), 1..5);
        transfers.prop_map(move |transfers| group(number, transfers))
    });
    group.boxed()
}

/// A recorded group, as it was or with another transfer, one more, or one less.
fn any_retry(model: &Model) -> BoxedStrategy<Group<Account>> {
    let recorded = model.groups.clone().into_iter().collect::<Vec<_>>();
    let change = (0..6_u8, any::<Index>(), any_transfer(model, 0));
    let retry = (select(recorded), change).prop_map(|((id, mut transfers), (how, at, other))| {
        let at = at.index(transfers.len());
        match how {
            0 => transfers.push(other),
            1 => drop(transfers.remove(at)),
            2 => transfers[at] = other,
            3 => tweak(&mut transfers[at], &other),
            _ => {}
        }
        Group { id, transfers }
    });
    retry.boxed()
}

/// One field of a transfer from another one.
fn tweak(transfer: &mut Transfer<Account>, other: &Transfer<Account>) {
    let other = fields(other);
    match transfer {
        Transfer::Single { debit, .. } => *debit = other.1.unwrap_or(*debit),
        Transfer::Pending {
            amount, expires_at, ..
        } => match other.5 {
            Some(later) => *expires_at = later,
            None => *amount = other.3.unwrap_or(*amount),
        },
        Transfer::Post { pending, .. }
        | Transfer::Void { pending }
        | Transfer::Expire { pending } => *pending = other.4.unwrap_or(*pending),
    }
}

impl ReferenceStateMachine for Model {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self {
            now: 1000,
            ..Self::default()
        })
        .boxed()
    }

    fn transitions(model: &Self) -> BoxedStrategy<Step> {
        let now = model.now;
        let seconds = prop_oneof![1 => now - 5..now, 20 => now..now + 12];
        let group = match model.groups.is_empty() {
            true => any_group(model),
            false => prop_oneof![5 => any_group(model), 1 => any_retry(model)].boxed(),
        };
        let step = (group, seconds).prop_map(|(group, seconds)| Step { group, seconds });
        step.boxed()
    }

    fn apply(mut model: Self, step: &Step) -> Self {
        model.step(step);
        model
    }
}

struct Walk;

impl StateMachineTest for Walk {
    type SystemUnderTest = Ledger<Account>;
    type Reference = Model;

    fn init_test(_: &Model) -> Ledger<Account> {
        Ledger::new()
    }

    fn apply(mut ledger: Ledger<Account>, model: &Model, step: Step) -> Ledger<Account> {
        let before = snapshot(&ledger);
        let checked = ledger.check(&step.group, at(step.seconds));
        assert_eq!(snapshot(&ledger), before, "a check changes nothing");
        let applied = ledger.apply(&step.group, at(step.seconds));
        assert_eq!((Some(checked), Some(applied)), (model.last, model.last));
        if applied != Ok(Applied::Created) {
            assert_eq!(snapshot(&ledger), before, "nothing happened");
        }
        ledger
    }

    fn check_invariants(ledger: &Ledger<Account>, model: &Model) {
        let balances = ledger.accounts().map(|(key, balance)| {
            let sums = [
                balance.debits_posted,
                balance.credits_posted,
                balance.debits_pending,
                balance.credits_pending,
            ];
            (*key, sums.map(wide))
        });
        assert!(balances.eq(model.sums.iter().map(|(key, sums)| (*key, *sums))));
        let open = model.holds.iter().filter(|(_, hold)| hold.ended.is_none());
        let open: BTreeSet<_> = open.map(|(id, _)| *id).collect();
        let held: BTreeSet<_> = ledger.holds().map(|held| held.id).collect();
        assert_eq!(held, open);
        let count = model.groups.values().map(Vec::len).sum::<usize>();
        assert_eq!(ledger.transfers().count(), count);
        ledger.audit().expect("the books are right");
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_ledger_is_its_model(sequential 1..60 => Walk);
}
