//! From what was read to checks and findings.

use crate::Check;
use crate::params::Params;
use crate::quotation::{Absent, Quotation, State};
use crate::source::Source;
use crate::source::nearest::{Passage, fit};
use crate::text::{Cited, CitedKind, Defect};
use proofmark_validator_sdk::{Finding, Place, ReportBuilder, Severity, Status, shorten};
use std::ops::Range;

/// How much of a quotation or passage a finding shows.
const SHOWN_BYTES: usize = 600;

/// Writes findings.
pub(crate) struct Judge<'a> {
    pub(crate) params: &'a Params,
    pub(crate) sources: &'a [Source<'a>],
}

impl Judge<'_> {
    /// A text that cannot be judged fails every check.
    pub(crate) fn bad_text(
        &self,
        report: &mut ReportBuilder<Check>,
        code: &'static str,
        message: &str,
        path: &str,
    ) {
        let finding = Finding::new(code, message)
            .severity(Severity::Critical)
            .at_file(path)
            .expected("a text in UTF-8");
        for check in [Check::Quotations, Check::Citations, Check::Coverage] {
            report.check(check).finding(finding.clone());
        }
    }

    /// Judges one citation.
    pub(crate) fn citation(&self, report: &mut ReportBuilder<Check>, path: &str, cited: &Cited) {
        let check = report.check(Check::Citations);
        check.examine(cited.kind == CitedKind::Known);
        if cited.kind != CitedKind::Known {
            check.finding_of(Severity::Major, || self.unknown(path, cited));
        }
    }

    fn unknown(&self, path: &str, cited: &Cited) -> Finding {
        let name = shorten(&cited.name, SHOWN_BYTES);
        let (code, message) = match cited.kind {
            CitedKind::UndefinedFootnote => (
                "footnote-undefined",
                format!("The footnote `{name}` has no text."),
            ),
            _ => (
                "source-unknown",
                format!("The cited source `{name}` is not among the references."),
            ),
        };
        Finding::new(code, message)
            .at(place(path, cited.line, &cited.range))
            .expected(format!("one of {}", self.ids()))
            .actual(name)
    }

    /// Judges one quotation.
    pub(crate) fn quotation(&self, report: &mut ReportBuilder<Check>, quotation: &Quotation) {
        let check = report.check(Check::Quotations);
        check.examine(matches!(quotation.state, State::Verified { .. }));
        if !matches!(quotation.state, State::Verified { .. }) {
            check.finding_of(Severity::Major, || self.unverified(quotation));
        }
    }

    fn unverified(&self, quotation: &Quotation) -> Finding {
        let finding = match &quotation.state {
            State::Refused { code, reason } => {
                Finding::new(code, reason).expected(self.instead_of(code))
            }
            State::Absent(absent) => self.absent(quotation, absent),
            State::Open | State::Verified { .. } => self.absent(quotation, &Absent::default()),
        };
        let path = &self.params.texts[quotation.text];
        finding
            .at(place(path, quotation.line, &quotation.range))
            .actual(shorten(&quotation.normal, SHOWN_BYTES))
    }

    fn instead_of(&self, code: &str) -> String {
        match code {
            "quotation-uncited" | "quotation-source-unknown" => format!("one of {}", self.ids()),
            "quotation-empty" => "the words of a source".to_owned(),
            "part-too-short" => format!("at least {} words", self.params.ellipsis.min_part_words),
            "too-many-parts" => format!("at most {} parts", self.params.ellipsis.max_parts),
            _ => "a shorter quotation".to_owned(),
        }
    }

    /// Tells of what looks like a quotation, or may hide one, and cannot be verified.
    pub(crate) fn defect(&self, report: &mut ReportBuilder<Check>, path: &str, defect: &Defect) {
        let check = report.check(Check::Quotations).examine(false);
        check.finding_of(Severity::Major, || {
            let (message, expected) = defect.says();
            Finding::new(defect.code(), message)
                .at(place(path, defect.line, &defect.range))
                .expected(expected)
                .actual(&defect.shown)
        });
    }

    /// Concludes all checks.
    pub(crate) fn conclude(&self, report: &mut ReportBuilder<Check>, verified: u64) {
        let least = self.params.min_quotations;
        let check = report.check(Check::Coverage);
        check.count(least.max(verified), verified);
        check.summary(format!(
            "{verified} passages are quoted verbatim; at least {least} are asked for"
        ));
        if verified < least {
            let finding = Finding::new(
                "too-few-quotations",
                "There are too few verified quotations of different passages.",
            )
            .expected(format!("at least {least}"))
            .actual(verified);
            check.finding(finding);
        }
        let check = report.check(Check::Quotations).score_by_ratio();
        let (matched, examined) = (check.matched(), check.examined());
        if examined > 0 {
            check.summary(format!(
                "{matched} of {examined} quotations occur in their source"
            ));
        } else if check.findings_total() == 0 {
            check.inconclusive("the text has no quotation to judge");
        }
        let check = report.check(Check::Citations).score_by_ratio();
        let (matched, examined) = (check.matched(), check.examined());
        if examined > 0 {
            check.summary(format!(
                "{matched} of {examined} citations name a source that exists"
            ));
        } else if check.findings_total() == 0 {
            check.status(Status::Pass).summary("nothing is cited");
            check.score_ppm(1_000_000);
        }
    }

    fn absent(&self, quotation: &Quotation, absent: &Absent) -> Finding {
        if let Some((source, line)) = absent.elsewhere {
            let id = self.sources[source].id;
            let message =
                format!("The quotation occurs in `{id}`, line {line}, not in what it cites.");
            return Finding::new("quotation-misattributed", message).expected(format!("[{id}]"));
        }
        if let Some(source) = absent.scattered_in {
            let Source { id, .. } = self.sources[source];
            let gap = self.params.ellipsis.max_gap_bytes;
            let message =
                format!("Its parts occur in `{id}`, but not in order and near each other.");
            return Finding::new("quotation-out-of-order", message)
                .expected(format!("at most {gap} bytes left out by each ellipsis"));
        }
        match &absent.nearest {
            Some(passage) => self.invented_like(quotation, passage),
            None => Finding::new(
                "quotation-invented",
                "The quotation does not occur in its source, and nothing like it.",
            )
            .expected("a passage of the source, verbatim"),
        }
    }

    fn invented_like(&self, quotation: &Quotation, passage: &Passage) -> Finding {
        let Source { id, .. } = self.sources[passage.source];
        let mut message = format!(
            "The quotation does not occur in its source; the passage most like it is near line {} of `{id}`.",
            passage.line
        );
        let fit = fit(&quotation.normal, &passage.text);
        message.push_str(&match fit.distance {
            0 => " It differs in punctuation or case only.".to_owned(),
            distance => format!(" It differs by {distance} of {} words.", fit.of),
        });
        if let Some((quoted, there)) = &fit.first {
            message.push_str(&format!(" First: `{quoted}` for `{there}`."));
        }
        Finding::new("quotation-invented", message).expected(shorten(fit.passage, SHOWN_BYTES))
    }

    fn ids(&self) -> String {
        let ids: Vec<_> = self
            .sources
            .iter()
            .map(|source| format!("[{}]", source.id))
            .collect();
        shorten(&ids.join(", "), SHOWN_BYTES)
    }
}

fn place(path: &str, line: u64, range: &Range<usize>) -> Place {
    Place::file(path)
        .line(line)
        .range(range.start as u64, range.len() as u64)
}
