//! Every state, every command, every actor: what the table of states allows happens and leads where it says, and
//! everything else is rejected by name and changes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proofmark_core::{Digest, Timestamp};
use proofmark_market::command::{Ground, Side};
use proofmark_market::contract::table::{self, Role, StateName, Verb};
use proofmark_market::explain::explain;
use proofmark_market::{Action, Code, ContractAction, Receipt, Rejection};
use proofmark_simulator::stage::{Actor, Says, Stage, cents, usd};

use crate::cast::{PURSE, Play, everybody, plain};

/// Who tries, and as what they act in the contract on stage.
const ACTORS: &[(&str, &[Role])] = &[
    ("buyer", &[Role::Buyer]),
    ("supplier", &[Role::Supplier]),
    ("reviewer", &[Role::Reviewer]),
    ("oracle", &[Role::Oracle]),
    ("arbiter", &[Role::Arbiter]),
    ("alpha", &[]),
    ("operator", &[]),
    ("rival", &[]),
];

fn challenge(ground: Ground) -> ContractAction {
    ContractAction::Challenge {
        ground,
        claim: None,
    }
}

fn evidence(play: &mut Play) {
    let evidence = play.stage.work("reopened");
    play.act("oracle", ContractAction::StateEvidence { evidence });
}

/// A contract in this state.
fn reach(state: StateName) -> Play {
    let mut stage = Stage::open(&everybody(), PURSE);
    let operator = Actor::operator();
    let purse = Action::Deposit {
        party: operator.id(),
        asset: usd(),
        amount: cents(PURSE),
    };
    stage.must(&operator, purse, None);
    let mut play = Play::on(stage, &plain(), 1_000, 1_000);
    match state {
        StateName::Active => {}
        StateName::Verifying => play.submit("work"),
        StateName::Passed => play.pass(),
        StateName::Failed => fail(&mut play),
        StateName::Provisional => play.paid(),
        StateName::Rechecking => {
            play.paid();
            evidence(&mut play);
        }
        StateName::Curing => curing(&mut play),
        StateName::Disputed => {
            play.pass();
            play.act("buyer", challenge(Ground::VerdictWrong));
        }
        StateName::Arbitrating => {
            unanswered(&mut play);
            play.respond("supplier");
            for side in ["buyer", "supplier"] {
                play.offer(side, 500);
            }
        }
        StateName::Final => {
            play.paid();
            play.silence();
        }
        StateName::Rejected => {
            fail(&mut play);
            play.silence();
        }
        StateName::Defaulted => drop(play.silence()),
        StateName::Cancelled => drop(play.act("buyer", ContractAction::Cancel)),
        StateName::Void => {
            play.submit("work");
            play.silence();
            play.silence();
        }
        StateName::ClawedBack => {
            curing(&mut play);
            play.silence();
        }
    }
    assert_eq!(play.state(), state, "the way to it");
    play
}

/// The buyer has raised a ground, and the supplier has not put up its fee.
fn unanswered(play: &mut Play) {
    play.pass();
    play.act("buyer", challenge(Ground::ValidatorGamed));
}

fn fail(play: &mut Play) {
    for text in ["bad work", "bad work again"] {
        play.submit(text);
        play.judged(Says::Fail, &["alpha"]);
    }
}

fn curing(play: &mut Play) {
    play.paid();
    evidence(play);
    play.judged(Says::Fail, &["alpha"]);
}

/// A command that is well formed for the state, as far as there is one.
fn well_formed(play: &mut Play, verb: Verb, who: &Actor) -> Result<Receipt, Rejection> {
    let state = play.state();
    let reasons = Digest::of(b"reasons");
    let ground = Ground::ValidatorGamed;
    let action = match verb {
        Verb::Submit => ContractAction::Submit {
            submission: play.stage.work("more work"),
        },
        Verb::PresentVerdict => return verdict(play, who),
        Verb::Accept => ContractAction::Accept,
        Verb::Review => ContractAction::Review {
            ground: None,
            withheld: cents(0),
        },
        Verb::Challenge if state == StateName::Provisional => challenge(Ground::ValidatorGamed),
        Verb::Challenge => challenge(Ground::VerdictWrong),
        Verb::Respond => ContractAction::Respond { ground },
        Verb::Offer => ContractAction::Offer {
            ground,
            amount: cents(1),
        },
        Verb::AcceptOffer => ContractAction::AcceptOffer {
            ground,
            amount: cents(500),
        },
        Verb::Rule => {
            if state == StateName::Arbitrating && play.offers_open() {
                play.offers_close();
            }
            ContractAction::Rule {
                ground,
                for_side: Side::Buyer,
                amount: cents(500),
                reasons,
            }
        }
        Verb::StateEvidence => ContractAction::StateEvidence {
            evidence: play.stage.work("reopened"),
        },
        Verb::Cancel => ContractAction::Cancel,
        Verb::Resign => ContractAction::Resign,
        Verb::Tick => {
            if let Some(deadline) = play.here().deadline() {
                let after = deadline.micros() + 1;
                play.stage.now = Timestamp::from_micros(after).expect("not the last moment");
            }
            ContractAction::Tick
        }
    };
    play.stage.ask(who, play.contract, action)
}

