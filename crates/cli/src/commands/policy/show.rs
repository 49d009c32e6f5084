//! `proofmark policy show` and `proofmark policy lint`

use std::path::Path;

use proofmark_core::{Problem, Timestamp};
use proofmark_trust::{Policy, Reason, Revocation, Role, Window, lint as warnings, progress};
use serde_json::json;

use super::{file, sign};
use crate::commands::Outcome;
use crate::failure::Exit;
use crate::printer::{GOOD, Printer, WARN, paint};

/// `proofmark policy lint`
pub(super) fn lint(path: &Path, now: Timestamp, printer: &Printer) -> Outcome {
    let policy = file::read(path)?.policy;
    let warnings = warnings(&policy, now);
    printer.data(
        || match warnings.is_empty() {
            true => format!("{} {}", paint(GOOD, "ok"), path.display()),
            false => warnings.iter().map(warning).collect::<Vec<_>>().join("\n"),
        },
        || json!({ "file": path, "warnings": warnings }),
    );
    Ok(Exit::Done)
}

fn warning(warning: &Problem) -> String {
    let place = warning.pointer.as_deref().unwrap_or_default();
    let place = if place.is_empty() {
        String::new()
    } else {
        format!("{place}: ")
    };
    let hint = warning.hint.as_deref().unwrap_or_default();
    format!(
        "{} {place}{} [{}]\n         {hint}",
        paint(WARN, "warning:"),
        warning.message,
        warning.code
    )
}

/// `proofmark policy show`: what it says, and who signed it. Nothing is believed by being shown.
pub(super) fn run(path: &Path, now: Timestamp, printer: &Printer) -> Outcome {
    let read = file::read(path)?;
    let policy = &read.policy;
    let own = read
        .envelope
        .map(|envelope| progress(policy, None, &envelope, now));
    let own = own.into_iter().flatten().next();
    printer.data(
        || {
            let mut lines = head(policy);
            lines.extend(
                own.as_ref()
                    .map(|own| format!("signed    {}", sign::line(own))),
            );
            lines.extend(roles(policy));
            lines.extend(rest(policy));
            lines.join("\n")
        },
        || {
            let mut value = json!({ "digest": policy.digest(), "policy": policy.document() });
            if let Some(own) = &own {
                value["signed"] = sign::to_json(own);
            }
            value
        },
    );
    Ok(Exit::Done)
}

fn head(policy: &Policy) -> Vec<String> {
    vec![
        format!("policy    version {} {}", policy.version(), policy.digest()),
        format!(
            "believed  {} to {}",
            policy.issued_at(),
            policy.expires_at()
        ),
        format!("audience  {}", policy.audience().unwrap_or("everybody")),
    ]
}

fn roles(policy: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    for role in Role::ALL {
        let Some(rule) = policy.role(role) else {
            continue;
        };
        let distinct = if rule.distinct_operators {
            " of distinct operators"
        } else {
            ""
        };
        lines.push(format!(
            "{:<9} {} of {}{distinct}",
            role.name(),
            rule.threshold,
            rule.keys.len()
        ));
        for key in policy.keys_of(role) {
            let window = window(&key.window, key.revoked);
            lines.push(format!(
                "          {} {} {window}",
                key.key.id(),
                key.operator
            ));
        }
    }
    lines
}

fn rest(policy: &Policy) -> Vec<String> {
    let mut lines = Vec::new();
    for profile in policy.profiles() {
        let window = window(&profile.window, None);
        lines.push(format!(
            "profile   {} {} {window}",
            profile.name, profile.digest
        ));
    }
    let transparency = policy.transparency();
    for log in &transparency.logs {
        lines.push(format!(
            "log       {} {}",
            log.key,
            window(&log.window, None)
        ));
    }
    for witness in &transparency.witnesses {
        let window = window(&witness.window, witness.revoked);
        lines.push(format!(
            "witness   {} {} {window}",
            witness.key, witness.operator
        ));
    }
    let required = if transparency.required {
        "required"
    } else {
        "not required"
    };
    lines.push(format!(
        "logging   {required}, witnesses of {} operator(s)",
        transparency.quorum
    ));
    let time = policy.time();
    lines.push(format!(
        "time      outcomes up to {} s old, clocks differ up to {} s",
        time.max_age_seconds, time.max_clock_skew_seconds
    ));
    lines
}

fn window(window: &Window, revoked: Option<Revocation>) -> String {
    let until = window
        .valid_until
        .map(|until| format!(" until {until}"))
        .unwrap_or_default();
    let revoked = revoked.map(|revoked| {
        let reason = match revoked.reason {
            Reason::Compromised => "compromised",
            Reason::Superseded => "superseded",
            Reason::Ceased => "ceased",
        };
        format!(", revoked from {} on: {reason}", revoked.effective_at)
    });
    format!(
        "from {}{until}{}",
        window.valid_from,
        revoked.unwrap_or_default()
    )
}
