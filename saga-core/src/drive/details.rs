//! What is kept of a run that did not complete, and its report.

use core::time::Duration;

use crate::definition::{Definition, Source, Step};
use crate::drive::nested::CompletedRun;
use crate::drive::verdict::Verdict;
use crate::machine::{Rollback, Saga, Slots, StepError};
use crate::observe::{EventKind, Reason};
use crate::outcome::{
    Cancellation, End, Failure, FailureKind, GaveUp, Outcome, StepRecord, Undo, Value,
};
use crate::report::{
    Also, Around, FailureReport, LeftOver, NestedReport, NestedRun, Report, RunShown, Summary,
    Values, located, numbered, whole_us,
};
use crate::run::Run;

/// All that is kept of a run that did not complete.
pub(crate) struct Details<S: Saga> {
    pub(crate) run: Run,
    pub(crate) verdict: Verdict,
    pub(crate) gave_up: GaveUp<S::Error>,
    pub(crate) others: Vec<GaveUp<S::Error>>,
    pub(crate) rollback: Rollback,
    pub(crate) slots: S::Slots,
    /// For a run that is read from its records, the report that was made when it ended.
    #[cfg(feature = "durable")]
    pub(crate) recorded: Option<Box<Report>>,
}

impl<S: Saga> Details<S> {
    /// The details before anything is undone.
    #[inline]
    pub(crate) fn new(
        gave_up: GaveUp<S::Error>,
        at: usize,
        others: Vec<GaveUp<S::Error>>,
        slots: S::Slots,
    ) -> Self {
        let (verdict, rollback) = Verdict::of(S::DEFINITION, at, &gave_up, &others);
        Self {
            // The executor still has the run: it is put here at the end.
            run: Run::random(),
            verdict,
            gave_up,
            others,
            rollback,
            slots,
            #[cfg(feature = "durable")]
            recorded: None,
        }
    }
}

impl<S: Saga> Details<S> {
    pub(crate) fn end(&self) -> End {
        if self.verdict.stuck || !self.rollback.failures().is_empty() {
            End::Stuck
        } else {
            End::Compensated
        }
    }

    /// The outcome of each step, in order of the definition.
    pub(crate) fn steps(&self) -> impl Iterator<Item = StepRecord> + '_ {
        let gave_up = |step: &'static Step| {
            let all = core::iter::once(&self.gave_up).chain(&self.others);
            let is_it = |other: &Step| other.index == step.index;
            let mut its = all.filter(move |gave_up| gave_up.failure.step().is_some_and(is_it));
            its.next().map(|gave_up| gave_up.in_doubt)
        };
        let reached = |step| reached::<S>(&self.slots, step, None);
        let failures = self.rollback.failures();
        let verdict = &self.verdict;
        verdict.records(S::DEFINITION, gave_up, reached, failures)
    }

    /// Passes the event of its end to `notify`.
    pub(crate) fn report_end(&self, took: Duration, notify: impl FnOnce(EventKind<'_>)) {
        let failure = &self.gave_up.failure;
        let (kind, _) = kind_of(failure);
        notify(EventKind::SagaEnded {
            outcome: self.end().into(),
            step: failure.step(),
            cancellation: failure.cancellation(),
            reason: Some(Reason::new(kind, &|| failure.text())),
            compensation_failures: self.rollback.failures(),
            took,
        });
    }
}

/// The report of this run.
pub(crate) fn report_of<S: Saga>(details: &Details<S>) -> Report {
    let (nested, left_for_a_person) = report_of_failed(details, Around::NOTHING);
    let mut report = Report {
        schema_version: Report::SCHEMA_VERSION,
        saga: nested.saga,
        id: details.run.id().to_string(),
        location: nested.location,
        end: details.end(),
        started_at_unix_ms: None,
        ended_at_unix_ms: None,
        failure: failure_of(S::DEFINITION, &details.gave_up),
        also_failed: nested.also_failed,
        steps: nested.steps,
        left_for_a_person,
    };
    let calls = details.run.times();
    let ends = calls
        .iter()
        .filter_map(|call| call.started_at.checked_add(call.took));
    if let (Some(first), Some(last)) = (calls.first(), ends.max()) {
        report.set_times(first.started_at, last);
    }
    report
}

/// The report of a run that did not complete, as a step of another saga, and what is left for an operator.
pub(crate) fn report_of_failed<S: Saga>(
    details: &Details<S>,
    around: Around<'_>,
) -> (NestedReport, Vec<LeftOver>) {
    let definition = S::DEFINITION;
    let gave_up = core::iter::once(&details.gave_up).chain(&details.others);
    let failed: Vec<_> = gave_up
        .filter_map(|gave_up| Some((gave_up.failure.step()?, gave_up.attempts)))
        .collect();
    let shown = RunShown {
        definition,
        id: &details.run.id(),
        run: Some(&details.run),
        around,
        past_the_pivot: details.verdict.past_the_pivot,
        failed: &failed,
        steps: details.steps().collect(),
        compensation_failures: details.rollback.failures(),
        values: details,
    };
    let others = details.others.iter();
    let others = others.map(|gave_up| failure_of(definition, gave_up));
    let (report, left) = shown.report(&details.run.times());
    let report = NestedReport {
        end: Some(details.end()),
        failure: Some(failure_of(definition, &details.gave_up)),
        also_failed: others.collect(),
        ..report
    };
    (report, left)
}

