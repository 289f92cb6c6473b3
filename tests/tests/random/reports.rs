//! What reports say of the sagas that steps ran.

use saga_core::Report;
use saga_core::report::{FailureKind, FailureReport, NestedReport, StepReport};
use saga_tests::json::Schema;

use crate::case::Phase;
use crate::machine::{Outputs, StepOutput};
use crate::summary::{Called, Cause, End, Failure, GaveUp, Nested, OfRun, Outcome, Undo};

/// Something is left for an operator exactly if the saga is stuck, and each call to look up was made.
pub(crate) fn check_what_is_left(report: &Report, calls: &[Called]) {
    let left = &report.left_for_a_person;
    let is_stuck = report.end == saga_core::End::Stuck;
    assert_eq!(is_stuck, !left.is_empty(), "{report}");
    let mut keys = left.iter().filter_map(|left| left.idempotency_key.as_ref());
    let was_called = |key: &String| calls.iter().any(|call| call.key == *key);
    assert!(keys.all(was_called), "{report}");
}

thread_local! {
    static SCHEMA: Schema = Schema::read();
}

/// The JSON fits the schema and reads back as the same report. Only checked for some reports, because it is slow.
pub(crate) fn check_json(report: &Report, calls: &[Called]) {
    let deep = |called: &Called| called.within.len() > 1;
    if calls.len().is_multiple_of(4) && calls.iter().any(deep) {
        SCHEMA.with(|schema| schema.round_trip(report));
    }
}

/// Everything that began has a time.
pub(crate) fn check_times(steps: &[StepReport]) {
    for step in steps {
        let begun = step.outcome != saga_core::report::Outcome::NotRun;
        assert_eq!(begun, step.started_at_unix_ms.is_some(), "{step:?}");
        if let Some(undo) = &step.compensation {
            let begun = undo.undo != saga_core::report::Undo::NotDue;
            assert_eq!(begun, undo.started_at_unix_ms.is_some(), "{step:?}");
        }
        if let Some(nested) = &step.nested {
            check_times(&nested.steps);
        }
    }
}

/// By the report of a run that did not complete.
pub(crate) fn of_steps(steps: &[StepReport]) -> Vec<Option<Nested>> {
    let nested = steps.iter().map(|step| step.nested.as_deref());
    nested.map(|nested| of_report(nested?)).collect()
}

/// None if it was not begun.
fn of_report(nested: &NestedReport) -> Option<Nested> {
    let Some(id) = nested.id.clone() else {
        let untouched =
            |step: &StepReport| step_of_run(step) == (Outcome::NotRun, Undo::NotDue, None);
        assert!(nested.steps.iter().all(untouched), "{nested:?}");
        return None;
    };
    let cause = nested.failure.as_ref();
    let secondary = nested.also_failed.iter();
    Some(Nested {
        id,
        end: nested.end.map_or(End::Completed, end),
        undo: undo(nested.undo),
        cause: cause.map(|failure| match failure.kind {
            FailureKind::Cancelled => Cause::Cancelled,
            FailureKind::DeadlineExceeded => Cause::DeadlineExceeded,
            _ => Cause::Step(gave_up(failure, &nested.steps)),
        }),
        secondary: secondary
            .map(|failure| gave_up(failure, &nested.steps))
            .collect(),
        steps: nested.steps.iter().map(step_of_run).collect(),
        runs: of_steps(&nested.steps),
    })
}

/// How a step and its compensation went.
fn step_of_run(step: &StepReport) -> OfRun {
    let outcome = outcome(step.outcome);
    if let Some(nested) = &step.nested {
        let in_doubt = |step: &StepReport| matches!(step_of_run(step).2, Some((_, true)));
        let undone = undo(nested.undo);
        let not_undone = (undone == Undo::GaveUp).then(|| (1, nested.steps.iter().any(in_doubt)));
        return (outcome, undone, not_undone);
    }
    let Some(compensation) = &step.compensation else {
        return (outcome, Undo::NotDue, None);
    };
    let failure = compensation.failure.as_ref();
    let not_undone = failure.map(|failure| (failure.attempts, failure.in_doubt));
    (outcome, undo(compensation.undo), not_undone)
}

/// A step that gave up.
fn gave_up(failure: &FailureReport, steps: &[StepReport]) -> GaveUp {
    let number_of = failure.step.expect("a step") as usize;
    let message = failure.message.as_str();
    let is_nested = steps[number_of - 1].nested.is_some();
    GaveUp {
        step: number_of - 1,
        phase: Phase::Do,
        failure: match failure.kind {
            FailureKind::Error if is_nested => Failure::Run,
            FailureKind::Error => Failure::Error(number(message)),
            FailureKind::TimedOut => Failure::TimedOut,
            FailureKind::Panicked => Failure::Panicked(number(
                message.strip_prefix("panicked: ").unwrap_or(message),
            )),
            other => panic!("{other:?}"),
        },
        attempts: failure.attempts,
        in_doubt: failure.in_doubt,
    }
}

/// By the outputs of a run that completed: there is no report of it.
pub(crate) fn of_outputs(Outputs(outputs): &Outputs) -> Vec<Option<Nested>> {
    let nested = outputs.iter().map(|output| match output {
        Some(Some(StepOutput::Run(outputs))) => Some(Nested {
            id: String::new(),
            end: End::Completed,
            undo: Undo::NotDue,
            cause: None,
            secondary: Vec::new(),
            steps: outcomes(outputs)
                .into_iter()
                .map(|outcome| (outcome, Undo::NotDue, None))
                .collect(),
            runs: of_outputs(outputs),
        }),
        _ => None,
    });
    nested.collect()
}

pub(crate) fn outcomes(Outputs(outputs): &Outputs) -> Vec<Outcome> {
    let outcomes = outputs.iter().map(|output| match output {
        None => Outcome::NotRun,
        Some(None) => Outcome::Skipped,
        Some(Some(_)) => Outcome::Completed,
    });
    outcomes.collect()
}

pub(crate) fn number(text: &str) -> u32 {
    // Of a panic in a condition the message says where it was.
    let number = text
        .strip_prefix("in the condition `asks`: ")
        .unwrap_or(text)
        .parse();
    number.unwrap_or_else(|_| panic!("the number of an attempt: {text}"))
}

pub(crate) fn end(end: saga_core::End) -> End {
    match end {
        saga_core::End::Compensated => End::Compensated,
        saga_core::End::Stuck => End::Stuck,
        other => panic!("{other}"),
    }
}

pub(crate) fn outcome(outcome: saga_core::report::Outcome) -> Outcome {
    match outcome {
        saga_core::report::Outcome::NotRun => Outcome::NotRun,
        saga_core::report::Outcome::Completed => Outcome::Completed,
        saga_core::report::Outcome::Skipped => Outcome::Skipped,
        saga_core::report::Outcome::Failed => Outcome::Failed,
        saga_core::report::Outcome::InDoubt => Outcome::InDoubt,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn undo(undo: saga_core::report::Undo) -> Undo {
    match undo {
        saga_core::report::Undo::NotDue => Undo::NotDue,
        saga_core::report::Undo::Done => Undo::Done,
        saga_core::report::Undo::GaveUp => Undo::GaveUp,
        other => panic!("{other:?}"),
    }
}
