//! What is left for an operator: sentences that say what to do, in the order in which to do it.
//!
//! Knows the outcomes of the steps, and decides nothing about them.

use crate::definition::{Kind, Phase};
use crate::outcome::{Outcome, Undo};
use crate::report::build::{NumberedStep, RunShown};
use crate::report::data::{LeftOver, NestedReport};

impl RunShown<'_> {
    /// What an operator must do about one step.
    pub(super) fn left_over(
        &self,
        at: &NumberedStep<'_>,
        nested: Option<&NestedReport>,
        left_of_it: Vec<LeftOver>,
    ) -> Vec<LeftOver> {
        let &NumberedStep { number, record, .. } = at;
        let step = record.step;
        let left_of_it = left_of_it.into_iter().map(|left| LeftOver {
            step: number,
            name: format!("{}/{}", step.name, left.name),
            ..left
        });
        let its_end = nested.filter(|nested| nested.end.is_some() || nested.undo == Undo::GaveUp);
        let own = match its_end {
            Some(nested) if nested.undo_failure.is_some() => Some((
                format!(
                    "undo the saga {} ({}) of step {} `{}` by hand, all of it: none of its compensations was \
                     called",
                    nested.saga,
                    nested.id.as_deref().unwrap_or_default(),
                    self.number(at),
                    step.name
                ),
                None,
            )),
            // The items of its steps come first, then what follows from them.
            Some(nested) if record.outcome != Outcome::Failed => self
                .once_settled(at, &nested.saga)
                .map(|to_do| (to_do, None)),
            _ => self.to_do(at),
        };
        let own = own.map(|(to_do, looked_up)| LeftOver {
            step: number,
            name: step.name.to_owned(),
            to_do,
            idempotency_key: looked_up.map(|phase| self.key(step, phase)),
        });
        left_of_it.chain(own).collect()
    }

    /// What must be done once an operator has settled the saga that a step runs.
    fn once_settled(&self, at: &NumberedStep<'_>, saga: &str) -> Option<String> {
        let name = at.record.step.name;
        let number = self.number(at);
        let then = match at.record.step.kind {
            _ if at.record.outcome != Outcome::InDoubt => return None,
            _ if self.past_the_pivot => {
                format!("if that left it undone, run step {number} `{name}`")
            }
            Kind::Pivot => "if that completed it, run the steps after it; if not, undo those \
                            before it"
                .to_owned(),
            Kind::Last => "if that left it undone, undo the steps before it".to_owned(),
            _ => return None,
        };
        Some(format!(
            "then see how the saga {saga} of step {number} `{name}` came out: {then}"
        ))
    }

    /// What must be done, and whether it begins with looking up the step or its undo.
    fn to_do(&self, at: &NumberedStep<'_>) -> Option<(String, Option<Phase>)> {
        use Kind::{Compensatable, Last, Pivot};
        let record = at.record;
        let (name, number) = (record.step.name, self.number(at));
        let key = |phase| format!("(idempotency key {})", self.key(record.step, phase));
        let find_out = || {
            let key = key(Phase::Step);
            format!("find out whether step {number} `{name}` took effect {key}")
        };
        let failures = self.compensation_failures;
        let failure = failures.iter().find(|failure| failure.is_of(record.step));
        let undo = record.step.compensation.as_ref();
        let undo = undo.map_or("", |compensation| compensation.method);
        // An undo that timed out may have taken effect: undoing the step again by hand would be an error.
        if failure.is_some_and(|failure| failure.in_doubt) {
            let whether = format!(
                "find out whether {undo} undid step {number} `{name}` {}",
                key(Phase::Compensation)
            );
            let effect = key(Phase::Step);
            let to_do = if record.outcome == Outcome::InDoubt {
                format!("{whether}, and if not whether it took effect {effect}, and undo it if so")
            } else {
                format!("{whether}, and if not, undo it by hand {effect}")
            };
            return Some((to_do, Some(Phase::Compensation)));
        }
        let has_effect = record.outcome == Outcome::InDoubt || record.undo == Undo::GaveUp;
        let looked_up = has_effect.then_some(Phase::Step);
        let to_do = match (record.outcome, record.undo, record.step.kind) {
            (Outcome::Completed, Undo::GaveUp, _) => {
                let key = key(Phase::Step);
                format!("undo step {number} `{name}` {key} by hand: {undo} gave up")
            }
            (Outcome::InDoubt, Undo::GaveUp, _) => {
                format!("{}, and undo it if so: {undo} gave up", find_out())
            }
            (Outcome::InDoubt, Undo::NotDue, _) if self.past_the_pivot => {
                format!("{}, and run it if not", find_out())
            }
            (Outcome::InDoubt, Undo::NotDue, Compensatable) => {
                format!("{}, and undo it if so", find_out())
            }
            (Outcome::InDoubt, Undo::NotDue, Pivot) => format!(
                "{}: if so, run the steps after it; if not, undo those before it",
                find_out()
            ),
            (Outcome::InDoubt, Undo::NotDue, Last) => format!(
                "{}: if so the saga is complete, if not undo the steps before it",
                find_out()
            ),
            (Outcome::Failed, ..) if self.past_the_pivot => {
                format!("run step {number} `{name}`: the saga is past its pivot and cannot go back")
            }
            (Outcome::NotRun, ..) if self.past_the_pivot => {
                format!("run step {number} `{name}`, which had not begun")
            }
            _ => return None,
        };
        Some((to_do, looked_up))
    }
}
