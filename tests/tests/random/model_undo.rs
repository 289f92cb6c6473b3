//! The roll-back of a run in the model.

use crate::case::{Kind, Phase, Takes};
use crate::model::Run;
use crate::summary::{Because, Call, Cause, Failure, GaveUp, Given, Outcome, Undo};

impl Run<'_> {
    /// After the steps before `end` have ended, one of them without an output.
    pub(super) async fn roll_back(&mut self, end: usize) {
        let shape = self.case.shape;
        let declared = shape.steps();
        let no_way_back = |index: usize| match declared[index].kind {
            Kind::Pivot => declared[index].undo == Takes::Nothing,
            Kind::Last => true,
            _ => false,
        };
        let in_doubt = |index: &usize| self.steps[*index].outcome == Outcome::InDoubt;
        let mut in_doubt = (0..end).filter(in_doubt);
        if shape.is_after_pivot(end - 1) || in_doubt.any(no_way_back) {
            self.stuck = true;
            return;
        }
        let because = match self.cause {
            Some(Cause::Step(gave_up)) => Because::Step {
                depth: shape.depth,
                step: gave_up.step,
                failure: gave_up.failure,
            },
            Some(Cause::Cancelled) => Because::Cancelled,
            Some(Cause::DeadlineExceeded) | None => Because::DeadlineExceeded,
        };
        for index in (0..end).rev() {
            let (step, declared) = (&self.steps[index], &declared[index]);
            let is_nested = declared.runs.is_some();
            match (step.outcome, declared.undo) {
                (Outcome::InDoubt, _) if is_nested => self.stuck = true,
                (Outcome::InDoubt, Takes::Attempt) => {
                    self.compensate(index, Given::InDoubt, because).await;
                }
                (Outcome::InDoubt, Takes::Output) => self.stuck = true,
                (Outcome::Completed, _) => self.undo_completed(index, because).await,
                _ => {}
            }
        }
    }

    /// A step that completed, if anything undoes it.
    pub(super) async fn undo_completed(&mut self, index: usize, because: Because) {
        let step = &self.case.shape.steps()[index];
        if step.runs.is_some() && step.kind == Kind::Compensatable {
            Box::pin(self.undo_run(index, because)).await;
        } else if step.undo != Takes::Nothing && step.kind != Kind::Pivot {
            let given = Given::OutputOf(self.steps[index].attempt);
            self.compensate(index, given, because).await;
        }
    }

    /// The whole run that a step was, last step first.
    pub(super) async fn undo_run(&mut self, index: usize, because: Because) {
        let step = &mut self.steps[index];
        let run = step.run.as_mut().expect("a run that completed");
        for index in (0..run.steps.len()).rev() {
            if run.steps[index].outcome == Outcome::Completed {
                run.undo_completed(index, because).await;
            }
        }
        if run.compensations.is_empty() {
            (run.undo, step.undo) = (Undo::Done, Undo::Done);
            return;
        }
        (run.undo, step.undo) = (Undo::GaveUp, Undo::GaveUp);
        let in_doubt = run.compensations.iter().any(|gave_up| gave_up.in_doubt);
        self.not_undone(index, Failure::Run, 1, in_doubt);
    }

    pub(super) async fn compensate(&mut self, index: usize, given: Given, because: Because) {
        let policy = self.case.policy(index, Phase::Undo);
        let mut in_doubt = false;
        for attempt in 1.. {
            let call = Call::Undo(index, attempt, given, because);
            self.called(call, index, Phase::Undo);
            let undone = self.of_its_own(index, Phase::Undo, attempt).await;
            let Err(failed) = undone else {
                self.steps[index].undo = Undo::Done;
                return;
            };
            in_doubt |= failed.in_doubt;
            if !failed.when || attempt == policy.attempts {
                self.not_undone(index, failed.failure, attempt, in_doubt);
                return;
            }
            self.wait(index, Phase::Undo, policy, None, || false).await;
        }
    }

    pub(super) fn not_undone(
        &mut self,
        index: usize,
        failure: Failure,
        attempts: u32,
        in_doubt: bool,
    ) {
        let step = &mut self.steps[index];
        step.undo = Undo::GaveUp;
        step.not_undone = Some((attempts, in_doubt));
        self.compensations.push(GaveUp {
            step: index,
            phase: Phase::Undo,
            failure,
            attempts,
            in_doubt,
        });
    }
}
