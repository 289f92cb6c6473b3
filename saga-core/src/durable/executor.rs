//! The executor that records what it carries out, and answers with what is recorded.

use std::sync::Arc;

use super::calls::Level;
use super::codec::{Journalable, JournaledOutput};
use super::log::{SagaLog, Start};
use super::recorded::How;
use crate::attempts::attempts;
use crate::definition::{Kind, Source};
use crate::executor::{Begin, Call, Execute, Executor, Faults, GaveUp, Stop};
use crate::failure::{ErrorText, Failure};
use crate::foreign::Line;
use crate::memory::{self, EndedBefore, KeptFailure, Memory, Resumed, Retry, Written};
use crate::run::Run;
#[cfg(feature = "testing")]
use crate::testing::{broken, without_deadline};

/// Carries out a saga over a journal: what an engine runs it with.
///
/// What is recorded to have ended is answered from the record, and never carried out again. Asks of the input
/// and the outputs that they are [`Journalable`].
#[derive(Debug)]
pub struct Durable {
    run: Run,
    place: Place,
}

/// Which saga, and which of those within it.
#[derive(Debug, Clone)]
struct Place {
    log: Arc<SagaLog>,
    level: Arc<Level>,
}

/// Why a durable run stopped where it was, to go on another time.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Halt {
    /// The engine is shut down.
    #[error("the engine was shut down")]
    ShutDown,
    /// What is recorded of a step cannot be read as the type that it has today.
    #[error("what is recorded of `{call}` cannot be read: {error}", call = Line(call), error = Line(error))]
    Unreadable {
        /// The step, or the way to it through the sagas that it is within, and `do` or `undo`.
        call: String,
        /// What serde or the codec says.
        error: String,
    },
    /// It has not ended, and is only read.
    #[error("it has not ended")]
    NotEnded,
}

impl Durable {
    pub(super) fn new(run: Run, log: Arc<SagaLog>) -> Self {
        let level = Arc::new(Level::outermost());
        Self::at(run, Place { log, level })
    }

    fn at(run: Run, place: Place) -> Self {
        let run = run.with_memory(Arc::new(place.clone()));
        Self { run, place }
    }

    /// What is recorded of a call.
    fn recorded<T: Journalable>(&self, call: Call<'_>) -> Option<Result<Recorded<T>, Halt>> {
        let Place { log, level } = &self.place;
        let name = level.name(call.step, call.phase);
        Some(match log.outcome(&name)? {
            How::Completed(value) => {
                log.completed_before(level, call.into());
                let value = log.shared.decode(&value.unwrap_or_default());
                let output = value.map(Recorded::Completed);
                output.map_err(|error| Halt::Unreadable { call: name, error })
            }
            How::GaveUp(end, failure) => {
                let failure = failure.unwrap_or(KeptFailure::Interrupted);
                Ok(Recorded::GaveUp(end, failure))
            }
        })
    }
}

enum Recorded<T> {
    Completed(T),
    GaveUp(EndedBefore, KeptFailure),
}

/// The stop of a call that ended like this.
fn stop_of<E, H>(end: EndedBefore, failure: Failure<E>) -> Stop<Failure<E>, H> {
    let gave_up = GaveUp::new(failure, end.attempts, end.in_doubt);
    match end.cancelled {
        None => Stop::GaveUp(gave_up),
        Some(why) => Stop::Cancelled(why, (end.attempts > 0).then_some(gave_up)),
    }
}

impl Executor for Durable {
    type Halt = Halt;

    fn run(&self) -> &Run {
        &self.run
    }

    fn nested(&self, run: Run) -> Self {
        let Place { log, level } = &self.place;
        #[cfg(feature = "testing")]
        let run = match log.shared.broken {
            Some(_) => without_deadline(run),
            None => run,
        };
        let level = match run.within() {
            Some((definition, step, attempt)) => Level {
                prefix: level.nested_prefix(step, attempt),
                within: Some((Arc::clone(level), definition, step)),
            },
            None => Level::outermost(),
        };
        let place = Place {
            log: Arc::clone(log),
            level: Arc::new(level),
        };
        Self::at(run, place)
    }
}

