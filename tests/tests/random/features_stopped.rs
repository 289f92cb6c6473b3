//! What has to be among the cases that are ended from outside.

use crate::case::{Kind, Phase};
use crate::features::{Feature, feature};
use crate::summary::{Answer, Cause, End, Outcome};

pub(crate) const CANCELLATIONS: &[Feature] = &[
    feature("answered that it was in time", 350, |seen| {
        seen.summary.answer == Some(Answer::Requested)
    }),
    feature("answered that it was too late", 200, |seen| {
        seen.summary.answer == Some(Answer::TooLate)
    }),
    feature("before it began", 500, |seen| {
        seen.case.cancel == Some(0) && seen.caused_by(Cause::Cancelled)
    }),
    feature(
        "while an attempt was in flight that completed",
        600,
        |seen| seen.stopped() && !seen.cancelled.is_empty() && seen.summary.secondary.is_empty(),
    ),
    feature("while an attempt was in flight that failed", 200, |seen| {
        seen.stopped()
            && seen
                .summary
                .secondary
                .iter()
                .any(|step| seen.outcome(step) == Outcome::Failed)
    }),
    feature(
        "while an attempt was in flight that was in doubt",
        145,
        |seen| {
            seen.stopped()
                && seen
                    .summary
                    .secondary
                    .iter()
                    .any(|step| seen.outcome(step) == Outcome::InDoubt)
        },
    ),
    feature(
        "while the last attempt was in flight, which failed",
        150,
        |seen| {
            matches!(seen.summary.cause, Some(Cause::Step(first)) if !seen.has_attempts_left(&first)
            && seen.cancelled.iter().any(|span| span.step == first.step && span.phase == Phase::Do))
        },
    ),
    feature("between two attempts", 90, |seen| {
        seen.stopped() && seen.cancelled.iter().any(|span| span.waits)
    }),
    feature(
        "while a group was in flight, alone in giving up",
        90,
        |seen| seen.stopped() && seen.cancelled.len() > 1 && seen.summary.secondary.is_empty(),
    ),
    feature("while a group was in flight, one gave up", 75, |seen| {
        seen.stopped() && seen.cancelled.len() > 1 && !seen.summary.secondary.is_empty()
    }),
    feature(
        "after a member of a group gave up",
        100,
        |seen| matches!(seen.summary.cause, Some(Cause::Step(first)) if seen.is_in_group(first.step) && seen.cancelled.iter().any(|span| span.phase == Phase::Do)),
    ),
    feature("while the pivot completed", 400, |seen| {
        seen.cancelled
            .iter()
            .any(|span| span.phase == Phase::Do && seen.steps()[span.step].kind == Kind::Pivot)
            && !seen.stopped()
    }),
    feature("while the pivot failed", 55, |seen| {
        seen.stopped()
            && seen
                .summary
                .secondary
                .iter()
                .any(|step| seen.step(step).kind == Kind::Pivot)
    }),
    feature("while the last step completed", 500, |seen| {
        seen.ends(End::Completed)
            && seen
                .cancelled
                .iter()
                .any(|span| span.step + 1 == seen.steps().len() && !seen.is_after_pivot(span.step))
    }),
    feature("while the last group completed", 200, |seen| {
        seen.ends(End::Completed)
            && seen
                .cancelled
                .iter()
                .any(|span| seen.is_in_group(span.step) && !seen.is_after_pivot(span.step))
    }),
    feature("after the pivot", 400, |seen| {
        seen.cancelled
            .iter()
            .any(|span| seen.is_after_pivot(span.step))
    }),
    feature("after the pivot, between two attempts", 10, |seen| {
        seen.cancelled
            .iter()
            .any(|span| seen.is_after_pivot(span.step) && span.waits)
    }),
    feature("while compensating", 200, |seen| {
        seen.cancelled.iter().any(|span| span.phase == Phase::Undo)
    }),
    feature("stuck", 190, |seen| seen.stopped() && seen.ends(End::Stuck)),
    feature("the deadline before it began", 300, |seen| {
        seen.case.deadline == Some(0) && seen.caused_by(Cause::DeadlineExceeded)
    }),
    feature("the deadline while an attempt was in flight", 600, |seen| {
        seen.caused_by(Cause::DeadlineExceeded) && seen.overdue.iter().any(|span| !span.waits)
    }),
    feature("the deadline between two attempts", 40, |seen| {
        seen.caused_by(Cause::DeadlineExceeded) && seen.overdue.iter().any(|span| span.waits)
    }),
    feature("the deadline while compensating", 100, |seen| {
        seen.overdue.iter().any(|span| span.phase == Phase::Undo)
    }),
    feature(
        "cancelled after the deadline, before anybody looked",
        35,
        |seen| {
            seen.caused_by(Cause::Cancelled)
                && seen.case.deadline < seen.case.cancel
                && seen.case.deadline.is_some()
        },
    ),
    feature("the deadline, and cancelled after it", 200, |seen| {
        seen.caused_by(Cause::DeadlineExceeded) && seen.case.cancel.is_some()
    }),
];
