//! Every fault, cancellation and deadline at every step of [`ten_steps`](crate::ten_steps), and the expected
//! result. The tables are in `cells.txt`.

use core::fmt;

use saga_core::{
    Cancellation, Saga, SagaError, StepError,
    report::{Outcome, Undo},
};

use crate::ten_steps::{Close, Moment, Works, WorksSaga, WorksSagaError};

/// One cell: what the methods do, what ends the run from outside, and the expected result.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The table that the cell is in.
    pub table: &'static str,
    /// The script for [`Works::new`].
    pub script: &'static str,
    /// What ends the run from outside, and when.
    pub ended: Option<(By, When)>,
    /// The expected calls in order, without keys and without the number of a first attempt.
    pub calls: Vec<String>,
    /// The expected mark of each step.
    pub steps: String,
    /// The expected end.
    pub end: String,
}

/// What ends a run from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A cancellation token.
    Cancelling,
    /// A deadline.
    Deadline,
}

/// When a run is ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before it begins.
    Start,
    /// At this moment.
    At(Moment),
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.table, self.script)?;
        match self.ended {
            None => Ok(()),
            Some((by, When::Start)) => write!(f, " {by:?} at the start"),
            Some((by, When::At(at))) => {
                let after = if at.after { "after" } else { "in" };
                write!(f, " {by:?} {after} {}#{}", at.method, at.attempt)
            }
        }
    }
}

/// Abbreviations for several calls.
const ABBREVIATIONS: [(&str, &str); 8] = [
    ("CLOSE", "TELL close"),
    ("TELL", "SHIP mail log"),
    ("SHIP", "STAMP ship"),
    ("STAMP", "GIFT stamp"),
    ("UNGIFT", "ungift(gift) UNGATHER"),
    ("GIFT", "GATHER wants gift"),
    ("UNGATHER", "unpay(pay) unhold(hold) unopen(open)"),
    ("GATHER", "open look hold pay"),
];

/// All tables.
#[must_use]
pub fn cells() -> Vec<Cell> {
    let mut table = "";
    let mut cells = Vec::new();
    for line in include_str!("cells.txt").lines() {
        if let Some(heading) = line.strip_prefix("== ") {
            table = heading.split(':').next().unwrap_or_default();
        } else if !line.is_empty() && !line.starts_with('#') {
            match moment_of(line) {
                None => cells.push(Cell::read(table, line, None)),
                Some(when) => cells.extend(
                    [By::Cancelling, By::Deadline]
                        .map(|by| Cell::read(table, line, Some((by, when)))),
                ),
            }
        }
    }
    cells
}

fn columns(line: &'static str) -> [&'static str; 5] {
    let columns: Vec<_> = line.split('|').map(str::trim).collect();
    columns.try_into().expect("five columns")
}

fn moment_of(line: &'static str) -> Option<When> {
    let [_, moment, ..] = columns(line);
    if moment.is_empty() {
        return None;
    }
    let Some((method, attempt)) = moment.split_once('#') else {
        assert_eq!(moment, "start", "a moment");
        return Some(When::Start);
    };
    Some(When::At(Moment {
        method,
        attempt: attempt
            .trim_end_matches('+')
            .parse()
            .expect("a number of attempts"),
        after: attempt.ends_with('+'),
    }))
}

impl Cell {
    fn read(table: &'static str, line: &'static str, ended: Option<(By, When)>) -> Self {
        let [script, _, calls, steps, end] = columns(line);
        let by = match ended {
            Some((By::Deadline, _)) => ": deadline",
            _ => ": cancelled",
        };
        Self {
            table,
            script,
            ended,
            calls: in_full(calls),
            steps: steps.to_owned(),
            end: end.replace(": ended", by),
        }
    }

    /// Creates a service that follows the script and notifies when the moment comes.
    #[must_use]
    pub fn works(&self) -> Works {
        let moment = match self.ended {
            Some((_, When::At(moment))) => Some(moment),
            _ => None,
        };
        Works::new(self.script, moment)
    }
}

/// Replaces the abbreviations in the calls of a cell.
#[must_use]
pub fn in_full(calls: &str) -> Vec<String> {
    let mut calls = calls.to_owned();
    for (short, long) in ABBREVIATIONS {
        let words = calls.split_whitespace();
        let words = words.map(|word| if word == short { long } else { word });
        calls = words.collect::<Vec<_>>().join(" ");
    }
    calls.split_whitespace().map(ToOwned::to_owned).collect()
}

