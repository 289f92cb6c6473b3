//! What a run is seen to do: the same said by the model and by the driver.

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

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}
