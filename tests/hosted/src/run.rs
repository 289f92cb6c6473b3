//! One run of a saga over several lives of processes that carry it, each with its own clock.

use core::time::Duration;
use std::future::pending;
use std::time::{SystemTime, UNIX_EPOCH};

use saga_core::durable::{
    Carried, Entry, Hosted, HostedStop, InFlight, Journalable, NoRequests, Record, Requests,
    SagaState,
};
use saga_core::{Ended, Saga};
use tokio::runtime::Runtime;

use crate::memory::{Kept, MemoryRecords, Write};

/// How the life of a process ended that carried a run. `None` if it was ended from outside.
pub type LifeResult<S> = Option<Result<Carried<S>, HostedStop>>;

/// One run.
#[derive(Debug, Clone)]
pub struct OneRun {
    id: String,
    /// Its records.
    pub kept: Kept,
}

/// A life of a process.
#[derive(Debug, Clone)]
pub struct Life<'a, R> {
    /// What it knows about the calls in flight.
    pub in_flight: InFlight,
    /// What happens to its writes.
    pub plan: &'a [(usize, Write)],
    /// How long it lasts at most.
    pub lasts: Option<Duration>,
    /// The requests from outside.
    pub requests: R,
}

impl Life<'_, NoRequests> {
    /// A life that continues a run whose process crashed.
    #[must_use]
    pub const fn after_crash() -> Self {
        Self {
            in_flight: InFlight::Interrupted,
            plan: &[],
            lasts: None,
            requests: NoRequests,
        }
    }

    /// A life that continues a run without calls in flight.
    #[must_use]
    pub const fn in_order() -> Self {
        Self {
            in_flight: InFlight::NotBegun,
            ..Self::after_crash()
        }
    }
}

impl<'a, R> Life<'a, R> {
    /// Sets what happens to the writes.
    #[must_use]
    pub fn plan(self, plan: &'a [(usize, Write)]) -> Self {
        Self { plan, ..self }
    }

    /// Limits how long it lasts.
    #[must_use]
    pub fn lasts(self, lasts: Duration) -> Self {
        let lasts = Some(lasts);
        Self { lasts, ..self }
    }

    /// Sets the requests.
    #[must_use]
    pub fn requests<Q>(self, requests: Q) -> Life<'a, Q> {
        Life {
            in_flight: self.in_flight,
            plan: self.plan,
            lasts: self.lasts,
            requests,
        }
    }
}

/// A runtime with its own clock.
///
/// # Panics
///
/// If the runtime cannot be created.
#[must_use]
pub fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let builder = builder.enable_time().start_paused(true);
    builder.build().expect("a runtime")
}

impl OneRun {
    /// Creates a run with this input, as JSON.
    ///
    /// # Panics
    ///
    /// If the input does not fit the saga.
    #[must_use]
    pub fn of<S: Saga>(hosted: &Hosted<S>, id: &str, input: &str) -> Self
    where
        S::Input: Journalable,
    {
        let first = hosted.submitted(input.as_bytes()).expect("a first record");
        Self {
            id: id.to_owned(),
            kept: Kept::of(first),
        }
    }

    /// Runs one life of a process. Also returns how many writes it made.
    pub fn carried<S: Saga, R: Requests>(
        &self,
        hosted: &Hosted<S>,
        life: Life<'_, R>,
    ) -> (LifeResult<S>, usize) {
        let sink = MemoryRecords::new(&self.kept, life.plan);
        let (id, records) = (self.id.as_str(), self.kept.all());
        let lived = runtime().block_on(async {
            let over = async {
                match life.lasts {
                    Some(time) => tokio::time::sleep(time).await,
                    None => pending().await,
                }
            };
            let carried = hosted.carry(id, records, life.in_flight, sink.clone(), life.requests);
            tokio::select! {
                biased;
                () = sink.over() => None,
                carried = carried => Some(carried),
                () = over => None,
            }
        });
        (lived, sink.writes())
    }

