//! The sagas as the library has them.

use core::time::Duration;

use saga_core::definition::{
    Compensation, Condition, Definition, Kind as Declared, Location, Parameter, Source,
};

use crate::case::{Kind, MOST_STEPS, Policy, Step, Takes};
use crate::shapes::{BRANCHES, COUNT, SHAPES, TREES};
use crate::summary::name;

/// Of the saga of this number.
pub(crate) const fn definition(index: usize) -> &'static Definition {
    if index < BRANCHES.start {
        &OF_NONE[index]
    } else if index < TREES.start {
        &OF_BRANCHES[index - BRANCHES.start]
    } else {
        &OF_TREES[index - TREES.start]
    }
}

// One after the other, for those that run others are made of those.
static OF_NONE: [Definition; BRANCHES.start] = definitions(0, &STEPS_OF_NONE);
static OF_BRANCHES: [Definition; TREES.start - BRANCHES.start] =
    definitions(BRANCHES.start, &STEPS_OF_BRANCHES);
static OF_TREES: [Definition; COUNT - TREES.start] = definitions(TREES.start, &STEPS_OF_TREES);

type Steps = [saga_core::definition::Step; MOST_STEPS];

static STEPS_OF_NONE: [Steps; BRANCHES.start] = steps(0);
static STEPS_OF_BRANCHES: [Steps; TREES.start - BRANCHES.start] = steps(BRANCHES.start);
static STEPS_OF_TREES: [Steps; COUNT - TREES.start] = steps(TREES.start);

const fn definitions<const MANY: usize>(
    from: usize,
    steps: &'static [Steps; MANY],
) -> [Definition; MANY] {
    let mut definitions = [const { Definition::new("random", HERE, &[]) }; MANY];
    let mut index = 0;
    while index < MANY {
        let shape = &SHAPES[from + index];
        let (steps, _) = steps[index].split_at(shape.steps().len());
        definitions[index] = Definition::new(shape.name(), HERE, steps);
        if let Some(deadline) = shape.deadline() {
            definitions[index].deadline = Some(Duration::from_millis(deadline));
        }
        index += 1;
    }
    definitions
}

const fn steps<const MANY: usize>(from: usize) -> [Steps; MANY] {
    let mut all =
        [const { [const { declared(&[Step::new(Kind::Last)], 0, 0) }; MOST_STEPS] }; MANY];
    let mut index = 0;
    while index < MANY {
        let shape = &SHAPES[from + index];
        let steps = shape.steps();
        let mut step = 0;
        while step < steps.len() {
            all[index][step] = declared(steps, step, shape.depth);
            step += 1;
        }
        index += 1;
    }
    all
}

const HERE: Location = Location::new(file!(), line!());

const fn declared(steps: &[Step], index: usize, depth: usize) -> saga_core::definition::Step {
    let step = &steps[index];
    let kind = match step.kind {
        Kind::ReadOnly => Declared::ReadOnly,
        Kind::Compensatable => Declared::Compensatable,
        Kind::NoCompensation => Declared::NoCompensation { reason: "it is so" },
        Kind::Pivot => Declared::Pivot,
        Kind::Last => Declared::Last,
        Kind::Retriable => Declared::Retriable,
    };
    // What the library makes of the last step.
    let kind = match step.runs {
        Some(saga) if index + 1 == steps.len() && is_last(steps, step) => {
            Declared::of_last(definition(saga))
        }
        _ => kind,
    };
    let mut declared = saga_core::definition::Step::new(name(depth, index), kind, HERE).at(index);
    if let Some(saga) = step.runs {
        declared = declared.nested(definition(saga));
    }
    declared = declared.policy(policy(index, &step.policy));
    if step.joins || (index + 1 < steps.len() && steps[index + 1].joins) {
        let mut first = index;
        while steps[first].joins {
            first -= 1;
        }
        declared = declared.group(name(depth, first));
    }
    if step.conditional {
        declared = declared.condition(Condition::new("asks", HERE));
    }
    if step.at_most_once {
        declared = declared.at_most_once();
    }
    let parameters = match step.undo {
        Takes::Nothing => return declared,
        Takes::Output => const { &[CONTEXT] as &[_] },
        Takes::Attempt => const { &[ATTEMPT, CONTEXT] as &[_] },
    };
    let compensation = Compensation::new("undo", HERE).parameters(parameters);
    declared.compensation(compensation.policy(policy(index, &step.undo_policy)))
}

/// Whether nothing runs beside this step, and there is no way back before it.
const fn is_last(steps: &[Step], step: &Step) -> bool {
    let mut index = 0;
    while index < steps.len() {
        if matches!(steps[index].kind, Kind::Pivot) {
            return false;
        }
        index += 1;
    }
    !step.joins
}

const ATTEMPT: Parameter = Parameter::new("attempt", Source::Attempt);
const CONTEXT: Parameter = Parameter::new("context", Source::Context);

/// The longest of the waits, of which each is drawn evenly between none and this: a second of two years is
/// as good as none, and nothing here takes more than some seconds.
const WAIT: Duration = Duration::from_hours(2 * 365 * 24);

/// As the library has it, for the step at this position.
pub(crate) const fn policy(index: usize, policy: &Policy) -> saga_core::Policy {
    let mut of = saga_core::Policy::attempts(policy.attempts);
    if let Some(limit) = policy.limit(index) {
        of = of.timeout(Duration::from_millis(limit));
    }
    if policy.waits {
        of = of.backoff(WAIT, WAIT);
    }
    of
}
