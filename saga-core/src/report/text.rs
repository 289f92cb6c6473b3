//! A report as text for a person, from its data alone.

use core::fmt::{self, Write};
use core::time::Duration;
use std::borrow::Cow;

use crate::record::{End, Outcome, Undo};
use crate::report::data::{
    Argument, CompensationReport, FailureReport, Report, StepKind, StepReport,
};

/// What stands in place of a value that there is not.
const NOT_THERE: &str = "...";

/// The one line that says it all.
pub(crate) struct Summary<'a> {
    pub(super) saga: &'a str,
    pub(super) id: &'a dyn fmt::Display,
    pub(super) end: End,
    /// The step that gave up; none if the run was cancelled.
    pub(super) step: Option<&'a str>,
    pub(super) in_doubt: bool,
    pub(super) attempts: u32,
    pub(super) message: &'a str,
    pub(super) also_failed: Vec<Also<'a>>,
    /// The steps whose compensations gave up, in the order in which those ran, and whether they may be
    /// undone all the same.
    pub(super) not_undone: Vec<(&'a str, bool)>,
}

/// A step that gave up after the first.
pub(super) struct Also<'a> {
    pub(super) step: &'a str,
    pub(super) in_doubt: bool,
    pub(super) attempts: u32,
    pub(super) message: Cow<'a, str>,
}

impl<'a> Summary<'a> {
    fn of(report: &'a Report) -> Self {
        let gave_up = gave_up(report).map(|(step, _)| (step.name.as_str(), is_in_doubt(step)));
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
        write!(f, "saga `{}` ({}) {end}: ", self.saga, self.id)?;
        if let Some(step) = self.step {
            let how = GaveUpAs(self.in_doubt, self.attempts);
            write!(f, "step `{step}` {how}: ")?;
        }
        f.write_str(&one_line(self.message))?;
        for also in &self.also_failed {
            let how = GaveUpAs(also.in_doubt, also.attempts);
            let message = one_line(&also.message);
            write!(f, "; step `{}` {how}: {message}", also.step)?;
        }
        for (in_doubt, how) in [(false, "failed"), (true, "is in doubt")] {
            let of_kind = self.not_undone.iter().filter(|(_, it)| *it == in_doubt);
            let names: Vec<_> = of_kind.map(|(step, _)| format!("`{step}`")).collect();
            match &*names {
                [] => {}
                [step] => write!(f, "; undoing step {step} {how}")?,
                steps => write!(f, "; undoing steps {} {how}", steps.join(", "))?,
            }
        }
        Ok(())
    }
}

/// The compensations that gave up, in the order in which they ran: the last step's first.
fn gave_up(report: &Report) -> impl Iterator<Item = (&StepReport, &CompensationReport)> {
    let undone = report.steps.iter().rev();
    undone.filter_map(|step| match &step.compensation {
        Some(compensation) if compensation.undo == Undo::GaveUp => Some((step, compensation)),
        _ => None,
    })
}

