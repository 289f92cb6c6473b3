//! A saga and what happens while it runs, as plain data: the input of both the model and the machine.
//!
//! Knows nothing of the library, and decides nothing that the library decides.

use core::ops::Range;

use crate::shapes::SHAPES;

/// No saga here has more steps.
pub(crate) const MOST_STEPS: usize = 7;

/// No step or compensation has more attempts.
pub(crate) const MOST_ATTEMPTS: u32 = 3;

/// What a step is declared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    ReadOnly,
    Compensatable,
    NoCompensation,
    Pivot,
    Last,
    Retriable,
}

/// What a step's compensation takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Output,
    Attempt,
}

/// How attempts are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) attempts: u32,
    /// The length class of the time limit; 0 for none.
    pub(crate) limit: u64,
    /// Whether there is a wait between two attempts: one that outlasts everything else.
    pub(crate) waits: bool,
}

impl Policy {
    pub(crate) const ONCE: Self = Self::attempts(1);

    pub(crate) const fn attempts(attempts: u32) -> Self {
        Self {
            attempts,
            limit: 0,
            waits: false,
        }
    }

    /// The time limit of each attempt, for the step at this position.
    pub(crate) const fn limit(&self, step: usize) -> Option<u64> {
        match self.limit {
            0 => None,
            class => Some(milliseconds(step, 2 * class + 1)),
        }
    }
}

/// How long an attempt of this length class takes.
///
/// The members of a group never end an attempt at the same instant, unless they take no time at all: after
/// `n` attempts that took some, this many milliseconds have passed for the one at position `p`, which is
/// another number for each `n` and `p`:
const fn milliseconds(step: usize, class: u64) -> u64 {
    const UNIT: u64 = 24;
    const APART: [u64; 4] = [1, 4, 5, 7];
    match class {
        0 => 0,
        // Four times that: between any two there is room for a cancellation and a deadline.
        _ => 4 * (class * UNIT + APART[step % APART.len()]),
    }
}

/// A step, before any run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    /// What its compensation takes, if it has one.
    pub(crate) undo: Takes,
    /// Whether it runs at the same time as the step above.
    pub(crate) joins: bool,
    pub(crate) conditional: bool,
    pub(crate) at_most_once: bool,
    pub(crate) policy: Policy,
    pub(crate) undo_policy: Policy,
    /// The saga that it runs, if it does: its number.
    pub(crate) runs: Option<usize>,
}

impl Step {
    pub(crate) const fn new(kind: Kind) -> Self {
        let undo = match kind {
            Kind::Compensatable => Takes::Output,
            _ => Takes::Nothing,
        };
        Self {
            kind,
            undo,
            joins: false,
            conditional: false,
            at_most_once: false,
            policy: Policy::ONCE,
            undo_policy: Policy::ONCE,
            runs: None,
        }
    }

    /// One that runs a saga, of which nothing is to be said how it is undone.
    pub(crate) const fn running(kind: Kind, saga: usize) -> Self {
        Self {
            undo: Takes::Nothing,
            runs: Some(saga),
            ..Self::new(kind)
        }
    }

    pub(crate) const fn undone_in_doubt(self) -> Self {
        Self {
            undo: Takes::Attempt,
            ..self
        }
    }

    pub(crate) const fn joining(self) -> Self {
        Self {
            joins: true,
            ..self
        }
    }

    pub(crate) const fn conditional(self) -> Self {
        Self {
            conditional: true,
            ..self
        }
    }

    pub(crate) const fn at_most_once(self) -> Self {
        Self {
            at_most_once: true,
            ..self
        }
    }
}

/// The steps of a saga.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The first `len` of these; the others are only there to fill it.
    all: [Step; MOST_STEPS],
    len: usize,
    /// How deep sagas are nested in it.
    pub(crate) depth: usize,
    /// The length class of its deadline; 0 for none.
    deadline: u64,
}

impl Shape {
    pub(crate) const fn new(steps: &[Step]) -> Self {
        let mut all = [Step::new(Kind::ReadOnly); MOST_STEPS];
        let (room, _) = all.split_at_mut(steps.len());
        room.copy_from_slice(steps);
        Self {
            all,
            len: steps.len(),
            depth: 0,
            deadline: 0,
        }
    }

    /// The same with sagas nested in it, so deep.
    pub(crate) const fn nesting(self, depth: usize) -> Self {
        Self { depth, ..self }
    }

    /// The same with a deadline of this length class.
    pub(crate) const fn with_deadline(self, deadline: u64) -> Self {
        Self { deadline, ..self }
    }

    /// After how many milliseconds it ends, unless a run says otherwise: an even number that is no multiple
    /// of 4.
    pub(crate) const fn deadline(&self) -> Option<u64> {
        match self.deadline {
            0 => None,
            class => Some(milliseconds(0, class) + 2),
        }
    }

