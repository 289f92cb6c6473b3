//! The options of one run.

use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::definition::{Definition, Phase, Policy, Step};
use crate::id::SagaId;
use crate::machine::Saga;
use crate::observe::Observer;
use crate::run::{Limits, Observed, Overrides, Run};
use crate::util::foreign::Line;

/// The options of one run of the saga `S`: for [`Saga::run_with`] and [`Saga::spawn`].
///
/// ```
/// use saga_core::{Policy, RunOptions, Saga, saga};
///
/// struct Greeter;
///
/// #[saga]
/// impl Greeter {
///     #[step(readonly)]
///     async fn greet(&self, name: &str) -> Result<String, String> {
///         Ok(format!("hello {name}"))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), saga_core::OptionsError> {
/// let options = RunOptions::new()
///     .id("greeting-1")
///     .policy("greet", Policy::attempts(3))?;
/// let greeting = GreeterSaga::run_with(&Greeter, "world".to_owned(), options).await;
/// assert_eq!(greeting.unwrap(), "hello world");
///
/// let misspelt = RunOptions::<GreeterSaga>::new().policy("gret", Policy::ONCE);
/// assert_eq!(
///     misspelt.unwrap_err().to_string(),
///     "saga `greeter` has no step `gret`; its steps are `greet`",
/// );
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct RunOptions<S> {
    id: Option<SagaId>,
    timed: bool,
    token: Option<CancellationToken>,
    deadline: Option<Duration>,
    overrides: Overrides,
    observed: Option<Observed>,
    saga: PhantomData<fn() -> S>,
}

impl<S: Saga> RunOptions<S> {
    /// Options with a random id, and the deadline and the policies of the definition.
    pub const fn new() -> Self {
        Self {
            id: None,
            timed: false,
            token: None,
            deadline: S::DEFINITION.deadline,
            overrides: Overrides::none(),
            observed: None,
            saga: PhantomData,
        }
    }

    /// Sets the id of the run, which is part of every idempotency key.
    ///
    /// The library does not check that the id is new. Two runs of a saga with the same id have the same keys. If they
    /// run at the same time, one may undo what the other did. If one runs after the other was compensated, external
    /// services already know its keys, for example of a charge that they have refunded. Use an id that comes from a
    /// client, such as its own idempotency key, for one run only, and answer repeated requests with the result of that
    /// run.
    ///
    /// The id can be any text that is not empty. A run with an empty id does not begin: its first step fails with
    /// [`Failure::NotStarted`](crate::Failure::NotStarted), and no method is called. The docs of [`SagaId`] say how an
    /// id is written in a key.
    pub fn id(self, id: impl Into<SagaId>) -> Self {
        Self {
            id: Some(id.into()),
            ..self
        }
    }

    /// Records when each step and compensation began and how long it took, for the report.
    ///
    /// Off by default: reading the clock costs more than all the rest that a run does for a step. The clock is the
    /// machine's, even if Tokio's is paused.
    pub fn timed(self) -> Self {
        Self {
            timed: true,
            ..self
        }
    }

    /// Ends the run when this token is cancelled: the attempt in flight finishes, a wait between two attempts is cut
    /// short, no other attempt begins, and what has completed is undone. Once the pivot or the last step has completed,
    /// and while compensating, it has no effect. The run waits for the attempt in flight however long it takes: give a
    /// step that may hang a `timeout`.
    ///
    /// Many runs may share clones or children of one token, so that a service that shuts down can end them all. The
    /// [`cancel`](crate::SagaHandle::cancel) of a handle only ends its own run.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use saga_core::{CancellationToken, Lost, RunOptions, Saga, saga};
    ///
    /// struct Greeter;
    ///
    /// #[saga]
    /// impl Greeter {
    ///     #[step(readonly)]
    ///     async fn greet(&self, name: &str) -> Result<String, String> {
    ///         Ok(format!("hello {name}"))
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Lost> {
    /// let (service, shutdown) = (Arc::new(Greeter), CancellationToken::new());
    /// let runs = ["Ada", "Bob"].map(|name| {
    ///     let options = RunOptions::new().cancellation(shutdown.clone());
    ///     GreeterSaga::spawn(Arc::clone(&service), name.to_owned(), options)
    /// });
    /// shutdown.cancel();
    /// for run in runs {
    ///     let error = run.await?.unwrap_err();
    ///     assert!(matches!(error.error(), GreeterSagaError::Cancelled));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancellation(self, token: CancellationToken) -> Self {
        Self {
            token: Some(token),
            ..self
        }
    }