/// The same for a run that completed, and may have been undone since.
pub(crate) fn report_of_completed<S: Saga>(
    completed: &CompletedRun<'_, S>,
    around: Around<'_>,
) -> (NestedReport, Vec<LeftOver>) {
    let (definition, ran) = (S::DEFINITION, completed.ran);
    let undone = ran.undone.as_ref();
    let failures = undone.map_or(&[][..], Rollback::failures);
    let verdict = Verdict::whole(undone.is_some());
    let records = verdict.records(
        definition,
        |_| None,
        |step| reached::<S>(&ran.slots, step, completed.output),
        failures,
    );
    let shown = RunShown {
        definition,
        id: &ran.run.id(),
        run: Some(&ran.run),
        around,
        past_the_pivot: false,
        failed: &[],
        steps: records.collect(),
        compensation_failures: failures,
        values: completed,
    };
    let (report, left) = shown.report(&ran.run.times());
    let undo = match undone {
        None => Undo::NotDue,
        Some(_) if failures.is_empty() => Undo::Done,
        Some(_) => Undo::GaveUp,
    };
    (NestedReport { undo, ..report }, left)
}

/// The outcome of a step according to the slots.
pub(crate) fn reached<S: Saga>(
    slots: &S::Slots,
    step: usize,
    output: Option<&S::Output>,
) -> Outcome {
    match slots.value(Source::Output(step), None, output) {
        Value::Missing => Outcome::NotRun,
        Value::Skipped => Outcome::Skipped,
        Value::Moved | Value::Opaque | Value::Shown(_) => Outcome::Completed,
    }
}

/// Why a step gave up, or that the run was ended from outside.
fn failure_of<E: StepError>(definition: &'static Definition, gave_up: &GaveUp<E>) -> FailureReport {
    let step = gave_up.failure.step();
    let (kind, limit_us) = kind_of(&gave_up.failure);
    let text = gave_up.failure.text();
    FailureReport {
        step: step.map(|step| numbered(step.index)),
        name: step.map(|step| step.name.to_owned()),
        location: located(step.map_or(definition.location, |step| step.location)),
        kind,
        limit_us,
        message: text.message,
        chain: text.chain,
        attempts: gave_up.attempts,
        prevented_by: gave_up.prevented_by,
        in_doubt: gave_up.in_doubt,
        in_doubt_since: gave_up.doubt.map(|doubt| doubt.attempt),
        in_doubt_by_interruption: gave_up.doubt.is_some_and(|doubt| doubt.is_interrupted),
    }
}

/// The first line of the report. No value is rendered for it.
pub(crate) fn summary_of<S: Saga>(details: &Details<S>) -> String {
    let failures = details.rollback.failures().iter();
    let summary = Summary {
        saga: S::DEFINITION.name,
        id: &details.run.id(),
        end: details.end(),
        step: details.gave_up.step().map(|step| step.name),
        in_doubt: details.gave_up.in_doubt,
        attempts: details.gave_up.attempts,
        message: &details.gave_up.failure.text().message,
        also_failed: details
            .others
            .iter()
            .filter_map(|gave_up| {
                Some(Also {
                    step: gave_up.step()?.name,
                    in_doubt: gave_up.in_doubt,
                    attempts: gave_up.attempts,
                    message: gave_up.failure.text().message.into(),
                })
            })
            .collect(),
        not_undone: failures
            .map(|failure| (failure.step.name, failure.in_doubt))
            .collect(),
    };
    summary.to_string()
}

/// The kind of the failure, and for a timeout the limit in microseconds.
pub(crate) fn kind_of(error: &impl StepError) -> (FailureKind, Option<u64>) {
    match (error.failure(), error.cancellation()) {
        (Some(Failure::TimedOut(limit)), _) => (FailureKind::TimedOut, Some(whole_us(limit))),
        (Some(failure), _) => (failure.kind(), None),
        (None, Some(Cancellation::DeadlineExceeded)) => (FailureKind::DeadlineExceeded, None),
        (None, _) => (FailureKind::Cancelled, None),
    }
}

impl<S: Saga> Details<S> {
    /// The failure of this step, if it gave up.
    fn gave_up(&self, step: usize) -> Option<&GaveUp<S::Error>> {
        let mut gave_up = core::iter::once(&self.gave_up).chain(&self.others);
        gave_up.find(|gave_up| {
            let failed = gave_up.failure.step();
            failed.is_some_and(|failed| failed.index == step)
        })
    }
}

impl<S: Saga> Values for Details<S> {
    fn value(&self, source: Source, part: Option<usize>) -> Value<'_> {
        self.slots.value(source, part, None)
    }

    fn nested(&self, step: usize) -> Option<Box<dyn NestedRun + '_>> {
        match self.gave_up(step) {
            Some(gave_up) => gave_up.failure.nested(),
            None => self.slots.nested(step, None),
        }
    }

    fn failed_before(&self, step: usize) -> bool {
        let gave_up = self.gave_up(step);
        gave_up.is_some_and(|gave_up| kind_of(&gave_up.failure).0 == FailureKind::Recorded)
    }
}

impl<S: Saga> Values for CompletedRun<'_, S> {
    fn value(&self, source: Source, part: Option<usize>) -> Value<'_> {
        self.ran.slots.value(source, part, self.output)
    }

    fn nested(&self, step: usize) -> Option<Box<dyn NestedRun + '_>> {
        self.ran.slots.nested(step, self.output)
    }

    fn failed_before(&self, _: usize) -> bool {
        false
    }
}
