//! Writes a report as text for an operator, from its data alone.
//!
//! A report that was read back may contain anything in its texts, so each is written as a [`Line`], or as a [`Block`]
//! where an error is shown with its lines.

use core::fmt::{self, Write};
use core::time::Duration;
use std::borrow::Cow;

use crate::outcome::{End, Outcome, Prevention, Undo};
use crate::report::data::{
    Argument, CompensationReport, FailureReport, NestedReport, Report, StepKind, StepReport,
};
use crate::util::foreign::{Block, Line};

/// Shown in place of a value that does not exist.
const NOT_THERE: &str = "...";

/// The first line of a report.
pub(crate) struct Summary<'a> {
    pub(crate) saga: &'a str,
    pub(crate) id: &'a dyn fmt::Display,
    pub(crate) end: End,
    /// The step that gave up. `None` if the run was ended from outside.
    pub(crate) step: Option<&'a str>,
    pub(crate) in_doubt: bool,
    pub(crate) attempts: u32,
    pub(crate) message: &'a str,
    pub(crate) also_failed: Vec<Also<'a>>,
    /// The steps whose compensations gave up, in the order in which those ran, and whether they may have been undone.
    pub(crate) not_undone: Vec<(&'a str, bool)>,
}

/// A step that gave up after the first.
pub(crate) struct Also<'a> {
    pub(crate) step: &'a str,
    pub(crate) in_doubt: bool,
    pub(crate) attempts: u32,
    pub(crate) message: Cow<'a, str>,
}

impl<'a> Summary<'a> {
    fn of(report: &'a Report) -> Self {
        let gave_up = gave_up(&report.steps).map(|(step, in_doubt)| (&*step.name, in_doubt));
        let also_failed = report.also_failed.iter().filter_map(|failure| {
            Some(Also {
                step: failure.name.as_deref()?,
                in_doubt: failure.in_doubt,
                attempts: failure.attempts,
                message: (&*failure.message).into(),
            })
        });
        Self {
            saga: &report.saga,
            id: &report.id,
            end: report.end,
            step: report.failure.name.as_deref(),
            in_doubt: report.failure.in_doubt,
            attempts: report.failure.attempts,
            message: &report.failure.message,
            also_failed: also_failed.collect(),
            not_undone: gave_up.collect(),
        }
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            End::Compensated => "was compensated",
            End::Stuck => "is stuck",
        };
        write!(f, "saga `{}` ({}) {end}: ", Line(self.saga), Line(self.id))?;
        if let Some(step) = self.step {
            let how = GaveUpAs(self.in_doubt, self.attempts);
            write!(f, "step `{}` {how}: ", Line(step))?;
        }
        Line(self.message.trim()).fmt(f)?;
        for also in &self.also_failed {
            let how = GaveUpAs(also.in_doubt, also.attempts);
            let message = Line(also.message.trim());
            write!(f, "; step `{}` {how}: {message}", Line(also.step))?;
        }
        for (in_doubt, how) in [(false, "failed"), (true, "is in doubt")] {
            let of_kind = self.not_undone.iter().filter(|(_, it)| *it == in_doubt);
            let names: Vec<_> = of_kind
                .map(|(step, _)| format!("`{}`", Line(step)))
                .collect();
            match &*names {
                [] => {}
                [step] => write!(f, "; undoing step {step} {how}")?,
                steps => write!(f, "; undoing steps {} {how}", steps.join(", "))?,
            }
        }
        Ok(())
    }
}

/// The steps whose undo gave up, in the order in which they were undone, last first, and whether they may have been
/// undone.
fn gave_up(steps: &[StepReport]) -> impl Iterator<Item = (&StepReport, bool)> {
    let undone = steps.iter().rev();
    undone.filter_map(|step| match (&step.compensation, &step.nested) {
        (Some(compensation), _) if compensation.undo == Undo::GaveUp => {
            Some((step, is_in_doubt(step)))
        }
        (_, Some(nested)) if nested.undo == Undo::GaveUp => Some((step, is_in_doubt(step))),
        _ => None,
    })
}

/// Writes several lines, without a line break at the end.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write(&mut text)?;
        f.write_str(text.trim_end())
    }
}

