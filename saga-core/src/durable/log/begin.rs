//! Decides whether and how a call begins: for the first time, after a wait, or again after an interruption.

use core::future::pending;
use core::pin::pin;

use tokio::sync::OwnedSemaphorePermit;

use super::apply::{CallStage, EndedBy, Liveness};
use super::{LogInner, SagaLog};
use crate::definition::Kind;
use crate::durable::site::{Level, Site};
use crate::outcome::{Cancellation, Doubt};
use crate::run::Run;
use crate::run::history::EndedBefore;
use saga_journal::{CallId, Entry, Prevention};

/// How many crashes may interrupt a call before it runs alone, that is, while no other such call runs.
const CRASHES_IN_COMPANY: u32 = 1;

/// Whether a call may be executed.
#[derive(Debug)]
pub(in crate::durable) enum Start {
    Go,
    /// It was interrupted, and is not executed again.
    GiveUp(EndedBefore),
    /// The run was ended from outside before the call began.
    Cancelled(Cancellation),
    /// No other call begins.
    ShutDown,
    /// The saga is only read.
    ReadOnly,
}

/// What must happen before a call may be executed.
enum Next {
    Start(Start),
    /// This must be recorded.
    Record(Entry),
    /// The call must run alone, without another call that was interrupted as often.
    Alone,
    /// The records were read: nothing else is recorded before the wait of the call is over.
    Loaded,
}

impl SagaLog {
    /// Called before the attempts of a call whose end is not recorded.
    pub(in crate::durable) async fn start(&self, level: &Level, site: Site, run: &Run) -> Start {
        if self.is_read_only {
            return Start::ReadOnly;
        }
        let id = level.id(site.step, site.phase);
        let mut alone = None;
        loop {
            let decided = {
                let mut inner = self.inner();
                match self.next(&inner, &id, site, run, alone.is_some()) {
                    Next::Start(start) => return start,
                    Next::Alone | Next::Record(_) if inner.place.is_none() => None,
                    Next::Alone => {
                        alone = inner.take_loading_permit();
                        None
                    }
                    Next::Record(entry) => {
                        if let Some(permit) = alone.take() {
                            inner.alone.insert(id.clone(), permit);
                        }
                        Some(Some(inner.decide(entry, Vec::new(), None)))
                    }
                    Next::Loaded => Some(None),
                }
            };
            match decided {
                Some(Some(decided)) => {
                    self.write(decided).await;
                    return Start::Go;
                }
                Some(None) => {
                    self.is_loaded().await;
                    return Start::Go;
                }
                None if self.inner().place.is_none() => {
                    // The place comes first: a saga without one must not wait for the permit.
                    alone = None;
                    if !self.takes_place().await {
                        return Start::ShutDown;
                    }
                }
                None if alone.is_none() => match self.shared.alone().await {
                    Some(permit) => alone = Some(permit),
                    None => return Start::ShutDown,
                },
                None => {}
            }
        }
    }

