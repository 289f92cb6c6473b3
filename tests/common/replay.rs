//! An executor that records every outcome as JSON and, where one is recorded, replays it.
//!
//! Proves the seam: it drives the very expansion that runs in memory, and asks for serde where it
//! needs it and nowhere else.

use core::future::poll_fn;
use core::task::Poll;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use saga_core::{
    Cancellation, ErrorText, Failure, SagaId, attempts,
    definition::Phase,
    executor::{
        Begin, Call, Doubt, Execute, Executor, Faults, GaveUp, Prevention, RecordsNothing, Run,
        Stop,
    },
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// When the process "ends".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Never.
    Never,
    /// Right after this many outcomes have been recorded.
    AfterRecords(usize),
    /// After the call that would be the next record, so that its effect is made and not recorded.
    BeforeRecord(usize),
}

/// The run was cut.
#[derive(Debug, PartialEq, Eq)]
pub struct WasCut;

/// What is recorded of one outcome.
#[derive(Debug, Serialize, Deserialize)]
enum Record<T> {
    Completed(T),
    GaveUp(RecordedFailure),
    Cancelled(Why, Option<RecordedFailure>),
}

#[derive(Debug, Serialize, Deserialize)]
struct RecordedFailure {
    message: String,
    chain: Vec<String>,
    attempts: u32,
    in_doubt: bool,
    in_doubt_since: Option<u32>,
    prevented_by: Option<Prevention>,
}

impl RecordedFailure {
    fn of<E>(gave_up: &GaveUp<Failure<E>>, faults: Faults<E>) -> Self {
        let text = gave_up.failure.view(faults.view).text();
        Self {
            message: text.message,
            chain: text.chain,
            attempts: gave_up.attempts,
            in_doubt: gave_up.in_doubt,
            in_doubt_since: gave_up.doubt.map(|doubt| doubt.attempt),
            prevented_by: gave_up.prevented_by,
        }
    }

    fn again<E>(self) -> GaveUp<Failure<E>> {
        let text = ErrorText::new(self.message).with_chain(self.chain);
        let failure = Failure::Recorded(Box::new(text));
        GaveUp::new(failure, self.attempts, self.in_doubt)
            .in_doubt_since(self.in_doubt_since.map(Doubt::of))
            .prevented_by(self.prevented_by)
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum Why {
    Requested,
    DeadlineExceeded,
}

impl Why {
    fn of(why: Cancellation) -> Self {
        match why {
            Cancellation::Requested => Self::Requested,
            _ => Self::DeadlineExceeded,
        }
    }

    const fn again(&self) -> Cancellation {
        match self {
            Self::Requested => Cancellation::Requested,
            Self::DeadlineExceeded => Cancellation::DeadlineExceeded,
        }
    }
}

/// Outcomes as they were recorded: step, phase and JSON. The name of a step of a nested saga has the id of the
/// run of that before it.
pub type Journal = Vec<(String, Phase, String)>;

/// Records and replays.
#[derive(Debug)]
pub struct Replay {
    run: Run,
    cut: Cut,
    is_nested: bool,
    // The state of the outermost saga.
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    journal: Journal,
    /// How many records were replayed or made.
    replayed: usize,
}

impl Replay {
    /// Continues from the records, until the cut.
    #[must_use]
    pub fn new(id: impl Into<SagaId>, journal: Journal, cut: Cut) -> Self {
        Self::of(Run::new(id.into()), journal, cut)
    }

    /// The same for a run with options.
    #[must_use]
    pub fn of(run: Run, journal: Journal, cut: Cut) -> Self {
        Self {
            run,
            cut,
            is_nested: false,
            state: Arc::new(Mutex::new(State {
                journal,
                replayed: 0,
            })),
        }
    }

    /// The records.
    #[must_use]
    pub fn into_journal(self) -> Journal {
        core::mem::take(&mut self.state().journal)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of a step in the journal.
    fn name(&self, call: &Call<'_>) -> String {
        if self.is_nested {
            format!("{}/{}", self.run.id(), call.step.name)
        } else {
            call.step.name.to_owned()
        }
    }

    /// The record of a call, and its index.
    fn recorded(&self, call: &Call<'_>) -> Option<(usize, String)> {
        let name = self.name(call);
        let state = self.state();
        let mut records = state.journal.iter().enumerate();
        let found = records.find(|(_, (step, phase, _))| *step == name && *phase == call.phase);
        found.map(|(index, (.., json))| (index, json.clone()))
    }

    /// Waits until all earlier records, or all there are, have been replayed: the members of a
    /// group ended in this order.
    async fn turn(&self, record: Option<usize>) {
        poll_fn(|cx| {
            let state = self.state();
            if state.replayed == record.unwrap_or(state.journal.len()) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// Whether the process has ended before this call begins, or before its outcome is recorded.
    fn is_cut(&self, begins: bool) -> bool {
        let records = self.state().journal.len();
        match self.cut {
            Cut::Never => false,
            Cut::AfterRecords(last) => records >= last,
            Cut::BeforeRecord(last) => records >= last && !begins,
        }
    }
}

impl Executor for Replay {
    type Halt = WasCut;

    fn run(&self) -> &Run {
        &self.run
    }

    fn nested(&self, run: Run) -> Self {
        Self {
            run,
            cut: self.cut,
            is_nested: true,
            state: Arc::clone(&self.state),
        }
    }
}

impl RecordsNothing for Replay {}

impl<const STEP: usize, T> Execute<STEP, T> for Replay
where
    T: Serialize + DeserializeOwned + Send,
{
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, WasCut>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let call: Call<'a> = call.into();
        if let Some((index, json)) = self.recorded(&call) {
            self.turn(Some(index)).await;
            self.state().replayed += 1;
            return match serde_json::from_str(&json).expect("what was written can be read") {
                Record::Completed(output) => {
                    *slot = Some(output);
                    Ok(())
                }
                Record::GaveUp(failure) => Err(Stop::GaveUp(failure.again())),
                Record::Cancelled(why, failure) => Err(Stop::Cancelled(
                    why.again(),
                    failure.map(RecordedFailure::again),
                )),
            };
        }
        if self.is_cut(true) {
            return Err(Stop::Halted(WasCut));
        }
        let outcome = attempts(&self.run, call, faults, attempt, &mut *slot).await;
        self.turn(None).await;
        if self.is_cut(false) {
            return Err(Stop::Halted(WasCut));
        }
        let recorded = |failure: &_| RecordedFailure::of(failure, faults());
        let record = match (&outcome, &*slot) {
            (Ok(()), Some(output)) => Record::Completed(output),
            (Err(Stop::GaveUp(gave_up)), _) => Record::GaveUp(recorded(gave_up)),
            (Err(Stop::Cancelled(why, gave_up)), _) => {
                Record::Cancelled(Why::of(*why), gave_up.as_ref().map(recorded))
            }
            (Ok(()), None) | (Err(Stop::Halted(_)), _) => {
                panic!("an outcome is one or the other")
            }
        };
        let json = serde_json::to_string(&record).expect("an outcome can be written");
        let name = self.name(&call);
        let mut state = self.state();
        state.journal.push((name, call.phase, json));
        state.replayed += 1;
        drop(state);
        outcome
    }
}
