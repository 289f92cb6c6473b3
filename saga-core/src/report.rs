//! What happened, as text for a person.
//!
//! Everything in it is rendered when it is asked for, from the values the saga had. Rendering runs
//! the user's `Debug` and `Display`, so each is guarded: one that panics costs its own place only.

use core::fmt::{self, Write};

use crate::definition::{Compensation, Definition, Kind, Parameter, Phase, Source, Step};
use crate::error::{Details, SagaError};
use crate::failure::ErrorText;
use crate::id::SagaId;
use crate::panics;
use crate::record::{CompensationFailure, End, Outcome, StepRecord, Undo};
use crate::saga::{Saga, Slots, StepError, Value};

/// What stands in place of a value that is marked as sensitive.
const HIDDEN: &str = "***";

/// What happened in a run that did not complete: every step with its call, its result and its
/// undo, the failure, every compensation that gave up, and what is left for a person.
///
/// Arguments and outputs are written by their `Debug`; `_` stands for one that has none (in a generic
/// block: none that the block's bounds promise), and
/// `...` for one that there was not, `(moved)` for one that was given away to a
/// step, and `***` for one that is marked as sensitive.
pub struct Report<'a> {
    definition: &'static Definition,
    id: &'a SagaId,
    end: End,
    failed: &'static Step,
    attempts: u32,
    in_doubt: bool,
    error: ErrorText,
    steps: Vec<StepRecord>,
    compensation_failures: &'a [CompensationFailure],
    values: &'a dyn Values,
}

/// The values of a run, whatever its types.
trait Values {
    fn value(&self, source: Source, part: Option<usize>) -> Value<'_>;
}

impl<S: Saga> Values for Details<S> {
    fn value(&self, source: Source, part: Option<usize>) -> Value<'_> {
        self.slots.value(source, part)
    }
}

impl<'a> Report<'a> {
    pub(crate) fn of<S: Saga>(error: &'a SagaError<S>, details: &'a Details<S>) -> Self {
        Self {
            definition: S::DEFINITION,
            id: error.saga_id(),
            end: error.end(),
            failed: error.step(),
            attempts: error.attempts(),
            in_doubt: error.in_doubt(),
            error: error.error().text(),
            steps: error.steps().collect(),
            compensation_failures: error.compensation_failures(),
            values: details,
        }
    }

    /// The one line that says it all.
    pub(crate) fn summary(&self) -> String {
        let end = match self.end {
            End::Compensated => "was compensated",
            End::Stuck => "is stuck",
        };
        let mut line = format!(
            "saga `{}` ({}) {end}: step `{}` {}: {}",
            self.definition.name,
            self.id,
            self.failed.name,
            GaveUpAs(self.in_doubt, self.attempts),
            one_line(&self.error.message)
        );
        match self.compensation_failures {
            [] => {}
            [failure] => {
                line.push_str("; undoing step `");
                line.push_str(failure.step.name);
                line.push_str("` failed");
            }
            failures => {
                let names: Vec<_> = failures
                    .iter()
                    .map(|f| format!("`{}`", f.step.name))
                    .collect();
                line.push_str("; undoing steps ");
                line.push_str(&names.join(", "));
                line.push_str(" failed");
            }
        }
        line
    }

    fn number(&self, step: &'static Step) -> usize {
        let found = self.steps.iter().position(|r| core::ptr::eq(r.step, step));
        found.map_or(0, |index| index + 1)
    }