fn verdict(play: &mut Play, who: &Actor) -> Result<Receipt, Rejection> {
    let waits = play.here().name();
    let contract = play.contract;
    if play
        .stage
        .market
        .contract(&contract)
        .and_then(|it| it.run())
        .is_none()
    {
        // Without a run nothing can be bound to it; any bytes will do.
        let verb = ContractAction::PresentVerdict {
            bundle: Digest::of(b"bundle"),
        };
        let action = Action::Contract { contract, verb };
        return play.stage.send(who, action, Some(b"bundle".to_vec()));
    }
    let says = match waits {
        StateName::Failed | StateName::Curing => Says::Pass,
        _ => Says::Fail,
    };
    play.stage
        .judge(who, contract, says, &[&Actor::new("beta")])
}

/// Rejections of a well-formed command of the right actor in the right state that are not about state or actor.
const FINE_PRINT: &[(StateName, Verb, &str, Code)] = &[
    // The claimant has put up its fee already, and so has the other side.
    (
        StateName::Arbitrating,
        Verb::Respond,
        "buyer",
        Code::NothingToRespond,
    ),
    (
        StateName::Arbitrating,
        Verb::Respond,
        "supplier",
        Code::NothingToRespond,
    ),
    // Only the buyer can raise the ground that is tried here.
    (
        StateName::Provisional,
        Verb::Challenge,
        "supplier",
        Code::ActorForbids,
    ),
];

fn expected(state: StateName, verb: Verb, name: &str, roles: &[Role]) -> Result<(), Code> {
    let Some(row) = table::find(state, verb) else {
        return Err(match verb {
            Verb::PresentVerdict => Code::NothingToJudge,
            _ => Code::StateForbids,
        });
    };
    if !row
        .by
        .iter()
        .any(|role| *role == Role::Anybody || roles.contains(role))
    {
        return Err(Code::ActorForbids);
    }
    let small = FINE_PRINT
        .iter()
        .find(|it| (it.0, it.1, it.2) == (state, verb, name));
    small.map_or(Ok(()), |it| Err(it.3))
}

#[test]
fn the_whole_product_is_in_the_table_or_rejected_by_name() {
    let mut cells = 0;
    let mut seen = BTreeSet::new();
    for state in StateName::ALL {
        let mut play = reach(*state);
        for verb in Verb::ALL {
            for (name, roles) in ACTORS {
                cells += 1;
                let root = play.stage.market.root();
                let clock = play.stage.now;
                let answer = well_formed(&mut play, *verb, &Actor::new(name));
                let cell = format!("{} × {} × {name}", state.as_str(), verb.as_str());
                let wanted = expected(*state, *verb, name, roles);
                assert_eq!(answer.map(drop).map_err(|no| no.code), wanted, "{cell}");
                if wanted.is_ok() {
                    let row = table::find(*state, *verb).expect("it was allowed");
                    assert!(
                        row.to.contains(&play.state()),
                        "{cell} led to {:?}",
                        play.state()
                    );
                    seen.insert((*state, *verb));
                    play = reach(*state);
                } else {
                    assert_eq!(play.stage.market.root(), root, "{cell} changed something");
                    play.stage.now = clock;
                }
            }
        }
    }
    // On stage both sides have put up their fees; before that, the other side may.
    let mut play = reach(StateName::Active);
    unanswered(&mut play);
    play.respond("supplier");
    seen.insert((play.state(), Verb::Respond));
    assert_eq!(cells, 15 * 13 * 8);
    let rows: BTreeSet<_> = table::TABLE
        .iter()
        .map(|row| (row.state, row.verb))
        .collect();
    assert_eq!(seen, rows, "every row was walked");
}

#[test]
fn every_state_that_is_no_end_has_a_deadline_and_a_row_for_it() {
    for state in StateName::ALL {
        let play = reach(*state);
        assert_eq!(
            play.here().deadline().is_none(),
            state.is_end(),
            "{state:?}"
        );
        assert_eq!(
            table::find(*state, Verb::Tick).is_none(),
            state.is_end(),
            "{state:?}"
        );
        let rows = table::TABLE
            .iter()
            .filter(|row| row.state == *state)
            .count();
        assert_eq!(rows == 0, state.is_end(), "{state:?}");
    }
}

