//! From the values of a run to the data of its report.
//!
//! Rendering runs the user's `Debug` and `Display`, so each is guarded: one that panics costs its own
//! place only.

use crate::cancellation::Cancellation;
use crate::definition::{Compensation, Definition, Kind, Location, Parameter, Phase, Source, Step};
use crate::error::{Details, SagaError};
use crate::executor::GaveUp;
use crate::failure::Failure;
use crate::id::SagaId;
use crate::panics;
use crate::record::{CompensationFailure, End, Outcome, StepRecord, Undo};
use crate::report::data::{
    Argument, CodeLocation, CompensationReport, FailureKind, FailureReport, LeftOver, Report,
    StepKind, StepReport, UndoFailure, whole_us,
};
use crate::report::text::{Also, Summary, one_line};
use crate::run::Timed;
use crate::saga::{Saga, Slots, StepError, Value};

/// What stands in place of a value that is marked as sensitive.
const HIDDEN: &str = "***";

/// The report of this run.
pub(crate) fn report_of<S: Saga>(error: &SagaError<S>, details: &Details<S>) -> Report {
    let definition = S::DEFINITION;
    let gave_up = core::iter::once(&details.gave_up).chain(&details.others);
    let failed: Vec<_> = gave_up
        .filter_map(|gave_up| Some((gave_up.failure.step()?, gave_up.attempts)))
        .collect();
    let ended = Ended {
        definition,
        id: &error.saga_id(),
        end: error.end(),
        past_the_pivot: details.verdict.past_the_pivot,
        failed: &failed,
        steps: error.steps().collect(),
        compensation_failures: error.compensation_failures(),
        values: details,
    };
    let others = details.others.iter();
    let others = others.map(|gave_up| failure_of(definition, gave_up));
    let first = failure_of(definition, &details.gave_up);
    let mut report = ended.report(first, others.collect());
    set_times(&mut report, definition, &details.run.times());
    report
}

/// Why a step gave up, or that the run was cancelled.
fn failure_of<E: StepError>(definition: &'static Definition, gave_up: &GaveUp<E>) -> FailureReport {
    let step = gave_up.failure.step();
    let (kind, limit_us) = kind_of(&gave_up.failure);
    let text = gave_up.failure.text();
    let index = step.and_then(|step| definition.index_of(step));
    FailureReport {
        step: index.map(numbered),
        name: step.map(|step| step.name.to_owned()),
        location: located(step.map_or(definition.location, |step| step.location)),
        kind,
        limit_us,
        message: text.message,
        chain: text.chain,
        attempts: gave_up.attempts,
        in_doubt: gave_up.in_doubt,
    }
}

/// The number of the step at this position.
fn numbered(index: usize) -> u32 {
    u32::try_from(index).map_or(u32::MAX, |index| index.saturating_add(1))
}

/// Puts in when the calls of the run were made.
fn set_times(report: &mut Report, definition: &'static Definition, calls: &[Timed]) {
    for &Timed {
        step,
        phase,
        started_at,
        took,
        ..
    } in calls
    {
        let index = definition.index_of(step);
        let Some(report) = index.and_then(|index| report.steps.get_mut(index)) else {
            continue;
        };
        match (phase, &mut report.compensation) {
            (Phase::Step, _) => report.set_times(started_at, took),
            (Phase::Compensation, Some(undo)) => undo.set_times(started_at, took),
            (Phase::Compensation, None) => {}
        }
    }
    let ends = calls
        .iter()
        .filter_map(|call| call.started_at.checked_add(call.took));
    if let (Some(first), Some(last)) = (calls.first(), ends.max()) {
        report.set_times(first.started_at, last);
    }
}

