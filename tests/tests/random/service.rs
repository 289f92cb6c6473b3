//! The service that the machines call.

use core::time::Duration;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use core::ops::Deref;

use saga_core::{Cause, StepContext};
use saga_tests::history::{History, Returned};
use tokio::time::sleep;

use crate::case::{Case, Condition, Ends, Phase};
use crate::errors::Refused;
use crate::reports::number;
use crate::summary::{Because, Call, Called, Failure, Given, Within, name};

/// Does what a case says, and records what it is called for.
#[derive(Debug, Default)]
pub(crate) struct Service {
    calls: Mutex<Vec<Called>>,
    /// Where all lives of the process are recorded, if there may be several.
    pub(crate) history: Option<Arc<History>>,
}

/// With what a run begins: shared by all that is asked of it.
#[derive(Debug, Clone)]
pub(crate) struct Input(pub(crate) Arc<Place>);

impl Deref for Input {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.0
    }
}

/// What happens in a run, and where that is: what it begins with.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) case: Case,
    pub(crate) within: Within,
}

impl Place {
    /// That of the run which this attempt of a step is.
    pub(crate) fn nested(&self, step: usize, attempt: u32) -> Input {
        let within = self.within.iter().copied().chain([(step, attempt)]);
        Input(Arc::new(Self {
            case: self.case.run(step, attempt),
            within: within.collect(),
        }))
    }
}

impl Service {
    pub(crate) fn take_calls(&self) -> Vec<Called> {
        std::mem::take(&mut *self.lock())
    }

    fn called(&self, place: &Place, context: &StepContext, call: Call) {
        self.lock().push(Called {
            within: place.within.clone(),
            key: context.idempotency_key(),
            call,
        });
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Called>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn asks(&self, place: &Place, step: usize, context: &StepContext) -> bool {
        if let Some(history) = &self.history {
            history.asked(&context.idempotency_key());
        }
        self.called(place, context, Call::Ask(step));
        match place.case.scripts[step].condition {
            Condition::Yes => true,
            Condition::No => false,
            Condition::Panics => panics(0),
        }
    }

    /// The output of step `step`: the attempt that returned it.
    pub(crate) async fn step(
        &self,
        place: &Place,
        step: usize,
        context: StepContext,
    ) -> Result<u32, Refused> {
        let attempt = context.attempt();
        self.called(place, &context, Call::Do(step, attempt));
        self.attempt_of(place, (step, Phase::Do), &context, None)
            .await?;
        Ok(attempt)
    }

    /// With what the saga begins that this attempt of step `step` runs.
    pub(crate) fn begins(&self, place: &Place, step: usize, context: &StepContext) -> Input {
        let attempt = context.attempt();
        self.called(place, context, Call::Do(step, attempt));
        match place.case.attempt(step, Phase::Do, attempt).ends {
            Ends::Panics => panics(attempt),
            _ => place.nested(step, attempt),
        }
    }

    pub(crate) async fn undo(
        &self,
        place: &Place,
        step: usize,
        given: Given,
        context: StepContext,
    ) -> Result<(), Refused> {
        let attempt = context.attempt();
        let because = because(context.cause());
        let call = Call::Undo(step, attempt, given, because);
        self.called(place, &context, call);
        let completed = matches!(given, Given::OutputOf(_));
        self.attempt_of(place, (step, Phase::Undo), &context, Some(completed))
            .await
    }

    async fn attempt_of(
        &self,
        place: &Place,
        (step, phase): (usize, Phase),
        context: &StepContext,
        completed: Option<bool>,
    ) -> Result<(), Refused> {
        let (attempt, key) = (context.attempt(), context.idempotency_key());
        if let Some(history) = &self.history {
            history.began(&key, attempt, completed);
        }
        match place.case.takes(step, phase, attempt) {
            0 => {}
            takes => sleep(Duration::from_millis(takes)).await,
        }
        let ends = place.case.attempt(step, phase, attempt).ends;
        if let Some(history) = &self.history {
            let returned = match ends {
                Ends::Completes => Returned::Output,
                Ends::Fails { when, in_doubt } => Returned::Error { when, in_doubt },
                Ends::Panics => Returned::Panic,
            };
            history.ended(&key, attempt, returned);
        }
        match ends {
            Ends::Completes => Ok(()),
            Ends::Fails { when, in_doubt } => Err(Refused {
                attempt,
                when,
                in_doubt,
            }),
            Ends::Panics => panics(attempt),
        }
    }
}

fn because(cause: Option<&Cause>) -> Because {
    let Some(Cause { step, error, .. }) = cause else {
        return Because::NotReported;
    };
    let Some(step) = step else {
        return match error.message.as_str() {
            "cancelled" => Because::Cancelled,
            "the deadline passed" => Because::DeadlineExceeded,
            other => panic!("{other}"),
        };
    };
    let all = (0..3).flat_map(|depth| (0..7).map(move |step| (depth, step)));
    let found = all
        .into_iter()
        .find(|(depth, at)| name(*depth, *at) == step);
    let (depth, step) = found.expect("a step of one of the sagas");
    let text = error.message.as_str();
    let failure = match text.strip_prefix("panicked: ") {
        Some(attempt) => Failure::Panicked(number(attempt)),
        None if text.starts_with("timed out") => Failure::TimedOut,
        None if text.starts_with("saga ") => Failure::Run,
        // The process ended meanwhile.
        None if text.starts_with("interrupted") => return Because::NotReported,
        None => Failure::Error(number(text)),
    };
    Because::Step {
        depth,
        step,
        failure,
    }
}

/// Without the hook that would print a message for it.
fn panics(attempt: u32) -> ! {
    resume_unwind(Box::new(attempt.to_string()))
}