    fn write_step(&self, out: &mut dyn Write, number: usize, record: &StepRecord) -> fmt::Result {
        let StepRecord {
            step,
            outcome,
            undo,
        } = record;
        let pivot = if step.kind == Kind::Pivot {
            "  (pivot)"
        } else {
            ""
        };
        if *outcome == Outcome::NotRun {
            let dots = if step.parameters.is_empty() {
                ""
            } else {
                "..."
            };
            writeln!(out, "  {number}. {}({dots}){pivot}", step.name)?;
            return writeln!(out, "       not run");
        }
        let call = self.call(step.name, step.parameters, number);
        writeln!(out, "  {number}. {call}{pivot}")?;
        match outcome {
            Outcome::Completed => {
                let output = self.shown(Source::Output(number - 1), None, number);
                writeln!(out, "       completed: {output}")?;
            }
            _ => writeln!(
                out,
                "       {}: {}",
                GaveUpAs(self.in_doubt, self.attempts),
                indented(&self.error.message, "       ")
            )?,
        }
        match (undo, &step.compensation) {
            (Undo::Done, Some(compensation)) => {
                let call = self.compensation_call(compensation, number);
                writeln!(out, "       undone by {call}")
            }
            (Undo::GaveUp, Some(compensation)) => {
                let call = self.compensation_call(compensation, number);
                writeln!(out, "       NOT UNDONE: {call} gave up, see below")
            }
            _ => match self.why_not_undone(record) {
                Some(reason) => writeln!(out, "       not undone: {reason}"),
                None => Ok(()),
            },
        }
    }

    /// Why a step that has, or may have, taken effect was not to be undone.
    fn why_not_undone(&self, record: &StepRecord) -> Option<String> {
        let effect = match record.outcome {
            Outcome::Completed => true,
            Outcome::InDoubt => false,
            Outcome::NotRun | Outcome::Failed => return None,
        };
        let compensation = record.step.compensation.as_ref();
        match (record.step.kind, compensation) {
            (Kind::NoCompensation { reason }, _) => Some(reason.to_owned()),
            (Kind::Compensatable, Some(compensation)) if !effect => Some(format!(
                "{} does not take an `Attempt`, so it is not run in doubt",
                compensation.method
            )),
            (Kind::Pivot, _) if effect => Some("the point of no return".to_owned()),
            (Kind::Compensatable, _) => Some(self.why_forward_only()),
            _ => None,
        }
    }

    fn why_forward_only(&self) -> String {
        match self.failed.kind {
            Kind::Pivot | Kind::Last => {
                format!("`{}` may have taken effect", self.failed.name)
            }
            _ => "the saga is past its pivot".to_owned(),
        }
    }

    fn call(&self, name: &str, parameters: &[Parameter], number: usize) -> String {
        let shown = parameters.iter().filter(|p| p.source != Source::Context);
        let arguments: Vec<_> = shown
            .map(|p| format!("{}: {}", p.name, self.argument(p, number)))
            .collect();
        format!("{name}({})", arguments.join(", "))
    }

    fn compensation_call(&self, compensation: &Compensation, number: usize) -> String {
        self.call(compensation.method, compensation.parameters, number)
    }

    /// An argument as text, for the call of step `number` or of its compensation.
    fn argument(&self, parameter: &Parameter, number: usize) -> String {
        if parameter.sensitive {
            return HIDDEN.to_owned();
        }
        self.shown(parameter.source, parameter.part, number)
    }

    /// A value as text, for the call of step `number` or of its compensation.
    fn shown(&self, source: Source, part: Option<usize>, number: usize) -> String {
        match source {
            Source::Attempt => match self.values.value(Source::Output(number - 1), None) {
                Value::Missing => "InDoubt".to_owned(),
                _ => format!(
                    "Completed({})",
                    self.shown(Source::Output(number - 1), None, number)
                ),
            },
            Source::Output(index) if self.is_sensitive(index) => HIDDEN.to_owned(),
            _ => panics::catch(|| one_line(&format!("{:?}", self.values.value(source, part))))
                .unwrap_or_else(|panic| format!("(its Debug panicked: {panic})")),
        }
    }

    fn is_sensitive(&self, step: usize) -> bool {
        let step = self.definition.steps.get(step);
        step.is_some_and(|step| step.sensitive)
    }

    /// What a person has to see to, in order of the definition.
    fn left_over(&self) -> Vec<String> {
        let numbered = (1..).zip(&self.steps);
        numbered
            .filter_map(|(number, record)| self.left_over_of(number, record))
            .collect()
    }

