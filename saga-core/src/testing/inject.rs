//! The decorator that injects the faults of a cell into the attempts of any executor.
//!
//! Everything else is left to the decorated executor: what is tested is what runs in production. The decorator records
//! the calls, and judges nothing.

use core::fmt;
use core::future::{Future, pending};
use core::time::Duration;
use std::panic::resume_unwind;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::fault::{Cell, Fault, Order};
use super::group_order::{Turns, yield_now};
use super::injected_errors::GivenErrors;
use super::log::{Log, LoggedAttempt};
use crate::definition::{Definition, Phase, Policy, Source};
use crate::executor::{Begin, Completed, Execute, ExecuteNested, Executor, Faults};
use crate::launch::InMemory;
use crate::outcome::{ErrorView, Failure, Stop, Value};
use crate::run::{Call, Limits, Overrides, Run};

/// The time limit of an attempt that must end in doubt and has no time limit of its own.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// The id of every run. Each run has a service of its own.
pub(super) const ID: &str = "fault-matrix";

/// The faults and the log of one run of a cell.
#[derive(Debug)]
pub(super) struct Running {
    cell: Cell,
    errors: GivenErrors,
    token: CancellationToken,
    turns: Turns,
    pub(super) log: Log,
}

impl Running {
    pub(super) fn new(cell: Cell, errors: GivenErrors) -> Self {
        Self {
            cell,
            errors,
            token: CancellationToken::new(),
            turns: Turns::default(),
            log: Log::default(),
        }
    }

    /// A step or compensation of the saga at this prefix, which has this name in a journal.
    fn site(&self, prefix: &str, name: String, call: Call<'_>) -> FaultSite<'_> {
        let step = format!("{prefix}{}", call.step.name);
        let called = match (call.phase, &call.step.compensation) {
            (Phase::Compensation, Some(undo)) => format!("{prefix}{}", undo.method),
            _ => step.clone(),
        };
        let order = self.order(prefix);
        let order = order.filter(|_| call.phase == Phase::Step);
        let turn = order.and_then(|order| {
            let mut members = order.members.iter();
            let rank = members.position(|member| *member == call.step.name)?;
            Some((rank, order.members.len()))
        });
        FaultSite {
            running: self,
            fault: self.fault(&step, call.phase),
            phase: call.phase,
            name,
            step,
            called,
            turn,
        }
    }

    /// The fault of a step or compensation.
    fn fault(&self, step: &str, phase: Phase) -> Option<Fault> {
        let at = match phase {
            Phase::Step => &self.cell.step,
            Phase::Compensation => &self.cell.undo,
        };
        at.as_ref().filter(|at| at.step == step).map(|at| at.fault)
    }

    /// The group whose members run in a fixed order, if it is in this saga.
    fn order(&self, prefix: &str) -> Option<&Order> {
        self.cell
            .order
            .as_ref()
            .filter(|order| order.prefix == prefix)
    }

    /// The policies that override those of the definition.
    fn overrides(&self, definition: &Definition, prefix: &str) -> Overrides {
        let mut overrides = Overrides::none();
        for step in definition.steps {
            let path = format!("{prefix}{}", step.name);
            let in_doubt = self.fault(&path, Phase::Step).is_some_and(Fault::is_doubt);
            let waits = self
                .order(prefix)
                .is_some_and(|order| order.members.contains(&step.name));
            // A member that waits for its turn must not exceed its time limit while it waits.
            let timeout = match (in_doubt, waits) {
                (true, true) => Some(LIMIT),
                (true, false) => Some(step.policy.timeout.unwrap_or(LIMIT)),
                (false, true) => None,
                (false, false) => continue,
            };
            let policy = Policy {
                timeout,
                ..step.policy
            };
            overrides.add(step.name, Phase::Step, policy);
        }
        overrides
    }
}

/// The executor of a [fault matrix](super::fault_matrix): it injects the faults of one cell into the attempts that `X`
/// runs.
///
/// It is public for the bound `S: Machine<Injecting>` of functions that are generic over sagas; a matrix creates its
/// own.
pub struct Injecting<X = InMemory> {
    inner: X,
    /// The steps around this saga, each followed by a `/`: `pay/`.
    prefix: String,
    /// The same with the attempt of each step, as a journal writes it: `pay/1/`.
    journal_prefix: String,
    running: Arc<Running>,
}

impl Injecting {
    /// Decorates the executor of a run in memory.
    pub(super) fn in_memory(definition: &Definition, cell: Cell, errors: GivenErrors) -> Self {
        let running = Running::new(cell, errors);
        // Without a deadline: faults take time, and a cell does not test which comes first.
        let limits = Limits::new(Some(running.token.clone()), None);
        let overrides = running.overrides(definition, "");
        let run = Run::new(ID.into())
            .with_limits(limits)
            .with_overrides(overrides);
        Self::around(InMemory::of(run), Arc::new(running))
    }
}

impl<X> Injecting<X> {
    /// Decorates `inner`, which executes an outermost run.
    pub(super) const fn around(inner: X, running: Arc<Running>) -> Self {
        Self {
            inner,
            prefix: String::new(),
            journal_prefix: String::new(),
            running,
        }
    }

