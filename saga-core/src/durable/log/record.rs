//! What is recorded of a saga as it goes on: how calls and the saga end, and what waits.

use super::apply::{CallStage, CallState, LogState};
use super::{CallEnding, SagaLog};
use crate::definition::{Definition, Phase};
use crate::durable::clock::millis;
use crate::durable::site::{Level, Site, calls_of_stage};
use crate::run::Run;
use crate::run::history::Retry;
use core::future::poll_fn;
use core::task::{Poll, Waker};
use core::time::Duration;
use saga_journal::{Begun, CallId, Entry, JournalError, RunId, SagaState};

impl SagaLog {
    /// Records how a call ended. `value` is its output or its failure, and `run` is the run that it belongs to.
    pub(in crate::durable) async fn end_call(
        &self,
        level: &Level,
        site: Site,
        run: &Run,
        ending: CallEnding,
        value: Option<Vec<u8>>,
    ) {
        let id = level.id(site.step, site.phase);
        let value = self.encoded(Some(&id), value).await;
        self.inner().alone.remove(&id);
        // The wait of a call can end without an attempt, and the calls that begin with this record are in flight.
        self.takes_place().await;
        let is_shutting_down = self.shared.is_shutting_down();
        let written = {
            let mut inner = self.inner();
            let (mut begins, is_last) = inner.state.begins_after(level, site, ending);
            let ends_steps = inner.state.ends_steps(run);
            begins.retain(|begun| match begun {
                Begun::Call(_) => !(is_shutting_down || ends_steps && is_cancellable(site)),
                Begun::NextUndo(_) => !is_shutting_down,
            });
            let is_completed = matches!(ending, CallEnding::Completed { .. });
            let is_outermost = level.run.is_none() && !level.ends_apart;
            let ends = is_completed && is_last && is_outermost && site.ends_alone();
            let entry = match ending {
                CallEnding::Completed { skipped } => Entry::Completed {
                    call: id,
                    skipped,
                    begins,
                    ends,
                },
                CallEnding::GaveUp(end) => Entry::GaveUp {
                    call: id,
                    attempts: end.attempts,
                    in_doubt: end.in_doubt,
                    interrupted: end.is_interrupted,
                    prevented_by: end.prevented_by,
                    begins,
                },
            };
            inner.decide(entry, value, ends.then_some(SagaState::Completed))
        };
        self.write(written).await;
        self.has_changed();
    }

