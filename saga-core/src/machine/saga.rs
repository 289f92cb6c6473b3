//! The traits that `#[saga]` implements: what a saga is, what it has at hand while it runs, and
//! how its steps are carried out through an executor.

use core::error::Error;
use core::fmt;
use core::future::Future;
use std::sync::Arc;

use crate::definition::{Definition, Source, Step};
use crate::drive::error::SagaError;
use crate::drive::nested::NestedRun;
use crate::drive::{Own, drive_by, only};
use crate::executor::JsonForm;
use crate::executor::{Executor, GaveUp};
use crate::launch::InMemory;
use crate::launch::RunOptions;
use crate::launch::SagaHandle;
use crate::machine::Failures;
use crate::machine::Rollback;
use crate::outcome::Cancellation;
use crate::outcome::{ErrorText, ErrorView, Failure};
use crate::run::Run;
use crate::run::{Position, Progress};
use crate::util::map::map;
use crate::util::panics;

/// A saga: implemented by the type that `#[saga]` generates beside the service.
///
/// ```
/// use saga_core::{Saga, saga};
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
/// # async fn main() {
/// let greeting = GreeterSaga::run(&Greeter, "world".to_owned()).await;
/// assert_eq!(greeting.unwrap(), "hello world");
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga",
    label = "not a saga",
    note = "a saga is the type that `#[saga]` generates beside a service: for `impl Payments` it is called \
            `PaymentsSaga`"
)]
pub trait Saga: Sized {
    /// What has the steps as methods.
    type Service: Sync;
    /// What a run begins with.
    type Input;
    /// What the last step gives.
    type Output;
    /// The error enum: one variant a step, `Cancelled` and `DeadlineExceeded`.
    type Error: StepError + Send;
    /// The state enum: one variant for each point between two steps.
    type State<'a>
    where
        Self: 'a;
    /// What is kept while a run goes on.
    #[doc(hidden)]
    type Slots: Slots<Self> + Send;
    /// Whether it can be undone once it has completed: [`TwoWay`](crate::expansion::checks::TwoWay) or
    /// [`OneWay`](crate::expansion::checks::OneWay).
    #[doc(hidden)]
    type Way;

    /// The saga as data.
    const DEFINITION: &'static Definition;

    /// Runs the saga in memory, under a random id and the policies of the definition.
    ///
    /// # Errors
    ///
    /// A [`SagaError`] when a step gave up or the run was ended from outside: it says which and why, what was
    /// undone, and whether something is left that needs a person.
    ///
    /// # Cancellation
    ///
    /// Dropping the future stops the saga where it is and *undoes nothing*: nobody is left to do
    /// it. Where the caller may go away (a request handler, a `select!`), [`spawn`](Self::spawn) it. To end
    /// it in order there are [`RunOptions::cancellation`] and [`RunOptions::deadline`].
    fn run(
        service: &Self::Service,
        input: Self::Input,
    ) -> impl Future<Output = Result<Self::Output, SagaError<Self>>> + Send
    where
        Self: Machine<InMemory>,
    {
        let run = match Self::DEFINITION.deadline {
            None => Run::random(),
            Some(_) => RunOptions::<Self>::new().into_run(),
        };
        in_memory(service, input, run)
    }

    /// Runs the saga in memory, as `options` say.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancellation
    ///
    /// As [`run`](Self::run).
    fn run_with(
        service: &Self::Service,
        input: Self::Input,
        options: RunOptions<Self>,
    ) -> impl Future<Output = Result<Self::Output, SagaError<Self>>> + Send
    where
        Self: Machine<InMemory>,
    {
        in_memory(service, input, options.into_run())
    }

    /// Runs the saga in memory, in a task of its own: nobody has to stay for it to go on, or to be rolled
    /// back. It begins now, also if the handle is never awaited. The service is shared with the task, so it
    /// is in an [`Arc`], and it, the input, the outputs and the errors borrow from nobody.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    ///
    /// # Cancellation
    ///
    /// Dropping the handle changes nothing; [`SagaHandle::cancel`] ends the run in order. A runtime that is
    /// shut down drops the task where it is, and undoes nothing: cancel the runs before, and wait for them.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use saga_core::{RunOptions, Saga, saga};
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
    /// # async fn main() -> Result<(), saga_core::Lost> {
    /// let options = RunOptions::new().id("greeting-1");
    /// let handle = GreeterSaga::spawn(Arc::new(Greeter), "world".to_owned(), options);
    /// let greeting = handle.await?;
    /// assert_eq!(greeting.unwrap(), "hello world");
    /// # Ok(())
    /// # }
    /// ```
    fn spawn(
        service: Arc<Self::Service>,
        input: Self::Input,
        mut options: RunOptions<Self>,
    ) -> SagaHandle<Self>
    where
        Self: Machine<InMemory> + 'static,
        Self::Service: Send + 'static,
        Self::Input: Send + 'static,
        Self::Output: Send + 'static,
    {
        let (token, progress) = (options.own_token(), Arc::new(Progress::new()));
        let run = options.into_run().with_progress(Arc::clone(&progress));
        let (id, told) = (run.id(), Arc::clone(&progress));
        let task = tokio::spawn(async move {
            let ended = in_memory::<Self>(&service, input, run).await;
            // It may be the last that has the service, and how the run ended must not be lost with it.
            panics::discard(service);
            told.set(Position::Ended);
            ended
        });
        SagaHandle::new(task, token, progress, id)
    }
}

