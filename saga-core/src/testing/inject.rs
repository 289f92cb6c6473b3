//! The executor that breaks a run where a cell says so.
//!
//! Everything else it leaves to the attempts that every run in memory has: what is tested is the saga as it
//! runs in production. It records what is called, and judges nothing.

use core::convert::Infallible;
use core::fmt;
use core::future::{Future, pending};
#[cfg(feature = "durable")]
use core::pin::Pin;
#[cfg(feature = "durable")]
use core::task::{Context, Poll};
use core::time::Duration;
use std::panic::resume_unwind;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

#[cfg(feature = "durable")]
use super::crashes::Probe;
use super::fault::{Cell, Fault, Order};
use super::given::GivenErrors;
use super::log::{Log, Made};
use super::turn::{Turns, yield_now};
use crate::attempt::attempts;
use crate::attempt::notify::is_skipped;
use crate::definition::{Definition, Phase, Step};
use crate::executor::{Begin, Execute, ExecuteNested, Executor, Faults};
use crate::outcome::{Failure, Stop};
use crate::run::{Call, Limits, Overrides, Run};

/// How long an attempt may take that is to be in doubt and has no time limit of its own.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// The id of every run: each has a service of its own.
pub(super) const ID: &str = "fault-matrix";

/// What one run of a cell does and sees.
#[derive(Debug)]
pub(crate) struct Running {
    cell: Cell,
    errors: GivenErrors,
    token: CancellationToken,
    turns: Turns,
    pub(super) log: Log,
    /// The value at which it stops.
    #[cfg(feature = "durable")]
    probe: Option<Probe>,
}

impl Running {
    pub(super) fn new(cell: Cell, errors: GivenErrors) -> Self {
        Self {
            cell,
            errors,
            token: CancellationToken::new(),
            turns: Turns::default(),
            log: Log::default(),
            #[cfg(feature = "durable")]
            probe: None,
        }
    }

    /// A run in which nothing fails, and which stops at a value.
    #[cfg(feature = "durable")]
    pub(super) fn until(probe: Probe) -> Self {
        Self {
            probe: Some(probe),
            ..Self::new(Cell::default(), GivenErrors::default())
        }
    }

    /// The value at which it stops, if it does.
    #[cfg(feature = "durable")]
    pub(crate) const fn probe(&self) -> Option<&Probe> {
        self.probe.as_ref()
    }

    /// A step or compensation of the saga behind these steps, which a journal has under this name.
    pub(crate) fn site(&self, prefix: &str, name: String, call: Call<'_>) -> Site<'_> {
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
        Site {
            running: self,
            fault: self.fault(&step, call.phase),
            has_condition: call.step.condition.is_some() && call.phase == Phase::Step,
            phase: call.phase,
            name,
            step,
            called,
            turn,
        }
    }

    /// What is done to a step or compensation.
    fn fault(&self, step: &str, phase: Phase) -> Option<Fault> {
        let at = match phase {
            Phase::Step => &self.cell.step,
            Phase::Compensation => &self.cell.undo,
        };
        at.as_ref().filter(|at| at.step == step).map(|at| at.fault)
    }

    /// The group whose members wait for each other, if this saga has it.
    fn order(&self, prefix: &str) -> Option<&Order> {
        self.cell
            .order
            .as_ref()
            .filter(|order| order.prefix == prefix)
    }

    /// The policies in place of the definition's.
    fn overrides(&self, definition: &Definition, prefix: &str) -> Overrides {
        let mut overrides = Vec::new();
        for step in definition.steps {
            let path = format!("{prefix}{}", step.name);
            let in_doubt = self.fault(&path, Phase::Step).is_some_and(Fault::is_doubt);
            let waits = self
                .order(prefix)
                .is_some_and(|order| order.members.contains(&step.name));
            // Whoever waits for its turn must not use up its time by that.
            let timeout = match (in_doubt, waits) {
                (true, true) => Some(LIMIT),
                (true, false) => Some(step.policy.timeout.unwrap_or(LIMIT)),
                (false, true) => None,
                (false, false) => continue,
            };
            let policy = crate::Policy {
                timeout,
                ..step.policy
            };
            overrides.push((step.name, Phase::Step, policy));
        }
        Overrides::of(overrides)
    }
}

/// The executor of a [fault matrix](super::fault_matrix): carries out a run in memory, and breaks it at one
/// place.
///
/// Public for the bound `S: Machine<Injecting>` of functions that are generic over sagas; a matrix makes its own.
pub struct Injecting {
    run: Run,
    /// The steps around this saga, each with a `/` behind it.
    prefix: String,
    running: Arc<Running>,
}

impl Injecting {
    pub(super) fn new(definition: &Definition, cell: Cell, errors: GivenErrors) -> Self {
        let running = Running::new(cell, errors);
        let limits = Limits {
            token: Some(running.token.clone()),
            // Faults take time, and which comes first is not what a cell is about.
            deadline: None,
        };
        let overrides = running.overrides(definition, "");
        Self {
            run: Run::new(ID.into())
                .with_limits(limits)
                .with_overrides(overrides),
            prefix: String::new(),
            running: Arc::new(running),
        }
    }