    /// Ends the run, as a [cancellation](Self::cancellation) does, this long after the call of [`Saga::run_with`] or
    /// [`Saga::spawn`]. Replaces the deadline of the definition; [`Duration::MAX`] means no deadline.
    ///
    /// A deadline cuts no attempt short, which is what a `timeout` does: it is checked before each attempt, and it ends
    /// a wait between two attempts. It is measured by Tokio's clock, which a test can pause.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self {
            deadline: Some(deadline),
            ..self
        }
    }

    /// Sends the events of the run to this observer: see [`Observer`]. Any number of runs may share one. A second call
    /// replaces the observer.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
    ///
    /// use saga_core::{RunOptions, Saga, saga, observe::{Event, EventKind}};
    ///
    /// struct Greeter;
    ///
    /// #[saga]
    /// impl Greeter {
    ///     #[step(readonly)]
    ///     async fn greet(&self, name: &str) -> Result<String, String> {
    ///         assert_eq!(IN_FLIGHT.load(Relaxed), 1);
    ///         Ok(format!("hello {name}"))
    ///     }
    /// }
    ///
    /// static IN_FLIGHT: AtomicI64 = AtomicI64::new(0);
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let gauge = Arc::new(|event: &Event<'_>| {
    ///     match event.kind {
    ///         EventKind::SagaStarted => IN_FLIGHT.fetch_add(1, Relaxed),
    ///         EventKind::SagaEnded { .. } | EventKind::SagaStopped { .. } => {
    ///             IN_FLIGHT.fetch_sub(1, Relaxed)
    ///         }
    ///         _ => 0,
    ///     };
    /// });
    /// let options = RunOptions::new().observer(gauge);
    /// let greeting = GreeterSaga::run_with(&Greeter, "world".to_owned(), options).await;
    /// assert_eq!(greeting.unwrap(), "hello world");
    /// assert_eq!(IN_FLIGHT.load(Relaxed), 0);
    /// # }
    /// ```
    pub fn observer(self, observer: Arc<dyn Observer>) -> Self {
        Self {
            observed: Some(Observed::by(observer)),
            ..self
        }
    }

    /// Runs the step of this name under this policy, in place of the definition's: nothing of that is kept, so repeat a
    /// time limit that should stay. A step of a saga that a step runs has a path: `pay/charge` is the step `charge` of
    /// the saga that the step `pay` runs.
    ///
    /// # Errors
    ///
    /// If the saga has no such step, or if the policy has several attempts and the step cannot be repeated because a
    /// value is moved into it.
    pub fn policy(mut self, step: &str, policy: Policy) -> Result<Self, OptionsError> {
        let (saga, found) = find(S::DEFINITION, step)?;
        if !found.repeatable && policy.attempts > 1 {
            return Err(OptionsError::NotRepeatable {
                saga: saga.name,
                step: found.name,
            });
        }
        self.overrides.add(step, Phase::Step, policy);
        Ok(self)
    }

    /// Runs the compensation of the step of this name, or [path](Self::policy), under this policy.
    ///
    /// # Errors
    ///
    /// If the saga has no such step, or the step has no compensation.
    pub fn compensation_policy(mut self, step: &str, policy: Policy) -> Result<Self, OptionsError> {
        let (saga, found) = find(S::DEFINITION, step)?;
        if found.compensation.is_none() {
            return Err(OptionsError::NoCompensation {
                saga: saga.name,
                step: found.name,
            });
        }
        self.overrides.add(step, Phase::Compensation, policy);
        Ok(self)
    }

    /// The time from the beginning of the run to its deadline.
    #[cfg(feature = "durable")]
    pub(crate) const fn deadline_after(&self) -> Option<Duration> {
        self.deadline
    }

    /// Replaces the token by a child of it, or by a new one, and returns that. Cancelling it does not cancel other runs
    /// that share the original token.
    pub(crate) fn own_token(&mut self) -> CancellationToken {
        let own = match &self.token {
            Some(shared) => shared.child_token(),
            None => CancellationToken::new(),
        };
        self.token.insert(own).clone()
    }

    /// The run with these options, which begins now, for an executor.
    #[must_use]
    pub fn into_run(self) -> Run {
        let is_empty = self.id.as_ref().is_some_and(SagaId::is_empty);
        let mut run = self.id.map_or_else(Run::random, Run::new);
        if is_empty {
            run = run.refused_because(EMPTY_ID);
        }
        if self.timed {
            run = run.timed();
        }
        let limits = Limits::new(self.token, None);
        let limits = match self.deadline {
            Some(deadline) => limits.no_later_than(deadline),
            None => limits,
        };
        if limits.is_any() {
            run = run.with_limits(limits);
        }
        if !self.overrides.is_empty() {
            run = run.with_overrides(self.overrides);
        }
        if let Some(observed) = self.observed {
            run = run.with_observer(observed);
        }
        run
    }
}

