//! Verdicts that are wrong, and people who say so.

use proofmark_attestation::Bundle;
use proofmark_core::{Digest, canonical};
use proofmark_dsse::Envelope;
use proofmark_market::command::Ground;
use proofmark_market::contract::table::StateName;
use proofmark_market::{Action, Code, ContractAction, Rejection};
use proofmark_simulator::stage::{Actor, Says, bundle, fraud};
use serde_json::Value;

use crate::cast::{Play, plain};

pub(crate) fn wrong() -> ContractAction {
    ContractAction::Challenge {
        ground: Ground::VerdictWrong,
        claim: None,
    }
}

/// What the supplier's record will hold of the contract: passes, fails, and whether it delivered.
fn counted(play: &Play) -> (u32, usize, bool) {
    let contract = play.stage.market.contract(&play.contract);
    let it = contract.expect("it began");
    let delivered = it.delivered_at.is_some();
    (it.verdicts_passed, it.failed.len(), delivered)
}

/// Whoever has two outcomes of one run that an engine signed can have it struck off.
pub(crate) fn strike(play: &mut Play, engine: &str) {
    let market = &play.stage.market;
    let run = market.contract(&play.contract).and_then(|it| it.run());
    let run = run.expect("it waits");
    let manifest = play.stage.manifest(&run.submission());
    let policy = market.policy().expect("published");
    let manifest = manifest.expect("it was made here");
    let proof = fraud(run, manifest, &Actor::new(engine), policy);
    let action = Action::StrikeEngine {
        proof: Digest::of(&proof),
    };
    play.stage.must(&Actor::new("rival"), action, Some(proof));
}

/// Neither side can have an engine say that nobody knows, and leave it at that.
#[test]
fn an_inconclusive_last_attempt_is_run_again() {
    for (truth, state) in [
        (Says::Pass, StateName::Passed),
        (Says::Fail, StateName::Failed),
    ] {
        let mut play = Play::begin();
        for text in ["work", "work again"] {
            play.submit(text);
            play.judged(Says::Inconclusive, &["alpha"]);
        }
        assert_eq!(counted(&play), (0, 0, false));
        play.act("rival", wrong());
        play.judged(truth, &["house", "beta"]);
        assert_eq!(play.state(), state);
        assert_eq!(play.gain("rival"), 0, "its bond is back");
        let alpha = Actor::new("alpha").id();
        assert!(play.stage.market.struck().contains(&alpha));
    }
}

/// Whoever leaves out the list of criteria has not said the same: what the others see there, this one hides.
#[test]
fn a_statement_that_hides_the_refusal_contradicts_one_that_shows_it() {
    let mut terms = plain();
    terms.engines.threshold = 2;
    terms.attempts = 1;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("noise");
    play.judged(Says::Refused, &["alpha"]);
    let hidden = hidden(&play, "beta");
    let verb = ContractAction::PresentVerdict {
        bundle: Digest::of(&hidden),
    };
    let contract = play.contract;
    let action = Action::Contract { contract, verb };
    play.stage
        .must(&Actor::new("supplier"), action, Some(hidden));
    assert_eq!(play.state(), StateName::Verifying, "they do not agree");
    play.judged(Says::Refused, &["gamma"]);
    assert_eq!(play.state(), StateName::Failed);
    play.silence();
    play.ends(StateName::Rejected, 50 - 2, -100, 50, 0);
}

/// What an engine signs of a refused submission when it does not show its list of criteria.
fn hidden(play: &Play, engine: &str) -> Vec<u8> {
    let market = &play.stage.market;
    let run = market.contract(&play.contract).and_then(|it| it.run());
    let run = run.expect("it waits");
    let manifest = play.stage.manifest(&run.submission()).expect("made here");
    let engine = Actor::new(engine);
    let shown = Bundle::parse(&bundle(run, manifest, Says::Refused, &[&engine]));
    let shown = shown.expect("a bundle").envelope;
    let mut value: Value = serde_json::from_slice(shown.payload()).expect("JSON");
    let list = value["predicate"]["result"]["criteria"].as_object_mut();
    list.expect("a list").remove("items").expect("it is shown");
    let bytes = canonical::to_bytes(&value).expect("inside the profile");
    let signed = Envelope::signed(shown.payload_type(), bytes, engine.secret());
    Bundle::of(signed.expect("it is short"))
        .to_json()
        .into_bytes()
}