impl Report {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        writeln!(out, "{}", Summary::of(self))?;
        writeln!(out, "\nsteps:")?;
        let failures: Vec<_> = core::iter::once(&self.failure)
            .chain(&self.also_failed)
            .collect();
        let all = NestingLevel {
            within: "",
            indent: "  ",
            failures: &failures,
            steps: &self.steps,
        };
        all.write(out)?;
        all.write_failures(out)?;
        all.write_gave_up(out)?;
        if !self.left_for_a_person.is_empty() {
            writeln!(out, "\nleft for a person:")?;
            for item in &self.left_for_a_person {
                writeln!(out, "  - {}", Line(&item.to_do))?;
            }
        }
        Ok(())
    }
}

/// The steps of a saga, or of a nested saga.
struct NestingLevel<'a> {
    /// The prefix of the step numbers.
    within: &'a str,
    /// The indentation of the lines.
    indent: &'a str,
    /// The first failure and those after it.
    failures: &'a [&'a FailureReport],
    steps: &'a [StepReport],
}

impl NestingLevel<'_> {
    fn write(&self, out: &mut dyn Write) -> fmt::Result {
        self.steps
            .iter()
            .try_for_each(|step| self.write_step(out, step))
    }

    fn write_step(&self, out: &mut dyn Write, step: &StepReport) -> fmt::Result {
        let (number, name) = (step.number, Line(&step.name));
        let Self { within, indent, .. } = self;
        // The indentation of the lines below a step.
        let under = format!("{indent}     ");
        let marks = Marks(step);
        if matches!(step.outcome, Outcome::NotRun | Outcome::Skipped) {
            let arguments = if step.arguments.is_empty() {
                ""
            } else {
                NOT_THERE
            };
            writeln!(out, "{indent}{within}{number}. {name}({arguments}){marks}")?;
            return match &step.only_if {
                Some(condition) if step.outcome == Outcome::Skipped => {
                    writeln!(out, "{under}skipped: {} said no", Line(condition))
                }
                _ => writeln!(out, "{under}not run"),
            };
        }
        let call = PrintedCall(&step.name, &step.arguments);
        writeln!(out, "{indent}{within}{number}. {call}{marks}")?;
        if let Some(failure) = self.failure_of(step) {
            writeln!(
                out,
                "{under}{}{}: {}",
                GaveUpAs(failure.in_doubt, failure.attempts),
                In(step.took_us),
                Line(failure.message.trim())
            )?;
            if let Some(prevention) = failure.prevented_by {
                let why = prevented_by(prevention);
                writeln!(out, "{under}no other attempt was made: {why}")?;
            }
        } else {
            let output = step.output.as_deref().unwrap_or(NOT_THERE);
            writeln!(
                out,
                "{under}completed{}: {}",
                In(step.took_us),
                Line(output)
            )?;
        }
        write_interruptions(out, &under, "it", step.interruptions)?;
        if let Some(nested) = &step.nested {
            write_nested(out, nested, &format!("{within}{number}."), &under)?;
        }
        let undo = step.compensation.as_ref().map(|compensation| {
            let call = PrintedCall(&compensation.method, &compensation.arguments);
            (compensation.undo, In(compensation.took_us), call)
        });
        match (undo, &step.not_undone_because) {
            (Some((Undo::Done, took, call)), _) => {
                writeln!(out, "{under}undone{took} by {call}")
            }
            (Some((Undo::GaveUp, took, call)), _) => {
                let (undone, how) = if is_in_doubt(step) {
                    ("PERHAPS NOT UNDONE", "is in doubt")
                } else {
                    ("NOT UNDONE", "gave up")
                };
                writeln!(out, "{under}{undone}: {call} {how}{took}, see below")
            }
            (_, Some(reason)) => writeln!(out, "{under}not undone: {}", Line(reason)),
            (_, None) => Ok(()),
        }?;
        match &step.compensation {
            Some(undo) => write_interruptions(out, &under, &undo.method, undo.interruptions),
            None => Ok(()),
        }
    }

    fn failure_of(&self, step: &StepReport) -> Option<&FailureReport> {
        let mut failures = self.failures.iter();
        let found = failures.find(|failure| failure.step == Some(step.number));
        found.copied()
    }

    /// Writes every failure in full. For a step that runs a saga, it is the failure of the step of that saga.
    fn write_failures(&self, out: &mut dyn Write) -> fmt::Result {
        for failure in self.failures {
            let mut steps = self.steps.iter();
            let step = steps.find(|step| failure.step == Some(step.number));
            match step.and_then(|step| Some((step, step.nested.as_ref()?))) {
                Some((step, nested)) if nested.failure.is_some() => {
                    let within = format!("{}{}.", self.within, step.number);
                    within_it(nested, &within, "", |level| level.write_failures(out))?;
                }
                _ => write_failure(out, self.within, failure)?,
            }
        }
        Ok(())
    }

    /// Writes every compensation that gave up in full, also those of nested sagas.
    fn write_gave_up(&self, out: &mut dyn Write) -> fmt::Result {
        for step in self.steps.iter().rev() {
            if let Some(compensation) = &step.compensation {
                write_gave_up(out, self.within, step, compensation)?;
            }
            if let Some(nested) = &step.nested {
                if let Some(failure) = &nested.undo_failure {
                    let (number, name) = (step.number, Line(&step.name));
                    let (within, saga) = (self.within, Line(&nested.saga));
                    writeln!(
                        out,
                        "\nfailure of undoing step {within}{number} `{name}`, the saga {saga}:"
                    )?;
                    write_error(out, &failure.message, &failure.chain)?;
                }
                let within = format!("{}{}.", self.within, step.number);
                within_it(nested, &within, "", |level| level.write_gave_up(out))?;
            }
        }
        Ok(())
    }
}