/// Removes the keys from calls.
///
/// # Panics
///
/// If a key does not belong to its method in the run with this id.
#[must_use]
pub fn without_keys(id: &str, calls: &[String]) -> Vec<String> {
    let without = |call: &String| {
        let (call, key) = call.split_once(' ').expect("a call and its key");
        let method = call.split('#').next().unwrap_or_default();
        let whose = match method.strip_prefix("un") {
            Some(step) => format!("{step}/undo"),
            None if method == "wants" => "gift/do".to_owned(),
            None => format!("{method}/do"),
        };
        assert_eq!(key, format!("works/{id}/{whose}"), "the key of {call}");
        call.replace("#1", "")
    };
    calls.iter().map(without).collect()
}

/// Describes the end of a run as a cell does: the marks of the steps, and the end.
///
/// # Panics
///
/// If the error contradicts itself or the calls.
#[must_use]
pub fn steps_and_end(
    run: &Result<Close, SagaError<WorksSaga>>,
    calls: &[String],
) -> (String, String) {
    let called = |method: &str| calls.iter().any(|call| method_of(call) == method);
    let error = match run {
        Ok(output) => {
            assert_eq!(output.as_ref(), "close");
            let gift = if called("gift") { '+' } else { '-' };
            return (format!("+ +++ {gift} + + ++ +"), "completed".to_owned());
        }
        Err(error) => error,
    };
    let left: Vec<_> = error
        .compensation_failures()
        .iter()
        .map(|f| f.step.name.to_owned())
        .collect();

    let mut marks = String::new();
    for record in error.steps() {
        let name = record.step.name;
        let undo = match (
            called(&format!("un{name}")),
            left.iter().any(|left| left == name),
        ) {
            (false, _) => Undo::NotDue,
            (true, false) => Undo::Done,
            (true, true) => Undo::GaveUp,
        };
        assert_eq!(record.undo, undo, "the undo of {name}");
        // The members of a group have no space between them.
        if !marks.is_empty() && !matches!(name, "hold" | "pay" | "log") {
            marks.push(' ');
        }
        marks.push(match record.outcome {
            Outcome::NotRun => '.',
            Outcome::Completed => '+',
            Outcome::Skipped => '-',
            Outcome::Failed => '!',
            Outcome::InDoubt => '?',
            _ => panic!("no such outcome"),
        });
    }

    let gave_up = |error: &WorksSagaError, attempts: u32, in_doubt: bool| {
        assert_eq!(error.step().map(|step| step.name), Some(variant(error)));
        let doubt = if in_doubt { "?" } else { "" };
        format!("{}#{attempts}{doubt}", variant(error))
    };
    let cause = match error.error().cancellation() {
        None => gave_up(error.error(), error.attempts(), error.in_doubt()),
        Some(why) => {
            assert!(error.step().is_none(), "nothing failed first");
            assert!(error.error().failure().is_none(), "nothing failed first");
            match why {
                Cancellation::Requested => "cancelled".to_owned(),
                _ => "deadline".to_owned(),
            }
        }
    };
    let others = error.also_failed();
    let others: Vec<_> = others
        .map(|other| gave_up(&other.failure, other.attempts, other.in_doubt))
        .collect();
    let besides = |what: &str, these: &[String]| match these {
        [] => String::new(),
        these => format!("{what} {}", these.join(" ")),
    };
    let end = format!(
        "{}: {cause}{}{}",
        error.end(),
        besides(", then", &others),
        besides("; left", &left)
    );
    (marks, end)
}

/// The method that a call names.
#[must_use]
pub fn method_of(call: &str) -> &str {
    call.split(['#', '(', ' ']).next().unwrap_or_default()
}

fn variant(error: &WorksSagaError) -> &'static str {
    match error {
        WorksSagaError::Open(_) => "open",
        WorksSagaError::Look(_) => "look",
        WorksSagaError::Hold(_) => "hold",
        WorksSagaError::Pay(_) => "pay",
        WorksSagaError::Gift(_) => "gift",
        WorksSagaError::Stamp(_) => "stamp",
        WorksSagaError::Ship(_) => "ship",
        WorksSagaError::Mail(_) => "mail",
        WorksSagaError::Log(_) => "log",
        WorksSagaError::Close(_) => "close",
        _ => "another",
    }
}

/// The stage of each step in the definition: members of a group have the same.
#[must_use]
pub fn stage_of(step: &str) -> &'static [saga_core::definition::Step] {
    let definition = WorksSaga::DEFINITION;
    let index = definition.steps.iter().position(|s| s.name == step);
    let stage = index.map(|index| definition.stage(index));
    stage
        .and_then(|stage| definition.steps.get(stage))
        .unwrap_or_default()
}