/// The engines of the terms are silent and the referee judges. It cannot speak twice, so one liar is not enough.
#[test]
fn one_liar_does_not_undo_what_the_referee_said() {
    let mut terms = plain();
    terms.attempts = 1;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("bad work");
    play.silence();
    play.judged(Says::Fail, &["house"]);
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Disputed);
    play.silence();
    assert_eq!(play.state(), StateName::Failed);
    play.silence();
    play.ends(StateName::Rejected, 50 - 2, -100, 50, 0);
}

/// Two of different operators are: then nobody knows.
#[test]
fn two_who_contradict_the_referee_leave_it_open() {
    let mut terms = plain();
    terms.attempts = 1;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("odd work");
    play.silence();
    play.judged(Says::Fail, &["house"]);
    play.judged(Says::Pass, &["beta"]);
    play.judged(Says::Pass, &["gamma"]);
    assert_eq!(
        play.state(),
        StateName::Disputed,
        "the referee is not with them"
    );
    play.silence();
    play.ends(StateName::Void, -2, 0, 0, 0);
}

/// Nor does a bond buy time for nothing.
#[test]
fn who_challenges_what_the_referee_said_in_vain_loses_its_bond() {
    let mut play = Play::begin();
    play.submit("good work");
    play.silence();
    play.judged(Says::Pass, &["house"]);
    play.act("buyer", wrong());
    play.silence();
    assert_eq!(play.state(), StateName::Passed);
    assert_eq!(play.refused("buyer", wrong()), Code::VerdictConfirmed);
    play.silence();
    play.silence();
    // Half of 0.60 is the supplier's, half the pool's.
    play.ends(StateName::Final, -1_027 - 60, 1_000 + 30, 30, 25);
}

/// A bond against a verdict that favours nobody is nobody's gain.
#[test]
fn who_challenges_what_nobody_knows_in_vain_pays_the_pool() {
    let mut play = Play::begin();
    for text in ["work", "work again"] {
        play.submit(text);
        play.judged(Says::Inconclusive, &["alpha"]);
    }
    play.act("supplier", wrong());
    play.judged(Says::Inconclusive, &["house"]);
    assert_eq!(play.state(), StateName::Failed);
    play.silence();
    // Of 0.60 the re-run takes 0.02.
    play.ends(StateName::Void, -4, -60, 58, 0);
}

#[test]
fn a_wrong_verdict_is_overturned_and_its_signer_struck_off() {
    let mut play = Play::begin();
    for text in ["good work", "good work again"] {
        play.submit(text);
        play.judged(Says::Fail, &["alpha"]);
    }
    assert_eq!(counted(&play), (0, 2, false));
    play.act("supplier", wrong());
    assert_eq!(play.gain("supplier"), -1_000 - 60);
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Disputed);
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Passed);
    assert_eq!(counted(&play), (1, 1, true));
    assert!(
        play.stage
            .market
            .struck()
            .contains(&Actor::new("alpha").id())
    );
    assert_eq!(play.refused("buyer", wrong()), Code::VerdictConfirmed);
    play.silence();
    play.silence();
    // Two wrong runs and the re-run, which two engines share.
    play.ends(StateName::Final, -1_025 - 6, 1_000, 0, 25);
    let engines = ["alpha", "beta", "house"].map(|engine| play.gain(engine));
    assert_eq!(engines, [4, 1, 1]);
    // Nobody can name the engine any more.
    let refused = play.stage.publish(&play.buyer, &plain());
    assert_eq!(
        refused.expect_err("alpha is struck").code,
        Code::EngineStruck
    );
}

#[test]
fn a_wrong_pass_is_overturned_before_it_is_paid() {
    let mut play = Play::begin();
    play.submit("bad work");
    play.judged(Says::Pass, &["alpha"]);
    play.act("buyer", wrong());
    play.judged(Says::Fail, &["beta", "house"]);
    // One attempt is left, and the pass is as if it had never been.
    assert_eq!(play.state(), StateName::Active);
    assert_eq!(counted(&play), (0, 1, false));
    play.silence();
    play.ends(StateName::Defaulted, 250 - 4, -500, 250, 0);
}

