//! The definitions of the sagas. A definition is a constant of its type, so their number is fixed; they are drawn
//! at compile time.

use core::ops::Range;

use crate::case::{Kind, MOST_ATTEMPTS, MOST_STEPS, Policy, Shape, Step};
use crate::dice::Dice;

/// How many there are.
pub(crate) const COUNT: usize = 24 * 16;

/// Those that are only run by themselves.
pub(crate) const ALONE: Range<usize> = 0..288;

/// Those that run none, and are run by others.
const LEAVES: Range<usize> = 288..304;

/// Those that run leaves, and are run by others.
pub(crate) const BRANCHES: Range<usize> = 304..360;

/// Those that run branches, and perhaps leaves.
pub(crate) const TREES: Range<usize> = 360..COUNT;

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

/// Two steps that are undone, run by others.
pub(crate) const PAIR: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::new(Kind::Compensatable),
]);

/// The same with a deadline.
pub(crate) const DUE: Shape = PAIR.with_deadline(2);

/// A step, the pivot and a step, run by others.
pub(crate) const FORWARD: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::new(Kind::Pivot),
    Step::new(Kind::Retriable),
]);

/// A step, and one that there is no way back from, run by others.
pub(crate) const ONE_WAY: Shape =
    Shape::new(&[Step::new(Kind::Compensatable), Step::new(Kind::Last)]);

/// A step, and such a saga as the last.
pub(crate) const NEST_ONE_WAY: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Last, LEAVES.start + 3),
])
.nesting(1);

/// A step, a pair and a step.
pub(crate) const NEST: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Compensatable, LEAVES.start),
    Step::new(Kind::Compensatable),
])
.nesting(1);

/// A step, and a saga with a pivot as the last.
pub(crate) const NEST_LAST: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Last, LEAVES.start + 1),
])
.nesting(1);

/// A step, and a pair as the last.
pub(crate) const NEST_PAIR_LAST: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Compensatable, LEAVES.start),
])
.nesting(1);

/// A step, a saga with a pivot as the pivot, and a pair after it.
pub(crate) const NEST_PIVOT: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Pivot, LEAVES.start + 1),
    Step::running(Kind::Retriable, LEAVES.start),
])
.nesting(1);

/// A step, a group of a pair and a step, and a step.
pub(crate) const NEST_GROUP: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Compensatable, LEAVES.start),
    Step::new(Kind::Compensatable).joining(),
    Step::new(Kind::Compensatable),
])
.nesting(1);

/// A step, a pair that has a condition, and a step.
pub(crate) const NEST_CONDITION: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Compensatable, LEAVES.start).conditional(),
    Step::new(Kind::Compensatable),
])
.nesting(1);

/// A step, and a pair with a deadline as the last.
pub(crate) const NEST_DUE: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Compensatable, LEAVES.start + 2),
])
.nesting(1);

/// A pair, and a step that needs no undoing.
pub(crate) const NEST_FIRST: Shape = Shape::new(&[
    Step::running(Kind::Compensatable, LEAVES.start),
    Step::new(Kind::ReadOnly),
])
.nesting(1);

/// A step, a saga that runs a pair, and a step.
pub(crate) const NEST_TWICE: Shape = Shape::new(&[
    Step::new(Kind::Compensatable),
    Step::running(Kind::Compensatable, BRANCHES.start),
    Step::new(Kind::Compensatable),
])
.nesting(2);

/// Those that single cases are written of, and what they run.
const fn written(index: usize) -> Option<Shape> {
    const IN_BRANCHES: [Shape; 9] = [
        NEST,
        NEST_LAST,
        NEST_PAIR_LAST,
        NEST_PIVOT,
        NEST_GROUP,
        NEST_CONDITION,
        NEST_DUE,
        NEST_FIRST,
        NEST_ONE_WAY,
    ];
    Some(match index {
        0 => GROUP,
        1 => PIVOT,
        2 => CONDITION,
        _ if index == LEAVES.start => PAIR,
        _ if index == LEAVES.start + 1 => FORWARD,
        _ if index == LEAVES.start + 2 => DUE,
        _ if index == LEAVES.start + 3 => ONE_WAY,
        _ if index >= BRANCHES.start && index - BRANCHES.start < IN_BRANCHES.len() => {
            IN_BRANCHES[index - BRANCHES.start]
        }
        _ if index == TREES.start => NEST_TWICE,
        _ => return None,
    })
}

