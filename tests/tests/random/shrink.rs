//! The simpler cases that a failing case shrinks to.

use proptest::strategy::ValueTree;

use crate::case::{Attempt, Case, Condition, Ends, Phase, Policy, Script, Shape, Step, Takes};
use crate::generate::spans_before_waits;
use crate::model::Span;
use crate::shapes::SHAPES;

/// Replaces a failing case by the first simpler one that fails too, until there is none.
#[derive(Debug)]
pub(crate) struct Shrinking {
    failing: Case,
    tried: Case,
    simpler: std::vec::IntoIter<Case>,
}

impl From<Case> for Shrinking {
    fn from(case: Case) -> Self {
        Self {
            failing: case.clone(),
            tried: case,
            simpler: Vec::new().into_iter(),
        }
    }
}

impl ValueTree for Shrinking {
    type Value = Case;

    fn current(&self) -> Case {
        self.tried.clone()
    }

    fn simplify(&mut self) -> bool {
        self.failing = self.tried.clone();
        self.simpler = simpler(&self.failing).into_iter();
        self.complicate()
    }

    fn complicate(&mut self) -> bool {
        let next = self.simpler.next();
        let found = next.is_some();
        self.tried = next.unwrap_or_else(|| self.failing.clone());
        found
    }
}

/// What is like this case but for one thing that is simpler.
fn simpler(case: &Case) -> Vec<Case> {
    let mut all: Vec<_> = SHAPES
        .iter()
        .filter_map(|shape| within(case, shape))
        .collect();
    all.sort_by_key(|case| weight(&case.shape));
    let mut add = |change: &dyn Fn(&mut Case)| {
        let mut simpler = case.clone();
        change(&mut simpler);
        if simpler != *case {
            all.push(simpler);
        }
    };
    add(&|case| case.cancel = None);
    add(&|case| case.deadline = None);
    add_simpler_scripts(case, &mut add);
    add(&|case| case.cancel = case.cancel.and(Some(0)));
    add(&|case| case.deadline = case.deadline.and(Some(0)));
    for Span { from, .. } in spans_before_waits(case) {
        add(&|case| case.cancel = case.cancel.map(|cancel| cancel.min(from + 1)));
        add(&|case| case.deadline = case.deadline.map(|deadline| deadline.min(from + 2)));
    }
    all
}

/// Adds what one change makes of a case.
type Add<'a> = dyn FnMut(&dyn Fn(&mut Case)) + 'a;

/// Of the run itself, and of those in it.
fn add_simpler_scripts(case: &Case, add: &mut Add<'_>) {
    for index in 0..case.scripts.len() {
        add(&|case| case.scripts[index] = Script::COMPLETES);
        add(&|case| case.scripts[index].condition = Condition::Yes);
        add(&|case| case.scripts[index].attempts.clear());
        add(&|case| case.scripts[index].undo.clear());
        add(&|case| case.scripts[index].policy = None);
        add(&|case| case.scripts[index].undo_policy = None);
        for policy in simpler_policies(case.scripts[index].policy) {
            add(&|case| case.scripts[index].policy = Some(policy));
        }
        for policy in simpler_policies(case.scripts[index].undo_policy) {
            add(&|case| case.scripts[index].undo_policy = Some(policy));
        }
        for attempts in simpler_attempts(&case.scripts[index].attempts) {
            add(&|case| case.scripts[index].attempts.clone_from(&attempts));
        }
        for attempts in simpler_attempts(&case.scripts[index].undo) {
            add(&|case| case.scripts[index].undo.clone_from(&attempts));
        }
        for (at, run) in case.scripts[index].runs.iter().enumerate() {
            add_simpler_scripts(run, &mut |change| {
                add(&|case| change(&mut case.scripts[index].runs[at]));
            });
        }
        add(&|case| {
            case.scripts[index].runs.pop();
        });
    }
}

/// The case without some of its steps, or with simpler ones, if that leaves this shape.
fn within(case: &Case, shape: &Shape) -> Option<Case> {
    if weight(shape) >= weight(&case.shape) {
        return None;
    }
    let mut kept = 0..case.scripts.len();
    // What it has besides can go.
    let alike = |step: &Step, simpler: &Step| {
        (step.kind, step.undo, step.runs) == (simpler.kind, simpler.undo, simpler.runs)
            && step.conditional >= simpler.conditional
            && step.at_most_once >= simpler.at_most_once
    };
    let scripts = shape.steps().iter().map(|step| {
        let from = kept.find(|from| alike(&case.shape.steps()[*from], step))?;
        // What it had by its definition it has by the run's options, if that is another now.
        let policy = |phase, declared: Policy| {
            let policy = case.policy(from, phase);
            (policy != declared).then_some(policy)
        };
        let has_undo = step.undo != Takes::Nothing;
        Some(Script {
            policy: policy(Phase::Do, step.policy),
            undo_policy: policy(Phase::Undo, step.undo_policy).filter(|_| has_undo),
            ..case.scripts[from].clone()
        })
    });
    let scripts: Option<Vec<_>> = scripts.collect();
    Some(Case {
        shape: *shape,
        scripts: scripts?,
        ..case.clone()
    })
}

/// How far a case is from the simplest one.
fn weight(shape: &Shape) -> (usize, u64) {
    let of_policy =
        |policy: &Policy| u64::from(policy.attempts + u32::from(policy.waits)) + policy.limit;
    let of_step = |step: &Step| {
        let marks = [step.joins, step.conditional, step.at_most_once];
        marks.map(u64::from).iter().sum::<u64>()
            + of_policy(&step.policy)
            + of_policy(&step.undo_policy)
    };
    let steps = shape.steps();
    (steps.len(), steps.iter().map(of_step).sum())
}

fn simpler_policies(policy: Option<Policy>) -> Vec<Policy> {
    let Some(policy) = policy else {
        return Vec::new();
    };
    let all = [
        Policy {
            waits: false,
            ..policy
        },
        Policy { limit: 0, ..policy },
        Policy {
            attempts: 1.max(policy.attempts - 1),
            ..policy
        },
    ];
    all.into_iter()
        .filter(|simpler| *simpler != policy)
        .collect()
}

fn simpler_attempts(attempts: &[Attempt]) -> Vec<Vec<Attempt>> {
    let mut all = Vec::new();
    if let Some((_, fewer)) = attempts.split_last() {
        all.push(fewer.to_vec());
    }
    for (index, attempt) in attempts.iter().enumerate() {
        let Attempt { takes, ends } = *attempt;
        let simpler_ends = match ends {
            Ends::Completes => Vec::new(),
            Ends::Fails {
                when: false,
                in_doubt: false,
            } => vec![Ends::Completes],
            Ends::Fails { when, in_doubt } => vec![
                Ends::Completes,
                Ends::Fails {
                    when: false,
                    in_doubt,
                },
                Ends::Fails {
                    when,
                    in_doubt: false,
                },
            ],
            Ends::Panics => vec![
                Ends::Completes,
                Ends::Fails {
                    when: false,
                    in_doubt: false,
                },
            ],
        };
        let mut change = |attempt| {
            let mut changed = attempts.to_vec();
            changed[index] = attempt;
            if changed != attempts {
                all.push(changed);
            }
        };
        for takes in [0, takes.saturating_sub(1)] {
            change(Attempt { takes, ends });
        }
        for ends in simpler_ends {
            change(Attempt { takes, ends });
        }
    }
    all
}
