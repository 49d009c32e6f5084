//! What is wrong with parameters that their schema cannot say: rules that no event could fulfil or break.

use crate::condition::Selection;
use crate::event::OWN_MEMBERS;
use crate::params::{Params, Required};
use proofmark_validator_sdk::{Problem, problem};

/// All of it.
pub(crate) fn of(params: &Params) -> Vec<Problem> {
    let mut problems = Vec::new();
    if params.forbidden.is_empty() && params.required.is_empty() {
        problems.push(problem("", "nothing is forbidden or required"));
    }
    events(params, &mut problems);
    window(params, &mut problems);
    let anchor = params.anchor.as_ref();
    let of_anchor = params.fields_of_anchor();
    let mut select = |pointer: String, selection: Selection<'_>, compares: bool| {
        let of_anchor = of_anchor.filter(|_| compares);
        let found = selection.problems(&params.events, of_anchor);
        problems.extend(
            found
                .into_iter()
                .map(|(at, why)| problem(pointer.clone() + &at, why)),
        );
    };
    if let Some(anchor) = anchor {
        select("/anchor".to_owned(), anchor.selection(), false);
    }
    for (index, rule) in params.forbidden.iter().enumerate() {
        select(format!("/forbidden/{index}"), rule.selection(), true);
    }
    for (index, rule) in params.required.iter().enumerate() {
        let pointer = format!("/required/{index}");
        select(pointer.clone(), rule.selection(), true);
        if let Some(each) = &rule.after_each {
            select(pointer + "/after_each", each.selection(), true);
        }
    }
    for (index, rule) in params.required.iter().enumerate() {
        if let Some(why) = contradiction(params, rule) {
            problems.push(problem(format!("/required/{index}"), why));
        }
    }
    problems
}

fn events(params: &Params, problems: &mut Vec<Problem>) {
    for (kind, fields) in &params.events {
        for (field, form) in fields {
            let why = match () {
                () if OWN_MEMBERS.contains(&field.as_str()) => "every event has this member anyway",
                () if form.is_empty() => "no value is of this form",
                () => continue,
            };
            problems.push(problem(format!("/events/{kind}/{field}"), why));
        }
    }
}

fn window(params: &Params, problems: &mut Vec<Problem>) {
    let window = params.window;
    let why = match (window.until, window.seconds) {
        (None, None) => "it has no end: `until`, or `seconds` after the anchor",
        (_, Some(_)) if params.anchor.is_none() => "`seconds` are counted from an anchor",
        (Some(until), _) if until <= window.from => "it ends before it begins",
        _ => return,
    };
    problems.push(problem("/window", why));
}

fn contradiction(params: &Params, rule: &Required) -> Option<&'static str> {
    let within = rule.within_seconds;
    let anchored = params.anchor.is_some() || rule.after_each.is_some();
    let longer = within
        .zip(params.window.seconds)
        .is_some_and(|(it, all)| it > all);
    match () {
        () if within.is_some() && !anchored => Some("`within_seconds` is counted from an anchor"),
        () if longer => Some("`within_seconds` is longer than the window"),
        () if rule.at_least.is_some() && rule.after_each.is_some() => {
            Some("`at_least` and `after_each` are two rules")
        }
        () => None,
    }
}
