//! Commands per second through a happy contract, with and without signature checks, and the rate of a replay. The
//! floor beside it is the bare verification of as many signatures, in the same run.
//!
//! `cargo bench -p proofmark-simulator --bench market`

use std::num::NonZeroU8;
use std::time::{Duration, Instant};

use proofmark_core::Digest;
use proofmark_dsse::Envelope;
use proofmark_keys::Signature;
use proofmark_market::award::AwardRule;
use proofmark_market::{Action, Command, ContractAction, ContractId, RfqId, replay, step};
use proofmark_simulator::stage::{
    Actor, Message, Says, Stage, bundle, payload_digest, rules, terms,
};

/// Suppliers that the contracts are divided among, and as many buyers.
const PAIRS: usize = 100;

/// How many contracts run beside each other, each at the same step, and in how many markets one after the other: what
/// is in flight decides how much of it the caches hold.
const LOADS: [(usize, usize); 2] = [(200, 10), (2_000, 3)];

#[derive(Default)]
struct Clock {
    opening: Duration,
    stepping: Duration,
    /// Bare verification of the same signatures.
    floor: Duration,
    replaying: Duration,
    commands: u32,
    /// Also those that registered parties and brought in money.
    replayed: u32,
}

impl Clock {
    /// Opens all, then obeys all.
    fn run(&mut self, stage: &mut Stage, messages: &[Message]) {
        let now = stage.now;
        let started = Instant::now();
        let commands: Vec<Command> = messages
            .iter()
            .map(|message| {
                let attachment = message.attachment.as_deref();
                let command = stage.market.open(&message.envelope, attachment, now);
                command.expect("it is in order")
            })
            .collect();
        self.opening += started.elapsed();
        let started = Instant::now();
        for command in commands {
            step(&mut stage.market, command, now).expect("it is obeyed");
        }
        let took = started.elapsed();
        if std::env::args().any(|argument| argument == "--stages") {
            println!(
                "  {:>6.1} us a step",
                took.as_secs_f64() * 1e6 / messages.len() as f64
            );
        }
        self.stepping += took;
        self.commands += u32::try_from(messages.len()).expect("a few thousand");
        for message in messages {
            stage.log.push(proofmark_market::Entry {
                envelope: message.envelope.clone(),
                attachment: message.attachment.clone(),
                at: now,
            });
        }
    }
}

fn main() {
    for (contracts, markets) in LOADS {
        let mut clock = Clock::default();
        for _ in 0..markets {
            measure(&mut clock, contracts);
        }
        println!("{contracts} contracts beside each other, in {markets} markets");
        report(&clock);
    }
}

/// One market, from the first RFQ to the last finality.
fn measure(clock: &mut Clock, contracts: usize) {
    let actors = |role: &str| -> Vec<_> {
        let names = (0..PAIRS).map(|at| format!("{role}-{at}"));
        names.map(|name| Actor::new(&name)).collect()
    };
    let (buyers, suppliers) = (actors("buyer"), actors("supplier"));
    let mut everybody = buyers.clone();
    everybody.extend(suppliers.iter().cloned());
    everybody.push(Actor::passer_by());
    let mut stage = Stage::open(&everybody, 1_000_000_000);
    let before = stage.log.len();
    let contracts = award(&mut stage, clock, &buyers, &suppliers, contracts);
    work(&mut stage, clock, &buyers, &suppliers, &contracts);
    stage.market.ledger().audit().expect("the books balance");
    clock.floor += floor(&stage, before);
    clock.replayed += u32::try_from(stage.log.len()).expect("some thousand");
    let started = Instant::now();
    let again = replay(rules(), &stage.log).expect("the log is whole");
    clock.replaying += started.elapsed();
    assert_eq!(
        again.root(),
        stage.market.root(),
        "a replay gives the same market"
    );
}

