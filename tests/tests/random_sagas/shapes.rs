//! The sagas that are run: a definition is a constant of its type, so there are only so many of them. They
//! are drawn while this is compiled.

use core::time::Duration;

use saga_core::{
    Compensation, Condition, Definition, Kind as Declared, Location, Parameter, Source,
};

use crate::case::{Kind, MOST_ATTEMPTS, MOST_STEPS, Policy, Shape, Step, Takes};
use crate::dice::Dice;

/// How many there are.
pub(crate) const COUNT: usize = 2 * 16 * 16;

/// A step, a group of three and a step.
pub(crate) const GROUP: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::new(Kind::Compensatable).undone_in_doubt(),
    Step::new(Kind::Compensatable).joining(),
    Step::new(Kind::NoCompensation).joining(),
    Step::new(Kind::ReadOnly),
]);

/// A step, the pivot and a group of two.
pub(crate) const PIVOT: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::new(Kind::Pivot).undone_in_doubt(),
    Step::new(Kind::Retriable),
    Step::new(Kind::Retriable).joining(),
]);

/// A step, one that has a condition and the last.
pub(crate) const CONDITION: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::new(Kind::Compensatable)
        .undone_in_doubt()
        .conditional(),
    Step::new(Kind::Last),
]);

/// Those that single cases are written of.
const WRITTEN: [Shape; 3] = [GROUP, PIVOT, CONDITION];

/// All of them: those that are drawn, the shorter first.
pub(crate) static SHAPES: [Shape; COUNT] = {
    let mut shapes = [Shape::new(&[]); COUNT];
    let mut index = 0;
    while index < COUNT {
        // Half of them are short, for the others to shrink to.
        let (least, most) = match 4 * index / COUNT {
            0 => (1, 2),
            1 => (2, 3),
            _ => (3, MOST_STEPS),
        };
        shapes[index] = if index < WRITTEN.len() {
            WRITTEN[index]
        } else {
            drawn(Dice::new(index as u64), least, most)
        };
        index += 1;
    }
    shapes
};

const fn drawn(mut dice: Dice, least: usize, most: usize) -> Shape {
    let mut steps = [Step::new(Kind::Retriable); MOST_STEPS];
    let len = least + dice.below(most + 1 - least);
    let pivot = if dice.percent(50) {
        dice.below(len)
    } else {
        len
    };
    let mut next = 0;
    while next < len {
        // A group ends before the pivot.
        let end = if next < pivot { pivot } else { len };
        let room = end - next;
        if next == pivot {
            steps[next] = drawn_step(&mut dice, Kind::Pivot);
            next += 1;
        } else if room > 1 && dice.percent(40) {
            let room = if room > 4 { 4 } else { room };
            let end = next + 2 + dice.below(room - 1);
            let start = next;
            while next < end {
                let kind = drawn_kind(&mut dice, next > pivot);
                steps[next] = drawn_step(&mut dice, kind);
                if next > start {
                    steps[next] = steps[next].joining();
                }
                next += 1;
            }
        } else {
            let last = next + 1 == len && pivot == len && dice.percent(40);
            let kind = if last {
                Kind::Last
            } else {
                drawn_kind(&mut dice, next > pivot)
            };
            steps[next] = drawn_step(&mut dice, kind);
            next += 1;
        }
    }
    Shape::new(steps.split_at(len).0)
}

const fn drawn_kind(dice: &mut Dice, after_pivot: bool) -> Kind {
    match dice.below(10) {
        0 | 1 => Kind::ReadOnly,
        2 | 3 => Kind::NoCompensation,
        _ if after_pivot => Kind::Retriable,
        _ => Kind::Compensatable,
    }
}

const fn drawn_step(dice: &mut Dice, kind: Kind) -> Step {
    let mut step = Step::new(kind);
    let may_take_attempt = matches!(kind, Kind::Compensatable | Kind::Pivot);
    if may_take_attempt && dice.percent(50) {
        step = step.undone_in_doubt();
    }
    if !matches!(kind, Kind::Pivot) && dice.percent(25) {
        step = step.conditional();
    }
    if !matches!(kind, Kind::ReadOnly) && dice.percent(20) {
        step = step.at_most_once();
    }
    step.policy = drawn_policy(dice);
    step.undo_policy = drawn_policy(dice);
    step
}

pub(crate) const fn drawn_policy(dice: &mut Dice) -> Policy {
    Policy {
        attempts: match dice.below(10) {
            0..4 => 1,
            4..7 => 2,
            _ => MOST_ATTEMPTS,
        },
        limit: if dice.percent(50) {
            1 + dice.below(3) as u64
        } else {
            0
        },
        waits: dice.percent(30),
    }
}

/// As the library has it.
pub(crate) static DEFINITIONS: [Definition; COUNT] = {
    let mut definitions = [const { Definition::new("random", HERE, &[]) }; COUNT];
    let mut index = 0;
    while index < COUNT {
        let (steps, _) = STEPS[index].split_at(SHAPES[index].steps().len());
        definitions[index] = Definition::new("random", HERE, steps);
        index += 1;
    }
    definitions
};

static STEPS: [[saga_core::Step; MOST_STEPS]; COUNT] = {
    let mut all = [const { [const { declared(&[Step::new(Kind::Last)], 0) }; MOST_STEPS] }; COUNT];
    let mut shape = 0;
    while shape < COUNT {
        let steps = SHAPES[shape].steps();
        let mut index = 0;
        while index < steps.len() {
            all[shape][index] = declared(steps, index);
            index += 1;
        }
        shape += 1;
    }
    all
};

const HERE: Location = Location::new(file!(), line!());

/// What the steps are called.
const NAMES: [&str; MOST_STEPS] = ["0", "1", "2", "3", "4", "5", "6"];

const fn declared(steps: &[Step], index: usize) -> saga_core::Step {
    let step = &steps[index];
    let kind = match step.kind {
        Kind::ReadOnly => Declared::ReadOnly,
        Kind::Compensatable => Declared::Compensatable,
        Kind::NoCompensation => Declared::NoCompensation { reason: "it is so" },
        Kind::Pivot => Declared::Pivot,
        Kind::Last => Declared::Last,
        Kind::Retriable => Declared::Retriable,
    };
    let mut declared = saga_core::Step::new(NAMES[index], kind, HERE).at(index);
    declared = declared.policy(policy(index, &step.policy));
    if step.joins || (index + 1 < steps.len() && steps[index + 1].joins) {
        let mut first = index;
        while steps[first].joins {
            first -= 1;
        }
        declared = declared.group(NAMES[first]);
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