    /// Runs a life in which the run ends.
    ///
    /// # Errors
    ///
    /// If it did not complete.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn end<S: Saga, R: Requests>(&self, hosted: &Hosted<S>, life: Life<'_, R>) -> Ended<S> {
        match self.carried(hosted, life).0 {
            Some(Ok(Carried::Ended(ended))) => {
                let state = ended.as_ref().err().map(|error| error.end().to_string());
                let kept = self.kept.state().unwrap_or(SagaState::Unfinished);
                let state = state.unwrap_or("completed".to_owned());
                assert_eq!(kept.to_string(), state, "the state that its keeper got");
                let last = self.kept.all().pop().expect("a record");
                assert!(last.entry.is_end());
                ended
            }
            other => panic!("it has not ended: {other:?}\n{}", self.written().join("\n")),
        }
    }

    /// Runs a life in which the run comes to a wait. Returns how long that is.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn wait<S: Saga, R: Requests>(&self, hosted: &Hosted<S>, life: Life<'_, R>) -> Duration {
        match self.carried(hosted, life).0 {
            Some(Ok(Carried::Waits { until })) => until
                .duration_since(SystemTime::now())
                .expect("a time to come"),
            other => panic!("it does not wait: {other:?}\n{}", self.written().join("\n")),
        }
    }

    /// Runs a life that ends before the run does.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn crash<S: Saga, R: Requests>(&self, hosted: &Hosted<S>, life: Life<'_, R>) {
        if let Some(lived) = self.carried(hosted, life).0 {
            panic!("no crash: {lived:?}\n{}", self.written().join("\n"));
        }
    }

    /// Runs a life in which the run stops.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn stop<S: Saga, R: Requests>(&self, hosted: &Hosted<S>, life: Life<'_, R>) -> HostedStop {
        match self.carried(hosted, life).0 {
            Some(Err(stop)) => stop,
            other => panic!("no stop: {other:?}\n{}", self.written().join("\n")),
        }
    }

    /// Moves all moments in the records back, as if this much time had passed without a process.
    pub fn time_passes(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let shifted = |moment: u64| moment.saturating_sub(millis);
        self.kept.change(|records| {
            for record in records {
                record.at = shifted(record.at);
                if let Entry::Submitted { deadline, .. } | Entry::NestedBegan { deadline, .. } =
                    &mut record.entry
                {
                    *deadline = deadline.map(shifted);
                }
            }
        });
    }

    /// The records, each on one line without its times: `completed open/do`.
    #[must_use]
    pub fn written(&self) -> Vec<String> {
        self.kept.all().iter().map(head_of).collect()
    }

    /// How often this line is among them.
    #[must_use]
    pub fn count(&self, head: &str) -> usize {
        let written = self.written();
        written.iter().filter(|written| *written == head).count()
    }
}

/// A record without its times: its kind, its call, and the attempt if one begins.
fn head_of(record: &Record) -> String {
    let json = record.entry.to_json();
    let entry: serde_json::Value = serde_json::from_str(&json).expect("an entry");
    let (kind, of) = entry
        .as_object()
        .and_then(|entry| entry.iter().next())
        .expect("one key");
    let call = of["call"].as_str().or(of["end"].as_str());
    let call = call.map_or(String::new(), |call| format!(" {call}"));
    let attempt = of["next"].as_u64().or(of["attempt"].as_u64());
    let attempt = attempt.map_or(String::new(), |attempt| format!("#{attempt}"));
    let times = of["times"].as_u64();
    let times = times.map_or(String::new(), |times| format!(" x{times}"));
    let doubt = if of["in_doubt"] == true { "?" } else { "" };
    format!("{kind}{call}{attempt}{doubt}{times}")
}

/// The current time in milliseconds since 1970.
///
/// # Panics
///
/// If the clock is before 1970.
#[must_use]
pub fn millis_of(moment: SystemTime) -> u64 {
    let since = moment.duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("a number of milliseconds")
}