#[test]
fn a_tick_before_the_deadline_is_refused() {
    for state in StateName::ALL.iter().filter(|state| !state.is_end()) {
        let mut play = reach(*state);
        play.stage.now = play.here().deadline().expect("it is no end");
        assert_eq!(
            play.refused("rival", ContractAction::Tick),
            Code::DeadlineAhead,
            "{state:?}"
        );
    }
}

#[test]
fn after_the_deadline_only_a_tick_is_taken() {
    for row in table::TABLE.iter().filter(|row| row.verb != Verb::Tick) {
        let mut play = reach(row.state);
        let deadline = play.here().deadline().expect("it is no end");
        let (name, _) = ACTORS
            .iter()
            .find(|(_, roles)| {
                row.by
                    .iter()
                    .any(|role| *role == Role::Anybody || roles.contains(role))
            })
            .expect("somebody may");
        play.stage.now = Timestamp::from_micros(deadline.micros() + 1).expect("a moment");
        let answer = well_formed(&mut play, row.verb, &Actor::new(name));
        let code = answer.expect_err("it is too late").code;
        let late = [Code::DeadlinePassed, Code::EvidenceLate];
        assert!(late.contains(&code), "{row:?}: {code}");
    }
}

/// The part of the documentation between two marks; written anew on request.
pub(crate) fn generated(name: &str, content: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/market.md");
    let text = fs::read_to_string(&path).expect("the documentation is there");
    let (start, end) = (format!("<!-- generated: {name} -->\n"), "<!-- end -->");
    let (before, rest) = text.split_once(&start).expect("the mark is there");
    let (found, after) = rest.split_once(end).expect("it ends");
    if std::env::var_os("PROOFMARK_WRITE_EXAMPLES").is_some() {
        fs::write(&path, format!("{before}{start}{content}{end}{after}")).expect("it is written");
    } else {
        assert_eq!(found, content, "PROOFMARK_WRITE_EXAMPLES=1 writes it anew");
    }
}

#[test]
fn the_documentation_prints_the_table() {
    generated("table", &table::markdown());
}

#[test]
fn every_state_is_explained_with_what_may_happen_next() {
    for state in StateName::ALL {
        let play = reach(*state);
        let told = explain(&play.stage.market, &play.contract).expect("it is there");
        let rows = table::TABLE.iter().filter(|row| row.state == *state);
        // On stage the supplier has put up its fee.
        let answered = |verb| (*state, verb) == (StateName::Arbitrating, Verb::Respond);
        let rows = rows.filter(|row| !answered(row.verb));
        let rows: Vec<_> = rows.map(|row| row.verb).collect();
        let branches: Vec<_> = told.next.iter().map(|branch| branch.verb).collect();
        assert_eq!(branches, rows, "{state:?}");
        let text = told.to_string();
        // Every event has a sentence; what has none would show its own name.
        assert!(!text.contains(" { "), "{text}");
        assert_eq!(
            text.contains("Nothing can happen"),
            state.is_end(),
            "{text}"
        );
        assert!(told.happened.len() >= 4, "{text}");
    }
}

#[test]
fn what_a_branch_pays_is_what_it_then_pays() {
    for (state, verb) in [
        (StateName::Active, Verb::Tick),
        (StateName::Active, Verb::Cancel),
        (StateName::Active, Verb::Resign),
        (StateName::Passed, Verb::Accept),
        (StateName::Passed, Verb::Tick),
        (StateName::Failed, Verb::Tick),
        (StateName::Provisional, Verb::Tick),
        (StateName::Curing, Verb::Tick),
    ] {
        let mut play = reach(state);
        let told = explain(&play.stage.market, &play.contract).expect("it is there");
        let mut branches = told.next.iter();
        let branch = branches
            .find(|branch| branch.verb == verb)
            .expect("a branch");
        let pays = branch.pays.expect("it pays");
        let before = (
            play.gain("buyer"),
            play.gain("supplier"),
            play.pool(),
            play.fees(),
        );
        let row = table::find(state, verb).expect("a row");
        let (name, _) = ACTORS
            .iter()
            .find(|(_, roles)| {
                row.by
                    .iter()
                    .any(|role| *role == Role::Anybody || roles.contains(role))
            })
            .expect("somebody may");
        well_formed(&mut play, verb, &Actor::new(name)).expect("it is allowed");
        let after = (
            before.0 + pays.buyer.minor(),
            // Of a clawback the supplier may also lose what it had.
            before.1 + pays.supplier.minor(),
            before.2 + pays.pool.minor(),
            before.3 + pays.fees.minor(),
        );
        let found = (
            play.gain("buyer"),
            play.gain("supplier"),
            play.pool(),
            play.fees(),
        );
        assert_eq!(found, after, "{state:?}, {verb:?}");
    }
}