    pub(super) fn log(&self) -> &Log {
        &self.running.log
    }
}

impl fmt::Debug for Injecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Injecting")
            .field("cell", &self.running.cell)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl Executor for Injecting {
    type Halt = Infallible;

    fn run(&self) -> &Run {
        &self.run
    }

    fn nested(&self, run: Run) -> Self {
        let around: Option<&'static Step> = run.nested_step();
        let name = around.map_or("", |step| step.name);
        let prefix = format!("{}{name}/", self.prefix);
        let run = without_deadline(run);
        let run = match around.and_then(|step| step.nested) {
            Some(nested) => run.with_overrides(self.running.overrides(nested, &prefix)),
            None => run,
        };
        Self {
            run,
            prefix,
            running: Arc::clone(&self.running),
        }
    }
}

/// One step or compensation of a cell.
#[derive(Clone)]
pub(crate) struct Site<'r> {
    running: &'r Running,
    /// What a journal calls it; nothing without one.
    name: String,
    step: String,
    called: String,
    phase: Phase,
    fault: Option<Fault>,
    has_condition: bool,
    /// After how many members of its group it comes, and how many there are.
    turn: Option<(usize, usize)>,
}

impl<'r> Site<'r> {
    fn made(&self, attempt: u32, fault: Option<Fault>) -> usize {
        let made = Made {
            step: self.step.clone(),
            called: self.called.clone(),
            phase: self.phase,
            attempt,
            fault,
            skipped: false,
        };
        self.running.log.made(made, self.name.clone())
    }

    /// The attempt that begins now, and what is done to it.
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
        self.clone()
            .attempt(begin.attempt, fault, error, [method, again])
    }

    /// One attempt. What `methods` do begins when they are polled; `error` is what it returns before that.
    async fn attempt<T, E>(
        self,
        attempt: u32,
        fault: Option<Fault>,
        error: Option<E>,
        [method, again]: [Option<impl Future<Output = Result<T, E>>>; 2],
    ) -> Result<T, E> {
        if let Some((rank, _)) = self.turn {
            self.running.turns.wait_for(rank).await;
        }
        let made = self.made(attempt, fault);
        if fault == Some(Fault::Cancellation) {
            // Once the other members of its group have begun.
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
        self.running.log.returned(made, output.is_ok());
        let output = output?;
        if self.has_condition && is_skipped() {
            self.running.log.skipped(&self.step);
        }
        match (fault, again) {
            (Some(Fault::InDoubtAfterEffect), _) => {
                drop(output);
                pending().await
            }
            // Not `panic!`: nobody's hook is to tell of a panic that is meant.
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

/// Faults and waits take time, and which comes first is not what a cell is about.
pub(crate) fn without_deadline(run: Run) -> Run {
    let token = run.limits().and_then(|limits| limits.token.clone());
    run.with_limits(Limits {
        token,
        deadline: None,
    })
}

/// An attempt, broken if anything is to be done to it.
#[cfg(feature = "durable")]
pub(crate) fn broken<'r, 'a, T, E, Q, F, Fut>(
    site: Option<&Site<'r>>,
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
    match site {
        // On the heap, or the future of every run would be larger than the runs of production.
        Some(site) => MaybeBroken::Broken {
            attempt: Box::pin(site.broken(begin, faults, attempt)),
        },
        None => MaybeBroken::Whole {
            attempt: attempt(begin),
        },
    }
}

#[cfg(feature = "durable")]
pin_project_lite::pin_project! {
    #[project = Projected]
    enum MaybeBroken<B, W> {
        Broken { attempt: Pin<Box<B>> },
        Whole { #[pin] attempt: W },
    }
}

#[cfg(feature = "durable")]
impl<B, W> Future for MaybeBroken<B, W>
where
    B: Future,
    W: Future<Output = B::Output>,
{
    type Output = B::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<B::Output> {
        match self.project() {
            Projected::Broken { attempt } => attempt.as_mut().poll(cx),
            Projected::Whole { attempt } => attempt.poll(cx),
        }
    }
}

impl<const STEP: usize, T: Send> Execute<STEP, T> for Injecting {
    async fn execute<'a, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        mut attempt: F,
        slot: &'a mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Infallible>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let whole: Call<'a> = call.into();
        let site = self.running.site(&self.prefix, String::new(), whole);
        let turn = site.turn;
        let broken = move |begin: Begin<'a>| site.broken(begin, faults, &mut attempt);
        let outcome = attempts(&self.run, call, faults, broken, slot).await;
        let Some((_, members)) = turn else {
            return outcome;
        };
        self.running.turns.ended(members);
        let limit = whole.step.policy.timeout;
        outcome.map_err(|stop| {
            stop.map(|failure| match (failure, limit) {
                // The wait for its turn was none of its time.
                (Failure::TimedOut(_), Some(limit)) => Failure::TimedOut(limit),
                (failure, _) => failure,
            })
        })
    }
}

impl<I: Send> ExecuteNested<I> for Injecting {}
