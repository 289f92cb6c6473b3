//! A report as text for a person, from its data alone.

use core::fmt::{self, Write};
use core::time::Duration;

use crate::record::{End, Outcome, Undo};
use crate::report::data::{Argument, CompensationReport, Report, StepKind, StepReport};

/// What stands in place of a value that there is not.
const NOT_THERE: &str = "...";

/// The one line that says it all.
pub(crate) struct Summary<'a> {
    pub(super) saga: &'a str,
    pub(super) id: &'a dyn fmt::Display,
    pub(super) end: End,
    /// The step that gave up.
    pub(super) step: &'a str,
    pub(super) in_doubt: bool,
    pub(super) attempts: u32,
    pub(super) message: &'a str,
    /// The steps whose compensations gave up, in the order in which those ran.
    pub(super) not_undone: Vec<&'a str>,
}

impl<'a> Summary<'a> {
    fn of(report: &'a Report) -> Self {
        let gave_up = gave_up(report).map(|(step, ..)| step.name.as_str());
        Self {
            saga: &report.saga,
            id: &report.id,
            end: report.end,
            step: &report.failure.name,
            in_doubt: report.failure.in_doubt,
            attempts: report.failure.attempts,
            message: &report.failure.message,
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
        write!(
            f,
            "saga `{}` ({}) {end}: step `{}` {}: {}",
            self.saga,
            self.id,
            self.step,
            GaveUpAs(self.in_doubt, self.attempts),
            one_line(self.message)
        )?;
        match self.not_undone.as_slice() {
            [] => Ok(()),
            [step] => write!(f, "; undoing step `{step}` failed"),
            steps => {
                let names: Vec<_> = steps.iter().map(|step| format!("`{step}`")).collect();
                write!(f, "; undoing steps {} failed", names.join(", "))
            }
        }
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
        let failure = &self.failure;
        writeln!(
            out,
            "\nfailure of step {} `{}` at {}:",
            failure.step, failure.name, failure.location
        )?;
        write_error(out, &failure.message, &failure.chain)?;
        if failure.in_doubt && failure.attempts > 1 {
            let attempts = failure.attempts;
            writeln!(
                out,
                "  in doubt: at least one of its {attempts} attempts may have taken effect"
            )?;
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

    fn write_step(&self, out: &mut dyn Write, step: &StepReport) -> fmt::Result {
        let StepReport { number, name, .. } = step;
        let pivot = if step.kind == StepKind::Pivot {
            "  (pivot)"
        } else {
            ""
        };
        if step.outcome == Outcome::NotRun {
            let given = if step.arguments.is_empty() {
                ""
            } else {
                NOT_THERE
            };
            writeln!(out, "  {number}. {name}({given}){pivot}")?;
            return writeln!(out, "       not run");
        }
        writeln!(
            out,
            "  {number}. {}{pivot}",
            PrintedCall(name, &step.arguments)
        )?;
        if step.outcome == Outcome::Completed {
            let output = step.output.as_deref().unwrap_or(NOT_THERE);
            writeln!(out, "       completed{}: {output}", In(step.took_us))?;
        } else {
            let failure = &self.failure;
            writeln!(
                out,
                "       {}{}: {}",
                GaveUpAs(failure.in_doubt, failure.attempts),
                In(step.took_us),
                indented(&failure.message, "       ")
            )?;
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
                writeln!(out, "       NOT UNDONE: {call} gave up{took}, see below")
            }
            (_, Some(reason)) => writeln!(out, "       not undone: {reason}"),
            (_, None) => Ok(()),
        }
    }
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
    write_error(out, &failure.message, &failure.chain)
}

fn write_error(out: &mut dyn Write, message: &str, chain: &[String]) -> fmt::Result {
    writeln!(out, "  {}", indented(message, "  "))?;
    for source in chain {
        writeln!(out, "    caused by: {}", indented(source, "    "))?;
    }
    Ok(())
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
