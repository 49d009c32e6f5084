//! Applies groups of transfers among many accounts, beside the floor: the same additions on bare integers, with
//! and without looking the accounts up.
//!
//! `cargo bench -p proofmark-ledger --bench transfers`

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use proofmark_core::{Digest, Timestamp};
use proofmark_ledger::{
    AccountKey, Amount, Applied, Asset, Group, GroupId, Ledger, MAX_GROUP, Side, Transfer,
};

/// A market with this many parties, each with a contract that has three accounts: 100,000 accounts.
const PARTIES: u64 = 25_000;
const GROUPS: usize = 500_000;
const GROUP: usize = 4;

/// 40 bytes, as in a market: a kind, 26 bytes of digest, an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Account {
    Custody(Asset),
    Available([u8; 26], Asset),
    Price([u8; 26], Asset),
    Holdback([u8; 26], Asset),
    Fee([u8; 26], Asset),
    Fees(Asset),
}

const _: () = assert!(size_of::<Account>() == 40);

impl AccountKey for Account {
    fn asset(&self) -> Asset {
        match *self {
            Self::Custody(asset)
            | Self::Available(_, asset)
            | Self::Price(_, asset)
            | Self::Holdback(_, asset)
            | Self::Fee(_, asset)
            | Self::Fees(asset) => asset,
        }
    }

    fn normal(&self) -> Side {
        match self {
            Self::Custody(_) => Side::Debit,
            _ => Side::Credit,
        }
    }

    fn may_be_negative(&self) -> bool {
        false
    }

    fn spread(&self) -> u64 {
        let (kind, name) = match self {
            Self::Custody(_) => return 0,
            Self::Fees(_) => return 1,
            Self::Available(name, _) => (2, name),
            Self::Price(name, _) => (3, name),
            Self::Holdback(name, _) => (4, name),
            Self::Fee(name, _) => (5, name),
        };
        let (first, _) = name.split_at(8);
        kind + u64::from_be_bytes(first.try_into().expect("8 of 26 bytes"))
    }
}

/// SplitMix64, so that every run takes the same steps.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

fn name(number: u64) -> [u8; 26] {
    let digest = Digest::of(&number.to_be_bytes());
    digest.as_bytes()[..26].try_into().expect("26 of 32 bytes")
}

fn amount(minor: i64) -> Amount {
    Amount::new(minor).expect("an amount")
}

struct Market {
    parties: Vec<[u8; 26]>,
    contracts: Vec<[u8; 26]>,
    usd: Asset,
    chance: Chance,
    made: u64,
}

impl Market {
    fn new() -> Self {
        Self {
            parties: (0..PARTIES).map(name).collect(),
            contracts: (PARTIES..2 * PARTIES).map(name).collect(),
            usd: Asset::new("USD", 2).expect("an asset"),
            chance: Chance(7),
            made: 0,
        }
    }

    fn group(&mut self, moves: &[(Account, Account, i64)]) -> Group<Account> {
        self.made += 1;
        let single = |(debit, credit, minor): &(Account, Account, i64)| Transfer::Single {
            debit: *debit,
            credit: *credit,
            amount: amount(*minor),
        };
        Group {
            id: GroupId(Digest::of(&self.made.to_be_bytes())),
            transfers: moves.iter().map(single).collect(),
        }
    }

    /// Everybody deposits, and every account is opened.
    fn deposits(&mut self) -> Vec<Group<Account>> {
        let usd = self.usd;
        let deposit = |number: usize| {
            let (party, contract) = (self.parties[number], self.contracts[number]);
            let available = Account::Available(party, usd);
            vec![
                (Account::Custody(usd), available, 10_000_000_000),
                (available, Account::Price(contract, usd), 100_000_000),
                (available, Account::Holdback(contract, usd), 100_000_000),
                (available, Account::Fee(contract, usd), 100_000_000),
            ]
        };
        let moves: Vec<_> = (0..self.parties.len()).map(deposit).collect();
        moves.iter().map(|moves| self.group(moves)).collect()
    }

    /// The longest group there may be, with as many accounts as it can touch.
    fn widest(&mut self, from: usize) -> Group<Account> {
        let usd = self.usd;
        let pay = |number: usize| {
            let (party, contract) = (self.parties[number], self.contracts[number]);
            (
                Account::Price(contract, usd),
                Account::Available(party, usd),
                1,
            )
        };
        let moves: Vec<_> = (from..from + MAX_GROUP).map(pay).collect();
        self.group(&moves)
    }

    /// One milestone of a random buyer is funded, or paid to a random supplier.
    fn step(&mut self) -> Group<Account> {
        let usd = self.usd;
        let mut pick = || self.chance.below(PARTIES) as usize;
        let (buyer, supplier) = (pick(), pick());
        let contract = self.contracts[pick()];
        let buyer = Account::Available(self.parties[buyer], usd);
        let supplier = Account::Available(self.parties[supplier], usd);
        let price = Account::Price(contract, usd);
        let holdback = Account::Holdback(contract, usd);
        let fee = Account::Fee(contract, usd);
        match self.chance.below(2) {
            0 => self.group(&[
                (buyer, price, 850),
                (buyer, holdback, 100),
                (buyer, fee, 50),
                (Account::Custody(usd), supplier, 1),
            ]),
            _ => self.group(&[
                (price, supplier, 850),
                (holdback, supplier, 100),
                (fee, Account::Fees(usd), 50),
                (Account::Custody(usd), buyer, 1),
            ]),
        }
    }
}

