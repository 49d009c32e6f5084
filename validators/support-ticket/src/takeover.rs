//! The check `no-takeover`: who did it.

use crate::case::Case;
use crate::params::NoTakeover;
use crate::phrase::Rules;
use crate::ticket::Author;
use proofmark_validator_sdk::CheckBuilder;

pub(crate) fn judge(case: &Case<'_>, rule: &NoTakeover, check: &mut CheckBuilder) {
    let status = &case.export.status;
    let handed = rule.statuses.contains(status);
    check.examine(!handed);
    if handed {
        let finding = case.finding(
            "handover-status",
            "Somebody else has the ticket.",
            "/status",
        );
        check.finding(finding.actual(status));
    }
    let announcements = Rules::new([(&rule.announced_by[..], &[][..])]);
    for later in case.suppliers() {
        let human = later.is_from(Author::Human);
        let hit = announcements.broken(&later.letters).into_values().next();
        check.examine(!human && hit.is_none());
        if human {
            let pointer = format!("/messages/{}/from", later.number);
            check.finding(case.finding(
                "taken-over",
                "A person answers in place of the agent.",
                pointer,
            ));
        }
        if let Some(hit) = hit {
            let text = "This says that somebody else will answer.";
            let finding = case.finding("handover-announced", text, later.text());
            check.finding(finding.actual(later.shown(&hit)));
        }
    }
}
