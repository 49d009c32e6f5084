//! The decision beside what the rules say.

use crate::Check;
use crate::claim::Claim;
use crate::decision::{Decision, Line, Totals};
use crate::expected::{self, Expected};
use crate::money::Money;
use crate::reason::Reason;
use crate::rules::Rules;
use proofmark_validator_sdk::{CheckBuilder, Finding, ReportBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// Judges everything.
pub(crate) fn judge(
    path: &str,
    claim: &Claim,
    rules: &Rules,
    decision: &Decision,
    report: &mut ReportBuilder<Check>,
) {
    let judge = Judge { path };
    judge.identity(claim, rules, decision, report.check(Check::Identity));
    let expected = expected::of(claim, rules);
    let decided = judge.lines(&expected, decision, report.check(Check::Lines));
    for (expected, found) in expected.iter().zip(&decided) {
        let Some((index, line)) = found else {
            // That it is missing is told once; it is none of the others' matches.
            for check in [Check::Coverage, Check::Amounts, Check::Reasons] {
                report.check(check).examine(false);
            }
            continue;
        };
        judge.coverage(expected, *index, line, report.check(Check::Coverage));
        judge.amounts(expected, *index, line, report.check(Check::Amounts));
        judge.reasons(expected, *index, line, report.check(Check::Reasons));
    }
    judge.totals(decision, report.check(Check::Totals));
    for (check, what) in [
        (Check::Identity, "particulars that are right"),
        (Check::Lines, "lines decided exactly once"),
        (
            Check::Coverage,
            "lines paid, reduced or denied as the rules say",
        ),
        (Check::Amounts, "lines with the amounts of the rules"),
        (Check::Reasons, "lines with their reasons and clauses"),
        (Check::Totals, "totals that are the sums of the lines"),
    ] {
        let check = report.check(check);
        let summary = format!("{what}: {} of {}", check.matched(), check.examined());
        check.score_by_ratio().summary(summary);
        if check.matched() < check.examined() {
            check.decide(false);
        }
    }
}

/// The decision's line for each line of the claim, with its place.
type Decided<'d> = Vec<Option<(usize, &'d Line)>>;

struct Judge<'p> {
    path: &'p str,
}