    fn left_over_of(&self, number: usize, record: &StepRecord) -> Option<String> {
        let name = record.step.name;
        let find_out = || {
            let saga = self.definition.name;
            let key = self.id.idempotency_key(saga, name, Phase::Step);
            format!("find out whether step {number} `{name}` took effect (idempotency key {key})")
        };
        let undo = || {
            let compensation = record.step.compensation.as_ref();
            compensation.map_or("", |compensation| compensation.method)
        };
        Some(match (record.outcome, record.undo, record.step.kind) {
            (Outcome::Completed, Undo::GaveUp, _) => {
                format!("undo step {number} `{name}` by hand: {} gave up", undo())
            }
            (Outcome::InDoubt, Undo::GaveUp, _) => {
                format!("{}, and undo it if so: {} gave up", find_out(), undo())
            }
            (Outcome::InDoubt, Undo::NotDue, _) if self.forward_only() => {
                format!("{}, and carry it out if not", find_out())
            }
            (Outcome::InDoubt, Undo::NotDue, Kind::Compensatable) => {
                format!("{}, and undo it if so", find_out())
            }
            (Outcome::InDoubt, Undo::NotDue, Kind::Pivot) => format!(
                "{}: if so carry out the steps after it, if not undo those before it",
                find_out()
            ),
            (Outcome::InDoubt, Undo::NotDue, Kind::Last) => format!(
                "{}: if so the saga is complete, if not undo the steps before it",
                find_out()
            ),
            (Outcome::Failed, ..) if self.forward_only() => format!(
                "carry out step {number} `{name}`: the saga is past its pivot and cannot go back"
            ),
            (Outcome::NotRun, ..) if self.forward_only() => {
                format!("carry out step {number} `{name}`, which had not begun")
            }
            _ => return None,
        })
    }

    /// Whether nothing was undone because the saga could only have gone on.
    fn forward_only(&self) -> bool {
        let pivot = self.definition.pivot();
        self.end == End::Stuck && pivot.is_some_and(|pivot| self.number(self.failed) > pivot + 1)
    }
}

/// How a step that gave up did.
struct GaveUpAs(bool, u32);

impl fmt::Display for GaveUpAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(in_doubt, attempts) = *self;
        f.write_str(if in_doubt { "is in doubt" } else { "failed" })?;
        match attempts {
            0 | 1 => Ok(()),
            n => write!(f, " after {n} attempts"),
        }
    }
}

/// The lines of a text, one after the other.
pub(crate) fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// Lines after the first stay under it.
fn indented(text: &str, indent: &str) -> String {
    text.trim_end().replace('\n', &format!("\n{indent}"))
}

fn write_error(out: &mut dyn Write, error: &ErrorText) -> fmt::Result {
    writeln!(out, "  {}", indented(&error.message, "  "))?;
    for source in &error.chain {
        writeln!(out, "    caused by: {}", indented(source, "    "))?;
    }
    Ok(())
}

impl Report<'_> {
    fn write(&self, f: &mut dyn Write) -> fmt::Result {
        writeln!(f, "{}", self.summary())?;
        writeln!(f, "\nsteps:")?;
        for (number, record) in (1..).zip(&self.steps) {
            self.write_step(f, number, record)?;
        }
        writeln!(
            f,
            "\nfailure of step {} `{}` at {}:",
            self.number(self.failed),
            self.failed.name,
            self.failed.location
        )?;
        write_error(f, &self.error)?;
        if self.in_doubt && self.attempts > 1 {
            writeln!(
                f,
                "  in doubt: one of its {} attempts may have taken effect",
                self.attempts
            )?;
        }
        for failure in self.compensation_failures {
            let CompensationFailure {
                step,
                error,
                attempts,
            } = failure;
            if let Some(compensation) = &step.compensation {
                writeln!(
                    f,
                    "\nfailure of {}, the compensation of step {} `{}`, at {}, after {attempts} {}:",
                    compensation.method,
                    self.number(step),
                    step.name,
                    compensation.location,
                    if *attempts == 1 {
                        "attempt"
                    } else {
                        "attempts"
                    },
                )?;
            }
            write_error(f, error)?;
        }
        let left = self.left_over();
        if !left.is_empty() {
            writeln!(f, "\nleft for a person:")?;
            for item in left {
                writeln!(f, "  - {item}")?;
            }
        }
        Ok(())
    }
}

/// Several lines, without a line break at the end.
impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text)?;
        f.write_str(text.trim_end())
    }
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
