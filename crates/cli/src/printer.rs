//! The only place that writes to the terminal: stdout is data, stderr is everything else.

use std::fmt::Display;
use std::io::Write;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::args::Output;
use crate::failure::{Exit, Failure};
use crate::render::foreign::{message, one_line};

/// Colours. They never carry a meaning alone, and go away with `NO_COLOR` or a pipe.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// See [`GOOD`].
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// See [`GOOD`].
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// See [`GOOD`].
pub(crate) const HINT: Style = AnsiColor::Cyan.on_default();
/// See [`GOOD`].
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Text in a colour.
pub(crate) fn paint(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Writes in the format that was asked for.
pub struct Printer {
    output: Output,
}

impl Printer {
    /// A printer for the format.
    pub fn new(output: Output) -> Self {
        Self { output }
    }

    /// Was JSON asked for?
    pub fn is_json(&self) -> bool {
        self.output == Output::Json
    }

    /// Data for people, or the same as JSON.
    pub fn data(&self, text: impl FnOnce() -> String, json: impl FnOnce() -> Value) {
        match self.output {
            Output::Text => self.line(text().trim_end()),
            Output::Json => self.line(format!("{:#}", json())),
        }
    }

    /// Data as of [`Printer::data`]; if something is still missing it is printed with that.
    pub(crate) fn partly(
        &self,
        missing: Option<Failure>,
        exit: Exit,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> Value,
    ) -> Result<Exit, Failure> {
        match missing {
            None => {
                self.data(text, json);
                Ok(exit)
            }
            Some(missing) if self.is_json() => Err(Failure {
                done: Some(json()),
                ..missing
            }),
            Some(missing) => {
                self.line(text().trim_end());
                Err(missing)
            }
        }
    }

    /// A line of data as it is.
    pub fn line(&self, text: impl Display) {
        // A reader that has gone away (`| head`) is no error.
        let _ = writeln!(anstream::stdout(), "{text}");
    }

    /// Bytes exactly as they are, so that their digest is the file's when they are redirected.
    pub fn bytes(&self, bytes: &[u8]) {
        let _ = std::io::stdout().write_all(bytes);
    }

    /// Something worth knowing that is not data.
    pub fn note(&self, text: impl Display) {
        let _ = writeln!(anstream::stderr(), "{text}");
    }

    /// Something that should not be overlooked.
    pub fn warn(&self, text: impl Display) {
        self.note(format!("{} {text}", paint(WARN, "warning:")));
    }

    pub(crate) fn failure(&self, failure: &Failure) {
        for line in told(failure) {
            self.note(line);
        }
        if self.is_json() {
            let problems: Vec<_> = failure
                .problems
                .iter()
                .map(|problem| {
                    json!({
                        "code": problem.code,
                        "pointer": problem.pointer,
                        "message": problem.message,
                        "hint": problem.hint,
                    })
                })
                .collect();
            let mut answer =
                json!({ "error": { "subject": failure.subject, "problems": problems } });
            if let Some(done) = &failure.done {
                answer["done"] = done.clone();
            }
            self.line(format!("{answer:#}"));
        }
    }
}

/// A failure for people. Names of files and words of guests are in all of it.
fn told(failure: &Failure) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in &failure.problems {
        let place = [
            failure.subject.as_deref(),
            problem.pointer.as_deref().filter(|place| !place.is_empty()),
        ];
        let place: Vec<_> = place.into_iter().flatten().map(one_line).collect();
        let place = match place.is_empty() {
            true => String::new(),
            false => format!("{}: ", place.join("#")),
        };
        let (sign, text) = (paint(BAD, "error:"), message(&problem.message));
        lines.push(format!("{sign} {place}{text} [{}]", problem.code));
        if let Some(hint) = &problem.hint {
            lines.push(format!("{} {}", paint(HINT, "hint:"), message(hint)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proofmark_core::Problem;

    use super::*;

    #[test]
    fn nothing_foreign_in_a_failure_reaches_the_terminal_as_it_is() {
        const FOREIGN: &str = "a\u{1b}[2J\nerror: forged\u{202e}";
        let problem = Problem::new("code", FOREIGN).hint(FOREIGN).at(FOREIGN);
        let failure = Failure {
            exit: Exit::BadInput,
            problems: vec![problem],
            subject: Some(FOREIGN.to_owned()),
            done: None,
        };
        let lines = told(&failure).join("\n");
        let plain = anstream::adapter::strip_str(&lines).to_string();
        assert_eq!(
            plain,
            "error: a\u{fffd}[2J error: forged\u{fffd}#a\u{fffd}[2J error: forged\u{fffd}: \
             a\u{fffd}[2J\n            error: forged\u{fffd} [code]\n\
             hint: a\u{fffd}[2J\n            error: forged\u{fffd}"
        );
    }
}