/// The first line of the report, without the rest: no value is rendered for it.
pub(crate) fn summary_of<S: Saga>(error: &SagaError<S>) -> String {
    let failures = error.compensation_failures().iter();
    let summary = Summary {
        saga: S::DEFINITION.name,
        id: &error.saga_id(),
        end: error.end(),
        step: error.step().map(|step| step.name),
        in_doubt: error.in_doubt(),
        attempts: error.attempts(),
        message: &error.error().text().message,
        also_failed: error
            .also_failed()
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

/// What kind of failure it is, and the time limit that was exceeded.
pub(crate) fn kind_of(error: &impl StepError) -> (FailureKind, Option<u64>) {
    match (error.failure(), error.cancellation()) {
        (Some(Failure::TimedOut(limit)), _) => (FailureKind::TimedOut, Some(whole_us(limit))),
        (Some(failure), _) => (failure.kind(), None),
        (None, Some(Cancellation::DeadlineExceeded)) => (FailureKind::DeadlineExceeded, None),
        (None, _) => (FailureKind::Cancelled, None),
    }
}

/// A run that did not complete, whatever its types.
struct Ended<'a> {
    definition: &'static Definition,
    id: &'a SagaId,
    end: End,
    past_the_pivot: bool,
    /// The steps that gave up, and after how many attempts.
    failed: &'a [(&'static Step, u32)],
    steps: Vec<StepRecord>,
    compensation_failures: &'a [CompensationFailure],
    values: &'a dyn Values,
}

/// The values of a run, whatever its types.
trait Values {
    fn value(&self, source: Source, part: Option<usize>) -> Value<'_>;
}

impl<S: Saga> Values for Details<S> {
    fn value(&self, source: Source, part: Option<usize>) -> Value<'_> {
        self.slots.value(source, part)
    }
}

