//! The executor that records what it runs, and returns recorded outcomes.

use core::time::Duration;
use std::sync::Arc;

use tokio::time::Instant;

use super::codec::{Journalable, JournaledOutput};
use super::log::{CallEnding, RecordedOutcome, SagaLog, Start};
use super::site::{Level, Site};
use crate::attempt::attempts;
use crate::definition::{Kind, Phase, Source};
use crate::executor::{Begin, Completed, Execute, ExecuteNested, Executor, Faults};
use crate::outcome::{ErrorText, ErrorView, Failure, GaveUp, JsonForm, Stop};
use crate::run::history::{self, EndedBefore, KeptFailure, Memory, Resumed, Retry, Written};
use crate::run::{Call, Run};
use crate::util::foreign::Line;
use crate::util::panics;
use saga_journal::{CallId, RunId};

/// Runs a saga over a journal: the executor of an engine.
///
/// A call whose end is recorded is not executed again: its outcome is read from the record. Requires that the input and
/// the outputs are [`Journalable`], also the input of a nested saga.
#[derive(Debug)]
pub struct Durable {
    run: Run,
    place: Place,
}

/// The log of a saga, and the outermost or nested saga in it.
#[derive(Debug, Clone)]
struct Place {
    log: Arc<SagaLog>,
    level: Arc<Level>,
}

/// Why a durable run stopped where it was. It goes on another time.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Halt {
    /// The engine is shut down.
    #[error("the engine was shut down")]
    ShutDown,
    /// What is recorded of a step cannot be read as its current type.
    #[error("what is recorded of `{call}` cannot be read: {error}", call = Line(call), error = Line(error))]
    Unreadable {
        /// The path to the step through the outer sagas, the step, and `do` or `undo`.
        call: String,
        /// The error of serde, without values.
        error: String,
    },
    /// The codec cannot decode what is recorded, for now.
    #[error("the codec of the engine fails: {error}", error = Line(error))]
    Codec {
        /// The error of the codec.
        error: String,
    },
    /// The saga has not ended, and is only read.
    #[error("it has not ended")]
    NotEnded,
}

impl Durable {
    pub(super) fn new(run: Run, log: Arc<SagaLog>) -> Self {
        let level = Arc::default();
        Self::at(run, Place { log, level })
    }

    fn at(run: Run, place: Place) -> Self {
        let run = run.with_memory(Arc::new(place.clone()));
        Self { run, place }
    }

    /// The same, but the end of the saga has a record apart from that of its last step: a run that is stopped between
    /// the two leaves a saga that goes on, with the output of the last step in its records.
    #[must_use]
    pub fn ends_apart(self) -> Self {
        let Self { run, place } = self;
        let level = Arc::new(Level::outermost_ends_apart());
        Self::at(run, Place { level, ..place })
    }

    /// The recorded outcome of a call, if it has ended.
    async fn recorded<T: Journalable>(
        &self,
        call: Call<'_>,
    ) -> Option<Result<RecordedCall<T>, Halt>> {
        let Place { log, level } = &self.place;
        let id = level.id(call.step, call.phase);
        Some(match log.outcome(&id)? {
            RecordedOutcome::GaveUp(end, failure) => {
                let failure = self.place.failure(&id, &failure).await;
                failure.map(|failure| RecordedCall::GaveUp(end, failure))
            }
            RecordedOutcome::Completed { skipped, value } => {
                let read = self.read(call, &id, skipped, &value).await;
                read.map(RecordedCall::Completed)
            }
        })
    }

    /// Reads the recorded output of a call.
    async fn read<T: Journalable>(
        &self,
        call: Call<'_>,
        id: &CallId,
        skipped: bool,
        value: &[u8],
    ) -> Result<T, Halt> {
        let read = if skipped {
            T::of_json_within(None)
        } else if call.phase == Phase::Compensation {
            // A compensation has no output that could be recorded.
            T::of_json(b"null")
        } else {
            let json = self.place.log.decoded(value).await?;
            match call.step.condition {
                Some(_) => T::of_json_within(Some(&json)),
                None => T::of_json(&json),
            }
        };
        let call = id.to_string();
        read.map_err(|error| Halt::Unreadable { call, error })
    }
}