/// Several lines, without a line break at the end.
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
        for step in &self.steps {
            self.write_step(out, step)?;
        }
        for failure in self.failures() {
            write_failure(out, failure)?;
        }
        for (step, compensation) in gave_up(self) {
            write_gave_up(out, step, compensation)?;
        }
        if !self.left_for_a_person.is_empty() {
            writeln!(out, "\nleft for a person:")?;
            for item in &self.left_for_a_person {
                writeln!(out, "  - {}", item.to_do)?;
            }
        }
        Ok(())
    }

    /// The first failure, and those after it.
    fn failures(&self) -> impl Iterator<Item = &FailureReport> {
        core::iter::once(&self.failure).chain(&self.also_failed)
    }

    fn write_step(&self, out: &mut dyn Write, step: &StepReport) -> fmt::Result {
        let StepReport { number, name, .. } = step;
        let marks = Marks(step);
        if matches!(step.outcome, Outcome::NotRun | Outcome::Skipped) {
            let given = if step.arguments.is_empty() {
                ""
            } else {
                NOT_THERE
            };
            writeln!(out, "  {number}. {name}({given}){marks}")?;
            return match &step.only_if {
                Some(asked) if step.outcome == Outcome::Skipped => {
                    writeln!(out, "       skipped: {asked} said no")
                }
                _ => writeln!(out, "       not run"),
            };
        }
        writeln!(
            out,
            "  {number}. {}{marks}",
            PrintedCall(name, &step.arguments)
        )?;
        let mut failures = self.failures();
        if let Some(failure) = failures.find(|failure| failure.step == Some(*number)) {
            writeln!(
                out,
                "       {}{}: {}",
                GaveUpAs(failure.in_doubt, failure.attempts),
                In(step.took_us),
                indented(&failure.message, "       ")
            )?;
        } else {
            let output = step.output.as_deref().unwrap_or(NOT_THERE);
            writeln!(out, "       completed{}: {output}", In(step.took_us))?;
        }
        let undo = step.compensation.as_ref().map(|compensation| {
            let call = PrintedCall(&compensation.method, &compensation.arguments);
            (compensation.undo, In(compensation.took_us), call)
        });
        match (undo, &step.not_undone_because) {
            (Some((Undo::Done, took, call)), _) => {
                writeln!(out, "       undone{took} by {call}")
            }
            (Some((Undo::GaveUp, took, call)), _) => {
                let (undone, how) = if is_in_doubt(step) {
                    ("PERHAPS NOT UNDONE", "is in doubt")
                } else {
                    ("NOT UNDONE", "gave up")
                };
                writeln!(out, "       {undone}: {call} {how}{took}, see below")
            }
            (_, Some(reason)) => writeln!(out, "       not undone: {reason}"),
            (_, None) => Ok(()),
        }
    }
}

fn write_failure(out: &mut dyn Write, failure: &FailureReport) -> fmt::Result {
    let FailureReport { location, .. } = failure;
    match (failure.step, &failure.name) {
        (Some(step), Some(name)) => {
            writeln!(out, "\nfailure of step {step} `{name}` at {location}:")?;
        }
        _ => writeln!(out, "\nended from outside:")?,
    }
    write_error(out, &failure.message, &failure.chain)?;
    if failure.in_doubt && failure.attempts > 1 {
        let attempts = failure.attempts;
        writeln!(
            out,
            "  in doubt: at least one of its {attempts} attempts may have taken effect"
        )?;
    }
    Ok(())
}

/// Whether the compensation of a step gave up, and may have undone it all the same.
fn is_in_doubt(step: &StepReport) -> bool {
    let compensation = step.compensation.as_ref();
    let failure = compensation.and_then(|compensation| compensation.failure.as_ref());
    failure.is_some_and(|failure| failure.in_doubt)
}

fn write_gave_up(
    out: &mut dyn Write,
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
        "\nfailure of {}, the compensation of step {} `{}`, at {}, after {attempts}:",
        compensation.method, step.number, step.name, compensation.location,
    )?;
    write_error(out, &failure.message, &failure.chain)?;
    if failure.in_doubt {
        writeln!(out, "  in doubt: it may have undone the step all the same")?;
    }
    Ok(())
}

fn write_error(out: &mut dyn Write, message: &str, chain: &[String]) -> fmt::Result {
    writeln!(out, "  {}", indented(message, "  "))?;
    for source in chain {
        writeln!(out, "    caused by: {}", indented(source, "    "))?;
    }
    Ok(())
}

/// What is special about a step.
struct Marks<'a>(&'a StepReport);

impl fmt::Display for Marks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.kind == StepKind::Pivot {
            f.write_str("  (pivot)")?;
        }
        match &self.0.group {
            Some(group) => write!(f, "  (parallel {group})"),
            None => Ok(()),
        }
    }
}

/// A call that was made, with what it was given.
struct PrintedCall<'a>(&'a str, &'a [Argument]);

impl fmt::Display for PrintedCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(name, arguments) = *self;
        write!(f, "{name}(")?;
        for (index, argument) in arguments.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let value = argument.value.as_deref().unwrap_or(NOT_THERE);
            write!(f, "{comma}{}: {value}", argument.name)?;
        }
        f.write_str(")")
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

/// How long a call took, if that was taken down.
struct In(Option<u64>);

impl fmt::Display for In {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(us) => write!(f, " in {:?}", Duration::from_micros(us)),
            None => Ok(()),
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