fn award(
    stage: &mut Stage,
    clock: &mut Clock,
    buyers: &[Actor],
    suppliers: &[Actor],
    contracts: usize,
) -> Vec<ContractId> {
    let mut terms = terms();
    terms.award.rule = AwardRule::FirstPrice;
    let published: Vec<_> = (0..contracts)
        .map(|at| {
            let bytes = terms.canonical_bytes();
            let action = Action::PublishRfq {
                terms: Digest::of(&bytes),
            };
            stage.write(&buyers[at % PAIRS], action, Some(bytes))
        })
        .collect();
    clock.run(stage, &published);
    let rfqs: Vec<_> = published
        .iter()
        .map(|message| RfqId::of(&payload_digest(message)))
        .collect();
    let bids: Vec<_> = (0..contracts)
        .map(|at| {
            let bid = stage.offer(1_000, 1_000);
            let rfq = rfqs[at];
            stage.write(
                &suppliers[at % PAIRS],
                Action::PlaceBid {
                    rfq,
                    bid,
                    bonded: false,
                },
                None,
            )
        })
        .collect();
    clock.run(stage, &bids);
    stage.wait(3_601);
    let ticks: Vec<_> = rfqs
        .iter()
        .map(|rfq| stage.write(&Actor::passer_by(), Action::TickRfq { rfq: *rfq }, None))
        .collect();
    clock.run(stage, &ticks);
    rfqs.iter()
        .map(|rfq| rfq.contract(NonZeroU8::MIN))
        .collect()
}

fn work(
    stage: &mut Stage,
    clock: &mut Clock,
    buyers: &[Actor],
    suppliers: &[Actor],
    contracts: &[ContractId],
) {
    let submission = stage.work("the answer");
    let each = |stage: &mut Stage, by: &dyn Fn(usize) -> Actor, verb: &ContractAction| {
        let messages = contracts.iter().enumerate().map(|(at, contract)| {
            let verb = verb.clone();
            let contract = *contract;
            stage.write(&by(at), Action::Contract { contract, verb }, None)
        });
        messages.collect::<Vec<_>>()
    };
    let submits = each(
        stage,
        &|at| suppliers[at % PAIRS].clone(),
        &ContractAction::Submit { submission },
    );
    clock.run(stage, &submits);
    let verdicts: Vec<_> = contracts
        .iter()
        .map(|contract| verdict(stage, *contract))
        .collect();
    clock.run(stage, &verdicts);
    let accepts = each(
        stage,
        &|at| buyers[at % PAIRS].clone(),
        &ContractAction::Accept,
    );
    clock.run(stage, &accepts);
    stage.wait(73 * 3_600);
    let ticks = each(stage, &|_| Actor::passer_by(), &ContractAction::Tick);
    clock.run(stage, &ticks);
}

fn verdict(stage: &mut Stage, contract: ContractId) -> Message {
    let run = stage.market.contract(&contract).and_then(|it| it.run());
    let run = run.expect("it waits");
    let manifest = stage.manifest(&run.submission()).expect("it was made here");
    let bundle = bundle(run, manifest, Says::Pass, &[&Actor::new("alpha")]);
    let verb = ContractAction::PresentVerdict {
        bundle: Digest::of(&bundle),
    };
    stage.write(
        &Actor::passer_by(),
        Action::Contract { contract, verb },
        Some(bundle),
    )
}

/// Every signature of what was measured once more, and nothing else: commands, and the outcomes beside them.
fn floor(stage: &Stage, before: usize) -> Duration {
    let alpha = Actor::new("alpha").public_key();
    let mut prepared = Vec::new();
    for entry in &stage.log[before..] {
        let envelope = Envelope::parse(&entry.envelope).expect("it was obeyed");
        let signature = &envelope.signatures()[0];
        let key = stage
            .market
            .key(&signature.key_id.expect("it names its key"));
        let signature = Signature::from_bytes(&signature.bytes).expect("64 bytes");
        prepared.push((*key.expect("registered"), envelope.pae(), signature));
        let bundle = entry.attachment.as_deref();
        let bundle = bundle.and_then(|bytes| proofmark_attestation::Bundle::parse(bytes).ok());
        if let Some(bundle) = bundle {
            let signature = &bundle.envelope.signatures()[0];
            let signature = Signature::from_bytes(&signature.bytes).expect("64 bytes");
            prepared.push((alpha, bundle.envelope.pae(), signature));
        }
    }
    let started = Instant::now();
    for (key, message, signature) in &prepared {
        key.verify(message, signature).expect("it verifies");
    }
    started.elapsed()
}

fn report(clock: &Clock) {
    let both = clock.opening + clock.stepping;
    let commands = clock.commands;
    for (what, took, commands) in [
        ("step without signature checks", clock.stepping, commands),
        ("open and step", both, commands),
        (
            "bare verification of the same signatures",
            clock.floor,
            commands,
        ),
        ("replay of the whole log", clock.replaying, clock.replayed),
    ] {
        let per_second = f64::from(commands) / took.as_secs_f64();
        println!("  {what:<41} {per_second:>8.0} commands/s");
    }
    let times = both.as_secs_f64() / clock.floor.as_secs_f64();
    println!("  open and step take {times:.2} times the bare verification");
}
