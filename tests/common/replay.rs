//! An executor that records every outcome as JSON and, where one is recorded, replays it.
//!
//! Proves the seam: it drives the very expansion that runs in memory, and asks for serde where it
//! needs it and nowhere else.

use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::{
    Begin, Call, Cancellation, ErrorText, Execute, Executor, Failure, Faults, GaveUp, Phase, Run,
    SagaId, Stop, attempts,
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
    GaveUp {
        message: String,
        chain: Vec<String>,
        attempts: u32,
        in_doubt: bool,
    },
    Cancelled,
}

/// Outcomes as they were recorded: step, phase and JSON.
pub type Journal = Vec<(&'static str, Phase, String)>;

/// Records and replays.
#[derive(Debug)]
pub struct Replay {
    run: Run,
    cut: Cut,
    journal: Mutex<Journal>,
}

impl Replay {
    /// Goes on from what is recorded, until the cut.
    #[must_use]
    pub fn new(id: impl Into<SagaId>, journal: Journal, cut: Cut) -> Self {
        Self {
            run: Run::new(id.into()),
            cut,
            journal: Mutex::new(journal),
        }
    }

    /// What was recorded.
    #[must_use]
    pub fn into_journal(self) -> Journal {
        self.journal
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recorded(&self, call: &Call<'_>) -> Option<String> {
        let journal = self.journal();
        let found = journal
            .iter()
            .find(|(step, phase, _)| *step == call.step.name && *phase == call.phase);
        found.map(|(_, _, json)| json.clone())
    }
}

impl Executor for Replay {
    type Halt = WasCut;

    fn run(&self) -> &Run {
        &self.run
    }
}

impl<const STEP: usize, T> Execute<STEP, T> for Replay
where
    T: Serialize + DeserializeOwned + Send,
{
    async fn execute<'a, E, F, Fut>(
        &'a self,
        call: Call<'a>,
        faults: fn() -> Faults<E>,
        attempt: F,
        slot: &'a mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, WasCut>>
    where
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        if let Some(json) = self.recorded(&call) {
            return match serde_json::from_str(&json).expect("what was written can be read") {
                Record::Completed(output) => {
                    *slot = Some(output);
                    Ok(())
                }
                Record::GaveUp {
                    message,
                    chain,
                    attempts,
                    in_doubt,
                } => {
                    let text = ErrorText::new(message).with_chain(chain);
                    let gave_up =
                        GaveUp::new(Failure::Recorded(Box::new(text)), attempts, in_doubt);
                    Err(Stop::GaveUp(gave_up))
                }
                Record::Cancelled => Err(Stop::Cancelled(Cancellation::Requested, None)),
            };
        }
        let before = self.journal().len();
        if self.cut == Cut::AfterRecords(before) {
            return Err(Stop::Halted(WasCut));
        }
        let outcome = attempts(&self.run, call, faults, attempt, &mut *slot).await;
        if self.cut == Cut::BeforeRecord(before) {
            return Err(Stop::Halted(WasCut));
        }
        let json = match (&outcome, &*slot) {
            (Ok(()), Some(output)) => serde_json::to_string(&Record::Completed(output)),
            (Err(Stop::GaveUp(gave_up)), _) => {
                let text = gave_up.failure.view(faults().view).text();
                serde_json::to_string(&Record::<()>::GaveUp {
                    message: text.message,
                    chain: text.chain,
                    attempts: gave_up.attempts,
                    in_doubt: gave_up.in_doubt,
                })
            }
            (Err(Stop::Cancelled(_, None)), _) => serde_json::to_string(&Record::<()>::Cancelled),
            (Ok(()), None) | (Err(Stop::Cancelled(..)), _) | (Err(Stop::Halted(_)), _) => {
                panic!("an outcome is one or the other")
            }
        };
        let json = json.expect("an outcome can be written");
        self.journal().push((call.step.name, call.phase, json));
        outcome
    }
}
