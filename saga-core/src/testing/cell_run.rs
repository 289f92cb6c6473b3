//! The result of a cell, and whether it is as expected.

use super::ending::Ending;
use super::fault::{Cell, Fault, FaultAt};
use super::judge::{Expected, Known};
use super::log::{CellLog, LoggedAttempt};
use super::matrix_failed::FailedCell;
use crate::definition::{Definition, Phase};

/// The result of a cell.
pub(super) struct CellRun {
    pub(super) log: CellLog,
    /// `None` if the run never ends.
    pub(super) ending: Option<Ending>,
    pub(super) report: Option<String>,
    pub(super) invariant: Result<(), String>,
    /// Whether the service is as it must be after such an end of the run.
    pub(super) snapshot: Result<(), String>,
    /// The values that were passed on and differ from those that were returned.
    pub(super) values: Vec<String>,
}

/// What was wrong in a cell, if anything was.
pub(super) fn judged(
    saga: &'static Definition,
    name: String,
    cell: &Cell,
    known: &mut Known,
    ran: &CellRun,
) -> Option<FailedCell> {
    known.accepted.clone_from(&ran.log.accepted);
    let expected = Expected::of(saga, cell, known);
    let attempts = &ran.log.attempts;
    let mut wrong = ran.values.clone();
    let faults = [(&cell.step, Phase::Step), (&cell.undo, Phase::Compensation)];
    for (at, phase) in faults {
        if let Some(at) = at
            && !is_reached(at, phase, attempts)
        {
            wrong.push(format!("the fault was not reached: `{}`", at.called));
        }
    }
    if !expected.is(attempts) {
        wrong.push("the calls are not those that had to be made".to_owned());
    }
    match &ran.ending {
        None => {
            let never = "the run never ends: something is waited for that never comes";
            wrong.push(never.to_owned());
        }
        Some(ending) if *ending != expected.ending => wrong.push(format!(
            "the run ended {ending}, and had to end {}",
            expected.ending
        )),
        Some(_) => {}
    }
    if let Err(why) = &ran.invariant {
        wrong.push(format!("the invariant does not hold: {why}"));
    }
    if let Err(why) = &ran.snapshot {
        wrong.push(why.clone());
    }
    if wrong.is_empty() {
        return None;
    }
    let description = description(&name, &wrong, &expected, ran);
    Some(FailedCell {
        name,
        wrong,
        description,
    })
}

/// Whether the fault was injected into its attempt.
fn is_reached(at: &FaultAt, phase: Phase, attempts: &[LoggedAttempt]) -> bool {
    let done = match at.fault {
        Fault::ErrorThenSuccess => Fault::Error,
        fault => fault,
    };
    attempts.iter().any(|attempt| {
        attempt.step == at.step
            && attempt.phase == phase
            && attempt.attempt == 1
            && attempt.fault == Some(done)
    })
}

/// If more attempts of a call than this have the same result, only the first and the last one are shown.
const MOST_ALIKE: usize = 4;

/// Whether `next` is the attempt after `one`, with the same fault.
fn is_followed_by(one: &LoggedAttempt, next: &LoggedAttempt) -> bool {
    let mut other = one.clone();
    other.attempt += 1;
    other == *next
}

/// The attempts as lines.
pub(super) fn call_lines(attempts: &[LoggedAttempt]) -> Vec<String> {
    let mut lines = Vec::new();
    for alike in attempts.chunk_by(is_followed_by) {
        match alike {
            [first, .., last] if alike.len() > MOST_ALIKE => {
                lines.push(format!("    {first}"));
                lines.push(format!("    and so on, until {last}"));
            }
            few => lines.extend(few.iter().map(|attempt| format!("    {attempt}"))),
        }
    }
    lines
}

fn description(name: &str, wrong: &[String], expected: &Expected, ran: &CellRun) -> String {
    let mut lines = vec![format!("cell: {name}")];
    // The message of an invariant may have several lines.
    let indented = |wrong: &String| format!("  {}", wrong.replace('\n', "\n    "));
    lines.extend(wrong.iter().map(indented));
    let mut calls = |heading: &str, attempts: &[LoggedAttempt]| {
        lines.push(heading.to_owned());
        lines.extend(call_lines(attempts));
    };
    if expected.is(&ran.log.attempts) {
        calls(
            "  the calls, which are those that had to be made:",
            &ran.log.attempts,
        );
    } else {
        calls("  the calls as they were made:", &ran.log.attempts);
        calls("  the calls that had to be made:", &expected.calls);
    }
    if let Some(ending) = &ran.ending {
        lines.push(format!("  the run ended {ending}"));
    }
    if let Some(report) = &ran.report {
        lines.push("  its report:".to_owned());
        lines.extend(report.lines().map(|line| format!("    {line}")));
    }
    lines.push(format!("  only this cell again: .only({name:?})"));
    lines.join("\n")
}