    fn next(&self, inner: &LogInner, id: &CallId, site: Site, run: &Run, is_alone: bool) -> Next {
        let state = &inner.state;
        let is_shutting_down = self.shared.is_shutting_down();
        let call = state.call(id);
        match (state.in_flight(id), call.map(|call| &call.stage)) {
            (Some(Liveness::Now), _) | (_, Some(CallStage::Nested)) => Next::Start(Start::Go),
            _ if is_shutting_down => Next::Start(Start::ShutDown),
            (_, Some(CallStage::Waiting { .. })) => match inner.loading {
                Some(_) => Next::Loaded,
                None => Next::Start(Start::Go),
            },
            (Some(Liveness::Interrupted(by)), _) => {
                let attempt = call.map_or(1, |call| call.attempt);
                let crashes = call.map_or(0, |call| call.crashes) + u32::from(by == EndedBy::Crash);
                // Without a recorded answer of the condition, or a begun nested saga, no attempt has run.
                let is_prepared = call.is_some_and(|call| call.is_prepared);
                let has_run = !site.is_prepared() || (is_prepared && !site.is_nested());
                let can_be_in_doubt = !site.is_step() || site.step.kind != Kind::ReadOnly;
                let doubt = call.and_then(|call| call.doubt);
                let may_have_run = has_run && can_be_in_doubt;
                let doubt = doubt.or_else(|| may_have_run.then(|| Doubt::interrupted(attempt)));
                let in_doubt = doubt.is_some();
                let max_interruptions = run.policy(site.call()).max_interruptions;
                let is_over = crashes > max_interruptions.unwrap_or(self.shared.max_interruptions);
                if is_over || (site.is_step() && site.step.at_most_once && in_doubt) {
                    return Next::Start(Start::GiveUp(EndedBefore {
                        attempts: attempt,
                        in_doubt,
                        doubt,
                        is_interrupted: true,
                        prevented_by: (!is_over).then_some(Prevention::AtMostOnce),
                    }));
                }
                if crashes > CRASHES_IN_COMPANY && !is_alone {
                    return Next::Alone;
                }
                Next::Record(Entry::Interrupted {
                    call: id.clone(),
                    attempt,
                    times: crashes,
                    in_doubt,
                })
            }
            // Only a call that no record mentions can still be ended by a cancellation or a deadline.
            _ => {
                let can_end = site.is_step() && !site.definition.is_past_the_pivot(site.step);
                match run.ended_by() {
                    Some(why) if can_end => Next::Start(Start::Cancelled(why)),
                    None if can_end && run.can_be_cancelled() && state.is_cancelled() => {
                        Next::Start(Start::Cancelled(Cancellation::Requested))
                    }
                    _ if site.is_prepared() => Next::Record(Entry::Preparing { call: id.clone() }),
                    _ => Next::Record(Entry::Began {
                        call: id.clone(),
                        attempt: 1,
                    }),
                }
            }
        }
    }

    /// Ready when the saga has a place among those in flight, or the engine assigns none any more. Returns whether it
    /// has one. Members of a group may wait for it at the same time: they share one place.
    pub(in crate::durable) async fn takes_place(&self) -> bool {
        let without_place = {
            let mut inner = self.inner();
            if inner.place.is_some() {
                return true;
            }
            // Sagas that hold a place wait for these permits, so a saga that waits for a place must hold none.
            core::mem::take(&mut inner.alone)
        };
        drop(without_place);
        loop {
            let mut placed = pin!(self.placed.notified());
            // Registers now, so that no notification is missed before the first poll.
            placed.as_mut().enable();
            if self.inner().place.is_some() {
                return true;
            }
            tokio::select! {
                biased;
                () = placed => {}
                place = self.shared.slot() => {
                    let has_place = place.is_some();
                    if let Some(place) = place {
                        self.hold(place);
                    }
                    return has_place;
                }
            }
        }
    }

    /// Records that an attempt begins, once there is a place for it among the sagas in flight: its wait is over, or the
    /// condition of the step returned `true`.
    pub(in crate::durable) async fn record_begin(&self, level: &Level, site: Site, attempt: u32) {
        self.takes_place().await;
        let id = level.id(site.step, site.phase);
        let decided = {
            let mut inner = self.inner();
            let is_in_flight = inner.state.in_flight(&id).is_some();
            if self.shared.is_shutting_down() && !is_in_flight {
                None
            } else {
                let entry = Entry::Began { call: id, attempt };
                Some(inner.decide(entry, Vec::new(), None))
            }
        };
        match decided {
            Some(decided) => self.write(decided).await,
            // The run is dropped as soon as nothing of the saga is in flight.
            None => pending().await,
        }
    }

    /// Records that the records were read without the process ending.
    pub(in crate::durable) async fn is_loaded(&self) {
        if self.inner().loading.take().is_some() {
            // If that fails, one crash too many is counted, and the next process counts anew.
            let _ = self.keeper.loaded().await;
        }
    }
}

impl LogInner {
    /// Takes the permit to run alone, if the saga holds it while it is read.
    pub(super) fn take_loading_permit(&mut self) -> Option<OwnedSemaphorePermit> {
        self.loading.as_mut()?.0.take()
    }

    /// Puts the permit back, unless the records were read meanwhile.
    pub(super) fn put_loading_permit(&mut self, permit: OwnedSemaphorePermit) {
        if let Some(loading) = &mut self.loading {
            loading.0 = Some(permit);
        }
    }
}