enum RecordedCall<T> {
    Completed(T),
    GaveUp(EndedBefore, KeptFailure),
}

/// The stop of a call with this end.
fn stop_of<E, H>(end: EndedBefore, failure: Failure<E>) -> Stop<Failure<E>, H> {
    match end.of(failure).into() {
        Stop::Cancelled(why, _) if end.attempts == 0 => Stop::Cancelled(why, None),
        stop => stop,
    }
}

/// An output as later processes will read it, and its JSON. For a step with a condition, the JSON is `None` if the step
/// was skipped.
fn read_back<T: Journalable>(output: &T, site: Site) -> Result<(T, Option<Vec<u8>>), String> {
    let unreadable = |error| format!("what is written of its output cannot be read back: {error}");
    let unwritable = |error| format!("its output cannot be written to the journal: {error}");
    if !site.is_step() {
        return Ok((T::of_json(b"null").map_err(unreadable)?, None));
    }
    if site.step.condition.is_some() {
        let json = output.to_json_within().map_err(unwritable)?;
        let read = T::of_json_within(json.as_deref()).map_err(unreadable)?;
        return Ok((read, json));
    }
    let json = output.to_json().map_err(unwritable)?;
    Ok((T::of_json(&json).map_err(unreadable)?, Some(json)))
}

impl Executor for Durable {
    type Halt = Halt;

    fn run(&self) -> &Run {
        &self.run
    }

    fn nested(&self, run: Run) -> Self {
        let Place { log, level } = &self.place;
        let level = match run.within() {
            Some((_, step, attempt)) => level.nested(step, attempt),
            None => Arc::default(),
        };
        let log = Arc::clone(log);
        Self::at(run, Place { log, level })
    }
}

impl<const STEP: usize, T: JournaledOutput<STEP>> Execute<STEP, T> for Durable {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Halt>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let Place { log, level } = &self.place;
        let call: Call<'a> = call.into();
        let site = Site::from(call);
        if let Some(recorded) = self.recorded(call).await {
            log.answer_in_order(level, site).await;
            // The saga has come as far as this call.
            self.run.attempted(call, 1);
            return match recorded {
                Ok(RecordedCall::Completed(output)) => {
                    *slot = Some(output);
                    Ok(())
                }
                Ok(RecordedCall::GaveUp(end, failure)) => {
                    Err(stop_of(end, failure.into_failure(faults().journal)))
                }
                Err(halt) => Err(Stop::Halted(halt)),
            };
        }
        self.place.load_failure(call).await.map_err(Stop::Halted)?;
        let outcome = match log.start(level, site, &self.run).await {
            Start::Go => attempts(&self.run, call, faults, attempt, &mut *slot).await,
            Start::GiveUp(end) => Err(stop_of(end, Failure::Interrupted)),
            Start::Cancelled(why) => Err(Stop::Cancelled(why, None)),
            Start::ShutDown => return Err(Stop::Halted(Halt::ShutDown)),
            Start::ReadOnly => return Err(Stop::Halted(Halt::NotEnded)),
        };
        let mut skipped = false;
        let (outcome, value) = match (outcome, slot.as_ref()) {
            (Ok(()), Some(output)) => match read_back(output, site) {
                Ok((read, json)) => {
                    // The saga goes on with the value that later processes will read. The original may panic when
                    // dropped.
                    panics::discard(slot.replace(read));
                    skipped = site.is_step() && json.is_none();
                    (Ok(()), json)
                }
                // The value stays in its slot: its compensation takes it.
                Err(text) => {
                    let made = log.attempt(level, site);
                    let output = Source::Output(call.step.index);
                    let text = if call.definition.is_sensitive(output, None) {
                        // The message of serde may quote the value.
                        "its output cannot be written to the journal and read back: why is not said, for it is sensitive"
                    } else {
                        &*text
                    };
                    (Err(not_journaled(call, made, text)), None)
                }
            },
            (outcome, _) => (outcome, None),
        };
        let (outcome, ending, value) = match outcome {
            Ok(()) => (Ok(()), CallEnding::Completed { skipped }, value),
            Err(stop) => match history::recorded_end(&stop, faults().view, faults().journal) {
                Some((end, failure)) => {
                    let value = failure.to_json();
                    // This process goes on with the error that later ones will read. An error that cannot be recorded
                    // exists only in this process.
                    let outcome = match failure.into_failure(faults().journal) {
                        failure @ Failure::Error(_) => {
                            panics::discard(stop);
                            stop_of(end, failure)
                        }
                        _ => stop,
                    };
                    (Err(outcome), CallEnding::GaveUp(end), Some(value))
                }
                None => return Err(stop),
            },
        };
        log.end_call(level, site, &self.run, ending, value).await;
        log.answer_in_order(level, site).await;
        outcome
    }
}