    /// Waits until the outcomes of all members of the group with earlier records were returned: the first member that
    /// fails is the primary failure, and that must be the same in each process.
    pub(in crate::durable) async fn answer_in_order(&self, level: &Level, site: Site) {
        let id = level.id(site.step, site.phase);
        let stage = site.definition.stage(site.step.index);
        let others = site.definition.steps.iter().enumerate();
        let others = others.filter(|(index, _)| {
            let is_alone = site.step.group.is_none() || !site.is_step();
            !is_alone && *index != site.step.index && stage.contains(index)
        });
        let others: Vec<_> = others
            .map(|(_, step)| CallId::new(level.run.clone(), step.name, Phase::Step))
            .collect();
        poll_fn(|cx| {
            let mut inner = self.inner();
            let ended_at = |id: &CallId| inner.state.call(id).and_then(CallState::ended_at);
            let Some(number) = ended_at(&id) else {
                return Poll::Ready(());
            };
            let is_before = |other: &&CallId| {
                ended_at(other).is_some_and(|at| at < number) && !inner.answered.contains(*other)
            };
            if others.iter().any(|other| is_before(&other)) {
                inner.wakers.push(cx.waker().clone());
                return Poll::Pending;
            }
            if !others.is_empty() {
                inner.answered.insert(id.clone());
                inner.wakers.drain(..).for_each(Waker::wake);
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Records that another attempt follows.
    pub(in crate::durable) async fn record_wait(&self, level: &Level, site: Site, retry: Retry) {
        let id = level.id(site.step, site.phase);
        let Retry {
            attempt,
            in_doubt,
            failure,
            wait,
        } = retry;
        let value = self.encoded(Some(&id), Some(failure.to_json())).await;
        let written = {
            let mut inner = self.inner();
            inner.alone.remove(&id);
            let entry = Entry::Failed {
                call: id,
                next: attempt,
                in_doubt,
                wait: wait.map(millis_rounded_up),
            };
            inner.decide(entry, value, None)
        };
        self.write(written).await;
        if wait.is_some() {
            self.inner().release_place();
            self.has_changed();
        }
    }

    /// Records that the nested run `run` begins, with this input.
    pub(in crate::durable) async fn nested_begins(
        &self,
        id: CallId,
        (of, run, nested): (RunId, &Run, &'static Definition),
        deadline: Option<u64>,
        input: Vec<u8>,
    ) {
        let value = self.encoded(Some(&id), Some(input)).await;
        let is_shutting_down = self.shared.is_shutting_down();
        let written = {
            let mut inner = self.inner();
            // From now on its calls may end the process. A saga that waits for a place must hold no permit that others
            // wait for while they have one.
            inner.alone.remove(&id);
            // If the run ends before its first step, none of its calls is in flight.
            let begins = if is_shutting_down || inner.state.ends_steps(run) {
                Vec::new()
            } else {
                calls_of_stage(Some(&of), nested, 0)
            };
            let entry = Entry::NestedBegan {
                call: id,
                attempt: of.attempt(),
                deadline,
                begins,
            };
            inner.decide(entry, value, None)
        };
        self.write(written).await;
    }

    /// Records that the saga has ended, with its report or, if it completed, its output.
    ///
    /// # Errors
    ///
    /// If the journal refuses to write, permanently.
    pub(in crate::durable) async fn end_saga(
        &self,
        end: SagaState,
        value: Option<Vec<u8>>,
    ) -> Result<(), JournalError> {
        let value = self.encoded(None, value).await;
        let written = self.inner().decide(Entry::Ended { end }, value, Some(end));
        self.write_unless_broken(written).await
    }

    /// Records that an orderly shutdown has dropped what was in flight, if anything was.
    pub(in crate::durable) async fn dropped(&self) {
        self.is_loaded().await;
        let written = {
            let mut inner = self.inner();
            let calls = inner.state.in_flight_now();
            if inner.broken.is_some() {
                return;
            }
            if calls.is_empty() {
                // Another shutdown may be about to write it.
                match inner.dropped {
                    Some(dropped) => dropped,
                    None => return,
                }
            } else {
                let dropped = inner.decide(Entry::Dropped { calls }, Vec::new(), None);
                inner.dropped = Some(dropped);
                dropped
            }
        };
        let _ = self.write_unless_broken(written).await;
    }
}

/// Rounds up, so that a wait that the deadline cut short is not over before the deadline.
fn millis_rounded_up(wait: Duration) -> u64 {
    millis(wait.saturating_add(Duration::from_nanos(999_999)))
}

/// Whether a cancellation keeps the calls that follow this one from beginning.
fn is_cancellable(site: Site) -> bool {
    let next = site.definition.stage(site.step.index).end;
    let next = site.definition.steps.get(next);
    next.is_some_and(|next| !site.definition.is_past_the_pivot(next))
}

impl LogState {
    /// The calls that are in flight once a call has ended, and whether it is the last of its saga.
    fn begins_after(&self, level: &Level, site: Site, ending: CallEnding) -> (Vec<Begun>, bool) {
        let run = level.run.as_ref();
        if !site.is_step() {
            return (vec![Begun::NextUndo(self.rolled_back(run))], false);
        }
        let stage = site.definition.stage(site.step.index);
        let mut has_failed = matches!(ending, CallEnding::GaveUp(_));
        for (index, step) in site.definition.steps.iter().enumerate() {
            if !stage.contains(&index) || index == site.step.index {
                continue;
            }
            match self
                .call(&level.id(step, Phase::Step))
                .map(|call| &call.stage)
            {
                Some(CallStage::GaveUp { .. }) => has_failed = true,
                Some(CallStage::Completed { .. }) => {}
                _ => return (Vec::new(), false),
            }
        }
        if has_failed {
            return (vec![Begun::NextUndo(run.cloned())], false);
        }
        if stage.end < site.definition.steps.len() {
            return (calls_of_stage(run, site.definition, stage.end), false);
        }
        (Vec::new(), true)
    }
}