#[test]
fn a_challenge_that_is_wrong_pays_for_the_run_that_it_caused() {
    let mut play = Play::begin();
    play.pass();
    play.act("rival", wrong());
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Passed);
    play.silence();
    play.silence();
    // Of 0.60 the re-run takes 0.02; half of the rest is the supplier's, half the pool's.
    play.ends(StateName::Final, -1_027, 1_000 + 29, 29, 25);
    assert_eq!((play.gain("rival"), play.gain("house")), (-60, 2));
}

#[test]
fn nobody_runs_it_again_and_the_verdict_stands() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", wrong());
    play.silence();
    assert_eq!(play.state(), StateName::Passed);
    play.silence();
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

#[test]
fn signatures_from_before_a_dispute_do_not_decide_it() {
    let mut play = Play::begin();
    play.submit("work");
    play.silence();
    play.judged(Says::Pass, &["house"]);
    play.act("buyer", wrong());
    // The supplier shows again what was counted before: nobody ran anything again.
    let again = play.try_judge(Says::Pass, &["house"]);
    assert_eq!(again.expect_err("nothing new").code, Code::VerdictKnown);
    // Another engine does.
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Passed);
    play.silence();
    play.silence();
    play.ends(StateName::Final, -1_027 - 60, 1_000 + 29, 29, 25);
}

#[test]
fn two_engines_disagree_and_nobody_is_slashed() {
    let mut play = Play::begin();
    play.pass();
    // A signed verdict that contradicts the one that stands needs no bond.
    play.judged(Says::Fail, &["beta"]);
    assert_eq!(play.state(), StateName::Disputed);
    play.silence();
    play.ends(StateName::Void, -2, 0, 0, 0);
    assert!(play.stage.market.struck().is_empty());
}

#[test]
fn engines_of_two_operators_must_agree_where_the_terms_say_so() {
    let mut terms = plain();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["alpha"]);
    assert_eq!(play.state(), StateName::Verifying);
    // The same again is not a second engine.
    let again = play.try_judge(Says::Pass, &["alpha"]);
    assert_eq!(again.expect_err("said before").code, Code::VerdictKnown);
    play.judged(Says::Pass, &["gamma"]);
    assert_eq!(play.state(), StateName::Passed);
    assert_eq!((play.gain("alpha"), play.gain("gamma")), (1, 1));
}

#[test]
fn two_engines_of_one_operator_are_one() {
    let mut terms = plain();
    let mut keys = ["alpha", "alpha-again", "beta"].map(|name| Actor::new(name).id());
    keys.sort();
    terms.engines.keys = keys.to_vec();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["alpha", "alpha-again"]);
    assert_eq!(play.state(), StateName::Verifying);
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Passed);
}

#[test]
fn an_engine_that_says_both_counts_for_neither() {
    let mut terms = plain();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Pass, &["alpha"]);
    play.judged(Says::Fail, &["alpha"]);
    assert!(
        play.stage
            .market
            .struck()
            .contains(&Actor::new("alpha").id())
    );
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(play.state(), StateName::Verifying);
    play.judged(Says::Pass, &["gamma"]);
    assert_eq!(play.state(), StateName::Passed);
}

#[test]
fn whoever_has_the_proof_can_have_an_engine_struck_off() {
    let mut play = Play::begin();
    play.submit("good work");
    strike(&mut play, "alpha");
    let late = play.try_judge(Says::Pass, &["alpha"]);
    assert_eq!(
        late.expect_err("it no longer counts").code,
        Code::NoCountingSigner
    );
}

#[test]
fn what_was_said_decides_once_its_contradictor_is_struck_off() {
    let mut play = Play::begin();
    play.submit("good work");
    play.silence();
    // The market's own engine was called: no more operators may say otherwise.
    play.judged(Says::Fail, &["alpha"]);
    play.judged(Says::Fail, &["beta"]);
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Verifying);
    strike(&mut play, "alpha");
    assert_eq!(play.state(), StateName::Verifying);
    // Who is no longer contradicted by more is heard, when it is shown again.
    for says in [Says::Fail, Says::Pass] {
        let struck = play.try_judge(says, &["alpha"]);
        assert_eq!(
            struck.expect_err("it no longer counts").code,
            Code::NoCountingSigner
        );
    }
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Passed);
    play.silence();
    play.silence();
    play.ends(StateName::Final, -1_027, 1_000, 0, 25);
}