/// Why a run with an empty id does not begin.
const EMPTY_ID: &str =
    "the id of the run is empty, and its idempotency keys would be those of every other such run";

/// Returns the step at this path, and its saga.
fn find(
    definition: &'static Definition,
    path: &str,
) -> Result<(&'static Definition, &'static Step), OptionsError> {
    let mut found = None;
    let mut inner = Some(definition);
    for name in path.split('/') {
        found = inner.and_then(|saga| Some((saga, saga.step(name)?)));
        inner = found.and_then(|(_, step)| step.nested);
    }
    found.ok_or_else(|| OptionsError::UnknownStep {
        definition,
        step: path.to_owned(),
    })
}

impl<S: Saga> Default for RunOptions<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Clone for RunOptions<S> {
    fn clone(&self) -> Self {
        Self {
            id: self.id.clone(),
            timed: self.timed,
            token: self.token.clone(),
            deadline: self.deadline,
            overrides: self.overrides.clone(),
            observed: self.observed.clone(),
            saga: PhantomData,
        }
    }
}

impl<S> fmt::Debug for RunOptions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("id", &self.id)
            .field("timed", &self.timed)
            .field("deadline", &self.deadline)
            .field("overrides", &self.overrides)
            .finish_non_exhaustive()
    }
}

/// Options that do not fit the saga.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OptionsError {
    /// The saga has no step of this name.
    #[error("saga `{}` has no step `{}`; its steps are {}", definition.name, Line(step), Listed(definition))]
    UnknownStep {
        /// The saga.
        definition: &'static Definition,
        /// The name or path that was passed.
        step: String,
    },
    /// The policy has several attempts, but a value is moved into the step.
    #[error(
        "step `{step}` of saga `{saga}` cannot have several attempts: a value is moved into the \
         first; take it by reference, or write `retry(attempts = ..)` at the step, so that it is cloned"
    )]
    NotRepeatable {
        /// The saga's name.
        saga: &'static str,
        /// The step's name.
        step: &'static str,
    },
    /// The step has no compensation.
    #[error("step `{step}` of saga `{saga}` has no compensation that could have a policy")]
    NoCompensation {
        /// The saga's name.
        saga: &'static str,
        /// The step's name.
        step: &'static str,
    },
}

/// The paths of all steps.
struct Listed(&'static Definition);

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut paths = Vec::new();
        list(self.0, "", &mut paths);
        f.write_str(&paths.join(", "))
    }
}

fn list(saga: &Definition, prefix: &str, paths: &mut Vec<String>) {
    for step in saga.steps {
        let path = format!("{prefix}{}", step.name);
        paths.push(format!("`{path}`"));
        if let Some(nested) = step.nested {
            list(nested, &format!("{path}/"), paths);
        }
    }
}
