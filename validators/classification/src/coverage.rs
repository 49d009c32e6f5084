//! Which ids were predicted, and how often there was no answer.

use crate::params::{Abstention, Params};
use crate::predictions;
use crate::table::{Answer, Item, Table};
use proofmark_validator_sdk::{CheckBuilder, Finding, PPM, Refusal, Severity, percent, ratio_ppm};

/// Fills the table from the predictions and judges which ids are there.
pub(crate) fn judge(
    params: &Params,
    table: &mut Table,
    check: &mut CheckBuilder,
) -> Result<(), Refusal> {
    let source = &params.predictions;
    let readable = predictions::read(source, table, check)?;
    for item in &table.items {
        check.examine(is_covered(item));
        if readable && item.predicted.is_none() {
            check.finding_of(Severity::Major, || {
                let message = format!("There is no prediction for the id `{}`.", item.id);
                Finding::new("id-missing", message).at_file(&source.artifact)
            });
        }
    }
    if let Some(asked) = &params.abstention {
        abstentions(asked, &source.artifact, table, check);
    }
    check.score_by_ratio();
    let (matched, examined) = (check.matched(), check.examined());
    check.summary(format!(
        "ids predicted exactly once, with a known label: {matched} of {examined}"
    ));
    Ok(())
}

fn is_covered(item: &Item) -> bool {
    let predicted = item.predicted.as_ref();
    !item.duplicate && predicted.is_some_and(|predicted| predicted.answer != Answer::Unknown)
}

fn abstentions(asked: &Abstention, artifact: &str, table: &Table, check: &mut CheckBuilder) {
    let answers = table
        .items
        .iter()
        .filter_map(|item| item.predicted.as_ref());
    let abstained = answers.filter(|predicted| predicted.answer == Answer::Abstained);
    let (count, total) = (abstained.count() as u64, table.items.len() as u64);
    let allowed = u128::from(asked.max_ppm) * u128::from(total);
    if u128::from(count) * u128::from(PPM) > allowed {
        let share = percent(ratio_ppm(count, total));
        let finding = Finding::new("too-many-abstentions", "Too many ids have no answer.")
            .at_file(artifact)
            .expected(format!("at most {} of the ids", percent(asked.max_ppm)))
            .actual(format!("{share}: {count} of {total}"));
        check.finding(finding);
    }
}