    pub(super) fn log(&self) -> &Log {
        &self.running.log
    }

    fn site(&self, call: Call<'_>) -> FaultSite<'_> {
        let done = match call.phase {
            Phase::Step => "do",
            Phase::Compensation => "undo",
        };
        let name = format!("{}{}/{done}", self.journal_prefix, call.step.name);
        self.running.site(&self.prefix, name, call)
    }
}

impl<X: Executor> fmt::Debug for Injecting<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Injecting")
            .field("cell", &self.running.cell)
            .field("run", self.inner.run())
            .finish_non_exhaustive()
    }
}

impl<X: Executor> Executor for Injecting<X> {
    type Halt = X::Halt;

    fn run(&self) -> &Run {
        self.inner.run()
    }

    fn nested(&self, run: Run) -> Self {
        let around = run.within().map(|(_, step, attempt)| (step, attempt));
        let (name, attempt) = around.map_or(("", 0), |(step, attempt)| (step.name, attempt));
        let prefix = format!("{}{name}/", self.prefix);
        let journal_prefix = format!("{}{name}/{attempt}/", self.journal_prefix);
        let run = without_deadline(run);
        let run = match around.and_then(|(step, _)| step.nested) {
            Some(nested) => run.with_overrides(self.running.overrides(nested, &prefix)),
            None => run,
        };
        Self {
            inner: self.inner.nested(run),
            prefix,
            journal_prefix,
            running: Arc::clone(&self.running),
        }
    }

    fn take_run(&mut self) -> Run {
        self.inner.take_run()
    }

    fn halted<'v>(&self, saga: &'static Definition, values: &dyn Fn(Source) -> Value<'v>) {
        self.inner.halted(saga, values);
    }
}

/// A step or compensation of a cell.
#[derive(Clone)]
struct FaultSite<'r> {
    running: &'r Running,
    /// Its name in a journal; not used without one.
    name: String,
    step: String,
    called: String,
    phase: Phase,
    fault: Option<Fault>,
    /// Its rank among the members of its group, and the number of members.
    turn: Option<(usize, usize)>,
}

impl<'r> FaultSite<'r> {
    fn began(&self, attempt: u32, fault: Option<Fault>) -> usize {
        let begun = LoggedAttempt {
            step: self.step.clone(),
            called: self.called.clone(),
            phase: self.phase,
            attempt,
            fault,
            skipped: false,
        };
        self.running.log.began(begun, self.name.clone())
    }

