//! `proofmark policy …`

mod edit;
mod export;
mod file;
mod show;
mod sign;

use proofmark_core::Timestamp;
use proofmark_trust::Revocation;

use super::Outcome;
use crate::args::{Policy, When};
use crate::commands::evidence;
use crate::printer::Printer;

pub(crate) fn run(command: &Policy, printer: &Printer) -> Outcome {
    match command {
        Policy::Sign {
            policy,
            key,
            merge,
            previous,
            when,
        } => {
            let previous = previous.as_deref();
            sign::run(policy, key, merge, previous, moment(*when), printer)
        }
        Policy::Lint { policy, when } => show::lint(policy, moment(*when), printer),
        Policy::Show { policy, when } => show::run(policy, moment(*when), printer),
        Policy::Export {
            policy,
            format,
            role,
            when,
        } => export::run(policy, *format, (*role).into(), moment(*when), printer),
        Policy::New(new) => edit::begin(new, printer),
        Policy::AddKey {
            policy,
            key,
            role,
            operator,
            engine,
            window,
        } => {
            let new = edit::new_key(key, operator, engine.clone(), edit::window_of(window))?;
            edit::change(policy, moment(window.when), printer, |revision| {
                revision.add_key((*role).into(), new);
                Ok(())
            })
        }
        Policy::AddLog {
            policy,
            key,
            window,
        } => edit::change(policy, moment(window.when), printer, |revision| {
            revision.add_log(key, edit::window_of(window));
            Ok(())
        }),
        Policy::AddWitness {
            policy,
            key,
            operator,
            window,
        } => edit::change(policy, moment(window.when), printer, |revision| {
            revision.add_witness(key, operator.clone(), edit::window_of(window));
            Ok(())
        }),
        Policy::AddProfile {
            policy,
            profile,
            window,
        } => edit::change(policy, moment(window.when), printer, |revision| {
            edit::add_profile(revision, profile.as_deref(), edit::window_of(window))
        }),
        Policy::Set {
            policy,
            settings,
            when,
        } => edit::change(policy, moment(*when), printer, |revision| {
            edit::set(revision, settings)
        }),
        Policy::Revoke {
            policy,
            key,
            reason,
            effective,
            correct,
            when,
        } => {
            let revocation = Revocation {
                effective_at: effective.unwrap_or_else(|| moment(*when)),
                reason: (*reason).into(),
            };
            let key = edit::key_id(key)?;
            edit::change(policy, moment(*when), printer, |revision| {
                Ok(match correct {
                    false => revision.revoke(key, revocation),
                    true => revision.correct_revocation(key, revocation),
                }?)
            })
        }
        Policy::End {
            policy,
            what,
            at,
            when,
        } => {
            let at = at.unwrap_or_else(|| moment(*when));
            edit::change(policy, moment(*when), printer, |revision| {
                let what = edit::listed(what, revision.document())?;
                Ok(revision.end(&what, at)?)
            })
        }
        Policy::Retire {
            policy,
            key,
            role,
            when,
        } => {
            let key = edit::key_id(key)?;
            edit::change(policy, moment(*when), printer, |revision| {
                Ok(revision.retire((*role).into(), key)?)
            })
        }
    }
}

/// Without another, the present in whole seconds, as witnesses write their time: what they see a moment later must
/// not lie before the windows.
fn moment(when: When) -> Timestamp {
    let present = || Timestamp::from_seconds(evidence::now().seconds());
    when.now
        .unwrap_or_else(|| present().expect("the present is in range"))
}
