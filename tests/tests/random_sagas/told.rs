//! What a run is seen to do: the same said by the model and by the driver.

use core::fmt;

use crate::case::Phase;

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

/// What a compensation is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// The output of this attempt.
    OutputOf(u32),
    InDoubt,
}

/// What a compensation is told of the first cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Because {
    Step(usize),
    Cancelled,
    DeadlineExceeded,
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

/// All of it. `Debug` writes some lines, for a person.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) calls: Vec<Call>,
    pub(crate) cause: Option<Cause>,
    /// The other steps that gave up, in the order in which they did.
    pub(crate) secondary: Vec<GaveUp>,
    /// For each step.
    pub(crate) steps: Vec<(Outcome, Undo)>,
    /// The compensations that gave up, in the order in which they ran.
    pub(crate) compensations: Vec<GaveUp>,
    pub(crate) end: End,
    /// How many milliseconds it took; none where it waited for as long as the driver's dice said.
    pub(crate) took: Option<u64>,
    /// What was answered to the cancellation; none where nobody answers.
    pub(crate) answer: Option<Answer>,
}

/// What is answered to a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Requested,
    TooLate,
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
                    Because::Step(step) => write!(f, " for {step}"),
                    Because::Cancelled => f.write_str(" for a cancellation"),
                    Because::DeadlineExceeded => f.write_str(" for the deadline"),
                }
            }
        }
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            calls,
            cause,
            secondary,
            steps,
            compensations,
            end,
            took,
            answer,
        } = self;
        let calls: Vec<_> = calls.iter().map(ToString::to_string).collect();
        writeln!(f, "{}", calls.join(", "))?;
        writeln!(f, "  {end:?}, for {cause:?}")?;
        writeln!(f, "  also {secondary:?}")?;
        writeln!(f, "  steps {steps:?}, took {took:?}, answered {answer:?}")?;
        write!(f, "  compensations that gave up {compensations:?}")
    }
}