/// The stop of a call that may have taken effect, for a reason outside of the service.
fn not_journaled<E, H>(call: Call<'_>, attempts: u32, text: &str) -> Stop<Failure<E>, H> {
    let failure = Failure::Recorded(Box::new(ErrorText::new(text)));
    let in_doubt = call.step.kind != Kind::ReadOnly;
    Stop::GaveUp(GaveUp::new(failure, attempts, in_doubt))
}

/// Views an error that does not exist.
fn unseen<E>(_: &E) -> ErrorView<'_> {
    ErrorView::Text(&"")
}

impl<I: Journalable> ExecuteNested<I> for Durable {
    async fn start_nested<'a, E: Send>(
        &'a self,
        call: Call<'a>,
    ) -> Result<(), Stop<Failure<E>, Halt>> {
        let Place { log, level } = &self.place;
        let site = Site::from(call);
        let id = level.id(call.step, call.phase);
        if let Some((end, failure)) = log.ended_without_run(&id) {
            let failure = self.place.failure(&id, &failure).await;
            // Also if the failure cannot be read: its siblings wait for its turn.
            log.answer_in_order(level, site).await;
            let failure = failure.map_err(Stop::Halted)?;
            return Err(stop_of(end, failure.into_failure(JsonForm::none())));
        }
        if log.has_ended(&id) {
            // Its run is repeated from the records.
            return Ok(());
        }
        self.place.load_failure(call).await.map_err(Stop::Halted)?;
        let stop = match log.start(level, site, &self.run).await {
            Start::Go => return Ok(()),
            Start::ShutDown => return Err(Stop::Halted(Halt::ShutDown)),
            Start::ReadOnly => return Err(Stop::Halted(Halt::NotEnded)),
            Start::GiveUp(end) => stop_of(end, Failure::Interrupted),
            Start::Cancelled(why) => Stop::Cancelled(why, None),
        };
        ExecuteNested::<I>::end_nested(self, call, Err(&stop), unseen).await;
        Err(stop)
    }

    async fn begin_nested<'a, F>(&'a self, begin: Begin<'a>, input: F) -> Result<(Run, I), Halt>
    where
        F: FnOnce() -> I + Send,
    {
        let Place { log, level } = &self.place;
        let Begin { call, attempt, .. } = begin;
        let id = level.id(call.step, call.phase);
        let run = begin.run.nested(call, attempt);
        if let Some((value, deadline)) = log.nested_input(&id, attempt) {
            drop(input);
            let deadline = deadline.map(|moment| log.left_until(moment));
            let deadline = deadline.and_then(|left| Instant::now().checked_add(left));
            let input = log.read(format!("the input of {id}"), &value).await?;
            return Ok((run.again(begin.run, call, deadline), input));
        }
        let (Some(nested), false) = (call.step.nested, log.has_ended(&id)) else {
            return Err(Halt::NotEnded);
        };
        let left: Option<Duration> = run.limits().and_then(|limits| {
            let deadline = limits.own_deadline()?;
            Some(deadline.saturating_duration_since(Instant::now()))
        });
        let deadline = left.map(|left| log.moment_after(left));
        let input = input();
        let json = input
            .to_json()
            .and_then(|json| Ok((I::of_json(&json)?, json)));
        let (input, json) = match json {
            Ok(read) => {
                panics::discard(input);
                read
            }
            Err(error) => {
                panics::discard(input);
                let text = format!(
                    "the input of saga `{}` cannot be journaled: {error}",
                    nested.name
                );
                return panics::before_any_effect(|message| message, || panics::quietly(text));
            }
        };
        let ran = RunId::new(level.run.clone(), call.step.name, attempt);
        log.nested_begins(id, (ran, &run, nested), deadline, json)
            .await;
        Ok((run, input))
    }

    fn end_nested<'a, E>(
        &'a self,
        call: Call<'a>,
        ended: Result<Completed, &Stop<Failure<E>, Halt>>,
        view: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> impl Future<Output = ()> + Send {
        let Place { log, level } = &self.place;
        let site = Site::from(call);
        let ended = match ended {
            Ok(completed) => {
                let skipped = completed == Completed::Skipped;
                Some((CallEnding::Completed { skipped }, None))
            }
            Err(stop) => history::recorded_end(stop, view, JsonForm::none())
                .map(|(end, failure)| (CallEnding::GaveUp(end), Some(failure.to_json()))),
        };
        async move {
            if let Some((ending, value)) = ended
                && !log.has_ended(&level.id(site.step, site.phase))
            {
                log.end_call(level, site, &self.run, ending, value).await;
            }
            log.answer_in_order(level, site).await;
        }
    }
}

