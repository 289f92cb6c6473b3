//! Converts the values of a run to the data of its report.
//!
//! Rendering runs the user's `Debug` and `Display`. Each call is guarded, so a panic replaces only one text.

use crate::definition::{Compensation, Definition, Kind, Location, Parameter, Phase, Source, Step};
use crate::id::SagaId;
use crate::outcome::{CompensationFailure, Outcome, StepRecord, Undo, Value};
use crate::report::data::{
    Argument, CodeLocation, CompensationReport, LeftOver, NestedReport, StepKind, StepReport,
    UndoFailure,
};
use crate::run::{Call, Run, Timed};
use crate::util::panics;

/// Shown in place of a value that is marked as sensitive.
const HIDDEN: &str = "***";

/// Whether this report has no run of a nested saga for a step that failed.
#[cfg(feature = "durable")]
pub(crate) fn lacks_a_run(steps: &[StepReport], definition: &'static Definition) -> bool {
    steps
        .iter()
        .zip(definition.steps)
        .any(|(report, step)| match (step.nested, &report.nested) {
            (Some(nested), Some(report)) => lacks_a_run(&report.steps, nested),
            (Some(_), None) => true,
            (None, _) => false,
        })
}

/// The report of a nested saga that did not begin.
fn not_run(definition: &'static Definition) -> NestedReport {
    let not_run = |step| StepRecord {
        step,
        outcome: Outcome::NotRun,
        undo: Undo::NotDue,
    };
    let shown = RunShown {
        definition,
        id: &SagaId::new(""),
        run: None,
        around: Around::NOTHING,
        past_the_pivot: false,
        failed: &[],
        steps: definition.steps.iter().map(not_run).collect(),
        compensation_failures: &[],
        values: &Nothing,
    };
    let (report, _) = shown.report(&[]);
    NestedReport { id: None, ..report }
}

/// The number of the step at this position.
pub(crate) fn numbered(index: usize) -> u32 {
    u32::try_from(index).map_or(u32::MAX, |index| index.saturating_add(1))
}

/// Adds the times of the calls.
fn set_times(steps: &mut [StepReport], calls: &[Timed]) {
    for &Timed {
        step,
        phase,
        started_at,
        took,
        ..
    } in calls
    {
        let Some(report) = steps.get_mut(step.index) else {
            continue;
        };
        match (phase, &mut report.compensation) {
            (Phase::Step, _) => report.set_times(started_at, took),
            (Phase::Compensation, Some(undo)) => undo.set_times(started_at, took),
            (Phase::Compensation, None) => {}
        }
    }
}

/// A run of a nested saga, whatever its types.
pub trait NestedRun {
    /// The report of the run, and what is left for an operator.
    fn report(&self, around: Around<'_>) -> (NestedReport, Vec<LeftOver>);
}

/// What the report of a nested run must know of the step that runs it.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The prefix of its step numbers: the numbers of the outer steps, each with a dot.
    within: &'a str,
    /// Whether any argument of the step is sensitive. The input of the run is made of these arguments.
    hides_input: bool,
    /// Whether the output of the step is sensitive. It is also the output of the run.
    hides_output: bool,
    /// Why the step is not undone, if it is not.
    not_undone_because: Option<&'a str>,
}

impl Around<'_> {
    /// For an outermost run.
    pub(crate) const NOTHING: Self = Self {
        within: "",
        hides_input: false,
        hides_output: false,
        not_undone_because: None,
    };
}

/// A run, whatever its types.
pub(crate) struct RunShown<'a> {
    pub(crate) definition: &'static Definition,
    pub(crate) id: &'a SagaId,
    /// The run, if it began.
    pub(crate) run: Option<&'a Run>,
    pub(crate) around: Around<'a>,
    pub(crate) past_the_pivot: bool,
    /// The steps that gave up, and the number of their attempts.
    pub(crate) failed: &'a [(&'static Step, u32)],
    pub(crate) steps: Vec<StepRecord>,
    pub(crate) compensation_failures: &'a [CompensationFailure],
    pub(crate) values: &'a dyn Values,
}

/// The values of a run, whatever its types.
pub(crate) trait Values {
    fn value(&self, source: Source, part: Option<usize>) -> Value<'_>;

    /// The run of the saga that this step runs, if it is known.
    fn nested(&self, step: usize) -> Option<Box<dyn NestedRun + '_>>;