/// Calls `f` with the steps of a nested saga.
fn within_it(
    nested: &NestedReport,
    within: &str,
    indent: &str,
    f: impl FnOnce(&NestingLevel<'_>) -> fmt::Result,
) -> fmt::Result {
    let failures: Vec<_> = nested.failure.iter().chain(&nested.also_failed).collect();
    f(&NestingLevel {
        within,
        indent,
        failures: &failures,
        steps: &nested.steps,
    })
}

/// Writes the outcome of a nested saga.
fn write_nested(
    out: &mut dyn Write,
    nested: &NestedReport,
    within: &str,
    indent: &str,
) -> fmt::Result {
    let how = match (nested.end, nested.undo) {
        (Some(End::Compensated), _) => "was compensated",
        (Some(End::Stuck), _) => "is stuck",
        (None, Undo::NotDue) if nested.id.is_none() => "was not begun",
        (None, Undo::NotDue) => "completed",
        (None, Undo::Done) => "completed, and was undone",
        (None, Undo::GaveUp) if nested.undo_failure.is_some() => {
            "completed, and was NOT UNDONE, see below"
        }
        (None, Undo::GaveUp) => "completed, and was NOT UNDONE as a whole",
    };
    write!(out, "{indent}saga {}", Line(&nested.saga))?;
    match &nested.id {
        Some(id) => writeln!(out, " ({}) {how}:", Line(id))?,
        None => return writeln!(out, " {how}"),
    }
    let indent = format!("{indent}  ");
    within_it(nested, within, &indent, |level| level.write(out))
}

fn write_failure(out: &mut dyn Write, within: &str, failure: &FailureReport) -> fmt::Result {
    let FailureReport { location, .. } = failure;
    match (failure.step, &failure.name) {
        (Some(step), Some(name)) => {
            let name = Line(name);
            writeln!(
                out,
                "\nfailure of step {within}{step} `{name}` at {location}:"
            )?;
        }
        _ if within.is_empty() => writeln!(out, "\nended from outside:")?,
        _ => writeln!(
            out,
            "\nstep {} ended from outside:",
            within.trim_end_matches('.')
        )?,
    }
    write_error(out, &failure.message, &failure.chain)?;
    match failure.in_doubt_since {
        Some(attempt) if failure.in_doubt_by_interruption => writeln!(
            out,
            "  in doubt: the process ended during attempt {attempt}, which may have taken effect"
        ),
        Some(attempt) if failure.attempts > 1 => writeln!(
            out,
            "  in doubt since attempt {attempt}, which may have taken effect"
        ),
        None if failure.in_doubt && failure.attempts > 1 => writeln!(
            out,
            "  in doubt: at least one of its {} attempts may have taken effect",
            failure.attempts
        ),
        _ => Ok(()),
    }
}

/// Writes how often the process ended during a call, if it did.
fn write_interruptions(out: &mut dyn Write, under: &str, call: &str, times: u32) -> fmt::Result {
    let call = Line(call);
    match times {
        0 => Ok(()),
        1 => writeln!(out, "{under}the process ended once during {call}"),
        2 => writeln!(out, "{under}the process ended twice during {call}"),
        n => writeln!(out, "{under}the process ended {n} times during {call}"),
    }
}

/// What prevented another attempt, as a sentence without a full stop.
const fn prevented_by(prevention: Prevention) -> &'static str {
    match prevention {
        Prevention::Cancelled => "the run was cancelled",
        Prevention::DeadlineExceeded => "the deadline passed",
        Prevention::Sibling => "another step of its group gave up",
        Prevention::AtMostOnce => "it may have taken effect, and is run at most once",
    }
}