    /// The attempt that begins now, with its fault.
    fn broken<'a, T, E, Q, F, Fut>(
        &self,
        begin: Begin<'a>,
        faults: Q,
        attempt: &mut F,
    ) -> impl Future<Output = Result<T, E>> + Send + use<'r, 'a, T, E, Q, F, Fut>
    where
        Q: Fn() -> Faults<E>,
        F: FnMut(Begin<'a>) -> Fut,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: Send,
    {
        let mut fault = self.fault.and_then(|fault| fault.at(begin.attempt));
        let error = (fault == Some(Fault::Error)).then(|| {
            let is_wanted = self.fault == Some(Fault::ErrorThenSuccess);
            let Running { errors, log, .. } = self.running;
            let name = (&*self.step, &*self.called);
            errors.choose(name, begin.call, is_wanted, faults(), log)
        });
        let error = error.flatten();
        if fault == Some(Fault::Error) && error.is_none() {
            fault = None;
        }
        let is_called = error.is_none() && fault != Some(Fault::InDoubtWithoutEffect);
        let method = is_called.then(|| attempt(begin));
        let again = (fault == Some(Fault::Twice)).then(|| {
            attempt(Begin {
                attempt: begin.attempt + 1,
                ..begin
            })
        });
        self.clone().attempt(begin, fault, error, [method, again])
    }

    /// One attempt. The futures in `methods` begin when they are polled; `error` is returned instead of them.
    async fn attempt<T, E>(
        self,
        begin: Begin<'_>,
        fault: Option<Fault>,
        error: Option<E>,
        [method, again]: [Option<impl Future<Output = Result<T, E>>>; 2],
    ) -> Result<T, E> {
        if let Some((rank, _)) = self.turn {
            self.running.turns.wait_for(rank).await;
        }
        let begun = self.began(begin.attempt, fault);
        if fault == Some(Fault::Cancellation) {
            // Waits until the other members of its group have begun.
            yield_now().await;
            self.running.token.cancel();
        }
        if let Some(error) = error {
            return Err(error);
        }
        let Some(method) = method else {
            return pending().await;
        };
        let output = method.await;
        self.running.log.returned(begun, output.is_ok());
        let output = output?;
        if begin.run.is_skipped(begin.call) {
            self.running.log.skipped(&self.step);
        }
        match (fault, again) {
            (Some(Fault::InDoubtAfterEffect), _) => {
                drop(output);
                pending().await
            }
            // `resume_unwind` instead of `panic!`: the panic hook should not report an intended panic.
            (Some(Fault::Panic), _) => {
                drop(output);
                resume_unwind(Box::new("an injected panic"))
            }
            (_, Some(again)) => {
                drop(output);
                again.await
            }
            _ => Ok(output),
        }
    }
}

/// Removes the deadline: faults and waits take time, and a cell does not test which comes first.
pub(super) fn without_deadline(run: Run) -> Run {
    let token = run.limits().and_then(|limits| limits.token.clone());
    run.with_limits(Limits::new(token, None))
}

impl<const STEP: usize, T, X: Execute<STEP, T>> Execute<STEP, T> for Injecting<X> {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        mut attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, X::Halt>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        T: Send,
        E: Send,
    {
        let whole: Call<'a> = call.into();
        let site = self.site(whole);
        let turn = site.turn;
        let broken = move |begin: Begin<'a>| site.broken(begin, faults, &mut attempt);
        let outcome = self.inner.execute(call, faults, broken, slot).await;
        let Some((_, members)) = turn else {
            return outcome;
        };
        self.running.turns.ended(members);
        let limit = whole.step.policy.timeout;
        outcome.map_err(|stop| {
            stop.map(|failure| match (failure, limit) {
                // The wait for its turn does not count.
                (Failure::TimedOut(_), Some(limit)) => Failure::TimedOut(limit),
                (failure, _) => failure,
            })
        })
    }
}

impl<I, X: ExecuteNested<I>> ExecuteNested<I> for Injecting<X> {
    fn start_nested<'a, E: Send>(
        &'a self,
        call: Call<'a>,
    ) -> impl Future<Output = Result<(), Stop<Failure<E>, X::Halt>>> + Send {
        self.inner.start_nested(call)
    }

    fn begin_nested<'a, F>(
        &'a self,
        begin: Begin<'a>,
        input: F,
    ) -> impl Future<Output = Result<(Run, I), X::Halt>> + Send
    where
        F: FnOnce() -> I + Send,
    {
        self.inner.begin_nested(begin, input)
    }

    fn end_nested<'a, E>(
        &'a self,
        call: Call<'a>,
        ended: Result<Completed, &Stop<Failure<E>, X::Halt>>,
        view: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> impl Future<Output = ()> + Send {
        self.inner.end_nested(call, ended, view)
    }
}