fn sides(transfer: &Transfer<Account>) -> (&Account, &Account, i64) {
    match transfer {
        Transfer::Single {
            debit,
            credit,
            amount,
        } => (debit, credit, amount.minor()),
        _ => panic!("the bench makes single transfers only"),
    }
}

/// The sums that a balance is made of, and nothing that guards them.
#[derive(Default)]
struct Floor {
    numbers: BTreeMap<Account, usize>,
    sums: Vec<(i64, i64)>,
}

impl Floor {
    fn number(&mut self, account: &Account) -> usize {
        let next = self.numbers.len();
        let number = *self.numbers.entry(*account).or_insert(next);
        self.sums.resize(self.numbers.len(), (0, 0));
        number
    }

    fn find_and_move(&mut self, transfer: &Transfer<Account>) {
        let (debit, credit, minor) = sides(transfer);
        self.shift(self.numbers[debit], self.numbers[credit], minor);
    }

    fn shift(&mut self, debit: usize, credit: usize, minor: i64) {
        self.sums[debit].0 += minor;
        self.sums[credit].1 += minor;
    }
}

fn time<T>(sum: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    *sum += start.elapsed();
    done
}

fn apply(ledger: &mut Ledger<Account>, groups: &[Group<Account>], at: Timestamp) {
    for group in groups {
        assert_eq!(ledger.apply(group, at), Ok(Applied::Created));
    }
}

/// The same transfers, each in a group of its own.
fn singly(groups: &[Group<Account>]) -> Vec<Group<Account>> {
    let transfers = groups.iter().flat_map(|group| &group.transfers);
    let numbered = transfers.enumerate().map(|(number, transfer)| Group {
        id: GroupId(Digest::of(&(!(number as u64)).to_be_bytes())),
        transfers: vec![transfer.clone()],
    });
    numbered.collect()
}

fn main() {
    let at = Timestamp::from_seconds(1_800_000_000).expect("this century");
    let mut market = Market::new();
    let deposits = market.deposits();
    let steps: Vec<_> = (0..GROUPS).map(|_| market.step()).collect();
    let single = singly(&steps);
    let transfers = (GROUPS * GROUP) as f64;

    let mut floor = Floor::default();
    let mut numbered = Vec::new();
    for group in deposits.iter().chain(&steps) {
        for transfer in &group.transfers {
            let (debit, credit, minor) = sides(transfer);
            numbered.push((floor.number(debit), floor.number(credit), minor));
        }
    }
    let numbered = &numbered[deposits.len() * GROUP..];

    let (mut opening, mut grouped, mut singles, mut wide) = Default::default();
    let (mut checking, mut retrying, mut bare, mut finding) = Default::default();
    let mut ledger = Ledger::new();
    time(&mut opening, || apply(&mut ledger, &deposits, at));
    let mut other = ledger.clone();
    time(&mut checking, || {
        for group in &steps {
            assert_eq!(ledger.check(group, at), Ok(Applied::Created));
        }
    });
    // In turn and in slices, so that a noisy machine is equally noisy for all.
    for slice in 0..10 {
        let (from, to) = (slice * GROUPS / 10, (slice + 1) * GROUPS / 10);
        time(&mut bare, || {
            for (debit, credit, minor) in &numbered[from * GROUP..to * GROUP] {
                floor.shift(*debit, *credit, *minor);
            }
        });
        time(&mut finding, || {
            for group in &steps[from..to] {
                group
                    .transfers
                    .iter()
                    .for_each(|one| floor.find_and_move(one));
            }
        });
        time(&mut grouped, || apply(&mut ledger, &steps[from..to], at));
    }
    time(&mut singles, || apply(&mut other, &single, at));
    let widest: Vec<_> = (0..20)
        .map(|number| market.widest(number * MAX_GROUP))
        .collect();
    time(&mut wide, || apply(&mut other, &widest, at));
    drop(other);
    time(&mut retrying, || {
        for group in &steps {
            assert_eq!(ledger.apply(group, at), Ok(Applied::Exists));
        }
    });
    black_box(&floor.sums);
    let mut auditing = Duration::ZERO;
    let trial = time(&mut auditing, || {
        ledger.audit().expect("the books are right")
    });
    assert!(trial.is_balanced());

    let accounts = ledger.accounts().count();
    println!("transfers: {GROUPS} groups of {GROUP} among {accounts} accounts, keys of 40 bytes");
    let line = |name: &str, count: f64, took: Duration| {
        let seconds = took.as_secs_f64();
        println!("  {name:<38} {:>12.0} transfers/s", count / seconds);
    };
    line("apply, groups of 4", transfers, grouped);
    line("apply, one by one", transfers, singles);
    line(
        "apply, groups of 1024, 2048 accounts",
        (20 * MAX_GROUP) as f64,
        wide,
    );
    line(
        "apply, opening 4 accounts a group",
        (PARTIES * 4) as f64,
        opening,
    );
    line("check, groups of 4", transfers, checking);
    line("retry, groups of 4", transfers, retrying);
    line(
        "audit of everything",
        transfers + (PARTIES * 4) as f64,
        auditing,
    );
    line("floor: two additions", transfers, bare);
    line("floor: two look-ups, two additions", transfers, finding);
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "  groups of 4, times the bare floor      {:>12.2}",
        ratio(grouped, bare)
    );
    println!(
        "  groups of 4, times that with look-ups  {:>12.2}",
        ratio(grouped, finding)
    );
    println!(
        "  one by one, times that with look-ups   {:>12.2}",
        ratio(singles, finding)
    );
}