impl<const STEP: usize, T: JournaledOutput<STEP>> Execute<STEP, T> for Durable {
    async fn execute<'a, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'a mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Halt>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let Place { log, level } = &self.place;
        #[cfg(feature = "testing")]
        let attempt = {
            let (whole, mut attempt): (Call<'a>, _) = (call.into(), attempt);
            let running = log.shared.broken.as_deref();
            let site = running.map(|running| {
                let name = level.name(whole.step, whole.phase);
                running.site(&level.path(), name, whole)
            });
            move |begin| broken(site.as_ref(), begin, faults, &mut attempt)
        };
        let call: Call<'a> = call.into();
        if let Some(recorded) = self.recorded(call) {
            log.told(level, call.into()).await;
            // Whoever asks how far the saga is has to be told that it is here.
            self.run.attempted(call, 1);
            return match recorded {
                Ok(Recorded::Completed(output)) => {
                    *slot = Some(output);
                    Ok(())
                }
                Ok(Recorded::GaveUp(end, failure)) => Err(stop_of(end, failure.again())),
                Err(halt) => Err(Stop::Halted(halt)),
            };
        }
        let outcome = match log.start(level, call.into()).await {
            Start::Go => attempts(&self.run, call, faults, attempt, &mut *slot).await,
            Start::GiveUp(end) => Err(stop_of(end, Failure::Interrupted)),
            Start::ShutDown => return Err(Stop::Halted(Halt::ShutDown)),
            Start::ReadOnly => return Err(Stop::Halted(Halt::NotEnded)),
        };
        let (outcome, value) = match (outcome, &*slot) {
            (Ok(()), Some(output)) => match log.shared.encode(output) {
                Ok(value) => (Ok(()), value),
                Err(error) => {
                    let made = log.attempt(level, call.into());
                    let output = Source::Output(call.step.index);
                    let text = if call.definition.is_sensitive(output, None) {
                        // What serde says may repeat the value.
                        "its output cannot be written to the journal: why is not said, for it is sensitive"
                            .to_owned()
                    } else {
                        format!("its output cannot be written to the journal: {error}")
                    };
                    (Err(gave_up(call, made, &text)), Vec::new())
                }
            },
            (outcome, _) => (outcome, Vec::new()),
        };
        let (gave_up, value) = match &outcome {
            Ok(()) => (None, value),
            Err(stop) => match memory::kept_of(stop, faults().view) {
                Some((end, failure)) => (Some(end), log.shared.encode_failure(&failure)),
                None => return outcome,
            },
        };
        let is_ended = self.run.is_ended();
        log.end_call(level, call.into(), gave_up, value, is_ended)
            .await;
        log.told(level, call.into()).await;
        outcome
    }
}

/// The stop of a call that may have taken effect, for a reason that is none of the service's.
fn gave_up<E, H>(call: Call<'_>, attempts: u32, text: &str) -> Stop<Failure<E>, H> {
    let failure = Failure::Recorded(Box::new(ErrorText::new(text)));
    let in_doubt = call.step.kind != Kind::ReadOnly;
    Stop::GaveUp(GaveUp::new(failure, attempts, in_doubt))
}

impl Memory for Place {
    fn resumed(&self, call: Call<'_>) -> Option<Resumed> {
        self.log.resumed(&self.level, call.into())
    }

    fn ended_before(&self, call: Call<'_>) -> Option<EndedBefore> {
        // Of any other call the executor knows it before.
        call.step.nested?;
        self.log.ended_before(&self.level, call.into())
    }

    fn answered(&self, call: Call<'_>) -> Option<bool> {
        self.log.answered(&self.level, call.into())
    }

    fn skips(&self, call: Call<'_>) -> Written {
        let (Self { log, level }, call) = (self.clone(), call.into());
        Box::pin(async move { log.skips(&level, call).await })
    }

    fn waits(&self, call: Call<'_>, retry: Retry) -> Written {
        let (Self { log, level }, call) = (self.clone(), call.into());
        Box::pin(async move { log.waits(&level, call, retry).await })
    }

    fn begins(&self, call: Call<'_>, attempt: u32) -> Written {
        let (Self { log, level }, call) = (self.clone(), call.into());
        Box::pin(async move { log.begins(&level, call, attempt).await })
    }

    fn ends(&self, call: Call<'_>, end: EndedBefore, failure: KeptFailure) -> Written {
        let (Self { log, level }, call) = (self.clone(), call.into());
        Box::pin(async move { log.nested_ended(&level, call, end, failure).await })
    }
}