/// Whether the undo of a step gave up and may have undone the step.
fn is_in_doubt(step: &StepReport) -> bool {
    let compensation = step.compensation.as_ref();
    let failure = compensation.and_then(|compensation| compensation.failure.as_ref());
    let nested = step.nested.as_ref();
    let whole = nested.and_then(|nested| nested.undo_failure.as_ref());
    let mut failures = failure.into_iter().chain(whole);
    let mut of_nested = nested.into_iter().flat_map(|nested| &nested.steps);
    failures.any(|failure| failure.in_doubt) || of_nested.any(is_in_doubt)
}

fn write_gave_up(
    out: &mut dyn Write,
    within: &str,
    step: &StepReport,
    compensation: &CompensationReport,
) -> fmt::Result {
    let Some(failure) = &compensation.failure else {
        return Ok(());
    };
    let attempts = match failure.attempts {
        1 => "1 attempt".to_owned(),
        n => format!("{n} attempts"),
    };
    writeln!(
        out,
        "\nfailure of {}, the compensation of step {within}{} `{}`, at {}, after {attempts}:",
        Line(&compensation.method),
        step.number,
        Line(&step.name),
        compensation.location,
    )?;
    write_error(out, &failure.message, &failure.chain)?;
    match failure.in_doubt_since {
        Some(attempt) if failure.in_doubt_by_interruption => writeln!(
            out,
            "  in doubt: the process ended during attempt {attempt}, which may have undone the step all the same"
        ),
        Some(attempt) if failure.attempts > 1 => writeln!(
            out,
            "  in doubt since attempt {attempt}, which may have undone the step all the same"
        ),
        _ if failure.in_doubt => {
            writeln!(out, "  in doubt: it may have undone the step all the same")
        }
        _ => Ok(()),
    }
}

fn write_error(out: &mut dyn Write, message: &str, chain: &[String]) -> fmt::Result {
    let block = |text, indent| Block { text, indent };
    writeln!(out, "  {}", block(message, "  "))?;
    for source in chain {
        writeln!(out, "    caused by: {}", block(source, "    "))?;
    }
    Ok(())
}

/// The notes behind the name of a step.
struct Marks<'a>(&'a StepReport);

impl fmt::Display for Marks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.kind == StepKind::Pivot {
            f.write_str("  (pivot)")?;
        }
        match &self.0.group {
            Some(group) => write!(f, "  (parallel {})", Line(group)),
            None => Ok(()),
        }
    }
}

/// A call that was made, with its arguments.
struct PrintedCall<'a>(&'a str, &'a [Argument]);

impl fmt::Display for PrintedCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name, arguments) = *self;
        write!(f, "{}(", Line(name))?;
        for (index, argument) in arguments.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let value = argument.value.as_deref().unwrap_or(NOT_THERE);
            write!(f, "{comma}{}: {}", Line(&argument.name), Line(value))?;
        }
        f.write_str(")")
    }
}

/// How a step gave up.
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

/// How long a call took, if that was recorded.
struct In(Option<u64>);

impl fmt::Display for In {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(us) => write!(f, " in {:?}", Duration::from_micros(us)),
            None => Ok(()),
        }
    }
}