impl Ended<'_> {
    fn report(&self, failure: FailureReport, also_failed: Vec<FailureReport>) -> Report {
        Report {
            schema_version: Report::SCHEMA_VERSION,
            saga: self.definition.name.to_owned(),
            id: self.id.to_string(),
            location: located(self.definition.location),
            end: self.end,
            started_at_unix_ms: None,
            ended_at_unix_ms: None,
            failure,
            also_failed,
            steps: self.numbered().map(|at| self.step(&at)).collect(),
            left_for_a_person: self.left_for_a_person(),
        }
    }

    fn numbered(&self) -> impl Iterator<Item = At<'_>> {
        let records = self.steps.iter().enumerate();
        records.map(|(index, record)| At {
            number: numbered(index),
            index,
            record,
        })
    }

    /// How many attempts a step made that gave up.
    fn attempts(&self, step: &'static Step) -> Option<u32> {
        let mut failed = self.failed.iter();
        let found = failed.find(|(other, _)| core::ptr::eq(*other, step));
        found.map(|(_, attempts)| *attempts)
    }

    fn step(&self, at: &At<'_>) -> StepReport {
        let StepRecord { step, outcome, .. } = *at.record;
        let (kind, no_compensation_reason) = match step.kind {
            Kind::Compensatable => (StepKind::Compensatable, None),
            Kind::ReadOnly => (StepKind::ReadOnly, None),
            Kind::NoCompensation { reason } => (StepKind::NoCompensation, Some(reason)),
            Kind::Pivot => (StepKind::Pivot, None),
            Kind::Last => (StepKind::Last, None),
            Kind::Retriable => (StepKind::Retriable, None),
        };
        let compensation = step.compensation.as_ref();
        let was_called = !matches!(outcome, Outcome::NotRun | Outcome::Skipped);
        let completed = outcome == Outcome::Completed;
        let given = self.given_by(at.index);
        StepReport {
            number: at.number,
            name: step.name.to_owned(),
            method: step.method.to_owned(),
            location: located(step.location),
            kind,
            group: step.group.map(ToOwned::to_owned),
            only_if: step.condition.as_ref().map(|asked| asked.method.to_owned()),
            no_compensation_reason: no_compensation_reason.map(ToOwned::to_owned),
            idempotency_key: self.key(step, Phase::Step),
            arguments: self.arguments(step.parameters, was_called, at.index),
            outcome,
            attempts: self.attempts(step),
            output: completed.then(|| self.shown(given, None, at.index)),
            started_at_unix_ms: None,
            took_us: None,
            compensation: compensation.map(|compensation| self.compensation(compensation, at)),
            not_undone_because: self.why_not_undone(at.record),
        }
    }

    fn compensation(&self, compensation: &Compensation, at: &At<'_>) -> CompensationReport {
        let StepRecord { step, undo, .. } = *at.record;
        let failures = self.compensation_failures;
        let failure = failures.iter().find(|failure| failure.is_of(step));
        CompensationReport {
            method: compensation.method.to_owned(),
            location: located(compensation.location),
            idempotency_key: self.key(step, Phase::Compensation),
            arguments: self.arguments(compensation.parameters, undo != Undo::NotDue, at.index),
            undo,
            failure: failure.map(|failure| UndoFailure {
                message: failure.error.message.clone(),
                chain: failure.error.chain.clone(),
                attempts: failure.attempts,
                in_doubt: failure.in_doubt,
            }),
            started_at_unix_ms: None,
            took_us: None,
        }
    }

    fn key(&self, step: &Step, phase: Phase) -> String {
        let saga = self.definition.name;
        self.id.idempotency_key(saga, step.name, phase)
    }

    /// Why a step that has, or may have, taken effect was not to be undone.
    fn why_not_undone(&self, record: &StepRecord) -> Option<String> {
        use Kind::{Compensatable, NoCompensation, Pivot};
        let effect = match (record.undo, record.outcome) {
            (Undo::NotDue, Outcome::Completed) => true,
            (Undo::NotDue, Outcome::InDoubt) => false,
            _ => return None,
        };
        match (record.step.kind, &record.step.compensation) {
            (NoCompensation { reason }, _) => Some(reason.to_owned()),
            (Compensatable, Some(compensation)) if !effect => Some(format!(
                "{} does not take an `Attempt`, so it is not run in doubt",
                compensation.method
            )),
            (Pivot, _) if effect => Some("the point of no return".to_owned()),
            (Compensatable, _) => Some(self.why_forward_only()),
            _ => None,
        }
    }

    fn why_forward_only(&self) -> String {
        match self.failed.first() {
            Some((step, _)) if !self.past_the_pivot => {
                format!("`{}` may have taken effect", step.name)
            }
            _ => "the saga is past its pivot".to_owned(),
        }
    }

    /// What the step at `index`, or its compensation, is given; with the values if it was called.
    fn arguments(&self, parameters: &[Parameter], called: bool, index: usize) -> Vec<Argument> {
        let shown = parameters.iter().filter(|p| p.source != Source::Context);
        shown
            .map(|parameter| Argument {
                name: parameter.name.to_owned(),
                value: called.then(|| self.argument(parameter, index)),
            })
            .collect()
    }

    fn argument(&self, parameter: &Parameter, index: usize) -> String {
        if parameter.sensitive {
            return HIDDEN.to_owned();
        }
        self.shown(parameter.source, parameter.part, index)
    }

    /// What the step at this position gave where it was carried out.
    fn given_by(&self, index: usize) -> Source {
        match self.definition.steps.get(index) {
            Some(step) if step.condition.is_some() => Source::Ran(index),
            _ => Source::Output(index),
        }
    }

    /// A value as text, for the call of the step at `index` or of its compensation.
    fn shown(&self, source: Source, part: Option<usize>, index: usize) -> String {
        match source {
            Source::Attempt => match self.values.value(self.given_by(index), None) {
                Value::Missing => "InDoubt".to_owned(),
                _ => {
                    let output = self.shown(self.given_by(index), None, index);
                    format!("Completed({output})")
                }
            },
            _ if self.is_sensitive(source, part) => HIDDEN.to_owned(),
            _ => panics::catch(|| one_line(&format!("{:?}", self.values.value(source, part))))
                .unwrap_or_else(|panic| format!("(its Debug panicked: {panic})")),
        }
    }

    /// Whether the step that gave a value says so, or any parameter that takes it, its whole or a part of
    /// it: one mark hides it everywhere.
    fn is_sensitive(&self, source: Source, part: Option<usize>) -> bool {
        let source = match source {
            Source::Ran(index) => Source::Output(index),
            other => other,
        };
        (0..).zip(self.definition.steps).any(|(index, step)| {
            let undo = step.compensation.as_ref();
            let undo = undo.map_or(&[][..], |undo| undo.parameters);
            let asked = step.condition.as_ref();
            let asked = asked.map_or(&[][..], |asked| asked.parameters);
            let takes_it = |parameter: &Parameter| {
                let taken = match parameter.source {
                    Source::Attempt => Source::Output(index),
                    Source::Ran(index) => Source::Output(index),
                    taken => taken,
                };
                let overlaps = parameter
                    .part
                    .is_none_or(|taken| part.is_none_or(|p| p == taken));
                parameter.sensitive && taken == source && overlaps
            };
            let gives_it = step.sensitive && source == Source::Output(index);
            let mut parameters = step.parameters.iter().chain(undo).chain(asked);
            gives_it || parameters.any(takes_it)
        })
    }

    /// In the order in which it is to be seen to: the steps are undone last first.
    fn left_for_a_person(&self) -> Vec<LeftOver> {
        let left = self.numbered().filter_map(|at| self.left_over(&at));
        let mut left: Vec<_> = left.collect();
        if !self.past_the_pivot {
            left.reverse();
        }
        left
    }

    /// What a person has to see to about one step.
    fn left_over(&self, at: &At<'_>) -> Option<LeftOver> {
        let &At { number, record, .. } = at;
        let (to_do, looked_up) = self.to_do(at)?;
        Some(LeftOver {
            step: number,
            name: record.step.name.to_owned(),
            to_do,
            idempotency_key: looked_up.map(|phase| self.key(record.step, phase)),
        })
    }

    /// What is to be done, and whether that begins with looking up the step or its undo.
    fn to_do(&self, at: &At<'_>) -> Option<(String, Option<Phase>)> {
        use Kind::{Compensatable, Last, Pivot};
        let &At { number, record, .. } = at;
        let name = record.step.name;
        let key = |phase| format!("(idempotency key {})", self.key(record.step, phase));
        let find_out = || {
            let key = key(Phase::Step);
            format!("find out whether step {number} `{name}` took effect {key}")
        };
        let failures = self.compensation_failures;
        let failure = failures.iter().find(|failure| failure.is_of(record.step));
        let undo = record.step.compensation.as_ref();
        let undo = undo.map_or("", |compensation| compensation.method);
        // An undo that timed out may have been done: to do it again by hand would be the mistake.
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
                format!("{}, and carry it out if not", find_out())
            }
            (Outcome::InDoubt, Undo::NotDue, Compensatable) => {
                format!("{}, and undo it if so", find_out())
            }
            (Outcome::InDoubt, Undo::NotDue, Pivot) => format!(
                "{}: if so carry out the steps after it, if not undo those before it",
                find_out()
            ),
            (Outcome::InDoubt, Undo::NotDue, Last) => format!(
                "{}: if so the saga is complete, if not undo the steps before it",
                find_out()
            ),
            (Outcome::Failed, ..) if self.past_the_pivot => format!(
                "carry out step {number} `{name}`: the saga is past its pivot and cannot go back"
            ),
            (Outcome::NotRun, ..) if self.past_the_pivot => {
                format!("carry out step {number} `{name}`, which had not begun")
            }
            _ => return None,
        };
        Some((to_do, looked_up))
    }
}

/// A step in its place.
struct At<'a> {
    /// Counted from 1.
    number: u32,
    /// Counted from 0.
    index: usize,
    record: &'a StepRecord,
}

fn located(location: Location) -> CodeLocation {
    CodeLocation {
        file: location.file.to_owned(),
        line: location.line,
    }
}
