//! The shortest story of a season that breaks something.

use super::{Outcome, Plan, play};

/// Leaves out RFQs, and mischief, as long as something still breaks, and tells what remains: the breaks, then the
/// commands, of which only the last lead to them.
#[must_use]
pub fn tale(plan: &Plan) -> String {
    let mut shortest = plan.clone();
    let quiet = Plan {
        mischief: false,
        ..shortest.clone()
    };
    if broken(&quiet).is_some() {
        shortest = quiet;
    }
    for number in 0..plan.rfqs {
        let mut shorter = shortest.clone();
        shorter.without.insert(number);
        if broken(&shorter).is_some() {
            shortest = shorter;
        }
    }
    let Some(outcome) = broken(&shortest) else {
        return format!("seed {} breaks nothing", plan.seed);
    };
    let left: Vec<_> = (0..plan.rfqs)
        .filter(|number| !shortest.without.contains(number))
        .collect();
    let mut text = format!(
        "seed {}, RFQs {left:?}, mischief {}\n",
        shortest.seed, shortest.mischief
    );
    for what in &outcome.breaks {
        text.push_str(&format!("  broken: {what}\n"));
    }
    let about: Vec<_> = outcome.breaks.iter().flat_map(|what| names(what)).collect();
    let last = outcome.told.len().saturating_sub(5);
    for (at, line) in outcome.told.iter().enumerate() {
        if at >= last || about.iter().any(|name| line.contains(name)) {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text
}

fn broken(plan: &Plan) -> Option<Outcome> {
    let outcome = play(plan);
    (!outcome.breaks.is_empty()).then_some(outcome)
}

/// The digits of RFQs and contracts that a break names: only commands about these are told, and the last few.
fn names(what: &str) -> Vec<String> {
    let words = what.split(|letter: char| !letter.is_ascii_hexdigit());
    words
        .filter(|word| word.len() == 32)
        .map(str::to_owned)
        .collect()
}