impl Judge<'_> {
    fn identity(
        &self,
        claim: &Claim,
        rules: &Rules,
        decision: &Decision,
        check: &mut CheckBuilder,
    ) {
        let mut same = |pointer: &str, expected: &str, actual: &str| {
            check.examine(expected == actual);
            if expected != actual {
                let message = "The decision is of something else.";
                let finding = self.differs("other-claim", message, pointer, &expected, &actual);
                check.finding(finding);
            }
        };
        same("/claim", &claim.claim, &decision.claim);
        same("/policy", &claim.policy, &decision.policy);
        same("/currency", &rules.currency, &decision.currency);
        let last = claim.filed_on.plus(rules.decide_within_days);
        let in_time = claim.filed_on <= decision.decided_on && decision.decided_on <= last;
        check.examine(in_time);
        if !in_time {
            let expected = format!("from {} to {last}", claim.filed_on);
            let message = "The claim is decided before it was filed, or too late.";
            let (pointer, actual) = ("/decided_on", decision.decided_on);
            check.finding(self.differs(
                "decided-out-of-time",
                message,
                pointer,
                &expected,
                &actual,
            ));
        }
    }

    fn lines<'d>(
        &self,
        expected: &[Expected<'_>],
        decision: &'d Decision,
        check: &mut CheckBuilder,
    ) -> Decided<'d> {
        let mut by_name: BTreeMap<&str, Vec<(usize, &Line)>> = BTreeMap::new();
        for (index, line) in decision.lines.iter().enumerate() {
            by_name.entry(&line.line).or_default().push((index, line));
        }
        let mut decided = Vec::with_capacity(expected.len());
        for Expected { item, .. } in expected {
            let found = by_name.remove(item.line.as_str()).unwrap_or_default();
            let claimed = found.iter().all(|(_, line)| line.claimed == item.claimed);
            check.examine(found.len() == 1 && claimed);
            if found.is_empty() {
                let message = format!("Line `{}` is not decided.", item.line);
                check.finding(Finding::new("line-missing", message).at_file(self.path));
            }
            for (index, line) in found.iter().skip(1) {
                let message = format!("Line `{}` is decided again.", line.line);
                let pointer = format!("/lines/{index}/line");
                let finding = Finding::new("line-duplicate", message);
                check.finding(finding.at_pointer(self.path, pointer));
            }
            for (index, line) in found
                .iter()
                .filter(|(_, line)| line.claimed != item.claimed)
            {
                let message = format!("For line `{}` another amount was claimed.", item.line);
                let pointer = format!("/lines/{index}/claimed");
                let (code, actual) = ("claimed-wrong", line.claimed);
                check.finding(self.differs(code, &message, &pointer, &item.claimed, &actual));
            }
            decided.push(found.first().copied());
        }
        for (index, line) in by_name.into_values().flatten() {
            check.examine(false);
            let message = format!("The claim has no line `{}`.", line.line);
            let pointer = format!("/lines/{index}/line");
            check.finding(Finding::new("line-extra", message).at_pointer(self.path, pointer));
        }
        decided
    }

    fn coverage(
        &self,
        expected: &Expected<'_>,
        index: usize,
        line: &Line,
        check: &mut CheckBuilder,
    ) {
        let right = expected.outcome == line.decision;
        check.examine(right);
        if !right {
            let message = format!("Line `{}` is decided otherwise by the rules.", line.line);
            let pointer = format!("/lines/{index}/decision");
            let (is, was) = (expected.outcome.as_str(), line.decision.as_str());
            check.finding(self.differs("decision-wrong", &message, &pointer, &is, &was));
        }
    }

    fn amounts(
        &self,
        expected: &Expected<'_>,
        index: usize,
        line: &Line,
        check: &mut CheckBuilder,
    ) {
        let amounts = &expected.amounts;
        let each: [(&str, Money, Money); 4] = [
            ("allowed", amounts.allowed, line.allowed),
            ("deductible", amounts.deductible, line.deductible),
            ("coinsurance", amounts.coinsurance, line.coinsurance),
            ("paid", amounts.paid, line.paid),
        ];
        check.examine(each.iter().all(|(_, is, was)| is == was));
        for (name, is, was) in each.into_iter().filter(|(_, is, was)| is != was) {
            let message = format!("The {name} amount of line `{}` is another.", line.line);
            let pointer = format!("/lines/{index}/{name}");
            check.finding(self.differs("amount-wrong", &message, &pointer, &is, &was));
        }
    }

    fn reasons(
        &self,
        expected: &Expected<'_>,
        index: usize,
        line: &Line,
        check: &mut CheckBuilder,
    ) {
        let cited: Vec<&str> = line.clauses.iter().map(String::as_str).collect();
        let right = cited.iter().eq(expected.clauses.iter());
        check.examine(expected.reasons == line.reasons && right);
        if expected.reasons != line.reasons {
            let names = |reasons: &BTreeSet<Reason>| list(reasons.iter().map(|it| it.as_str()));
            let message = format!("Other reasons apply to line `{}`.", line.line);
            let pointer = format!("/lines/{index}/reasons");
            let (is, was) = (names(&expected.reasons), names(&line.reasons));
            check.finding(self.differs("reasons-wrong", &message, &pointer, &is, &was));
        }
        if !right {
            let message = format!("Other clauses are cited for line `{}`.", line.line);
            let pointer = format!("/lines/{index}/clauses");
            let (is, was) = (
                list(expected.clauses.iter().copied()),
                list(cited.into_iter()),
            );
            check.finding(self.differs("clauses-wrong", &message, &pointer, &is, &was));
        }
    }

    fn totals(&self, decision: &Decision, check: &mut CheckBuilder) {
        let (sums, told) = (Totals::of(&decision.lines), &decision.totals);
        let each = [
            ("claimed", sums.claimed, told.claimed),
            ("allowed", sums.allowed, told.allowed),
            ("deductible", sums.deductible, told.deductible),
            ("coinsurance", sums.coinsurance, told.coinsurance),
            ("paid", sums.paid, told.paid),
        ];
        for (name, is, was) in each {
            check.examine(is == was);
            if is != was {
                let message = format!("The total that is {name} is not the sum of the lines.");
                let pointer = format!("/totals/{name}");
                check.finding(self.differs("total-wrong", &message, &pointer, &is, &was));
            }
        }
    }

    fn differs(
        &self,
        code: &'static str,
        message: &str,
        pointer: &str,
        expected: &dyn Display,
        actual: &dyn Display,
    ) -> Finding {
        let finding = Finding::new(code, message).at_pointer(self.path, pointer);
        finding.expected(expected).actual(actual)
    }
}

fn list<'t>(names: impl Iterator<Item = &'t str>) -> String {
    let names: Vec<_> = names.collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}