#[test]
fn an_attestation_of_another_run_settles_nothing() {
    let mut play = Play::begin();
    play.submit("bad work");
    let bundle = {
        let contract = play.stage.market.contract(&play.contract);
        let run = contract.and_then(|it| it.run()).expect("it waits");
        let manifest = play.stage.manifest(&run.submission()).expect("made here");
        proofmark_simulator::stage::bundle(run, manifest, Says::Pass, &[&Actor::new("alpha")])
    };
    play.judged(Says::Fail, &["beta"]);
    play.submit("bad work");
    let verb = ContractAction::PresentVerdict {
        bundle: Digest::of(&bundle),
    };
    let contract = play.contract;
    let action = Action::Contract { contract, verb };
    let answer = play
        .stage
        .send(&Actor::new("supplier"), action, Some(bundle));
    assert_eq!(
        answer.expect_err("another nonce").code,
        Code::OutcomeRefused
    );
}

/// What was shown before the dispute, whether it counted then or not, is no re-run; it takes one more who runs it again. The
/// referee has spoken.
#[test]
fn what_was_signed_before_a_dispute_does_not_uphold_the_verdict() {
    let mut play = Play::begin();
    play.submit("good work");
    // Only alpha counts, but the market's own has signed as well.
    play.judged(Says::Pass, &["alpha", "house"]);
    play.act("buyer", wrong());
    let again = play.try_judge(Says::Pass, &["alpha", "house"]);
    assert_eq!(
        again.expect_err("nobody ran it again").code,
        Code::VerdictKnown
    );
    play.judged(Says::Pass, &["beta"]);
    assert_eq!(
        play.state(),
        StateName::Passed,
        "the referee had said so, and another one has run it again"
    );
}

/// The same where something else had been shown before.
#[test]
fn what_was_shown_is_told_apart_by_what_it_says() {
    let mut terms = plain();
    terms.engines.threshold = 2;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("good work");
    play.judged(Says::Fail, &["alpha"]);
    play.judged(Says::Pass, &["beta", "gamma", "house"]);
    assert_eq!(play.state(), StateName::Passed);
    play.act("buyer", wrong());
    let again = play.try_judge(Says::Pass, &["beta", "house"]);
    assert_eq!(
        again.expect_err("nobody ran it again").code,
        Code::VerdictKnown
    );
}

/// Two liars contradict, the referee upholds; then one of the liars is struck off for something else.
#[test]
fn what_was_signed_in_a_dispute_decides_once_its_contradictor_is_struck_off() {
    let mut play = Play::begin();
    play.pass();
    play.act("buyer", wrong());
    for liar in ["beta", "gamma"] {
        play.judged(Says::Fail, &[liar]);
    }
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Disputed, "two against two");
    strike(&mut play, "gamma");
    let before = play.try_judge(Says::Pass, &["alpha"]);
    assert_eq!(
        before.expect_err("it says nothing new").code,
        Code::VerdictKnown
    );
    play.judged(Says::Pass, &["house"]);
    assert_eq!(play.state(), StateName::Passed);
    let struck = play.stage.market.struck();
    assert!(struck.contains(&Actor::new("beta").id()));
}

/// A friend of the supplier challenges what it wants to stand, and nobody answers: that costs nothing, and so does not
/// take everybody else's word.
#[test]
fn a_challenge_that_nobody_answers_does_not_confirm_the_verdict() {
    let mut terms = plain();
    terms.windows.challenge_seconds = 86_400;
    terms.windows.rerun_seconds = 60;
    let mut play = Play::under(&terms, 1_000, 1_000);
    play.submit("bad work");
    play.judged(Says::Pass, &["alpha"]);
    play.act("rival", wrong());
    play.silence();
    assert_eq!((play.state(), play.gain("rival")), (StateName::Passed, 0));
    let refused = |it: Result<_, Rejection>| it.map(drop).expect_err("once is enough").code;
    let challenge = play.stage.ask(&Actor::new("buyer"), play.contract, wrong());
    assert_eq!(refused(challenge.map(drop)), Code::VerdictConfirmed);
    let undecided = play.try_judge(Says::Fail, &["house"]);
    assert_eq!(refused(undecided.map(drop)), Code::VerdictConfirmed);
    // But a contradiction that is the judgement at once is heard.
    play.judged(Says::Fail, &["house", "beta"]);
    assert_eq!(play.state(), StateName::Active);
    assert!(
        play.stage
            .market
            .struck()
            .contains(&Actor::new("alpha").id())
    );
}