fn in_memory<S: Machine<InMemory>>(
    service: &S::Service,
    input: S::Input,
    run: Run,
) -> impl Future<Output = Result<S::Output, SagaError<S>>> + Send {
    let executor = Own(InMemory::of(run));
    let driven = drive_by::<S, InMemory, _, _, _>(service, executor, input, S::Slots::finish, only);
    map(driven, |end| match end {
        Ok(end) => end,
        Err(never) => match never {},
    })
}

/// What the error enum of a saga can be asked for, whichever variant it is.
pub trait StepError: Error {
    /// The variant for a run that was ended from outside.
    fn cancelled(why: Cancellation) -> Self
    where
        Self: Sized;

    /// Why the run was ended from outside, if it was.
    fn cancellation(&self) -> Option<Cancellation>;

    /// The step that gave up; none if the run was cancelled.
    fn step(&self) -> Option<&'static Step>;

    /// Why, without its type; none if the run was cancelled.
    fn failure(&self) -> Option<Failure<ErrorView<'_>>>;

    /// The run of the saga that the step runs, if that is what failed.
    #[doc(hidden)]
    fn nested(&self) -> Option<Box<dyn NestedRun + '_>> {
        None
    }

    /// Why, as text.
    fn text(&self) -> ErrorText {
        match (self.failure(), self.cancellation()) {
            (Some(failure), _) => failure.text(),
            (None, Some(why)) => ErrorText::new(why.to_string()),
            (None, None) => ErrorText::new("no reason"),
        }
    }
}

/// What is kept while a saga runs: its input and the outputs it has so far.
pub trait Slots<S: Saga> {
    /// Before the first step.
    fn begin(input: S::Input) -> Self;

    /// Whether two inputs are equal by `==`; not, where it is not known that their type has it.
    #[must_use]
    fn is_same_input(one: &S::Input, other: &S::Input) -> bool {
        let _ = (one, other);
        false
    }

    /// The state enum for the point that the saga has reached.
    fn state(&self) -> S::State<'_>;

    /// The input or an output, or one field of it, to be shown. `output` is what [`finish`](Self::finish)
    /// took out, if that is at hand.
    fn value<'s>(
        &'s self,
        source: Source,
        part: Option<usize>,
        output: Option<&'s S::Output>,
    ) -> Value<'s>;

    /// Takes the last step's output out.
    ///
    /// # Errors
    ///
    /// When the last step has not completed.
    fn finish(&mut self) -> Result<S::Output, GaveUp<S::Error>>;

    /// Puts back what [`finish`](Self::finish) took out: for the compensations of a run that is a step of
    /// another saga.
    fn put_back(&mut self, output: S::Output);

    /// How the saga's output is written to a journal and read again, if its type can be.
    #[must_use]
    fn output_json() -> JsonForm<S::Output> {
        JsonForm::none()
    }

    /// The run of the saga that the step at this position, counted from 0, runs, if that completed;
    /// `output` as for [`value`](Self::value).
    fn nested<'s>(
        &'s self,
        step: usize,
        output: Option<&'s S::Output>,
    ) -> Option<Box<dyn NestedRun + 's>> {
        let _ = (step, output);
        None
    }
}

/// A value that a report may show.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// There is none: the step has not completed.
    Missing,
    /// There is none: the step was skipped.
    Skipped,
    /// There was one, and it was given away to a step.
    Moved,
    /// There is one, of a type that is not `Debug`.
    Opaque,
    /// There is one.
    Shown(&'a (dyn fmt::Debug + 'a)),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("..."),
            Self::Skipped => f.write_str("None"),
            Self::Moved => f.write_str("(moved)"),
            Self::Opaque => f.write_str("_"),
            Self::Shown(value) => value.fmt(f),
        }
    }
}

/// A saga whose steps the executor `X` can carry out.
///
/// The driver calls [`advance`](Self::advance) once, and when a step gives up
/// [`rewind`](Self::rewind), once.
#[diagnostic::on_unimplemented(
    message = "the saga `{Self}` cannot be run by `{X}`",
    label = "this saga needs another executor, or other types"
)]
pub trait Machine<X: Executor>: Saga {
    /// Carries out the steps in order, each output into its slot, and those of a parallel group at the
    /// same time, until one gives up: that is recorded in `failures`.
    ///
    /// # Errors
    ///
    /// When the run has to stop.
    fn advance<'a>(
        service: &'a Self::Service,
        slots: &'a mut Self::Slots,
        failures: &'a mut Failures<Self::Error>,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send;

    /// Undoes the steps that are due, last first: each with its output where it has one, else as in
    /// doubt.
    ///
    /// # Errors
    ///
    /// When the run has to stop. A compensation that gave up is noted in `rollback`.
    fn rewind<'a>(
        service: &'a Self::Service,
        slots: &'a mut Self::Slots,
        rollback: &'a mut Rollback,
        executor: &'a X,
    ) -> impl Future<Output = Result<(), X::Halt>> + Send;
}