    /// Whether this step failed in an earlier process, so that its run is not known.
    fn failed_before(&self, step: usize) -> bool;
}

/// The values of a run that did not begin.
struct Nothing;

impl Values for Nothing {
    fn value(&self, _: Source, _: Option<usize>) -> Value<'_> {
        Value::Missing
    }

    fn nested(&self, _: usize) -> Option<Box<dyn NestedRun + '_>> {
        None
    }

    fn failed_before(&self, _: usize) -> bool {
        false
    }
}

impl RunShown<'_> {
    /// Everything but how the run ended, and what is left for an operator.
    pub(crate) fn report(&self, calls: &[Timed]) -> (NestedReport, Vec<LeftOver>) {
        let (mut steps, mut left) = (Vec::new(), Vec::new());
        for at in self.numbered() {
            let (step, of_step) = self.step(&at);
            steps.push(step);
            left.push(of_step);
        }
        // In the order in which an operator must act: steps are undone last first.
        if !self.past_the_pivot {
            left.reverse();
        }
        set_times(&mut steps, calls);
        let report = NestedReport {
            saga: self.definition.name.to_owned(),
            id: Some(self.id.to_string()),
            location: located(self.definition.location),
            end: None,
            undo: Undo::NotDue,
            undo_failure: None,
            failure: None,
            also_failed: Vec::new(),
            steps,
        };
        (report, left.into_iter().flatten().collect())
    }

    fn numbered(&self) -> impl Iterator<Item = NumberedStep<'_>> {
        let records = self.steps.iter().enumerate();
        records.map(|(index, record)| NumberedStep {
            number: numbered(index),
            index,
            record,
        })
    }

    /// How many attempts a step made that gave up.
    fn attempts(&self, step: &'static Step) -> Option<u32> {
        let mut failed = self.failed.iter();
        let found = failed.find(|(other, _)| other.index == step.index);
        found.map(|(_, attempts)| *attempts)
    }

    /// The report of a step, and what is left for an operator.
    fn step(&self, at: &NumberedStep<'_>) -> (StepReport, Vec<LeftOver>) {
        let (nested, left_of_it) = self.nested(at);
        let left = self.left_over(at, nested.as_ref(), left_of_it);
        (self.step_with(at, nested), left)
    }

    fn step_with(&self, at: &NumberedStep<'_>, nested: Option<NestedReport>) -> StepReport {
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
        let output = self.output_of(at.index);
        StepReport {
            number: at.number,
            name: step.name.to_owned(),
            method: step.method.to_owned(),
            location: located(step.location),
            kind,
            group: step.group.map(ToOwned::to_owned),
            only_if: step
                .condition
                .as_ref()
                .map(|condition| condition.method.to_owned()),
            no_compensation_reason: no_compensation_reason.map(ToOwned::to_owned),
            idempotency_key: self.key(step, Phase::Step),
            arguments: self.arguments(step.parameters, was_called, at.index),
            outcome,
            attempts: self.attempts(step),
            interruptions: self.run.map_or(0, |run| {
                run.interruptions(Call::step(self.definition, step))
            }),
            output: completed.then(|| self.shown(output, None, at.index)),
            started_at_unix_ms: None,
            took_us: None,
            nested: nested.map(Box::new),
            compensation: compensation.map(|compensation| self.compensation(compensation, at)),
            not_undone_because: self.why_not_undone(at.record),
        }
    }

    fn compensation(
        &self,
        compensation: &Compensation,
        at: &NumberedStep<'_>,
    ) -> CompensationReport {
        let StepRecord { step, undo, .. } = *at.record;
        let failures = self.compensation_failures;
        let failure = failures.iter().find(|failure| failure.is_of(step));
        CompensationReport {
            method: compensation.method.to_owned(),
            location: located(compensation.location),
            idempotency_key: self.key(step, Phase::Compensation),
            arguments: self.arguments(compensation.parameters, undo != Undo::NotDue, at.index),
            undo,
            interruptions: self.run.map_or(0, |run| {
                run.interruptions(Call::compensation(self.definition, step, None))
            }),
            failure: failure.map(undo_failure),
            started_at_unix_ms: None,
            took_us: None,
        }
    }

    pub(super) fn key(&self, step: &Step, phase: Phase) -> String {
        let saga = self.definition.name;
        self.id.idempotency_key(saga, step.name, phase)
    }

    /// Why a step that has taken effect, or may have, was not to be undone.
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
        const PAST: &str = "the saga is past its pivot";
        match self.failed.first() {
            Some((step, _)) if !self.past_the_pivot => {
                format!("`{}` may have taken effect", step.name)
            }
            Some(_) => PAST.to_owned(),
            // A run that completed is not undone if the step that runs it is not.
            None => self.around.not_undone_because.unwrap_or(PAST).to_owned(),
        }
    }

    /// The arguments of the step at `index` or its compensation, with their values if it was called.
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

    /// The output of the step at this position, if it was not skipped.
    fn output_of(&self, index: usize) -> Source {
        match self.definition.steps.get(index) {
            Some(step) if step.condition.is_some() => Source::Ran(index),
            _ => Source::Output(index),
        }
    }

    /// A value as text, for the call of the step at `index` or of its compensation.
    fn shown(&self, source: Source, part: Option<usize>, index: usize) -> String {
        match source {
            Source::Attempt => match self.values.value(self.output_of(index), None) {
                Value::Missing => "InDoubt".to_owned(),
                _ => {
                    let output = self.shown(self.output_of(index), None, index);
                    format!("Completed({output})")
                }
            },
            _ if self.is_sensitive(source, part) => HIDDEN.to_owned(),
            _ => panics::catch(|| format!("{:?}", self.values.value(source, part)))
                .unwrap_or_else(|panic| format!("(its Debug panicked: {panic})")),
        }
    }

    /// Whether a value is sensitive, here or in the outer saga.
    fn is_sensitive(&self, source: Source, part: Option<usize>) -> bool {
        let last = self.definition.steps.len().checked_sub(1);
        let last = last.map(|last| self.definition.stage(last));
        let is_whole = match source {
            Source::Input => self.around.hides_input,
            Source::Output(index) | Source::Ran(index) => {
                self.around.hides_output && last.is_some_and(|last| last.contains(&index))
            }
            _ => false,
        };
        is_whole || self.definition.is_sensitive(source, part)
    }

    /// The saga that a step runs, and what is left of it for an operator.
    fn nested(&self, at: &NumberedStep<'_>) -> (Option<NestedReport>, Vec<LeftOver>) {
        let Some(definition) = at.record.step.nested else {
            return (None, Vec::new());
        };
        let is_marked = |parameter: &Parameter| {
            parameter.sensitive || self.is_sensitive(parameter.source, parameter.part)
        };
        let not_undone_because = self.why_not_undone(at.record);
        let around = Around {
            not_undone_because: not_undone_because.as_deref(),
            within: &format!("{}{}.", self.around.within, at.number),
            hides_input: at.record.step.parameters.iter().any(is_marked),
            hides_output: self.is_sensitive(Source::Output(at.index), None),
        };
        match self.values.nested(at.index) {
            Some(run) => {
                let (mut report, left) = run.report(around);
                let mut failures = self.compensation_failures.iter();
                let failure = failures.find(|failure| failure.is_of(at.record.step));
                // The undo could not even begin, so the run has no record of it.
                if let (Some(failure), Undo::NotDue) = (failure, report.undo) {
                    report.undo = Undo::GaveUp;
                    report.undo_failure = Some(undo_failure(failure));
                }
                (Some(report), left)
            }
            None if self.values.failed_before(at.index) => (None, Vec::new()),
            None => (Some(not_run(definition)), Vec::new()),
        }
    }

    /// The number of a step, as it is shown.
    pub(super) fn number(&self, at: &NumberedStep<'_>) -> String {
        format!("{}{}", self.around.within, at.number)
    }
}

fn undo_failure(failure: &CompensationFailure) -> UndoFailure {
    UndoFailure {
        message: failure.error.message.clone(),
        chain: failure.error.chain.clone(),
        attempts: failure.attempts,
        in_doubt: failure.in_doubt,
        in_doubt_since: failure.doubt.map(|doubt| doubt.attempt),
        in_doubt_by_interruption: failure.doubt.is_some_and(|doubt| doubt.is_interrupted),
    }
}

/// A step and its position.
pub(super) struct NumberedStep<'a> {
    /// Counted from 1.
    pub(super) number: u32,
    /// Counted from 0.
    index: usize,
    pub(super) record: &'a StepRecord,
}

pub(crate) fn located(location: Location) -> CodeLocation {
    CodeLocation {
        file: location.file.to_owned(),
        line: location.line,
    }
}
