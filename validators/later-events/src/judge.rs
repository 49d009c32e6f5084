//! The three checks.
//!
//! Where the oracle delivers, only what is clear takes money from a supplier: a forbidden event that is there, or a required
//! one that is missing from an export of which nothing else can be missing. All else is undecided.

use crate::Check;
use crate::forbidden::Watch;
use crate::params::{Deliverer, Params};
use crate::reader::Reader;
use crate::required::Need;
use crate::survey::{self, Span, Survey};
use proofmark_validator_sdk::{CheckBuilder, Finding, ReportBuilder, Status};

/// The checks that the parameters ask for.
pub(crate) fn asked_for(params: &Params) -> Vec<Check> {
    let required = params.anchor.is_some() || !params.required.is_empty();
    let asked = [
        (Check::Export, true),
        (Check::Required, required),
        (Check::Forbidden, !params.forbidden.is_empty()),
    ];
    let asked = asked.into_iter().filter(|(_, asked)| *asked);
    asked.map(|(check, _)| check).collect()
}

/// Judges everything.
pub(crate) fn judge(params: &Params, report: &mut ReportBuilder<Check>) {
    let survey = match survey::of(params, report.check(Check::Export)) {
        Ok(survey) if survey.altered => return nothing_counts(params, None, report),
        Ok(survey) => survey,
        Err(finding) => return nothing_counts(params, Some(&finding), report),
    };
    let span = survey.span(params);
    export(params, &survey, span.as_ref(), report.check(Check::Export));
    match &span {
        Some(span) => {
            forbidden_and_required(params, &survey, span, report);
        }
        None => without_anchor(params, &survey, report),
    }
}

/// Of what cannot be decided: a supplier that delivers could else choose that nothing can be.
fn undecided(params: &Params) -> Status {
    match params.delivered_by {
        Deliverer::Oracle => Status::Inconclusive,
        Deliverer::Supplier => Status::Fail,
    }
}

/// `why`, unless it was told.
fn nothing_counts(params: &Params, why: Option<&Finding>, report: &mut ReportBuilder<Check>) {
    for check in asked_for(params) {
        let check = report.check(check);
        if let Some(finding) = why {
            check.finding(finding.clone());
        }
        let status = undecided(params);
        check.status(status).summary("nothing in the export counts");
    }
}

/// Whether anything could be missing.
fn export(params: &Params, survey: &Survey, span: Option<&Span<'_>>, check: &mut CheckBuilder) {
    let path = &params.export;
    let needed = span.map(|it| it.until).or(params.window.until);
    let covers = needed.is_some_and(|until| survey.covers(params, until));
    let (from, until) = (survey.header.from, survey.header.end());
    match needed {
        None => {
            let message = "The event from which on it must last is not there.";
            check.finding(Finding::new("anchor-missing", message).at_file(path));
        }
        Some(needed) if !covers => {
            let message = "The export does not cover all that is looked at.";
            let finding = Finding::new("window-not-covered", message).at_line(path, 1);
            let expected = format!("from {} until {needed}", params.window.from);
            check.finding(
                finding
                    .expected(expected)
                    .actual(format!("from {from} until {until}")),
            );
        }
        Some(_) => {}
    }
    let (good, all) = (check.matched(), check.examined());
    check.summary(format!(
        "{good} of {all} events can be read, from {from} until {until}"
    ));
    check.status(match survey.sound && covers {
        true => Status::Pass,
        false => undecided(params),
    });
}

/// In an export of which nothing is missing, whatever had to last never came.
fn without_anchor(params: &Params, survey: &Survey, report: &mut ReportBuilder<Check>) {
    let until = params.window.until;
    let never = survey.sound && until.is_some_and(|it| survey.covers(params, it));
    let check = report.check(Check::Required);
    check.examine(false).summary("the anchor is not there");
    check.status(undecided(params));
    if never {
        let message = "The event from which on it must last never came.";
        let finding = Finding::new("anchor-missing", message).at_file(&params.export);
        check.finding(finding).status(Status::Fail);
    }
    let check = report.check(Check::Forbidden);
    let summary = "without the anchor nobody knows what came after it";
    check.status(undecided(params)).summary(summary);
}

fn forbidden_and_required(
    params: &Params,
    survey: &Survey,
    span: &Span<'_>,
    report: &mut ReportBuilder<Check>,
) {
    let path = &params.export;
    let mut watches: Vec<_> = params
        .forbidden
        .iter()
        .map(|it| Watch::of(params, it))
        .collect();
    let mut needs: Vec<_> = params
        .required
        .iter()
        .map(|it| Need::of(params, it, span))
        .collect();
    let check = report.check(Check::Forbidden);
    // Once more from the beginning: the anchor need not be the first event, nor stand before the others.
    let mut events = Reader::open(params).ok();
    while let Some(Ok(Some(read))) = events.as_mut().map(Reader::next) {
        let Some(event) = read.event else { continue };
        for watch in &mut watches {
            watch.see(&event, span, path, check);
        }
        for need in &mut needs {
            need.see(&event, span);
        }
    }
    let sound = survey.sound && span.certain;
    let all = sound && survey.covers(params, span.until);
    let kept = watches.iter().map(|it| it.kept(all));
    conclude(params, kept.collect(), check);

    let check = report.check(Check::Required);
    let seen_until = survey.header.end();
    let seen_until = (sound && survey.covers(params, params.window.from)).then_some(seen_until);
    let mut kept = Vec::new();
    if params.anchor.is_some() {
        kept.push(span.certain.then_some(true));
    }
    for need in &mut needs {
        let answer = need.kept(span, seen_until);
        if answer == Some(false) {
            need.tell(path, check);
        }
        kept.push(answer);
    }
    conclude(params, kept, check);
}

fn conclude(params: &Params, kept: Vec<Option<bool>>, check: &mut CheckBuilder) {
    for rule in &kept {
        check.examine(*rule == Some(true));
    }
    let status = match () {
        () if kept.contains(&Some(false)) => Status::Fail,
        () if kept.contains(&None) => undecided(params),
        () => Status::Pass,
    };
    let open = kept.iter().filter(|it| it.is_none()).count();
    let (good, all) = (check.matched(), check.examined());
    check.status(status).summary(match open {
        0 => format!("{good} of {all} rules are kept"),
        open => format!("{good} of {all} rules are kept, and of {open} nobody knows"),
    });
}