    /// What it is called.
    pub(crate) const fn name(&self) -> &'static str {
        ["leaf", "branch", "tree"][self.depth]
    }

    /// Whether it can be undone once it has completed.
    pub(crate) const fn can_be_undone(&self) -> bool {
        let mut index = 0;
        while index < self.len {
            if matches!(self.all[index].kind, Kind::Pivot | Kind::Last) {
                return false;
            }
            index += 1;
        }
        true
    }

    pub(crate) const fn steps(&self) -> &[Step] {
        self.all.split_at(self.len).0
    }

    /// The steps that run at the same time as the one at this position, itself included.
    pub(crate) fn stage_of(&self, step: usize) -> Range<usize> {
        let steps = self.steps();
        let start = (0..=step).rev().find(|at| !steps[*at].joins).unwrap_or(0);
        let joining = steps[start + 1..].iter().take_while(|step| step.joins);
        start..start + 1 + joining.count()
    }

    pub(crate) fn pivot(&self) -> Option<usize> {
        self.steps()
            .iter()
            .position(|step| step.kind == Kind::Pivot)
    }

    pub(crate) fn is_after_pivot(&self, step: usize) -> bool {
        self.pivot().is_some_and(|pivot| step > pivot)
    }
}

/// How an attempt ends, if its time limit does not end it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    Completes,
    /// With an error, that the predicates accept or not.
    Fails {
        when: bool,
        in_doubt: bool,
    },
    Panics,
}

/// An attempt of a step or compensation, while nothing interferes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The length class of the time it takes; 0 for none.
    pub(crate) takes: u64,
    pub(crate) ends: Ends,
}

impl Attempt {
    pub(crate) const COMPLETES: Self = Self {
        takes: 0,
        ends: Ends::Completes,
    };
}

/// What the method of `only_if` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Yes,
    No,
    Panics,
}

/// What happens to one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) condition: Condition,
    /// The attempts, in order; after these all complete at once.
    pub(crate) attempts: Vec<Attempt>,
    /// Those of its compensation.
    pub(crate) undo: Vec<Attempt>,
    /// What the run has in place of the definition's policies.
    pub(crate) policy: Option<Policy>,
    pub(crate) undo_policy: Option<Policy>,
    /// What happens in each run of the saga that it runs; in those after these all complete at once.
    pub(crate) runs: Vec<Case>,
}

impl Script {
    pub(crate) const COMPLETES: Self = Self {
        condition: Condition::Yes,
        attempts: Vec::new(),
        undo: Vec::new(),
        policy: None,
        undo_policy: None,
        runs: Vec::new(),
    };
}

/// Whether it is about a step or about its compensation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Phase {
    Do,
    Undo,
}

/// A saga and what happens while it runs. Times are in milliseconds since it began.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) shape: Shape,
    /// One for each step.
    pub(crate) scripts: Vec<Script>,
    /// When a caller cancels it: an odd number, when nothing else happens, or 0 for before
    /// it begins.
    pub(crate) cancel: Option<u64>,
    /// When its time is up: an even number that is no multiple of 4, when nothing else happens, or 0.
    pub(crate) deadline: Option<u64>,
}

impl Case {
    /// Every attempt completes at once.
    pub(crate) fn new(shape: &Shape) -> Self {
        Self {
            shape: *shape,
            scripts: vec![Script::COMPLETES; shape.steps().len()],
            cancel: None,
            deadline: None,
        }
    }

    pub(crate) fn policy(&self, step: usize, phase: Phase) -> Policy {
        let (declared, script) = (&self.shape.steps()[step], &self.scripts[step]);
        match phase {
            Phase::Do => script.policy.unwrap_or(declared.policy),
            Phase::Undo => script.undo_policy.unwrap_or(declared.undo_policy),
        }
    }

    /// What happens in this attempt, counted from 1.
    pub(crate) fn attempt(&self, step: usize, phase: Phase, attempt: u32) -> Attempt {
        let script = &self.scripts[step];
        let attempts = match phase {
            Phase::Do => &script.attempts,
            Phase::Undo => &script.undo,
        };
        let found = attempts.get(attempt as usize - 1).copied();
        found.unwrap_or(Attempt::COMPLETES)
    }

    /// What happens in this attempt, counted from 1, of a step that runs a saga.
    pub(crate) fn run(&self, step: usize, attempt: u32) -> Self {
        let runs = &self.scripts[step].runs;
        let saga = self.shape.steps()[step].runs.expect("one that runs a saga");
        let run = runs.get(attempt as usize - 1).cloned();
        run.unwrap_or_else(|| Self::new(&SHAPES[saga]))
    }

    /// When its time is up, of a run by itself.
    pub(crate) fn deadline(&self) -> Option<u64> {
        self.deadline.or_else(|| self.shape.deadline())
    }

    /// How long this attempt takes.
    pub(crate) fn takes(&self, step: usize, phase: Phase, attempt: u32) -> u64 {
        let class = self.attempt(step, phase, attempt).takes;
        // Never as long as a time limit.
        milliseconds(step, 2 * class)
    }
}
