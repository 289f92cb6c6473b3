//! Random cases, and the simpler cases that a failing one shrinks to.

use core::iter;
use core::ops::Range;

use proptest::prelude::RngExt as _;
use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use crate::case::{Attempt, Case, Condition, Ends, MOST_ATTEMPTS, Phase, Script, Step, Takes};
use crate::dice::Dice;
use crate::model::{self, Span};
use crate::shapes::{ALONE, BRANCHES, SHAPES, TREES, drawn_policy};
use crate::shrink::Shrinking;

/// Any case of any of the sagas.
#[derive(Debug)]
pub(crate) struct Cases;

impl Strategy for Cases {
    type Tree = Shrinking;
    type Value = Case;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let case = drawn(&mut Dice::new(runner.rng().random()));
        Ok(Shrinking::from(case))
    }
}

fn drawn(dice: &mut Dice) -> Case {
    loop {
        let mut case = maybe_race(dice);
        if model::run(&case).is_race {
            let_one_wait(dice, &mut case);
            // A nested run may always wait.
            if model::run(&case).is_race {
                continue;
            }
        }
        return case;
    }
}

fn maybe_race(dice: &mut Dice) -> Case {
    let saga = match dice.below(8) {
        0..5 => dice.below(ALONE.end),
        5..7 => among(dice, BRANCHES),
        _ => among(dice, TREES),
    };
    drawn_of(dice, saga)
}

/// A case of this saga, in which members of a group may wait at the same time.
pub(crate) fn drawn_of(dice: &mut Dice, saga: usize) -> Case {
    let troubles = match SHAPES[saga].depth {
        0 => [10, 25, 50],
        1 => [5, 15, 35],
        _ => [5, 10, 25],
    };
    let mut case = Case::new(&SHAPES[saga]);
    // How much goes wrong, in all of the case.
    let trouble = troubles[dice.below(3)];
    drawn_scripts(dice, &mut case, trouble, true);
    let spans = spans_before_waits(&case);
    let waits: Vec<_> = spans.iter().filter(|span| span.waits).collect();
    let mut instant = |after| match dice.below(10) {
        0 => 0,
        1..4 if !waits.is_empty() => waits[dice.below(waits.len())].from + after,
        _ if spans.is_empty() => 0,
        _ => spans[dice.below(spans.len())].from + after,
    };
    let (early, late, deadline) = (instant(1), instant(3), instant(2));
    case.cancel = match dice.below(100) {
        0..20 => Some(early),
        20..40 => Some(late),
        _ => None,
    };
    case.deadline = dice.percent(25).then_some(deadline);
    case
}

fn among(dice: &mut Dice, sagas: Range<usize>) -> usize {
    sagas.start + dice.below(sagas.len())
}

/// What happens to each step; the policies are another's only in a run by itself.
fn drawn_scripts(dice: &mut Dice, case: &mut Case, trouble: usize, by_itself: bool) {
    for (index, step) in case.shape.steps().iter().enumerate() {
        let mut script = drawn_script(dice, step, trouble, by_itself);
        if let Some(saga) = step.runs {
            // Less in the runs that follow one that failed, so that they complete.
            let runs = [2 * trouble, trouble / 2, trouble / 2].map(|trouble| {
                let mut run = Case::new(&SHAPES[saga]);
                drawn_scripts(dice, &mut run, trouble, false);
                run
            });
            script.runs = runs.to_vec();
        }
        case.scripts[index] = script;
    }
}

/// In each group one member, and no other.
fn let_one_wait(dice: &mut Dice, case: &mut Case) {
    let mut next = 0;
    while next < case.scripts.len() {
        let stage = case.shape.stage_of(next);
        let waiter = stage.start + dice.below(stage.len());
        next = stage.end;
        for step in stage {
            let mut policy = case.policy(step, Phase::Do);
            if policy.waits && step != waiter {
                policy.waits = false;
                case.scripts[step].policy = Some(policy);
            }
        }
    }
}

/// Those of which it is known when they are: the waits are as long as the driver's dice say.
pub(crate) fn spans_before_waits(case: &Case) -> Vec<Span> {
    let mut spans = model::run(case).spans;
    spans.retain(|span| span.from < model::WAIT);
    spans
}

fn drawn_script(dice: &mut Dice, step: &Step, trouble: usize, by_itself: bool) -> Script {
    let condition = match dice.below(100) {
        _ if !step.conditional => Condition::Yes,
        0..50 => Condition::Yes,
        50..90 => Condition::No,
        _ => Condition::Panics,
    };
    let has_undo = step.undo != Takes::Nothing;
    Script {
        condition,
        // Those of a step that runs a saga only panic, if anything.
        attempts: drawn_attempts(dice, if step.runs.is_some() { 5 } else { trouble }),
        undo: if has_undo {
            drawn_attempts(dice, 25)
        } else {
            Vec::new()
        },
        policy: (by_itself && dice.percent(15)).then(|| drawn_policy(dice)),
        undo_policy: (by_itself && has_undo && dice.percent(15)).then(|| drawn_policy(dice)),
        runs: Vec::new(),
    }
}

fn drawn_attempts(dice: &mut Dice, trouble: usize) -> Vec<Attempt> {
    let attempts = iter::repeat_with(|| drawn_attempt(dice, trouble));
    attempts.take(MOST_ATTEMPTS as usize).collect()
}

fn drawn_attempt(dice: &mut Dice, trouble: usize) -> Attempt {
    let trouble = dice.percent(trouble);
    Attempt {
        // Sooner than most time limits, or later.
        takes: dice.below(if trouble { 5 } else { 2 }) as u64,
        ends: match dice.below(5) {
            _ if !trouble => Ends::Completes,
            0 => Ends::Panics,
            1 => Ends::Completes,
            _ => Ends::Fails {
                when: dice.percent(70),
                in_doubt: dice.percent(30),
            },
        },
    }
}