/// All of them: those that are drawn, the shorter first.
pub(crate) static SHAPES: [Shape; COUNT] = {
    let mut shapes = [Shape::new(&[]); COUNT];
    let mut index = 0;
    while index < COUNT {
        shapes[index] = match written(index) {
            Some(shape) => shape,
            None => drawn_at(index, &shapes),
        };
        index += 1;
    }
    shapes
};

const fn drawn_at(index: usize, shapes: &[Shape; COUNT]) -> Shape {
    let mut dice = Dice::new(index as u64);
    let alone = Nests {
        shapes,
        inner: 0..0,
        at: MOST_STEPS,
    };
    // Half of them are short, for the others to shrink to.
    if index < ALONE.end {
        let (least, most) = match 4 * index / ALONE.end {
            0 => (1, 2),
            1 => (2, 3),
            _ => (3, MOST_STEPS),
        };
        return drawn(&mut dice, least, most, &alone);
    }
    let shape = if index < LEAVES.end {
        drawn(&mut dice, 1, 3, &alone)
    } else {
        let (depth, inner, most) = if index < BRANCHES.end {
            (1, LEAVES, 4)
        } else {
            (2, BRANCHES, 3)
        };
        let len = 1 + dice.below(most);
        let at = dice.below(len);
        let nests = Nests { shapes, inner, at };
        drawn(&mut dice, len, len, &nests).nesting(depth)
    };
    if dice.percent(20) {
        shape.with_deadline(2 + dice.below(8) as u64)
    } else {
        shape
    }
}

/// What sagas a saga runs: in the step at this position, and perhaps in others.
struct Nests<'a> {
    shapes: &'a [Shape; COUNT],
    inner: Range<usize>,
    at: usize,
}

impl Nests<'_> {
    /// Whether the step at this position is to run one.
    const fn are_at(&self, dice: &mut Dice, at: usize) -> bool {
        self.at == at || (self.at < MOST_STEPS && dice.percent(20))
    }
}

const fn drawn(dice: &mut Dice, least: usize, most: usize, nests: &Nests<'_>) -> Shape {
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
            steps[next] = drawn_step(dice, Kind::Pivot, (next, pivot), nests);
            next += 1;
        } else if room > 1 && dice.percent(40) {
            let room = if room > 4 { 4 } else { room };
            let end = next + 2 + dice.below(room - 1);
            let start = next;
            while next < end {
                let kind = drawn_kind(dice, next > pivot);
                steps[next] = drawn_step(dice, kind, (next, pivot), nests);
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
                drawn_kind(dice, next > pivot)
            };
            steps[next] = drawn_step(dice, kind, (next, pivot), nests);
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

/// What becomes of the effect of a step that runs a saga, in the place of one of this kind.
const fn nested_kind(kind: Kind, after_pivot: bool, can_be_undone: bool) -> Kind {
    match kind {
        _ if after_pivot => Kind::Retriable,
        Kind::Pivot => Kind::Pivot,
        Kind::Last if !can_be_undone => Kind::Last,
        _ => Kind::Compensatable,
    }
}

const fn drawn_step(
    dice: &mut Dice,
    kind: Kind,
    (at, pivot): (usize, usize),
    nests: &Nests<'_>,
) -> Step {
    if nests.are_at(dice, at) {
        return drawn_nested(dice, kind, (at, at > pivot), nests);
    }
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

/// A step that runs a saga, in the place of one that would be of this kind.
const fn drawn_nested(
    dice: &mut Dice,
    kind: Kind,
    (at, after_pivot): (usize, bool),
    nests: &Nests<'_>,
) -> Step {
    let Range { start, end } = nests.inner;
    // Where a tree need not run a branch it may run a leaf.
    let start = if start == BRANCHES.start && nests.at != at && dice.percent(50) {
        LEAVES.start
    } else {
        start
    };
    let mut runs = start + dice.below(end - start);
    let can_be_undone = nests.shapes[runs].can_be_undone();
    let kind = nested_kind(kind, after_pivot, can_be_undone);
    while matches!(kind, Kind::Compensatable) && !nests.shapes[runs].can_be_undone() {
        runs = if runs + 1 < end { runs + 1 } else { start };
    }
    let mut step = Step::running(kind, runs);
    if !matches!(kind, Kind::Pivot) && dice.percent(25) {
        step = step.conditional();
    }
    step.policy = drawn_policy(dice);
    // More often repeated than others: a run that fails has undone what it did.
    if dice.percent(50) {
        step.policy.attempts = MOST_ATTEMPTS;
    }
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
