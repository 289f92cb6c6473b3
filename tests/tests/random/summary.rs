//! The summary of a run: the model and the driver each make one, and both are compared.

use core::fmt;

use crate::case::Phase;

/// A call of the user's code, and where it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Called {
    pub(crate) within: Within,
    /// The idempotency key.
    pub(crate) key: String,
    pub(crate) call: Call,
}

/// Which attempts of which steps ran it, the outermost first; empty for a run by itself.
pub(crate) type Within = Vec<(usize, u32)>;

/// A call of the user's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    /// The condition of this step.
    Ask(usize),
    /// This attempt of this step.
    Do(usize, u32),
    /// This attempt of this step's compensation.
    Undo(usize, u32, Given, Because),
}

/// What a compensation gets as its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// The output of this attempt.
    OutputOf(u32),
    InDoubt,
}

/// The first cause that a compensation sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Because {
    /// This step, of a saga in which others are nested so deep, failed like this.
    Step {
        depth: usize,
        step: usize,
        failure: Failure,
    },
    Cancelled,
    DeadlineExceeded,
    /// It sees none. This never happens if the driver is right.
    NotReported,
}

/// What a step is called, in a saga in which others are nested so deep.
pub(crate) const fn name(depth: usize, step: usize) -> &'static str {
    [
        ["0", "1", "2", "3", "4", "5", "6"],
        ["b0", "b1", "b2", "b3", "b4", "b5", "b6"],
        ["t0", "t1", "t2", "t3", "t4", "t5", "t6"],
    ][depth][step]
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    NotRun,
    Skipped,
    Completed,
    Failed,
    InDoubt,
}

/// What became of a step's undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undo {
    NotDue,
    Done,
    GaveUp,
}

/// How the last attempt of a step or compensation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// With the error of this attempt.
    Error(u32),
    /// With the panic of this attempt, or with that of the condition, which is 0.
    Panicked(u32),
    TimedOut,
    /// With the end of the saga that it runs, or as something of that could not be undone.
    Run,
}

/// A step or compensation that gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GaveUp {
    pub(crate) step: usize,
    pub(crate) phase: Phase,
    pub(crate) failure: Failure,
    pub(crate) attempts: u32,
    /// Whether any of them may have taken effect.
    pub(crate) in_doubt: bool,
}

/// Why a saga did not complete: the first cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Step(GaveUp),
    Cancelled,
    DeadlineExceeded,
}

/// How a saga ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Completed,
    Compensated,
    Stuck,
}

/// The summary of a run. `Debug` writes it on several lines, for a reader.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RunSummary {
    pub(crate) calls: Vec<Called>,
    pub(crate) cause: Option<Cause>,
    /// The other steps that gave up, in the order in which they did.
    pub(crate) secondary: Vec<GaveUp>,
    /// For each step.
    pub(crate) steps: Vec<(Outcome, Undo)>,
    /// The sagas that the steps ran.
    pub(crate) nested: Vec<Option<Nested>>,
    /// The compensations that gave up, in the order in which they ran.
    pub(crate) compensations: Vec<GaveUp>,
    pub(crate) end: End,
    /// How many milliseconds it took; none where it waited for as long as the driver's dice said.
    pub(crate) took: Option<u64>,
    /// The answer to the cancellation, if there is one.
    pub(crate) answer: Option<Answer>,
}

/// What became of the saga that a step ran.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Nested {
    /// The id of the run; empty if the outermost saga completed, because nothing reports it then.
    pub(crate) id: String,
    pub(crate) end: End,
    /// How it was undone, if it had completed.
    pub(crate) undo: Undo,
    pub(crate) cause: Option<Cause>,
    pub(crate) secondary: Vec<GaveUp>,
    /// For each step.
    pub(crate) steps: Vec<OfRun>,
    pub(crate) runs: Vec<Option<Nested>>,
}

/// What became of a step of a run in another; with the attempts of its compensation if that gave up, and whether
/// it may have undone the step.
pub(crate) type OfRun = (Outcome, Undo, Option<(u32, bool)>);

/// What is answered to a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Requested,
    TooLate,
}

/// "1#2: do 0 (1)" is the same in the second attempt of step 1.
impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (step, attempt) in &self.within {
            write!(f, "{step}#{attempt}: ")?;
        }
        write!(f, "{}", self.call)
    }
}

/// "do 2 (1)" is the first attempt of step 2.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(step) => write!(f, "ask {step}"),
            Self::Do(step, attempt) => write!(f, "do {step} ({attempt})"),
            Self::Undo(step, attempt, given, because) => {
                write!(f, "undo {step} ({attempt}) ")?;
                match given {
                    Given::OutputOf(attempt) => write!(f, "of attempt {attempt}")?,
                    Given::InDoubt => f.write_str("in doubt")?,
                }
                match because {
                    Because::Step { depth, step, .. } => write!(f, " for {}", name(*depth, *step)),
                    Because::Cancelled => f.write_str(" for a cancellation"),
                    Because::DeadlineExceeded => f.write_str(" for the deadline"),
                    Because::NotReported => f.write_str(" for no reported cause"),
                }
            }
        }
    }
}

impl fmt::Debug for RunSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            calls,
            cause,
            secondary,
            steps,
            nested,
            compensations,
            end,
            took,
            answer,
        } = self;
        for call in calls {
            writeln!(f, "  {call}  {}", call.key)?;
        }
        writeln!(f, "  {end:?}, for {cause:?}")?;
        writeln!(f, "  also {secondary:?}")?;
        writeln!(f, "  steps {steps:?}, took {took:?}, answered {answer:?}")?;
        write!(f, "  compensations that gave up {compensations:?}")?;
        write_nested(f, nested, "  ")
    }
}

fn write_nested(
    f: &mut fmt::Formatter<'_>,
    nested: &[Option<Nested>],
    indent: &str,
) -> fmt::Result {
    for (step, run) in nested.iter().enumerate() {
        if let Some(run) = run {
            write!(f, "\n{indent}run of step {step}: {} {:?}", run.id, run.end)?;
            write!(f, " for {:?}, also {:?}", run.cause, run.secondary)?;
            write!(f, "\n{indent}  undo {:?}, steps {:?}", run.undo, run.steps)?;
            write_nested(f, &run.runs, &format!("{indent}  "))?;
        }
    }
    Ok(())
}

impl fmt::Debug for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nested")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
