//! A support ticket is resolved: what was said is judged by rules, from an export of the ticket. See `README.md`.

mod case;
mod characters;
mod citations;
mod document;
mod echo;
mod export;
mod facts;
mod moment;
mod params;
mod phrase;
mod policy;
mod stated;
mod status;
mod takeover;
mod text;
mod ticket;
mod timeliness;
mod tone;

use case::Case;
use citations::Articles;
use params::Params;
use proofmark_validator_sdk::{Problem, Refusal, ReportBuilder, Validator, checks, export};

checks! {
    /// What this validator reports.
    pub enum Check {
        /// It is this ticket, and nothing of it was changed.
        Export = "export": "The export is of this ticket, begins with what was handed over, and shows its readers all that it says.",
        /// How it ended.
        Status = "status": "The ticket stands as asked, and the agent has the last word, with an answer.",
        /// What is said.
        Facts = "facts": "The agent states each fact that is asked for, and nothing that contradicts it.",
        /// What must not be said, what has to be, and how.
        Policy = "policy": "Nothing forbidden is said, what has to be disclosed is, and the tone keeps within its rules.",
        /// On what it rests.
        Citations = "citations": "Cited articles exist and have the quotes word for word, and enough is cited.",
        /// Who did it.
        NoTakeover = "no-takeover": "No person took over, and nobody else was to.",
        /// When.
        Timeliness = "timeliness": "The first answer came in time.",
    }
}

/// The validator.
pub struct SupportTicket;

impl Validator for SupportTicket {
    type Params = Params;
    type Check = Check;
    const NAME: &'static str = "support-ticket";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "A support ticket is resolved: the facts are stated, policy is kept, citations are real, and nobody had to take over.";

    fn params_schema() -> &'static str {
        include_str!("../params.schema.json")
    }

    fn media_types() -> &'static [&'static str] {
        &["application/json"]
    }

    fn check_params(params: &Params) -> Vec<Problem> {
        params.problems()
    }

    fn asked_for(params: &Params) -> Vec<Check> {
        let optional = [
            (Check::Facts, params.facts.is_some()),
            (Check::Policy, params.policy.is_some()),
            (Check::Citations, params.citations.is_some()),
            (Check::NoTakeover, params.no_takeover.is_some()),
            (Check::Timeliness, params.timeliness.is_some()),
        ];
        let asked = optional.into_iter().filter(|(_, asked)| *asked);
        let always = [Check::Export, Check::Status].into_iter();
        always.chain(asked.map(|(check, _)| check)).collect()
    }

    fn evaluate(params: Params, report: &mut ReportBuilder<Check>) -> Result<(), Refusal> {
        let handed_over = ticket::handed_over(&params.handed_over)?;
        let articles = Articles::read(&params.articles)?;
        match ticket::export(&params.export) {
            Ok(export) => {
                let case = Case::new(&params, &handed_over, &export, &articles);
                judge(&case, report);
            }
            Err(finding) => report.fail_untouched(&finding),
        }
        Ok(())
    }
}

/// Judges everything that is asked for.
fn judge(case: &Case<'_>, report: &mut ReportBuilder<Check>) {
    let params = case.params;
    export::judge(case, report.check(Check::Export));
    status::judge(case, report.check(Check::Status));
    if let Some(facts) = &params.facts {
        facts::judge(case, facts, report.check(Check::Facts));
    }
    if let Some(policy) = &params.policy {
        policy::judge(case, policy, report.check(Check::Policy));
    }
    if let Some(citations) = &params.citations {
        citations::judge(case, citations, report.check(Check::Citations));
    }
    if let Some(rule) = &params.no_takeover {
        takeover::judge(case, rule, report.check(Check::NoTakeover));
    }
    if let Some(rule) = &params.timeliness {
        timeliness::judge(case, rule, report.check(Check::Timeliness));
    }
    for (check, what) in [
        (Check::Export, "particulars and messages as they should be"),
        (Check::Status, "conditions of a resolved ticket that hold"),
        (Check::Facts, "facts that are stated"),
        (Check::Policy, "rules that are kept"),
        (Check::Citations, "citations that are right"),
        (Check::NoTakeover, "signs that nobody took over"),
        (Check::Timeliness, "answers in time"),
    ] {
        if report.asks_for(check) {
            conclude(report.check(check), what);
        }
    }
}

fn conclude(check: &mut proofmark_validator_sdk::CheckBuilder, what: &str) {
    let summary = format!("{what}: {} of {}", check.matched(), check.examined());
    check.score_by_ratio().summary(summary);
    if check.matched() < check.examined() {
        check.decide(false);
    }
}

export!(SupportTicket);

#[cfg(test)]
mod tests;