impl Place {
    /// Reads the recorded failure of a call.
    async fn failure(&self, id: &CallId, written: &[u8]) -> Result<KeptFailure, Halt> {
        self.log.read(format!("the failure of {id}"), written).await
    }

    /// Reads the failure before a wait that is resumed, because the attempts cannot await it.
    async fn load_failure(&self, call: Call<'_>) -> Result<(), Halt> {
        let id = self.level.id(call.step, call.phase);
        if let Some(written) = self.log.failure_before_wait(&id) {
            let failure = self.failure(&id, &written).await?;
            self.log.set_failure_before_wait(&id, failure);
        }
        Ok(())
    }
}

impl Memory for Place {
    fn resumed(&self, call: Call<'_>) -> Option<Resumed> {
        self.log.resumed(&self.level, call.into())
    }

    fn ended_before(&self, call: Call<'_>) -> Option<EndedBefore> {
        // For other calls, the executor has returned the recorded outcome before.
        call.step.nested?;
        self.log.gave_up(&self.level, call.into())
    }

    fn answered(&self, call: Call<'_>) -> Option<bool> {
        self.log.answered(&self.level, call.into())
    }

    fn interruptions(&self, call: Call<'_>) -> u32 {
        self.log.interruptions(&self.level, call.into())
    }

    fn record_wait(&self, call: Call<'_>, retry: Retry) -> Written {
        let (Self { log, level }, site) = (self.clone(), call.into());
        Box::pin(async move { log.record_wait(&level, site, retry).await })
    }

    fn has_begun(&self, call: Call<'_>) -> bool {
        self.log.has_begun(&self.level, call.into())
    }

    fn take_place(&self) -> Written {
        let log = Arc::clone(&self.log);
        Box::pin(async move {
            log.takes_place().await;
        })
    }

    fn record_begin(&self, call: Call<'_>, attempt: u32) -> Written {
        let (Self { log, level }, site) = (self.clone(), call.into());
        Box::pin(async move { log.record_begin(&level, site, attempt).await })
    }
}
